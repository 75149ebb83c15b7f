"""R 76: Table 3, partial ranges, and how an indication is read. Table 6 stands with the limits of all families."""

import pytest

from shared.metrology import Quantity, Verdict, family, judge, programme
from shared.metrology.families.r76.indication import Reading, before_rounding, check_reading
from shared.metrology.limits import FamilyError

q = Quantity.parse
SCALES = family("r76")


def faults(**said: str) -> list[str]:
    return [fault.reason.en for fault in SCALES.examine({name.rstrip("_"): value for name, value in said.items()})]


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
    assert faults(class_=accuracy_class, e=e, max=maximum, min=minimum) == []


@pytest.mark.parametrize(
    ("accuracy_class", "e", "maximum", "minimum", "text"),
    [
        ("III", "5 g", "2.495 kg", "100 g", "n = 499 must be 500 ≤ … ≤ 10000"),
        ("III", "5 g", "50.005 kg", "100 g", "n = 10001"),
        ("III", "5 g", "15 kg", "99 g", "Min = 99 g must be 100 g ≤ …"),
        ("III", "4 g", "15 kg", "100 g", "4 g is not one of 1 g 2 g 5 g × 10^k"),
        ("III", "3 g", "15 kg", "100 g", "3 g is not one of"),
        ("III", "5 g", "750 kg", "100 g", "n = 150000"),
        ("III", "5 g", "-5 kg", "100 g", "maximum capacity -5 kg must lie in 0 g <"),
        ("III", "5 g", "0 kg", "100 g", "maximum capacity 0 kg must lie in 0 g <"),
        ("III", "5 g", "15 Cel", "100 g", "maximum capacity 15 Cel: Cel measures temperature; give mass"),
        ("III", "0 g", "15 kg", "100 g", "verification scale interval 0 g must lie in 0 g <"),
        ("III", "-5 g", "15 kg", "100 g", "verification scale interval -5 g must lie in"),
        ("III", "5 kPa", "15 kg", "100 g", "verification scale interval 5 kPa: kPa measures pressure; give mass"),
        ("III", "5 g", "15 kg", "0 g", "minimum capacity 0 g must lie in"),
        ("V", "5 g", "15 kg", "100 g", "class 'V': use one of I, II, III, IIII"),
        ("III", "0.05 g", "100 g", "1 g", "e = 0.05 g must be 0.1 g ≤ …"),
        ("II", "0.1 g", "499.9 g", "5 g", "n = 4999"),
        ("IIII", "2 g", "1 kg", "20 g", "e = 2 g must be 5 g ≤ …"),
        ("I", "1 mg", "49 g", "100 mg", "n = 49000 must be 50000 ≤ …"),
        ("III", "2 g", "22 kg", "40 g", "n = 11000 must be 100 ≤ … ≤ 10000"),
        ("III", "5 g", "2 kg", "100 g", "n = 400 must be 500 ≤ … ≤ 10000"),
        ("II", "0.05 g", "4 g", "1 g", "n = 80 must be 100 ≤ … ≤ 100000"),
        ("II", "0.1 g", "400 g", "5 g", "n = 4000 must be 5000 ≤ … ≤ 100000"),
    ],
)
def test_instruments_that_do_not(accuracy_class: str, e: str, maximum: str, minimum: str, text: str) -> None:
    found = SCALES.examine({"class": accuracy_class, "e": e, "max": maximum, "min": minimum})
    assert any(text in fault.reason.en for fault in found)
    assert all(fault.reason.zh and fault.rule_id for fault in found)


def test_what_is_not_known_of_an_instrument_is_not_judged() -> None:
    assert faults(class_="III", max="15 kg") == faults(class_="III", e="5 g") == []
    found = SCALES.examine({"class": "V", "e": "0 g", "max": "-1 kg"})
    assert sorted(fault.name for fault in found) == ["class", "e", "max"]


