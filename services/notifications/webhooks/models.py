"""Tables of webhooks and of what is still to be sent to them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

metadata = MetaData()

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    # The owner: the role of the organisation's people, as in contacts.
    Column("side", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("url", Text, nullable=False),
    # Event types; empty: all.
    Column("types", ARRAY(Text), nullable=False),
    # The secret as the receiver has it; it signs the requests.
    Column("secret", Text, nullable=False),
    Column("old_secret", Text),
    Column("old_secret_until", DateTime(timezone=True)),
    # Feed positions: everything up to `cursor` has arrived; `head` is the last wanted event.
    Column("cursor", BigInteger, nullable=False),
    Column("head", BigInteger, nullable=False),
    # Attempts to send the next page, and when the next attempt may start.
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_try_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False, server_default="enabled"),
    Column("reason", Text),
    Column("disabled_at", DateTime(timezone=True)),
    # Counts changes that concern the owner, not delivery progress.
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("side IN ('applicant', 'lab')", name="webhooks_side"),
    CheckConstraint("state IN ('enabled', 'disabled')", name="webhooks_state"),
    CheckConstraint("reason IN ('failing', 'gone')", name="webhooks_reason"),
    CheckConstraint(
        "(state = 'disabled') = (reason IS NOT NULL) AND (reason IS NULL) = (disabled_at IS NULL)",
        name="webhooks_disabled_for_a_reason",
    ),
    CheckConstraint("(old_secret IS NULL) = (old_secret_until IS NULL)", name="webhooks_old_secret_ends"),
    Index("webhooks_party", "side", text("party(organisation)")),
    Index("webhooks_due", "next_try_at", postgresql_where=text("state = 'enabled' AND head > cursor")),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("webhook_id", UUID(as_uuid=False), ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    Column("milliseconds", Integer),
    Column("error", Text),
    Column("events", Integer, nullable=False),
    # Feed positions.
    Column("first", BigInteger),
    Column("last", BigInteger),
    CheckConstraint("kind IN ('events', 'test')", name="webhook_deliveries_kind"),
    Index("webhook_deliveries_log", "webhook_id", "id"),
    Index("webhook_deliveries_at", "at"),
)
