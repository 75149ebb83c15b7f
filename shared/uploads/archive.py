"""A whole case in one file: a ZIP archive laid out as BagIt says (RFC 8493), which `sha256sum -c` checks."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from hashlib import sha256
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, BinaryIO, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import orjson
from sqlalchemy import select

from shared.anchors.log import proof
from shared.casework import journal_of, visible_case
from shared.documents.bag_files import CHAIN, DATA, INFO, MANIFEST, PROVEN
from shared.documents.models import issues
from shared.http import case_views
from shared.http.routes import Call, Reply, Stored
from shared.identity import Role
from shared.problems import Problem
from shared.text import Text
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from shared.casework import Case
    from shared.casework.journal import JournalEntry
    from shared.http.cases import CaseApi
    from shared.uploads.filing import Upload
    from shared.uploads.store import Contents

AT_ONCE = 2
"""Archives that a process writes at the same time, so that others find free threads."""
_writing = BoundedSemaphore(AT_ONCE)
_PIECE_BYTES = 1 << 20
_CHAIN = CHAIN.removeprefix(DATA)
_BAG = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def export(cases: CaseApi, call: Call) -> Reply:
    """All of the case that the caller may read: documents in every version, journal, events, papers of the office."""
    filing.refuse_trial(call.dry_run)
    files = call.context.files
    if files is None:
        raise Problem(
            "unavailable",
            Text(
                "此处不保存材料：未设置QUANHENG_DOCUMENTS_FOLDER",
                "no documents are kept here: QUANHENG_DOCUMENTS_FOLDER is not set",
            ),
        )
    with call.transaction() as tx:
        case = visible_case(tx, call.params["ref"], call.actor)
        held = filing.documents_of(tx, case, call.actor, call.rules)
        entries = journal_of(tx, case)
        facts = _facts(cases, call, case, entries)
        if call.actor.role is Role.STAFF:
            facts["reads.json"] = _json(filing.reads_of(tx, held))
            facts |= _proven(tx, _CHAIN, [f"{case.id}/{entry.seq}" for entry in reversed(entries)])
        papers = dict(_papers(tx, case, call))
        given = [one for one in held.versions if one.scan in {None, filing.CLEAN}]
        for one in given:
            filing.record_read(tx, one, actor=call.actor, now=call.now, correlation_id=call.correlation_id)
    # Two wait for the disk at most; a third is told to come again.
    with _turn(), _Bag(files, call) as bag:
        for path, content in {**facts, **papers}.items():
            bag.add(path, content)
        for number, one in enumerate(given, 1):
            bag.copy(f"documents/{one.kind}/{number:03d}-{one.name}", one, files)
        made = bag.closed(case)
    name = f"{case.number or 'draft'}.zip"
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{name}"',
        "ETag": f'"{bag.digest}"',
    }
    return Reply(made, headers=headers)


@contextmanager
def _turn() -> Iterator[None]:
    if not _writing.acquire(blocking=False):
        raise Problem(
            "rate_limited",
            Text("其他人正在下载全案：请稍后再试", "others fetch whole cases just now: ask again"),
            extra={"retry_after": 5},
        )
    try:
        yield
    finally:
        _writing.release()


def _facts(cases: CaseApi, call: Call, case: Case, entries: Sequence[JournalEntry]) -> dict[str, bytes]:
    """What is known of the case, as files."""
    told = [
        {"seq": entry.seq, "at": entry.at, **orjson.loads(entry.told)} for entry in entries if entry.told is not None
    ]
    facts = {
        "case.json": _json(cases.view(case, call.actor)),
        "journal.json": _json(cases.entries(entries, call.actor)),
        "events.json": _json(told),
    }
    if call.actor.role is Role.STAFF:
        # Each line follows from the one before: its hash is SHA-256 of that one's and of the content.
        lines = [_line({"content": entry.content.decode(), "hash": entry.hash.hex()}) for entry in entries]
        facts[_CHAIN] = b"".join(lines)
    return facts


def _papers(tx: Connection, case: Case, call: Call) -> Iterator[tuple[str, bytes]]:
    """The notices that the caller reads, and the permits that were granted, as far as they are made."""
    read = {entry["number"] for entry in case_views.notices(case, call.actor, "")}
    made = select(issues).where(issues.c.case_id == case.id, issues.c.made_at.is_not(None)).order_by(issues.c.id)
    for row in tx.execute(made):
        if row.notice is None or row.number in read:
            folder = "permits" if row.notice is None else "notices"
            path = f"{folder}/{row.number.replace('/', '_')}-{row.issue}"
            yield f"{path}.pdf", bytes(row.pdf)
            yield f"{path}.jws", row.jws.encode()
            yield from _proven(tx, f"{path}.pdf", [f"{row.number}/{row.issue}"]).items()


def _proven(tx: Connection, path: str, names: Sequence[str]) -> dict[str, bytes]:
    """The proof that the log has the first of these that it has, up to the newest checkpoint; for the file `path`."""
    for name in names:
        with suppress(Problem):
            return {f"{path}{PROVEN}": _json(proof(tx, name))}
    return {}


class _Bag:
    """The archive while it is written, in a file without a name."""

    def __init__(self, files: Contents, call: Call) -> None:
        self._file: BinaryIO = TemporaryFile(dir=files.incoming)  # noqa: SIM115 - handed on
        self._call = call
        self._zip = ZipFile(self._file, "w")
        self._manifest: list[str] = []
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self._zip.close()
            self._file.close()

    def add(self, path: str, content: bytes) -> None:
        """A file of the case."""
        self._note(path, len(content), sha256(content).hexdigest())
        self._zip.writestr(self._named(f"{DATA}{path}", ZIP_DEFLATED), content)

    def copy(self, path: str, one: Upload, files: Contents) -> None:
        """A document, which must still be what its row says."""
        digest = sha256()
        named = self._named(f"{DATA}{path}", ZIP_STORED)
        with files.open(one.sha256) as content, self._zip.open(named, "w", force_zip64=True) as to:
            while piece := content.read(_PIECE_BYTES):
                digest.update(piece)
                to.write(piece)
        if digest.hexdigest() != one.sha256:
            raise OSError(f"the content of document {one.id} is not what was sent: restore {one.sha256} from a backup")
        self._note(path, one.size, one.sha256)

    def closed(self, case: Case) -> Stored:
        """The whole archive, to be read from its beginning."""
        count = len(self._manifest)
        about = {
            "External-Identifier": case.ref,
            "Bagging-Date": self._call.now.date().isoformat(),
            "Contact-Name": self._call.actor.name,
            "Payload-Oxum": f"{self._size}.{count}",
            "Journal-Head": case.head.hex() if self._call.actor.role is Role.STAFF else "",
        }
        info = "".join(f"{name}: {value}\n" for name, value in about.items() if value)
        for name, content in (
            ("bagit.txt", _BAG),
            (INFO, info.encode()),
            (MANIFEST, "".join(self._manifest).encode()),
        ):
            self._zip.writestr(self._named(name, ZIP_DEFLATED), content)
        self._zip.close()
        size = self._file.tell()
        self._file.seek(0)
        return Stored(self._file, size)

    @property
    def digest(self) -> str:
        """The same for the same files."""
        return sha256("".join(self._manifest).encode()).hexdigest()

    def _note(self, path: str, size: int, digest: str) -> None:
        self._manifest.append(f"{digest}  {DATA}{path}\n")
        self._size += size

    def _named(self, path: str, how: int) -> ZipInfo:
        named = ZipInfo(path, self._call.now.timetuple()[:6])
        named.compress_type = how
        return named


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _line(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
