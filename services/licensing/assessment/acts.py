"""What the steps of the on-site assessment do (JJF 1246). Functions of a step; they open and commit nothing."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from services.licensing.assessment import assessors, recusing, rules
from services.licensing.assessment.facts import (
    ASSESSMENT,
    ASSESSMENT_PLAN,
    DRAW,
    FEEDBACK,
    RECORDED,
    RECUSALS,
    Assessed,
    Assessor,
    Found,
    Planned,
    Rectification,
    Recusal,
    ReportedRectification,
    Said,
)
from services.licensing.experts import draw, steps
from shared.casework import Case, ConnectedStep, Effect, Informed, Step
from shared.casework.preview import last_day
from shared.identity import Role
from shared.permits.facts import TIME_NOTICE
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.problems import Violation


def may_plan(step: Step, pool: Pool) -> Sequence[Violation]:
    """The days are in order, and the register has a team for them."""
    found = rules.wrong_days(step, step.today)
    if not found and _drawn(step, pool) is None:
        found.append(assessors.too_few(pool.candidates, step.body["size"]))
    return found


class Pool(NamedTuple):
    """Whom a team is drawn from, and the one that is not drawn again."""

    candidates: Sequence[draw.Candidate]
    former: draw.Former | None


def pool(step: ConnectedStep) -> Pool:
    """Of the days that are to be planned."""
    # Of two draws at once, the second sees what the first gave somebody to do.
    steps.hold(step.tx)
    earlier = step.case.get(DRAW)
    aside = sorted(draw.excused(earlier)) if earlier else ()
    candidates = steps.candidates(step, step.body["planned_from"], step.body["planned_to"], aside)
    return Pool(candidates, steps.former(step))


def _drawn(step: Step, pool: Pool) -> dict[str, Any] | None:
    """A draw of the case after its first has the same seed: nobody draws again until they like the team."""
    seed = step.case.get(DRAW, {}).get("seed") or steps.new_seed()
    return draw.draw(seed, step.today.isoformat(), step.body["size"], *pool)


def plan(step: ConnectedStep) -> Effect:
    """The team is drawn; the journal keeps the log."""
    log = _drawn(step, pool(step))
    if log is None:
        raise LookupError(f"{step.case.ref}: there is no team to draw")
    team = _members(step, log["team"])
    plan = Planned(team=team, **_led(team), **_days(step), on=step.today)
    return _planned(plan, DRAW.set(log), {"draw": log})


def _may_replan(step: Step, candidates: Sequence[draw.Candidate]) -> Sequence[Violation]:
    log, team = step.case.get(DRAW), [one.code for one in step.case[ASSESSMENT_PLAN].team]
    drawn_on = date.fromisoformat(log["on"]) if log else step.case[ASSESSMENT_PLAN].on
    return rules.wrong_days(step, drawn_on) or [
        assessors.unfit(one.code, one.excluded) for one in candidates if one.code in team and one.excluded
    ]


MAY_REPLAN = Informed(
    lambda step: steps.candidates(step, step.body["planned_from"], step.body["planned_to"]), _may_replan
)
"""The days are in order, and the team is fit for them."""


def replan(step: Step) -> Effect:
    """The same team on other days, which everybody agrees to again. An assessment that begins on another day is another
    one: what was recorded of the one before stays in the journal alone."""
    held = step.case[ASSESSMENT_PLAN]
    team = tuple(dataclasses.replace(one, confirmed_on=None) for one in held.team)
    plan = dataclasses.replace(held, team=team, **_days(step), on=step.today)
    goes_on = plan.planned_from == held.planned_from
    return _planned(plan, {} if goes_on else RECORDED.set(None), {}, reason=step.reason)


def _days(step: Step) -> dict[str, Any]:
    return {"planned_from": step.body["planned_from"], "planned_to": step.body["planned_to"]}


def _members(step: ConnectedStep, codes: Sequence[str]) -> tuple[Assessor, ...]:
    return tuple(Assessor.read(one) for one in steps.members(step, codes))


def _led(team: Sequence[Assessor]) -> dict[str, Any]:
    """Who leads: the first of the team."""
    return {"leader": team[0].name, "leader_certificate": team[0].certificate}


def _planned(plan: Planned, data: Mapping[str, Any], noted: Mapping[str, Any], **event: Any) -> Effect:
    days = {"planned_from": plan.planned_from.isoformat(), "planned_to": plan.planned_to.isoformat()}
    told = {**days, **assessors.told((one.code for one in plan.team), plan.team)}
    return Effect(
        data=ASSESSMENT_PLAN.set(plan) | {**data},
        event={"team": [one.name for one in plan.team], **told, **event},
        noted=noted,
    )


def _named(step: Step) -> Sequence[Assessor]:
    """Who has confirmed: the expert who does; of the office, those who are named, or the whole team."""
    team, said = step.case[ASSESSMENT_PLAN].team, step.body.get("assessors")
    if step.actor.role is Role.EXPERT:
        return [assessors.oneself(step)]
    return [assessors.member(team, one) for one in said] if said else team


def _may_confirm(step: Step, candidates: Sequence[draw.Candidate]) -> Sequence[Violation]:
    return assessors.may_confirm(step) or assessors.unfit_by_now(_named(step), candidates)


def of_the_days(step: ConnectedStep) -> list[draw.Candidate]:
    """Everybody in the register, for the days that are planned."""
    plan = step.case[ASSESSMENT_PLAN]
    return steps.candidates(step, plan.planned_from, plan.planned_to)


MAY_CONFIRM = Informed(of_the_days, _may_confirm)
"""Whoever has confirmed is of the team, and may come."""


def confirm(step: Step) -> Effect:
    """The assessors have agreed to come, and declared that they have no interest in the applicant."""
    plan = step.case[ASSESSMENT_PLAN]
    named = _named(step)
    team = tuple(dataclasses.replace(one, confirmed_on=step.today) if one in named else one for one in plan.team)
    return Effect(data=ASSESSMENT_PLAN.set(dataclasses.replace(plan, team=team)))


def is_asked_to(step: Step) -> bool:
    """Whether the applicant has asked that the expert who does the step stand aside."""
    return recusing.asked_about(step.case, assessors.oneself(step).code or "") is not None


def _leaving(step: Step) -> Assessor:
    """Who stands aside: the expert who says so, or whom the office names."""
    if step.actor.role is Role.EXPERT:
        return assessors.oneself(step)
    return assessors.member(step.case[ASSESSMENT_PLAN].team, step.body["assessor"])


def may_replace(step: Step, pool: Pool) -> Sequence[Violation]:
    """Somebody of the team stands aside, and another can be drawn."""
    named = step.body.get("assessor")
    found = assessors.not_in_team(step.case[ASSESSMENT_PLAN].team, named, "assessor") if named else []
    if not found:
        code = _leaving(step).code or ""
        # Whoever stands aside themselves leaves nothing to decide.
        found += recusing.undecided(step, "assessor", code) if step.actor.role is not Role.EXPERT else []
        if not found and _instead(step, pool, code) is None:
            found.append(assessors.nobody_left())
    return found


def _instead(step: Step, pool: Pool, code: str) -> dict[str, Any] | None:
    """Who takes the seat of that expert, as a change of the draw."""
    return draw.stand_aside(step.case[DRAW], code, *pool)


def pool_planned(step: ConnectedStep) -> Pool:
    """Of the days that are planned."""
    steps.hold(step.tx)
    return Pool(of_the_days(step), steps.former(step))


def replace(step: ConnectedStep) -> Effect:
    """The next in the order of the draw takes the seat. An open request that they stand aside has come true."""
    code = _leaving(step).code or ""
    effect = _replaced(step, code, step.body["cause"], step.why)
    if recusing.asked_about(step.case, code) is None:
        return effect
    return _with(effect, *recusing.decided(step, "stood_aside"))


def _with(effect: Effect, asked: Recusal | None, data: Mapping[str, Any]) -> Effect:
    """The change of the team, with what it makes of the applicant's request."""
    told = {**effect.event, **recusing.told(asked)}
    return dataclasses.replace(effect, data={**effect.data, **data}, event=told)


