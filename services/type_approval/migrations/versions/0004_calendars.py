"""Holiday notices."""

from shared.calendars.migrations import v1 as calendars

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    calendars.upgrade()


def downgrade() -> None:
    calendars.downgrade()
