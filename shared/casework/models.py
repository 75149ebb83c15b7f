"""The tables of cases, their journal and their numbers."""

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
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSON, JSONB, UUID

from shared.grants import KEPT, LASTING

metadata = MetaData()

cases = Table(
    "cases",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    # Empty while the case is a draft: a draft is not an application, it has no number and no clock.
    Column("number", Text, unique=True),
    Column("procedure", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Counts the moves; the ETag of the case.
    Column("version", Integer, nullable=False),
    # Counts the journal entries: the moves, and notes that change nothing.
    Column("entries", Integer, nullable=False),
    # Counts the events told of the case.
    Column("events", Integer, nullable=False),
    # Credit code or organisation code of the applicant; whose case it is, `party` says of it.
    Column("applicant", Text, nullable=False),
    # The laboratory that may see the case, once one is commissioned.
    Column("lab", Text),
    # The rule set pinned at receipt.
    Column("rules", Text),
    # Who did which action last: what four-eyes rules look at.
    Column("done_by", JSONB, nullable=False),
    Column("data", JSONB, nullable=False),
    # Hash of the newest journal entry.
    Column("head", BYTEA, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    # Who handles the case, for lists: the subject of the `assignee` in `data`.
    Column("assignee", Text),
    # The id of the office that decides it.
    Column("office", Text, nullable=False, server_default="provincial"),
    CheckConstraint(
        "NOT (done_by ->> 'grant' IN (done_by ->> 'review', done_by ->> 'reject_preliminarily')"
        " OR done_by ->> 'refuse' IN (done_by ->> 'review', done_by ->> 'reject_preliminarily'))",
        name="cases_decider_is_not_examiner",
    ),
    CheckConstraint("state IN ('draft', 'discarded') OR number IS NOT NULL", name="cases_number_when_submitted"),
    Index("cases_party", text("party(applicant)"), "id"),
    Index("cases_party_updated", text("party(applicant)"), "updated_at", "id"),
    Index("cases_lab_party", text("party(lab)"), "id", postgresql_where=text("lab IS NOT NULL")),
    # The laboratory that the office named for what is asked once a permit is granted.
    Index("cases_checker", text("party(data #>> '{checker,lab}')"), postgresql_where=text("data ? 'checker'")),
    # Those who assess on site, each as `party` calls them.
    Index("cases_team", text("team(data)"), postgresql_using="gin", postgresql_where=text("data ? 'assessment_plan'")),
    Index("cases_state", "state", "id"),
    # The province, which has most cases, sees those of all offices.
    Index("cases_office", "office", "id", postgresql_where=text("office <> 'provincial'")),
    # In the order of characters (COLLATE "C"), which is more than a column's name can say here.
    Index("cases_number_order", "number", postgresql_where=text("number IS NOT NULL")),
    # Of drafts, only their applicants ask.
    Index("cases_updated", "updated_at", "id", postgresql_where=text("state <> 'draft'")),
    Index("cases_unassigned", "id", postgresql_where=text("assignee IS NULL AND state <> 'draft'")),
    Index("cases_assignee", "assignee", "id", postgresql_where=text("assignee IS NOT NULL")),
    info=LASTING,
)


SMALL, BIG = 8, 13
"""A small part of a table of summaries has so many bits of places, a big one so many."""
INDEXED = "located(tokens, place)"
"""What the index has of a summary: its tokens, and in which small and which big part of the table it is."""


def summaries(name: str, metadata: MetaData, of: Table = cases) -> Table:
    """A table of summaries (see `shared.casework.summaries`) of cases, of permits, which have the id of the case on
    which they were granted, or of the rows of another table."""
    return Table(
        name,
        metadata,
        Column("id", UUID(as_uuid=False), ForeignKey(of.c.id), primary_key=True),
        # What lists show, its fields in the order they are read in.
        Column("shown", JSON, nullable=False),
        # The texts it is found by, a line each, and what the index has of them.
        Column("said", Text, nullable=False),
        Column("tokens", ARRAY(Text), nullable=False),
        # The order in which they were first written.
        Column("place", BigInteger, Identity(), nullable=False),
        Index(f"{name}_place", "place", unique=True),
        Index(f"{name}_tokens", text(INDEXED), postgresql_using="gin"),
    )


case_summaries = summaries("case_summaries", metadata)

journal = Table(
    "journal",
    metadata,
    Column("case_id", UUID(as_uuid=False), ForeignKey("cases.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("reason", Text),
    # As text: the hash is over these very bytes.
    Column("data", Text, nullable=False),
    Column("hash", BYTEA, nullable=False),
    # What the step's event told that clocks depend on, as text: the hash covers these bytes too. Empty where nothing
    # was told, and in entries older than the column.
    Column("told", Text),
    info=KEPT,
)

number_series = Table(
    "number_series",
    metadata,
    Column("series", Text, primary_key=True),
    Column("next", Integer, nullable=False),
)
