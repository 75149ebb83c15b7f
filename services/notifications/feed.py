"""The feed: every event of every case in one order that never changes, so that whoever was away can catch up.

Events are stored in the transactions that hear or tell them. Those commit in any order, so a number drawn while they
run would let a reader pass by an event that is not committed yet. The place in the feed is given afterwards, by one
appender at a time, to what is committed: what a reader has seen, nothing is ever put in front of. The events of one
case come in their order, since each of its transactions waits for the one before.
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

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Row

    from services.notifications.book import TrackedCase
    from shared.identity import Actor
    from shared.messaging.envelope import Event
    from shared.runtime.database import Store

APPEND_PAGE = 5000
CLEAN_PAGE = 1000
KEPT_DAYS = 35
"""Integrators are promised 30."""
MAX_CURSOR = 2**63 - 1


@dataclass(slots=True)
class Feed:
    """Events on their way into the feed, stored together in one statement."""

    _rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, case: TrackedCase, event: Event) -> None:
        """An event of the case, which is as after it: a laboratory reads of a case from its commission on."""
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
            }
        )

    def store(self, tx: Connection) -> None:
        if self._rows:
            _ADD(tx, rows=orjson.dumps(self._rows).decode())


def append(store: Store) -> int:
    """Give a place to every event that is committed and has none, and tell the subscriptions that want it; to how many.

    Does nothing while another does it.
    """
    appended = 0
    while True:
        with store.transaction() as tx:
            if tx.execute(_MARK).first() is None:
                return appended
            # A statement of its own: what the appender before us did is seen only by a statement begun after it.
            count = int(tx.execute(_APPEND, {"page": APPEND_PAGE}).scalar_one())
        appended += count
        if count < APPEND_PAGE:
            return appended


def clean(store: Store) -> int:
    """Delete what is older than promised, in bounded transactions; how many events."""
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
    """The events `actor` may see after the cursor, as CloudEvents; where `types` are given, of those alone.

    Raises Problem for a cursor that cannot be used.
    """
    mark = tx.execute(select(feed_mark.c.position, feed_mark.c.cleaned)).one()
    if after > mark.position:
        raise Problem("malformed", f"after={after}: no event has this place yet; follow `next` as it was given")
    if 0 < after < mark.cleaned:
        raise Problem(
            "cursor_expired",
            f"events are kept {KEPT_DAYS} days and some after this one are gone: read your cases again, then go on "
            "without `after`",
        )
    place = feed.c
    query = select(feed).where(place.position > after).order_by(place.position).limit(limit)
    if actor.role is Role.APPLICANT:
        query = query.where(func.party(place.applicant) == actor.party)
    elif actor.role is Role.LAB:
        query = query.where(func.party(place.lab) == actor.party)
    elif actor.party:
        query = query.where(func.party(place.applicant) != actor.party)
    if types:
        query = query.where(place.type.in_(types))
    return [cloud_event(row, actor.role) for row in tx.execute(query)]


def sequence(position: int) -> str:
    """A place in the feed as CloudEvents want it: later ones sort after earlier ones as texts, too."""
    return f"{position:0{_SEQUENCE_DIGITS}}"


def cloud_event(row: Row[Any], role: Role) -> dict[str, Any]:
    """A row of the feed for readers of that role: who wants more follows the link."""
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
"""As many as the largest bigint has."""
_ADD = Statement(
    "feed_add",
    "INSERT INTO feed (event_id, source, type, time, service, number, state, applicant, lab)"
    " SELECT event_id, source, type, time, service, number, state, applicant, lab"
    " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (nr integer, event_id uuid, source text, type text,"
    " time timestamptz, service text, number text, state text, applicant text, lab text) ORDER BY nr",
)
_MARK = text("SELECT position FROM feed_mark FOR UPDATE SKIP LOCKED")
_APPEND = text(
    "WITH fresh AS (SELECT id, row_number() OVER (ORDER BY id) AS nr"
    " FROM (SELECT id FROM feed WHERE position IS NULL ORDER BY id LIMIT :page) AS oldest),"
    " placed AS (UPDATE feed SET position = feed_mark.position + nr FROM fresh, feed_mark WHERE feed.id = fresh.id"
    " RETURNING feed.position, type, applicant, lab), counted AS (SELECT count(*) AS placed FROM placed),"
    " moved AS (UPDATE feed_mark SET position = position + placed FROM counted WHERE placed > 0),"
    # A subscription that waited for nothing begins at its first event: what was gone before it, it does not miss.
    " wanted AS (SELECT webhooks.id, min(position) AS first, max(position) AS last FROM placed CROSS JOIN LATERAL"
    " (VALUES ('applicant', party(applicant)), ('lab', party(lab))) AS reader (side, party)"
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
