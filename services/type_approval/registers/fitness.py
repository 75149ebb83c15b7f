"""Why a laboratory may evaluate an application or not, and whether its standards and people are fit. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from services.type_approval.evaluation.facts import DECLINED
from services.type_approval.registers import rules
from services.type_approval.registers.books import LABORATORIES, PEOPLE, STANDARDS
from shared.identity.uscc import party
from shared.metrology import family_of
from shared.metrology.scope import beyond
from shared.problems import Violation
from shared.registers import ENDED, VALID
from shared.text import Text, comparable, joined, same, shown, with_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from shared.registers import Version


class Weight(StrEnum):
    """What a reason is worth for commissioning a laboratory."""

    FITS = "fits"
    CONFIRM = "confirm"
    REFUSES = "refuses"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for or against a laboratory, in both languages."""

    code: str
    weight: Weight
    reason: Text

    def violation(self, field: str = "lab") -> Violation:
        return Violation(field, self.code, self.reason)


def reasons(version: Version, form: Mapping[str, Any], applicant: str, running: int, on: date) -> list[Reason]:
    """Scope, validity, free capacity and no interest (domain: choice of the laboratory), each for or against.

    `running` is how many evaluations the laboratory has.
    """
    content = version.content
    return [_authorised(version, on), _scope(content, form), _capacity(content, running), _interest(content, applicant)]


def unauthorised(version: Version, form: Mapping[str, Any], on: date) -> list[Reason]:
    """Why the laboratory may not evaluate the instrument on that day, whatever else it has to do and for whom."""
    told = [_authorised(version, on), _scope(version.content, form)]
    return [one for one in told if one.weight is Weight.REFUSES]


def _authorised(version: Version, on: date) -> Reason:
    content, status = version.content, LABORATORIES.status(version, on)
    if status == VALID:
        until = shown(content["valid_until"])
        return Reason("authorised", Weight.FITS, Text(f"授权有效至{until.zh}", f"authorised until {until.en}"))
    if status == ENDED:
        told = Text(f"授权自{version.since}起终止", f"its authorisation is ended from {version.since}")
    else:
        days = f"{content['valid_from']} … {content['valid_until']}"
        told = Text(f"{on}不在授权有效期{days}内", f"{on} is outside its authorisation, {days}")
    return Reason("not_authorised", Weight.REFUSES, with_days(told))