def test_the_error_at_the_change_over() -> None:
    assert before_rounding(q("10 kg"), Reading.CHANGEOVER, d=q("5 g"), added=q("1.5 g")) == q("10.001 kg")
    with pytest.raises(FamilyError, match="give `added`"):
        before_rounding(q("10 kg"), Reading.CHANGEOVER, d=q("5 g"))


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
    shown = before_rounding(q(indication), reading, d=q("0.01 g"), added=q(added) if added else None)
    assert shown - q("500 g") == q(error)
    values = SCALES.values({"class": "II", "e": "0.1 g", "load": "500 g"})
    assert judge(q(error), programme("r76")[1].mpe(values)) is verdict


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
    assert text in (found.en if found else "")
    assert bool(found) == bool(text)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"partial": "3 kg/2 g, 6 kg/5 g, 15 kg/10 g", "min": "40 g"}, ""),
        ({"partial": "3 kg/2 g, 6 kg/5 g, 15 kg/10 g", "min": "39 g"}, "Min = 39 g must be 40 g ≤ …"),
        ({"partial": "2 kg/2 g, 6 kg/5 g"}, "steps = 400 must be 500 ≤ …"),
        ({"partial": "3 kg/2 g, 6 kg/3 g"}, "verification scale interval 3 g is not one of"),
        ({"partial": "6 kg/5 g, 3 kg/2 g"}, "must rise"),
        ({"partial": "6 kg/5 g, 60 kg/5 g"}, "must rise"),
        ({"partial": "3 kg"}, "write Max/e"),
        ({"ranges": "3 kg/1 g, 30 kg/10 g"}, ""),
        ({"ranges": "3 kg/1 g, 300 kg/10 g"}, "n = 30000 must be"),
        ({"e": "5 g", "max": "15 kg", "d": "5 g"}, ""),
        ({"e": "5 g", "max": "15 kg", "d": "1 g"}, "d = 1 g must be 5 g"),
        ({"e": "5 g", "max": "15 kg", "min": "25 g", "tariff": "yes"}, ""),
        ({"e": "5 g", "max": "15 kg", "min": "24 g", "tariff": "yes"}, "must be 25 g"),
        ({"e": "0.1 g", "d": "0.01 g", "auxiliary": "yes"}, "class = III must be I / II"),
        ({"temperature_low": "0 Cel", "temperature_high": "30 Cel", "e": "5 g", "max": "15 kg"}, ""),
        ({"temperature_low": "1 Cel", "temperature_high": "30 Cel", "e": "5 g", "max": "15 kg"}, "29 K must be 30 K"),
    ],
)
def test_what_a_class_iii_instrument_must_be(said: dict[str, str], text: str) -> None:
    found = faults(class_="III", **said)
    assert bool(found) == bool(text)
    assert text in "; ".join(found)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"class_": "II", "e": "0.1 g", "d": "0.01 g", "max": "1 kg", "min": "0.5 g"}, ""),
        ({"class_": "II", "e": "0.1 g", "d": "0.01 g", "max": "1 kg", "min": "0.49 g"}, "must be 0.5 g"),
        ({"class_": "II", "e": "0.1 g", "d": "0.005 g", "max": "1 kg"}, "d = 0.005 g"),
        ({"class_": "II", "partial": "600 g/0.1 g, 6 kg/1 g", "d": "0.05 g"}, "must be single"),
        ({"class_": "II", "e": "0.2 g", "d": "0.1 g", "max": "2 kg"}, "must be 10^k"),
        ({"class_": "I", "e": "0.001 g", "d": "0.00001 g", "max": "20 g"}, ""),
        ({"class_": "I", "e": "0.001 g", "d": "0.0001 g", "max": "20 g"}, "n = 20000 must be 50000"),
        (
            {"class_": "II", "e": "0.1 g", "d": "0.01 g", "max": "1 kg", "direct_sale": "yes"},
            "auxiliary = yes must be no",
        ),
    ],
)
def test_an_auxiliary_indicating_device(said: dict[str, str], text: str) -> None:
    found = faults(auxiliary="yes", **said)
    assert bool(found) == bool(text)
    assert text in "; ".join(found)


def test_a_range_of_a_multiple_range_instrument_is_an_instrument_of_its_own() -> None:
    found = programme("r76")[1]
    said = {"class": "III", "ranges": "3 kg/1 g, 30 kg/10 g", "load": "2 kg"}
    assert str(SCALES.mpe(found, {**said, "range": "1"})) == "±1 g"
    assert str(SCALES.mpe(found, {**said, "range": "2"})) == "±5 g"
    with pytest.raises(FamilyError, match="above Max of range 1"):
        SCALES.mpe(found, {**said, "range": "1", "load": "3.001 kg"})
    with pytest.raises(FamilyError, match="say which of the ranges"):
        SCALES.mpe(found, said)
    with pytest.raises(FamilyError, match="use 1 to 2"):
        SCALES.mpe(found, {**said, "range": "3"})
