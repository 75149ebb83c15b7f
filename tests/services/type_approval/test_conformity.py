"""A verdict is about the instrument that was applied for."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from services.type_approval import conformity
from shared.metrology import Quantity, family
from shared.testing import type_approval_form, weighing_test
from shared.testing.forms import measure

if TYPE_CHECKING:
    from shared.testing import Office

FORM = type_approval_form("91220101MA0Y000086", software={"version": "V1.02", "checksum": "8F3A"})
LINE = FORM["lines"][0]
SAMPLE = {"serial": "S-1", "model": "ACS-15", "seals": "完好"}


def kg(value: int) -> Quantity:
    return Quantity(Fraction(value), "kg")


def g(value: int) -> Quantity:
    return Quantity(Fraction(value), "g")


@pytest.mark.parametrize(
    ("samples", "wrong"),
    [
        ([{**SAMPLE, "model": "ａｃｓ–15"}], []),
        ([{**SAMPLE, "model": "TCS-300"}], ["another_model"]),
        ([SAMPLE, {**SAMPLE, "serial": "s‑1"}], ["twice", "twice"]),
    ],
)
def test_prototypes_are_of_a_model_applied_for_and_each_there_once(
    samples: list[dict[str, Any]], wrong: list[str]
) -> None:
    assert [fault.code for fault in conformity.other_prototypes(FORM, samples)[0]] == wrong


@pytest.mark.parametrize(
    ("software", "differs"),
    [
        ({"version": "v1.02", "checksum": "8f3a"}, []),
        ({"version": "V9.99", "checksum": "8F3A"}, ["software.version"]),
        ({"version": "V1.02", "checksum": "0000"}, ["software.checksum"]),
    ],
)
def test_software_is_compared_where_both_state_it(software: dict[str, str], differs: list[str]) -> None:
    assert [one.name for one in conformity.other_software(FORM, {"software": software}, "software")] == differs
    assert conformity.other_software(FORM, {}, "software") == []
    assert conformity.other_software({}, {"software": software}, "software") == []


@pytest.mark.parametrize(
    ("accuracy_class", "e", "load", "fault"),
    [
        ("Ⅲ", g(5), kg(15), None),
        ("III", Quantity(Fraction("0.005"), "kg"), g(15000), None),
        ("IIII", g(5), kg(10), "another_class"),
        ("III", g(50), kg(10), "another_interval"),
        ("III", Quantity(Fraction(5), "Cel"), kg(10), "another_interval"),
        ("III", g(5), Quantity(Fraction("15.001"), "kg"), "beyond_max"),
    ],
)
def test_a_test_is_of_the_class_the_interval_and_the_range_applied_for(
    accuracy_class: str, e: Quantity, load: Quantity, fault: str | None
) -> None:
    found = conformity.another_instrument(FORM, "ACS-15", accuracy_class, e, [load])
    assert [one.code for one in found] == ([fault] if fault else [])
    if fault == "beyond_max":
        assert "Max = 15 kg" in found[0].reason


def test_lines_of_one_model_have_their_ranges_each() -> None:
    small = {**LINE, "max": measure("6 kg"), "scale_interval": measure("2 g")}
    form = {**FORM, "lines": [LINE, small]}
    assert conformity.another_instrument(form, "ACS-15", "III", g(5), [kg(15)]) == []
    assert [one.code for one in conformity.another_instrument(form, "ACS-15", "III", g(2), [kg(15)])] == ["beyond_max"]


@pytest.mark.parametrize(
    ("stated", "differs"),
    [("R 76-1:2006", False), ("OIML R076", False), ("GB/T 23111", False), ("R 49-1", True), ("oiml r 60", True)],
)
def test_a_recommendation_is_that_of_the_kind_of_instrument(stated: str, differs: bool) -> None:
    assert bool(conformity.other_programme(stated, "r76")) is differs


@pytest.mark.parametrize("stated", ["A.4.10", "R76-A.4.10", "r76.repeatability", "Ａ.4.10"])
def test_an_item_is_meant_by_its_id_or_clause(stated: str) -> None:
    assert conformity.item_id(stated, family("r76")) == "r76.repeatability"
    assert conformity.unknown_items([stated], family("r76")) == []
    assert [fault.code for fault in conformity.unknown_items(["A.99"], family("r76"))] == ["unknown_item"]


def _record(item: str, serial: str) -> dict[str, Any]:
    return {**weighing_test(item=item, serial=serial), "verdict": "pass", "points": []}


def _case(*tests: tuple[str, str], serials: str = "A", **arranged: Any) -> dict[str, Any]:
    return {
        "form": FORM,
        "samples": [{**SAMPLE, "serial": serial} for serial in serials],
        "arrangement": {"samples": 1, **arranged},
        "tests": [_record(item, serial) for item, serial in tests],
    }


def lacking(case: dict[str, Any]) -> list[str]:
    return conformity.lacking(case, family("r76"))


def test_pass_needs_every_prototype_in_every_item() -> None:
    assert lacking(_case(("A.4.4", "A"))) == []
    assert "2 prototypes are" in lacking(_case(("A.4.4", "A"), samples=2))[0]
    assert "prototype B was not tested in A.4.4" in lacking(_case(("A.4.4", "A"), serials="AB"))[0]
    both = (("A.4.4", "A"), ("A.4.10", "A"), ("R76-A.4.4", "B"))
    assert lacking(_case(*both, serials="AB")) == ["prototype B was not tested in A.4.10"]
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
    case["improvement"] = {"tests_before": 2}
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
    case["improvement"] = {"tests_before": 1}
    assert lacking(case) == []


def test_every_line_is_tested_or_confirmed() -> None:
    case = _case(("A.4.4", "A"))
    assert conformity.untested_lines(case, case["tests"]) == []
    case["form"] = {**FORM, "lines": [LINE, {**LINE, "model": "ACS-30"}, {**LINE, "accuracy_class": "II"}]}
    found = conformity.untested_lines(case, case["tests"])
    assert [fault.code for fault in found] == ["line_untested"] * 2
    assert "ACS-30" in found[0].reason


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
        for changes, fault in (
            ({"accuracy_class": "IIII"}, {"accuracy_class": "another_class"}),
            ({"scale_interval": measure("50 g")}, {"scale_interval": "another_interval"}),
        ):
            assert case.attempt("record_test", **changes).faults == fault
        points = [{"load": measure("16 kg"), "indication": measure("16 kg"), "added": measure("2.5 g")}]
        assert case.attempt("record_test", points=points).faults == {"points.0.load": "beyond_max"}
    for action in ("record_test", "draft_report", "check_report", "issue_report", "review"):
        case.do(action)
    with office.unchanged():
        assert case.attempt("grant").faults == {"samples.0.software.version": "another_software"}
    number = case.do("grant", confirmed=["another_software"])["certificate"]
    certificate = case.office.caller("type_approval", None).get(f"/v1/certificates/{number}").json
    assert certificate["prototypes"] == [{"serial": "S-1", "model": "ACS-15", "software": other["software"]}]
    assert certificate["report"]["items"] == ["R76-A.4.4"]
