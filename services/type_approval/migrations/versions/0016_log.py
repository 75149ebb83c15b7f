"""A log of the journal and of documents, and its checkpoints."""

from shared.anchors.migrations import v1 as anchors

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    anchors.upgrade()


def downgrade() -> None:
    anchors.downgrade()
