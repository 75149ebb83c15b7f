"""Quantities: parsed, refused, converted and compared without rounding."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrology import Quantity, QuantityError

MASSES = st.builds(
    Quantity,
    st.fractions(-(10**9), 10**9, max_denominator=10**6),
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
        ("2.5千克", "2.5", "kg"),
        ("3.125 立方米/小时", "3.125", "m3/h"),
        ("500 毫升", "500", "mL"),
        ("0.01千瓦时", "0.01", "kW.h"),
        ("20.1 ℃", "20.1", "Cel"),
        ("2.5 m³/h", "2.5", "m3/h"),
        ("5 kΩ", "5", "kOhm"),
        ("1 kW·h", "1", "kW.h"),
        ("5 µg", "5", "ug"),
        ("1000 imp/kWh", "1000", "{imp}/(kW.h)"),
        ("50 ppm", "50", "[ppm]"),
        ("5.2 10*9/L", "5.2", "10*9/L"),
        ("100/3 kg", "100/3", "kg"),
    ],
)
def test_reading(text: str, value: str, unit: str) -> None:
    read = Quantity.parse(text)
    assert (read.value, read.unit) == (Fraction(value), unit)


@pytest.mark.parametrize("text", ["5斤", "5 两", "5 市斤", "5 lb", "1 psi"])
def test_units_that_are_not_legal_are_refused_by_article(text: str) -> None:
    with pytest.raises(QuantityError, match=r"not a legal unit.*Art\. 3.*convert to"):
        Quantity.parse(text)


@pytest.mark.parametrize("text", ["5", "kg", "", "1e3 g", "1,000 g", "NaN g", "5 kgg", "５kg", "0x1 g"])
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(QuantityError, match=r"write a decimal number|not known"):
        Quantity.parse(text)


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
        ("1 h", "s", "3600 s"),
        ("1 s", "h", "1/3600 h"),
        ("36 km/h", "m/s", "10 m/s"),
        ("1 m/s", "km/h", "3.6 km/h"),
        ("2.5 m3/h", "L/min", "125/3 L/min"),
        ("1 kW.h", "J", "3600000 J"),
        ("1 kW", "W", "1000 W"),
        ("2 MOhm", "kOhm", "2000 kOhm"),
        ("1 bar", "kPa", "100 kPa"),
        ("1 L/m3", "%", "0.1 %"),
        ("5 [ppm]", "%", "0.0005 %"),
        ("1 deg", "''", "3600 ''"),
        ("100 gon", "deg", "90 deg"),
        ("20 Cel", "K", "293.15 K"),
        ("0 K", "Cel", "-273.15 Cel"),
        ("1600 {imp}/(kW.h)", "{imp}/(kW.h)", "1600 {imp}/(kW.h)"),
        ("1000 {imp}/km", "{imp}/m", "1 {imp}/m"),
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
        assert one.ratio(other) * other.to("mg").value == one.to("mg").value


def test_temperatures_are_points_and_their_differences_kelvins() -> None:
    q = Quantity.parse
    assert q("30 Cel") - q("20 Cel") == q("10 K")
    assert (q("20 Cel") - q("5 K"), (q("20 Cel") + q("5 K")).unit) == (q("15 Cel"), "Cel")
    assert q("20 Cel") == q("293.15 K")
    assert q("-5 Cel") < q("0 Cel") < q("273.16 K")
    for wrong in (
        lambda: q("20 Cel") + q("5 Cel"),
        lambda: q("20 Cel") * 2,
        lambda: -q("20 Cel"),
        lambda: q("20 Cel").ratio(q("10 Cel")),
    ):
        with pytest.raises(QuantityError, match="point on a scale"):
            wrong()


@pytest.mark.parametrize(
    ("text", "exact", "shown"),
    [
        ("100/3 kg", "100/3 kg", "33.3333 kg"),
        ("2/3 %", "2/3 %", "0.666667 %"),
        ("1/3000 g", "1/3000 g", "0.000333333 g"),
        ("-100/7 m", "-100/7 m", "-14.2857 m"),
        ("1234567/3 m", "1234567/3 m", "411522 m"),
        ("7/8 g", "0.875 g", "0.875 g"),
    ],
)
def test_a_decimal_that_does_not_end_is_written_as_a_fraction(text: str, exact: str, shown: str) -> None:
    read = Quantity.parse(text)
    assert (str(read), read.shown()) == (exact, shown)
    assert Quantity.parse(exact) == read


@pytest.mark.parametrize(
    ("value", "interval", "rounded"),
    [
        ("2.5 g", "1 g", "2 g"),
        ("3.5 g", "1 g", "4 g"),
        ("-2.5 g", "1 g", "-2 g"),
        ("0.25 %", "0.1 %", "0.2 %"),
        ("0.2501 %", "0.1 %", "0.3 %"),
        ("7 g", "5 g", "5 g"),
        ("1.2345 kg", "1 g", "1.234 kg"),
    ],
)
def test_rounding_takes_the_even_of_two_as_near(value: str, interval: str, rounded: str) -> None:
    assert Quantity.parse(value).rounded(Quantity.parse(interval)) == Quantity.parse(rounded)


def test_units_of_the_dimension_are_named() -> None:
    with pytest.raises(QuantityError, match="for mass g ug mg kg t"):
        Quantity.parse("1 kg").to("L")
    with pytest.raises(QuantityError, match="is it kg"):
        Quantity.parse("1 kgg", dimension="mass")
    with pytest.raises(QuantityError, match="divided by zero"):
        Quantity.parse("1/0 kg")
