"""What every permit does with an application, and with what it grants on one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.fields import party_of
from shared.casework.numbering import allocate
from shared.casework.procedure import Effect, Transition
from shared.problems import Violation
from shared.text import Text, as_numbered, same
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.casework import ConnectedStep, Guard, Step


def submission(may_submit: Guard, submit: Callable[[ConnectedStep], Effect], **more: Any) -> Transition:
    """A draft becomes an application that the office has received; `more` is what else the row says."""
    return Transition(
        action="submit",
        source="draft",
        target="received",
        by="applicant",
        name=Text("提交申请", "Submit"),
        guard=may_submit,
        effect=submit,
        emits="application.received",
        notice="receipt",
        **more,
    )


def taken_in(step: ConnectedStep, data: Mapping[str, Any], **told: Any) -> Effect:
    """The draft becomes an application: it gets its number, unless it has one, is bound to the rules in force on that
    day, and its documents become part of it. The event says who applies, and what is `told` besides."""
    filing.file(step)
    style = step.rules.number_format(f"application_{step.procedure.id}", step.today)
    return Effect(
        number=step.case.number or allocate(step.tx, style, year=step.today.year),
        rules=step.rules.name,
        data=data,
        event={
            "procedure": step.procedure.id,
            "rules": step.rules.name,
            "office": step.case.office,
            "applicant": party_of(step.case, step.case.form),
            **told,
        },
    )


def another_permit(step: Step, given: Mapping[str, Any], names: Sequence[str]) -> list[Violation]:
    """A supplement is for the permit that the application names in one of the fields `names`, or for none as that is:
    whoever is barred may renew what they hold, and not apply for more."""
    told = Text("补正不得改换所涉许可：请撤回后重新申请", "a supplement stays with the permit: withdraw, apply anew")
    changed = [name for name in names if as_numbered(given.get(name, "")) != as_numbered(step.case.form.get(name, ""))]
    return [Violation(name, "another_permit", told) for name in changed[:1]]


def held(step: Step, number: str, zh: str, en: str) -> dict[str, Any]:
    """How the document of a permit with that number and title begins: who holds it, where they make things, and which
    office gives it. `office` is its id; `authority` is what it is called today, as it is printed."""
    form, office = step.case.form, step.case.office
    address = form["registered_site"]["address"]
    return {
        "number": number,
        "title": {"zh": zh, "en": en},
        "holder": {"name": form["applicant_name"], "code": step.case.applicant, "address": address},
        "places_of_manufacture": [site["address"] for site in form["production_sites"]],
        "office": office,
        "authority": step.rules.authority(step.today, office).name.zh,
    }


def held_otherwise(form: Mapping[str, Any], content: Mapping[str, Any]) -> list[Violation]:
    """What the form says of the holder otherwise than the permit of that `content`, which it names. It is to be
    confirmed: another name or address is reported as a change of the permit, and a renewal from an old form would put
    back what was changed."""
    holder, number = content["holder"], content["number"]
    stated = {"applicant_name": form["applicant_name"], "registered_site.address": form["registered_site"]["address"]}
    known = dict(zip(stated, (holder["name"], holder["address"]), strict=True))
    return [
        Violation(
            name,
            "held_otherwise",
            Text(
                f"{number}上为“{known[name]}”：名称、住所变更请报告变更；确按本申请的，请确认",
                f"{number} says {known[name]}: report another name or address as a change of it, or confirm this",
            ),
        )
        for name, said in stated.items()
        if not same(said, known[name])
    ]
