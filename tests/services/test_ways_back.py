"""What was done by mistake is taken back by those who did it: over HTTP, with its clocks and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import line_of, officer, wait_for
from tests.support.forms import elsewhere, findings

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase

EXAMINED = {"type_approval": "issue_report", "licensing": "report_assessment"}
NOTICED = {"type_approval": "commission", "licensing": "plan_assessment"}
THE_18TH, THE_22ND, THE_24TH, THE_30TH, IN_OCTOBER = (
    f"2013-{day}T09:00:00+08:00" for day in ("09-18", "09-22", "09-24", "09-30", "10-08")
)


@pytest.fixture(params=["type_approval", "licensing"])
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def begun(office: Office, service: str, last: str) -> PlayedCase:
    case = office.case(service)
    case.until(last)
    return case


def clocks(case: PlayedCase, now: str) -> dict[str, Any]:
    """The last clock of each limit, as the office sees it then, once all is told."""
    wait_for(case.office.settled, what="all events to arrive")
    caller = case.office.caller("notifications", case.people["head"], now)
    items = caller.get(f"/internal/v1/cases/{case.read()['number']}/clocks").json["items"]
    return {clock["limit"]: clock for clock in sorted(items, key=lambda clock: str(clock["started_on"]))}


def told(case: PlayedCase, template: str) -> list[str]:
    """What the applicant is told of that."""
    wait_for(case.office.settled, what="all events to arrive")
    query = "SELECT body FROM messages WHERE case_id = :id AND template = :template AND recipient = 'applicant'"
    return [body for (body,) in case.office.rows("notifications", query, id=case.id, template=template)]


def test_an_application_is_corrected_until_it_is_accepted(office: Office, service: str) -> None:
    case = begun(office, service, "submit")
    mended = {**case.form, "phone": "0431-80000001"}
    corrected = case.do("correct", form=mended, now=THE_18TH)
    assert (corrected["state"], corrected["form"]["phone"]) == ("received", "0431-80000001")
    assert clocks(case, THE_18TH)["intake"]["started_on"] == "2013-09-17", "the office has what it had to examine"
    with office.unchanged():
        assert case.attempt("correct", form={**mended, "phone": ""}).status == 422
    case.do("accept", now=THE_18TH)
    assert case.attempt("correct", form=mended).json["code"] == "wrong_state"


def test_an_acceptance_is_revoked_while_the_limit_of_intake_lasts(office: Office, service: str) -> None:
    case = begun(office, service, "submit")
    intake = clocks(case, THE_18TH)["intake"]["due_on"]
    case.do("accept", now=THE_18TH)
    with office.unchanged():
        assert case.attempt("revoke_acceptance", now="2013-09-26T09:00:00+08:00").faults == {"accepted": "too_late"}
        assert case.attempt("revoke_acceptance", reason=" ").faults == {"reason": "missing"}
    revoked = case.do("revoke_acceptance", now=THE_24TH)
    assert revoked["state"] == "received"
    assert "accepted" not in revoked
    after = clocks(case, THE_24TH)
    assert (after["intake"]["state"], after["intake"]["due_on"]) == ("running", intake), "as though never accepted"
    assert after["decision"]["state"] == "stopped"
    assert "met" not in after["decision"]
    assert len(told(case, "application.acceptance_revoked")) == 1


@pytest.mark.parametrize("action", ["not_required", "not_accept"])
def test_an_application_turned_away_is_taken_up_again(office: Office, service: str, action: str) -> None:
    case = begun(office, service, "submit")
    case.do(action, now=THE_18TH)
    reopened = case.do("reopen", now=THE_24TH)
    assert reopened["state"] == "received"
    assert not {"end", "referred_to"} & reopened.keys()
    intake = clocks(case, THE_24TH)["intake"]
    assert (intake["state"], intake["consumed"], intake["due_on"]) == ("running", 1, "2013-09-29")
    assert case.do("accept", now=THE_24TH)["state"] == "accepted"


def test_a_time_notice_is_replaced_and_the_days_since_the_first_stay_uncounted(office: Office, service: str) -> None:
    case = begun(office, service, NOTICED[service])
    assert case.attempt("replace_time_notice").json["code"] == "wrong_state"
    first = case.do("serve_time_notice", now=THE_18TH)["time_notice"]
    replaced = case.do("replace_time_notice", needed="约5个月", now=THE_24TH)["time_notice"]
    assert (replaced["needed"], replaced["on"]) == ("约5个月", "2013-09-18")
    assert replaced["number"] != first["number"]
    decision = clocks(case, THE_24TH)["decision"]
    assert (decision["state"], decision["consumed"]) == ("paused", 1)
    (message,) = told(case, "time_notice.replaced")
    assert "约5个月" in message


def test_time_of_which_there_is_no_valid_notice_counts(office: Office, service: str) -> None:
    case = begun(office, service, NOTICED[service])
    before = clocks(case, THE_18TH)["decision"]["due_on"]
    case.do("serve_time_notice", now=THE_18TH)
    withdrawn = case.do("withdraw_time_notice", now=THE_24TH)
    assert "time_notice" not in withdrawn
    decision = clocks(case, THE_24TH)["decision"]
    assert (decision["state"], decision["due_on"], decision["consumed"]) == ("running", before, 4)
    assert len(told(case, "time_notice.withdrawn")) == 1
    assert case.do("serve_time_notice", now=THE_24TH)["time_notice"]["on"] == "2013-09-24"


def test_the_notice_of_a_hearing_is_corrected(office: Office, service: str) -> None:
    case = begun(office, service, EXAMINED[service])
    case.do("order_hearing")
    with office.unchanged():
        soon = case.attempt("correct_hearing", now=THE_18TH, held_on="2013-09-26")
        assert soon.faults == {"held_on": "too_soon"}
    hearing = case.do("correct_hearing", now=THE_18TH, held_on="2013-10-08", place="二楼")["hearing"]
    assert (hearing["held_on"], hearing["place"], hearing["on"]) == ("2013-10-08", "二楼", "2013-09-17")
    (message,) = told(case, "hearing.corrected")
    assert "2013年10月8日" in message
    assert case.attempt("close_hearing", now=THE_30TH).faults == {"hearing": "not_yet"}
    assert clocks(case, IN_OCTOBER)["decision"]["consumed"] == 0
    case.do("close_hearing", now=IN_OCTOBER)
    assert clocks(case, IN_OCTOBER)["decision"]["state"] == "running"


def test_a_hearing_is_cancelled_and_may_be_ordered_again(office: Office, service: str) -> None:
    case = begun(office, service, EXAMINED[service])
    before = case.read()["state"]
    case.do("order_hearing")
    cancelled = case.do("cancel_hearing", now=THE_24TH)
    assert cancelled["state"] == before
    assert "hearing" not in cancelled
    decision = clocks(case, THE_24TH)["decision"]
    assert (decision["state"], decision["consumed"]) == ("running", 0), "it was told that these days do not count"
    assert len(told(case, "hearing.cancelled")) == 1
    assert case.do("order_hearing", now=THE_24TH, held_on="2013-10-15")["state"] == "hearing"


def test_the_record_of_a_hearing_is_corrected_but_not_by_who_examined(office: Office, service: str) -> None:
    case = begun(office, service, EXAMINED[service])
    case.do("order_hearing")
    case.do("close_hearing", now=THE_30TH)
    corrected = case.do("correct_minutes", now=THE_30TH, minutes="申请人另有陈述")["hearing"]
    assert (corrected["minutes"], corrected["chair"], corrected["closed_on"]) == (
        *("申请人另有陈述", "chair-1"),
        "2013-09-30",
    )
    case.do("review", now=THE_30TH)
    assert case.attempt("correct_minutes", "examiner", now=THE_30TH).json["code"] == "four_eyes"


def test_a_refusal_not_yet_served_is_recalled_as_though_never_decided(office: Office, service: str) -> None:
    case = begun(office, service, "review")
    before = clocks(case, THE_18TH)["decision"]["due_on"]
    case.do("refuse", now=THE_18TH, bar="FALSE_MATERIALS")
    assert case.attempt("revoke_refusal").json["code"] == "wrong_state"
    recalled = case.do("recall_decision", now=THE_24TH)
    assert recalled["state"] == "reviewed"
    assert not {"decision", "bar"} & recalled.keys()
    after = clocks(case, THE_24TH)
    assert (after["decision"]["state"], after["decision"]["due_on"]) == ("running", before)
    assert after["delivery"]["state"] == "stopped"
    assert "met" not in after["delivery"]
    assert len(told(case, "decision.recalled")) == 1
    other = {"lines": [line_of("ACS-20")]} if service == "type_approval" else elsewhere()
    another = office.case(service, case.code, **other)
    assert another.attempt("submit", query="?dry_run=true").status == 200, "the bar is gone too"
    assert case.do("refuse", now=THE_24TH)["state"] == "refused"


def test_a_refusal_that_was_served_is_revoked_with_the_time_to_contest_it(office: Office, service: str) -> None:
    case = begun(office, service, "review")
    case.do("refuse", now=THE_18TH)
    case.do("deliver", now=THE_22ND)
    assert case.attempt("recall_decision", now=THE_24TH).json["code"] == "wrong_state"
    revoked = case.do("revoke_refusal", now=THE_24TH)
    assert revoked["state"] == "reviewed"
    assert not {"decision", "delivery"} & revoked.keys()
    after = clocks(case, THE_24TH)
    assert (after["decision"]["state"], after["decision"]["consumed"]) == ("running", 1)
    assert {after[window]["state"] for window in ("review_window", "suit_window")} == {"stopped"}
    assert len(told(case, "refusal.revoked")) == 1


@pytest.mark.parametrize(
    ("service", "decided"), [("type_approval", "grant"), ("type_approval", "refuse"), ("licensing", "refuse")]
)
def test_a_delivery_that_did_not_take_place_is_registered_anew(office: Office, service: str, decided: str) -> None:
    case = begun(office, service, "review")
    state = case.do(decided, now=THE_18TH)["state"]
    due_on = clocks(case, THE_18TH)["delivery"]["due_on"]
    case.do("deliver", now=THE_22ND)
    cancelled = case.do("cancel_delivery", now=THE_24TH)
    assert cancelled["state"] == state
    assert "delivery" not in cancelled
    delivery = clocks(case, THE_24TH)["delivery"]
    assert (delivery["state"], delivery["due_on"]) == ("running", due_on)
    again = case.do("deliver", now=THE_30TH, served_on="2013-09-29")
    assert again["delivery"]["on"] == "2013-09-29"


def test_an_extension_is_withdrawn(office: Office, service: str) -> None:
    case = begun(office, service, "accept")
    assert case.attempt("withdraw_extension").json["code"] == "wrong_state"
    before = clocks(case, THE_18TH)["decision"]["due_on"]
    case.do("extend", now=THE_18TH)
    assert clocks(case, THE_18TH)["decision"]["due_on"] > before
    assert "extension" not in case.do("withdraw_extension", now=THE_24TH)
    assert clocks(case, THE_24TH)["decision"]["due_on"] == before
    case.do("extend", now=THE_24TH)


def test_a_case_that_goes_on_after_its_end_is_counted_when_it_ends_again(office: Office, service: str) -> None:
    case = begun(office, service, "review")
    case.do("refuse", now="2014-02-10T09:00:00+08:00")
    case.do("deliver", now="2014-02-11T09:00:00+08:00")
    counted = finished(case, "2014-02")
    case.do("revoke_refusal", now="2014-02-12T09:00:00+08:00")
    assert finished(case, "2014-02") == counted - 1
    case.do("refuse", now="2014-04-03T09:00:00+08:00")
    before = finished(case, "2014-04")
    case.do("deliver", now="2014-04-04T09:00:00+08:00")
    assert finished(case, "2014-04") == before + 1


def finished(case: PlayedCase, month: str) -> int:
    """How many cases of its procedure the statistics have for that month."""
    wait_for(case.office.settled, what="all events to arrive")
    procedure = {"type_approval": "type_approval", "licensing": "manufacture"}[case.service]
    query = f"from={month}-01&to={month}-28&procedure={procedure}"
    head = case.office.caller("notifications", officer("head", "bureau_head"))
    months = head.get(f"/internal/v1/statistics?{query}").json["cases"]
    return sum(found["cases"] for found in months if found["month"] == month)


def test_a_licence_application_is_received_when_a_refused_approval_is_granted_after_all(office: Office) -> None:
    approval = begun(office, "type_approval", "review")
    licence = office.case("licensing", approval.code)
    wait_for(office.settled, what="the application to be known")
    assert licence.do("submit")["state"] == "lodged"
    approval.do("refuse")
    wait_for(lambda: licence.read()["state"] == "draft", what="the application to be returned")
    approval.do("recall_decision")
    wait_for(office.settled, what="the recall to be known")
    assert licence.do("submit")["state"] == "lodged"
    approval.do("grant")
    wait_for(lambda: licence.read()["state"] == "received", what="the application to be received")


def test_an_application_lodged_ahead_and_terminated_by_mistake_is_received_if_its_approval_was_granted_meanwhile(
    office: Office,
) -> None:
    approval = begun(office, "type_approval", "review")
    licence = office.case("licensing", approval.code)
    wait_for(office.settled, what="the application to be known")
    licence.do("submit")
    licence.do("terminate")
    approval.do("grant")
    wait_for(office.settled, what="the certificate to be known")
    assert licence.do("reopen")["state"] == "received"


def test_an_extension_goes_with_the_acceptance_that_it_was_of(office: Office, service: str) -> None:
    case = begun(office, service, "accept")
    case.do("extend")
    assert "extension" not in case.do("revoke_acceptance")
    case.do("accept")
    case.do("extend")


def test_a_report_returned_to_the_laboratory_is_corrected_in_the_rest_of_the_time(office: Office) -> None:
    """The evaluation goes on, and the time for the decision waits for the report again."""
    case = begun(office, "type_approval", "record_test")
    for action in ("draft_report", "check_report"):
        case.do(action)
    case.do("issue_report", now=THE_18TH)
    returned = case.do("return_to_lab", now=THE_24TH)
    assert returned["state"] == "evaluating"
    assert "report" not in returned
    [old] = case.read("tester")["superseded_reports"]
    assert (old["report"]["number"], old["items"]) == ("R-1", ["缺少静电放电试验记录"])
    after = clocks(case, THE_24TH)
    assert (after["evaluation"]["state"], after["evaluation"]["consumed"]) == ("running", 1)
    assert (after["decision"]["state"], after["report_review"]["state"]) == ("paused", "stopped")
    assert len(told(case, "report.withdrawn")) == 1
    for action in ("draft_report", "check_report"):
        case.do(action, now=THE_24TH)
    assert case.do("issue_report", now=THE_24TH)["state"] == "report_review"
    assert case.attempt("return_to_lab", now=THE_24TH).faults == {"items": "told_once"}
    assert case.do("recall_report", now=THE_24TH)["state"] == "evaluating"
    for action in ("draft_report", "check_report"):
        case.do(action, now=THE_24TH)
    again = case.do("issue_report", now=THE_24TH)
    assert (again["state"], again["report"]["issued_on"]) == ("report_review", "2013-09-24")
    assert clocks(case, THE_24TH)["evaluation"]["state"] == "stopped"


@pytest.mark.parametrize("last", ["draft_report", "check_report"])
def test_a_report_is_returned_to_its_author_before_it_is_issued(office: Office, last: str) -> None:
    case = begun(office, "type_approval", last)
    returned = case.do("return_report")
    assert returned["state"] == "evaluating"
    case.do("draft_report", number="R-2")
    case.do("check_report")
    assert case.do("issue_report")["report"]["number"] == "R-2"


def test_a_receipt_of_samples_is_corrected_or_cancelled_while_no_test_rests_on_it(office: Office) -> None:
    case = begun(office, "type_approval", "receive_samples")
    other = {"serial": "S-9", "model": "ACS-15", "seals": "完好"}
    assert [sample["serial"] for sample in case.do("correct_receipt", samples=[other])["samples"]] == ["S-9"]
    case.do("record_test", serial="S-9")
    with office.unchanged():
        assert case.attempt("correct_receipt").faults == {"samples": "tested_prototype"}
        assert case.attempt("cancel_receipt").faults == {"tests": "tested_prototype"}
    case.do("void_test")
    cancelled = case.do("cancel_receipt")
    assert cancelled["state"] == "arranged"
    assert not {"samples", "documents"} & cancelled.keys()
    assert "met" not in clocks(case, THE_18TH)["evaluation"]
    case.do("rearrange", samples=2, now=THE_18TH)
    assert case.attempt("receive_samples", now=THE_18TH).faults == {"samples": "number_of_prototypes"}
    two = [{**other, "serial": serial} for serial in ("S-1", "S-2")]
    case.do("receive_samples", samples=two, now=THE_18TH)
    assert clocks(case, THE_18TH)["evaluation"]["started_on"] == "2013-09-18"


def test_an_assessment_is_planned_anew_or_cancelled_with_its_time_notice(office: Office) -> None:
    case = begun(office, "licensing", "serve_time_notice")
    served = case.read()
    replanned = case.do("replan_assessment", planned_from="2013-11-05", now=THE_18TH)
    assert replanned["assessment_plan"]["team"][0].keys() == served["assessment_plan"]["team"][0].keys() - {
        "confirmed_on"
    }
    assert replanned["time_notice"] == served["time_notice"]
    cancelled = case.do("cancel_assessment", now=THE_24TH)
    assert cancelled["state"] == "accepted"
    assert not {"assessment_plan", "time_notice"} & cancelled.keys()
    assert clocks(case, THE_24TH)["decision"]["state"] == "running"


def test_an_assessment_report_taken_back_ends_the_rectification_it_asked_for(office: Office) -> None:
    case = begun(office, "licensing", "serve_time_notice")
    found = findings(c4_2="minor")
    case.do("report_assessment", findings=found, conclusion="rectify", now=THE_18TH)
    withdrawn = case.do("withdraw_assessment_report", now=THE_24TH)
    assert withdrawn["state"] == "assessment_planned"
    assert "assessment" not in withdrawn
    after = clocks(case, THE_24TH)
    assert (after["rectification"]["state"], after["decision"]["state"]) == ("stopped", "paused")
    case.do("report_assessment", findings=found, conclusion="rectify", now=THE_24TH)
    case.do("verify_rectification", now=THE_30TH)
    assert clocks(case, THE_30TH)["decision"]["state"] == "running"
    again = case.do("withdraw_verification", now=IN_OCTOBER)
    assert (again["state"], again["assessment"]["conclusion"]) == ("rectifying", "rectify")
    after = clocks(case, IN_OCTOBER)
    assert (after["rectification"]["state"], after["decision"]["state"]) == ("running", "paused")
    assert case.do("verify_rectification", now=IN_OCTOBER)["state"] == "assessed"
