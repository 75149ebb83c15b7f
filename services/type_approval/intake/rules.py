"""What stands in the way of the application. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.fields import in_own_name, not_in_catalogue
from services.type_approval.intake.form import Form
from services.type_approval.states import LIVE
from shared.identity.uscc import party
from shared.law import LawError, RuleSet
from shared.problems import Violation
from shared.text import Text, comparable, same

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shared.casework import Step
    from shared.identity import Actor

FORM = Form()


def wrong_in(form: Mapping[str, Any], actor: Actor, rules: RuleSet, today: date) -> list[Violation]:
    """What is wrong with a form, or with a draft as far as it goes, whoever submits it on that day: it is another
    organisation's, or of a category that the catalogue does not have."""
    found = in_own_name(form, actor)
    return found + not_in_catalogue(form["category"], "category", rules, today) if "category" in form else found


def application(form: Mapping[str, Any]) -> str:
    """Which application it is, as the list of its documents calls it: a first one, or a change of what was approved."""
    return "change" if form.get("replaces_certificate") else "first"


def asked_for(form: Mapping[str, Any]) -> list[set[tuple[str, str]]]:
    """What each line asks for: a model, as this kind of instrument."""
    return [{(comparable(form["category"]), comparable(line["model"]))} for line in form["lines"]]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of the register, what it says, and the state of its case."""

    number: str
    holder: str
    content: Mapping[str, Any]
    state: str

    @property
    def category(self) -> str:
        return str(self.content["category"]["code"])


def wrongly_replaced(certificate: Certificate, form: Mapping[str, Any], applicant: str) -> list[Violation]:
    """The certificate to be replaced is another holder's, of another kind of instrument, or has ended."""
    if party(certificate.holder) != party(applicant):
        reason = Text("不是本单位的证书", "this certificate is another holder's: name your own")
        return [Violation("replaces_certificate", "another_holder", reason)]
    found = []
    if not same(certificate.category, form["category"]):
        reason = Text(
            f"{certificate.number}的类别为{certificate.category}，而非{form['category']}：不是该型式的变更",
            f"{certificate.number} is of {certificate.category}, not {form['category']}: that type is not changed so",
        )
        found.append(Violation("replaces_certificate", "another_kind", reason))
    if certificate.state not in LIVE:
        reason = Text(
            f"{certificate.number}已失效：请按新产品申请，不填此项",
            f"{certificate.number} is over: apply for a new type, without naming it",
        )
        found.append(Violation("replaces_certificate", "certificate_ended", reason))
    return found


def not_registered(number: str) -> list[Violation]:
    """A certificate that the register does not have. Those of other authorities, and of before the register was kept,
    are valid all the same: a person confirms it."""
    reason = Text(
        f"本机关登记中没有证书{number}，如系其他机关或此前颁发，请确认", f"the register has no certificate {number}"
    )
    return [Violation("replaces_certificate", "unknown_certificate", reason)]


def not_needed(step: Step) -> Text | None:
    """Why the instrument needs no approval on the day of the step; None if it does."""
    if step.rules.regime("type_approval", step.today).abolished:
        return Text(f"型式批准在{step.today}已取消", f"type approval has been abolished as of {step.today}")
    try:
        step.rules.item(step.case.form["category"], step.today)
    except LawError as error:
        return error.told
    return None