def _replaced(step: ConnectedStep, code: str, cause: str, reason: str) -> Effect:
    change = _instead(step, pool_planned(step), code)
    if change is None:
        raise LookupError(f"{step.case.ref}: nobody is left to draw")
    why = {"cause": cause, "reason": reason, "on": step.today.isoformat()}
    return _changed(step, {**change, **why}, reason, aside=change["aside"], instead=change["instead"])


def cancel(step: Step) -> Effect:
    """Nobody comes; a request that was not decided is about nothing any more."""
    decided = tuple(one for one in step.case.get(RECUSALS, ()) if one.outcome)
    data = ASSESSMENT_PLAN.set(None) | TIME_NOTICE.set(None) | RECUSALS.set(decided or None) | RECORDED.set(None)
    return Effect(data=data, event={"reason": step.reason, **assessors.told(step.case.team, ())})


def may_grant_request(step: Step, pool: Pool) -> Sequence[Violation]:
    asked = recusing.asked_aside(step.case)
    return [assessors.nobody_left()] if asked and _instead(step, pool, asked.assessor) is None else []


def grant_request(step: ConnectedStep) -> Effect:
    """The next in the order of the draw takes the seat."""
    asked, data = recusing.decided(step, "granted")
    return _with(_replaced(step, asked.assessor, "recused", asked.reason), asked, data)


