"""The work queue: the open cases of both procedures, in order of their due dates.

A case has one row for each side that has a clock, with that side's clock that is due first; the row with the first due
clock of all is the lead, but never that of experts, a day for which they are planned. The lead stands for the case to
the office. To its applicant and to each of its laboratories stands the row of their own limit, where one runs, and what
waits for them comes first. An open case without a clock has one row, with the holder `nobody`; one that is over, or
that began as a permit of before this system, is work only while somebody has a clock, such as for a permit under which
something has changed. Rows are derived from cases and clocks whenever one of them changes, so that a page is a single
index scan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, func, literal_column, or_, select, text, true, tuple_

from services.contracts.meanings import TIME_TOLD_IN
from services.notifications.clocks.rules import unserved
from services.notifications.models import tracked_cases, work
from services.notifications.office.directory import read_directory
from shared.calendars import current
from shared.http.cases import FACES
from shared.identity import Role
from shared.law import Unit, elapsed, load
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from shared.identity import Actor
    from shared.law import LimitRule, WorkingCalendar

NOBODY, EXPERTS, CHECKER = "nobody", "experts", "checker"
_SIDES = {Role.APPLICANT: ("applicant",), Role.LAB: ("laboratory", CHECKER), Role.EXPERT: (EXPERTS,)}
"""As limits call those to whom their own come first."""
_LEADS = {Role.APPLICANT: work.c.leads_applicant, Role.LAB: work.c.leads_lab}
ME, NONE, ME_OR_NONE = "me", "none", "me_or_none"
"""Whose work is asked for, beside that of one person: one's own, nobody's, or both."""


def refresh(tx: Connection, case_ids: Collection[str]) -> None:
    """Derive the rows of these cases again from the stored cases and clocks."""
    if case_ids:
        _REFRESH(tx, ids=sorted(case_ids))


def list_work(
    tx: Connection, actor: Actor, filters: Mapping[str, Any], today: date
) -> tuple[list[dict[str, Any]], list[Any] | None]:
    """A page of the cases that `actor` may see, and the cursor of its end if there are more.

    `filters` has `clock` and `limit`, and optionally `assignee`, `holder`, `procedure`, `state`, `overdue`, `cursor`.
    With the assignee `me` or `me_or_none`, the page includes the work of people absent today for whom the actor stands
    in, marked `standing_in`.
    """
    limit, mine = filters["limit"], filters.get("assignee") in {ME, ME_OR_NONE}
    covered = read_directory(tx, today).covered_by(actor.subject, today) if mine else []
    rows = tx.execute(asked(actor, filters, today, covered).limit(limit + 1)).all()
    calendar = current(tx).newest
    waiting = _unserved(tx, rows[:limit], today) if actor.role is Role.STAFF else {}
    items = [
        {**_item(row, today, calendar, actor), **_standing_in(row, covered), **waiting.get(row.case_id, {})}
        for row in rows[:limit]
    ]
    return items, [filters["clock"], *_place(rows[limit - 1], actor)] if len(rows) > limit else None


def asked(actor: Actor, filters: Mapping[str, Any], today: date, covered: Collection[str] = ()) -> Select[Any]:
    """The query for the filters, in order; `covered` are the people for whom `actor` stands in."""
    row = work.c
    running = filters["clock"] == "running"
    order = _order(actor) if running else [row.number]
    query = select(work).where(row.clock == filters["clock"]).order_by(*order)
    query = _seen(query, actor, filters.get("holder"), today)
    for name in ("procedure", "state"):
        if name in filters:
            query = query.where(row[name] == filters[name])
    if (assignee := filters.get("assignee")) is not None:
        whose = [actor.subject, *covered] if assignee in {ME, ME_OR_NONE} else [assignee]
        theirs, nobodys = row.assignee.in_(whose), row.assignee.is_(None)
        query = query.where({NONE: nobodys, ME_OR_NONE: or_(theirs, nobodys)}.get(assignee, theirs))
    if (overdue := filters.get("overdue")) is not None:
        # A clock that does not run is not late.
        late = row.due_on < today if running else false()
        query = query.where(late if overdue else or_(row.due_on >= today, row.due_on.is_(None)))
    if cursor := filters.get("cursor"):
        query = query.where(tuple_(*order) > tuple_(*cursor[1:]))
    return query


def _seen(query: Select[Any], actor: Actor, holder: str | None, today: date) -> Select[Any]:
    """The rows of the cases that the actor may see: those that stand for their case, or those of a holder."""
    row = work.c
    match actor.role:
        case Role.EXPERT:
            # Said so that the index of teams can serve.
            team = and_(text("team <> '{}'"), tracked_cases.c.team.contains([actor.party]))
            # Once an assessment is over, nobody waits for its days.
            of_team = row.case_id.in_(select(tracked_cases.c.id).where(team))
            return query.where(of_team, row.holder == EXPERTS, row.due_on >= today)
        case Role.APPLICANT:
            query = query.where(func.party(row.applicant) == actor.party)
        case Role.LAB:
            query = query.where(func.party(row.lab) == actor.party)
        case _ if actor.party:
            query = query.where(func.party(row.applicant) != actor.party)
    if not actor.sees_every_office:
        query = query.where(row.office == actor.office)
    if holder == EXPERTS:
        query = query.where(row.due_on >= today)
    lead = _LEADS.get(actor.role, row.lead)
    return query.where(row.holder == holder if holder else lead == true())


def _order(actor: Actor) -> list[ColumnElement[Any]]:
    """Of running limits: to an applicant or a laboratory first its own, as the index has it, not as a parameter; to an
    expert by the first of the days that are planned."""
    row, sides = work.c, _SIDES.get(actor.role, ())
    others = [row.holder != literal_column(f"'{side}'") for side in sides]
    day = func.coalesce(row.begins_on, row.due_on) if actor.role is Role.EXPERT else row.due_on
    return [*([and_(*others)] if others else []), day, row.number]


def backlog(tx: Connection, today: date, procedure: str | None, office: str | None) -> list[dict[str, Any]]:
    """How many cases of an office, or of all, are open, and late, by procedure and who is to act first. It reads every
    open case."""
    asked = {"today": today, "procedure": procedure, "office": office}
    return [row._asdict() for row in _BACKLOG(tx, **asked)]


def _place(row: Row[Any], actor: Actor) -> list[Any]:
    if row.clock != "running":
        return [row.number]
    sides = _SIDES.get(actor.role)
    day = row.begins_on or row.due_on if actor.role is Role.EXPERT else row.due_on
    return [*([row.holder not in sides] if sides else []), day, row.number]


def _standing_in(row: Row[Any], covered: Collection[str]) -> dict[str, bool]:
    return {"standing_in": True} if row.assignee in covered else {}


def _unserved(tx: Connection, rows: Sequence[Row[Any]], today: date) -> dict[str, dict[str, Any]]:
    """By case, the notice that is to be served so that a limit of the office stops running, whoever is due first."""
    cases = {row.case_id: row for row in rows if row.state in TIME_TOLD_IN.get(row.source, ())}
    found = {}
    for clock in _RUNNING(tx, ids=sorted(cases)) if cases else ():
        case = cases[clock.case_id]
        rules = load(case.rules)
        rule = rules.limit(clock.limit_id, clock.law_on)
        if notice := unserved(rules, rule, case.source, case.state, today):
            found[clock.case_id] = {"unserved": notice}
    return found


def _item(row: Row[Any], today: date, calendar: WorkingCalendar, actor: Actor) -> dict[str, Any]:
    rule = load(row.rules).limit(row.limit_id, row.law_on) if row.limit_id else None
    item = {
        "number": row.number,
        "service": row.source,
        "procedure": row.procedure,
        "state": row.state,
        "applicant_name": row.applicant_name,
        # Who of the office handles it is for the office.
        "assignee": row.assignee if actor.role is Role.STAFF else None,
        "clock": row.clock,
        "holder": row.holder if row.clock != "none" else None,
        "begins_on": row.begins_on,
        "due_on": row.due_on,
        **(_left(rule, today, row.due_on, calendar) if rule and row.due_on else {}),
        "provisional": row.provisional if row.due_on else None,
        "href": f"{FACES[actor.role]}/{row.number}",
        "limit": {"id": rule.id, **rule.name._asdict()} if rule else None,
    }
    return {name: value for name, value in item.items() if value is not None}


def _left(rule: LimitRule, today: date, due_on: date, calendar: WorkingCalendar) -> dict[str, Any]:
    """In days as the law counts them: nobody finds 61 working days in a limit of three months."""
    working = rule.limit is not None and rule.limit.unit is Unit.WORKING_DAYS
    unit = Unit.WORKING_DAYS if working else Unit.CALENDAR_DAYS
    return {"days_left": days_left(today, due_on, calendar, unit), "unit": unit}


def days_left(today: date, due_on: date, calendar: WorkingCalendar, unit: Unit = Unit.WORKING_DAYS) -> int:
    """Days of that kind after `today` up to and including the last day; once it has passed, the days since,
    negative."""
    if today <= due_on:
        return elapsed(today, due_on, unit, calendar)
    return -max(1, elapsed(due_on, today, unit, calendar))


_BACKLOG = Statement(
    "work_backlog",
    "SELECT procedure, holder, count(*)::integer AS cases,"
    " (count(*) FILTER (WHERE due_on < :today))::integer AS overdue FROM work"
    " WHERE lead AND (CAST(:procedure AS text) IS NULL OR procedure = CAST(:procedure AS text))"
    " AND (CAST(:office AS text) IS NULL OR office = CAST(:office AS text))"
    " GROUP BY procedure, holder ORDER BY procedure, holder",
)

_RUNNING = Statement(
    "work_running",
    "SELECT case_id::text, limit_id, law_on FROM clocks"
    " WHERE case_id = ANY(CAST(CAST(:ids AS text[]) AS uuid[])) AND state = 'running'",
)

# OFFSET 0 keeps the row-by-row lookups: a plan made while the tables were small would later read whole tables.
_REFRESH = Statement(
    "work_refresh",
    "WITH touched AS (SELECT *, law_as_of IS NOT NULL AND NOT entered AND NOT EXISTS (SELECT 1 FROM case_times"
    " WHERE case_id = id OFFSET 0) AS open FROM tracked_cases WHERE id = ANY(CAST(CAST(:ids AS text[]) AS uuid[]))),"
    " held AS (SELECT DISTINCT ON (case_id, holder) case_id, holder, clocks.state AS clock, limit_id, law_on,"
    f" due_on, provisional, begins_on, CASE WHEN holder = '{CHECKER}' THEN coalesce(named, lab) ELSE lab END AS at"
    " FROM clocks JOIN touched ON touched.id = case_id WHERE clocks.state IN ('running', 'paused')"
    " AND holder IS NOT NULL ORDER BY case_id, holder, due_on, clocks.id),"
    " ranked AS (SELECT *, row_number() OVER (PARTITION BY case_id ORDER BY due_on, holder) = 1 AS lead,"
    " row_number() OVER (PARTITION BY case_id ORDER BY clock = 'running' AND holder = 'applicant' DESC, due_on,"
    " holder) = 1 AS leads_applicant,"
    f" row_number() OVER (PARTITION BY case_id, at ORDER BY clock = 'running' AND holder IN ('laboratory', '{CHECKER}')"
    " DESC, due_on, holder) = 1 AS leads_lab FROM held"
    f" WHERE holder <> '{EXPERTS}' UNION ALL SELECT *, false, false, false FROM held WHERE holder = '{EXPERTS}'"
    f" UNION ALL SELECT id, '{NOBODY}', 'none', NULL, NULL, NULL, false, NULL, lab, true, true, true FROM touched"
    f" WHERE open AND id NOT IN (SELECT case_id FROM held WHERE holder <> '{EXPERTS}')),"
    " gone AS (DELETE FROM work WHERE ctid = ANY(ARRAY(SELECT old.ctid"
    " FROM unnest(CAST(CAST(:ids AS text[]) AS uuid[])) AS heard (id)"
    " CROSS JOIN LATERAL (SELECT ctid, case_id, holder FROM work WHERE case_id = heard.id OFFSET 0) AS old"
    " WHERE (old.case_id, old.holder) NOT IN (SELECT case_id, holder FROM ranked))))"
    " INSERT INTO work SELECT case_id, holder, clock, lead, limit_id, law_on, due_on, provisional, source, number,"
    " procedure, rules, state, applicant, applicant_name, assignee, office, at, leads_applicant, leads_lab,"
    " begins_on FROM ranked JOIN touched"
    " ON touched.id = case_id"
    " ON CONFLICT (case_id, holder) DO UPDATE SET clock = excluded.clock, lead = excluded.lead,"
    " limit_id = excluded.limit_id, law_on = excluded.law_on, due_on = excluded.due_on,"
    " provisional = excluded.provisional, procedure = excluded.procedure, rules = excluded.rules,"
    " state = excluded.state, applicant_name = excluded.applicant_name, assignee = excluded.assignee,"
    " office = excluded.office, lab = excluded.lab, leads_applicant = excluded.leads_applicant,"
    " leads_lab = excluded.leads_lab, begins_on = excluded.begins_on",
)
