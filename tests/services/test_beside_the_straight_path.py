"""What happens beside the straight path from an application to a permit, in the running system: each is done as its
sides do it, told to those who listen, and read as anybody may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.services.licensing.parts import known_as
from tests.support import NOW, wait_for
from tests.support.forms import line_of
from tests.support.office import WAYS

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase

OIML = "R76/2006-A-NL1-13.01"
EVALUATED = WAYS["type_approval"][2:]
"""From the commission to the delivery."""


@pytest.fixture(scope="module")
def approved(office: Office) -> PlayedCase:
    """A certificate in force, which what is attached to it leaves as it is."""
    case = office.case("type_approval")
    case.until("deliver")
    return case


def told(case: PlayedCase) -> list[str]:
    """What its applicant has been told of the case, by the templates, once everything is heard."""
    wait_for(case.office.settled, what="all events to arrive")
    caller = case.office.caller("notifications", case.people["applicant"])
    messages = caller.get(f"/v1/cases/{quote(case.read()['number'])}/messages").json["items"]
    return [message["template"] for message in messages]


def shown(case: PlayedCase) -> Any:
    """The certificate as anybody sees it."""
    anybody = case.office.caller("type_approval", None)
    return anybody.get(f"/v1/certificates/{case.read()['certificate']}").json


def test_an_oiml_certificate_leaves_the_gap_to_test_and_is_named_in_the_certificate(office: Office) -> None:
    case = office.case("type_approval", oiml_certificate=OIML)
    case.do("submit")
    case.do("accept")
    unproved = case.attempt("examine_oiml", status="withdrawn")
    assert unproved.json["code"] == "invalid"
    assert case.attempt("examine_oiml", decision="refuse").faults == {"reason": "missing"}
    case.do("examine_oiml")
    for action in EVALUATED:
        case.do(action)
    assert case.read()["arrangement"]["items"] == ["R76-A.4.4"]
    assert shown(case)["report"]["oiml"] == OIML
    assert "oiml.accepted" in told(case)
    counted = case.caller("head").get("/internal/v1/registers/oiml").json["items"]
    assert case.code in {row["holder"] for row in counted}


def test_an_oiml_certificate_that_is_refused_leaves_everything_to_test(office: Office) -> None:
    case = office.case("type_approval", oiml_certificate=OIML)
    case.do("submit")
    case.do("accept")
    case.do("examine_oiml", decision="refuse", reason="国家要求差异过大")
    for action in EVALUATED[:3]:
        case.do(action)
    assert "items" not in case.read()["arrangement"]
    assert "oiml.refused" in told(case)
    assert "oiml_refusal" in {notice["kind"] for notice in case.read()["notices"]}


def test_a_minor_change_is_declared_and_one_that_affects_the_type_is_applied_for(
    office: Office, approved: PlayedCase
) -> None:
    approved.do("declare_change")
    assert approved.attempt("declare_change").json["code"] == "wrong_state"
    approved.do("assess_change", affects=True, opinion="传感器不同，灵敏度改变")
    approved.do("withdraw_opinion")
    approved.do("assess_change")
    assert [one["affects"] for one in approved.read()["assessed_changes"]] == [False]
    assert "certificate.change_assessed" in told(approved)
    # Another type is another case, which names the certificate that it is a change of.
    number = approved.read()["certificate"]
    other = office.case("type_approval", approved.code, lines=[line_of("ACS-15A")], replaces_certificate=number)
    other.until("grant")
    assert (shown(other)["replaces"], shown(approved)["replaced_by"]) == (number, [shown(other)["number"]])
    assert ("replaced_by" in shown(other), shown(approved)["status"]) == (False, "in_force")
    stranger = office.case("type_approval", replaces_certificate=number)
    assert stranger.attempt("submit").faults == {"replaces_certificate": "another_holder"}
    # The same type of another maker is approved again, for that maker.
    assert office.case("type_approval").do("submit")["state"] == "received"


def test_an_order_stands_at_the_certificate_until_it_is_lifted(approved: PlayedCase) -> None:
    approved.do("issue_order")
    assert approved.attempt("lift_order", number=7).faults == {"number": "unknown_order"}
    found = shown(approved)
    assert (found["status"], [order["measures"] for order in found["orders"]]) == ("in_force", [["stop_making"]])
    approved.do("lift_order")
    assert "orders" not in shown(approved)
    assert {"certificate.order_issued", "certificate.order_lifted"} <= {*told(approved)}
    assert {"order", "order_lifted"} <= {notice["kind"] for notice in approved.read()["notices"]}


def test_a_contract_to_make_is_read_at_the_licence_until_it_ends(office: Office, approved: PlayedCase) -> None:
    known_as(office, approved, "in_force")
    licence = office.case("licensing", approved.code)
    licence.until("deliver")
    path = f"/v1/licences/{quote(licence.read()['licence'])}"
    assert licence.attempt("report_contract", models=["ACS-30"]).faults == {"models.0": "not_licensed"}
    licence.do("report_contract")
    anybody = office.caller("licensing", None)
    assert [one["client"] for one in anybody.get(path).json["contracts"]] == ["试验商贸有限公司"]
    licence.do("end_contract")
    assert "contracts" not in anybody.get(path).json
    for side in ("applicant", "examiner"):
        (held,) = licence.caller(side).get(f"{licence.path(side)}/contracts").json["items"]
        assert (held["number"], held["client_name"], held["standing"]) == (1, "试验商贸有限公司", "ended")
    wait_for(office.settled, what="all events to arrive")
    feed = office.caller("notifications", licence.people["applicant"]).get("/v1/events?limit=100").json["items"]
    assert {"licence.contract_reported", "licence.contract_ended"} <= {event["type"] for event in feed}


@pytest.mark.parametrize("state", ["submit", "accept", "commission", "receive_samples", "issue_report", "review"])
def test_an_applicant_that_is_gone_ends_the_procedure_wherever_it_stands(office: Office, state: str) -> None:
    case = office.case("type_approval")
    case.until(state)
    assert (case.do("terminate")["state"], case.read()["end"]["ground"]) == ("terminated", "APPLICANT_GONE")
    wait_for(office.settled, what="all events to arrive")
    caller = office.caller("notifications", case.people["head"], NOW)
    clocks = caller.get(f"/internal/v1/cases/{case.read()['number']}/clocks").json["items"]
    # What may be done against it runs on, and the laboratory keeps its records.
    acting = {clock["limit"] for clock in clocks if clock["state"] in {"running", "paused"}}
    assert acting <= {"review_window", "suit_window", "archive"}


@pytest.mark.parametrize("state", ["submit", "accept", "commission", "receive_samples", "issue_report", "review"])
def test_an_applicant_withdraws_until_it_is_decided(office: Office, state: str) -> None:
    case = office.case("type_approval")
    case.until(state)
    assert case.do("withdraw")["state"] == "withdrawn"
    wait_for(office.settled, what="all events to arrive")
    caller = office.caller("notifications", case.people["applicant"], NOW)
    clocks = caller.get(f"/v1/cases/{case.read()['number']}/clocks").json["items"]
    assert {clock["limit"] for clock in clocks if clock["state"] in {"running", "paused"}} <= {"archive"}
