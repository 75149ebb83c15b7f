"""The table of type approval certificates 型式批准证书. The tables of cases and messaging are in `shared`."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSON, UUID

from shared.casework.models import cases, summaries

metadata = MetaData()

certificates = Table(
    "certificates",
    metadata,
    Column("number", Text, primary_key=True),
    Column("case_id", UUID(as_uuid=False), ForeignKey(cases.c.id), nullable=False, unique=True),
    Column("holder", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("granted_on", Date, nullable=False),
    # Not jsonb, so that the document keeps the order of its fields.
    Column("content", JSON, nullable=False),
    CheckConstraint("status IN ('in_force')", name="certificates_status"),
    Index("certificates_holder", "holder"),
)

certificate_summaries = summaries("certificate_summaries", metadata)
