"""The API of manufacturing licences, and the events of type approvals that licensing handles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.licensing.parts import ABOLITION, approve, known_as
from tests.support import Caller, Office, PlayedCase, applicant, credit_code, wait_for, wrong_check_digit
from tests.support.forms import line_with

if TYPE_CHECKING:
    from tests.support import Answer


@pytest.fixture
def approval(office: Office) -> PlayedCase:
    """A type approval about to be decided, of which licensing knows."""
    case = office.case("type_approval")
    case.until("review")
    known_as(office, case, "running")
    return case


def codes(answer: Answer) -> list[str]:
    return sorted(answer.faults.values())


def test_lodged_ahead_it_is_received_by_itself_when_the_certificate_is_granted(
    office: Office, approval: PlayedCase
) -> None:
    licence = office.case("licensing", approval.code)
    lodged = licence.do("submit")
    assert lodged["state"] == "lodged"
    assert [action["action"] for action in lodged["next_actions"]] == ["withdraw"]
    approval.do("grant", now="2013-09-20T10:00:00+08:00")
    wait_for(lambda: licence.read()["state"] == "received", what="the application to be received")
    received = licence.read()
    assert received["number"] == lodged["number"]
    assert received["received_on"] == "2013-09-20"
    entry = licence.caller("applicant").get(licence.path("applicant") + "/journal").json["items"][-1]
    assert (entry["action"], entry["role"]) == ("receive", "system")


@pytest.mark.parametrize("end", ["refuse", "withdraw"])
def test_lodged_ahead_it_goes_back_when_the_type_approval_ends_without_a_certificate(
    office: Office, approval: PlayedCase, end: str
) -> None:
    licence = office.case("licensing", approval.code)
    licence.do("submit")
    approval.do(end)
    wait_for(lambda: licence.read()["state"] == "draft", what="the application to be returned")
    assert licence.read()["form"] == licence.form


def test_with_a_certificate_it_is_received_at_once_and_may_become_a_licence(
    office: Office, approval: PlayedCase
) -> None:
    certificate = approval.do("grant")["certificate"]
    known_as(office, approval, "in_force")
    licence = office.case("licensing", approval.code)
    assert licence.do("submit")["state"] == "received"
    for action in ("accept", "plan_assessment", "confirm_assessors", "report_assessment", "review"):
        licence.do(action)
    granted = licence.do("grant")
    found = Caller(licence.caller("applicant").url).get(f"/v1/licences/{granted['licence']}").json
    assert found["status"] == "valid"
    assert (found["granted_on"], found["valid_until"]) == ("2013-09-17", "2016-09-17")
    assert [line["type_approval"] for line in found["lines"]] == [certificate]


@pytest.mark.parametrize(
    "change",
    [
        {"model": "ACS-30"},
        {"characteristics": {"class": "II", "max": "15 kg", "e": "1 g"}},
        {"characteristics": {"class": "III", "max": "30 kg", "e": "5 g"}},
        {"characteristics": {"class": "III", "max": "15 kg", "e": "5 g", "tare_additive": "1 kg"}},
        {"principle": "振弦式"},
    ],
)
def test_what_the_certificate_does_not_cover_is_not_granted(office: Office, change: dict[str, Any]) -> None:
    plain = office.case("licensing")
    (line,) = plain.form["lines"]
    certificate = approve(office, plain.code, line)
    licence = office.case("licensing", plain.code, lines=[line, {**line, **change}])
    with office.unchanged():
        asked = licence.attempt("submit", confirmed=[])
        assert (asked.status, asked.faults) == (409, {"lines.1": "no_type_approval"})
    for action in ("submit", "accept", "plan_assessment", "confirm_assessors", "report_assessment", "review"):
        licence.do(action)
    with office.unchanged():
        answer = licence.attempt("grant")
        assert answer.status == 422
        assert answer.faults == {"lines.1": "outside_scope"}
    # The applicant was told the same when it applied: the nearest certificate, and in what the line differs from it.
    told = [one.json["invalid_params"][0]["reason"].partition("nearest: ")[2] for one in (asked, answer)]
    assert told[0] == told[1]
    assert told[0].startswith(f"{certificate}: ")


def test_the_same_capacity_in_another_unit_is_the_same(office: Office) -> None:
    plain = office.case("licensing")
    (line,) = plain.form["lines"]
    approve(office, plain.code, line)
    same = {**line_with(line, max="15000.0 g"), "model": " acs-15 "}
    licence = office.case("licensing", plain.code, lines=[same])
    for action in ("submit", "accept", "plan_assessment", "confirm_assessors", "report_assessment", "review"):
        licence.do(action)
    assert licence.do("grant")["state"] == "granted"


def test_somebody_elses_type_approval_covers_nothing(office: Office) -> None:
    licence = office.case("licensing")
    approve(office, credit_code(), licence.form["lines"][0])
    for action in ("submit", "accept", "plan_assessment", "confirm_assessors", "report_assessment", "review"):
        licence.do(action)
    assert codes(licence.attempt("grant")) == ["outside_scope"]


def test_a_line_without_type_approval_is_asked_about_and_may_be_confirmed(office: Office, approval: PlayedCase) -> None:
    (line,) = office.case("licensing", approval.code).form["lines"]
    licence = office.case("licensing", approval.code, lines=[line, {**line, "model": "ACS-30"}])
    with office.unchanged():
        answer = licence.attempt("submit", confirmed=[])
        assert (answer.status, answer.faults) == (409, {"lines.1": "no_type_approval"})
        assert "ACS-30" in answer.json["invalid_params"][0]["reason"]
    assert licence.do("submit")["state"] == "lodged"


def test_a_confirmation_is_of_the_warnings_that_were_shown(office: Office) -> None:
    (line,) = office.case("licensing").form["lines"]
    licence = office.case("licensing", lines=[line, {**line, "model": "ACS-30"}])
    first, second = "no_type_approval:lines.0", "no_type_approval:lines.1"
    with office.unchanged():
        for confirmed, asked in (([], [first, second]), ([first], [second]), ([second, "no_type_approval:"], [first])):
            answer = licence.attempt("submit", confirmed=confirmed)
            assert answer.status == 409
            assert [f"{one['code']}:{one['name']}" for one in answer.json["invalid_params"]] == asked
            assert f'"confirmed": {json.dumps(sorted({*confirmed, *asked}))}' in answer.json["detail"]
    assert licence.do("submit", confirmed=[first, second])["state"] == "received"
    *_, entry = licence.caller("applicant").get(f"{licence.path('applicant')}/journal").json["items"]
    assert entry["data"]["confirmed"] == [first, second]


def test_a_wrong_check_digit_is_asked_about_and_may_be_confirmed(office: Office) -> None:
    licence = office.case("licensing", wrong_check_digit(credit_code()))
    with office.unchanged():
        assert codes(licence.attempt("submit", confirmed=[])) == ["credit_code_check_digit", "no_type_approval"]
    confirmed = ["credit_code_check_digit", "no_type_approval"]
    assert licence.do("submit", confirmed=confirmed)["state"] == "received"


def test_equipment_out_of_calibration_is_asked_about_and_shown_to_the_office(office: Office) -> None:
    over = {"name": "F2级砝码组", "range": "20 kg", "calibrated_until": "2013-09-16"}
    case = office.case("licensing", inspection_equipment=[over])
    with office.unchanged():
        for query in ("?dry_run=true", ""):
            answer = case.attempt("submit", query=query)
            assert (answer.status, answer.faults) == (
                409,
                {"inspection_equipment.0.calibrated_until": "out_of_calibration"},
            )
        assert "F2级砝码组" in answer.json["invalid_params"][0]["reason"]
    case.do("submit", confirmed=["no_type_approval", "out_of_calibration"])
    assert case.read("intake")["lapsed_equipment"] == [{"name": "F2级砝码组", "until": "2013-09-16"}]
    case.do("request_supplement")
    mended = {**case.form, "inspection_equipment": [{**over, "calibrated_until": "2014-09-16"}]}
    case.do("supplement", form=mended)
    assert "lapsed_equipment" not in case.read("intake")


def test_the_licence_was_abolished(office: Office) -> None:
    licence = office.case("licensing")
    assert licence.attempt("submit", now="2017-12-27T23:59:59+08:00", query="?dry_run=true").status == 200
    answer = licence.attempt("submit", now="2017-12-28T00:00:00+08:00")
    assert (answer.status, answer.faults) == (422, {"procedure": "not_needed"})
    assert "28 December 2017" in answer.json["invalid_params"][0]["reason"]


def test_nobody_fills_in_a_form_only_to_hear_that_the_licence_was_abolished(office: Office) -> None:
    maker = office.caller("licensing", applicant(credit_code()), ABOLITION)
    empty = maker.post("/v1/applications").json
    answer = maker.post(f"/v1/applications/{empty['id']}/actions/submit", If_Match='"1"')
    assert (answer.status, answer.faults) == (422, {"procedure": "not_needed"})


@pytest.mark.parametrize(("day", "asked"), [("03", True), ("04", False), ("05", False), ("06", False)])
def test_an_assessment_before_the_days_planned_is_confirmed(office: Office, day: str, asked: bool) -> None:
    licence = office.case("licensing")
    for action in ("submit", "accept"):
        licence.do(action)
    licence.do("plan_assessment", planned_from="2013-11-04", planned_to="2013-11-05")
    licence.do("confirm_assessors")
    now = f"2013-11-{day}T09:00:00+08:00"
    answer = licence.attempt("report_assessment", confirmed=[], now=now)
    assert answer.faults == ({"planned_from": "before_planned"} if asked else {})
    assert (answer.status == 409) == asked
    if asked:
        assert licence.do("report_assessment", confirmed=["before_planned"], now=now)["state"] == "assessed"


def test_an_assessment_is_planned_for_a_day_since_the_acceptance(office: Office) -> None:
    licence = office.case("licensing")
    licence.until("accept")
    days: dict[str, Any] = {"planned_from": "2013-09-16", "planned_to": "2013-09-18"}
    assert licence.attempt("plan_assessment", **days).faults == {"planned_from": "before_step"}
    assert licence.do("plan_assessment", **{**days, "planned_from": "2013-09-17"})["state"] == "assessment_planned"