def has_draw(case: Case) -> bool:
    """Teams of earlier releases were not drawn."""
    return DRAW in case


def somebody_stood_aside(case: Case) -> bool:
    return has_draw(case) and bool(draw.stood_aside(case[DRAW]))


def may_reinstate(step: Step, candidates: Sequence[draw.Candidate]) -> Sequence[Violation]:
    """Somebody who stood aside, and is fit for the days planned. A request that waits is decided first: it may be about
    whoever leaves, and one that is decided again would be a second."""
    aside = draw.stood_aside(step.case[DRAW])
    back = draw.meant(aside, step.body["assessor"])
    return assessors.may_come_back(aside, back, candidates) or recusing.undecided(step, "assessor")


def reinstate(step: ConnectedStep) -> Effect:
    """They take their seat again; whoever had come instead leaves. If the applicant had asked that they stand aside,
    that is to be decided again."""
    log = step.case[DRAW]
    change = draw.come_back(log, draw.meant(draw.stood_aside(log), step.body["assessor"]) or "")
    why = {"reason": step.why, "on": step.today.isoformat()}
    effect = _changed(step, {**change, **why}, step.why, aside=change["leaves"], instead=change["back"])
    asked = step.case.get(RECUSALS, ())
    came_true = next((one for one in asked if one.assessor == change["back"] and one.outcome in recusing.ASIDE), None)
    again = tuple(recusing.again(one) if one == came_true else one for one in asked)
    return _with(effect, came_true, RECUSALS.set(again or None))


def _changed(step: ConnectedStep, change: Mapping[str, Any], reason: str, *, aside: str, instead: str) -> Effect:
    log = step.case[DRAW]
    after = {**log, "changes": [*log["changes"], change]}
    plan = step.case[ASSESSMENT_PLAN]
    known = {one.code: one for one in plan.team}
    team = tuple(known.get(code) or _members(step, [code])[0] for code in draw.team_of(after))
    names = {one.code: one.name for one in (*plan.team, *team)}
    return Effect(
        data=ASSESSMENT_PLAN.set(dataclasses.replace(plan, team=team, **_led(team))) | DRAW.set(after),
        event={"aside": names[aside], "instead": names[instead], "reason": reason, **assessors.told(names, team)},
        noted={"draw_change": change},
    )


def _documents(step: ConnectedStep) -> dict[str, bool]:
    """The documents of the case that whoever does the step reads, and whether each is infected."""
    return {one.id: filing.is_infected(one) for one in filing.documents(step).versions}


def _may_record(step: Step, documents: Mapping[str, bool]) -> Sequence[Violation]:
    if assessors.oneself(step).confirmed_on is None:
        return [rules.not_confirmed([assessors.oneself(step)])]
    return rules.wrong_records(step, documents)


MAY_RECORD = Informed(_documents, _may_record)
"""The expert has agreed, and what they found is on clauses of the checklist and rests on documents of the case."""


def record_findings(step: Step) -> Effect:
    """What the expert found, in the place of what they had recorded before."""
    mine = assessors.oneself(step)
    who = {"assessor": mine.name, "assessor_certificate": mine.certificate}
    found = [Found(**Found.given({**finding, **who})) for finding in step.raw["findings"]]
    others = [one for one in step.case.get(RECORDED, ()) if one.assessor_certificate != mine.certificate]
    return Effect(data=RECORDED.set((*others, *found)))


class _Found(NamedTuple):
    """What a report is held against."""

    documents: Mapping[str, bool]
    candidates: Sequence[draw.Candidate]


