"""What a laboratory is asked for about a certificate in force, and what becomes of that when the certificate ends, or
the change that a check is about is withdrawn or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.type_approval.certificate import site_check, standing
from shared.casework.procedure import Effect
from shared.permits.asked import Asked

if TYPE_CHECKING:
    from shared.casework.procedure import Step

CHECK, OPINION = "conformity_check", "change_opinion"
"""The words of events; the limits have the same ids."""


def _with_certificate(step: Step, cause: str) -> Effect:
    """A declared change stays declared: the end of the case says why nobody gives an opinion on it."""
    check = _check(step, cause)
    return Effect(data=check.data, event=_told(step, check=bool(check.data)))


def _check(step: Step, cause: str) -> Effect:
    if not site_check.is_under_way(step.case):
        return Effect()
    return Effect(data=site_check.drop(step, cause), event={"asked": [CHECK]})


def _again(step: Step) -> Effect:
    check = site_check.ended_with_permit(step.case)
    return Effect(data=site_check.take_up(step) if check else {}, event=_told(step, check=check))


def _told(step: Step, *, check: bool) -> dict[str, list[str]]:
    asked = {CHECK: check, OPINION: standing.is_for_laboratory(step.case)}
    return {"asked": named} if (named := [work for work, so in asked.items() if so]) else {}


OF_CERTIFICATE = Asked(_with_certificate, _again)
OF_CHANGE = Asked(_check)
