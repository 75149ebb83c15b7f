"""Reading cases. `find_…` may return None, `get_…` raises."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text as SqlText
from sqlalchemy import and_, cast, func, literal_column, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.casework.cases import ASSESSING, DISCARDED, UNSUBMITTED, Case
from shared.casework.journal import JournalEntry
from shared.casework.models import case_summaries, cases, journal
from shared.casework.search import search
from shared.identity import Role
from shared.identity.uscc import party
from shared.problems import Problem
from shared.runtime.law_in_use import Dependents
from shared.sql import Statement
from shared.text import Text, as_numbered

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from shared.identity import Actor

UNDER_LAW = Dependents(
    "cases received under it",
    "SELECT count(*) FROM cases WHERE rules = :rules AND procedure = :key"
    " AND (created_at AT TIME ZONE 'Asia/Shanghai')::date <= :last",
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_SELECT = (
    "SELECT id::text, number, procedure, state, version, entries, events, applicant, lab, rules, done_by, data, head,"
    " created_at, updated_at, office FROM cases"
)
_BY_ID = Statement("case_by_id", f"{_SELECT} WHERE id = CAST(CAST(:ref AS text) AS uuid)")
_BY_ID_LOCKED = Statement("case_by_id_locked", f"{_SELECT} WHERE id = CAST(CAST(:ref AS text) AS uuid) FOR UPDATE")
_ALL_LOCKED = Statement(
    "cases_locked", f"{_SELECT} WHERE id = ANY (CAST(CAST(:ids AS text[]) AS uuid[])) ORDER BY id FOR UPDATE"
)
_BY_NUMBER = Statement("case_by_number", f"{_SELECT} WHERE number IN (:ref, :number)")
_BY_NUMBER_LOCKED = Statement("case_by_number_locked", f"{_SELECT} WHERE number IN (:ref, :number) FOR UPDATE")


def is_id(text: str) -> bool:
    """Whether `text` has the form of a case's id."""
    return _UUID.fullmatch(text) is not None


def find_case(tx: Connection, ref: str, *, lock: bool = False) -> Case | None:
    """The case called `ref`, its number in any spelling or its id; locked until the transaction ends if `lock`."""
    if is_id(ref):
        row = (_BY_ID_LOCKED if lock else _BY_ID)(tx, ref=ref).first()
    else:
        row = (_BY_NUMBER_LOCKED if lock else _BY_NUMBER)(tx, ref=ref, number=as_numbered(ref)).first()
    return _case(row) if row else None


def _case(row: Any) -> Case:
    return Case(**{**row._asdict(), "head": bytes(row.head)})


def locked_cases(tx: Connection, ids: Sequence[str]) -> list[Case]:
    """The cases with these ids, in the order of ids; locked until the transaction ends."""
    return [_case(row) for row in _ALL_LOCKED(tx, ids=[*ids])]


def unseen(ref: str) -> Problem:
    """The same for a case that is not there and for one that the caller may not see."""
    told = Text(f"没有案件{ref}，或者您无权查看", f"there is no case {ref}, or it is not yours to see")
    return Problem("not_found", told)


def get_case(tx: Connection, ref: str, *, lock: bool = False) -> Case:
    """The case called `ref`. Raises Problem."""
    case = find_case(tx, ref, lock=lock)
    if case is None:
        raise unseen(ref)
    return case


def visible_case(tx: Connection, ref: str, actor: Actor, *, lock: bool = False) -> Case:
    """The case called `ref` if `actor` may see it; who may not is told the same as if there were none."""
    case = get_case(tx, ref, lock=lock)
    if not case.visible_to(actor):
        raise unseen(ref)
    return case


def evaluated_case(tx: Connection, ref: str, actor: Actor, *, lock: bool = False) -> Case:
    """The same for what a laboratory that the office only named for later work has no part in."""
    case = visible_case(tx, ref, actor, lock=lock)
    if case.is_named(actor):
        raise unseen(ref)
    return case


_ORDERS = {"created": ("id",), "number": ("number",), "updated": ("updated_at", "id")}
"""By which columns a list is ordered; with `-` before its name, backwards. Ids grow with time."""
_NUMBER = cases.c.number.collate("C")
_LAST_CHARACTER = "\U0010ffff"


def place(case: Row[Any], sort: str) -> list[Any]:
    """Where the case of a list stands when the list is ordered so."""
    return [getattr(case, name) for name in _ORDERS[sort.removeprefix("-")]]


