"""An index that finds the cases of an expert who assesses on site."""

from __future__ import annotations

from alembic import op

# An expression and not a text, so that its names are resolved here: from PostgreSQL 17 on, maintenance commands do not
# search `public`.
_TEAM = """
CREATE FUNCTION team(data jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
 RETURN (SELECT array_agg(party(member ->> 'code')) FROM jsonb_array_elements(data #> '{assessment_plan,team}')
  AS member WHERE member ->> 'code' IS NOT NULL);
CREATE INDEX cases_team ON cases USING gin (team(data)) WITH (fastupdate = off) WHERE data ? 'assessment_plan';
"""


def upgrade() -> None:
    op.execute(_TEAM)


def downgrade() -> None:
    op.execute("DROP INDEX cases_team")
    op.execute("DROP FUNCTION team(jsonb)")
