"""What each action on the certificate does. Functions of a step; they open and commit nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.type_approval.certificate import rules, site_check
from services.type_approval.certificate.standing import Guards
from services.type_approval.evaluation import attaching
from services.type_approval.evaluation.attached import CONFORMITY
from services.type_approval.queries import REGISTER
from services.type_approval.registers import steps
from shared.casework import Informed
from shared.casework.procedure import all_of, first_of
from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Step


def _laboratory_assesses(_step: Step, has_laboratory: bool) -> Sequence[Violation]:
    if not has_laboratory:
        return []
    reason = Text(
        "评价该型式的技术机构授权有效：由其评定", "the laboratory that evaluated the type is authorised: it says so"
    )
    return [Violation("lab", "laboratory_assesses", reason)]


def _authorised_no_more(_step: Step, has_laboratory: bool) -> Sequence[Violation]:
    if has_laboratory:
        return []
    reason = Text("本机构的授权已失效：由行政机关评定", "your laboratory is authorised no more: the office says it")
    return [Violation("lab", "not_authorised", reason)]


def _not_authorised_then(step: Step, was_authorised: bool) -> Sequence[Violation]:
    if was_authorised:
        return []
    on = step.body["on"]
    reason = Text(
        f"{on}本机构未就该器具获得授权：请谢绝检查，由行政机关另行指定",
        f"your laboratory was not authorised for this instrument on {on}: decline the check, so that the office names"
        " another",
    )
    return [Violation("on", "not_authorised", reason)]


def _cannot_check(_step: Step, has_laboratory: bool) -> Sequence[Violation]:
    if has_laboratory:
        return []
    reason = Text(
        "该技术机构今天未就该器具获得授权：请另行指定，或者凭其他证明决定",
        "the laboratory is not authorised for this instrument today: name another, or decide on other proof",
    )
    return [Violation("lab", "not_authorised", reason)]


def _files(step: Step) -> Sequence[Mapping[str, Any]]:
    files: Sequence[Mapping[str, Any]] = step.body.get("report_files", ())
    return files


MAY_DECLARE_CHANGE = Informed(REGISTER.content, rules.no_change_of_it)
"""Of models of the certificate, from a day on that is not before it was granted."""
MAY_ASSESS_CHANGE = first_of(Informed(steps.has_laboratory, _authorised_no_more), steps.entitled("signatory"))
"""The laboratory is authorised, and who says it is a metrologist registered for this kind of instrument."""
MAY_ASSESS_CHANGE_BY_OFFICE = Informed(steps.has_laboratory, _laboratory_assesses)
"""There is no laboratory that evaluated the type, or it is no longer authorised."""
OF_CHANGES = Guards(MAY_DECLARE_CHANGE, MAY_ASSESS_CHANGE, MAY_ASSESS_CHANGE_BY_OFFICE)
OF_CHECKS = site_check.Guards(
    Informed(steps.has_laboratory, _cannot_check),
    all_of(
        first_of(
            site_check.was_checked,
            Informed(lambda step: steps.is_authorised(step, step.body["on"]), _not_authorised_then),
        ),
        steps.entitled("signatory"),
        Informed(
            lambda step: attaching.there(step, _files(step)),
            lambda step, there: attaching.wrong_attachments(_files(step), there, "report_files", CONFORMITY),
        ),
    ),
)
"""The laboratory is authorised when it is asked and on the day of its report; who reports is a metrologist registered
for this kind, and what the report names is in the case."""
MAY_ABOLISH = Informed(
    REGISTER.content, lambda step, content: rules.outside_its_life(step, date.fromisoformat(content["granted_on"]))
)
"""The national authority's act is in force, and not older than the certificate."""
