"""The tables of licences 制造计量器具许可证, their terms, and the type approvals known to licensing."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB, UUID

from shared.casework.models import cases, summaries
from shared.grants import LASTING

metadata = MetaData()

type_approvals = Table(
    "type_approvals",
    metadata,
    # The case in the type approval service; all columns come from its events.
    Column("case_id", UUID(as_uuid=False), primary_key=True),
    Column("application", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("certificate", Text),
    Column("lines", JSONB, nullable=False),
    # How its certificate ended, if it did: `on`, and why in both languages.
    Column("ended", JSONB(none_as_null=True)),
    # The orders on its certificate that are in force: `act`, and what is ordered in both languages.
    Column("orders", JSONB, nullable=False, server_default="[]"),
    CheckConstraint("status IN ('running', 'in_force', 'ended')", name="type_approvals_status"),
    CheckConstraint(
        "CASE status WHEN 'running' THEN certificate IS NULL WHEN 'in_force' THEN certificate IS NOT NULL ELSE"
        " (certificate IS NULL) = (ended IS NULL) END",
        name="type_approvals_certificate",
    ),
    Index("type_approvals_party", text("party(holder)")),
)

# The status of a licence is the state of its case. Lock that case before changing a row or relying on it.
licences = Table(
    "licences",
    metadata,
    Column("number", Text, primary_key=True),
    # The case of the first application; its journal records the whole life of the licence.
    Column("case_id", UUID(as_uuid=False), ForeignKey(cases.c.id), nullable=False, unique=True),
    Column("holder", Text, nullable=False),
    Column("granted_on", Date, nullable=False),
    # The last day of validity.
    Column("valid_until", Date, nullable=False),
    # Not jsonb, so that the document keeps the order of its fields.
    Column("content", JSON, nullable=False),
    # The newest application for renewal; a single column, so that no licence has two in progress.
    Column("renewal", UUID(as_uuid=False), ForeignKey(cases.c.id), unique=True),
    # The newest application for new items or changed conditions, in the same way.
    Column("amendment", UUID(as_uuid=False), ForeignKey(cases.c.id), unique=True),
    # In the order of their ends, and each holder's however they are spelt.
    Index("licences_party", text("party(holder)"), "valid_until", "case_id"),
    info=LASTING,
)

licence_summaries = summaries("licence_summaries", metadata)

licence_terms = Table(
    "licence_terms",
    metadata,
    # The application on which the term was granted.
    Column("case_id", UUID(as_uuid=False), ForeignKey(cases.c.id), primary_key=True),
    Column("licence", Text, ForeignKey(licences.c.number), nullable=False),
    Column("kind", Text, nullable=False),
    Column("decided_on", Date, nullable=False),
    # First and last day.
    Column("begins", Date, nullable=False),
    Column("ends", Date, nullable=False),
    CheckConstraint("kind IN ('granted', 'renewed', 'deemed_renewed')", name="licence_terms_kind"),
    CheckConstraint("begins <= ends", name="licence_terms_span"),
    UniqueConstraint("licence", "begins", name="licence_terms_once"),
    info=LASTING,
)
