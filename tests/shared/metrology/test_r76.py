"""R 76: every boundary of Table 6 on both sides, Table 3, the digital error, and the verdict apart from the limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrology import (
    EngineError,
    Mpe,
    Quantity,
    QuantityError,
    R76Error,
    Reading,
    Verdict,
    check_class,
    check_reading,
    corrected_error,
    engine,
    error_of_indication,
    judge,
)

q = Quantity.parse


def limit(accuracy_class: str, e: str, load: str, *, in_service: bool = False) -> Mpe:
    return engine("r76").mpe(accuracy_class, {"e": e}, {"load": load}, in_service=in_service)


@pytest.mark.parametrize(
    ("accuracy_class", "e", "load", "written"),
    [
        ("III", "5 g", "0 kg", "±2.5 g"),
        ("III", "5 g", "2.5 kg", "±2.5 g"),
        ("III", "5 g", "2.505 kg", "±5 g"),
        ("III", "5 g", "2.500000001 kg", "±5 g"),
        ("III", "5 g", "10 kg", "±5 g"),
        ("III", "5 g", "10.005 kg", "±7.5 g"),
        ("III", "5 g", "50 kg", "±7.5 g"),
        ("II", "1 g", "5 kg", "±0.5 g"),
        ("II", "1 g", "5.001 kg", "±1 g"),
        ("II", "1 g", "20 kg", "±1 g"),
        ("II", "1 g", "20.001 kg", "±1.5 g"),
        ("IIII", "1 kg", "50 kg", "±0.5 kg"),
        ("IIII", "1 kg", "51 kg", "±1 kg"),
        ("IIII", "1 kg", "0.2 t", "±1 kg"),
        ("IIII", "1 kg", "201 kg", "±1.5 kg"),
        ("I", "1 mg", "50 g", "±0.5 mg"),
        ("I", "1 mg", "50.001 g", "±1 mg"),
        ("I", "1 mg", "200 g", "±1 mg"),
        ("I", "1 mg", "200.001 g", "±1.5 mg"),
        ("I", "1 mg", "1 kg", "±1.5 mg"),
    ],
)
def test_table_6(accuracy_class: str, e: str, load: str, written: str) -> None:
    found = limit(accuracy_class, e, load)
    assert str(found) == written
    assert limit(accuracy_class, e, load, in_service=True).upper == found.upper * 2


def test_the_rule_is_stored_with_the_limit() -> None:
    assert limit("III", "5 g", "2.5 kg").rule_id == "R76-1 T6 III 0<=m<=500e"
    assert limit("III", "5 g", "2.505 kg", in_service=True).rule_id == "R76-1 T6 III 500e<m<=2000e in service"
    assert limit("I", "1 mg", "1 kg").rule_id == "R76-1 T6 I 200000e<m"
    assert engine("r76").edition == "R 76-1:2006"


@given(st.sampled_from(["I", "II", "III", "IIII"]), st.integers(0, 1000), st.integers(0, 1000))
def test_a_heavier_load_never_has_a_smaller_limit(accuracy_class: str, one: int, other: int) -> None:
    light, heavy = sorted((one, other))
    assert limit(accuracy_class, "5 g", f"{light * 5} g").upper <= limit(accuracy_class, "5 g", f"{heavy * 5} g").upper


@pytest.mark.parametrize(
    ("accuracy_class", "e", "load", "text"),
    [
        ("V", "5 g", "1 kg", "use one of I, II, III, IIII"),
        ("III", "0 g", "1 kg", "above zero"),
        ("III", "-5 g", "1 kg", "above zero"),
        ("III", "5 mL", "1 L", "give a mass"),
        ("III", "5 g", "-1 kg", "below zero"),
        ("III", "5 g", "50.005 kg", "10001 e; class III ends at 10000 e"),
        ("IIII", "1 kg", "1001 kg", "ends at 1000 e"),
    ],
)
def test_no_limit_is_better_than_a_wrong_one(accuracy_class: str, e: str, load: str, text: str) -> None:
    with pytest.raises(R76Error, match=text):
        limit(accuracy_class, e, load)


def test_recorded_values_must_be_complete_and_legal() -> None:
    with pytest.raises(R76Error, match="'load' is missing"):
        engine("r76").mpe("III", {"e": "5 g"}, {})
    with pytest.raises(QuantityError, match="法定"):
        limit("III", "5 g", "2斤")
    with pytest.raises(EngineError, match="use one of r76"):
        engine("r49")


@pytest.mark.parametrize(
    ("accuracy_class", "e", "maximum", "minimum"),
    [
        ("III", "5 g", "15 kg", "100 g"),
        ("III", "5 g", "2.5 kg", "100 g"),
        ("III", "2 g", "200 g", "40 g"),
        ("II", "0.01 g", "1 kg", "0.2 g"),
        ("II", "0.1 g", "10 kg", "5 g"),
        ("IIII", "1 kg", "1 t", "10 kg"),
        ("I", "1 mg", "500 g", "100 mg"),
    ],
)
def test_instruments_that_suit_their_class(accuracy_class: str, e: str, maximum: str, minimum: str) -> None:
    assert check_class(accuracy_class, q(e), q(maximum), q(minimum)) == ()


@pytest.mark.parametrize(
    ("accuracy_class", "e", "maximum", "minimum", "text"),
    [
        ("III", "5 g", "2.495 kg", "100 g", "n = Max/e = 499 must lie in 500 … 10000"),
        ("III", "5 g", "50.005 kg", "100 g", "n = Max/e = 10001"),
        ("III", "5 g", "15 kg", "99 g", "at least 20 e = 100 g"),
        ("III", "4 g", "15 kg", "100 g", "1, 2 or 5 × 10^k"),
        ("III", "3 g", "15 kg", "100 g", "1, 2 or 5 × 10^k"),
        ("III", "5 g", "750 kg", "100 g", "n = Max/e = 150000"),
        ("III", "5 g", "-5 kg", "100 g", "Max = -5 kg: give a mass above zero"),
        ("III", "5 g", "0 kg", "100 g", "Max = 0 kg: give a mass above zero"),
        ("III", "5 g", "15 Cel", "100 g", "Max = 15 Cel: give a mass"),
        ("III", "0 g", "15 kg", "100 g", "e = 0 g: give a mass above zero"),
        ("III", "-5 g", "15 kg", "100 g", "e = -5 g: give a mass above zero"),
        ("III", "5 kPa", "15 kg", "100 g", "e = 5 kPa: give a mass"),
        ("III", "5 g", "15 kg", "0 g", "Min = 0 g: give a mass above zero"),
        ("V", "5 g", "15 kg", "100 g", "accuracy class 'V': use I, II, III, IIII"),
        ("III", "0.05 g", "100 g", "1 g", "does not allow e = 0.05 g"),
        ("II", "0.1 g", "499.9 g", "5 g", "n = Max/e = 4999"),
        ("IIII", "2 g", "1 kg", "20 g", "does not allow e"),
        ("I", "1 mg", "49 g", "100 mg", "must lie in 50000 … ∞"),
    ],
)
def test_instruments_that_do_not(accuracy_class: str, e: str, maximum: str, minimum: str, text: str) -> None:
    violations = check_class(accuracy_class, q(e), q(maximum), q(minimum))
    assert any(text in violation.en for violation in violations)
    assert all(violation.zh and violation.rule_id == f"R76-1 T3 {accuracy_class}" for violation in violations)


def test_what_is_not_known_of_an_instrument_is_not_judged() -> None:
    assert check_class("III", None, q("15 kg")) == check_class("III", q("5 g"), None) == ()
    assert [violation.field for violation in check_class("V", q("0 g"), q("-1 kg"))] == ["accuracy_class", "e", "max"]


def test_the_error_at_the_change_over() -> None:
    error = error_of_indication(q("10.000 kg"), q("10.000 kg"), Reading.CHANGEOVER, d=q("5 g"), added=q("1.5 g"))
    assert error == q("1 g")
    assert corrected_error(error, q("-0.5 g")) == q("1.5 g")
    with pytest.raises(R76Error, match="give `added`"):
        error_of_indication(q("10 kg"), q("10 kg"), Reading.CHANGEOVER, d=q("5 g"))


@pytest.mark.parametrize(
    ("indication", "reading", "added", "error", "verdict"),
    [
        # Class II, e = 0.1 g, d = 0.01 g, load 500 g = 5000 e: ±0.05 g.
        ("499.92 g", Reading.DIRECT, None, "-0.08 g", Verdict.FAIL),
        ("500.03 g", Reading.DIRECT, None, "0.03 g", Verdict.PASS),
        ("499.95 g", Reading.DIRECT, None, "-0.05 g", Verdict.PASS),
        ("500.05 g", Reading.DIRECT, None, "0.05 g", Verdict.PASS),
        ("500.06 g", Reading.DIRECT, None, "0.06 g", Verdict.FAIL),
        # The display changes in steps of d: half of d, not of e, is added.
        ("499.92 g", Reading.CHANGEOVER, "0.002 g", "-0.077 g", Verdict.FAIL),
        ("500.05 g", Reading.CHANGEOVER, "0.005 g", "0.05 g", Verdict.PASS),
        ("500.05 g", Reading.CHANGEOVER, "0.004 g", "0.051 g", Verdict.FAIL),
    ],
)
def test_a_display_finer_than_e(
    indication: str, reading: Reading, added: str | None, error: str, verdict: Verdict
) -> None:
    found = error_of_indication(q(indication), q("500 g"), reading, d=q("0.01 g"), added=q(added) if added else None)
    assert found == q(error)
    assert judge(found, limit("II", "0.1 g", "500 g")) is verdict


@pytest.mark.parametrize(
    ("reading", "e", "d", "text"),
    [
        (Reading.DIRECT, "0.1 g", "0.02 g", ""),
        (Reading.DIRECT, "1 g", "200 mg", ""),
        (Reading.DIRECT, "0.1 g", "0.05 g", "more than e/5"),
        (Reading.DIRECT, "5 g", "5 g", "more than e/5"),
        (Reading.CHANGEOVER, "5 g", "5 g", ""),
        (Reading.CHANGEOVER, "5 g", "2 g", ""),
        (Reading.CHANGEOVER, "5 g", "10 g", "greater than e"),
        (Reading.DIRECT, "5 g", "0 g", "1, 2 or 5"),
        (Reading.DIRECT, "5 g", "-1 g", "1, 2 or 5"),
        (Reading.CHANGEOVER, "5 g", "3 g", "1, 2 or 5"),
        (Reading.CHANGEOVER, "5 g", "1 mL", "give a mass"),
    ],
)
def test_only_a_fine_display_is_read_directly(reading: Reading, e: str, d: str, text: str) -> None:
    found = check_reading(reading, q(e), q(d))
    assert text in found
    assert bool(found) == bool(text)


@pytest.mark.parametrize(
    ("error", "uncertainty", "verdict"),
    [
        ("5 g", None, Verdict.PASS),
        ("-5 g", None, Verdict.PASS),
        ("5.0000001 g", None, Verdict.FAIL),
        ("-5.0000001 g", None, Verdict.FAIL),
        ("4 g", "1.6 g", Verdict.PASS),
        ("6 g", "1.6 g", Verdict.FAIL),
        ("4 g", "1.7 g", Verdict.INDETERMINATE),
    ],
)
def test_the_verdict_compares_unrounded_values(error: str, uncertainty: str | None, verdict: Verdict) -> None:
    mpe = Mpe(q("-5 g"), q("5 g"), "test")
    assert judge(q(error), mpe, q(uncertainty) if uncertainty else None) is verdict


def test_limits_may_be_asymmetric() -> None:
    taximeter = Mpe(q("-4 %"), q("1 %"), "JJG 517")
    assert str(taximeter) == "-4 % … +1 %"
    assert judge(q("-3 %"), taximeter) is Verdict.PASS
    assert judge(q("1.1 %"), taximeter) is Verdict.FAIL
