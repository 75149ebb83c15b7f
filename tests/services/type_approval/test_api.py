"""The API of type approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shared.identity import uscc
from tests.support import Caller, Office, PlayedCase, credit_code, weighing_test, wrong_check_digit
from tests.support.forms import line_with

if TYPE_CHECKING:
    from tests.support import Answer

SERIES = {"type_approval": {"series_basis": "同一结构"}}
POINT, *_ = weighing_test()["points"]


@pytest.fixture
def case(office: Office) -> PlayedCase:
    return office.case("type_approval")


@pytest.fixture(scope="module")
def untested(office: Office) -> PlayedCase:
    """A case whose samples the laboratory has; what is refused leaves it as it is."""
    case = office.case("type_approval")
    case.until("receive_samples")
    return case


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
        assert '"credit_code_check_digit:credit_code"' in answer.json["detail"]
        assert answer.faults == {"credit_code": "credit_code_check_digit"}
        assert right in answer.json["invalid_params"][0]["reason"]
        refused(case.attempt("submit", confirmed=["something_else"]), 409, "credit_code_check_digit")
    assert case.do("submit", confirmed=["credit_code_check_digit"])["state"] == "received"


def test_the_certificate_to_replace_is_ones_own(office: Office, case: PlayedCase) -> None:
    case.until("grant")
    number = case.read()["certificate"]
    spelt = f" cpa {number.replace('-', '–')} "
    other = office.case("type_approval", replaces_certificate=number)
    with office.unchanged():
        assert refused(other.attempt("submit"), 422, "another_holder").faults == {
            "replaces_certificate": "another_holder"
        }
        # To confirm what nobody knows is not to confirm what is another's.
        refused(other.attempt("submit", confirmed=["unknown_certificate", "another_holder"]), 422, "another_holder")
    assert office.case("type_approval", case.code, replaces_certificate=spelt).do("submit")["state"] == "received"


def test_a_certificate_that_the_register_does_not_have_is_confirmed_and_that_stays_on_record(office: Office) -> None:
    case = office.case("type_approval", replaces_certificate="2009F101-32")
    with office.unchanged():
        refused(case.attempt("submit"), 409, "unknown_certificate")
    assert case.do("submit", confirmed=["unknown_certificate"])["state"] == "received"
    (entry,) = (one for one in case.caller("applicant").get(f"{case.path('applicant')}/journal").json["items"][1:])
    assert entry["data"]["confirmed"] == ["unknown_certificate"]
    with office.unchanged():
        mended = {**case.form, "replaces_certificate": "2009F101-33"}
        refused(case.attempt("correct", form=mended, confirmed=[]), 409, "unknown_certificate")


def test_what_a_draft_lacks_is_asked_for_all_at_once_when_it_is_submitted(office: Office, case: PlayedCase) -> None:
    created = case.caller("applicant").post("/v1/applications", {"phone": "1"}).json
    with office.unchanged():
        answer = case.caller("applicant").post(f"/v1/applications/{created['id']}/actions/submit", If_Match='"1"')
    assert answer.status == 422
    assert set(answer.faults) == set(case.form) - {"phone"}
    assert set(answer.faults.values()) == {"missing"}


def test_several_models_need_a_principle_of_the_series(office: Office, case: PlayedCase) -> None:
    line = case.form["lines"][0]
    lines = [line, {**line, "model": "ACS-30"}]
    series = office.case("type_approval", lines=lines, series_basis="同一结构")
    assert series.do("submit")["state"] == "received"
    answer = case.caller("applicant").put(case.path("applicant"), {**case.form, "lines": lines}, If_Match="*")
    refused(answer, 422, "missing")


def test_an_instrument_outside_the_catalogue_needs_no_approval(office: Office) -> None:
    case = office.case("type_approval")
    sundial = {**case.form, "category": "sundial"}
    answer = refused(case.caller("applicant").post("/v1/applications", sundial), 422, "not_in_catalogue")
    assert "choose from the catalogue" in answer.json["invalid_params"][0]["reason"]
    # What the catalogue had when the draft was written, it need not have when that is submitted.
    refused(case.attempt("submit", now="2006-04-30T09:00:00+08:00"), 422, "not_in_catalogue")


def test_nobody_evaluates_their_own_product(case: PlayedCase) -> None:
    case.until("accept")
    refused(case.attempt("commission", lab=case.code), 422, "own_product")


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"equipment": [{"asset": "M1-old"}]}, ["out_of_calibration"]),
        ({"serial": "S-9"}, ["unknown_prototype"]),
        (
            {"equipment": [{"asset": "M1-old"}], "serial": "S-9"},
            ["out_of_calibration", "unknown_prototype"],
        ),
        ({"item": "A.99"}, ["unknown_item"]),
        ({"edition": "R 76-1:1992"}, ["unknown_edition"]),
        ({"characteristics": {"e": "5 L"}}, ["another_characteristic"]),
        ({"conditions": {"temperature": "20 kg", "humidity": "101 %"}}, ["impossible"] * 2),
        ({"conditions_at_end": {"temperature": "20.4 Cel"}}, ["missing"]),
        ({"on": "2013-09-18"}, ["future"]),
        ({"on": "2013-09-16"}, ["before_step"]),
        ({"settings": {"reading": "direct"}}, ["no_limit"]),
        ({"settings": {"reading": "guessed"}}, ["impossible"]),
        ({"settings": {"load": "5 kg", "nonsense": "1"}}, ["unknown_name"] * 2),
        ({"settings": {"shown_interval": "2 g", "reading": "direct"}}, ["no_limit"]),
        ({"points": [{"load": f"{n} kg", "indication": f"{n} kg"} for n in range(1, 11)]}, ["no_limit"]),
        ({"points": [{**POINT, "load": f"{n} kg", "added": "6 g"} for n in range(1, 11)]}, ["no_limit"]),
        ({"points": [{**POINT, "added": "-1 g"}]}, ["impossible"]),
        ({"points": [{**POINT, "load": "16 kg"}]}, ["impossible"]),
        ({"points": [{**POINT, "load": "10 L", "q3": "1 m3/h"}]}, ["impossible", "unknown_name"]),
        ({"points": [{**POINT, "load": 10}]}, ["invalid"]),
        ({"points": []}, ["invalid"]),
        ({"uncertainty": "-1 g"}, ["impossible"]),
    ],
)
def test_a_test_that_proves_nothing_is_refused(
    office: Office, untested: PlayedCase, changes: dict[str, Any], codes: list[str]
) -> None:
    with office.unchanged():
        refused(untested.attempt("record_test", **changes), 422, *codes)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"e": "3 g"}, ["e"]),
        ({"max": "750 kg"}, ["max"]),
        ({"max": "2.495 kg"}, ["max"]),
        ({"min": "1 g"}, ["min"]),
        ({"class": "Ⅲ"}, []),
    ],
)
def test_an_instrument_that_cannot_be_is_not_received(
    office: Office, changes: dict[str, str], fields: list[str]
) -> None:
    for service in ("type_approval", "licensing"):
        made = office.case(service)
        (line,) = made.form["lines"]
        other = {**line_with(line, **changes), "model": "B"}
        case = office.case(service, made.code, lines=[line, other], **SERIES.get(service, {}))
        for query in ("?dry_run=true", ""):
            answer = case.attempt("submit", query=query)
            if fields:
                assert answer.faults == {f"lines.1.characteristics.{name}": "impossible" for name in fields}, service
            else:
                assert answer.status == 200, service


def test_what_is_impossible_is_told_beside_what_is_missing(office: Office) -> None:
    case = office.case("type_approval")
    draft = {
        "series_basis": "同",
        "category": "water_meter",
        "lines": [{"model": "A", "characteristics": {"r": "45"}}, {"characteristics": {"q3": "2.6"}}],
    }
    created = case.caller("applicant").post("/v1/applications", draft)
    assert created.status == 201, "a draft is not finished"
    path = f"/v1/applications/{created.json['id']}/actions/submit?dry_run=true"
    faults = case.caller("applicant").post(path, If_Match='"1"').faults
    told = [faults[f"lines.{place}"] for place in ("0.characteristics.r", "1.characteristics.q3")]
    assert told == ["impossible"] * 2
    lacking = {"lines.0.characteristics.q3", "lines.1.characteristics.temperature_class", "lines.1.model", "phone"}
    assert {faults[name] for name in lacking} == {"missing"}


def test_a_record_says_how_it_was_read(office: Office) -> None:
    line = {"model": "BA-1", "characteristics": {"class": "II", "max": "2 kg", "e": "0.1 g"}}
    case = office.case("type_approval", lines=[{"name": "电子天平", **line}])
    case.until("arrange")
    case.do("receive_samples", samples=[{"serial": "S-1", "model": "BA-1", "seals": "完好"}])
    read = {"phase": "verification", "shown_interval": "0.01 g"}
    for run, (shown, error, verdict) in enumerate((("499.92", "-0.08 g", "fail"), ("500.03", "0.03 g", "pass")), 1):
        points = [{"load": "500 g", "indication": f"{shown} g"}]
        record = case.do("record_test", settings={**read, "reading": "direct"}, points=points)["tests"][-1]
        assert (record["points"][0]["error"], record["verdict"], record["run"]) == (error, verdict, run)
    points = [{"load": "500 g", "indication": "500.05 g", "added": "5 mg"}]
    record = case.do("record_test", settings=read, points=points)["tests"][-1]
    assert (record["points"][0]["error"], record["verdict"], record["run"]) == ("0.05 g", "pass", 1)


def test_what_lacks_points_is_not_done_and_does_not_pass(case: PlayedCase) -> None:
    case.until("receive_samples")
    (record,) = case.do("record_test", points=[POINT])["tests"]
    assert (record["verdict"], record["why"]["en"]) == ("not-done", "10 loads are required, there are 1")
    answer = refused(case.attempt("draft_report"), 422, "conclusion_contradicts_records")
    assert "with all points" in answer.json["invalid_params"][0]["reason"]
    case.do("record_test", occasion="repeat_incident")
    assert case.do("draft_report")["state"] == "report_drafted"


def test_a_standard_is_good_on_its_last_day(case: PlayedCase) -> None:
    case.until("receive_samples")
    case.do("record_test", equipment=[{"asset": "M1", "calibrated_until": "2013-09-17"}])


def test_a_verdict_is_what_the_numbers_say(case: PlayedCase) -> None:
    case.until("receive_samples")
    point, *rest = weighing_test()["points"]
    for claim in ({"verdict": "fail"}, {"error": "1 g"}, {"mpe": "±2.5 g"}, {"rule": "T6"}):
        answer = case.attempt("record_test", points=[{**point, **claim}, *rest])
        refused(answer, 422, "verdict_contradicts_numbers")
    refused(case.attempt("record_test", verdict="fail"), 422, "verdict_contradicts_numbers")
    claimed = {"verdict": "pass", "error": "0 g", "mpe": "±5 g", "rule": "R76-1 T6 III 500e<m<=2000e"}
    (record,) = case.do("record_test", points=[{**point, **claimed}, *rest], verdict="pass")["tests"]
    assert (record["points"][0], record["edition"]) == ({**point, **claimed}, "R 76-1:2006")
    assert (record["item"], record["clause"], record["limits"]) == ("r76.weighing", "A.4.4", "computed")


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
    (record,) = case.do("record_test", uncertainty="4 g")["tests"]
    assert record["verdict"] == "indeterminate"
    for conclusion in ("pass", "fail"):
        answer = refused(case.attempt("draft_report", conclusion=conclusion), 422, "conclusion_contradicts_records")
        assert "smaller uncertainty" in answer.json["invalid_params"][0]["reason"]
    case.do("record_test", uncertainty="0.5 g", occasion="repeat_incident")
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
