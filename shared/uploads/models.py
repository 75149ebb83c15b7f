"""The tables of documents that were sent, and of who read them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID

from shared.casework.models import cases
from shared.grants import KEPT, kept_but

metadata = MetaData()

uploads = Table(
    "uploads",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("case_id", UUID(as_uuid=False), ForeignKey(cases.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("media", Text, nullable=False),
    # In bytes.
    Column("size", BigInteger, nullable=False),
    # Of the content, hexadecimal; where the store keeps it.
    Column("sha256", Text, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("added_by", Text, nullable=False),
    # The version in whose place it was put.
    Column("replaces", UUID(as_uuid=False), ForeignKey("uploads.id")),
    # When it became part of the case; empty while it is only its sender's.
    Column("filed_at", DateTime(timezone=True)),
    # When its sender took it back, before it was part of the case.
    Column("removed_at", DateTime(timezone=True)),
    # What the virus scanner says: waiting, clean or infected; empty where no scanner was asked.
    Column("scan", Text),
    Index("uploads_of_case", "case_id", "added_at"),
    Index("uploads_content", "sha256"),
    Index("uploads_versions", "replaces", unique=True, postgresql_where=text("removed_at IS NULL")),
    Index("uploads_unscanned", "added_at", postgresql_where=text("scan = 'waiting'")),
    info=kept_but("filed_at", "removed_at", "scan"),
)

upload_reads = Table(
    "upload_reads",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("upload_id", UUID(as_uuid=False), ForeignKey(uploads.c.id), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Index("upload_reads_of_upload", "upload_id", "id"),
    info=KEPT,
)
