"""Random actions by random people: the results follow the table, and no rule is ever violated."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.licensing.experts import draw
from services.type_approval.evaluation.custody import held
from shared.casework import Transition, journal_of
from shared.casework.journal import first_broken
from shared.identity import SYSTEM, Actor
from shared.problems import Problem
from tests.drawing import few
from tests.registered import EXPERTS
from tests.shared.casework.invariants import NUMBERED, assert_lawful
from tests.shared.casework.parts import (
    DECLARED_AT,
    NOW,
    PROCEDURES,
    VARIANTS,
    Desk,
    adding,
    amending,
    certified,
    licensed,
    marked,
    naming_oiml,
    of_the_office,
    remarking,
    renewing,
)
from tests.shared.casework.rights import laboratory_for, team_of
from tests.support import WAYS, applicant, content_of, credit_code, expert, laboratory, officer
from tests.support.forms import DROPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine

pytestmark = pytest.mark.long

# Some wear several hats, so that four-eyes rules have something to forbid.
CROWD = (
    *(officer("intake", "intake"), officer("examiner", "examiner"), officer("decider", "decider")),
    *(officer("examiner and decider", "examiner", "decider"), officer("everything")),
    *(laboratory("LAB-01", "a"), laboratory("LAB-01", "b"), laboratory("LAB-01", "c"), laboratory("LAB-02", "d")),
    # Who makes no test checks and signs.
    *(laboratory("LAB-01", "checker-1"), laboratory("LAB-01", "signatory-1")),
    *(expert(code) for code in EXPERTS),
    *(SYSTEM, applicant(credit_code(), "stranger")),
)
ENDS = ("discard", "withdraw", "not_required", "not_accept", "terminate")
DETOURS = (
    "end_archive",
    "write_programme",
    "correct_documents",
    "examine_oiml",
    "review_documents",
    "correct_documents",
    "extend",
    "approve_programme",
    "hand_over_samples",
    "dispose_of_samples",
    "edit",
    "claim",
    "assign",
    "release",
    "reject_preliminarily",
    "tell_hearing_right",
    "fail_evaluation",
)
"""What a walk that is to get somewhere leaves out, beside ways back."""
ONCE = {
    "request_supplement": "supplement_notice",
    "serve_time_notice": "time_notice",
    "extend": "extension",
    "tell_hearing_right": "hearing_right",
    "order_hearing": "hearing",
    "find_nonconformity": "improvement",
    "review_documents": "document_reviews",
}
"""What may be done once, and what the case then has."""


@pytest.fixture(params=PROCEDURES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@cache
def rows_of(service: str) -> dict[tuple[str, str], list[Transition]]:
    """The rows of the table by action and state."""
    found: dict[tuple[str, str], list[Transition]] = {}
    for row in PROCEDURES[service].transitions:
        found.setdefault((row.action, row.source), []).append(row)
    return found


def rows_for(desk: Desk, action: str, actor: Actor) -> list[Transition]:
    """The oracle: the rows of the table that this person may be taking now, four-eyes and visibility included."""
    case = desk.case
    mine = {
        "applicant": actor.organisation == case.applicant,
        "lab": actor.organisation == laboratory_for(case, action),
        "expert": actor.organisation in team_of(case),
        "staff": case.state not in {"draft", "discarded"},
        "system": True,
    }[actor.role]
    return [
        row
        for row in rows_of(desk.procedure.source).get((action, case.state), ())
        if mine
        if row.applies is None or row.applies(case)
        if row.by.partition(":")[0] == actor.role
        if row.by.partition(":")[2] in {"", *actor.posts}
        if not row.leads or actor.organisation == team_of(case)[0]
        if not row.in_hand or not case.assignee or case.assignee.subject == actor.subject
        if all(case.done_by.get(earlier) != actor.subject for earlier in row.distinct_from)
    ]


def guards_forbid(desk: Desk, action: str, actor: Actor, changes: dict[str, Any]) -> bool:
    """Whether what this story's contents hold lets a guard refuse: all else in them is right."""
    case, data = desk.case, desk.case.data
    covered = "SELECT 1 FROM type_approvals WHERE holder = :holder AND status = 'in_force'"
    passed = data.get("report" if desk.procedure.source == "type_approval" else "assessment", {}).get("conclusion")
    forbidden: dict[str, Callable[[], object]] = {
        "deem_accept": lambda: case.state == "supplement" and "due_on" not in changes,
        "request_supplement": lambda: case.state == "accepted" and data["accepted"]["due_on"] < "2013-09-17",
        "grant_by_silence": lambda: "renews" not in case.form,
        # A laboratory that declined is commissioned again only when that is confirmed.
        "commission": lambda: "declined" in data or ("oiml_certificate" in case.form and "oiml" not in data),
        "record_test": lambda: (
            changes.get("serial", "S-1") not in {sample["serial"] for sample in data["samples"]}
            or changes.get("supersedes", 0) not in {0, *counting(data)}
        ),
        "replace_assessor": lambda: asked_aside(data) == last_of_team(data) or nobody_is_left(desk, last_of_team(data)),
        "stand_aside": lambda: nobody_is_left(desk, actor.organisation),
        "record_findings": lambda: not confirmed(data, actor.organisation),
        "decide_recusal": lambda: "outcome" not in changes and nobody_is_left(desk, asked_aside(data)),
        "request_recusal": lambda: leader(data) in asked_aside_before(data),
        "reinstate_assessor": lambda: asked_aside(data),
        "report_assessment": lambda: (
            asked_aside(data)
            or any("confirmed_on" not in one for one in data["assessment_plan"]["team"])
            # This story's contents have a finding of the leader on each clause.
            or data["assessment_plan"]["team"][0]["certificate"] in recorders(data)
        ),
        "return_to_lab": lambda: any("items" in one for one in data.get("superseded_reports", ())),
        # A licence that goes on stays with the office that granted it.
        "transfer": lambda: case.office == "changchun" or {"renews", "amends"} & case.form.keys(),
        # What the province would decide is not for the office that it was transferred to.
        **dict.fromkeys(("correct", "supplement"), lambda: case.office == "changchun"),
        # Nobody uploads anything on the way.
        "correct_documents": lambda: True,
        # What licensing knows of type approvals does not change on the way.
        "follow_approvals": lambda: True,
        **dict.fromkeys(("hand_over_samples", "dispose_of_samples"), lambda: "S-1" not in held(data)),
        "release_archive": lambda: bool(held(data)),
        "end_contract": lambda: "ended_on" in data["contracts"][0],
        # The laboratory of the walk is authorised.
        "assess_change_by_office": lambda: True,
        "name_laboratory": lambda: (
            "checker" in data
            or any("report" not in one and "dropped" not in one for one in data.get("conformity_checks", ())[-1:])
        ),
        "lift_order": lambda: "lifted_on" in data["orders"][0],
        "issue_order": lambda: any("lifted_on" not in one for one in data.get("orders", ())),
        "report_contract": lambda: any("ended_on" not in one for one in data.get("contracts", ())),
        "correct_document": lambda: document(desk)["holder"]["address"] == CORRECTED,
        "report_change": lambda: document(desk)["holder"]["name"] == RENAMED,
        "void_test": lambda: 1 not in counting(data),
        "correct_receipt": lambda: not {record["serial"] for record in counting(data).values()} <= {"S-1"},
        "cancel_receipt": lambda: counting(data) or "improvement" in data,
        "cancel_improved": lambda: any(
            made(data, record) > data["improvement"]["tests_before"] for record in counting(data).values()
        ),
        **dict.fromkeys(
            ("check_report", "issue_report"),
            lambda: actor.name in {record["tester"] for record in counting(data).values()},
        ),
        "draft_report": lambda: fails(data) != ("conclusion" in changes) or (not fails(data) and untested(data)),
        # What silence grants, it grants on the last day of the term.
        "deliver": lambda: data["decision"]["outcome"] == "deemed_granted",
        "refuse": lambda: hearing_stands_open(data),
        "grant": lambda: (
            hearing_stands_open(data)
            or passed != "pass"
            or (desk.procedure.source == "licensing" and not desk.rows(covered, holder=desk.code))
        ),
    }
    return data.get(ONCE.get(action, "")) is not None or bool(forbidden.get(action, lambda: False)())


