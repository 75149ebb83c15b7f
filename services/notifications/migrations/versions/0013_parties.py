"""Organisations are identified as parties in the feed, webhooks, contacts and inboxes."""

from __future__ import annotations

from alembic import op

from shared.identity.migrations import v1 as identity

revision = "0013"
down_revision = "0012"

# Inboxes of people and posts keep their names. The function is schema-qualified, because from PostgreSQL 17 on
# maintenance commands do not search `public`.
UP = """
CREATE FUNCTION inbox_of(inbox text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF inbox ~ '^(applicant|lab):' THEN
        RETURN split_part(inbox, ':', 1) || ':' || public.party(substr(inbox, strpos(inbox, ':') + 1));
    END IF;
    RETURN inbox;
END $$;

CREATE INDEX messages_inbox_of ON messages (inbox_of(inbox), id);
CREATE INDEX messages_unread_of ON messages (inbox_of(inbox), id) WHERE read_at IS NULL;
DROP INDEX messages_inbox, messages_unread;
CREATE INDEX feed_party ON feed (party(applicant), position) WHERE position IS NOT NULL;
CREATE INDEX feed_lab_party ON feed (party(lab), position) WHERE position IS NOT NULL AND lab IS NOT NULL;
DROP INDEX feed_applicant, feed_lab;
CREATE INDEX webhooks_party ON webhooks (side, party(organisation));
DROP INDEX webhooks_owner;
CREATE INDEX contacts_party ON contacts (party(organisation));
"""

DOWN = """
DROP INDEX contacts_party;
CREATE INDEX webhooks_owner ON webhooks (side, organisation);
DROP INDEX webhooks_party;
CREATE INDEX feed_applicant ON feed (applicant, position) WHERE position IS NOT NULL;
CREATE INDEX feed_lab ON feed (lab, position) WHERE position IS NOT NULL AND lab IS NOT NULL;
DROP INDEX feed_party, feed_lab_party;
CREATE INDEX messages_inbox ON messages (inbox, id);
CREATE INDEX messages_unread ON messages (inbox, id) WHERE read_at IS NULL;
DROP INDEX messages_inbox_of, messages_unread_of;
DROP FUNCTION inbox_of(text);
"""


def upgrade() -> None:
    identity.upgrade()
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
    identity.downgrade()
