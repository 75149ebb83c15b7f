"""The tables of registers: entries, their versions, and what lists find them by."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import BYTEA, UUID

from shared.casework.models import summaries
from shared.grants import KEPT, LASTING

metadata = MetaData()

register_entries = Table(
    "register_entries",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    # The register, by its id.
    Column("register", Text, nullable=False),
    # Whose entry it is, as `party` writes it.
    Column("owner", Text, nullable=False),
    # By which the register names it, as it is compared.
    Column("key", Text, nullable=False),
    # How many versions it has, and the hash of the newest.
    Column("versions", Integer, nullable=False),
    Column("head", BYTEA, nullable=False),
    UniqueConstraint("register", "owner", "key", name="register_entries_once"),
    Index("register_entries_order", "register", "id"),
    info=LASTING,
)

register_versions = Table(
    "register_versions",
    metadata,
    Column("entry", UUID(as_uuid=False), ForeignKey(register_entries.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    # The day from which it holds, and whether the entry is ended from that day.
    Column("since", Date, nullable=False),
    Column("ended", Boolean, nullable=False),
    # The version that this one corrects: that one stays readable, and no longer counts.
    Column("supersedes", Integer),
    # First and last day on which what it says is valid: an authorisation, a registration, a calibration.
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("reason", Text),
    # As text: the hash is over these very bytes.
    Column("data", Text, nullable=False),
    Column("hash", BYTEA, nullable=False),
    info=KEPT,
)

register_summaries = summaries("register_summaries", metadata, of=register_entries)
