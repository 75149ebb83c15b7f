"""Quantities: read, refused, converted and compared without rounding."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrology import Quantity, QuantityError

MASSES = st.builds(
    Quantity,
    st.decimals(-(10**9), 10**9, places=6, allow_nan=False),
    st.sampled_from(["mg", "g", "kg", "t"]),
)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("2.505kg", "2.505", "kg"),
        ("2.505 kg", "2.505", "kg"),
        (" 5 g ", "5", "g"),
        ("-0.5%", "-0.5", "%"),
        ("3.125 m3/h", "3.125", "m3/h"),
        ("0.01kW.h", "0.01", "kW.h"),
        ("20.1 Cel", "20.1", "Cel"),
        ("3公斤", "3", "kg"),
    ],
)
def test_reading(text: str, value: str, unit: str) -> None:
    read = Quantity.parse(text)
    assert (read.value, read.unit) == (Decimal(value), unit)


@pytest.mark.parametrize("text", ["5斤", "5 两", "5 lb", "1 psi"])
def test_units_that_are_not_legal_are_refused_by_article(text: str) -> None:
    with pytest.raises(QuantityError, match=r"非法定计量单位.*Art\. 3.*convert to"):
        Quantity.parse(text)


@pytest.mark.parametrize("text", ["5", "kg", "", "1e3 g", "1,000 g", "NaN g", "5 kgg", "５kg", "0x1 g"])
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(QuantityError, match=r"write a decimal number|not known"):
        Quantity.parse(text)


def test_a_value_must_be_finite() -> None:
    with pytest.raises(QuantityError, match="finite"):
        Quantity(Decimal("Infinity"), "kg")


@pytest.mark.parametrize(
    ("text", "unit", "written"),
    [
        ("2.505 kg", "g", "2505 g"),
        ("1500 mg", "g", "1.5 g"),
        ("0.05 t", "kg", "50 kg"),
        ("1 m3", "mL", "1000000 mL"),
        ("2 MPa", "kPa", "2000 kPa"),
        ("0.000 kg", "g", "0 g"),
        ("-0 kg", "kg", "0 kg"),
        ("5.0 g", "g", "5 g"),
        ("100 g", "g", "100 g"),
    ],
)
def test_conversion_and_plain_writing(text: str, unit: str, written: str) -> None:
    assert str(Quantity.parse(text).to(unit)) == written


def test_equal_quantities_in_different_units() -> None:
    assert Quantity.parse("1 kg") == Quantity.parse("1000.0 g")
    assert hash(Quantity.parse("1 kg")) == hash(Quantity.parse("1000.0 g"))
    assert Quantity.parse("1 kg") != Quantity.parse("1 L")
    assert Quantity.parse("1 kg") != "1 kg"
    assert Quantity.parse("999 g") < Quantity.parse("1 kg") <= Quantity.parse("1000 g")


def test_unlike_units_do_not_mix() -> None:
    with pytest.raises(QuantityError, match="mass"):
        Quantity.parse("1 kg").to("L")
    with pytest.raises(QuantityError, match="mass"):
        _ = Quantity.parse("1 kg") < Quantity.parse("1 L")
    with pytest.raises(QuantityError, match="mass"):
        _ = Quantity.parse("1 kg") + Quantity.parse("1 L")
    with pytest.raises(QuantityError, match="cannot divide"):
        Quantity.parse("1 kg").ratio(Quantity.parse("0 g"))


@given(MASSES, st.sampled_from(["mg", "g", "kg", "t"]))
def test_conversion_is_exact_both_ways(mass: Quantity, unit: str) -> None:
    there = mass.to(unit)
    assert there == mass
    assert there.to(mass.unit).value == mass.value
    assert Quantity.parse(str(mass)) == mass


@given(MASSES, MASSES)
def test_sums_and_ratios_are_exact(one: Quantity, other: Quantity) -> None:
    assert one + other - other == one
    assert (one + other).unit == one.unit
    assert abs(-one) == abs(one)
    if other.value:
        assert one.ratio(other) * Fraction(other.to("mg").value) == Fraction(one.to("mg").value)
