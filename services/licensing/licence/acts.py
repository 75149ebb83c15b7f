"""What each action on the licence does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.licensing.approvals import acts as approvals
from services.licensing.licence.facts import AMENDMENTS, LICENCE, Amendment
from services.licensing.queries import REGISTER, hold_approvals, licence_of_case
from shared.casework import ConnectedStep, Effect, FollowUp, Informed, Step
from shared.documents.issues import order
from shared.permits.facts import END
from shared.permits.life import end_of
from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.licensing.licence.rules import Licence


def renew(step: ConnectedStep) -> Effect:
    """The licence goes on, even one that had expired while its late renewal was undecided."""
    order_anew(step, "renewed")
    told = {"licence": step.case[LICENCE], **step.raw}
    return Effect(data=END.set(None), event=told, then=approvals.follow_ups(step.tx, step.case))


def change_by_decision(step: ConnectedStep) -> Effect:
    """New items or other conditions were granted on an application of their own."""
    order_anew(step, "changed")
    return Effect(
        data=AMENDMENTS.set((*step.case.get(AMENDMENTS, ()), Amendment.read(step.raw))),
        event={"licence": step.case[LICENCE], "application": step.raw["application"], "kind": step.raw["kind"]},
        then=approvals.follow_ups(step.tx, step.case),
    )


def amend(step: ConnectedStep, kind: str, content: Mapping[str, Any]) -> None:
    """The licence says `content` from now on; `kind` says why. One that has ended says that too."""
    REGISTER.store(step, content)
    order_anew(step, kind, **end_of(step.case))


def _may_report(step: Step, content: Mapping[str, Any]) -> Sequence[Violation]:
    places = content["places_of_manufacture"]
    if len(step.body.get("places_of_manufacture", ())) <= len(places):
        return []
    reason = Text(
        f"许可证的生产地址共{len(places)}处：新增或者迁移生产地址，请申请条件变化",
        f"the licence is for {len(places)} places: for another one apply for changed conditions",
    )
    return [Violation("places_of_manufacture", "needs_assessment", reason)]


MAY_REPORT = Informed(REGISTER.content, _may_report)
"""A place that is only called otherwise is a change of words; another place is to be assessed (Order 104)."""


def restored(step: ConnectedStep) -> Sequence[FollowUp]:
    """Type approvals may have ended while the licence was not in force."""
    hold_approvals(step.tx, step.case.applicant)
    return approvals.follow_ups(step.tx, step.case)


def _may_close(_step: Step, licence: Licence | None) -> Sequence[Violation]:
    if licence and (running := licence.renewal_running()):
        return [
            Violation(
                "renewal",
                "renewal_running",
                Text(f"复查换证{running}正在办理：请先作出决定", f"renewal {running} is under way: decide it first"),
            )
        ]
    return []


MAY_CLOSE = Informed(lambda step: licence_of_case(step.tx, step.case.id), _may_close)
"""The register is not closed on a licence whose late renewal may still be granted."""


def order_anew(step: ConnectedStep, kind: str, **more: Any) -> None:
    """Have the document of the licence that lives in the step's case made again, as the licence is now."""
    licence = licence_of_case(step.tx, step.case.id)
    if licence is None:
        raise LookupError(f"{step.case.ref} has no licence")
    order(step, kind, {**licence.content, "valid_from": licence.begins.isoformat(), **more})
