"""A verdict is about the instrument that was applied for."""

from __future__ import annotations

from typing import Any

import pytest

from services.type_approval.evaluation import completeness, conformity
from shared.metrology import family
from tests.services.type_approval.test_rules import improved
from tests.support import Office, type_approval_form, weighing_test
from tests.support.forms import line_with

FORM = type_approval_form("91220101MA0Y000086", software={"version": "V1.02", "checksum": "8F3A"})
LINE = FORM["lines"][0]
SCALES = family("r76")
SAMPLE = {"serial": "S-1", "model": "ACS-15", "seals": "完好"}


@pytest.mark.parametrize(
    ("samples", "wrong"),
    [
        ([{**SAMPLE, "model": "ａｃｓ–15"}], []),
        ([{**SAMPLE, "model": "TCS-300"}], ["another_model"]),
        ([{**SAMPLE, "characteristics": {"max": "30 kg"}}], ["another_characteristic"]),
        ([{**SAMPLE, "characteristics": {"d": "5 g", "min": "100 g"}}], []),
        ([{**SAMPLE, "characteristics": {"d": "50 g"}}], ["impossible"]),
        ([{**SAMPLE, "characteristics": {"d": "-1 g"}}], ["impossible"]),
        ([{**SAMPLE, "characteristics": {"min": "100 kg"}}], ["impossible"]),
        ([{**SAMPLE, "characteristics": {"tare_subtractive": "16 kg"}}], ["impossible"]),
        ([{**SAMPLE, "characteristics": {"q3": "2.5 m3/h"}}], ["impossible"]),
        ([{**SAMPLE, "characteristics": {"temperature_low": "50 Cel"}}], ["impossible"]),
    ],
)
def test_prototypes_are_of_a_model_applied_for(samples: list[dict[str, Any]], wrong: list[str]) -> None:
    assert [fault.code for fault in conformity.other_prototypes(FORM, samples, SCALES)[0]] == wrong


@pytest.mark.parametrize(
    ("software", "differs"),
    [
        ({"version": "v1.02", "checksum": "8f3a"}, []),
        ({"version": "V9.99", "checksum": "8F3A"}, ["software.version"]),
        ({"version": "V1.02", "checksum": "0000"}, ["software.checksum"]),
    ],
)
def test_software_is_compared_where_both_state_it(software: dict[str, str], differs: list[str]) -> None:
    assert [one.name for one in conformity.other_software(FORM, {"software": software})] == differs
    assert conformity.other_software(FORM, {}) == []
    assert conformity.other_software({}, {"software": software}) == []


@pytest.mark.parametrize(
    ("stated", "differs"),
    [
        ({}, []),
        ({"class": "Ⅲ", "e": "0.005 kg", "max": "15000 g"}, []),
        ({"d": "5 g"}, []),
        ({"class": "IIII"}, ["class"]),
        ({"e": "50 g", "max": "30 kg"}, ["max", "e"]),
        ({"e": "5 Cel"}, ["e"]),
    ],
)
def test_a_prototype_is_what_was_applied_for_and_may_say_more(stated: dict[str, str], differs: list[str]) -> None:
    known, found = conformity.instrument(FORM, SAMPLE, stated, SCALES)
    assert [one.name for one in found] == [f"characteristics.{name}" for name in differs]
    for one in found:
        assert LINE["characteristics"][one.name.rpartition(".")[2]] in str(one.reason), "both values are told"
    if not differs:
        assert known == {**LINE["characteristics"], **stated}


def test_lines_of_one_model_are_told_apart_by_what_is_stated() -> None:
    form = {**FORM, "lines": [LINE, line_with(LINE, max="6 kg", e="2 g")]}
    _, (found,) = conformity.instrument(form, SAMPLE, {}, SCALES)
    assert found.code == "ambiguous"
    assert "max (15 kg, 6 kg)" in str(found.reason)
    known, faults = conformity.instrument(form, {**SAMPLE, "characteristics": {"e": "2 g"}}, {}, SCALES)
    assert (known["max"], faults) == ("6 kg", [])
    _, (found,) = conformity.instrument(form, SAMPLE, {"e": "2 g", "max": "15 kg"}, SCALES)
    assert found.code == "another_characteristic"


def test_what_an_earlier_test_says_otherwise_is_asked_about() -> None:
    before = [{"serial": "s-1", "characteristics": {"d": "5 g"}}]
    assert conformity.other_statement(before, "S-1", {"d": "0.005 kg"}, SCALES) == []
    (found,) = conformity.other_statement(before, "S-1", {"d": "1 g"}, SCALES)
    assert (found.name, found.code) == ("characteristics.d", "another_statement")
    assert conformity.other_statement(before, "S-2", {"d": "1 g"}, SCALES) == []


