"""Who is of the team that assesses on site, and what stands against them. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from services.licensing.assessment.facts import ASSESSMENT_PLAN, Assessor
from shared.identity.uscc import party
from shared.problems import Violation
from shared.text import Text, same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from services.licensing.experts.draw import Candidate
    from shared.casework import Step


def unfit(code: str, grounds: Sequence[Mapping[str, str]], field: str = "planned_from") -> Violation:
    """A member of the team who may not come on these days."""
    zh, en = ("；".join(one["zh"] for one in grounds), "; ".join(one["en"] for one in grounds))
    return Violation(field, "unfit_assessor", Text(f"{code}：{zh}，请先更换", f"{code} {en}: replace them first"))


_OF_THE_DRAW = ("workload", "stood_aside")
"""Grounds on which somebody is not drawn, and that take nobody out of a team."""


def unfit_by_now(team: Sequence[Assessor], candidates: Sequence[Candidate]) -> list[Violation]:
    """Those of the team of whom the register says by now that they may not assess this applicant on the days planned,
    or who are in it no more. Teams of earlier releases were not drawn from it."""
    known = {one.code: one.excluded for one in candidates}
    found = []
    for code in (one.code for one in team if one.code):
        if code not in known:
            told = Text(f"名册中已没有{code}，请先更换", f"the register no longer has {code}: replace them first")
            found.append(Violation("assessors", "entry_ended", told))
        elif grounds := [one for one in known[code] if one["cause"] not in _OF_THE_DRAW]:
            found.append(unfit(code, grounds, "assessors"))
    return found


def too_few(candidates: Sequence[Candidate], size: int) -> Violation:
    """The register has no team of that size for the days."""
    fit = [one for one in candidates if not one.excluded]
    leaders = sum(one.may_lead for one in fit)
    against = Counter((ground["zh"], ground["en"]) for one in candidates for ground in one.excluded)
    zh, en = (
        separator.join(f"{many} {said[language]}" for said, many in against.items())
        for language, separator in ((0, "；"), (1, ", "))
    )
    reason = Text(
        f"可抽取的考评员有{len(fit)}人，其中可任组长的{leaders}人（不能抽取的：{zh or '无'}）；"
        f"需要{size}人，含组长，且不得与上次考核该单位的考核组完全相同",
        f"{len(fit)} experts can be drawn, {leaders} of whom may lead (excluded: {en or 'nobody'}); {size} are needed,"
        " with a leader, and not the very team that assessed the applicant last",
    )
    return Violation("size", "too_few_experts", reason)


def nobody_left() -> Violation:
    """Who stands aside cannot be replaced."""
    reason = Text(
        "名册中没有可以递补的考评员：请取消安排，或者登记考评员",
        "nobody who can take the seat is left in the register: cancel the plan, or add experts",
    )
    return Violation("assessor", "too_few_experts", reason)


def may_come_back(aside: Collection[str], code: str | None, candidates: Sequence[Candidate]) -> list[Violation]:
    """The expert `code` stood aside, and is fit for the days planned."""
    if code is None:
        zh, en = (comma.join(sorted(aside)) for comma in ("、", ", "))
        told = Text(f"没有该考评员退出；退出的为：{zh}", f"they did not stand aside; who did: {en}")
        return [Violation("assessor", "not_in_team", told)]
    excluded = next((one.excluded for one in candidates if one.code == code), None)
    if excluded is None:
        return [Violation("assessor", "entry_ended", Text(f"名册中已没有{code}", f"the register no longer has {code}"))]
    return [unfit(code, excluded)] if excluded else []


def oneself(step: Step) -> Assessor:
    """The member of the team who does the step."""
    return next(one for one in step.case[ASSESSMENT_PLAN].team if party(one.code or "") == step.actor.party)


def told(codes: Iterable[str | None], team: Iterable[Assessor] | None = None) -> dict[str, list[str]]:
    """What an event says of the experts whom it concerns, and of the team as it is from then on, if it changes."""
    members = {} if team is None else {"members": [party(one.code) for one in team if one.code]}
    return {"experts": [party(code) for code in codes if code], **members}


def member(team: Sequence[Assessor], said: str) -> Assessor:
    """The member of the team with that code, or that number of a certificate. Raises LookupError."""
    found = _member(team, said)
    if found is None:
        raise LookupError(f"{said} is not of the team")
    return found


def not_in_team(team: Sequence[Assessor], said: str, field: str) -> list[Violation]:
    """The fault of `field`, unless it means one of the team. A name means nobody: names recur."""
    if _member(team, said):
        return []
    zh = "、".join(f"{one.name}（{one.code or one.certificate}）" for one in team)
    en = ", ".join(f"{one.name} ({one.code or one.certificate})" for one in team)
    told = Text(
        f"{said}不是考核组成员的代码或者证号；成员为：{zh}",
        f"{said} is no code or certificate of the team, which is {en}",
    )
    return [Violation(field, "not_in_team", told)]


def _member(team: Sequence[Assessor], said: str) -> Assessor | None:
    """Teams of earlier releases have certificates and no codes."""
    return next((one for one in team if any(same(key, said) for key in (one.code, one.certificate) if key)), None)


def may_confirm(step: Step) -> list[Violation]:
    """Whoever has confirmed is of the team."""
    team = step.case[ASSESSMENT_PLAN].team
    said = enumerate(step.body.get("assessors", ()))
    return [fault for index, one in said for fault in not_in_team(team, one, f"assessors.{index}")]
