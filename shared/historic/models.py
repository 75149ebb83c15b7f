"""The table of the files from which historic permits were entered."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from shared.grants import KEPT

metadata = MetaData()

# The files from which historic permits were entered, as they were.
permit_loads = Table(
    "permit_loads",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    # What the register is called.
    Column("source", Text, nullable=False),
    # Of the file, hexadecimal.
    Column("sha256", Text, nullable=False),
    Column("file", LargeBinary, nullable=False),
    # How many permits were entered from it.
    Column("entered", Integer, nullable=False),
    info=KEPT,
)
