"""The daily digest: the non-urgent messages of each staff member who chose one mail per day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from itertools import groupby
from typing import TYPE_CHECKING, Any

from services.messages.templates import phrases, templates
from services.notifications.messages.collected import keep, message
from services.notifications.messages.recipients import Recipients
from services.notifications.office.directory import read_directory
from services.notifications.office.work import days_left
from shared.calendars import current
from shared.runtime.time import LEGAL_ZONE, legal_date
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection, Row

    from shared.law import WorkingCalendar
    from shared.runtime.database import Store

DIGEST_AT = time(8)
"""In the legal time zone: it has arrived when the office opens."""
PAGE = 50
"""People per transaction."""


def compose(store: Store, now: datetime) -> int:
    """Compose the digests that are due; returns how many. Uses bounded transactions; several processes may run at once.

    Each person gets one a day, however late it is composed. It covers every message that waited at the digest hour.
    """
    hour = datetime.combine(legal_date(now), DIGEST_AT, LEGAL_ZONE)
    composed = 0
    while now >= hour:
        with store.transaction() as tx:
            people = _CLAIM(tx, hour=hour, day=hour.date()).scalars().all()
            if people:
                _write(tx, people, hour, now)
        if not people:
            break
        composed += len(people)
    return composed


def _write(tx: Connection, people: Sequence[str], hour: datetime, now: datetime) -> None:
    day = hour.date()
    recipients, calendar = Recipients({}, read_directory(tx, day)), current(tx).newest
    waiting: dict[str, list[Row[Any]]] = {subject: [] for subject in people}
    for row in _WAITING(tx, hour=hour, inboxes=[f"staff:{subject}" for subject in people]):
        waiting[row.person].append(row)
    digests: list[dict[str, Any]] = []
    told: dict[str, str] = {}
    for subject, rows in waiting.items():
        # An absent person's digest also goes to their cover.
        reader = recipients.person(subject, "digest", day)
        reader = replace(reader, inbox=reader.inbox.replace("staff:", "digest:", 1), digest=False)
        digest = message(None, templates()["digest"], reader, _context(rows, day, calendar), now, mail=True)
        digests.append(digest)
        told |= dict.fromkeys((row.id for row in rows), digest["id"])
    keep(tx, digests)
    _TELL(tx, ids=list(told), digests=list(told.values()))


def _context(rows: Sequence[Row[Any]], today: date, calendar: WorkingCalendar) -> Mapping[str, Any]:
    """The template fields; `rows` are grouped by case, the first due first."""
    cases: dict[str, list[str]] = {"zh": [], "en": []}
    for (number, applicant, due_on), group in groupby(rows, lambda row: (row.number, row.applicant_name, row.due_on)):
        subjects = [f"  · {row.subject}" for row in group]
        for language, standing in _standing(due_on, today, calendar).items():
            cases[language] += [f"{number} {applicant} · {standing}", *subjects, ""]
    texts = {language: "\n".join(lines).rstrip() for language, lines in cases.items()}
    return {"day": today, "count": len(rows), "cases_zh": texts["zh"], "cases": texts["en"]}


def _standing(due_on: date | None, today: date, calendar: WorkingCalendar) -> Mapping[str, str]:
    """The time left, by language."""
    if due_on is None:
        return phrases()["unlimited"].say()
    left = days_left(today, due_on, calendar)
    name = "today" if due_on == today else "left" if left >= 0 else "late"
    return phrases()[name].say(days=abs(left), due_on=due_on)


_CLAIM = Statement(
    "digests_claim",
    "INSERT INTO digests (person, day) SELECT person, CAST(:day AS date) FROM (SELECT DISTINCT"
    " substr(inbox, 7) AS person FROM messages WHERE state = 'waiting' AND at < CAST(:hour AS timestamptz) AND NOT"
    " EXISTS (SELECT 1 FROM digests WHERE person = substr(inbox, 7) AND day = CAST(:day AS date))"
    f" LIMIT {PAGE}) AS due ORDER BY person ON CONFLICT DO NOTHING RETURNING person",
)
_WAITING = Statement(
    "digests_waiting",
    "SELECT messages.id::text, substr(inbox, 7) AS person, subject, tracked_cases.number, tracked_cases.applicant_name,"
    " due_on FROM messages JOIN tracked_cases ON tracked_cases.id = messages.case_id LEFT JOIN work ON"
    " work.case_id = messages.case_id AND lead WHERE messages.state = 'waiting' AND at < CAST(:hour AS timestamptz)"
    " AND inbox = ANY(CAST(:inboxes AS text[])) ORDER BY due_on NULLS LAST, number, messages.id",
)
_TELL = Statement(
    "digests_tell",
    "UPDATE messages SET state = 'digested', digest = told.digest FROM unnest(CAST(CAST(:ids AS text[]) AS uuid[]),"
    " CAST(CAST(:digests AS text[]) AS uuid[])) AS told (id, digest) WHERE messages.id = told.id",
)
