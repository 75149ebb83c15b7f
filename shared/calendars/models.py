"""The table of notices."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

metadata = MetaData()

# Rows are never changed: a newer notice of the same year and area takes the place of the older.
calendars = Table(
    "calendars",
    metadata,
    # The library's calendar is version 0.
    Column("version", Integer, primary_key=True),
    # Made of its content and of the notice before it: the same in every service.
    Column("id", UUID(as_uuid=False), nullable=False, unique=True),
    Column("year", Integer, nullable=False),
    # Empty: of the whole country.
    Column("area", Text, nullable=False),
    Column("days", JSONB, nullable=False),
    Column("sources", ARRAY(Text), nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("version BETWEEN 1 AND 9999", name="calendars_version"),
    CheckConstraint("cardinality(sources) > 0", name="calendars_from_somewhere"),
)