def _may_report(step: Step, known: _Found) -> Sequence[Violation]:
    unfit = assessors.unfit_by_now(step.case[ASSESSMENT_PLAN].team, known.candidates)
    return rules.may_report(step, known.documents, [*unfit, *recusing.undecided(step, "recusals")])


MAY_REPORT = Informed(lambda step: _Found(_documents(step), of_the_days(step)), _may_report)
"""What the team found stands, and rests on documents of the case that the office reads."""


def report(step: ConnectedStep) -> Effect:
    """With the report its evidence is part of the case, and the applicant reads both."""
    filing.file(step)
    plan = step.case[ASSESSMENT_PLAN]
    said = [{**finding, **rules.found_by(plan, finding)} for finding in step.raw.get("findings", ())]
    findings = [*rules.recorded(step.case), *said]
    return Effect(
        data=ASSESSMENT.set(Assessed(**Assessed.given({**step.raw, "findings": findings}), on=step.today)),
        event={
            "report": step.body["number"],
            "conclusion": step.body["conclusion"],
            **assessors.told(step.case.team),
        },
    )


def _may_report_rectification(step: Step, held: filing.Documents) -> Sequence[Violation]:
    named = [one for one in held.versions if one.filed_at or one in held.current]
    return rules.wrong_documents(step.body, {one.id: filing.is_infected(one) for one in named})


MAY_REPORT_RECTIFICATION = Informed(filing.documents, _may_report_rectification)
"""It names no other documents than those of the case that the office reads, or will once it is reported."""


def report_rectification(step: ConnectedStep) -> Effect:
    """What the applicant sent to show it is part of the case from now on."""
    filing.file(step)
    said = ReportedRectification(**ReportedRectification.given(step.raw), on=step.today)
    reported = dataclasses.replace(step.case[ASSESSMENT], rectification_report=said)
    return Effect(data=ASSESSMENT.set(reported), event={"done": said.done, **_to_leader(step)})


def _to_leader(step: Step) -> dict[str, list[str]]:
    return assessors.told(step.case.team[:1])


def withdraw_report(step: Step) -> Effect:
    """The assessment goes on."""
    return Effect(data=ASSESSMENT.set(None), event={"reason": step.reason, **assessors.told(step.case.team)})


def withdraw_rectification_report(step: Step) -> Effect:
    """The applicant has yet to report it; documents that were sent with the report stay."""
    held = dataclasses.replace(step.case[ASSESSMENT], rectification_report=None)
    return Effect(data=ASSESSMENT.set(held), event={"reason": step.reason, **_to_leader(step)})


MAY_VERIFY = Informed(
    lambda step: (_documents(step), last_day(step.tx, step.case, "rectification")),
    lambda step, known: rules.may_verify(step, *known),
)


def verify_rectification(step: ConnectedStep) -> Effect:
    """What the team brought back is part of the case from now on."""
    filing.file(step)
    on = step.body.get("verified_on", step.today)
    rectified = Rectification(**Rectification.given(step.raw), on=on)
    passed = dataclasses.replace(step.case[ASSESSMENT], rectification=rectified, conclusion="pass", failed_on=None)
    told = {"reason": step.reason} if step.reason else {}
    return Effect(
        data=ASSESSMENT.set(passed),
        event={"report": step.body["report"], "conclusion": "pass", **told, **assessors.told(step.case.team)},
    )


def fail_rectification(step: Step) -> Effect:
    """Nothing was verified in time: the assessment is failed."""
    failed = dataclasses.replace(step.case[ASSESSMENT], conclusion="fail", failed_on=step.body["due_on"])
    return Effect(data=ASSESSMENT.set(failed), event={"reason": step.reason, **assessors.told(step.case.team)})


def give_feedback(step: Step) -> Effect:
    """What the manufacturer says of the team; the event tells that it was said, not what."""
    told = {"reason": step.reason} if step.reason else {}
    return Effect(data=FEEDBACK.set(Said(**Said.given(step.raw), on=step.today)), event=told)


def withdraw_verification(step: Step) -> Effect:
    """The rectification is to be verified again."""
    again = dataclasses.replace(step.case[ASSESSMENT], rectification=None, conclusion="rectify")
    return Effect(data=ASSESSMENT.set(again), event={"reason": step.reason, **assessors.told(step.case.team)})
