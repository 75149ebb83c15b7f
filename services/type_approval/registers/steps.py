"""What the steps of an evaluation ask of the registers: the laboratory, the people and the standards of a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from services.type_approval.evaluation.conformity import counting
from services.type_approval.evaluation.facts import REPORT
from services.type_approval.registers import fitness
from services.type_approval.registers.books import LABORATORIES, PEOPLE, STANDARDS
from services.type_approval.registers.fitness import Weight
from shared.casework.models import cases
from shared.casework.procedure import Informed
from shared.identity.uscc import party
from shared.problems import Violation
from shared.registers import store
from shared.text import Text, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from shared.casework import Case, ConnectedStep, Guard, Step
    from shared.registers import Version

AT_WORK = (
    *("commissioned", "arranged", "samples_received", "evaluating", "improving"),
    *("report_drafted", "report_checked"),
)
"""The states in which a laboratory has a case to evaluate."""


def running(tx: Connection, lab: str | None = None) -> dict[str, int]:
    """How many cases each laboratory has to evaluate, or one."""
    whose = func.party(cases.c.lab)
    query = (
        select(whose.label("lab"), func.count().label("many"))
        .where(cases.c.lab.is_not(None), cases.c.state.in_(AT_WORK))
        .group_by(whose)
    )
    if lab is not None:
        query = query.where(whose == party(lab))
    return {row.lab: row.many for row in tx.execute(query)}


def candidates(tx: Connection, case: Case, on: date) -> list[dict[str, Any]]:
    """Every laboratory of the register that is not ended on that day, those that may evaluate the case first, each with
    the reasons for and against it."""
    busy, found = running(tx), []
    for (lab, _), version in store.all_on(tx, LABORATORIES, on).items():
        if version.ended:
            continue
        content = version.content
        told = fitness.reasons(version, case.form, case.applicant, busy.get(lab, 0), on)
        told += fitness.declined_before(case.data, lab)
        programmes = [
            one for line in fitness.scope_lines(content, case.form["category"]) for one in line.get("programmes", ())
        ]
        found.append(
            {
                "code": content["code"],
                "name": content["name"],
                "fits": not any(one.weight is Weight.REFUSES for one in told),
                "running": busy.get(lab, 0),
                "capacity": content["capacity"],
                "programmes": list(dict.fromkeys(programmes)),
                "reasons": [{"code": one.code, "weight": str(one.weight), **one.reason._asdict()} for one in told],
            }
        )
    return sorted(found, key=lambda one: (not one["fits"], one["running"] - one["capacity"], one["code"]))


def laboratory(step: ConnectedStep, *, lock: bool = False) -> Version | None:
    """The laboratory that is to be commissioned, as the register has it on the day of the step."""
    held = store.find(step.tx, LABORATORIES, step.body["lab"], step.body["lab"], lock=lock)
    return held.on(step.today) if held else None


def has_laboratory(step: ConnectedStep) -> bool:
    """Whether there is a laboratory to ask about the certificate, authorised for the instrument on the day of the
    step."""
    return is_authorised(step, step.today)


def is_authorised(step: ConnectedStep, on: date) -> bool:
    """The same of another day."""
    lab = step.case.checker
    held = store.find(step.tx, LABORATORIES, lab, lab) if lab else None
    version = held.on(on) if held else None
    return version is not None and not fitness.unauthorised(version, step.case.form, on)


def its_laboratory(step: ConnectedStep) -> store.Held | None:
    """The laboratory that has the case, with all that the register has said of it."""
    return store.find(step.tx, LABORATORIES, step.case.lab, step.case.lab) if step.case.lab else None


def unauthorised(case: Case, laboratory: store.Held | None) -> list[Violation]:
    """That the laboratory was not authorised for the instrument on days of tests that count, or on that of its report:
    its authorisation, or what that is for, may have ended since it was commissioned."""
    days = {one["on"] for one in counting(case.data).values()} | {str(case[REPORT].issued_on)}
    told = [
        (day, one.reason)
        for day in sorted(days)
        if laboratory and (version := laboratory.on(date.fromisoformat(day)))
        for one in fitness.unauthorised(version, case.form, date.fromisoformat(day))
    ]
    if not told:
        return []
    zh, en = "；".join(f"{day}：{why.zh}" for day, why in told), "; ".join(f"{day}: {why.en}" for day, why in told)
    reason = Text(f"技术机构并非始终有效授权：{zh}", f"the laboratory was not authorised all the time: {en}")
    return [Violation("lab", "not_authorised", reason)]


class Asked(NamedTuple):
    """The laboratory that is to be commissioned, if the register has it, and how many cases it has to evaluate."""

    version: Version | None
    busy: int


def asked(step: ConnectedStep) -> Asked:
    # Locked, so that of two commissions at once the second sees the first.
    version, lab = laboratory(step, lock=True), party(step.body["lab"])
    return Asked(version, running(step.tx, lab).get(lab, 0) if version else 0)


def wrong_laboratory(step: Step, asked: Asked) -> Sequence[Violation]:
    """Its scope covers the instrument on that day, it has free capacity and no interest."""
    version, case = asked.version, step.case
    if version is None:
        reason = Text(
            "名册中没有该技术机构", "the register of laboratories does not have it: read `laboratories` of the case"
        )
        return [Violation("lab", "unknown_laboratory", reason)]
    told = fitness.reasons(version, case.form, case.applicant, asked.busy, step.today)
    found = [one.violation() for one in told if one.weight is Weight.REFUSES]
    name, stated = version.content["name"], step.body.get("lab_name")
    if stated is not None and not same(stated, name):
        found.append(_otherwise("lab_name", name, stated))
    return found


def doubts_of_laboratory(step: Step, version: Version | None) -> list[Violation]:
    """What a person may know better, and confirms: that it declined before, or evaluates to other programmes."""
    doubts = [one.violation() for one in fitness.declined_before(step.case.data, step.body["lab"])]
    if version is not None and "programme" in step.body:
        doubts += fitness.other_programme(version.content, step.case.form, step.body["programme"])
    return doubts


def _otherwise(field: str, known: object, stated: object) -> Violation:
    reason = Text(
        f"名册记载为{known}，而非{stated}：请在此改正，或者先更正名册",
        f"the register says {known}, not {stated}: correct it here, or the register first",
    )
    return Violation(field, "another_in_register", reason)


def standards(step: ConnectedStep, on: date) -> dict[str, Version]:
    """The standards of the laboratory as its register had them on that day, by code."""
    return {key: one for (_, key), one in store.all_on(step.tx, STANDARDS, on, step.case.lab or "").items()}


def wrong_standards(step: Step, standards: Mapping[str, Version], on: date) -> list[Violation]:
    """Each standard used is in the register; it and all above it were in calibration on that day; and what is stated of
    it is what the register says."""
    found = []
    for index, used in enumerate(step.body["equipment"]):
        code, reason = fitness.not_calibrated(used["asset"], standards, on)
        if code == "unknown_standard":
            found.append(Violation(f"equipment.{index}.asset", code, reason))
        elif code:
            found.append(Violation(f"equipment.{index}.calibrated_until", code, reason))
        else:
            found += _differing(f"equipment.{index}", used, fitness.links(used["asset"], standards)[0].content)
    return found


def _differing(path: str, used: Mapping[str, Any], known: Mapping[str, Any]) -> list[Violation]:
    found = []
    if "calibrated_until" in used and used["calibrated_until"].isoformat() != known["due_on"]:
        found.append(_otherwise(f"{path}.calibrated_until", known["due_on"], used["calibrated_until"]))
    if "certificate" in used and not same(used["certificate"], known["certificate"]):
        found.append(_otherwise(f"{path}.certificate", known["certificate"], used["certificate"]))
    return found


def standards_used(step: ConnectedStep, on: date) -> list[dict[str, Any]]:
    """The standards used as the register had them on that day, each with the chain above it: what is kept with a
    record, so that it is read as it was known then."""
    known = standards(step, on)
    kept = []
    for used in step.body["equipment"]:
        first, *above = (one.content for one in fitness.links(used["asset"], known))
        chain = [_link(one) for one in above]
        kept.append({**_link(first), "name": first["name"], "uncertainty": first["uncertainty"], "chain": chain})
    return kept


def _link(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "asset": content["code"],
        "calibrated_until": content["due_on"],
        "certificate": content["certificate"],
    }


def person(step: ConnectedStep, on: date) -> Version | None:
    """Who acts, as their laboratory's register has them on that day."""
    people = store.all_on(step.tx, PEOPLE, on, _theirs(step))
    return fitness.by_login(people.values(), step.actor.subject)


