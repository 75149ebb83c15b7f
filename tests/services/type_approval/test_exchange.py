"""Test records go into a case and out of it as files."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from shared.http.routes import XLSX, XML
from shared.metrology import dcc, family, known_families
from tests.services.spreadsheets import filled
from tests.services.test_every_family import line_of, record_of
from tests.support import weighing_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.metrology.parts import Example
    from tests.support import Answer, Office, PlayedCase

EXAMPLES = [pytest.param(family(name).example, id=name) for name in known_families()]
SCALE = family("r76").example


def received(office: Office, example: Example = SCALE, **changes: Any) -> PlayedCase:
    """A case whose prototype the laboratory has."""
    case = office.case("type_approval", category=example.kind, lines=[line_of(example)], **changes)
    for action in ("submit", "accept", "commission"):
        case.do(action, **({"programme": family_of_item(example)} if action == "commission" else {}))
    case.do("arrange", items=[example.item])
    case.do("receive_samples", samples=[{"serial": "S-1", "model": example.model, "seals": "完好"}])
    return case


@pytest.fixture(scope="module")
def untested(office: Office) -> PlayedCase:
    """Such a case; what is refused leaves it as it is."""
    return received(office)


def family_of_item(example: Example) -> str:
    name = example.item.partition(".")[0]
    return next(one.edition for held in map(family, known_families()) for one in held.programmes if one.id == name)


def fetched(case: PlayedCase, item: str) -> bytes:
    answer = case.caller("tester").get(f"{case.path('tester')}/spreadsheet?item={item}&points=20")
    assert answer.status == 200, answer.body.decode()
    assert answer.headers["Content-Type"] == XLSX.type
    return answer.body


def sent(case: PlayedCase, data: bytes, query: str = "", **headers: str) -> Answer:
    told = {"Content_Type": XLSX.type, "If_Match": case.etag("tester"), **headers}
    return case.caller("tester").send("POST", f"{case.path('tester')}/spreadsheet{query}", data, **told)


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_test_item_is_recorded_in_a_spreadsheet(office: Office, example: Example) -> None:
    case = received(office, example)
    record = {**weighing_test(), **record_of(example)}
    file = filled(fetched(case, example.item), record)
    with office.unchanged():
        tried = sent(case, file, "?dry_run=true")
        assert tried.status == 200, tried.body.decode()
    answer = sent(case, file)
    assert answer.json["state"] == "evaluating"
    (found,) = answer.json["tests"]
    assert (found["verdict"], found["run"], found["on"]) == ("pass", 1, "2013-09-17")
    assert found["conditions_at_end"] == record["conditions_at_end"]
    assert tried.json["tests"] == [found]


OWN = {"item": "7.2", "clause": "DG 7.2", "name": "机壳温升", "requirement": "不超过20 °C", "prototypes": 1}


def test_an_item_that_the_laboratory_wrote_is_recorded_in_a_spreadsheet_and_goes_out_as_a_certificate(
    office: Office,
) -> None:
    case, again = received(office), received(office)
    for one in (case, again):
        one.do("write_programme", items=[{"item": "A.4.4", "requirement": "不超过最大允许误差", "prototypes": 1}, OWN])
        one.do("approve_programme")
    warm = {"reference": "0 Cel", "indication": "18 Cel", "upper": "20 Cel", "clause": "DG 7.2"}
    for item, record in (("lab.7.2", {**weighing_test(), "points": [warm]}), ("r76.weighing", weighing_test())):
        answer = sent(case, filled(fetched(case, item), {**record, "item": item}))
        assert answer.status == 200, answer.body.decode()
    assert [(one["item"], one["verdict"]) for one in case.read("tester")["tests"]] == [
        ("lab.7.2", "pass"),
        ("r76.weighing", "pass"),
    ]
    elsewhere = received(office)
    refused = sent(elsewhere, filled(fetched(case, "lab.7.2"), {**weighing_test(), "points": [warm]}))
    assert refused.status == 422
    for action in ("draft_report", "check_report", "issue_report"):
        case.do(action)
    answer = case.caller("tester").get(f"{case.path('tester')}/dcc")
    assert answer.status == 200, answer.body.decode()
    told = {"Content_Type": XML.type, "If_Match": "*"}
    read = again.caller("tester").send("POST", f"{again.path('tester')}/dcc", answer.body, **told)
    assert read.status == 200, read.body.decode()
    assert [(one["item"], one["verdict"]) for one in read.json["tests"]] == [
        ("lab.7.2", "pass"),
        ("r76.weighing", "pass"),
    ]
    unknown = elsewhere.caller("tester").send("POST", f"{elsewhere.path('tester')}/dcc", answer.body, **told)
    assert (unknown.status, "lab" in unknown.json["detail"]) == (422, True)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_issued_report_goes_out_as_a_certificate_and_comes_back(office: Office, example: Example) -> None:
    case = received(office, example)
    case.do("record_test", **record_of(example))
    reading = f"{case.path('tester')}/dcc"
    assert case.caller("tester").get(reading).status == 409, "it is not issued"
    for action in ("draft_report", "check_report", "issue_report"):
        case.do(action)
    answers = [case.caller(who).get(f"{case.path(who)}/dcc") for who in ("tester", "applicant", "examiner")]
    assert [(one.status, one.headers["Content-Type"]) for one in answers] == [(200, XML.type)] * 3
    assert dcc.read_report_of(dcc.parse(answers[0].body))["records"][0]["verdict"] == "pass"

    other = received(office, example)
    told = {"Content_Type": XML.type, "If_Match": "*"}
    answer = other.caller("tester").send("POST", f"{other.path('tester')}/dcc", answers[0].body, **told)
    assert answer.status == 200, answer.body.decode()
    (mine,), (theirs,) = case.read("tester")["tests"], answer.json["tests"]
    assert {**mine, "characteristics": {}} == {**theirs, "characteristics": {}}


def test_every_fault_is_named_by_sheet_and_cell_and_nothing_is_taken(office: Office) -> None:
    case = received(office)
    record = weighing_test()
    record["points"][1]["added"] = "2.5 m"
    unreadable = filled(fetched(case, "r76.weighing"), record)
    del record["conditions_at_end"]["humidity"]
    record["points"][1] |= {"added": "2.5 g", "verdict": "fail"}
    record["points"][2]["direction"] = "up"
    record["equipment"][0] |= {"asset": "M1-old", "calibrated_until": "2013-09-16"}
    wrong = filled(fetched(case, "r76.weighing"), {**record, "on": "2013-09-18", "run": 2})
    with office.unchanged():
        answer = sent(case, unreadable)
        assert [*answer.faults.values()] == ["cell"]
        assert next(iter(answer.faults)).startswith("记录 record 1!")
        assert "2.5 m" in answer.json["invalid_params"][0]["reason"]
        answer = sent(case, wrong)
        assert answer.status == 422
        places = {code: place for place, code in answer.faults.items()}
    shown = load_workbook(BytesIO(wrong))["记录 record 1"]
    cell = {code: shown[place.partition("!")[2]].value for code, place in places.items()}
    assert cell["future"] == "2013-09-18"
    assert cell["out_of_calibration"] == "2013-09-16"
    assert cell["missing"] is None, "the end of the humidity"
    del record["equipment"][0]
    record["equipment"].append({"asset": "M1-set", "calibrated_until": "2014-12-31"})
    record["conditions_at_end"]["humidity"] = "50 %"
    with office.unchanged():
        answer = sent(case, filled(fetched(case, "r76.weighing"), record))
        ((place, code),) = answer.faults.items()
        assert code == "verdict_contradicts_numbers"
        assert place.startswith("记录 record 1!"), answer.faults


def test_warnings_are_confirmed_in_the_address(office: Office) -> None:
    case = received(office)
    record = {**weighing_test(), "points": [{"before": "0 g", "after": "1 g"}]}
    file = filled(fetched(case, "r76.zero-return"), record)
    with office.unchanged():
        answer = sent(case, file)
        assert (answer.status, answer.json["code"]) == (409, "confirmation_needed")
        ((place, code),) = answer.faults.items()
        assert code == "not_in_programme"
        assert load_workbook(BytesIO(file))["记录 record 1"][place.partition("!")[2]].value == "r76.zero-return"
        assert "?confirmed=not_in_programme" in answer.json["detail"]
    answer = sent(case, file, "?confirmed=not_in_programme")
    assert [one["item"] for one in answer.json["tests"]] == ["r76.zero-return"]


def test_a_correction_names_the_record_by_its_number(office: Office) -> None:
    case = received(office)
    case.do("record_test", **weighing_test("10.010 kg"))
    correction = {**weighing_test(), "reason": "correction", "supersedes": "1", "explanation": "误读"}
    file = filled(fetched(case, "r76.weighing"), correction)
    unknown = filled(fetched(case, "r76.weighing"), {**correction, "supersedes": "9"})
    with office.unchanged():
        assert [*sent(case, unknown).faults.values()] == ["unknown_record"]
    *_, found = sent(case, file).json["tests"]
    assert (found["supersedes"], found["occasion"], found["reason"]) == (1, "initial", "误读")
    for action in ("draft_report", "check_report", "issue_report"):
        case.do(action)
    report = dcc.read_report_of(dcc.parse(case.caller("tester").get(f"{case.path('tester')}/dcc").body))
    assert [one.get("supersedes") for one in report["records"]] == [None, "1"]


@pytest.mark.parametrize(
    ("send", "status", "code"),
    [
        (lambda case: sent(case, b"{}", Content_Type="application/json"), 415, "unsupported_media_type"),
        (lambda case: sent(case, b""), 400, "malformed"),
        (lambda case: sent(case, b"PK\3\4"), 422, "invalid"),
        (lambda case: sent(case, b"\0" * (50 << 20)), 413, "too_large"),
        (lambda case: sent(case, b"PK", "?confirm=x"), 400, "malformed"),
        (
            lambda case: case.caller("tester").post(f"{case.path('tester')}/dcc", If_Match="*"),
            415,
            "unsupported_media_type",
        ),
        (lambda case: certificate(case, b"<!DOCTYPE x []><x/>"), 422, "invalid"),
        (lambda case: certificate(case, b"<x/>"), 422, "invalid"),
        (lambda case: certificate(case, b" " * (2 << 20 | 1)), 413, "too_large"),
    ],
)
def test_other_files_are_refused(
    office: Office, untested: PlayedCase, send: Callable[[PlayedCase], Answer], status: int, code: str
) -> None:
    with office.unchanged():
        answer = send(untested)
    assert (answer.status, answer.json["code"]) == (status, code)


def certificate(case: PlayedCase, data: bytes) -> Answer:
    told = {"Content_Type": XML.type, "If_Match": "*"}
    return case.caller("tester").send("POST", f"{case.path('tester')}/dcc", data, **told)


def test_a_file_is_sent_again_under_its_key(office: Office) -> None:
    case = received(office)
    file, tag = filled(fetched(case, "r76.weighing"), weighing_test()), case.etag("tester")
    first, again = (sent(case, file, If_Match=tag, Idempotency_Key="k-1") for _ in range(2))
    assert first.status == again.status == 200
    assert first.body == again.body
    assert again.headers["Idempotent-Replay"] == "true"
    assert len(case.read("tester")["tests"]) == 1
    assert sent(case, file, If_Match=tag).status == 412


def test_there_is_no_spreadsheet_of_an_unknown_item(office: Office) -> None:
    case = received(office)
    asked = f"{case.path('tester')}/spreadsheet"
    assert case.caller("tester").get(f"{asked}?item=r49.temperature").faults == {"item": "unknown_item"}
    assert case.caller("tester").get(asked).status == 400
    assert case.caller("tester").get(f"{asked}?item=r76.weighing&edition=1999").faults == {"edition": "unknown_edition"}
    assert case.caller("applicant").get(f"{case.path('applicant')}/spreadsheet?item=r76.weighing").status == 404
