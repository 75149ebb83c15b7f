"""Rate limits per caller."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from shared.problems import Problem
from shared.text import Text

if TYPE_CHECKING:
    from limits import RateLimitItem


class RateLimit:
    """Counts requests per caller in a moving window, per process. With `allowed` None there is no limit."""

    def __init__(self, allowed: RateLimitItem | None) -> None:
        self._allowed = allowed
        self._counted = MovingWindowRateLimiter(MemoryStorage())

    def admit(self, caller: str) -> None:
        """Count a request of `caller`. Raises Problem if it exceeds the limit; a refused request is not counted."""
        if self._allowed is None or self._counted.hit(self._allowed, caller):
            return
        reset = self._counted.get_window_stats(self._allowed, caller).reset_time
        wait = max(1, math.ceil(reset - time.time()))
        raise Problem(
            "rate_limited",
            Text(
                f"同一来源超过{self._allowed}：请等待{wait}秒后重发同一请求",
                f"more than {self._allowed} from one caller: wait {wait} s and send the same request again",
            ),
            extra={"retry_after": wait},
        )
