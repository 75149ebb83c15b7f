"""The table of holiday notices."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from shared.grants import KEPT

metadata = MetaData()

# Rows never change: a newer notice for the same year and area supersedes the older one.
calendars = Table(
    "calendars",
    metadata,
    # The library's calendar is version 0.
    Column("version", Integer, primary_key=True),
    # Derived from its content and the previous notice, so it is the same in every service.
    Column("id", UUID(as_uuid=False), nullable=False, unique=True),
    Column("year", Integer, nullable=False),
    # Empty for the whole country.
    Column("area", Text, nullable=False),
    Column("days", JSONB, nullable=False),
    Column("sources", ARRAY(Text), nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("version BETWEEN 1 AND 9999", name="calendars_version"),
    CheckConstraint("cardinality(sources) > 0", name="calendars_from_somewhere"),
    info=KEPT,
)
