"""Which test records a conclusion rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.type_approval.evaluation.conformity import counting, not_counting
from services.type_approval.evaluation.facts import IMPROVEMENT, Improvement
from services.type_approval.evaluation.rules import standing
from shared.metrology import family

SCALES = family("r76")

RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "item": st.sampled_from("AB"),
            "serial": st.sampled_from(["S-1", "S-2"]),
            "verdict": st.sampled_from(["pass", "fail", "indeterminate"]),
        }
    ),
    max_size=8,
)

VOID = {"reason": "读数抄错", "by": "陈检测", "on": "2013-11-05"}


def improved(after: int) -> dict[str, Any]:
    """That an improvement was asked for once so many tests were made."""
    return IMPROVEMENT.set(Improvement(items=(), found_on=date(2013, 10, 21), tests_before=after))


@given(RECORDS, st.integers(0, 8))
def test_a_failure_stands_unless_the_item_was_tested_again_after_the_improvement(
    records: list[dict[str, Any]], improved_at: int
) -> None:
    tests = [{**record, "nr": nr} for nr, record in enumerate(records)]
    data = {"tests": tests, **improved(improved_at)}
    stands = {record["nr"] for record in standing(data, SCALES)}
    for record in tests:
        later = [other for other in tests if other["nr"] > record["nr"] and other["item"] == record["item"]]
        if not later:
            assert record["nr"] in stands
        if record["verdict"] == "fail":
            retested = record["nr"] < improved_at and any(other["nr"] >= improved_at for other in later)
            assert (record["nr"] in stands) != retested


@given(RECORDS)
def test_without_an_improvement_every_certain_verdict_stands(records: list[dict[str, Any]]) -> None:
    found = standing({"tests": records}, SCALES)
    assert [record for record in found if record["verdict"] != "indeterminate"] == [
        record for record in records if record["verdict"] != "indeterminate"
    ]


CHANGES = st.lists(st.tuples(st.sampled_from(["add", "supersede", "void"]), st.integers(0, 20)), max_size=12)


@given(CHANGES)
def test_what_counts_is_what_was_made_less_what_was_corrected(changes: list[tuple[str, int]]) -> None:
    """Told as a list in which a correction takes the place of what it corrects, and what is void leaves none."""
    data: dict[str, Any] = {"tests": [], "voided_tests": []}
    wanted: list[int] = []
    for kind, which in changes:
        number = len(data["tests"]) + 1
        if kind == "add":
            data["tests"].append({"nr": number})
            wanted.append(number)
        elif wanted and kind == "supersede":
            at = which % len(wanted)
            data["tests"].append({"nr": number, "supersedes": wanted[at]})
            wanted[at] = number
        elif wanted:
            data["voided_tests"].append({"number": wanted.pop(which % len(wanted)), **VOID})
        assert [record["nr"] for record in counting(data).values()] == wanted
        assert [bool(not_counting(data, number, "")) for number in range(15)] == [
            number not in wanted for number in range(15)
        ]


def test_a_correction_made_after_the_improvement_is_of_a_test_before_it() -> None:
    failed = {"item": "A.4.4", "serial": "S-1", "verdict": "fail"}
    tests = [failed, {**failed, "item": "A.4.10", "verdict": "pass"}, {**failed, "supersedes": 1}]
    assert standing({"tests": tests, **improved(2)}, SCALES) == [tests[2], tests[1]]


def test_a_re_test_is_of_the_same_item_however_it_is_called() -> None:
    tests = [
        {"item": "R76-A.4.4", "serial": "S-1", "verdict": "fail"},
        {"item": "r76.weighing", "serial": "S-1", "verdict": "pass"},
    ]
    data = {"tests": tests, **improved(1)}
    assert standing(data, SCALES) == tests[1:]
