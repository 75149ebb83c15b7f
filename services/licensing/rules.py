"""The rules of the manufacturing licence: what stands in the way of a step. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from services.fields import in_own_name, not_in_catalogue
from services.instruments import differs
from services.licensing.form import Form
from shared.identity.uscc import party
from shared.law import Limit, Unit, add_days, add_months, before, national
from shared.problems import Text, Violation
from shared.text import as_numbered, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Case, Step
    from shared.identity import Actor
    from shared.law import RuleSet

FORM = Form()

LIVE = ("granted", "valid")
"""States of a case whose licence is in force: granted, and delivered too."""
UNDECIDED = ("accepted", "assessment_planned", "rectifying", "assessed", "reviewed", "hearing")
"""From acceptance to the decision."""
PENDING = ("received", "supplement", *UNDECIDED)
"""States of an application that the authority has received and not decided."""
RUNNING = ("lodged", *PENDING)
"""States of an application under way."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A type approval as licensing knows it: running, in force under `certificate`, or ended, before there was a
    certificate or with it; `ended` says when and why that was."""

    application: str
    status: str
    certificate: str | None
    lines: Sequence[Mapping[str, Any]]
    ended: Mapping[str, str] | None = None

    @property
    def numbers(self) -> set[str | None]:
        """By which a line may name it."""
        return {self.application, self.certificate}


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence, the state of its case, and the newest application to renew it."""

    number: str
    case_id: str
    holder: str
    valid_until: date
    content: Mapping[str, Any]
    state: str
    renewal: str | None
    renewal_number: str | None
    renewal_state: str | None

    def renewal_running(self, besides: str = "") -> str | None:
        """The number of the renewal under way, if there is one other than the case `besides`."""
        running = self.renewal_state in RUNNING and self.renewal != besides
        return self.renewal_number if running else None


@dataclass(frozen=True, slots=True)
class Term:
    """First and last day."""

    begins: date
    ends: date


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a line stands: covered by `certificate`, waiting for the application `awaits`, or neither, and why."""

    certificate: str | None = None
    awaits: str | None = None
    why: Text | None = None


def coverage(line: Mapping[str, Any], approvals: Sequence[Approval]) -> Coverage:
    """Where a line (JSON data) stands among the type approvals of the same holder (Order 104: each line needs one)."""
    named = line.get("type_approval")
    candidates = [approval for approval in approvals if named is None or as_numbered(named) in approval.numbers]
    if not candidates:
        whose = (
            Text(f"{named}不是您的型式批准", f"{named} is not a type approval of yours")
            if named
            else Text("您没有型式批准，也没有正在办理的", "you have no type approval, nor one running")
        )
        told = f"{whose.en}: apply for type approval first, or name the right one"
        return Coverage(why=Text(f"{whose.zh}：请先申请型式批准，或者写明正确的编号", told))
    differences = []
    running: Coverage | None = None
    for approval in candidates:
        for approved in approval.lines:
            difference = differs(line, approved)
            if difference:
                named = approval.certificate or approval.application
                differences.append(Text(f"{named}：{difference}", f"{named}: {difference}"))
            elif approval.status == "in_force":
                return Coverage(certificate=approval.certificate)
            elif approval.status == "running":
                running = Coverage(awaits=approval.application)
            elif approval.ended:
                number, end = approval.certificate, approval.ended
                told = f"{number} ended on {end['on']}, {end['en']}"
                differences.append(Text(f"{number}已于{end['on']}失效（{end['zh']}）", told))
            else:
                told = f"{approval.application} ended without a certificate"
                differences.append(Text(f"{approval.application}办结而未发证", told))
    zh, en = "；".join(one.zh for one in differences), "; ".join(one.en for one in differences)
    return running or Coverage(why=Text(f"不在任何证书的范围内：{zh}", f"outside every certificate's scope: {en}"))


def when_released(lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval]) -> str | None:
    """What becomes of an application submitted in advance: nothing while it awaits a type approval; it is received once
    each of its lines has one, else returned, to change what cannot be granted."""
    standings = [coverage(line, approvals) for line in lines]
    if any(standing.awaits for standing in standings):
        return None
    return "receive" if all(standing.certificate for standing in standings) else "return"


def lost_approvals(
    lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval], known: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The certificates under these lines of a licence that have ended. What the office has settled of those `known`
    before stays settled."""
    settled = {one["certificate"]: one["settled"] for one in known if "settled" in one}
    found = []
    for approval in approvals:
        number, ended = approval.certificate, approval.ended
        on_it = [place for place, line in enumerate(lines, start=1) if line["type_approval"] == number]
        if ended and on_it:
            one = {"certificate": number, **ended, "lines": on_it}
            found.append({**one, "settled": settled[number]} if number in settled else one)
    return found


