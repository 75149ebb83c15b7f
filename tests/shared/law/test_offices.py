"""Which office decides on a permit, by kind of instrument, region and day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.law import PROVINCE, load

RULES = load()
GAUGE, SCALE = "pressure_gauge", "non_automatic_scale"


@pytest.mark.parametrize(
    ("region", "kinds", "on", "office"),
    [
        ("220100", [GAUGE], date(2013, 9, 17), "changchun"),
        ("220101", [GAUGE], date(2013, 9, 17), "changchun"),
        ("220183", [GAUGE], date(2013, 9, 17), "changchun"),
        ("220183", [GAUGE], date(2014, 6, 3), "dehui"),
        ("220183", ["hardness_tester", GAUGE], date(2014, 6, 3), "changchun"),
        # Jiutai by its old code and by its new one, before and after the change.
        *(("220181", [GAUGE], date(year, 6, 3), "jiutai") for year in (2014, 2015)),
        ("220113", [GAUGE], date(2015, 6, 3), "jiutai"),
        # The zone that has no code of GB/T 2260.
        ("229900", [GAUGE], date(2014, 6, 3), "changbaishan"),
        *((region, [SCALE], date(2014, 6, 3), PROVINCE) for region in ("220100", "220183")),
        ("220100", [GAUGE, SCALE], date(2014, 6, 3), PROVINCE),
        ("220100", [GAUGE], date(2013, 8, 30), PROVINCE),
        ("110105", [GAUGE], date(2014, 6, 3), PROVINCE),
        ("", [GAUGE], date(2014, 6, 3), PROVINCE),
    ],
)
def test_the_office_for_kinds_of_instruments_in_a_region(region: str, kinds: list[str], on: date, office: str) -> None:
    assert RULES.competent("manufacture", region, kinds, on) == office


@pytest.mark.parametrize(
    ("region", "none"),
    [
        *((code, True) for code in ("220900", "220901", "220001", "222301", "229001")),
        # Of counties it is not known which there are, and nothing of other provinces.
        *((code, False) for code in ("220199", "222499", "110105", "990000", "")),
        *((row.code, False) for row in RULES.authorities),
    ],
)
def test_which_codes_lie_in_no_city_of_the_province(region: str, *, none: bool) -> None:
    assert RULES.is_no_city(region) is none


@given(
    region=st.sampled_from(sorted({row.code for row in RULES.authorities})),
    kinds=st.sets(st.sampled_from(sorted({row.code for row in RULES.catalogue}))),
    on=st.dates(date(2005, 8, 1), date(2026, 12, 31)),
)
def test_a_type_is_always_approved_by_the_province(region: str, kinds: set[str], on: date) -> None:
    assert RULES.competent("type_approval", region, kinds, on) == PROVINCE


def test_an_office_keeps_its_identity_when_its_region_is_renamed() -> None:
    before, after = (RULES.authority(day, "jiutai") for day in (date(2014, 12, 30), date(2014, 12, 31)))
    assert (before.code, after.code) == ("220181", "220113")
    licence = RULES.number_format("licence", date(2014, 6, 3))
    assert [licence.series(office=row.code[2:]) for row in (before, after)] == ["licence/0181", "licence/0113"]
    assert RULES.first_code("jiutai") == "220181", "numbers that begin with the office's name go on"