@pytest.mark.parametrize(
    ("stated", "differs"),
    [
        *(("R 76-1:2006", False), ("OIML R076", False), ("GB/T 23111", False), ("R 49-1", True), ("oiml r 60", True)),
        *(("OIML R-49", True), ("依据 R 49-1", True), ("OIML-R49", True), ("Ｒ４９", True), ("按《OIML R 49》", True)),
        *(("R 49-1 and R 76-1", False), ("依据R76和GB/T 7722", False), ("JJF 1834R1", False), ("CR 49", False)),
    ],
)
def test_a_recommendation_is_that_of_the_kind_of_instrument(stated: str, differs: bool) -> None:
    assert bool(conformity.other_programme(stated, "r76")) is differs


@pytest.mark.parametrize(
    ("stated", "used", "differs"),
    [
        *(("R 76-1:2006", "R 76-1:2006", False), ("R 76", "R 76-1:2006", False), ("GB/T 23111", "R 76-1:2006", False)),
        *(("R 76-1:1992", "R 76-1:2006", True), ("OIML R76：1992", "R 76-1:2006", True)),
        *(("R 76-1:1992, R 76-1:2006", "R 76-1:2006", False), ("R 60-1:2017", "R 60-1:2021", True)),
        *(("JJG 443-2015", "JJG 443-2015", False), ("JJG 443-2006", "JJG 443-2015", True)),
        *(("R 117-1:2007", "JJG 443-2015", False), ("R 46-1/-2:2012", "R 46-1/-2:2012", False)),
        *(("R 46:1998", "R 46-1/-2:2012", True), ("R 460:1998", "R 46-1/-2:2012", False), ("x", "2014/32/EU", False)),
    ],
)
def test_the_edition_of_a_test_is_that_of_the_programme(stated: str, used: str, differs: bool) -> None:
    found = conformity.other_edition(stated, used)
    assert [one.code for one in found] == ["another_programme"] * differs


@pytest.mark.parametrize("stated", ["A.4.10", "R76-A.4.10", "r76.repeatability", "Ａ.4.10"])
def test_an_item_is_meant_by_its_id_or_clause(stated: str) -> None:
    assert conformity.item_id(stated, SCALES) == "r76.repeatability"
    assert conformity.unknown_items([stated], SCALES) == []
    assert [fault.code for fault in conformity.unknown_items(["A.99"], SCALES)] == ["unknown_item"]


def _record(item: str, serial: str) -> dict[str, Any]:
    return {**weighing_test(item=item, serial=serial), "verdict": "pass", "points": []}


def _case(*tests: tuple[str, str], serials: str = "A", **arranged: Any) -> dict[str, Any]:
    return {
        "form": FORM,
        "samples": [{**SAMPLE, "serial": serial} for serial in serials],
        "arrangement": {"plan": "送样", "on": "2013-10-08", "samples": 1, **arranged},
        "tests": [_record(item, serial) for item, serial in tests],
    }


def lacking(case: dict[str, Any]) -> list[str]:
    return [one.told.en for one in completeness.lacking(case, SCALES)]


def test_pass_needs_every_prototype_in_every_item() -> None:
    assert lacking(_case(("A.4.4", "A"))) == []
    assert "2 prototypes are" in lacking(_case(("A.4.4", "A"), samples=2))[0]
    assert "prototype B was not tested in A.4.4" in lacking(_case(("A.4.4", "A"), serials="AB"))[0]
    both = (("A.4.4", "A"), ("A.4.10", "A"), ("R76-A.4.4", "B"))
    (left,) = lacking(_case(*both, serials="AB"))
    assert left.startswith("prototype B was not tested in A.4.10 repeatability")
    assert "A.4.7" in lacking(_case(("A.4.4", "A"), items=["A.4.4", "A.4.7"]))[0]
    assert lacking(_case(("r76.weighing", "A"), items=["A.4.4"])) == []


@pytest.mark.parametrize(("arranged", "again", "enough"), [(1, "A", False), (2, "A", False), (2, "AB", True)])
def test_each_prototype_that_failed_is_tested_again_after_the_improvement(
    arranged: int, again: str, *, enough: bool
) -> None:
    retests = [("r76.weighing", serial) for serial in again]
    case = _case(("A.4.4", "A"), ("A.4.4", "B"), *retests, serials="AB", samples=arranged)
    for record in case["tests"][:2]:
        record["verdict"] = "fail"
    case |= improved(2)
    assert lacking(case) == (
        []
        if enough
        else [
            "2 prototypes are to be tested, there are 1; B failed and was not tested again after the improvement",
        ]
    )


def test_an_improved_prototype_takes_the_place_of_one_that_failed() -> None:
    case = _case(("A.4.4", "A"), ("A.4.4", "B"), serials="AB", samples=1)
    case["tests"][0]["verdict"] = "fail"
    case |= improved(1)
    assert lacking(case) == []


