"""What the steps of the on-site assessment do (JJF 1246). Functions of a step; they open and commit nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.licensing.assessment import rules
from services.licensing.experts import draw, steps
from shared.casework import Case, Effect, Step
from shared.problems import Text, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def may_plan(step: Step) -> Sequence[Violation]:
    """The days are in order, and the register has a team for them."""
    found = rules.wrong_days(step)
    if not found and _drawn(step) is None:
        size, fit = step.body["size"], [one for one in _candidates(step) if not one.excluded]
        leaders = sum(one.may_lead for one in fit)
        reason = Text(
            f"可抽取的考评员有{len(fit)}人，其中可任组长的{leaders}人；需要{size}人，含组长",
            f"{len(fit)} experts can be drawn, {leaders} of whom may lead; {size} are needed, with a leader",
        )
        found.append(Violation("size", "too_few_experts", reason))
    return found


def _candidates(step: Step) -> list[draw.Candidate]:
    # Of two draws at once, the second sees what the first gave somebody to do.
    steps.hold(step.tx)
    earlier = step.case.data.get("draw")
    aside = sorted(draw.stood_aside(earlier)) if earlier else ()
    return steps.candidates(step, step.body["planned_from"], step.body["planned_to"], aside)


def _drawn(step: Step) -> dict[str, Any] | None:
    """A draw of the case after its first has the same seed: nobody draws again until they like the team."""
    seed = step.case.data.get("draw", {}).get("seed") or steps.new_seed()
    return draw.draw(seed, step.today.isoformat(), step.body["size"], _candidates(step))


def plan(step: Step) -> Effect:
    """The team is drawn; the journal keeps the log."""
    log = _drawn(step)
    if log is None:
        raise LookupError(f"{step.case.ref}: there is no team to draw")
    team = steps.members(step, log["team"])
    return _planned(step, {"team": team, **_led(team), **_days(step)}, {"draw": log}, {"draw": log})


def may_replan(step: Step) -> Sequence[Violation]:
    """The days are in order, and the team is fit for them."""
    found = rules.wrong_days(step)
    if found:
        return found
    team = [one.get("code") for one in step.case.data["assessment_plan"]["team"]]
    return [
        rules.unfit(one.code, one.excluded)
        for one in steps.candidates(step, step.body["planned_from"], step.body["planned_to"])
        if one.code in team and one.excluded
    ]


def replan(step: Step) -> Effect:
    """The same team on other days, which everybody agrees to anew."""
    held = step.case.data["assessment_plan"]
    team = [{name: value for name, value in one.items() if name != "confirmed_on"} for one in held["team"]]
    return _planned(step, {**held, "team": team, **_days(step)}, {}, {}, reason=step.reason)


def _days(step: Step) -> dict[str, str]:
    return {"planned_from": step.raw["planned_from"], "planned_to": step.raw["planned_to"]}


def _led(team: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Who leads: the first of the team."""
    return {"leader": team[0]["name"], "leader_certificate": team[0]["certificate"]}


def _planned(
    step: Step, plan: Mapping[str, Any], data: Mapping[str, Any], noted: Mapping[str, Any], **event: Any
) -> Effect:
    told = {name: plan[name] for name in ("planned_from", "planned_to")}
    kept = {**plan, "on": step.today.isoformat()}
    return Effect(
        data={"assessment_plan": kept, **data},
        event={"team": [one["name"] for one in plan["team"]], **told, **event},
        noted=noted,
    )


def confirm(step: Step) -> Effect:
    """The assessors have agreed to come, and declared that they have no interest in the applicant."""
    plan = step.case.data["assessment_plan"]
    named = [rules.member(plan["team"], said) for said in step.body.get("assessors", ())]
    team = [
        {**one, "confirmed_on": step.today.isoformat()} if one in named or not named else one for one in plan["team"]
    ]
    return Effect(data={"assessment_plan": {**plan, "team": team}})


def may_replace(step: Step) -> Sequence[Violation]:
    """Somebody of the team stands aside, and another can be drawn."""
    team = step.case.data["assessment_plan"]["team"]
    found = rules.not_in_team(team, step.body["assessor"], "assessor")
    if not found and _instead(step) is None:
        reason = Text(
            "名册中没有可以递补的考评员：请取消安排，或者登记考评员",
            "nobody who can take the seat is left in the register: cancel the plan, or add experts",
        )
        found.append(Violation("assessor", "too_few_experts", reason))
    return found


def _instead(step: Step) -> dict[str, Any] | None:
    steps.hold(step.tx)
    aside = rules.member(step.case.data["assessment_plan"]["team"], step.body["assessor"])
    return draw.stand_aside(step.case.data["draw"], aside["code"], _of_the_days(step))


