"""The one place where `now` comes from."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from shared.runtime.config import Timekeeping

if TYPE_CHECKING:
    from shared.runtime.config import Settings

LEGAL_ZONE = ZoneInfo("Asia/Shanghai")
"""Legal dates are dates in this zone (no daylight saving since 1992)."""


def legal_date(instant: datetime) -> date:
    """The date on which `instant` falls for the law."""
    return instant.astimezone(LEGAL_ZONE).date()


class TimeSource(Protocol):
    """Tells `now`; domain code takes `now` as an argument and never asks."""

    def now(self, given: datetime | None = None) -> datetime:
        """The instant of a call, UTC; `given` is what the caller asked for, if anything."""

    def arrival(self, occurred: datetime) -> datetime:
        """The instant at which an event that occurred at `occurred` takes effect here, UTC."""


class WallTime:
    """The machine's clock. What a caller gives is used only where `accepts_given` (never in production)."""

    def __init__(self, *, accepts_given: bool) -> None:
        self.accepts_given = accepts_given

    def now(self, given: datetime | None = None) -> datetime:
        return given if given is not None and self.accepts_given else datetime.now(UTC)

    def arrival(self, occurred: datetime) -> datetime:  # noqa: ARG002 - the protocol's argument
        return datetime.now(UTC)


class GivenTime:
    """Time as the callers give it: an event takes effect at the instant it occurred, so a story can be told
    in any year and told again with the same dates."""

    accepts_given = True

    def now(self, given: datetime | None = None) -> datetime:
        return given if given is not None else datetime.now(UTC)

    def arrival(self, occurred: datetime) -> datetime:
        return occurred


def time_source(settings: Settings) -> TimeSource:
    """Where the time comes from, as the settings say."""
    if settings.timekeeping is Timekeeping.GIVEN:
        return GivenTime()
    return WallTime(accepts_given=settings.development)
