"""The table of issues: every version of every certificate and licence, and every notice, as ordered and as made."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, UUID

from shared.casework.models import cases
from shared.grants import kept_but

metadata = MetaData()

# The list of what has ended, as it was signed last: one row.
status_lists = Table(
    "status_lists",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # What it says but for when, as canonical JSON: by it a change is told.
    Column("content", Text, nullable=False),
    Column("jws", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
)

issues = Table(
    "issues",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    # Of the certificate, licence or notice; versions are counted from 1.
    Column("number", Text, nullable=False),
    Column("issue", Integer, nullable=False),
    # The kind of notice; empty for a certificate or licence.
    Column("notice", Text),
    # The case that is told once the document is made.
    Column("case_id", UUID(as_uuid=False), ForeignKey(cases.c.id), nullable=False),
    # What the QR code says besides the number.
    Column("code", Text, nullable=False),
    # Not jsonb: a document keeps its fields in the order they are read in.
    Column("content", JSON, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("causation_id", Text, nullable=False),
    # From here on all is empty until the document is made; then nothing of the row changes any more (a trigger).
    Column("made_at", DateTime(timezone=True)),
    Column("json", LargeBinary),
    Column("jws", Text),
    Column("pdf", LargeBinary),
    # SHA-256 of the PDF, hexadecimal.
    Column("sha256", Text),
    # The key that signed, and what drew the page.
    Column("kid", Text),
    Column("made_with", Text),
    # Tries that failed, why the last one did, and when the next is due.
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("retry_at", DateTime(timezone=True)),
    UniqueConstraint("number", "issue", name="issues_once"),
    CheckConstraint("num_nulls(made_at, json, jws, pdf, sha256, kid, made_with) IN (0, 7)", name="issues_made_whole"),
    Index("issues_waiting", "id", postgresql_where=text("made_at IS NULL")),
    info=kept_but("made_at", "json", "jws", "pdf", "sha256", "kid", "made_with", "attempts", "error", "retry_at"),
)