def _of_the_days(step: Step) -> list[draw.Candidate]:
    """Everybody in the register, for the days that are planned."""
    plan = step.case.data["assessment_plan"]
    first, last = (date.fromisoformat(plan[name]) for name in ("planned_from", "planned_to"))
    return steps.candidates(step, first, last)


def replace(step: Step) -> Effect:
    """The next in the order of the draw takes the seat."""
    change = _instead(step)
    if change is None:
        raise LookupError(f"{step.case.ref}: nobody is left to draw")
    why = {"cause": step.body["cause"], "reason": step.reason, "on": step.today.isoformat()}
    return _changed(step, {**change, **why}, aside=change["aside"], instead=change["instead"])


def has_draw(case: Case) -> bool:
    """Teams of earlier releases were not drawn."""
    return "draw" in case.data


def somebody_stood_aside(case: Case) -> bool:
    return has_draw(case) and bool(draw.stood_aside(case.data["draw"]))


def may_reinstate(step: Step) -> Sequence[Violation]:
    """Somebody who stood aside, and is fit for the days planned."""
    aside = draw.stood_aside(step.case.data["draw"])
    code = draw.meant(aside, step.body["assessor"])
    if code is None:
        known = ", ".join(sorted(aside))
        return [Violation("assessor", "not_in_team", Text(f"未参加的为：{known}", f"who stood aside: {known}"))]
    found = {one.code: one.excluded for one in _of_the_days(step)}
    if code not in found:
        return [Violation("assessor", "entry_ended", Text(f"名册中已没有{code}", f"the register has {code} no more"))]
    return [rules.unfit(code, found[code])] if found[code] else []


def reinstate(step: Step) -> Effect:
    """They take their seat again; whoever had come instead leaves."""
    log = step.case.data["draw"]
    change = draw.come_back(log, draw.meant(draw.stood_aside(log), step.body["assessor"]) or "")
    why = {"reason": step.reason, "on": step.today.isoformat()}
    return _changed(step, {**change, **why}, aside=change["leaves"], instead=change["back"])


def _changed(step: Step, change: Mapping[str, Any], *, aside: str, instead: str) -> Effect:
    log = step.case.data["draw"]
    after = {**log, "changes": [*log["changes"], change]}
    plan = step.case.data["assessment_plan"]
    known = {one["code"]: one for one in plan["team"]}
    team = [known.get(code) or steps.members(step, [code])[0] for code in draw.team_of(after)]
    names = {one["code"]: one["name"] for one in (*plan["team"], *team)}
    return Effect(
        data={"assessment_plan": {**plan, "team": team, **_led(team)}, "draw": after},
        event={"aside": names[aside], "instead": names[instead], "reason": step.reason},
        noted={"draw_change": change},
    )


def report(step: Step) -> Effect:
    plan = step.case.data["assessment_plan"]
    findings = [{**finding, **rules.found_by(plan, finding)} for finding in step.raw["findings"]]
    kept = {**step.raw, "findings": findings, "on": step.today.isoformat()}
    return Effect(
        data={"assessment": kept},
        event={"report": step.body["number"], "conclusion": step.body["conclusion"]},
    )


def verify_rectification(step: Step) -> Effect:
    held = {name: value for name, value in step.case.data["assessment"].items() if name != "failed_on"}
    on = step.body.get("verified_on", step.today).isoformat()
    told = {"reason": step.reason} if step.reason else {}
    return Effect(
        data={"assessment": {**held, "rectification": {**step.raw, "on": on}, "conclusion": "pass"}},
        event={"report": step.body["report"], "conclusion": "pass", **told},
    )


def fail_rectification(step: Step) -> Effect:
    """Nothing was verified in time: the assessment is failed."""
    held = {**step.case.data["assessment"], "conclusion": "fail", "failed_on": step.raw["due_on"]}
    return Effect(data={"assessment": held}, event={"reason": step.reason})


def give_feedback(step: Step) -> Effect:
    """What the manufacturer says of the team; the event tells that it was said, not what."""
    told = {"reason": step.reason} if step.reason else {}
    return Effect(data={"feedback": {**step.raw, "on": step.today.isoformat()}}, event=told)


def may_say(case: Case) -> bool:
    """A manufacturer who was assessed says it once, and changes it from then on."""
    return "assessment" in case.data and not has_said(case)


def has_said(case: Case) -> bool:
    return "feedback" in case.data


def withdraw_verification(step: Step) -> Effect:
    """The rectification is to be verified again."""
    held = {name: value for name, value in step.case.data["assessment"].items() if name != "rectification"}
    return Effect(data={"assessment": {**held, "conclusion": "rectify"}}, event={"reason": step.reason})