def scope_lines(content: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    """What a laboratory's authorisation says of a kind of instrument."""
    return [line for line in content["scope"] if same(line["category"], kind)]


def _scope(content: Mapping[str, Any], form: Mapping[str, Any]) -> Reason:
    """Every line of the application lies inside a line of the scope."""
    held, kind = family_of(form["category"]), form["category"]
    granted = scope_lines(content, kind)
    if not granted:
        return Reason(
            "outside_scope",
            Weight.REFUSES,
            Text("授权项目不含该类器具", "its scope does not have this kind of instrument"),
        )
    outside = []
    for line in form["lines"]:
        each = [beyond(held, line["characteristics"], rules.bounds_of(one)) for one in granted]
        if all(each):
            told = joined(one.told for one in min(each, key=len))
            outside.append(Text(f"{line['model']}：{told.zh}", f"{line['model']}: {told.en}"))
    if outside:
        told = joined(outside)
        return Reason("outside_scope", Weight.REFUSES, Text(f"超出授权范围：{told.zh}", f"beyond its scope: {told.en}"))
    return Reason("in_scope", Weight.FITS, Text("授权范围覆盖全部规格", "its scope covers every line"))


def _capacity(content: Mapping[str, Any], running: int) -> Reason:
    zh, en = (
        f"在办{running}件，可承担{content['capacity']}件",
        f"{running} of {content['capacity']} evaluations running",
    )
    full = running >= content["capacity"]
    return Reason("no_capacity" if full else "has_capacity", Weight.REFUSES if full else Weight.FITS, Text(zh, en))


def _interest(content: Mapping[str, Any], applicant: str) -> Reason:
    own = [code for name in ("code", "credit_code") if (code := content.get(name))]
    if any(party(code) == party(applicant) for code in own):
        return Reason("own_product", Weight.REFUSES, Text("申请单位即本机构", "the applicant is this laboratory"))
    for one in content.get("interests", ()):
        if party(one["code"]) == party(applicant):
            zh, en = f"与申请单位有利害关系：{one['relation']}", f"it has an interest: {one['relation']}"
            return Reason("own_product", Weight.REFUSES, Text(zh, en))
    return Reason("no_interest", Weight.FITS, Text("与申请单位无利害关系", "no interest in the applicant is known"))


def other_programme(content: Mapping[str, Any], form: Mapping[str, Any], programme: str) -> list[Violation]:
    """A programme that is none of those the laboratory is authorised for; texts decide nothing, a person confirms."""
    lines = scope_lines(content, form["category"])
    named = [one for line in lines for one in line.get("programmes", ())]
    free = not lines or any("programmes" not in line for line in lines)
    if free or any(comparable(one) in comparable(programme) for one in named):
        return []
    reason = Text(
        f"授权范围内的大纲为{'、'.join(named)}，而非{programme}", f"its scope has {', '.join(named)}, not {programme}"
    )
    return [Violation("programme", "outside_programmes", reason)]


def declined_before(data: Mapping[str, Any], lab: str) -> list[Reason]:
    """That the laboratory declined the commission already, and why."""
    return [
        Reason(
            "declined_before",
            Weight.CONFIRM,
            with_days(Text(f"{one.on}谢绝委托：{one.reason}", f"declined on {one.on}: {one.reason}")),
        )
        for one in DECLINED.of(data) or ()
        if party(one.lab) == party(lab)
    ]


def links(code: str, standards: Mapping[str, Version]) -> list[Version]:
    """The standard and those above it, as far as the register has them. `standards` are by comparable code."""
    found: list[Version] = []
    link = standards.get(comparable(code))
    while link is not None and link not in found:
        found.append(link)
        link = standards.get(comparable(link.content.get("higher", "")))
    return found


def not_calibrated(code: str, standards: Mapping[str, Version], on: date) -> tuple[str, Text]:
    """The kind of fault and the reason why a standard or its chain proves nothing on that day; empty if it does."""
    chain = links(code, standards)
    if not chain:
        return "unknown_standard", Text(f"名册在{on}没有标准器{code}", f"the register has no standard {code} on {on}")
    for link in chain:
        named = link.content["code"] if same(link.content["code"], code) else f"{link.content['code']} above {code}"
        if link.ended:
            return "out_of_calibration", Text(
                f"{link.content['code']}自{link.since}起停用", f"{named} is out of use from {link.since}"
            )
        if not STANDARDS.covers(link.content, on):
            days = f"{link.content['calibrated_on']} … {link.content['due_on']}"
            reason = f"{named} is calibrated for {days}, not on {on}: use another standard, or have it calibrated"
            return "out_of_calibration", Text(
                f"{link.content['code']}的校准有效期为{days}，{on}不在其内：请换用，或者送校", reason
            )
    top = chain[-1].content
    if "higher" in top:
        return (
            "unknown_standard",
            Text(
                f"溯源链中断：{top['code']}由{top['higher']}校准，而名册中没有",
                f"{top['code']} is calibrated by {top['higher']}, which is not on record",
            ),
        )
    return "", Text("", "")


def not_entitled(person: Version | None, kind: str, on: date) -> tuple[str, Text]:
    """The kind of fault and the reason why somebody may not test and sign for a kind of instrument on that day."""
    if person is None or person.ended:
        return (
            "not_on_staff",
            Text(
                f"本机构的人员名册在{on}没有您的账号",
                f"your laboratory's register of people does not have your login on {on}",
            ),
        )
    content = person.content
    if "registration" not in content:
        return "not_registered", Text(
            f"{content['name']}未注册为计量师", f"{content['name']} is not a registered metrologist"
        )
    if not PEOPLE.covers(content, on):
        days = f"{content['valid_from']} … {content['valid_until']}"
        return "not_registered", Text(
            f"{content['name']}的注册有效期为{days}，{on}不在其内",
            f"the registration of {content['name']} is for {days}, not {on}",
        )
    if not any(same(kind, one) for one in content["kinds"]):
        return "not_entitled", Text(
            f"{content['name']}的执业项目不含该类器具",
            f"{content['name']} is not registered for this kind of instrument",
        )
    return "", Text("", "")


def by_login(people: Iterable[Version], subject: str) -> Version | None:
    """The person behind the `sub` of a token."""
    return next((one for one in people if not one.ended and one.content.get("subject") == subject), None)
