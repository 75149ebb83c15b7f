"""Licences 制造计量器具许可证, and what licensing knows of type approvals."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSON, JSONB, UUID

from shared.casework.models import cases

metadata = MetaData()

type_approvals = Table(
    "type_approvals",
    metadata,
    # The case of the type approval service; everything here was learnt from its events.
    Column("case_id", UUID(as_uuid=False), primary_key=True),
    Column("application", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("certificate", Text),
    Column("lines", JSONB, nullable=False),
    CheckConstraint("status IN ('running', 'in_force', 'ended')", name="type_approvals_status"),
    CheckConstraint("(status = 'in_force') = (certificate IS NOT NULL)", name="type_approvals_certificate"),
    Index("type_approvals_holder", "holder"),
)

licences = Table(
    "licences",
    metadata,
    Column("number", Text, primary_key=True),
    Column("case_id", UUID(as_uuid=False), ForeignKey(cases.c.id), nullable=False, unique=True),
    Column("holder", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("granted_on", Date, nullable=False),
    # The last day on which it holds.
    Column("valid_until", Date, nullable=False),
    # Not jsonb: a document keeps its fields in the order they are read in.
    Column("content", JSON, nullable=False),
    CheckConstraint("status IN ('valid')", name="licences_status"),
    Index("licences_holder", "holder"),
)
