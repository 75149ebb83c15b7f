"""Delivery channels outside the office. A message is in the inbox once it is stored; any other delivery may fail.

Each channel's module claims what is due for a while (`LEASE`), delivers it outside any transaction, and records the
outcome. If the process is lost meanwhile, another one delivers after the lease has expired.
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
"""How long one process may hold a message exclusively: longer than any delivery takes."""
MAX_ERROR = 500

T_contra = TypeVar("T_contra", contravariant=True)


class NotDelivered(Exception):  # noqa: N818 - an outcome, not a failure of ours
    """The reason, for people to read. `again`: a retry may succeed, but not before `after` has passed."""

    def __init__(self, reason: str, *, again: bool = True, after: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.again = again
        self.after = after


class ChannelDown(NotDelivered):
    """The channel itself is unavailable: the message waits, and this does not count as an attempt."""


class Channel(Protocol[T_contra]):
    """`waits` are the delays after each failed attempt; if the attempt after the last delay fails too, it was the
    last."""

    @property
    def name(self) -> str: ...

    @property
    def waits(self) -> Sequence[timedelta]: ...

    def deliver(self, content: T_contra, /) -> None:
        """Raises NotDelivered."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an attempt: delivered if there is no `error`; failed for good if there is an error and no next
    try. `counts`: the attempt counts against the limited number of attempts."""

    error: str | None = None
    next_try_at: datetime | None = None
    counts: bool = True

    @property
    def delivered(self) -> bool:
        return self.error is None


def attempt(channel: Channel[T_contra], content: T_contra, *, key: str, tries: int, now: datetime) -> Outcome:
    """Try to deliver; `tries` includes this attempt. `key` identifies the content in the log."""
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
    """When to try again after `tries` failed attempts, not before `after` has passed; None: no more.

    Adds up to a tenth, derived from the key, so that messages that failed together are not all retried together.
    """
    if tries > len(waits):
        return None
    return now + max(waits[tries - 1], after) * (1 + zlib.crc32(f"{key} {tries}".encode()) / 2**32 / 10)
