"""Webhook subscriptions: who gets which events, at which URL, signed with which secret."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_bytes
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from services.notifications.feed.log import sequence
from services.notifications.models import feed_mark
from services.notifications.webhooks.models import webhook_deliveries, webhooks
from shared.casework.queries import is_id
from shared.messaging.envelope import new_id
from shared.problems import Problem
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

    from shared.identity import Actor

MAX_WEBHOOKS = 10
"""Subscriptions per organisation."""
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
OVERLAP_HOURS = 24
MAX_OVERLAP_HOURS = 72
REASONS = {
    "failing": {"zh": "一天内多次推送均未成功", "en": "every attempt in a day failed"},
    "gone": {"zh": "接收方答复410，不再接收", "en": "the receiver answered 410: it no longer wants events"},
}
"""Why sending stopped."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription; empty `types` means all events. The fields are columns of `models.webhooks`."""

    id: str
    url: str
    types: Sequence[str]
    state: str
    reason: str | None
    disabled_at: datetime | None
    old_secret_until: datetime | None
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime


def list_webhooks(tx: Connection, actor: Actor) -> list[Webhook]:
    """The subscriptions of the actor's organisation, oldest first."""
    return [_webhook(row) for row in tx.execute(_own(actor).order_by(webhooks.c.id))]


def get_webhook(tx: Connection, actor: Actor, webhook_id: str, *, lock: bool = False) -> Webhook:
    """Raises Problem if the actor's organisation has no such subscription."""
    query = _own(actor).where(webhooks.c.id == webhook_id)
    row = tx.execute(query.with_for_update() if lock else query).first() if is_id(webhook_id) else None
    if row is None:
        raise Problem(
            "not_found", Text(f"贵单位没有推送{webhook_id}", f"your organisation has no webhook {webhook_id}")
        )
    return _webhook(row)


def create_webhook(tx: Connection, actor: Actor, told: Mapping[str, Any], now: datetime) -> tuple[Webhook, str]:
    """Subscribe the actor's organisation to all later events; returns the subscription and its secret.

    Raises Problem if the organisation has reached the maximum.
    """
    # The lock keeps the appender and other subscribers out.
    position = tx.execute(select(feed_mark.c.position).with_for_update()).scalar_one()
    if len(list_webhooks(tx, actor)) >= MAX_WEBHOOKS:
        raise Problem(
            "wrong_state",
            Text(
                f"贵单位已有{MAX_WEBHOOKS}个推送，不能再增加：请修改或删除一个",
                f"your organisation already has {MAX_WEBHOOKS} webhooks, the maximum: change or delete one",
            ),
        )
    secret = new_secret()
    row = tx.execute(
        insert(webhooks)
        .values(
            id=new_id(),
            side=str(actor.role),
            organisation=actor.organisation,
            url=told["url"],
            types=told["types"],
            secret=secret,
            cursor=position,
            head=position,
            next_try_at=now,
            created_at=now,
            created_by=actor.subject,
            updated_at=now,
        )
        .returning(*_COLUMNS)
    ).one()
    return _webhook(row), secret


def change_webhook(tx: Connection, webhook: Webhook, told: Mapping[str, Any], now: datetime) -> Webhook:
    """Change URL and event types from now on; a pending retry starts at once."""
    return _change(tx, webhook, now, url=told["url"], types=told["types"], tries=0, next_try_at=now)


def rotate_secret(tx: Connection, webhook: Webhook, overlap_hours: int, now: datetime) -> tuple[Webhook, str]:
    """Set a new secret; the old one also signs for `overlap_hours`."""
    secret = new_secret()
    until = now + timedelta(hours=overlap_hours)
    changed = _change(tx, webhook, now, old_secret=webhooks.c.secret, old_secret_until=until, secret=secret)
    return changed, secret


def enable_webhook(tx: Connection, webhook: Webhook, now: datetime) -> Webhook:
    """Resume sending, from the first event that did not arrive."""
    if webhook.state == "enabled":
        return webhook
    return _change(tx, webhook, now, state="enabled", reason=None, disabled_at=None, tries=0, next_try_at=now)


def delete_webhook(tx: Connection, webhook: Webhook) -> None:
    """Also deletes its log."""
    tx.execute(delete(webhooks).where(webhooks.c.id == webhook.id))


def deliveries_of(
    tx: Connection, webhook: Webhook, *, before: str | None, limit: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The progress of the subscription, and its log, newest first; `before` is the id of a delivery."""
    row = tx.execute(
        select(webhooks.c.cursor, webhooks.c.head, webhooks.c.tries, webhooks.c.next_try_at).where(
            webhooks.c.id == webhook.id
        )
    ).one()
    caught_up = row.cursor >= row.head
    progress = {"sequence": sequence(row.cursor), "caught_up": caught_up, "tries": row.tries}
    if webhook.state == "enabled" and not caught_up:
        progress["next_try_at"] = row.next_try_at
    log = webhook_deliveries.c
    query = select(webhook_deliveries).where(log.webhook_id == webhook.id).order_by(log.id.desc()).limit(limit)
    if before is not None:
        query = query.where(log.id < before)
    return progress, [_delivery(row) for row in tx.execute(query)]


def get_delivery(tx: Connection, delivery_id: str) -> dict[str, Any]:
    """A line of the log, which must exist."""
    return _delivery(tx.execute(select(webhook_deliveries).where(webhook_deliveries.c.id == delivery_id)).one())


def new_secret() -> str:
    """A new secret: the HMAC key in base64, after a prefix that says what it is (Standard Webhooks 1.0)."""
    return f"{SECRET_PREFIX}{b64encode(token_bytes(SECRET_BYTES)).decode()}"


def _change(tx: Connection, webhook: Webhook, now: datetime, **values: Any) -> Webhook:
    changed = update(webhooks).where(webhooks.c.id == webhook.id)
    noted = {"version": webhooks.c.version + 1, "updated_at": now}
    return _webhook(tx.execute(changed.values(**values, **noted).returning(*_COLUMNS)).one())


def _webhook(row: Any) -> Webhook:
    return Webhook(**row._asdict())


def _delivery(row: Row[Any]) -> dict[str, Any]:
    delivery = {
        "id": row.id,
        "at": row.at,
        "kind": row.kind,
        "try": row.tries,
        "outcome": row.outcome,
        "status": row.status,
        "milliseconds": row.milliseconds,
        "error": row.error,
        "events": row.events,
        "first_sequence": row.first and sequence(row.first),
        "last_sequence": row.last and sequence(row.last),
    }
    return {name: value for name, value in delivery.items() if value is not None}


_COLUMNS = tuple(webhooks.c[name] for name in Webhook.__slots__)


def _own(actor: Actor) -> Select[Any]:
    table = webhooks.c
    return select(*_COLUMNS).where(table.side == str(actor.role), func.party(table.organisation) == actor.party)
