"""The register of experts."""

from shared.registers.migrations import v1 as registers

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    registers.upgrade()


def downgrade() -> None:
    registers.downgrade()
