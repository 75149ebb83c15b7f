"""The owner of a message, when it was read, and the digest that included it."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

# Older messages go to the inbox of their organisation or, in the office, to that of the post they were for.
UP = """
ALTER TABLE staff
    ADD COLUMN delivery text NOT NULL DEFAULT 'digest',
    ADD CONSTRAINT staff_delivery CHECK (delivery IN ('digest', 'at_once'));

CREATE TABLE digests (
    person text NOT NULL REFERENCES staff (subject),
    day date NOT NULL,
    PRIMARY KEY (person, day)
);

ALTER TABLE messages
    ALTER COLUMN case_id DROP NOT NULL,
    ADD COLUMN inbox text,
    ADD COLUMN language text NOT NULL DEFAULT 'both',
    ADD COLUMN digest uuid REFERENCES messages (id),
    ADD COLUMN read_at timestamptz,
    DROP CONSTRAINT messages_state,
    ADD CONSTRAINT messages_state
        CHECK (state IN ('kept', 'waiting', 'digested', 'queued', 'sent', 'failed')) NOT VALID,
    ADD CONSTRAINT messages_digested_are_told CHECK ((state = 'digested') = (digest IS NOT NULL)) NOT VALID;
ALTER TABLE messages VALIDATE CONSTRAINT messages_state, VALIDATE CONSTRAINT messages_digested_are_told;
UPDATE messages SET inbox = CASE recipient
    WHEN 'applicant' THEN 'applicant:' || applicant
    WHEN 'laboratory' THEN 'lab:' || coalesce(lab, '')
    WHEN 'authority' THEN 'post:section_head'
    WHEN 'assignee' THEN 'post:section_head'
    ELSE 'post:' || recipient
END FROM tracked_cases WHERE tracked_cases.id = case_id;
ALTER TABLE messages ALTER COLUMN inbox SET NOT NULL, ALTER COLUMN language DROP DEFAULT;
CREATE INDEX messages_inbox ON messages (inbox, id);
CREATE INDEX messages_unread ON messages (inbox, id) WHERE read_at IS NULL;
CREATE INDEX messages_waiting ON messages (at, inbox) WHERE state = 'waiting';
CREATE INDEX messages_failed ON messages (id) WHERE state = 'failed';
"""

DOWN = """
DROP INDEX messages_failed, messages_waiting, messages_unread, messages_inbox;
UPDATE messages SET digest = NULL, state = 'kept' WHERE state IN ('waiting', 'digested');
DELETE FROM messages WHERE case_id IS NULL;
ALTER TABLE messages
    DROP CONSTRAINT messages_state,
    ADD CONSTRAINT messages_state CHECK (state IN ('kept', 'queued', 'sent', 'failed')),
    DROP CONSTRAINT messages_digested_are_told,
    DROP COLUMN read_at,
    DROP COLUMN digest,
    DROP COLUMN language,
    DROP COLUMN inbox,
    ALTER COLUMN case_id SET NOT NULL;
DROP TABLE digests;
ALTER TABLE staff DROP COLUMN delivery;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
