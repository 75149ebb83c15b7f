"""The one improvement of samples that do not conform (AQSIQ Order 74 Art. 13), and rejection without an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.notices import tell
from tests.support import PlayedCase, wait_for, weighing_test

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from tests.support import Office, Sweep

FAILED = weighing_test("10.020 kg")["points"]


@pytest.fixture
def case(office: Office) -> PlayedCase:
    """A case whose sample has failed a test and is to be improved."""
    made = office.case("type_approval")
    made.until("receive_samples")
    made.do("record_test", points=FAILED)
    made.do("find_nonconformity")
    return made


def report(case: PlayedCase, conclusion: str) -> None:
    case.do("draft_report", conclusion=conclusion)
    case.do("check_report")
    case.do("issue_report")


def expired(servers: Backing, case: PlayedCase, started_on: str = "2013-09-17") -> None:
    """The three months for the improvement are over."""
    data = {"effect": "fail_evaluation", "limit": "improvement", "started_on": started_on, "due_on": "2013-12-17"}
    tell(servers, case, "clock.expired", "2013-12-18T00:00:00+08:00", **data)


def test_what_passes_after_the_improvement_is_approved(case: PlayedCase) -> None:
    assert case.read()["state"] == "improving"
    improved = case.do("deliver_improved")
    assert [sample["serial"] for sample in improved["samples"]] == ["S-1", "S-2"]
    case.do("record_test", serial="S-2", occasion="retest_after_modification")
    report(case, "pass")
    told = case.read("tester")
    assert [(one["serial"], one["occasion"], one["verdict"]) for one in told["tests"]] == [
        *(("S-1", "initial", "fail"), ("S-2", "retest_after_modification", "pass"))
    ]
    assert told["improvement"]["items"][0]["finding"] == "示值超差"
    assert (told["improvement"]["serials"], told["report"]["conclusion"]) == (["S-2"], "pass")
    case.do("review")
    assert case.do("grant")["state"] == "granted"


def test_what_was_not_tested_again_still_fails(case: PlayedCase) -> None:
    case.do("deliver_improved")
    case.do("record_test", serial="S-2", item="A.4.10")
    assert case.attempt("draft_report").faults == {"conclusion": "conclusion_contradicts_records"}


def test_a_second_failure_is_reported_as_such(office: Office, case: PlayedCase) -> None:
    case.do("deliver_improved")
    case.do("record_test", serial="S-2", points=FAILED)
    with office.unchanged():
        assert case.attempt("find_nonconformity").faults == {"items": "improved_once"}
        assert case.attempt("draft_report").faults == {"conclusion": "conclusion_contradicts_records"}
    report(case, "fail")


def test_samples_that_came_in_time_are_registered_after_the_limit(servers: Backing, case: PlayedCase) -> None:
    # Over is over, also before the case has been told.
    late = case.attempt("deliver_improved", now="2013-12-18T09:00:00+08:00")
    assert late.faults == {"received_on": "outside_period"}
    expired(servers, case)
    later = "2013-12-19T09:00:00+08:00"
    assert case.attempt("deliver_improved", now=later, received_on="2013-12-16", reason=None).status == 422
    improved = case.do("deliver_improved", now=later, received_on="2013-12-16")
    assert improved["improvement"]["delivered_on"] == "2013-12-16"
    assert "failed_on" not in improved["improvement"]
    case.do("record_test", now=later, serial="S-2", occasion="retest_after_modification")
    report(case, "pass")


def test_a_receipt_of_improved_samples_is_cancelled_while_nothing_rests_on_it(case: PlayedCase) -> None:
    case.do("deliver_improved")
    case.do("record_test", serial="S-2", occasion="retest_after_modification")
    with case.office.unchanged():
        assert case.attempt("cancel_improved").faults == {"tests": "tested_prototype"}
    case.do("void_test", number=2)
    cancelled = case.do("cancel_improved")
    assert cancelled["state"] == "improving"
    assert [sample["serial"] for sample in cancelled["samples"]] == ["S-1"]
    assert case.do("deliver_improved")["state"] == "evaluating"


def test_a_nonconformity_found_by_mistake_leaves_the_one_improvement_open(case: PlayedCase) -> None:
    withdrawn = case.do("withdraw_nonconformity")
    assert withdrawn["state"] == "evaluating"
    assert "improvement" not in withdrawn
    assert case.do("find_nonconformity")["state"] == "improving"


def test_the_evaluation_fails_when_no_improved_sample_comes_in_time(
    servers: Backing, office: Office, case: PlayedCase
) -> None:
    expired(servers, case, started_on="2013-09-16")
    assert case.read()["state"] == "improving", "that was another limit"
    expired(servers, case)
    ended = case.read("tester")
    assert (ended["state"], ended["improvement"]["failed_on"]) == ("evaluating", "2013-12-17")
    late = case.attempt("deliver_improved", now="2013-12-19T09:00:00+08:00")
    assert late.faults == {"received_on": "outside_period"}
    case.do("record_test")
    with office.unchanged():
        assert case.attempt("draft_report").faults == {"conclusion": "conclusion_contradicts_records"}
    report(case, "fail")
    case.do("review")
    assert case.attempt("grant").faults == {"report": "report_fails"}


def test_time_itself_fails_the_evaluation(office: Office, sweep: Sweep, case: PlayedCase) -> None:
    wait_for(office.settled, what="all events to arrive")
    sweep("2013-12-18T00:00:00+08:00")
    wait_for(lambda: case.read()["state"] == "evaluating", what="the evaluation to fail")
    wait_for(office.settled, what="all events to arrive")
    clocks = "SELECT limit_id, state FROM clocks WHERE case_id = :id AND limit_id IN ('evaluation', 'improvement')"
    states = dict(office.rows("notifications", clocks, id=case.id))
    assert states["evaluation"] == "running", "the laboratory's time goes on for the report"
    assert states["improvement"] != "running"


def test_improved_samples_in_time_win(servers: Backing, case: PlayedCase) -> None:
    case.do("deliver_improved", now="2013-12-17T17:00:00+08:00")
    before = case.read()
    expired(servers, case)
    assert case.read() == before


def test_the_applicant_is_told_what_to_improve(office: Office, case: PlayedCase) -> None:
    wait_for(office.settled, what="all events to arrive")
    told = "SELECT body FROM messages WHERE case_id = :id AND template = 'evaluation.nonconformity_found'"
    ((body,),) = office.rows("notifications", told, id=case.id)
    assert "R76-A.4.4 示值超差" in body


def test_a_preliminary_rejection_goes_to_the_decision_of_another_person(office: Office) -> None:
    case = office.case("type_approval")
    case.until("accept")
    rejected = case.do("reject_preliminarily")
    assert (rejected["state"], rejected["review"]["recommendation"]) == ("reviewed", "refuse")
    with office.unchanged():
        assert case.attempt("grant").faults == {"report": "not_evaluated"}
    assert case.do("refuse", norms=[])["decision"]["outcome"] == "refused"
