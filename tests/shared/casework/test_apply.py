"""The engine applies an action: it checks everything, and a step happens completely or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from shared.casework import Cause, Informed, Step, apply, get_case, list_cases, visible_case
from shared.casework.procedure import all_of
from shared.identity import SYSTEM
from shared.problems import Problem, Violation
from shared.text import Text
from tests.shared.casework.parts import NOW, PROCEDURES, RULES, Desk
from tests.support import WAYS, applicant, credit_code, laboratory, officer, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from shared.identity import Actor


@contextmanager
def refused(tx: Connection, kind: str) -> Iterator[pytest.ExceptionInfo[Problem]]:
    """It is refused as `kind`, and no table has changed, though nothing was rolled back."""
    before = snapshot(tx)
    with pytest.raises(Problem) as caught:
        yield caught
    assert caught.value.kind == kind, caught.value
    assert snapshot(tx) == before


def test_a_step_writes_the_case_its_journal_and_its_event(tx: Connection) -> None:
    desk = Desk(tx)
    case = desk.do("submit")
    assert (case.state, case.version, case.entries, case.events) == ("received", 2, 2, 1)
    assert case.done_by == dict.fromkeys(("create", "submit"), desk.people["applicant"].subject)
    assert get_case(tx, case.id) == case
    assert get_case(tx, str(case.number)) == case
    assert desk.rows("SELECT seq, action, from_state, to_state FROM journal WHERE case_id = :id ORDER BY seq") == [
        (1, "create", "draft", "draft"),
        (2, "submit", "draft", "received"),
    ]
    (event,) = desk.outbox()
    wanted = {
        "source": "type_approval",
        "type": "application.received",
        "subject": case.number,
        "caseseq": 1,
        "time": "2013-09-17T01:00:00Z",
        "correlationid": "correlation",
        "causationid": "cause",
    }
    assert {name: event[name] for name in wanted} == wanted
    assert (event["data"]["on"], event["data"]["state"]) == ("2013-09-17", "received")


def test_a_discarded_draft_is_nobodys_and_comes_back_as_it_was(tx: Connection) -> None:
    desk = Desk(tx)
    maker, form = desk.people["applicant"], desk.case.form
    assert desk.do("discard").state == "discarded"
    assert (desk.outbox(), desk.case.visible_to(officer("intake"))) == ([], False)
    for asked, found in (({}, []), ({"state": "discarded"}, [desk.case.id])):
        assert [row.id for row in list_cases(tx, maker, asked, limit=10)[0]] == found
    for action in ("edit", "submit"):
        with refused(tx, "wrong_state"):
            desk.attempt(action)
    assert desk.do("restore_draft").form == form
    assert desk.do("submit").state == "received"
    with refused(tx, "wrong_state"):
        desk.attempt("discard")


def test_a_draft_tells_no_event(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("edit", "edit")
    assert desk.outbox() == []
    assert desk.case.number is None


def test_events_of_a_case_are_counted_without_gaps(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("edit", *WAYS["type_approval"])
    assert [event["caseseq"] for event in desk.outbox()] == list(range(1, len(WAYS["type_approval"]) + 1))
    assert desk.case.events == len(WAYS["type_approval"])


def test_an_action_in_another_state_is_refused(tx: Connection) -> None:
    desk = Desk(tx)
    with refused(tx, "wrong_state"):
        desk.attempt("withdraw")
    desk.do("submit")
    with refused(tx, "wrong_state"):
        desk.attempt("submit")


def test_an_action_nobody_knows_is_refused(tx: Connection) -> None:
    desk = Desk(tx)
    with refused(tx, "not_found"):
        desk.attempt("sing", "applicant")


@pytest.mark.parametrize("who", ["applicant", "examiner", "decider", "system"])
def test_an_action_of_another_role_or_post_is_refused(tx: Connection, who: str) -> None:
    desk = Desk(tx)
    desk.do("submit")
    with refused(tx, "forbidden"):
        desk.attempt("accept", who)


@pytest.mark.parametrize("versions", [{0}, {1}, {3}, {1, 3}])
def test_another_version_than_believed_is_refused(tx: Connection, versions: set[int]) -> None:
    desk = Desk(tx)
    desk.do("edit")
    with refused(tx, "stale") as caught:
        desk.attempt("submit", versions=versions)
    assert caught.value.extra == {"version": 2}
    assert desk.attempt("submit", versions={1, 2}).version == 3


def test_who_examined_does_not_decide(tx: Connection) -> None:
    desk = Desk(tx)
    way = WAYS["type_approval"]
    desk.do(*way[: way.index("review")])
    both = officer("both", "examiner", "decider")
    desk.people |= {"examiner": both, "decider": both}
    desk.do("review")
    for action in ("grant", "refuse"):
        with refused(tx, "four_eyes"):
            desk.attempt(action)
    assert "grant" not in [row.action for row in desk.procedure.next_actions(desk.case, both)]
    desk.people["decider"] = officer("another", "decider")
    assert desk.do("grant").state == "granted"


def test_one_person_of_the_laboratory_signs_once(tx: Connection) -> None:
    desk = Desk(tx)
    way = WAYS["type_approval"]
    desk.do(*way[: way.index("check_report")])
    with refused(tx, "four_eyes"):
        desk.attempt("check_report", "tester")
    desk.do("check_report")
    for who in ("tester", "checker"):
        with refused(tx, "four_eyes"):
            desk.attempt("issue_report", who)


def test_a_guard_lists_everything_that_stands_in_the_way(tx: Connection) -> None:
    desk = Desk(tx, category="sundial", credit_code=credit_code())
    with refused(tx, "invalid") as caught:
        desk.attempt("submit")
    assert {violation.code for violation in caught.value.violations} == {"not_yours", "not_in_catalogue"}


def test_a_rule_has_no_connection_and_is_given_what_was_read_for_it(tx: Connection) -> None:
    desk, seen = Desk(tx), []

    def judge(step: Step, one: int) -> list[Violation]:
        seen.append((one, hasattr(step, "tx")))
        return [Violation("form", "read", Text("", ""))]

    guard = all_of(lambda _step: [], Informed(lambda step: step.tx.execute(text("SELECT 1")).scalar_one(), judge))
    rows = tuple(replace(row, guard=guard) for row in desk.procedure.transitions)
    desk.procedure = replace(desk.procedure, transitions=rows)
    with refused(tx, "invalid") as caught:
        desk.attempt("submit")
    assert ([one.code for one in caught.value.violations], seen) == (["read"], [(1, False)])


def test_a_second_supplement_notice_is_refused(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("submit", "request_supplement", "supplement")
    with refused(tx, "invalid") as caught:
        desk.attempt("request_supplement")
    assert [violation.code for violation in caught.value.violations] == ["told_once"]


@pytest.mark.parametrize("reason", [None, "", "  ", 7])
def test_a_step_that_needs_a_reason_is_refused_without(tx: Connection, reason: object) -> None:
    desk = Desk(tx)
    desk.do("submit")
    with refused(tx, "invalid"):
        desk.attempt("not_required", reason=reason)


@pytest.mark.parametrize("confirmed", ["yes", [1], {}, None])
def test_what_is_confirmed_is_a_list_of_words(tx: Connection, confirmed: object) -> None:
    desk = Desk(tx)
    with refused(tx, "invalid"):
        desk.attempt("submit", confirmed=confirmed)


@pytest.mark.parametrize(
    ("action", "changes"),
    [("submit", {"hurry": True}), ("accept", {"items": []}), ("request_supplement", {"itmes": []})],
)
def test_unknown_fields_are_refused(tx: Connection, action: str, changes: dict[str, Any]) -> None:
    desk = Desk(tx)
    if action != "submit":
        desk.do("submit")
    with refused(tx, "invalid") as caught:
        desk.attempt(action, **changes)
    assert "unknown_field" in {violation.code for violation in caught.value.violations}


def test_a_decision_that_is_undone_gives_its_number_back(tx: Connection) -> None:
    desk = Desk(tx)
    way = WAYS["type_approval"]
    desk.do(*way[: way.index("grant")])
    before = snapshot(tx)
    undone = tx.begin_nested()
    number = desk.attempt("grant").data["certificate"]
    undone.rollback()
    assert snapshot(tx) == before
    assert desk.do("grant").data["certificate"] == number


def test_a_case_is_seen_by_its_own_organisation_only(tx: Connection) -> None:
    desk = Desk(tx)
    maker, lab, staff = desk.people["applicant"], laboratory("LAB-01"), officer("anybody", "intake")
    stranger, other_lab = applicant(credit_code()), laboratory("LAB-02")

    def seen_by() -> set[str]:
        return {
            name
            for name, actor in (
                *(("maker", maker), ("lab", lab), ("staff", staff), ("system", SYSTEM)),
                *(("stranger", stranger), ("other lab", other_lab)),
            )
            if sees(tx, desk.case.id, actor)
        }

    assert seen_by() == {"maker", "system"}
    desk.do("submit", "accept")
    assert seen_by() == {"maker", "staff", "system"}
    desk.do("commission")
    assert seen_by() == {"maker", "staff", "lab", "system"}


def sees(tx: Connection, ref: str, actor: Actor) -> bool:
    """Whether the actor may read the case; the list, and an attempt to act on it, must agree."""
    seen = told(lambda: visible_case(tx, ref, actor)) is None
    if actor is not SYSTEM:
        assert seen == (ref in {case.id for case in list_cases(tx, actor, {}, limit=1000)[0]})
    attempted = told(
        lambda: apply(
            tx, PROCEDURES["type_approval"], ref, "sing", {}, actor=actor, now=NOW, rules=RULES, cause=Cause("", "")
        )
    )
    hidden = f"there is no case {ref}, or it is not yours to see"
    assert attempted == ("there is no action 'sing' in this procedure" if seen else hidden)
    return seen


def told(call: Callable[[], object]) -> str | None:
    """What is told to who is refused, if they are."""
    try:
        call()
    except Problem as problem:
        return problem.detail if isinstance(problem.detail, str) else problem.detail.en
    return None