def list_cases(
    tx: Connection, actor: Actor, asked: Mapping[str, Any], *, limit: int
) -> tuple[Sequence[Row[Any]], list[Any] | None]:
    """A page of the cases `actor` may see for which all that is `asked` holds, in order, and the place of its end if
    there is more.

    Of each: `id`, `number`, `state`, `updated_at`, and `shown`, what lists show of it (see `summaries`). Of what is
    asked, `sort` is an order or one backwards, `cursor` that and the place to go on after; `q` is what to find, the
    best match first; the others are filters.
    """
    if "q" in asked:
        owner = (
            actor.party if actor.role is Role.APPLICANT else party(asked["applicant"]) if "applicant" in asked else None
        )
        found = _found(actor, asked)
        return search(tx, found, cases.c.id, case_summaries, asked, limit, owner=owner)
    sort = asked.get("sort", "created")
    rows = tx.execute(listing(actor, asked).limit(limit + 1)).all()
    return rows[:limit], [sort, *place(rows[limit - 1], sort)] if len(rows) > limit else None


def listing(actor: Actor, asked: Mapping[str, Any]) -> Select[Any]:
    """The query for such a list without `q`."""
    return _in_order(_found(actor, asked), asked.get("sort", "created"), asked.get("cursor"))


def _found(actor: Actor, asked: Mapping[str, Any]) -> Select[Any]:
    row = cases.c
    # A case that an older release began has no summary yet, and is listed all the same.
    found = (
        select(row.id, row.number, row.state, row.updated_at, case_summaries.c.shown)
        .join_from(cases, case_summaries, case_summaries.c.id == row.id, isouter=True)
        .where(_visible_to(actor))
    )
    if "state" in asked:
        found = found.where(row.state == asked["state"])
    elif actor.role is Role.APPLICANT:
        # What was thrown away is out of sight until it is asked for.
        found = found.where(row.state != DISCARDED)
    if "applicant" in asked:
        found = found.where(func.party(row.applicant) == party(asked["applicant"]))
    if "assignee" in asked:
        whose = {"me": actor.subject, "none": None}.get(asked["assignee"], asked["assignee"])
        found = found.where(row.assignee == whose)
    if "number" in asked:
        beginning = as_numbered(asked["number"])
        found = found.where(_NUMBER.between(beginning, beginning + _LAST_CHARACTER))
    if "updated_since" in asked:
        found = found.where(row.updated_at >= asked["updated_since"])
    return found


# As the index has it, not as parameters.
_IS_NAMED = text("cases.data ? 'checker'")
_named: ColumnElement[str] = literal_column("party(cases.data #>> '{checker,lab}')")


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """What Actor.may_see says of one case, of all."""
    if actor.role == "applicant":
        return func.party(cases.c.applicant) == actor.party
    if actor.role == "lab":
        # No draft has a laboratory: said so that the index of what was submitted can serve.
        of_named = and_(_IS_NAMED, _named == actor.party)
        return and_(or_(func.party(cases.c.lab) == actor.party, of_named), cases.c.state != "draft")
    if actor.role == "expert":
        team = func.team(cases.c.data, type_=ARRAY(SqlText))
        of_team = and_(cases.c.data.has_key("assessment_plan"), team.contains([actor.party]))
        return and_(of_team, cases.c.state.in_(ASSESSING))
    # Each by itself: that is how the indexes of submitted cases are found.
    seen = [cases.c.state != state for state in sorted(UNSUBMITTED)]
    if not actor.sees_every_office:
        seen.append(cases.c.office == actor.office)
    if actor.party:
        seen.append(func.party(cases.c.applicant) != actor.party)
    return and_(*seen)


def _in_order(found: Select[Any], sort: str, cursor: Sequence[Any] | None) -> Select[Any]:
    names, backwards = _ORDERS[sort.removeprefix("-")], sort.startswith("-")
    columns = [_NUMBER if name == "number" else cases.c[name] for name in names]
    if "number" in names:
        found = found.where(cases.c.number.is_not(None))
    if cursor is not None:
        here, there = tuple_(*columns), tuple_(*cursor[1:])
        found = found.where(here < there if backwards else here > there)
    return found.order_by(*(column.desc() if backwards else column for column in columns))


def came_from(tx: Connection, case: Case, by: Collection[str]) -> str | None:
    """The state from which one of the actions `by` brought the case into the one it is in; None if none did."""
    moves = select(journal.c.from_state).where(journal.c.case_id == case.id, journal.c.to_state == case.state)
    moves = moves.where(journal.c.action.in_(by)).order_by(journal.c.seq.desc())
    return tx.execute(moves.limit(1)).scalar()


def breached(tx: Connection, case: Case, limit: str) -> date | None:
    """The last day of the case's limit of this name that was missed, as its journal has it; None if none was."""
    told = cast(journal.c.data, JSONB)
    due_on = tx.execute(
        select(told["due_on"].astext)
        .where(journal.c.case_id == case.id, journal.c.action == "clock.breached", told["limit"].astext == limit)
        .order_by(journal.c.seq.desc())
    ).scalar()
    return date.fromisoformat(due_on) if due_on else None


def journal_of(tx: Connection, case: Case) -> list[JournalEntry]:
    rows = tx.execute(select(journal).where(journal.c.case_id == case.id).order_by(journal.c.seq))
    return [JournalEntry(**row._asdict()) for row in rows]
