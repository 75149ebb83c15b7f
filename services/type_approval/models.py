"""The tables of type approval certificates 型式批准证书, and of the registers of laboratories, people and standards.

The tables of cases and messaging are in `shared`."""

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
from sqlalchemy.dialects.postgresql import BYTEA, JSON, UUID

from shared.casework.models import cases, summaries

metadata = MetaData()

# The status of a certificate is the state of its case. Lock that case before changing a row or relying on it.
certificates = Table(
    "certificates",
    metadata,
    Column("number", Text, primary_key=True),
    Column("case_id", UUID(as_uuid=False), ForeignKey(cases.c.id), nullable=False, unique=True),
    Column("holder", Text, nullable=False),
    Column("granted_on", Date, nullable=False),
    # Not jsonb, so that the document keeps the order of its fields.
    Column("content", JSON, nullable=False),
    Index("certificates_holder", "holder"),
)

certificate_summaries = summaries("certificate_summaries", metadata)

register_entries = Table(
    "register_entries",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    # laboratories, people or standards.
    Column("register", Text, nullable=False),
    # The laboratory itself, or that whose person or standard it is, as `party` writes it.
    Column("lab", Text, nullable=False),
    # By which the register names it, as it is compared.
    Column("key", Text, nullable=False),
    # How many versions it has, and the hash of the newest.
    Column("versions", Integer, nullable=False),
    Column("head", BYTEA, nullable=False),
    UniqueConstraint("register", "lab", "key", name="register_entries_once"),
    Index("register_entries_order", "register", "id"),
)

register_versions = Table(
    "register_versions",
    metadata,
    Column("entry", UUID(as_uuid=False), ForeignKey(register_entries.c.id), primary_key=True),
    Column("number", Integer, primary_key=True),
    # The day from which it holds, and whether the entry is ended from that day.
    Column("since", Date, nullable=False),
    Column("ended", Boolean, nullable=False),
    # The version that this one corrects: that one stays readable, and counts no more.
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
)

register_summaries = summaries("register_summaries", metadata, of=register_entries)
