"""The tables of type approval certificates 型式批准证书; those of cases, registers and messaging are in `shared`."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSON, UUID

from shared.casework.models import cases, summaries
from shared.grants import LASTING

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
    Index("certificates_party", text("party(holder)"), "case_id"),
    # Which certificates take the place of another.
    Index(
        "certificates_replaces",
        text("(content ->> 'replaces')"),
        postgresql_where=text("content ->> 'replaces' IS NOT NULL"),
    ),
    info=LASTING,
)

certificate_summaries = summaries("certificate_summaries", metadata)
