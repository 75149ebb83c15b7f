"""The tables with which a service publishes and consumes events without loss or duplicates."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

metadata = MetaData()

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("routing_key", Text, nullable=False),
    Column("event_id", UUID(as_uuid=False), nullable=False),
    Column("body", Text, nullable=False),
    Column("committed_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    # Set if the broker had no queue for the event: the row stays and is retried from then on.
    Column("retry_at", DateTime(timezone=True)),
    Index("outbox_partition_id", "partition", "id"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("source", Text, primary_key=True),
    Column("case_id", UUID(as_uuid=False), primary_key=True),
    # The case_seq of the newest event of this case that was handled.
    Column("last_seq", Integer, nullable=False),
    # Number of events of this case in `held`: if there are any, newer ones queue behind them.
    Column("held", Integer, nullable=False, server_default="0"),
    Column("duplicates", Integer, nullable=False, server_default="0"),
)

held = Table(
    "held",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    # The three are NULL for a message that is not an event.
    Column("source", Text),
    Column("case_id", UUID(as_uuid=False)),
    Column("case_seq", Integer),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False),
    Column("held_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    # NULL while the event waits for an earlier one of its case, or is parked.
    Column("next_try_at", DateTime(timezone=True)),
    Column("parked_at", DateTime(timezone=True)),
    UniqueConstraint("source", "case_id", "case_seq", name="held_event"),
    CheckConstraint("parked_at IS NULL OR next_try_at IS NULL", name="held_parked_is_not_tried"),
    Index("held_due", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
)

parked_log = Table(
    "parked_log",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    Column("held_id", BigInteger, nullable=False),
    Column("source", Text),
    Column("case_id", UUID(as_uuid=False)),
    Column("case_seq", Integer),
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    CheckConstraint("action IN ('redriven', 'discarded')", name="parked_log_action"),
    CheckConstraint("action <> 'discarded' OR reason IS NOT NULL", name="parked_log_discarded_with_reason"),
)
