"""Holiday notices."""

from shared.calendars.migrations import v1 as calendars

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    calendars.upgrade()


def downgrade() -> None:
    calendars.downgrade()