RENAMED, CORRECTED = content_of("report_change")["name"], content_of("correct_document")["address"]
"""What this story's contents change the holder's name and address to."""


def document(desk: Desk) -> Any:
    """What the permit of the case says now."""
    name = NUMBERED[desk.procedure.source]
    query = f"SELECT content FROM {name}s WHERE number = :number"
    return desk.rows(query, number=desk.case.data[name])[0][0]


def asked_aside(data: Mapping[str, Any]) -> str:
    """Of whom the applicant has asked that they stand aside, undecided; empty if of nobody."""
    return next((one["assessor"] for one in data.get("recusals", ()) if "outcome" not in one), "")


def nobody_is_left(desk: Desk, leaving: str) -> bool:
    """Whether nobody can take that seat of the team: who else is in the register sits beside it, stood aside, or would
    make it the team that assessed the applicant last."""
    team = {*team_of(desk.case)}
    last = desk.rows(
        "SELECT jsonb_path_query_array(data, '$.assessment_plan.team[*].code') FROM cases"
        " WHERE applicant = :applicant AND id <> :id AND data ? 'assessment'",
        applicant=desk.case.applicant,
    )
    left = {*EXPERTS} - team - draw.excused(desk.case.data["draw"])
    return all(team - {leaving} | {one} in [{*codes} for (codes,) in last] for one in left)


