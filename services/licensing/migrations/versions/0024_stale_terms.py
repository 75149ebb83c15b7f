"""The term of an entry that was taken back is not a term of the licence that was entered again with its number."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.execute(
        "DELETE FROM licence_terms AS term USING cases, licences"
        " WHERE cases.id = term.case_id AND cases.state = 'entry_taken_back'"
        " AND licences.number = term.licence AND licences.case_id <> term.case_id"
    )


def downgrade() -> None:
    """Nothing asks for a term that was none."""
