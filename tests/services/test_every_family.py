"""Every family of instruments goes the whole way: application, test, report, certificate, licence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from services.type_approval.evaluation.series import proposal, proposed
from shared.law import load as load_rules
from shared.metrology import family, family_of, known_families
from shared.metrology.records import read_report
from shared.metrology.verdicts import recompute
from tests.support import NOW, Caller, people, wait_for
from tests.support.forms import DROPPED, elsewhere, line_with

if TYPE_CHECKING:
    from shared.metrology.parts import Example
    from tests.support import Office, PlayedCase

EXAMPLES = [pytest.param(family(name).example, id=name) for name in known_families()]
"""Six families that compute limits, and a kind whose limits the laboratory states."""
BEYOND = {
    "r76": {"max": "30 kg"},
    "r60": {"emax": "1000 kg", "y": "20000"},
    "r49": {"q3": "4 m3/h"},
    "r117": {"qmax": "90 L/min"},
    "r46": {"imax": "100 A"},
    "r21": {"k_high": "5000 {imp}/km"},
    "general": {"range_high": "2.5 MPa"},
}
"""Characteristics that go beyond the example's."""


def line_of(example: Example) -> dict[str, Any]:
    return {"name": example.name, "model": example.model, "characteristics": dict(example.characteristics)}


def record_of(example: Example) -> dict[str, Any]:
    return {"item": example.item, "settings": dict(example.settings), "points": [dict(one) for one in example.points]}


def granted(office: Office, example: Example) -> PlayedCase:
    case = office.case("type_approval", category=example.kind, lines=[line_of(example)])
    for action in ("submit", "accept"):
        case.do(action)
    case.do("commission", programme=family_of(example.kind).programmes[0].edition)
    case.do("arrange", items=[example.item])
    case.do("receive_samples", samples=[{"serial": "S-1", "model": example.model, "seals": "完好"}])
    (record,) = case.do("record_test", **record_of(example))["tests"]
    assert record["verdict"] == "pass"
    for action in ("draft_report", "check_report", "issue_report", "review"):
        case.do(action)
    letter = {} if load_rules().item(example.kind, date.fromisoformat(NOW[:10])).letter else {"letter": "F"}
    case.do("grant", **letter)
    return case


@pytest.mark.parametrize("example", EXAMPLES)
def test_from_the_application_to_the_licence(office: Office, example: Example) -> None:
    case = granted(office, example)
    found = case.read("tester")
    number, (record,) = found["certificate"], found["tests"]
    stated = family_of(example.kind).id == "general"
    assert record["limits"] == ("stated" if stated else "computed")
    assert all({"error", "mpe", "rule", "verdict"} <= point.keys() for point in record["points"])
    certificate = Caller(case.caller("applicant").url).get(f"/v1/certificates/{number}").json
    assert certificate["lines"] == [{"category": example.kind, **line_of(example)}]
    assert certificate["prototypes"][0]["characteristics"] == dict(example.characteristics)
    assert certificate["legend"].keys() == dict(example.characteristics).keys()

    query = "SELECT 1 FROM type_approvals WHERE certificate = :number"
    wait_for(lambda: office.rows("licensing", query, number=number) != [], what="licensing to know the certificate")
    inside = {**line_of(example), "category": example.kind, "standard": "企业标准", "type_approval": number}
    (name, value), *_ = beyond = [*BEYOND[family_of(example.kind).id].items()]
    outside = office.case("licensing", case.code, lines=[inside, line_with(inside, **dict(beyond))], **elsewhere())
    licence = office.case("licensing", case.code, lines=[inside])
    for one in (outside, licence):
        one.do("submit")
        # Some kinds are decided by offices below the province.
        one.people = people(case.code, one.read()["office"]["id"])
        for action in ("accept", "plan_assessment", "confirm_assessors", "report_assessment", "review"):
            one.do(action)
    answer = outside.attempt("grant")
    assert answer.faults == {"lines.1": "outside_scope"}
    (fault,) = answer.json["invalid_params"]
    called = family_of(example.kind).parameters[name].name.en
    assert f"{called} {value} is not inside the approved {example.characteristics[name]}" in fault["reason"]
    kept = Caller(licence.caller("applicant").url).get(f"/v1/licences/{licence.do('grant')['licence']}").json
    assert [line["type_approval"] for line in kept["lines"]] == [number]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_an_instrument_that_passes_its_test(example: Example) -> None:
    held = family_of(example.kind)
    assert held.missing(example.characteristics) == held.examine(example.characteristics) == []
    record = {**record_of(example), "prototype": "S-1", "on": "2013-10-10"}
    report = {
        "programme": example.item.partition(".")[0],
        "instrument": dict(example.characteristics),
        "prototypes": [{"serial": "S-1"}],
        "records": [record],
    }
    (outcome,) = recompute(read_report(report)).outcomes
    assert outcome.verdict == "pass", outcome.reason
    assert len(outcome.points) == len(example.points)


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_kind_says_what_it_is_stated_and_tested_by(office: Office, example: Example) -> None:
    anybody = office.caller("type_approval", None)
    listed = {one["code"]: one["family"] for one in anybody.get("/v1/categories").json["items"]}
    held = family_of(example.kind)
    assert listed[example.kind] == held.id
    kind = anybody.get(f"/v1/categories/{example.kind}").json
    asked = {one["name"]: one for one in kind["characteristics"]}
    assert [*asked] == [one.id for one in held.characteristics]
    assert {name: one["example"] for name, one in asked.items() if "example" in one} == dict(example.characteristics)
    named = {one["name"] for one in kind["recorded"]}
    assert all({*item["records"], *item["settings"]} <= named for item in kind["tests"])
    assert anybody.get("/v1/categories/sundial").status == 404


