"""The notices of holidays that came after the library: read from files, published once, kept by every service.

notifications publishes; the others keep what it tells, and so count alike.
"""

from shared.calendars.files import read
from shared.calendars.store import PUBLISHED, current, keep, publish, published

__all__ = ["PUBLISHED", "current", "keep", "publish", "published", "read"]
