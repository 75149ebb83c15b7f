"""The drawing of a clock: well-formed, every day drawn, not by colour alone, no scripts."""

from __future__ import annotations

from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.law import EntryKind, Explanation, LedgerEntry, Limit, draw, explanation, national
from shared.text import Text
from tests.shared.law.test_clock import ledgers

SVG = "{http://www.w3.org/2000/svg}"
START = LedgerEntry(EntryKind.STARTED, date(2013, 9, 22), "application.accepted")


def clock(limit: str, *others: LedgerEntry, today: date = date(2013, 9, 23)) -> Explanation:
    return explanation([START, *others], Limit.parse(limit), national(), today)


def picture(told: Explanation, zh: str = "行政许可决定", en: str = "decision") -> ET.Element:
    return ET.fromstring(draw(told, Text(zh, en)))  # noqa: S314 - our own text


def drawn(told: Explanation) -> list[str]:
    return [cell.attrib["data-day"] for cell in picture(told).iter(f"{SVG}rect") if "data-day" in cell.attrib]


@given(ledgers())
@settings(max_examples=60)
def test_every_day_of_the_clock_is_a_cell(case: tuple[list[LedgerEntry], Limit, date]) -> None:
    told = explanation(case[0], case[1], national(), case[2])
    assert drawn(told) == [day.on.isoformat() for day in told.days]


@pytest.mark.parametrize("limit", ["5wd", "36mo", "47mo"])
def test_short_and_long_clocks_have_a_cell_for_a_day(limit: str) -> None:
    told = clock(limit)
    assert drawn(told) == [(START.on + timedelta(days=step)).isoformat() for step in range(len(told.days))]


def test_a_clock_of_many_years_has_its_months_divided_by_days() -> None:
    told = clock("120mo")
    shares = [int(cell.attrib["data-days"]) for cell in picture(told).iter(f"{SVG}rect") if "data-days" in cell.attrib]
    assert sum(shares) == len(told.days)


def test_it_reads_without_colour_and_without_eyes() -> None:
    told = clock(
        "20wd", LedgerEntry(EntryKind.PAUSED, date(2013, 9, 25), "x", Text("试验", "tests")), today=date(2013, 10, 8)
    )
    root = picture(told)
    assert root.attrib["role"] == "img"
    words = [text.text or "" for text in root.iter(f"{SVG}text")]
    assert words.count("停") == 13 + 1, "one for each day, one in the legend"
    assert {"起算日，不计 start, not counted", "暂停 paused", "今日 today"} <= set(words)
    desc = root.findtext(f"{SVG}desc") or ""
    assert "paused with 17 working days left" in desc
    assert "尚余17个工作日" in desc


def test_counted_days_show_their_place_in_the_count() -> None:
    words = [text.text for text in picture(clock("10wd")).iter(f"{SVG}text") if text.attrib["font-size"] == "15"]
    assert [word for word in words if word and word.isdigit()] == [str(number) for number in range(1, 11)]
    assert words[0] == "起"


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_can_break_out_of_the_picture(zh: str, notice: str) -> None:
    pause = LedgerEntry(EntryKind.PAUSED, date(2013, 9, 25), "x", Text(f"<script>{zh}", '"><b>'), notice)
    root = picture(clock("20wd", pause, today=date(2013, 9, 30)), zh, f"<script>alert(1)</script>{notice}")
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "defs", "pattern", "rect", "path", "circle", "text")
    }
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]


def test_it_follows_the_reader_s_colour_scheme() -> None:
    assert "@media(prefers-color-scheme:dark)" in draw(clock("5wd"), Text("受理审查", "intake"))