def test_a_kind_whose_class_letter_nobody_knows_is_granted_with_one_that_is_said(office: Office) -> None:
    case = office.case("type_approval", **DROPPED)
    for action in ("submit", "accept", "commission", "arrange"):
        case.do(action)
    case.do("receive_samples", samples=[{"serial": "S-1", "model": "AD-1", "seals": "完好"}])
    point = {"reference": "60", "indication": "61", "upper": "3", "clause": "JJG 388 5.2"}
    case.do("record_test", item="general.errors", points=[point])
    for action in ("draft_report", "check_report", "issue_report", "review"):
        case.do(action)
    with office.unchanged():
        assert case.attempt("grant").faults == {"letter": "no_letter"}
        assert case.attempt("grant", letter="f").faults == {"letter": "form"}
    assert case.do("grant", letter="S")["certificate"].startswith("2013S")


def test_a_series_is_proposed_and_not_left_without_a_reason(office: Office) -> None:
    cell = family("r60").example
    lines = [
        {**line_with(line_of(cell), emax=f"{emax} kg", vmin=None, y="10000"), "model": f"C3-{emax}"}
        for emax in (50, 100, 300, 500)
    ]
    case = office.case("type_approval", category=cell.kind, lines=lines, series_basis="同一结构")
    for action in ("submit", "accept"):
        case.do(action)
    case.do("commission", programme="R 60-1:2021")
    found = case.caller("tester").get(f"/v1/lab/applications/{case.read('tester')['number']}/series").json
    assert {one["line"]: (one["tests"], one["covered_by"]) for one in found["lines"]} == {
        1: (["full"], []),
        2: ([], [1, 4]),
        3: ([], [1, 4]),
        4: (["full"], []),
    }
    assert all(one["zh"] and one["en"] for one in found["lines"])
    with office.unchanged():
        assert case.attempt("arrange", lines=[1, 9]).faults == {"lines.1": "unknown_line"}
        answer = case.attempt("arrange", lines=[1])
        assert answer.faults == {"reason": "missing"}
        assert "4: " in answer.json["invalid_params"][0]["reason"], "the proposal's reason is told"


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_single_line_is_always_tested(example: Example) -> None:
    form = {"category": example.kind, "lines": [line_of(example)]}
    (line,) = proposal(form)["lines"]
    assert line["tests"]
    assert ("prototypes" in line) == bool(family_of(example.kind).prototypes)
    assert proposed(form) == [1]


def test_lines_that_were_to_be_tested_are(office: Office) -> None:
    cell = family("r60").example
    lines = [
        {**line_with(line_of(cell), emax=f"{emax} kg", vmin=None, y="10000"), "model": f"C3-{emax}"}
        for emax in (50, 500)
    ]
    case = office.case("type_approval", category=cell.kind, lines=lines, series_basis="同一结构")
    for action in ("submit", "accept"):
        case.do(action)
    case.do("commission", programme="R 60-1:2021")
    assert case.do("arrange")["arrangement"]["lines"] == [1, 2], "as proposed"
    case.do("receive_samples", samples=[{"serial": "S-2", "model": "C3-500", "seals": "完好"}])
    case.do("record_test", **record_of(cell), serial="S-2")
    answer = case.attempt("draft_report")
    assert answer.faults == {"conclusion": "incomplete"}
    assert "line 1 (C3-50) is to be tested" in answer.json["invalid_params"][0]["reason"]


def test_what_may_be_certified_follows_from_what_is_tested(office: Office) -> None:
    cell = family("r60").example
    lines = [
        {**line_with(line_of(cell), emax=f"{emax} kg", vmin=None, y="10000"), "model": f"C3-{emax}"}
        for emax in (500, 1000, 2500, 4000)
    ]
    case = office.case("type_approval", category=cell.kind, lines=lines, series_basis="同一结构")
    for action in ("submit", "accept"):
        case.do(action)
    case.do("commission", programme="R 60-1:2021")
    with office.unchanged():
        answer = case.attempt("arrange", lines=[1], reason="其余规格已由前次评价覆盖", samples=1)
        assert answer.faults == {"lines": "line_not_covered"}
        told = [one["reason"] for one in answer.json["invalid_params"]]
        assert len(told) == 1, "up to five times what is tested is covered"
        assert "line 4 (C3-4000)" in told[0]
        assert "1 (C3-500)" in told[0]
        answer = case.attempt("arrange", lines=[2], reason="最小规格尚无样机", samples=1)
        assert "line 1 (C3-500)" in answer.json["invalid_params"][0]["reason"], "nothing smaller is covered"
    arranged = case.do("arrange", lines=[1, 3], reason="最大规格尚无样机", samples=2)["arrangement"]
    assert (arranged["lines"], arranged["reason"]) == ([1, 3], "最大规格尚无样机")