def recorders(data: Mapping[str, Any]) -> set[str]:
    return {one["assessor_certificate"] for one in data.get("recorded_findings", ())}


def confirmed(data: Mapping[str, Any], code: str) -> bool:
    return any("confirmed_on" in one for one in data["assessment_plan"]["team"] if one["code"] == code)


def asked_aside_before(data: Mapping[str, Any]) -> set[str]:
    """Of whom that was rejected."""
    return {one["assessor"] for one in data.get("recusals", ()) if one.get("outcome") == "rejected"}


def leader(data: Mapping[str, Any]) -> str:
    """Whom this story's contents name where somebody is asked to stand aside."""
    return str(data["assessment_plan"]["team"][0]["code"])


def last_of_team(data: Mapping[str, Any]) -> str:
    """Whom they name elsewhere."""
    return str(data["assessment_plan"]["team"][-1]["code"])


def counting(data: Mapping[str, Any]) -> dict[int, Any]:
    """The test records, by number, that no other and no declaration puts out of force."""
    gone = {record.get("supersedes") for record in data["tests"]}
    gone |= {void["number"] for void in data.get("voided_tests", ())}
    return {record["number"]: record for record in data["tests"] if record["number"] not in gone}


def hearing_stands_open(data: Mapping[str, Any]) -> bool:
    """Whether a hearing was asked for and not held, or may still be asked for: no time passes on the way."""
    return "hearing_right" in data and "hearing" not in data


def fails(data: Mapping[str, Any]) -> bool:
    """Whether there is nothing left for the report but to say so, whatever was tested."""
    faulty = any(one["verdict"] == "not_conform" for one in data.get("document_reviews", ()))
    return faulty or "failed_on" in data.get("improvement", {})


def untested(data: Mapping[str, Any]) -> bool:
    """Whether a prototype is yet to be tested; the programme of the laboratory wants one tested, whichever."""
    tested = {record["serial"] for record in counting(data).values()}
    return not tested if "programme" in data else {sample["serial"] for sample in data["samples"]} != tested


def made(data: Mapping[str, Any], record: Mapping[str, Any]) -> int:
    """The number of the record that was made when the test was, whichever corrects it now."""
    while "supersedes" in record:
        record = data["tests"][record["supersedes"] - 1]
    return int(record["number"])


BEGINNINGS: Mapping[str, Sequence[Callable[[Connection], Desk] | None]] = {
    # Half of the walks begin with a first application.
    "type_approval": (None, None, naming_oiml, certified),
    "c_mark": (None, None, remarking, marked),
    "licensing": (None, None, None, None, renewing, amending, adding, licensed),
}
"""What walks begin with, where it is not the draft of a first permit: also a permit that is in force, and what may
become of it."""


@few(40)
@given(data=st.data())
def test_no_walk_breaks_a_rule(engines: dict[str, Engine], service: str, data: st.DataObject) -> None:
    with engines[service].connect() as tx:
        now = data.draw(st.sampled_from([NOW, DECLARED_AT])) if service == "c_mark" else NOW
        begun = data.draw(st.sampled_from(BEGINNINGS[service]))
        desk = begun(tx) if begun else Desk(tx, service, now=now)
        known = ["in_force", "running", None] if service == "licensing" and not begun else [None]
        if status := data.draw(st.sampled_from(known)):
            desk.approve(status)
        crowd = (desk.people["applicant"], *CROWD)
        actions = sorted({row.action for row in desk.procedure.transitions})
        for _ in range(data.draw(st.integers(1, 30))):
            possible = [(action, actor) for action in actions for actor in crowd if rows_for(desk, action, actor)]
            legal = bool(possible) and data.draw(st.integers(0, 3)) > 0
            action, actor = data.draw(
                st.sampled_from(possible) if legal else st.tuples(st.sampled_from(actions), st.sampled_from(crowd))
            )
            changes = data.draw(st.sampled_from(VARIANTS.get(action, ({},))))
            step(desk, action, actor, changes)
        assert_sound(desk)
        tx.rollback()


