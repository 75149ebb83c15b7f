"""The table of C marks; those of cases and messaging are in `shared`."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSON, UUID

from shared.casework.models import cases, summaries
from shared.grants import LASTING

metadata = MetaData()

# The status of a mark is the state of its case. Lock that case before changing a row or relying on it.
marks = Table(
    "marks",
    metadata,
    Column("number", Text, primary_key=True),
    Column("case_id", UUID(as_uuid=False), ForeignKey(cases.c.id), nullable=False, unique=True),
    Column("holder", Text, nullable=False),
    # The day of the decision, or of the declaration.
    Column("granted_on", Date, nullable=False),
    # The last day of validity; empty for a declaration.
    Column("valid_until", Date),
    # Not jsonb, so that the document keeps the order of its fields.
    Column("content", JSON, nullable=False),
    # In the order of their ends; what has none is last.
    Index("marks_party", text("party(holder)"), text("coalesce(valid_until, '9999-12-31'::date)"), "case_id"),
    info=LASTING,
)

mark_summaries = summaries("mark_summaries", metadata)
