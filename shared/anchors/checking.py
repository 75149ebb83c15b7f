"""Whether journals and documents are what they were when they were logged: every difference is named."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from shared.anchors.checkpoint import read
from shared.anchors.leaves import READ, READ_HASH, content
from shared.anchors.merkle import leaf_hash, node_hash, root
from shared.casework.journal import GENESIS, JournalEntry, hashed
from shared.documents import jws
from shared.documents.canonical import read_canonical
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Row

    from shared.anchors.checkpoint import Checkpoint
    from shared.documents.keys import IssuerKeys

_BATCH = 2_000
_STATED = [one.name for one in fields(JournalEntry) if one.name != "hash"]
"""What an entry says, in the order in which it is hashed: the first columns of the query."""
_ENTRIES = text(
    "SELECT coalesce(journal.case_id::text, split_part(log_leaves.name, '/', 1)) AS case_id,"
    " coalesce(journal.seq, split_part(log_leaves.name, '/', 2)::int) AS seq,"
    f" {', '.join(f'journal.{name}' for name in _STATED[2:])}, journal.hash,"
    " log_leaves.hash AS logged, log_leaves.place, cases.number, cases.entries, cases.head"
    " FROM journal FULL JOIN (SELECT * FROM log_leaves WHERE name LIKE '________-____-____-____-____________/%')"
    " AS log_leaves ON log_leaves.name = journal.case_id || '/' || journal.seq"
    " LEFT JOIN cases ON cases.id = coalesce(journal.case_id, split_part(log_leaves.name, '/', 1)::uuid) ORDER BY 1, 2"
)
_CASES = text(
    "SELECT id::text, number, entries FROM cases WHERE entries > 0 AND NOT EXISTS"
    " (SELECT FROM journal WHERE case_id = cases.id)"
)
_DOCUMENTS = text(
    "SELECT coalesce(issues.number || '/' || issues.issue, log_leaves.name) AS name, number, issue, code, content,"
    " issues.json AS data, jws, kid, pdf, sha256, log_leaves.hash AS logged FROM"
    " (SELECT * FROM issues WHERE made_at IS NOT NULL) AS issues FULL JOIN"
    " (SELECT * FROM log_leaves WHERE name NOT LIKE '________-____-____-____-____________/%'"
    f" AND name NOT LIKE '{READ}%') AS log_leaves"
    " ON log_leaves.name = issues.number || '/' || issues.issue ORDER BY 1"
)
_READS = text(
    f"SELECT coalesce(reads.leaf, log_leaves.name) AS name, reads.hash, log_leaves.hash AS logged FROM"
    f" (SELECT '{READ}' || id AS leaf, {READ_HASH} AS hash FROM upload_reads) AS reads"
    f" FULL JOIN (SELECT * FROM log_leaves WHERE name LIKE '{READ}%') AS log_leaves ON log_leaves.name = reads.leaf"
    " WHERE log_leaves.hash IS DISTINCT FROM reads.hash ORDER BY 1"
)
_COUNTED = text("SELECT count(*) FROM upload_reads")
_LEAVES = text("SELECT place, name, hash FROM log_leaves ORDER BY place")
_CHECKPOINTS = text("SELECT size, note, made_at FROM checkpoints ORDER BY size")
BEHIND = timedelta(hours=1)
"""How much older than a checkpoint an entry may be that it does not have: they are signed every ten minutes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What differs, and how."""

    where: str
    """A case and the number of its entry, a document and its issue, or a checkpoint."""
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Counted:
    """How much was looked at."""

    entries: int = 0
    documents: int = 0
    reads: int = 0
    leaves: int = 0
    checkpoints: int = 0
    unlogged: int = 0
    """Entries, documents and readings newer than the newest checkpoint."""


def check(
    tx: Connection,
    keys: IssuerKeys | None,
    elsewhere: Sequence[str] = (),
    counted: Counted | None = None,
    *,
    given_time: bool = False,
) -> Iterator[Fault]:
    """Every fault of the journals, the documents, who read them, and the log of a service.

    `elsewhere` are checkpoints that were kept outside the database, as signed notes; with `keys` all signatures are
    checked. What was looked at is added to `counted`. With `given_time`, as trials have it, entries may have any date.
    The transaction should be of the level REPEATABLE READ, or steps that are taken meanwhile look like faults.
    """
    counted = counted or Counted()
    # Hashes are over instants as they are written in UTC.
    tx.execute(text("SET LOCAL statement_timeout = 0; SET LOCAL TIME ZONE 'UTC'"))
    signed = [] if given_time else [(row.size, row.made_at) for row in tx.execute(_CHECKPOINTS)]
    yield from _journals(tx, counted, signed)
    yield from _documents(tx, keys, counted)
    yield from _reads(tx, counted)
    yield from _log(tx, keys, elsewhere, counted)


def _rows(tx: Connection, query: Any) -> Iterator[Row[Any]]:
    return iter(tx.execute(query, execution_options={"stream_results": True, "yield_per": _BATCH}))


def _journals(tx: Connection, counted: Counted, signed: Sequence[tuple[int, datetime]]) -> Iterator[Fault]:
    for case_id, rows in groupby(_rows(tx, _ENTRIES), key=lambda row: row.case_id):
        yield from _journal(case_id, list(rows), counted, signed)
    for case in tx.execute(_CASES):
        yield Fault(f"case {case.number or case.id}", f"all of its {case.entries} entries are missing")


def _journal(
    case_id: str, rows: Sequence[Row[Any]], counted: Counted, signed: Sequence[tuple[int, datetime]]
) -> Iterator[Fault]:
    """The faults of one case: of its chain, against its own last link, and against the log."""
    case = next((row for row in rows if row.entries is not None), None)
    name = f"case {(case and case.number) or case_id}"
    if case is None:
        yield Fault(name, f"the case is gone, and the log has {len(rows)} entries of it")
        return
    previous, expected = GENESIS, 1
    logged_after = max((row.seq for row in rows if row.logged is not None), default=0)
    for row in rows:
        where = f"{name}, entry {row.seq}"
        if row.hash is None:
            yield Fault(where, "missing: the log has it")
            previous, expected = bytes(row.logged), row.seq + 1
            continue
        counted.entries += 1
        stored = bytes(row.hash)
        if row.seq != expected:
            yield Fault(f"{name}, entry {expected}", "missing: the numbers of the entries have a gap")
        elif stored != sha256(previous + hashed(tuple(row[: len(_STATED)]))).digest():
            yield Fault(where, "changed, or it does not follow from the entry before it")
        counted.unlogged += row.logged is None
        yield from (Fault(where, what) for what in _unlike_log(row, logged_after, signed))
        previous, expected = stored, row.seq + 1
    if expected - 1 != case.entries or previous != bytes(case.head):
        yield Fault(name, f"the journal ends with entry {expected - 1}, and the case with entry {case.entries}")


def _unlike_log(row: Row[Any], logged_after: int, signed: Sequence[tuple[int, datetime]]) -> Iterator[str]:
    """What of an entry does not fit what was logged, and when; `logged_after` is the last of its case that was."""
    if row.logged is None and row.seq < logged_after:
        yield "inserted later: the log has later entries of the case and not this one"
    if row.logged is not None and bytes(row.logged) != bytes(row.hash):
        yield "its hash is not the one that was logged: the chain was computed again"
    if (without := _without(row, signed)) and row.at < without - BEHIND:
        yield f"dated back: it says {row.at:%Y-%m-%d %H:%M} UTC, and was not in the log at {without:%Y-%m-%d %H:%M}"


def _without(row: Row[Any], signed: Sequence[tuple[int, datetime]]) -> datetime | None:
    """When the last checkpoint was signed that does not have the entry; None if there is none.

    What the system does of itself has the date of what it follows from, which may have waited.
    """
    if row.role == Role.SYSTEM:
        return None
    at = len(signed) if row.place is None else bisect_right(signed, row.place, key=_size)
    return signed[at - 1][1] if at else None


def _size(checkpoint: tuple[int, datetime]) -> int:
    return checkpoint[0]


def _documents(tx: Connection, keys: IssuerKeys | None, counted: Counted) -> Iterator[Fault]:
    for row in _rows(tx, _DOCUMENTS):
        where = f"document {row.name}"
        if row.pdf is None:
            yield Fault(where, "missing: the log has it")
            continue
        counted.documents += 1
        found = sha256(row.pdf).hexdigest()
        if found != row.sha256:
            yield Fault(where, "changed: its SHA-256 is not the one that is kept with it")
        for what in _differences(row, keys):
            yield Fault(where, f"changed: {what}")
        if row.logged is None:
            counted.unlogged += 1
        elif bytes(row.logged).hex() != found:
            yield Fault(where, "changed: its SHA-256 is not the one that was logged")


def _reads(tx: Connection, counted: Counted) -> Iterator[Fault]:
    counted.reads = tx.execute(_COUNTED).scalar_one()
    for row in _rows(tx, _READS):
        if row.hash is None:
            yield Fault(row.name, "missing: the log has it")
        elif row.logged is None:
            counted.unlogged += 1
        else:
            yield Fault(row.name, "changed: it does not say what was logged")


def _differences(row: Row[Any], keys: IssuerKeys | None) -> Iterator[str]:
    """What of the data of a document is not as it was made with it."""
    try:
        said = read_canonical(bytes(row.data))
        about, code = (said["number"], said["issue"]), said["check"].rpartition("/")[2]
    except (ValueError, KeyError, TypeError, AttributeError):
        yield "its JSON is not a document of ours"
    else:
        if about != (row.number, row.issue):
            yield f"its JSON is that of {about[0]}/{about[1]}"
        if code != row.code:
            yield "its code is not the one that it says itself"
        if any(said.get(name) != value for name, value in row.content.items()):
            yield "it does not say what was ordered"
    try:
        signed = jws.read(row.jws)
    except ValueError as error:
        yield f"its JWS: {error}"
        return
    if signed.payload != bytes(row.data):
        yield "its JWS is of other data than its JSON"
    if signed.kid != row.kid:
        yield "its JWS names another key than is kept with it"
    if keys and not ((key := keys.find(signed.kid)) and signed.proves(key)):
        yield "no published key of the office signed its JWS"


def _log(tx: Connection, keys: IssuerKeys | None, elsewhere: Sequence[str], counted: Counted) -> Iterator[Fault]:
    """The faults of the log itself: it must have passed through every checkpoint, kept here or elsewhere."""
    leaves: list[bytes] = []
    for row in _rows(tx, _LEAVES):
        if row.place != len(leaves):
            yield Fault(f"log, leaf {len(leaves)}", "missing")
            return
        leaves.append(leaf_hash(content(row.name, bytes(row.hash))))
    counted.leaves = len(leaves)
    subtrees = _tree(leaves)
    kept = [(f"checkpoint of {row.size} leaves", row.note) for row in tx.execute(_CHECKPOINTS)]
    newest = kept[-1][1] if kept else None
    kept += [(f"checkpoint given as {number}", note) for number, note in enumerate(elsewhere, start=1)]
    for where, note in kept:
        counted.checkpoints += 1
        try:
            checkpoint = read(note, keys)
        except ValueError as error:
            yield Fault(where, str(error))
            continue
        yield from _passed(where, checkpoint, leaves, subtrees)
        # Of older ones by a key that was revoked since, the newest says the same.
        if note == newest and checkpoint.fault:
            yield Fault(where, checkpoint.fault.en)


def _passed(
    where: str, checkpoint: Checkpoint, leaves: Sequence[bytes], subtrees: Callable[[int, int], bytes]
) -> Iterator[Fault]:
    if checkpoint.size > len(leaves):
        yield Fault(where, f"the log has {len(leaves)} leaves and had {checkpoint.size}: its end was cut off")
    elif root(subtrees, checkpoint.size) != checkpoint.root:
        yield Fault(where, "the root is another: the log was changed since")


def _tree(leaves: Sequence[bytes]) -> Callable[[int, int], bytes]:
    """The complete subtrees over the leaves, a level after the other: each half as many as the one beneath."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        beneath = levels[-1]
        levels.append([node_hash(beneath[at], beneath[at + 1]) for at in range(0, len(beneath) - 1, 2)])
    return lambda level, place: levels[level][place]