def _theirs(step: Step) -> str:
    """The laboratory that acts, as the case has it: that which evaluates, or one that the office named."""
    return next((lab for lab in step.case.labs if party(lab) == step.actor.party), "")


def person_today(step: ConnectedStep) -> Version | None:
    return person(step, step.today)


def not_entitled(step: Step, found: Version | None, on: date, field: str) -> list[Violation]:
    """Who acts, as the register has them on that day, is not a registered metrologist of the laboratory for this kind
    of instrument."""
    code, reason = fitness.not_entitled(found, step.case.form["category"], on)
    return [Violation(field, code, reason)] if code else []


def entitled(part: str) -> Guard:
    """Who takes that part today is a registered metrologist of the laboratory for this kind of instrument."""
    return Informed(
        lambda step: person(step, step.today), lambda step, found: not_entitled(step, found, step.today, part)
    )


def not_technical_head(found: Version | None) -> list[Violation]:
    """Who acts, as the register of people has them today, is not a technical head of the laboratory."""
    if found is not None and not found.ended and found.content.get("technical_head"):
        return []
    reason = Text(
        "大纲由技术负责人批准：本机构的人员名册未将您登记为技术负责人",
        "the technical head approves a programme: your laboratory's register of people does not have you as one",
    )
    return [Violation("by", "not_technical_head", reason)]


def registration(step: ConnectedStep, on: date) -> dict[str, str]:
    """The registration of who acts, to be kept with what they sign."""
    return registered(person(step, on))


def registered(found: Version | None) -> dict[str, str]:
    """The same of somebody as the register has them."""
    return {"registration": found.content["registration"]} if found else {}
