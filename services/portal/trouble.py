"""What went wrong with a form, as its page says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.portal.client import ProblemError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ELSEWHERE = frozenset({401, 404})
"""Refusals that are about the page and not the form: to sign in again, or nothing there."""
_INTERNAL = 500
_NOTICES = {
    "in_progress": "form.under_way",
    "rate_limited": "form.under_way",
    "key_reused": "form.sent_before",
}
_AGAIN = frozenset({"form.under_way", "form.unavailable"})


class TroubleError(Exception):
    """Why what was sent was not done. `notice` is the name of the text that says so; without one the `problem` of the
    service does, or the faults at their fields."""

    def __init__(
        self,
        notice: str = "",
        status: int = 422,
        *,
        problem: ProblemError | None = None,
        faults: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(notice or str(problem))
        self.notice, self.status, self.problem = notice, status, problem
        self.faults = problem.faults if problem else faults

    @property
    def code(self) -> str:
        return self.problem.code if self.problem else ""

    @property
    def uncertain(self) -> bool:
        """Whether it may have been done all the same: sent again, it must count as the same."""
        return self.notice in _AGAIN


def trouble_of(error: Exception, overtaken: str) -> TroubleError:
    """What a page says of the error. Raises those again that are not about what was sent."""
    match error:
        case TroubleError():
            return error
        case UnavailableError():
            return TroubleError("form.unavailable", 503)
        case ProblemError() if error.status not in _ELSEWHERE:
            notice = overtaken if error.code == "stale" else _NOTICES.get(error.code, "")
            status = error.status if error.status < _INTERNAL else 502
            return TroubleError("refused.internal" if status != error.status else notice, status, problem=error)
    raise error
