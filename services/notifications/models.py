"""The tables: cases as known from events, clocks and fired rungs, messages and their recipients, the feed, the work
queue, and the times that cases took. Those of webhooks are theirs."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

metadata = MetaData()

tracked_cases = Table(
    "tracked_cases",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("source", Text, nullable=False),
    Column("number", Text, nullable=False, unique=True),
    Column("procedure", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("applicant", Text, nullable=False),
    Column("applicant_name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("lab", Text),
    # The case_seq of the newest event that was handled.
    Column("heard", Integer, nullable=False),
    # Number of events that this service published about the case.
    Column("events", Integer, nullable=False),
    # Who handles it: the `sub` of their token; `team` are codes of experts, the leader first.
    Column("assignee", Text),
    # The newest change of the law told of the case, or the day it began; NULL once the case is over.
    Column("law_as_of", Date),
    Column("office", Text, nullable=False, server_default="provincial"),
    Column("team", ARRAY(Text), nullable=False, server_default="{}"),
    # The laboratory that the office named for what is asked once a permit is granted.
    Column("named", Text),
    # Whether it began as a permit of before this system, not as an application.
    Column("entered", Boolean, nullable=False, server_default=false()),
    Index("tracked_cases_law", "procedure", "law_as_of", postgresql_where=text("law_as_of IS NOT NULL")),
    Index("tracked_cases_team", "team", postgresql_using="gin", postgresql_where=text("team <> '{}'")),
    Index("tracked_cases_lab_party", text("party(lab)"), postgresql_where=text("lab IS NOT NULL")),
)

clocks = Table(
    "clocks",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("case_id", UUID(as_uuid=False), ForeignKey("tracked_cases.id"), nullable=False),
    Column("limit_id", Text, nullable=False),
    Column("started_on", Date, nullable=False),
    # The ledger: everything that happened to the clock. All other columns are derived from it.
    Column("entries", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    # NULL while the clock does not run: a stopped clock cannot be late.
    Column("due_on", Date),
    Column("provisional", Boolean, nullable=False),
    # Byte-wise collation, so that versions sort.
    Column("calendar", Text(collation="C"), nullable=False),
    # When the next rung is due; NULL if none is.
    Column("next_at", DateTime(timezone=True)),
    # Who must act while it runs; NULL for a window, in which somebody may act.
    Column("holder", Text),
    # The day that selects the rows of the law.
    Column("law_on", Date, nullable=False),
    # When its last day moved after a rung had fired.
    Column("moved_on", Date),
    # The first of the days that are planned, while it runs; NULL if it is not about such days.
    Column("begins_on", Date),
    CheckConstraint("state IN ('running', 'paused', 'stopped', 'expired')", name="clocks_state"),
    CheckConstraint("(state = 'running') = (due_on IS NOT NULL)", name="clocks_due_while_running"),
    Index("clocks_case", "case_id"),
    Index("clocks_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("clocks_calendar", "calendar", postgresql_where=text("state IN ('running', 'paused')")),
)

firings = Table(
    "firings",
    metadata,
    # Inserting the row is the claim: a rung fires once per last day. Rows never change; a breach stays.
    Column("clock_id", UUID(as_uuid=False), ForeignKey("clocks.id"), primary_key=True),
    Column("rung", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("due_on", Date, primary_key=True),
    Column("fired_at", DateTime(timezone=True), nullable=False),
    # The day on which it fell due, even if noticed later.
    Column("day", Date, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    # NULL if the message is about several cases or none.
    Column("case_id", UUID(as_uuid=False), ForeignKey("tracked_cases.id")),
    # The recipient as the template or rung names it, and the owner of the inbox: see recipients.py.
    Column("recipient", Text, nullable=False),
    Column("inbox", Text, nullable=False),
    Column("address", Text),
    Column("template", Text, nullable=False),
    Column("template_version", Integer, nullable=False),
    # The text as sent.
    Column("language", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    # The subject in each language; NULL in messages of earlier releases.
    Column("subjects", JSONB),
    Column("at", DateTime(timezone=True), nullable=False),
    # State of its mail; the message is in the inbox in any state.
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_try_at", DateTime(timezone=True)),
    Column("sent_at", DateTime(timezone=True)),
    Column("error", Text),
    # The digest that included this message.
    Column("digest", UUID(as_uuid=False), ForeignKey("messages.id")),
    Column("read_at", DateTime(timezone=True)),
    CheckConstraint("state IN ('kept', 'waiting', 'digested', 'queued', 'sent', 'failed')", name="messages_state"),
    CheckConstraint("(state = 'queued') = (next_try_at IS NOT NULL)", name="messages_queued_are_tried"),
    CheckConstraint("(state = 'digested') = (digest IS NOT NULL)", name="messages_digested_are_told"),
    Index("messages_case", "case_id"),
    Index("messages_due", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
    Index("messages_inbox_of", text("inbox_of(inbox)"), "id"),
    Index("messages_unread_of", text("inbox_of(inbox)"), "id", postgresql_where=text("read_at IS NULL")),
    Index("messages_waiting", "at", "inbox", postgresql_where=text("state = 'waiting'")),
    Index("messages_failed", "id", postgresql_where=text("state = 'failed'")),
)

# Inserting the row is the claim: a person gets one digest a day.
digests = Table(
    "digests",
    metadata,
    Column("person", Text, ForeignKey("staff.subject"), primary_key=True),
    Column("day", Date, primary_key=True),
)

staff = Table(
    "staff",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("posts", ARRAY(Text), nullable=False),
    Column("language", Text, nullable=False),
    # How non-urgent messages are delivered.
    Column("delivery", Text, nullable=False, server_default="digest"),
    Column("office", Text, nullable=False, server_default="provincial"),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("language IN ('zh', 'en', 'both')", name="staff_language"),
    CheckConstraint("delivery IN ('digest', 'at_once')", name="staff_delivery"),
)

absences = Table(
    "absences",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("subject", Text, ForeignKey("staff.subject"), nullable=False),
    # Both days are part of the absence.
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("cover", Text, ForeignKey("staff.subject"), nullable=False),
    Column("noted_by", Text, nullable=False),
    Column("noted_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("first <= last", name="absences_days"),
    CheckConstraint("subject <> cover", name="absences_covered_by_another"),
    Index("absences_subject", "subject"),
)

contacts = Table(
    "contacts",
    metadata,
    # The role of the organisation's people; laboratory ids, credit codes and codes of experts are separate.
    Column("side", Text, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("email", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("side IN ('applicant', 'lab', 'expert')", name="contacts_side"),
    CheckConstraint("language IN ('zh', 'en', 'both')", name="contacts_language"),
    Index("contacts_party", text("party(organisation)")),
)

feed = Table(
    "feed",
    metadata,
    # The order of storing: it follows each case, but not the order of commits.
    Column("id", BigInteger, Identity(), primary_key=True),
    # The feed position that cursors name; NULL until assigned.
    Column("position", BigInteger),
    Column("event_id", UUID(as_uuid=False), nullable=False),
    Column("source", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False),
    # The service of the case, and its number.
    Column("service", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Who may read it.
    Column("applicant", Text, nullable=False),
    Column("lab", Text),
    Column("named", Text),
    Column("office", Text, nullable=False, server_default="provincial"),
    Column("stored_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Index("feed_fresh", "id", postgresql_where=text("position IS NULL")),
    Index("feed_position", "position", unique=True, postgresql_where=text("position IS NOT NULL")),
    Index("feed_party", text("party(applicant)"), "position", postgresql_where=text("position IS NOT NULL")),
    Index(
        "feed_lab_party",
        text("party(lab)"),
        "position",
        postgresql_where=text("position IS NOT NULL AND lab IS NOT NULL"),
    ),
    Index(
        "feed_named_party",
        text("party(named)"),
        "position",
        postgresql_where=text("position IS NOT NULL AND named IS NOT NULL"),
    ),
    # The province, which has most cases, reads those of all offices.
    Index(
        "feed_office",
        "office",
        "position",
        postgresql_where=text("position IS NOT NULL AND office <> 'provincial'"),
    ),
)

# One row; the transaction that locks it is the appender.
feed_mark = Table(
    "feed_mark",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    # The last position assigned, and the last one deleted.
    Column("position", BigInteger, nullable=False),
    Column("cleaned", BigInteger, nullable=False),
    CheckConstraint("one", name="feed_mark_one"),
)

# With which calendar programs read what is due for a person; organisation is empty for staff.
calendar_keys = Table(
    "calendar_keys",
    metadata,
    Column("side", Text, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    CheckConstraint("side IN ('applicant', 'lab', 'expert', 'staff')", name="calendar_keys_side"),
    Index("calendar_keys_digest", "digest", unique=True),
)

# Derived from cases and clocks, for reading only: see work.py.
work = Table(
    "work",
    metadata,
    Column("case_id", UUID(as_uuid=False), ForeignKey("tracked_cases.id"), primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("clock", Text, nullable=False),
    # Whether this is the first clock of its case to fall due; below, whether it stands for its case to that side.
    Column("lead", Boolean, nullable=False),
    Column("limit_id", Text),
    # The day that selects the row of the law.
    Column("law_on", Date),
    Column("due_on", Date),
    Column("provisional", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("applicant", Text, nullable=False),
    Column("applicant_name", Text, nullable=False),
    Column("assignee", Text),
    Column("office", Text, nullable=False, server_default="provincial"),
    Column("lab", Text),
    *(Column(f"leads_{side}", Boolean, nullable=False, server_default=text("true")) for side in ("applicant", "lab")),
    # As in clocks.
    Column("begins_on", Date),
    CheckConstraint("clock IN ('running', 'paused', 'none')", name="work_clock"),
    CheckConstraint("(clock = 'running') = (due_on IS NOT NULL)", name="work_due_while_running"),
    Index("work_due", "due_on", "number", postgresql_where=text("lead AND clock = 'running'")),
    Index("work_held", "holder", "due_on", "number", postgresql_where=text("clock = 'running'")),
    Index("work_assigned", "assignee", "due_on", "number"),
    Index("work_state", "procedure", "state", "due_on", "number"),
    Index("work_waiting", "clock", "number", postgresql_where=text("clock <> 'running'")),
    *(
        Index(f"work_{side}", text(f"party({side})"), "clock", f"leads_{side}", text(f"({others})"), "due_on", "number")
        for side, others in (
            ("applicant", "holder <> 'applicant'"),
            ("lab", "holder <> 'laboratory' AND holder <> 'checker'"),
        )
    ),
    Index("work_office", "office", "due_on", "number", postgresql_where=text("office <> 'provincial'")),
)

step_times = Table(
    "step_times",
    metadata,
    Column("clock_id", UUID(as_uuid=False), ForeignKey("clocks.id"), primary_key=True),
    Column("procedure", Text, nullable=False),
    Column("limit_id", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("ended_on", Date, nullable=False),
    # Working days on which the clock ran.
    Column("days", Integer, nullable=False),
    Column("in_time", Boolean, nullable=False),
    Column("office", Text, nullable=False, server_default="provincial"),
)

case_times = Table(
    "case_times",
    metadata,
    Column("case_id", UUID(as_uuid=False), ForeignKey("tracked_cases.id"), primary_key=True),
    Column("procedure", Text, nullable=False),
    Column("ended_on", Date, nullable=False),
    Column("ended_by", Text, nullable=False),
    # Whether the case ended with a decision delivered.
    Column("decided", Boolean, nullable=False),
    # Working days: in total, and by side; see statistics.py.
    Column("elapsed", Integer, nullable=False),
    Column("laboratory", Integer, nullable=False),
    Column("applicant", Integer, nullable=False),
    Column("authority", Integer, nullable=False),
    Column("other", Integer, nullable=False),
    Column("office", Text, nullable=False, server_default="provincial"),
    CheckConstraint("elapsed = laboratory + applicant + authority + other", name="case_times_add_up"),
    Index("case_times_ended", "procedure", "ended_on", postgresql_where=text("decided")),
)

# Distributions of the days in case_times (decided ones) and step_times: see statistics.py.
time_counts = Table(
    "time_counts",
    metadata,
    # What ended in the month, or on the day, that begins on this day.
    Column("grain", Text, primary_key=True),
    Column("starts_on", Date, primary_key=True),
    Column("procedure", Text, primary_key=True),
    # The limit whose clock ended; empty for whole cases.
    Column("step", Text, primary_key=True),
    # For a step, its holder; for a whole case, each side that held it, or `elapsed` for the total.
    Column("side", Text, primary_key=True),
    Column("office", Text, primary_key=True, server_default="provincial"),
    # Maps a number of working days to how many took that long.
    Column("counts", JSONB, nullable=False),
    Column("in_time", Integer, nullable=False),
    CheckConstraint("grain IN ('day', 'month')", name="time_counts_grain"),
)
