"""Cases, messaging, documents, and C marks."""

from __future__ import annotations

from alembic import op

from services.c_mark.models import mark_summaries
from shared.anchors.migrations import v1 as log
from shared.calendars.migrations import v1 as calendars
from shared.casework import summaries
from shared.casework.migrations import v1, v2, v3, v4, v5, v6, v7
from shared.documents.migrations import v1 as issues
from shared.documents.migrations import v2 as notices
from shared.identity.migrations import v1 as identity
from shared.messaging.migrations import v1 as messaging
from shared.uploads.migrations import v1 as uploads

revision = "0001"
down_revision = None

UP = """
CREATE TABLE marks (
    number text PRIMARY KEY,
    case_id uuid NOT NULL UNIQUE REFERENCES cases (id),
    holder text NOT NULL,
    granted_on date NOT NULL,
    valid_until date,
    content json NOT NULL
);
CREATE INDEX marks_holder ON marks (holder);
"""
MARKS = "SELECT case_id::text AS id, content FROM marks"
TABLES = ("case_summaries", "mark_summaries")
PARTS = (messaging, v2, v3, v4, identity, v5, calendars)


def upgrade() -> None:
    v1.upgrade()
    op.execute(UP)
    for part in PARTS:
        part.upgrade()
    v6.upgrade()
    v6.make(mark_summaries, MARKS, lambda row: summaries.of_permit(row.content))
    v7.upgrade(*TABLES)
    issues.upgrade("marks")
    for part in (notices, uploads, log):
        part.upgrade()


def downgrade() -> None:
    for part in (log, uploads, notices, issues):
        part.downgrade()
    v7.downgrade(*TABLES)
    op.execute("DROP TABLE mark_summaries;")
    v6.downgrade()
    for part in reversed(PARTS):
        part.downgrade()
    op.execute("DROP TABLE marks;")
    v1.downgrade()
