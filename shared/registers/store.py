"""The registers in the database: entries with their versions, written once and read as of a day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import and_, bindparam, case, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from shared.casework import summaries
from shared.casework.journal import GENESIS, JournalEntry, first_broken
from shared.casework.search import newest_first
from shared.identity.uscc import party
from shared.messaging import outbox
from shared.messaging.envelope import new_id
from shared.problems import Problem, Violation
from shared.registers import versions as rules
from shared.registers.models import register_entries, register_summaries, register_versions
from shared.registers.versions import Version
from shared.schemas import invalid
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection, Row, Select, Subquery

    from shared.identity import Actor
    from shared.registers.register import Register

_ROW = (
    *(register_versions.c[name] for name in ("number", "since", "ended", "supersedes", "action", "data", "reason")),
    *(register_versions.c[name] for name in ("at", "actor", "actor_name", "role", "hash")),
)


@dataclass(frozen=True, slots=True)
class Held:
    """An entry of a register with all its versions; `intact` unless one of them was changed or left out."""

    id: str
    register: Register
    owner: str
    versions: tuple[Version, ...]
    intact: bool = True

    @property
    def version(self) -> int:
        return len(self.versions)

    def on(self, day: date) -> Version | None:
        return rules.in_force(self.versions, day)


@dataclass(frozen=True, slots=True)
class Said:
    """Who records a version, when, and why."""

    actor: Actor
    now: datetime
    reason: str | None = None


def in_register(code: str) -> Violation:
    return Violation(
        "code",
        "in_register",
        Text(
            f"名册中已有{code}：请变更或者恢复该条目",
            f"{code} is in the register already: change or restore that entry",
        ),
    )


def find(tx: Connection, register: Register, owner: str, code: str, *, lock: bool = False) -> Held | None:
    """The entry of that owner, in any spelling; locked until the transaction ends if `lock`."""
    row = register_entries.c
    query = select(row.id, row.head).where(
        row.register == register.id, row.owner == party(owner), row.key == register.key(code)
    )
    entry = tx.execute(query.with_for_update() if lock else query).first()
    if entry is None:
        return None
    stored = tx.execute(
        select(*_ROW).where(register_versions.c.entry == entry.id).order_by(register_versions.c.number)
    ).all()
    chain = [_line(entry.id, one) for one in stored]
    intact = first_broken(chain) is None and chain[-1].hash == bytes(entry.head)
    return Held(entry.id, register, party(owner), tuple(map(_version, stored)), intact)


def get(tx: Connection, register: Register, owner: str, code: str, *, lock: bool = False) -> Held:
    """Raises Problem."""
    found = find(tx, register, owner, code, lock=lock)
    if found is None:
        raise Problem(
            "not_found",
            Text(
                f"{register.names[0]}名册中没有{code}，或您无权查看",
                f"the register of {register.id} has no {code}, or it is not yours to see",
            ),
        )
    return found


def all_on(tx: Connection, register: Register, day: date, owner: str | None = None) -> dict[tuple[str, str], Version]:
    """What a register says on a day, of one owner or of all: the versions by owner and key."""
    of = _of(owner)
    rows = tx.execute(_all_on(*of), {"register": register.id, "day": day, **of})
    return {(one.owner, one.key): _version(one) for one in rows}


def named_in(tx: Connection, register: Register, code: str, day: date) -> dict[str, Version]:
    """Where a register names `code` on a day, whoever keeps the entry: the versions by owner."""
    rows = tx.execute(_all_on("key"), {"register": register.id, "day": day, "key": register.key(code)})
    return {one.owner: _version(one) for one in rows}


def page_of(
    tx: Connection, register: Register, owner: str | None, asked: Mapping[str, Any], day: date
) -> tuple[list[tuple[str, Version, int]], list[Any] | None]:
    """A page of a register as it is on a day: of each entry its owner, the version that holds, and how many there
    are; and the place of the end if there is more."""
    of = _of(owner)
    held = _on(*of)
    valid = and_(held.c.valid_from <= day, held.c.valid_until >= day)
    state = case((held.c.ended, rules.ENDED), (valid, rules.VALID), else_=rules.LAPSED)
    query = select(held)
    if "status" in asked:
        query = query.where(state == asked["status"])
    query = query.params(register=register.id, day=day, **of)
    rows, end = newest_first(tx, query, held.c.id, register_summaries, asked, asked["limit"])
    return [(one.owner, _version(one), one.versions) for one in rows], end


def write(
    tx: Connection,
    register: Register,
    owner: str,
    entry: Held | None,
    version: tuple[str, date, bool, int | None, Mapping[str, Any]],
    said: Said,
) -> Held:
    """Add a version to an entry, or begin one. `version` is its action, the day from which it holds, whether it ends
    the entry, which version it corrects, and what it says."""
    action, since, ended, supersedes, content = version
    entry_id = entry.id if entry else new_id()
    head = GENESIS
    if entry:
        head = bytes(tx.execute(select(register_entries.c.head).where(register_entries.c.id == entry_id)).scalar_one())
    number = entry.version + 1 if entry else 1
    told = {"since": since, "ended": ended, "supersedes": supersedes, "content": content}
    line = JournalEntry(
        case_id=entry_id,
        seq=number,
        at=said.now,
        actor=said.actor.subject,
        actor_name=said.actor.name,
        role=str(said.actor.role),
        action=action,
        from_state="",
        to_state="",
        reason=said.reason,
        data=orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode(),
    )
    chained = line.chained_to(head)
    if entry is None:
        key = register.key(content["code"])
        begun = insert(register_entries).values(
            id=entry_id, register=register.id, owner=party(owner), key=key, versions=number, head=chained
        )
        # Somebody else may have begun it a moment ago.
        if tx.execute(begun.on_conflict_do_nothing().returning(register_entries.c.id)).first() is None:
            raise invalid([in_register(content["code"])])
    else:
        changed = update(register_entries).where(register_entries.c.id == entry_id)
        tx.execute(changed.values(versions=number, head=chained))
    first, last = register.valid_days(content)
    tx.execute(
        insert(register_versions).values(
            entry=entry_id,
            number=number,
            since=since,
            ended=ended,
            supersedes=supersedes,
            valid_from=first,
            valid_until=last,
            hash=chained,
            **{name: getattr(line, name) for name in ("at", "actor", "actor_name", "role", "action", "reason", "data")},
        )
    )
    texts = [text for name in register.found_by if (text := content.get(name))]
    summaries.keep(tx, register_summaries, entry_id, summaries.Summary({}, content["code"], texts))
    written = get(tx, register, owner, content["code"])
    if register.tells:
        outbox.add(tx, [register.tells(written.id, written.owner, written.versions[-1], said.actor.subject)])
    return written


@cache
def _on(*parts: str) -> Subquery:
    """The version of each entry that holds on a day: what rules.in_force says of one, of all, or of those whose
    `parts` (`owner`, `key`) are given.

    Built once: each step of a laboratory asks several registers.
    """
    entry, row, later = register_entries.c, register_versions.c, register_versions.alias("later").c
    corrected = select(1).where(later.entry == row.entry, later.supersedes == row.number).exists()
    query = (
        select(entry.id, entry.owner, entry.key, entry.versions, row.valid_from, row.valid_until, *_ROW)
        .join(register_versions, row.entry == entry.id)
        .where(entry.register == bindparam("register"), row.since <= bindparam("day"), ~corrected)
        .ext(distinct_on(entry.id))
        .order_by(entry.id, row.since.desc(), row.number.desc())
    )
    return query.where(*(entry[part] == bindparam(part) for part in parts)).subquery("held")


@cache
def _all_on(*parts: str) -> Select[Any]:
    held = _on(*parts)
    return select(held).order_by(held.c.owner, held.c.key)


def _of(owner: str | None) -> dict[str, str]:
    return {} if owner is None else {"owner": party(owner)}


def _version(row: Row[Any]) -> Version:
    return Version(
        number=row.number,
        since=row.since,
        ended=row.ended,
        supersedes=row.supersedes,
        action=row.action,
        content=orjson.loads(row.data)["content"],
        reason=row.reason,
        at=row.at,
        actor_name=row.actor_name,
        role=row.role,
    )


def _line(entry: str, row: Row[Any]) -> JournalEntry:
    """The version as an entry of a journal, by which it is chained to the one before."""
    return JournalEntry(
        case_id=entry,
        seq=row.number,
        at=row.at,
        actor=row.actor,
        actor_name=row.actor_name,
        role=row.role,
        action=row.action,
        from_state="",
        to_state="",
        reason=row.reason,
        data=row.data,
        hash=bytes(row.hash),
    )
