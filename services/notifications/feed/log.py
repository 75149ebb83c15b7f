"""The feed: every event of every case in one fixed order, so that readers can catch up.

Events are stored in the transactions that handle or publish them. These commit in any order, so a number drawn inside
them could let a reader skip an event that is not committed yet. Instead, one appender at a time assigns positions to
committed events: nothing is ever inserted before an event that a reader has seen. The events of one case keep their
order, because each of its transactions waits for the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import func, select, text

from services.notifications.models import feed, feed_mark
from shared.http.cases import FACES
from shared.identity import Role
from shared.problems import Problem
from shared.sql import Statement
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Row, Select

    from services.notifications.cases import TrackedCase
    from shared.identity import Actor
    from shared.messaging.envelope import Event
    from shared.runtime.database import Store

APPEND_PAGE = 5000
CLEAN_PAGE = 1000
KEPT_DAYS = 35
"""Integrators are promised 30 days."""
MAX_CURSOR = 2**63 - 1


@dataclass(slots=True)
class Feed:
    """Events to be added to the feed, stored in one statement."""

    _rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, case: TrackedCase, event: Event) -> None:
        """Add an event; `case` is the state after it. A laboratory sees the events of a case from its commission on."""
        self._rows.append(
            {
                "nr": len(self._rows),
                "event_id": event.id,
                "source": event.source,
                "type": event.type,
                "time": event.time,
                "service": case.source,
                "number": case.number,
                "state": event.data["state"],
                "applicant": case.applicant,
                "lab": case.lab,
                "named": case.named,
                "office": case.office,
            }
        )

    def store(self, tx: Connection) -> None:
        if self._rows:
            _ADD(tx, rows=orjson.dumps(self._rows).decode())


def append(store: Store) -> int:
    """Assign positions to all committed events without one, and wake the subscriptions that want them; returns how many
    events.

    Does nothing while another appender is running.
    """
    appended = 0
    while True:
        with store.transaction() as tx:
            if tx.execute(_MARK).first() is None:
                return appended
            # A separate statement: only a statement that starts later sees what the previous appender did.
            count = int(tx.execute(_APPEND, {"page": APPEND_PAGE}).scalar_one())
        appended += count
        if count < APPEND_PAGE:
            return appended


def clean(store: Store) -> int:
    """Delete events older than promised, in bounded transactions; returns how many."""
    cleaned = 0
    while True:
        with store.transaction() as tx:
            count = int(tx.execute(_CLEAN, {"page": CLEAN_PAGE, "days": KEPT_DAYS}).scalar_one())
        cleaned += count
        if count < CLEAN_PAGE:
            return cleaned


def events_after(
    tx: Connection, actor: Actor, *, after: int, limit: int, types: Collection[str] = ()
) -> list[dict[str, Any]]:
    """The events after the cursor that `actor` may see, as CloudEvents; only those of `types`, if given.

    Raises Problem for an unusable cursor.
    """
    mark = tx.execute(select(feed_mark.c.position, feed_mark.c.cleaned)).one()
    if after > mark.position:
        raise Problem(
            "malformed",
            Text(
                f"after={after}：尚无该位置的事件，请原样使用`next`",
                f"after={after}: no event has this position yet; use `next` unchanged",
            ),
        )
    if 0 < after < mark.cleaned:
        raise Problem(
            "cursor_expired",
            Text(
                f"事件保存{KEPT_DAYS}天，其后的部分事件已删除：请重新读取案件，再不带`after`继续",
                f"events are kept {KEPT_DAYS} days, and some after this one were deleted: read your cases again, then"
                " continue without `after`",
            ),
        )
    asked = queries(actor, after=after, until=mark.position, limit=limit, types=types)
    found = {row.position: row for query in asked for row in tx.execute(query)}
    return [cloud_event(found[position], actor.role) for position in sorted(found)[:limit]]


def queries(actor: Actor, *, after: int, until: int, limit: int, types: Collection[str] = ()) -> list[Select[Any]]:
    """What together find the first `limit` events that `actor` may see, each along an index of its own.

    `until` is a position that all of them know: what is appended between two of them is not for either.
    """
    place = feed.c
    query = select(feed).where(place.position > after, place.position <= until).order_by(place.position).limit(limit)
    if not actor.sees_every_office:
        query = query.where(place.office == actor.office)
    if types:
        query = query.where(place.type.in_(types))
    if actor.role is Role.APPLICANT:
        return [query.where(func.party(place.applicant) == actor.party)]
    if actor.role is Role.LAB:
        return [query.where(func.party(lab) == actor.party) for lab in (place.lab, place.named)]
    return [query.where(func.party(place.applicant) != actor.party)] if actor.party else [query]


def sequence(position: int) -> str:
    """A feed position as a CloudEvents `sequence`, zero-padded so that it also sorts as text."""
    return f"{position:0{_SEQUENCE_DIGITS}}"


def cloud_event(row: Row[Any], role: Role) -> dict[str, Any]:
    """A row of the feed as shown to that role; `href` leads to the details."""
    return {
        "specversion": "1.0",
        "id": row.event_id,
        "source": row.source,
        "type": row.type,
        "subject": row.number,
        "time": row.time,
        "sequence": sequence(row.position),
        "datacontenttype": "application/json",
        "data": {"state": row.state, "service": row.service, "href": f"{FACES[role]}/{row.number}"},
    }


_SEQUENCE_DIGITS = 19
"""As many digits as the largest bigint."""
_ADD = Statement(
    "feed_add",
    "INSERT INTO feed (event_id, source, type, time, service, number, state, applicant, lab, named, office)"
    " SELECT event_id, source, type, time, service, number, state, applicant, lab, named, office"
    " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (nr integer, event_id uuid, source text, type text,"
    " time timestamptz, service text, number text, state text, applicant text, lab text, named text,"
    " office text)"
    " ORDER BY nr",
)
_MARK = text("SELECT position FROM feed_mark FOR UPDATE SKIP LOCKED")
_APPEND = text(
    "WITH fresh AS (SELECT id, row_number() OVER (ORDER BY id) AS nr"
    " FROM (SELECT id FROM feed WHERE position IS NULL ORDER BY id LIMIT :page) AS oldest),"
    " placed AS (UPDATE feed SET position = feed_mark.position + nr FROM fresh, feed_mark WHERE feed.id = fresh.id"
    " RETURNING feed.position, type, applicant, lab, named), counted AS (SELECT count(*) AS placed FROM placed),"
    " moved AS (UPDATE feed_mark SET position = position + placed FROM counted WHERE placed > 0),"
    # A subscription with nothing pending starts at its first wanted event: earlier ones did not concern it.
    " wanted AS (SELECT webhooks.id, min(position) AS first, max(position) AS last FROM placed CROSS JOIN LATERAL"
    " (VALUES ('applicant', party(applicant)), ('lab', party(lab)), ('lab', party(named))) AS reader (side, party)"
    " JOIN webhooks ON webhooks.side = reader.side AND party(webhooks.organisation) = reader.party"
    " WHERE types = '{}' OR type = ANY(types) GROUP BY webhooks.id),"
    " told AS (UPDATE webhooks SET head = last, cursor = CASE WHEN head > cursor THEN cursor ELSE first - 1 END"
    " FROM wanted WHERE webhooks.id = wanted.id)"
    " SELECT placed FROM counted"
)
_CLEAN = text(
    "WITH oldest AS (SELECT id, stored_at FROM feed WHERE position IS NOT NULL ORDER BY position LIMIT :page),"
    " gone AS (DELETE FROM feed USING oldest WHERE feed.id = oldest.id"
    " AND oldest.stored_at < clock_timestamp() - make_interval(days => :days) RETURNING feed.position),"
    " counted AS (SELECT count(*) AS gone, max(position) AS newest FROM gone),"
    " moved AS (UPDATE feed_mark SET cleaned = newest FROM counted WHERE newest > cleaned)"
    " SELECT gone FROM counted"
)
