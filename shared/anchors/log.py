"""The log of a service: what journals and documents say is appended to it, and its state is signed and published."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, text

from shared.anchors.checkpoint import Checkpoint
from shared.anchors.leaves import READ, READ_HASH, content
from shared.anchors.merkle import consistency, inclusion, leaf_hash, node_hash, root
from shared.anchors.models import checkpoints, log_leaves, log_nodes
from shared.problems import Problem
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection

    from shared.documents.keys import SigningKey

STORED = 8
"""Of the levels of the tree one in so many is stored."""
_TILE = 1 << STORED
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('log'))")
_PATIENT = text("SET LOCAL statement_timeout = '10min'")
# Entries that are committed later follow later: the log has them in the order in which it learnt of them.
_NEW = text(
    "SELECT name, hash FROM ("
    " SELECT case_id || '/' || seq AS name, hash FROM journal"
    " UNION ALL SELECT number || '/' || issue, decode(sha256, 'hex') FROM issues WHERE made_at IS NOT NULL"
    f" UNION ALL SELECT '{READ}' || id, {READ_HASH} FROM upload_reads"
    ") AS found WHERE NOT EXISTS (SELECT FROM log_leaves WHERE log_leaves.name = found.name) ORDER BY name"
)


def anchor(tx: Connection, origin: str, key: SigningKey, at: datetime) -> Checkpoint | None:
    """Append all that is new and sign what the log is now; None if nothing is new."""
    tx.execute(_ALONE)
    tx.execute(_PATIENT)
    first = size(tx)
    rows = [
        {"place": place, "name": row.name, "hash": row.hash} for place, row in enumerate(tx.execute(_NEW), start=first)
    ]
    if not rows:
        return None
    tx.execute(insert(log_leaves), rows)
    last = first + len(rows)
    complete(tx, first, last)
    made = Checkpoint(origin, last, root(subtrees(tx), last), at.replace(microsecond=0))
    tx.execute(insert(checkpoints).values(size=last, note=made.signed(key), made_at=at))
    return made


def is_due(tx: Connection, at: datetime, pause: timedelta) -> bool:
    """Whether the newest checkpoint is older than `pause`, or there is none."""
    newest = tx.execute(select(func.max(checkpoints.c.made_at))).scalar()
    return newest is None or at - newest >= pause


def size(tx: Connection) -> int:
    """How many leaves there are."""
    found: int = tx.execute(select(func.coalesce(func.max(log_leaves.c.place) + 1, 0))).scalar_one()
    return found


def complete(tx: Connection, first: int, last: int) -> None:
    """Store the subtrees that the leaves from `first` to before `last` complete."""
    level = STORED
    while last >> level:
        beneath = subtrees(tx)
        made = [
            {"level": level, "place": place, "hash": _combined(beneath, level, place)}
            for place in range(first >> level, last >> level)
        ]
        if made:
            tx.execute(insert(log_nodes), made)
        level += STORED


def _combined(subtrees: Callable[[int, int], bytes], level: int, place: int) -> bytes:
    return node_hash(subtrees(level - 1, 2 * place), subtrees(level - 1, 2 * place + 1))


def subtrees(tx: Connection) -> Callable[[int, int], bytes]:
    """The hashes of complete subtrees, read by 256 and kept."""

    @cache
    def tile(level: int, number: int) -> Sequence[bytes]:
        low, high = number * _TILE, (number + 1) * _TILE
        if level == 0:
            query = select(log_leaves.c.name, log_leaves.c.hash).where(log_leaves.c.place.between(low, high - 1))
            rows: Iterable[Any] = tx.execute(query.order_by(log_leaves.c.place))
            return [leaf_hash(content(row.name, bytes(row.hash))) for row in rows]
        stored = select(log_nodes.c.hash).where(log_nodes.c.level == level, log_nodes.c.place.between(low, high - 1))
        return [bytes(found) for found in tx.execute(stored.order_by(log_nodes.c.place)).scalars()]

    @cache
    def found(level: int, place: int) -> bytes:
        if level % STORED == 0:
            return tile(level, place // _TILE)[place % _TILE]
        return node_hash(found(level - 1, 2 * place), found(level - 1, 2 * place + 1))

    return found


def newest(tx: Connection) -> str:
    """The newest checkpoint, as a signed note. Raises Problem."""
    note: str | None = tx.execute(select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)).scalar()
    if note is None:
        raise Problem(
            "not_found",
            Text(
                "存证日志尚无内容：首个检查点将在数分钟内签署",
                "nothing has been logged yet: the first checkpoint is signed within minutes",
            ),
        )
    return note


def growth(tx: Connection, since: int, until: int | None = None) -> dict[str, Any]:
    """The proof that the log of the checkpoint of `until` leaves, the newest if not said, began with the first `since`
    leaves, as an earlier checkpoint signed them. Raises Problem."""
    wanted = select(checkpoints.c.note).where(checkpoints.c.size == until)
    note: str | None = newest(tx) if until is None else tx.execute(wanted).scalar()
    if note is None:
        raise Problem(
            "not_found",
            Text(
                f"没有条数为{until}的检查点：条数见检查点第二行",
                f"there is no checkpoint of {until} leaves: take the number in its second line",
            ),
        )
    last = int(note.split("\n")[1])
    if since > last:
        told = f"this checkpoint has {last} leaves: a log that had {since} before was cut off, or is another"
        raise Problem("not_found", told)
    path = consistency(subtrees(tx), since, last)
    return {"since": since, "path": [b64encode(step).decode() for step in path], "checkpoint": note}


def proof(tx: Connection, name: str) -> dict[str, Any]:
    """The proof that what has this name is in the log, up to the newest checkpoint. Raises Problem."""
    note = newest(tx)
    until = int(note.split("\n")[1])
    row = tx.execute(select(log_leaves).where(log_leaves.c.name == name, log_leaves.c.place < until)).first()
    if row is None:
        raise Problem(
            "not_found",
            Text(
                f"{name}尚未存证，或没有该文件：请数分钟后再查",
                f"{name} is not in the log yet, or there is no such document: ask again in minutes",
            ),
        )
    path = inclusion(subtrees(tx), row.place, until)
    return {
        "name": row.name,
        "sha256": bytes(row.hash).hex(),
        "place": row.place,
        "path": [b64encode(step).decode() for step in path],
        "checkpoint": note,
    }