def test_long_walks_get_to_the_decision_and_still_break_no_rule(engines: dict[str, Engine], service: str) -> None:
    decided = []
    with engines[service].connect() as tx:
        for seed in range(15):
            random = Random(seed)  # noqa: S311 - a walk, no secret
            desk = Desk(tx, service)
            if service == "licensing":
                desk.approve()
            crowd = (desk.people["applicant"], *CROWD)
            forward = {row.action for row in desk.procedure.transitions if not row.undoes} | {"record_test"}
            onward = sorted(forward - {*ENDS, *DETOURS})
            for _ in range(80):
                possible = [(action, actor) for action in onward for actor in crowd if rows_for(desk, action, actor)]
                action, actor = random.choice(possible or [("grant", random.choice(crowd))])
                if random.random() < 0.3:
                    actor = random.choice(crowd)
                step(desk, action, actor, random.choice(VARIANTS.get(action, ({},))))
            assert_sound(desk)
            decided += [action for action in ("grant", "refuse") if action in desk.case.done_by]
        tx.rollback()
    assert set(decided) == {"grant", "refuse"}
    assert len(decided) > 7


def step(desk: Desk, action: str, actor: Actor, changes: dict[str, Any]) -> None:
    """Do it, and compare what came of it with the table."""
    rows, before = rows_for(desk, action, actor), desk.case
    actor = of_the_office(actor, before)
    forbidden = not rows or guards_forbid(desk, action, actor, changes)
    offered = {row.action for row in desk.procedure.next_actions(before, actor)} if before.visible_to(actor) else set()
    assert (action in offered) == bool(rows)
    desk.people["walker"] = actor
    try:
        desk.do(action, who="walker", **changes)
    except Problem as problem:
        if not forbidden:
            raise AssertionError(f"{action} by {actor.subject} in {before.state}: {problem.violations}") from problem
        return
    assert not forbidden, f"{action} by {actor.subject} in {before.state} went through"
    after = desk.case
    assert after.state in {row.target for row in rows}
    assert (after.version, after.entries) == (before.version + 1, before.entries + 1)
    assert after.events == before.events + (1 if rows[0].emits else 0)


def assert_sound(desk: Desk) -> None:
    case = desk.case
    doers = [case.done_by.get(action) for action in ("review", "reject_preliminarily")]
    assert "grant" not in case.done_by or case.done_by["grant"] not in doers
    assert "review" not in case.done_by or case.done_by["review"] != case.done_by.get("close_hearing")
    # A report that was returned is signed again.
    signed = {"drafted_on": "draft_report", "checked_on": "check_report", "issued_on": "issue_report"}
    signatures = [case.done_by[signed[on]] for on in signed if on in case.data.get("report", {})]
    assert len(signatures) == len(set(signatures))
    entries = journal_of(desk.tx, case)
    assert first_broken(entries) is None
    assert entries[-1].hash == case.head
    states = ["draft", *(entry.to_state for entry in entries)]
    assert [entry.from_state for entry in entries] == states[:-1]
    assert states[-1] == case.state
    assert [event["caseseq"] for event in desk.outbox()] == list(range(1, case.events + 1))
    assert_lawful(desk, entries)


ENDED = {"licensing": date(2017, 12, 28), "c_mark": date(2019, 1, 1), "type_approval": date(2019, 10, 23)}
"""From when no such permit is granted: the licence is abolished, the C mark declared, the kind dropped."""


def to_decide(tx: Connection, service: str) -> Iterator[Desk]:
    """A case of each kind of application on which the service is about to decide."""
    if service == "type_approval":
        rejected = Desk(tx, service, **DROPPED)
        rejected.do("submit", "accept", "reject_preliminarily")
        yield rejected
        return
    first = Desk(tx, service)
    if service == "licensing":
        first.approve()
    for desk in (first, *((renewing(tx), amending(tx)) if service == "licensing" else ())):
        desk.do(*WAYS[service][:-2])
        yield desk


@few(2)
@given(later=st.lists(st.integers(0, 3000), min_size=1, max_size=3))
def test_nothing_is_decided_under_rules_that_have_ended(
    engines: dict[str, Engine], service: str, later: list[int]
) -> None:
    with engines[service].connect() as tx:
        for desk in to_decide(tx, service):
            for day in (0, *later):
                now = datetime.combine(ENDED[service] + timedelta(days=day), time(1), UTC)
                for action in ("grant", "refuse"):
                    with pytest.raises(Problem) as caught:
                        desk.attempt(action, now=now)
                    assert "not_needed" in {violation.code for violation in caught.value.violations}
        tx.rollback()
