"""Whether a line is within the scope of a certificate, and the reason if not."""

import pytest

from shared.metrology import family
from shared.metrology.scope import differences

GRANTED = {
    "name": "电子计价秤",
    "model": "ACS-15",
    "class": "III",
    "max": "3 kg … 30 kg",
    "e": "1 g, 2 g, 5 g",
    "min": "20 g",
}


@pytest.mark.parametrize(
    ("asked", "outside"),
    [
        ({"max": "15 kg", "e": "5 g"}, []),
        ({"max": "15000 g", "e": "0.005 kg"}, []),
        ({"max": "3 kg … 30 kg", "e": "1 g、5 g"}, []),
        ({"max": "6 ~ 15 kg", "e": "2 g"}, []),
        ({"model": "ａｃｓ－１５", "max": "15 kg", "e": "5 g"}, []),
        ({"max": "15 kg", "e": "5 g", "class": "IIII"}, []),
        ({"max": "15 kg", "e": "5 g", "class": "II"}, ["class"]),
        ({"max": "31 kg", "e": "5 g"}, ["max"]),
        ({"max": "2 kg … 15 kg", "e": "5 g"}, ["max"]),
        ({"max": "15 kg", "e": "2 g, 10 g"}, ["e"]),
        ({"max": "15 kg"}, ["e"]),
        ({"max": "15 L", "e": "5 g"}, ["max"]),
        ({"max": "much", "e": "5 g"}, ["max"]),
        ({"max": "15 kg", "e": "5 g", "model": "ACS-16", "name": "台秤"}, ["name", "model"]),
        ({"max": "15 kg", "e": "5 g", "principle": "vibrating string"}, ["principle"]),
        ({"max": "15 kg", "e": "5 g", "d": "5 g"}, ["d"]),
        ({"max": "15 kg", "e": "5 g", "supports": "4"}, []),
        ({"max": "15 kg", "e": "5 g", "supports": "6"}, ["supports"]),
    ],
)
def test_a_line_lies_inside_or_the_characteristic_is_named(asked: dict[str, str], outside: list[str]) -> None:
    line = {key: GRANTED[key] for key in ("name", "model", "class", "min")} | asked
    found = differences(family("r76"), line, GRANTED)
    assert [one.name for one in found] == outside
    for one in found:
        assert line.get(one.name, "(none)") in one.told.en


def test_a_class_of_another_system_is_not_inside() -> None:
    granted = {"class": "B", "imax": "60 A", "un": "220 V"}
    assert differences(family("r46"), {**granted, "class": "A"}, granted) == []
    assert [one.told for one in differences(family("r46"), {**granted, "class": "2"}, granted)] == [
        ("准确度等级2，批准的为B", "accuracy class 2 is not inside the approved B")
    ]


def test_a_stated_kind_compares_its_texts_and_amounts() -> None:
    granted = {"quantity": "压力", "range_low": "0 MPa", "range_high": "1.6 MPa", "accuracy": "1.6级"}
    held = family("general")
    assert differences(held, {**granted, "range_high": "1600 kPa"}, granted) == []
    assert [one.name for one in differences(held, {**granted, "range_high": "2.5 MPa"}, granted)] == ["range_high"]
