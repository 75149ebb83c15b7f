"""Deliver webhooks: claim what is due, send it outside any transaction, record the outcome."""

from __future__ import annotations

import hmac
import re
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import select

from services.messages.templates import templates
from services.notifications.delivery.channels import NotDelivered, attempt
from services.notifications.feed.log import KEPT_DAYS, events_after
from services.notifications.messages.collected import keep, message
from services.notifications.messages.recipients import Recipients
from services.notifications.models import feed_mark
from services.notifications.office.directory import EMPTY, contacts_of
from services.notifications.webhooks.subscriptions import REASONS, SECRET_PREFIX
from shared.http.outgoing import OutgoingError
from shared.identity import Actor, Role
from shared.identity.uscc import party
from shared.messaging.envelope import new_id
from shared.runtime.time import legal_date
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from services.notifications.webhooks.subscriptions import Webhook
    from shared.http.outgoing import Outgoing
    from shared.runtime.database import Store

EVENTS_PAGE = 100
"""Events per request."""
LEASE = timedelta(minutes=1)
"""How long one process may hold a subscription exclusively; a request takes at most a sixth of it."""
LOG_KEPT = timedelta(days=30)
CLEAN_PAGE = 1000
MAX_PAUSE = timedelta(days=1)
"""Upper bound for the receiver's Retry-After."""
_SECONDS = re.compile("[0-9]{1,99}")
BATCH_TYPE = "application/cloudevents-batch+json"
AGENT = "quanheng-webhooks/1"
TEST_TYPE = "webhook.tested"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One request to a receiver: CloudEvents in order. `id` is that of its line in the log."""

    url: str
    secrets: Sequence[str] = field(repr=False)
    events: Sequence[dict[str, Any]]
    at: datetime
    id: str = field(default_factory=new_id)


@dataclass(slots=True)
class Post:
    """The channel that sends one parcel, and afterwards holds the outcome."""

    outgoing: Outgoing
    name: str = "webhook"
    # Thirteen attempts in a day.
    waits: Sequence[timedelta] = tuple(
        timedelta(seconds=seconds)
        for seconds in (10, 30, 60, 120, 300, 600, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600, 10 * 3600)
    )
    outcome: str = "failed"
    status: int | None = None
    milliseconds: int | None = None

    @property
    def failed_for(self) -> str:
        """The key of REASONS if there is no further attempt."""
        return "gone" if self.outcome == "gone" else "failing"

    def deliver(self, parcel: Parcel, /) -> None:
        """Send it. Raises NotDelivered for every response other than 2xx; 410 means never to try again."""
        body = orjson.dumps(parcel.events)
        headers = {
            "Content-Type": BATCH_TYPE,
            "User-Agent": AGENT,
            **signed(parcel.secrets, parcel.id, parcel.at, body),
        }
        began = time.perf_counter()
        try:
            reply = self.outgoing.post(parcel.url, headers, body)
        except OutgoingError as error:
            self.outcome = error.outcome
            raise NotDelivered(error.detail) from error
        finally:
            self.milliseconds = round((time.perf_counter() - began) * 1000)
        self.status, self.outcome = reply.status, outcome_of(reply.status)
        if self.outcome != "delivered":
            reason = _REASONS[self.outcome].format(self.status)
            raise NotDelivered(reason, again=self.outcome != "gone", after=wait_asked(reply.retry_after, parcel.at))


_REASONS = {
    "gone": "the receiver answered 410: it no longer wants events",
    "redirected": "the receiver answered {}, and redirects are not followed: change the URL",
    "refused": "the receiver answered {}, which is not a success (2xx)",
}


def wait_asked(retry_after: str | None, now: datetime) -> timedelta:
    """The pause that the receiver's Retry-After asks for (RFC 9110, 10.2.3): seconds or a date, at most MAX_PAUSE."""
    given = (retry_after or "").strip()
    if _SECONDS.fullmatch(given):
        return timedelta(seconds=min(int(given), MAX_PAUSE.total_seconds()))
    try:
        until = parsedate_to_datetime(given)
    except (ValueError, OverflowError):
        return timedelta(0)
    # HTTP dates are in UTC, so read a date without zone as UTC.
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), MAX_PAUSE)


def outcome_of(status: int) -> str:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return "delivered"
    if status == HTTPStatus.GONE:
        return "gone"
    return "redirected" if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST else "refused"