def test_every_line_is_tested_or_covered() -> None:
    case = _case(("A.4.4", "A"))
    assert completeness.untested_lines(case, case["tests"], SCALES) == ([], [])
    case["form"] = {**FORM, "lines": [LINE, {**line_with(LINE, **{"class": "II", "e": "1 g"}), "model": "ACS-30"}]}
    (found,), warnings = completeness.untested_lines(case, case["tests"], SCALES)
    assert (found.code, warnings) == ("line_not_covered", [])
    assert "line 2 (ACS-30 II" in str(found.reason)
    assert "lets A cover it" in str(found.reason)


def test_a_line_that_the_rule_of_series_covers_needs_no_word() -> None:
    """R 76-1 3.10.4: n no greater, e no smaller, and Max at most 5 Max n_test/n of a tested one."""
    case = _case(("A.4.4", "A"))
    case["form"] = {**FORM, "lines": [LINE, {**line_with(LINE, max="30 kg", e="10 g"), "model": "ACS-30"}]}
    assert completeness.untested_lines(case, case["tests"], SCALES) == ([], [])
    case["form"]["lines"][1] = {**line_with(LINE, max="300 kg", e="100 g"), "model": "ACS-300"}
    assert [one.code for one in completeness.untested_lines(case, case["tests"], SCALES)[0]] == ["line_not_covered"]


def test_a_line_that_a_rule_covers_which_is_not_verified_is_confirmed() -> None:
    held = family("r46")
    cell = held.example
    line = {"model": cell.model, "characteristics": dict(cell.characteristics)}
    larger = {"model": "B", "characteristics": {**cell.characteristics, "imax": "80 A"}}
    case = {
        "form": {"category": cell.kind, "lines": [line, larger]},
        "samples": [{"serial": "A", "model": cell.model}],
    }
    wrong, (warning,) = completeness.untested_lines(case, [{"serial": "A"}], held)
    assert (wrong, warning.code) == ([], "line_untested")
    assert "A covers it" in str(warning.reason)


def test_software_of_a_test_is_that_of_the_prototype(office: Office) -> None:
    case = office.case("type_approval")
    case.until("arrange")
    case.do("receive_samples", samples=[{**SAMPLE, "software": FORM["software"]}])
    other = {**FORM["software"], "checksum": "0000"}
    with office.unchanged():
        answer = case.attempt("record_test", software=other)
        assert (answer.status, answer.faults) == (409, {"software.checksum": "another_software"})
        for stated in ({"d": "50 g"}, {"d": "-1 g"}, {"q3": "2.5 m3/h"}):
            (name,) = stated
            answer = case.attempt("record_test", characteristics=stated)
            assert answer.faults == {f"characteristics.{name}": "impossible"}
    assert case.do("record_test", software=FORM["software"])["state"] == "evaluating"


def test_another_instrument_gets_nowhere(office: Office) -> None:
    case = office.case("type_approval", software=FORM["software"])
    case.until("arrange")
    other = {**SAMPLE, "software": {"version": "V9.99", "checksum": "8F3A"}}
    with office.unchanged():
        answer = case.attempt("receive_samples", samples=[{**other, "model": "TCS-300"}])
        assert answer.faults == {"samples.0.model": "another_model"}
        answer = case.attempt("receive_samples", samples=[other])
        assert answer.faults == {"samples.0.software.version": "another_software"}
    case.do("receive_samples", samples=[other], confirmed=["another_software"])
    ((kept,),) = office.rows(
        "type_approval",
        "SELECT data::jsonb -> 'confirmed' FROM journal WHERE case_id = :id AND action = 'receive_samples'",
        id=case.id,
    )
    assert kept == ["another_software"]
    with office.unchanged():
        for name, value in (("class", "IIII"), ("e", "50 g")):
            answer = case.attempt("record_test", characteristics={name: value})
            assert answer.faults == {f"characteristics.{name}": "another_characteristic"}
    for action in ("record_test", "draft_report", "check_report", "issue_report", "review"):
        case.do(action)
    with office.unchanged():
        assert case.attempt("grant").faults == {"samples.0.software.version": "another_software"}
    number = case.do("grant", confirmed=["another_software"])["certificate"]
    certificate = case.office.caller("type_approval", None).get(f"/v1/certificates/{number}").json
    tested = {"serial": "S-1", "model": "ACS-15", "characteristics": LINE["characteristics"]}
    assert certificate["prototypes"] == [{**tested, "software": other["software"]}]
    weighing = {"id": "r76.weighing", "zh": "A.4.4 称量性能", "en": "A.4.4 weighing performance"}
    assert certificate["report"]["items"] == [weighing]
