"""A test proves something if its standards were in calibration, and whoever tests and signs is registered for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.type_approval.registers import fitness
from shared.registers import Version
from tests.registered import person_entry, standard_entry
from tests.support import laboratory

if TYPE_CHECKING:
    from tests.support import Office

DAY = date(2013, 9, 17)


def version(content: dict[str, Any], *, ended: bool = False) -> Version:
    return Version(1, date(2000, 1, 1), ended, None, "add", content, None, datetime.now(UTC), "甲", "lab")


@given(st.lists(st.booleans(), min_size=1, max_size=5))
def test_one_link_out_of_calibration_breaks_the_chain(calibrated: list[bool]) -> None:
    last = len(calibrated) - 1
    standards = {
        f"s{place}": version(
            standard_entry(
                f"S{place}",
                "2014-12-31" if fine else "2013-09-16",
                **({"higher": f"S{place + 1}"} if place < last else {}),
            )
        )
        for place, fine in enumerate(calibrated)
    }
    code, reason = fitness.not_calibrated("s0", standards, DAY)
    if all(calibrated):
        assert code == ""
    else:
        assert code == "out_of_calibration"
        assert f"S{calibrated.index(False)}" in str(reason)


def test_a_chain_that_leads_nowhere_proves_nothing() -> None:
    standards = {"s0": version(standard_entry("S0", "2014-12-31", higher="S1"))}
    assert fitness.not_calibrated("S0", standards, DAY)[0] == "unknown_standard"
    assert fitness.not_calibrated("S9", standards, DAY)[0] == "unknown_standard"
    standards["s1"] = version(standard_entry("S1", "2014-12-31"), ended=True)
    assert fitness.not_calibrated("S0", standards, DAY)[0] == "out_of_calibration"


@pytest.mark.parametrize(
    ("changes", "kind", "fault"),
    [
        ({}, "water_meter", ""),
        ({"kinds": ["water_meter"]}, "gas_meter", "not_entitled"),
        ({"valid_until": "2013-09-16"}, "water_meter", "not_registered"),
        ({"registration": None}, "water_meter", "not_registered"),
    ],
)
def test_who_is_not_registered_for_it_may_not_test(changes: dict[str, Any], kind: str, fault: str) -> None:
    content = {name: value for name, value in {**person_entry("LAB", "x"), **changes}.items() if value is not None}
    assert fitness.not_entitled(version(content), kind, DAY)[0] == fault
    assert fitness.not_entitled(version(content, ended=True), kind, DAY)[0] == "not_on_staff"


def test_a_record_keeps_its_standards_as_the_register_had_them(office: Office) -> None:
    case = office.case("type_approval")
    case.until("receive_samples")
    stated = {"asset": "m1–20KG-set-07", "certificate": "力字9", "calibrated_until": "2014-12-31"}
    assert case.attempt("record_test", equipment=[stated]).faults == {
        "equipment.0.certificate": "another_in_register",
        "equipment.0.calibrated_until": "another_in_register",
    }
    assert case.attempt("record_test", equipment=[{"asset": "M9"}]).faults == {"equipment.0.asset": "unknown_standard"}
    case.people["stranger"] = laboratory("LAB-01", "stranger")
    assert case.attempt("record_test", "stranger").faults == {"tester": "not_on_staff"}
    kept = case.do("record_test", equipment=[{"asset": "m1–20KG-set-07"}])["tests"][0]
    assert kept["registration"] == "注册 tester-1"
    assert kept["equipment"] == [
        {
            "asset": "M1-20kg-set-07",
            "calibrated_until": "2199-12-31",
            "certificate": "力字 M1-20kg-set-07",
            "name": "砝码组",
            "uncertainty": "0.1 g",
            "chain": [
                {
                    "asset": "E2-20kg-set-01",
                    "calibrated_until": "2199-12-31",
                    "certificate": "力字 E2-20kg-set-01",
                }
            ],
        }
    ]
    assert case.attempt("draft_report", "stranger").faults == {"tester": "not_on_staff"}
    case.do("draft_report")
    assert case.attempt("check_report", "stranger").faults == {"checker": "not_on_staff"}
    case.do("check_report")
    report = case.do("issue_report")["report"]
    assert {name: text for name, text in report.items() if name.endswith("_registration")} == {
        "tester_registration": "注册 tester-1",
        "checker_registration": "注册 checker-1",
        "signatory_registration": "注册 signatory-1",
    }
