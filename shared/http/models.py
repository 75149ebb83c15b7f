"""The table of responses stored under an idempotency key."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, MetaData, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

metadata = MetaData()

idempotency = Table(
    "idempotency",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", BYTEA, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Index("idempotency_age", "created_at"),
)
