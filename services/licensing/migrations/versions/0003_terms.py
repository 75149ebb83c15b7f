"""The terms of a licence and its renewal in progress; the status of a licence is now only the state of its case."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

UP = """
CREATE TABLE licence_terms (
    case_id uuid PRIMARY KEY REFERENCES cases (id),
    licence text NOT NULL REFERENCES licences (number),
    kind text NOT NULL,
    decided_on date NOT NULL,
    begins date NOT NULL,
    ends date NOT NULL,
    CONSTRAINT licence_terms_kind CHECK (kind IN ('granted', 'renewed', 'deemed_renewed')),
    CONSTRAINT licence_terms_span CHECK (begins <= ends),
    CONSTRAINT licence_terms_once UNIQUE (licence, begins)
);
INSERT INTO licence_terms SELECT case_id, number, 'granted', granted_on, granted_on, valid_until FROM licences;

ALTER TABLE licences ADD COLUMN renewal uuid UNIQUE REFERENCES cases (id);
ALTER TABLE licences DROP COLUMN status;
"""

DOWN = """
ALTER TABLE licences ADD COLUMN status text NOT NULL DEFAULT 'valid'
    CONSTRAINT licences_status CHECK (status IN ('valid'));
ALTER TABLE licences ALTER COLUMN status DROP DEFAULT;
ALTER TABLE licences DROP COLUMN renewal;
DROP TABLE licence_terms;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