def unsettled(lost: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What the office has not settled of lost approvals."""
    return [one for one in lost if "settled" not in one]


def has_lost_approvals(case: Case) -> bool:
    return bool(unsettled(case.data.get("lost_approvals", ())))


def planned_on(case: Case) -> date:
    """The day on which the assessment was planned."""
    return date.fromisoformat(case.data["assessment_plan"]["on"])


def reported_on(case: Case) -> date:
    """The day of the assessment report, or of the rectification that completed it."""
    assessment = case.data["assessment"]
    return date.fromisoformat(assessment.get("rectification", assessment)["on"])


def was_rectified(case: Case) -> bool:
    return "rectification" in case.data["assessment"]


def was_not_rectified(case: Case) -> bool:
    return not was_rectified(case)


def was_renewed(case: Case) -> bool:
    """Whether what was decided on this application is a renewal."""
    return bool(case.data["decision"]["outcome"] != "refused")


def not_needed(step: Step) -> Text | None:
    """Why there is no such licence on the day of the step; None if there is."""
    regime = step.rules.regime("manufacture", step.today)
    if regime.abolished:
        since = regime.valid_from
        return Text(f"制造计量器具许可已于{since}取消", f"the manufacturing licence was abolished on {since}")
    return None


def wrong_in(form: Mapping[str, Any], actor: Actor, rules: RuleSet, today: date) -> list[Violation]:
    """What is wrong with a form, or with a draft as far as it goes, whoever submits it on that day: it is another
    organisation's, or has lines of a category that the catalogue does not have."""
    found = in_own_name(form, actor)
    for index, line in enumerate(form.get("lines", ())):
        if "category" in line:
            found += not_in_catalogue(line["category"], f"lines.{index}.category", rules, today)
    return found


def application(form: Mapping[str, Any]) -> str:
    """Which application it is, as the list of its documents calls it."""
    return "renewal" if form.get("renews") else "first"


def unknown_approvals(lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval]) -> list[Violation]:
    """The lines that name a type approval which is not known to be the applicant's."""
    known = {number for approval in approvals for number in approval.numbers}
    found = []
    for index, line in enumerate(lines):
        named = line.get("type_approval")
        if named and as_numbered(named) not in known:
            reason = Text(
                f"没有您的型式批准{named}的记录；如刚刚申请，请重新提交",
                f"{named} is not known as a type approval of yours; if you applied for it just now, send again",
            )
            found.append(Violation(f"lines.{index}.type_approval", "unknown_type_approval", reason))
    return found


def without_approval(lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval]) -> list[Violation]:
    """The lines that no type approval of the holder covers or, as far as it runs, would cover: each with the reason.
    It may be had in time for the decision, so this is a warning until then."""
    standings = [coverage(line, approvals) for line in lines]
    return [
        Violation(
            f"lines.{index}",
            "no_type_approval",
            Text(
                f"第{index + 1}行（{lines[index]['model']}）尚无型式批准，决定前须取得：{standing.why.zh}",
                f"line {index + 1} ({lines[index]['model']}) needs a type approval before the decision:"
                f" {standing.why.en}",
            ),
        )
        for index, standing in enumerate(standings)
        if standing.why
    ]