def signed(secrets: Sequence[str], request: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that prove a request to its receiver (Standard Webhooks 1.0): its id, Unix seconds, and for each
    valid secret `v1,` and an HMAC-SHA256 in base64 over id, seconds and body, with full stops between them."""
    seconds = str(int(at.timestamp()))
    content = f"{request}.{seconds}.".encode() + body
    keys = (b64decode(secret.removeprefix(SECRET_PREFIX)) for secret in secrets)
    proofs = (b64encode(hmac.new(key, content, "sha256").digest()).decode() for key in keys)
    return {
        "Webhook-Id": request,
        "Webhook-Timestamp": seconds,
        "Webhook-Signature": " ".join(f"v1,{proof}" for proof in proofs),
    }


def waiting(store: Store, now: datetime, limit: int) -> int:
    """How many subscriptions are due, counted up to `limit`."""
    with store.reading() as tx:
        return int(_WAITING(tx, now=now, limit=limit).scalar_one())


def deliver_next(store: Store, outgoing: Outgoing, now: datetime, *, mail: bool) -> bool:
    """Send a page of events to the subscription that is due first; returns whether one was due. `mail`: see Messages.

    If the process is lost meanwhile, another one sends them again after the lease: events arrive at least once.
    """
    with store.transaction() as tx:
        taken = _TAKE(tx, now=now, until=now + LEASE).first()
        if taken is None:
            return False
        events, place = _due(tx, taken, now)
        mine = {"id": taken.id, "url": taken.url, "tries": taken.tries}
        if not events:
            _ARRIVED(tx, **mine, place=place, now=now)
            return True
    parcel = Parcel(taken.url, _secrets(taken, now), events, now)
    post = Post(outgoing)
    outcome = attempt(post, parcel, key=taken.id, tries=taken.tries, now=now)
    with store.transaction() as tx:
        log_delivery(tx, taken.id, parcel, post, kind="events", tries=taken.tries, error=outcome.error)
        if outcome.delivered:
            _ARRIVED(tx, **mine, place=place, now=now)
        elif outcome.next_try_at is not None:
            _TRY_AGAIN(tx, **mine, next_try=outcome.next_try_at)
        elif _DISABLE(tx, **mine, reason=post.failed_for, now=now).first():
            _tell_disabled(tx, taken, post.failed_for, events[0]["subject"], now, mail=mail)
    return True


def _tell_disabled(tx: Connection, taken: Any, reason: str, number: str, now: datetime, *, mail: bool) -> None:
    """Notify the organisation at its contact, else at the mail address of the case whose event did not arrive."""
    recipients = Recipients(contacts_of(tx, [taken.organisation]), EMPTY)
    address = _ADDRESS(tx, number=number, party=party(taken.organisation)).scalar()
    reader = recipients.organisation(taken.side, taken.organisation, _CALLED[taken.side], address)
    told = {"webhook": taken.id, "host": urlsplit(taken.url).hostname, "on": legal_date(now), **REASONS[reason]}
    keep(tx, [message(None, templates()["webhook.disabled"], reader, told, now, mail=mail)])


def _due(tx: Connection, taken: Any, now: datetime) -> tuple[list[dict[str, Any]], int]:
    """The next page of events, and the feed position up to which everything will have arrived with it."""
    cursor, cleaned = taken.cursor, tx.execute(select(feed_mark.c.cleaned)).scalar_one()
    if cursor < cleaned:
        _GONE(tx, id=taken.id, delivery=new_id(), at=now, cleaned=cleaned, error=_EXPIRED)
        cursor = cleaned
    reader = Actor("webhook", "webhook", Role(taken.side), taken.organisation)
    events = events_after(tx, reader, after=cursor, limit=EVENTS_PAGE, types=taken.types)
    if not events:
        return [], max(cursor, taken.head)
    last = int(events[-1]["sequence"])
    return events, last if len(events) == EVENTS_PAGE else max(last, taken.head)


def test_parcel(tx: Connection, webhook: Webhook, now: datetime) -> Parcel:
    """A test event for the subscription, enabled or disabled."""
    event = {
        "specversion": "1.0",
        "id": new_id(),
        "source": "notifications",
        "type": TEST_TYPE,
        "subject": webhook.id,
        "time": now,
        "datacontenttype": "application/json",
        "data": {"webhook": webhook.id},
    }
    return Parcel(webhook.url, _secrets(_SECRETS(tx, id=webhook.id).one(), now), [event], now)


def try_out(outgoing: Outgoing, parcel: Parcel) -> tuple[Post, str | None]:
    """Send it once; returns the channel with the outcome, and the reason if it did not arrive."""
    post = Post(outgoing)
    try:
        post.deliver(parcel)
    except NotDelivered as failure:
        return post, str(failure)
    return post, None


def log_delivery(
    tx: Connection, webhook_id: str, parcel: Parcel, post: Post, *, kind: str, tries: int, error: str | None
) -> None:
    """Write the log line of the parcel, if the subscription still exists."""
    places = [int(event["sequence"]) for event in parcel.events if "sequence" in event]
    _LOG(
        tx,
        id=parcel.id,
        webhook=webhook_id,
        at=parcel.at,
        kind=kind,
        tries=tries,
        outcome=post.outcome,
        status=post.status,
        milliseconds=post.milliseconds,
        error=error,
        events=len(parcel.events),
        first=places[0] if places else None,
        last=places[-1] if places else None,
    )


def clean_log(store: Store, now: datetime) -> int:
    """Delete log lines older than promised, in bounded transactions; returns how many."""
    cleaned = 0
    while True:
        with store.transaction() as tx:
            count = int(_CLEAN(tx, before=now - LOG_KEPT).rowcount)
        cleaned += count
        if count < CLEAN_PAGE:
            return cleaned


def _secrets(row: Any, now: datetime) -> list[str]:
    """The currently valid secrets, newest first."""
    old = row.old_secret is not None and row.old_secret_until > now
    return [row.secret, row.old_secret] if old else [row.secret]


_CALLED = {"applicant": "applicant", "lab": "laboratory"}
"""The recipient name in templates, by side."""
_EXPIRED = (
    f"events that waited longer than {KEPT_DAYS} days were deleted: read your cases again; the remaining events follow"
)
_DUE = "state = 'enabled' AND head > cursor AND next_try_at <= :now"
_WAITING = Statement(
    "webhooks_waiting", f"SELECT count(*) FROM (SELECT 1 FROM webhooks WHERE {_DUE} LIMIT :limit) AS due"
)
_TAKE = Statement(
    "webhooks_take",
    "UPDATE webhooks SET tries = tries + 1, next_try_at = :until WHERE id = (SELECT id FROM webhooks"
    f" WHERE {_DUE} ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " RETURNING id::text, side, organisation, url, types, cursor, head, tries, secret, old_secret, old_secret_until",
)
# Do nothing if the subscription was changed meanwhile, or claimed by another process after the lease.
_MINE = "id = CAST(CAST(:id AS text) AS uuid) AND url = :url AND tries = :tries"
_ARRIVED = Statement(
    "webhooks_arrived",
    f"UPDATE webhooks SET cursor = greatest(cursor, :place), tries = 0, next_try_at = :now WHERE {_MINE}",
)
_TRY_AGAIN = Statement("webhooks_try_again", f"UPDATE webhooks SET next_try_at = :next_try WHERE {_MINE}")
_DISABLE = Statement(
    "webhooks_disable",
    "UPDATE webhooks SET state = 'disabled', reason = :reason, disabled_at = :now, updated_at = :now,"
    f" version = version + 1 WHERE {_MINE} RETURNING 1",
)
_SECRETS = Statement(
    "webhooks_secrets",
    "SELECT secret, old_secret, old_secret_until FROM webhooks WHERE id = CAST(CAST(:id AS text) AS uuid)",
)
_ADDRESS = Statement(
    "webhooks_address", "SELECT email FROM tracked_cases WHERE number = :number AND party(applicant) = :party"
)
_GONE = Statement(
    "webhooks_gone",
    "WITH moved AS (UPDATE webhooks SET cursor = :cleaned WHERE id = CAST(CAST(:id AS text) AS uuid) RETURNING id)"
    " INSERT INTO webhook_deliveries (id, webhook_id, at, kind, tries, outcome, error, events)"
    " SELECT CAST(CAST(:delivery AS text) AS uuid), id, CAST(:at AS timestamptz), 'events', 0, 'events_expired',"
    " :error, 0 FROM moved",
)
_LOG = Statement(
    "webhook_deliveries_add",
    "INSERT INTO webhook_deliveries (id, webhook_id, at, kind, tries, outcome, status, milliseconds, error, events,"
    " first, last) SELECT CAST(CAST(:id AS text) AS uuid), id, CAST(:at AS timestamptz), :kind,"
    " CAST(:tries AS integer), :outcome, CAST(:status AS integer), CAST(:milliseconds AS integer), :error,"
    " CAST(:events AS integer), CAST(:first AS bigint), CAST(:last AS bigint)"
    " FROM webhooks WHERE id = CAST(CAST(:webhook AS text) AS uuid) FOR KEY SHARE",
)
_CLEAN = Statement(
    "webhook_deliveries_clean",
    "DELETE FROM webhook_deliveries WHERE id = ANY(ARRAY(SELECT id FROM webhook_deliveries WHERE at < :before"
    f" ORDER BY at LIMIT {CLEAN_PAGE}))",
)
