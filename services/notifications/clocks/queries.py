"""Queries for a case's clocks and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal_column, select

from services.notifications.clocks.book import Book
from services.notifications.clocks.rules import ENDED, EXPIRED, silence_of, told_silence, unserved
from services.notifications.messages.collected import Messages
from services.notifications.messages.inbox import SUBJECTS, inboxes_of
from services.notifications.models import messages
from shared.identity import Role
from shared.law import ClockState, explanation, load, segments
from shared.problems import Problem
from shared.runtime.time import legal_date
from shared.sql import Statement
from shared.text import Text

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection

    from services.notifications.cases import TrackedCase
    from shared.identity import Actor
    from shared.law import Clock, Explanation, RuleSet

_FIRED = Statement(
    "firings_of_case",
    "SELECT clock_id::text, rung, kind, due_on, fired_at FROM firings"
    " WHERE clock_id IN (SELECT id FROM clocks WHERE case_id = :id) ORDER BY fired_at, day, rung",
)


def visible_book(tx: Connection, number: str, actor: Actor) -> tuple[Book, TrackedCase]:
    """The case with that number and its clocks, if `actor` may see it. Raises Problem."""
    book = Book(Messages(mail=False))
    case = book.find(tx, number)
    if case is None or not actor.may_see(applicant=case.applicant, labs=case.labs, office=case.office):
        told = Text(
            f"没有{number}的期限和通知，或您无权查看；刚提交的请稍后再试",
            f"no clocks or messages of {number} are known, or you may not see them; if it was just submitted, try again"
            " in a moment",
        )
        raise Problem("not_found", told)
    return book, case


def clocks_of(tx: Connection, book: Book, case: TrackedCase, now: datetime) -> list[dict[str, Any]]:
    """Every clock of the case at `now`, with the days counted, the days left out, and why."""
    fired: dict[str, list[dict[str, Any]]] = {}
    for row in _FIRED(tx, id=case.id):
        entry = {"rung": row.rung, "kind": row.kind, "due_on": row.due_on, "fired_at": row.fired_at}
        fired.setdefault(row.clock_id, []).append(entry)
    today, rules = legal_date(now), load(case.rules)
    return [_clock_view(clock, rules, case, today, fired.get(clock.id, [])) for clock in book.clocks.get(case.id, [])]


def get_explanation(book: Book, case: TrackedCase, clock_id: str, now: datetime) -> tuple[Clock, Explanation]:
    """One clock of the case, explained as of `now`. Raises Problem."""
    clock = next((clock for clock in book.clocks.get(case.id, []) if clock.id == clock_id), None)
    if clock is None:
        raise Problem(
            "not_found",
            Text(
                f"{case.number}没有期限{clock_id}：其期限见…/{case.number}/clocks",
                f"{case.number} has no clock {clock_id}: its clocks are at …/{case.number}/clocks",
            ),
        )
    return clock, explanation(clock.entries, clock.projection.limit, clock.calendar, legal_date(now))


def explained(case: TrackedCase, clock: Clock, told: Explanation) -> dict[str, Any]:
    """The data of `schemas.ClockExplanation`."""
    rule, end = clock.rule, told.end
    return {
        "number": case.number,
        "clock": clock.id,
        "limit": rule.id,
        "name": rule.name._asdict(),
        "basis": rule.basis._asdict(),
        "verified": rule.verified,
        "state": str(told.now.state),
        "started_on": told.start,
        "as_of": told.now.as_of,
        "last_day": end.deadline,
        "budget": end.budget,
        "counted": sum(run.counted for run in told.segments),
        "overrun": told.now.overrun,
        "provisional": end.provisional,
        "calendar": clock.calendar.version,
        **steps(told),
    }


def steps(told: Explanation) -> dict[str, Any]:
    """The days in runs of one kind, and the arithmetic in words."""
    return {
        "segments": [
            {
                "first": run.first,
                "last": run.last,
                "kind": str(run.kind),
                "days": (run.last - run.first).days + 1,
                "working_days": run.working_days,
                "counted": run.counted,
                "why": run.why._asdict(),
                "provisional": run.provisional,
            }
            | ({"basis": run.basis._asdict()} if run.basis else {})
            for run in told.segments
        ],
        "arithmetic": {"zh": [one.zh for one in told.words], "en": [one.en for one in told.words]},
    }


def messages_of(tx: Connection, case: TrackedCase, actor: Actor) -> list[dict[str, Any]]:
    """The messages of the case as sent. Staff see all, with their delivery; others see their own."""
    table = messages.c
    columns = [
        *(table.id, table.recipient, table.address, table.template, table.template_version, table.language),
        *(table.subject, literal_column(SUBJECTS).label("subjects"), table.body),
        *(table.at, table.state, table.sent_at, table.read_at),
    ]
    query = select(*columns).where(table.case_id == case.id).order_by(table.at, table.id)
    if actor.role is Role.STAFF:
        query = query.add_columns(table.inbox, table.attempts, table.next_try_at, table.error, table.digest)
    else:
        query = query.where(func.inbox_of(table.inbox).in_(inboxes_of(actor)))
    rows = tx.execute(query).mappings()
    return [{str(key): value for key, value in row.items() if value is not None} for row in rows]


def _clock_view(
    clock: Clock, rules: RuleSet, case: TrackedCase, today: date, fired: list[dict[str, Any]]
) -> dict[str, Any]:
    view = clock.at(today)
    rule, limit = clock.rule, clock.limit
    running = view.state is ClockState.RUNNING
    notice = unserved(rules, rule, case.source, case.state, today) if running else None
    over = view.state in (ClockState.STOPPED, ClockState.EXPIRED)
    body = {
        "id": clock.id,
        "limit": rule.id,
        "name": rule.name._asdict(),
        "holder": rule.holder,
        "weight": rule.weight,
        "budget": {"text": str(limit), "zh": limit.zh, "en": limit.en},
        "basis": rule.basis._asdict(),
        "verified": rule.verified,
        "silence": told_silence(silence_of(rules, clock)),
        "state": str(view.state),
        "unserved": notice,
        "started_on": clock.started_on,
        "begins_on": view.begins_on,
        "due_on": view.due_on,
        "deadline": view.deadline,
        "stopped_on": view.ledger.stopped_on if over else None,
        "met": view.met,
        "consumed": view.consumed,
        "remaining": view.remaining,
        "overrun": view.overrun,
        "provisional": view.provisional,
        "calendar": clock.calendar.version,
        "segments": [
            {
                "from": segment.first,
                "to": segment.last,
                "kind": str(segment.kind),
                "counted": segment.counted,
                "why": segment.why._asdict(),
            }
            for segment in segments(view)
        ],
        "without_effect": [
            {"event": entry.event, "on": entry.on, "working_days": entry.working_days}
            for entry in view.ledger.without_effect
        ]
        or None,
        # An act on the last day may arrive after the end: then the clock was met, and breaches are withdrawn.
        "fired": [
            {**one, "withdrawn": True} if one["kind"] in (*ENDED, EXPIRED) and view.met else one for one in fired
        ],
    }
    return {key: value for key, value in body.items() if value is not None}
