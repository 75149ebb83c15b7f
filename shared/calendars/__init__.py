"""Holiday notices newer than the library: read from files, published once, stored by every service.

one service publishes them; the others store the events, so all count with the same calendar.
"""

from shared.calendars.files import read
from shared.calendars.store import PUBLISHED, current, keep, publish, published

__all__ = ["PUBLISHED", "current", "keep", "publish", "published", "read"]