def may_renew(
    licence: Licence | None, form: Mapping[str, Any], case_id: str, holder: str, today: date
) -> list[Violation]:
    """A licence of the holder, in force, not being renewed by another application; nothing beyond what it covers.

    New items and another place of manufacture need a new assessment, so they are applied for as such (Order 104).
    """
    if licence is None or party(licence.holder) != party(holder):
        return [
            Violation(
                "renews",
                "unknown_licence",
                Text(f"{form['renews']}不是您的许可证", f"{form['renews']} is no licence of yours"),
            )
        ]
    if licence.state not in LIVE or today > licence.valid_until:
        number, until = licence.number, licence.valid_until
        reason = Text(
            f"{number}有效期至{until}，已失效：请按首次申请办理",
            f"{number} held until {until} and is over: apply for a first licence",
        )
        return [Violation("renews", "licence_ended", reason)]
    found = []
    if running := licence.renewal_running(besides=case_id):
        found.append(
            Violation(
                "renews",
                "renewal_running",
                Text(
                    f"{licence.number}的复查换证{running}正在办理",
                    f"renewal {running} of {licence.number} is under way",
                ),
            )
        )
    licensed, places = licence.content["lines"], licence.content["places_of_manufacture"]
    for index, line in enumerate(form["lines"]):
        differences = [differs(line, covered) for covered in licensed]
        if all(differences):
            reason = Text(
                f"{licence.number}不含该项（{differences[0]}）：新增项目请按首次申请办理",
                f"{licence.number} does not cover it ({differences[0]}): apply for new items as a first licence",
            )
            found.append(Violation(f"lines.{index}", "not_licensed", reason))
    for index, site in enumerate(form["production_sites"]):
        if not any(same(site["address"], place) for place in places):
            reason = Text(
                f"{licence.number}的生产地址为{'；'.join(places)}：其他地址须另行申请",
                f"{licence.number} is for {'; '.join(places)}: another place needs a licence of its own",
            )
            found.append(Violation(f"production_sites.{index}", "not_licensed", reason))
    return found


def apply_by(licence: Licence, rules: RuleSet, today: date) -> date:
    """The last day to apply for renewal in time."""
    ahead = rules.validity("manufacture", today).renew_before
    return before(licence.valid_until, ahead, national()) if ahead else licence.valid_until


def late(licence: Licence, rules: RuleSet, today: date) -> list[Violation]:
    """A renewal applied for late is a warning: nothing assures that it is decided before the licence expires."""
    last = apply_by(licence, rules, today)
    if today <= last:
        return []
    number, until = licence.number, licence.valid_until
    reason = Text(
        f"应于{last}前申请复查换证；{until}到期时仍未作决定的，{number}失效",
        f"the renewal was to be applied for by {last}: unless it is decided by {until}, {number} expires",
    )
    return [Violation("renews", "late_renewal", reason)]


def first_term(rules: RuleSet, today: date) -> Term:
    """The term of a licence granted today."""
    return Term(today, add_months(today, _validity(rules, today).amount))


def next_term(licence: Licence, rules: RuleSet, today: date) -> Term:
    """The term that follows: on the day after the old one's end, or from the decision if that end has passed, for no
    licence is granted for a time gone by."""
    if today > licence.valid_until:
        return first_term(rules, today)
    ends = add_months(licence.valid_until, _validity(rules, today).amount)
    return Term(add_days(licence.valid_until, 1), ends)


def covered(terms: Sequence[Term], last: date | None) -> list[Term]:
    """The times in which instruments could be made under a licence with these terms, first to last: terms that follow
    on each other are one, and none goes on after the `last` day of a licence that has ended."""
    spans: list[Term] = []
    for term in terms:
        ends = term.ends if last is None else min(term.ends, last)
        if spans and term.begins <= add_days(spans[-1].ends, 1):
            spans[-1] = Term(spans[-1].begins, max(spans[-1].ends, ends))
        elif term.begins <= ends:
            spans.append(Term(term.begins, ends))
    return spans


def _validity(rules: RuleSet, today: date) -> Limit:
    limit = rules.validity("manufacture", today).limit
    if limit is None or limit.unit is not Unit.MONTHS:
        raise ValueError("a licence holds for months: mend the limit of its validity in the law's data")
    return limit


def deemed_at_end(renewal: Case, last: date) -> bool:
    """Whether the law grants this renewal if nothing is decided: applied for in time and still undecided (Art. 50).

    `last` was the last day to apply. One lodged ahead of a type approval has not been received, so it does not count.
    """
    return renewal.state in PENDING and date.fromisoformat(renewal.data["received_on"]) <= last


def status(state: str) -> str:
    """What a licence is, by the state of its case."""
    return "valid" if state in LIVE else state


def uncovered(lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval]) -> list[Violation]:
    """The lines that no certificate of the holder covers, each with the reason."""
    found = []
    for index, line in enumerate(lines):
        standing = coverage(line, approvals)
        if standing.certificate is None:
            waiting = Text(
                f"其型式批准{standing.awaits}正在办理", f"its type approval {standing.awaits} is still running"
            )
            why = standing.why or waiting
            told = Text(
                f"第{index + 1}行（{line['model']}）：{why.zh}", f"line {index + 1} ({line['model']}): {why.en}"
            )
            found.append(Violation(f"lines.{index}", "outside_scope", told))
    return found
