"""The API of type approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shared.identity import uscc
from shared.testing import Caller, Office, PlayedCase, credit_code, weighing_test, wrong_check_digit
from shared.testing.forms import measure

if TYPE_CHECKING:
    from shared.testing import Answer

SERIES = {"type_approval": {"series_basis": "同一结构"}}
(POINT,) = weighing_test()["points"]


@pytest.fixture
def case(office: Office) -> PlayedCase:
    return office.case("type_approval")


def refused(answer: Answer, status: int, *codes: str) -> Answer:
    assert answer.status == status, answer.body.decode()
    assert sorted(answer.faults.values()) == sorted(codes)
    return answer


def test_a_wrong_check_digit_is_asked_about_and_may_be_confirmed(office: Office) -> None:
    case = office.case("type_approval", wrong_check_digit(credit_code()))
    with office.unchanged():
        answer = refused(case.attempt("submit"), 409, "credit_code_check_digit")
        right = uscc.check_character(case.code[:-1])
        assert answer.json["code"] == "confirmation_needed"
        assert '"confirmed": ["credit_code_check_digit"]' in answer.json["detail"]
        assert answer.faults == {"credit_code": "credit_code_check_digit"}
        assert right in answer.json["invalid_params"][0]["reason"]
        refused(case.attempt("submit", confirmed=["something_else"]), 409, "credit_code_check_digit")
    assert case.do("submit", confirmed=["credit_code_check_digit"])["state"] == "received"


def test_only_ones_own_organisation_applies(office: Office, case: PlayedCase) -> None:
    stranger = office.case("type_approval", credit_code=credit_code())
    refused(stranger.attempt("submit"), 422, "not_yours")
    assert case.do("submit")["applicant"] == case.code


def test_what_a_draft_lacks_is_asked_for_all_at_once_when_it_is_submitted(office: Office, case: PlayedCase) -> None:
    created = case.caller("applicant").post("/v1/applications", {"phone": "1"}).json
    with office.unchanged():
        answer = case.caller("applicant").post(f"/v1/applications/{created['id']}/actions/submit", If_Match='"1"')
    assert answer.status == 422
    assert set(answer.faults) == set(case.form) - {"phone"}
    assert set(answer.faults.values()) == {"missing"}


def test_several_models_need_a_principle_of_the_series(office: Office, case: PlayedCase) -> None:
    line = case.form["lines"][0]
    series = office.case("type_approval", lines=[line, {**line, "model": "ACS-30"}], series_basis="同一结构")
    assert series.do("submit")["state"] == "received"
    answer = case.caller("applicant").put(case.path("applicant"), {**case.form, "lines": [line, line]}, If_Match="*")
    refused(answer, 422, "missing")


def test_an_instrument_outside_the_catalogue_needs_no_approval(office: Office) -> None:
    answer = refused(office.case("type_approval", category="sundial").attempt("submit"), 422, "not_in_catalogue")
    assert "non_automatic_scale" in answer.json["invalid_params"][0]["reason"]


def test_nobody_evaluates_their_own_product(case: PlayedCase) -> None:
    case.until("accept")
    refused(case.attempt("commission", lab=case.code), 422, "own_product")


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"equipment": [{"asset": "M1", "calibrated_until": "2013-09-16"}]}, ["out_of_calibration"]),
        ({"serial": "S-9"}, ["unknown_prototype"]),
        (
            {"equipment": [{"asset": "M1", "calibrated_until": "2013-09-16"}], "serial": "S-9"},
            ["out_of_calibration", "unknown_prototype"],
        ),
        ({"scale_interval": measure("5 L")}, ["impossible"]),
        ({"scale_interval": measure("0 g")}, ["impossible"]),
        ({"conditions": {"temperature": measure("20 kg"), "humidity": measure("101 %")}}, ["impossible"] * 2),
        ({"reading": "direct"}, ["reading"]),
        ({"actual_interval": measure("1 g")}, ["missing"]),
        ({"actual_interval": measure("2 g"), "reading": "direct"}, ["reading"]),
        ({"points": [{"load": measure("10 kg"), "indication": measure("10 kg")}]}, ["missing"]),
        ({"points": [{**POINT, "added": measure("6 g")}]}, ["impossible"]),
        ({"points": [{**POINT, "added": measure("-1 g")}]}, ["impossible"]),
        ({"points": []}, ["invalid"]),
        ({"accuracy_class": "V"}, ["invalid"]),
    ],
)
def test_a_test_that_proves_nothing_is_refused(
    office: Office, case: PlayedCase, changes: dict[str, Any], codes: list[str]
) -> None:
    case.until("receive_samples")
    with office.unchanged():
        refused(case.attempt("record_test", **changes), 422, *codes)


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ({"max": measure("-5 kg")}, ["max"]),
        ({"max": measure("0 t")}, ["max"]),
        ({"max": measure("15 Cel")}, ["max"]),
        ({"scale_interval": measure("0 g")}, ["scale_interval"]),
        ({"scale_interval": measure("-5 g")}, ["scale_interval"]),
        ({"scale_interval": measure("5 kPa")}, ["scale_interval"]),
        ({"scale_interval": measure("3 g")}, ["scale_interval"]),
        ({"accuracy_class": "V"}, ["accuracy_class"]),
        ({"max": measure("750 kg")}, ["max"]),
        ({"max": measure("2.495 kg")}, ["max"]),
        ({"accuracy_class": "2", "max": measure("4 m3/h"), "scale_interval": measure("1 L")}, None),
        ({"accuracy_class": "Ⅲ"}, []),
    ],
)
def test_an_instrument_that_cannot_be_is_not_received(
    office: Office, line: dict[str, Any], fields: list[str] | None
) -> None:
    for service in ("type_approval", "licensing"):
        made = office.case(service)
        form = {**made.form, "lines": [made.form["lines"][0], {**made.form["lines"][0], "model": "B", **line}]}
        case = office.case(service, made.code, lines=form["lines"], **SERIES.get(service, {}))
        for query in ("?dry_run=true", ""):
            answer = case.attempt("submit", query=query)
            if fields is None:
                assert "impossible" in answer.faults.values()
            elif fields:
                assert answer.faults == {f"lines.1.{name}": "impossible" for name in fields}, service
            else:
                assert answer.status == 200, service


def test_what_is_impossible_is_told_beside_what_is_missing(office: Office) -> None:
    case = office.case("type_approval")
    draft = {
        "series_basis": "同",
        "lines": [{"model": "A", "max": measure("0 kg")}, {"max": measure("1 kg"), "accuracy_class": "V"}],
    }
    created = case.caller("applicant").post("/v1/applications", draft)
    assert created.status == 201, "a draft is not finished"
    path = f"/v1/applications/{created.json['id']}/actions/submit?dry_run=true"
    faults = case.caller("applicant").post(path, If_Match='"1"').faults
    assert (faults["lines.0.max"], faults["lines.1.accuracy_class"]) == ("impossible", "impossible")
    assert (faults["lines.1.model"], faults["phone"]) == ("missing", "missing")


def test_a_record_says_how_it_was_read(office: Office) -> None:
    line = {"model": "BA-1", "accuracy_class": "II", "max": measure("2 kg"), "scale_interval": measure("0.1 g")}
    case = office.case("type_approval", lines=[{"name": "电子天平", **line}])
    case.until("arrange")
    case.do("receive_samples", samples=[{"serial": "S-1", "model": "BA-1", "seals": "完好"}])
    fine: dict[str, Any] = {
        "accuracy_class": "II",
        "scale_interval": measure("0.1 g"),
        "actual_interval": measure("0.01 g"),
    }
    for shown, error, verdict in (("499.92", "-0.08 g", "fail"), ("500.03", "0.03 g", "pass")):
        points = [{"load": measure("500 g"), "indication": measure(f"{shown} g")}]
        record = case.do("record_test", reading="direct", points=points, **fine)["tests"][-1]
        assert (record["reading"], record["actual_interval"]) == ("direct", measure("0.01 g"))
        assert (record["points"][0]["error"], record["verdict"]) == (error, verdict)
    points = [{"load": measure("500 g"), "indication": measure("500.05 g"), "added": measure("5 mg")}]
    record = case.do("record_test", reading="changeover", points=points, **fine)["tests"][-1]
    assert (record["points"][0]["error"], record["verdict"]) == ("0.05 g", "pass")


def test_a_standard_is_good_on_its_last_day(case: PlayedCase) -> None:
    case.until("receive_samples")
    case.do("record_test", equipment=[{"asset": "M1", "calibrated_until": "2013-09-17"}])


def test_a_verdict_is_what_the_numbers_say(case: PlayedCase) -> None:
    case.until("receive_samples")
    (point,) = weighing_test()["points"]
    refused(case.attempt("record_test", points=[{**point, "verdict": "fail"}]), 422, "verdict_contradicts_numbers")
    (record,) = case.do("record_test", points=[{**point, "verdict": "pass"}])["tests"]
    assert record["verdict"] == "pass"
    assert (record["points"][0]["error"], record["points"][0]["mpe"]) == ("0 g", record["points"][0]["mpe"])


def test_a_failed_test_fails_the_report_and_the_grant(office: Office, case: PlayedCase) -> None:
    case.until("receive_samples")
    record = case.do("record_test", points=weighing_test("10.020 kg")["points"])["tests"][0]
    assert record["verdict"] == "fail"
    refused(case.attempt("draft_report"), 422, "conclusion_contradicts_records")
    case.do("draft_report", conclusion="fail")
    for action in ("check_report", "issue_report", "review"):
        case.do(action)
    with office.unchanged():
        refused(case.attempt("grant"), 422, "report_fails")
        refused(case.attempt("refuse", norms=[]), 422, "norms_missing")
    decision = case.do("refuse")["decision"]
    assert decision["outcome"] == "refused"
    assert "行政复议" in decision["rights"]


def test_a_test_that_leaves_the_verdict_open_is_repeated(case: PlayedCase) -> None:
    case.until("receive_samples")
    (record,) = case.do("record_test", expanded_uncertainty=measure("4 g"))["tests"]
    assert record["verdict"] == "indeterminate"
    for conclusion in ("pass", "fail"):
        answer = refused(case.attempt("draft_report", conclusion=conclusion), 422, "conclusion_contradicts_records")
        assert "smaller uncertainty" in answer.json["invalid_params"][0]["reason"]
    case.do("record_test", expanded_uncertainty=measure("1 g"), occasion="repeat_incident")
    assert case.do("draft_report")["state"] == "report_drafted"


def test_a_certificate_is_public_and_numbered_at_the_decision(office: Office, case: PlayedCase) -> None:
    other = office.case("type_approval")
    case.until("review")
    other.until("review")
    numbers = [one.do("grant")["certificate"] for one in (other, case)]
    first, second = (int(number[5:-3]) for number in numbers)
    assert second == first + 1
    anybody, path = Caller(case.caller("applicant").url), f"/v1/certificates/{numbers[1]}"
    answer = anybody.get(path)
    assert answer.status == 200
    assert anybody.get(path, If_None_Match=answer.headers["ETag"]).status == 304
    assert answer.json["status"] == "in_force"
    assert answer.json["holder"]["code"] == case.code
    assert answer.json["report"]["sha256"] == case.read()["report"]["sha256"]
    assert anybody.get("/v1/certificates/2013F999-22").status == 404


def test_what_is_not_a_supplement_of_this_application_is_refused(office: Office, case: PlayedCase) -> None:
    case.do("submit")
    case.do("request_supplement")
    with office.unchanged():
        answer = case.attempt("supplement", form={**case.form, "lines": [], "phnoe": "1"})
        assert answer.status == 422
        assert answer.faults == {"lines": "invalid", "phnoe": "unknown_field"}
    assert case.do("supplement")["state"] == "received"
