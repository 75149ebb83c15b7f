"""The decider may send a case back for examination; the statutory limit keeps running."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import officer

if TYPE_CHECKING:
    from tests.support import Office


@pytest.mark.parametrize(("service", "state"), [("type_approval", "report_review"), ("licensing", "assessed")])
def test_a_case_sent_back_is_examined_again_and_no_clock_stops(office: Office, service: str, state: str) -> None:
    case = office.case(service)
    case.until("review")
    tried = case.attempt("send_back", query="?dry_run=true")
    assert tried.json["clocks"] == {"started": [], "moved": [], "stopped": []}
    sent = case.do("send_back", reason="依据不足")
    assert (sent["state"], sent["sent_back"]["reason"]) == (state, "依据不足")
    assert "review" not in sent
    assert "sent_back" not in case.read("applicant")
    assert case.attempt("grant").json["code"] == "wrong_state"
    assert case.do("review", recommendation="refuse")["review"]["recommendation"] == "refuse"
    assert case.do("refuse")["state"] == "refused"


def test_a_preliminary_rejection_may_lead_to_an_evaluation_after_all(office: Office) -> None:
    case = office.case("type_approval")
    case.until("accept")
    case.do("reject_preliminarily")
    assert case.attempt("grant").faults == {"report": "not_evaluated"}
    assert case.do("send_back")["state"] == "accepted"
    for action in ("commission", "arrange", "receive_samples", "record_test", "draft_report", "check_report"):
        case.do(action)
    for action in ("issue_report", "review"):
        case.do(action)
    assert case.do("grant")["state"] == "granted"


def test_who_examined_does_not_send_back(office: Office) -> None:
    case = office.case("type_approval")
    case.until("issue_report")
    case.people["both"] = officer("both", "examiner", "decider")
    case.do("review", "both")
    assert case.attempt("send_back", "both").json["code"] == "four_eyes"
    assert case.attempt("send_back", reason=" ").status == 422
