"""Channels: the ways out of the office. In the inbox a message is once it is stored; by any other way it may fail.

A channel's own module finds what is due, takes it in hand for a while (`LEASE`), delivers it outside any transaction
and records what came of it. A process that is lost meanwhile leaves it to the next one.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from shared.observability import get_logger, metrics

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

log = get_logger(__name__)

LEASE = timedelta(minutes=15)
"""For so long nobody else delivers what one process has in hand: longer than any delivery takes."""
MAX_ERROR = 500

T_contra = TypeVar("T_contra", contravariant=True)


class NotDelivered(Exception):  # noqa: N818 - an outcome, not a failure of ours
    """The reason, for people to read. `again`: another try may succeed, not before `after` has passed."""

    def __init__(self, reason: str, *, again: bool = True, after: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.again = again
        self.after = after


class ChannelDown(NotDelivered):
    """Nothing can be delivered this way now. That is not the content's fault: it waits, and has had no try."""


class Channel(Protocol[T_contra]):
    """`waits`: how long after each try that failed the next one comes; after the last wait and try, none."""

    @property
    def name(self) -> str: ...

    @property
    def waits(self) -> Sequence[timedelta]: ...

    def deliver(self, content: T_contra, /) -> None:
        """Raises NotDelivered."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try: no `error` if it was delivered; with an error and no next try, it has failed. `counts`: it
    was a try of the content, of which there are only so many."""

    error: str | None = None
    next_try_at: datetime | None = None
    counts: bool = True

    @property
    def delivered(self) -> bool:
        return self.error is None


def attempt(channel: Channel[T_contra], content: T_contra, *, key: str, tries: int, now: datetime) -> Outcome:
    """Try to deliver; `tries` counts this one too. `key` identifies the content in the log."""
    try:
        channel.deliver(content)
    except NotDelivered as raised:
        failure = raised
    except Exception as error:
        log.exception("channel_failed", channel=channel.name, key=key)
        failure = NotDelivered(repr(error))
    else:
        metrics.deliveries.labels(channel.name, "delivered").inc()
        return Outcome()
    counts, reason = not isinstance(failure, ChannelDown), str(failure)
    at = next_try(channel.waits, tries if counts else 1, now, key, failure.after) if failure.again else None
    log.warning("not_delivered", channel=channel.name, key=key, tries=tries, error=reason, next_try_at=at)
    metrics.deliveries.labels(channel.name, "later" if at else "failed").inc()
    return Outcome(reason[:MAX_ERROR], at, counts)


def next_try(
    waits: Sequence[timedelta], tries: int, now: datetime, key: str, after: timedelta = timedelta(0)
) -> datetime | None:
    """When to try again after `tries` in vain, not before `after` has passed; None: not any more.

    Up to a tenth later, by the key, so that what failed together does not come back together.
    """
    if tries > len(waits):
        return None
    return now + max(waits[tries - 1], after) * (1 + zlib.crc32(f"{key} {tries}".encode()) / 2**32 / 10)
