"""Equality of typed texts, and forbidden characters."""

from __future__ import annotations

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from services.console import main
from shared.calendars import read
from shared.problems import Problem
from shared.text import as_numbered, comparable, is_visible, refused, same

UNSEEN = "\u200b\u200d\u2060\u00ad\ufeff\u202e\u2066\ufe0f\U000e0100\u3164\u2800"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ⅲ", "III"),
        ("ＡＣＳ－１５", "ACS-15"),
        ("ACS\u201115", "ACS-15"),
        ("ACS\u221215", "ACS-15"),
        ("ACS\ufe5815", "ACS-15"),
        ("ACS-15\u200b", "ACS-15"),
        ("acs-15", "ACS-15"),
        (" ACS -  15\u3000", "ACS-15"),
        ("张　三", "张三"),
        ("ＧＢ／Ｔ 7722", "GB/T7722"),
        ("质监〔2013〕1号", "质监[2013] 1 号"),
        ("质监【2013】1号", "质监（2013）1号"),
    ],
)
def test_spellings_of_one_text_are_the_same(typed: str, kept: str) -> None:
    assert same(typed, kept)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ACS-15", "ACS15"), ("III", "IIII"), ("一", "-"), ("ー", "-"), ("ACS-15", "ACS-1.5"), ("1/5", "15"), ("²", "")],
)
def test_texts_that_say_something_else_differ(one: str, other: str) -> None:
    assert not same(one, other)


@given(st.text(), st.sampled_from(UNSEEN + " \u00a0\u3000\t"), st.integers(0, 50))
def test_what_is_not_seen_makes_no_difference(text: str, char: str, place: int) -> None:
    assert same(text[:place] + " " + text[place:], text[:place] + char + text[place:])
    assert comparable(comparable(text)) == comparable(text)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("CPA 2013F101-22", "2013F101-22"),
        ("cpa2013f101-22", "2013F101-22"),
        ("\u30002013F101-22 ", "2013F101-22"),
        ("２０１３Ｆ１０１－２２", "2013F101-22"),
        ("2013F101\u201322", "2013F101-22"),
        ("CPA：2013F101—22", "2013F101-22"),
        ("吉制0000 0001号", "吉制00000001号"),
        ("〔吉〕制（００００）0001号", "吉制00000001号"),
        ("CMC 吉制00000001号", "吉制00000001号"),
        ("ta-2013-00001", "TA-2013-00001"),
        ("CPA", "CPA"),
    ],
)
def test_a_number_is_read_in_any_spelling(typed: str, number: str) -> None:
    assert as_numbered(typed) == number
    assert as_numbered(number) == number


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE"),
        ("\u200b", "U+200B ZERO WIDTH SPACE"),
        ("\u00ad", "U+00AD SOFT HYPHEN"),
        ("\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A"),
        ("\u3164", "U+3164 HANGUL FILLER"),
        ("\u2800", "U+2800 BRAILLE PATTERN BLANK"),
        ("\u2028", "U+2028 LINE SEPARATOR"),
        ("\0", "U+0000 NULL"),
        ("\u0085", "U+0085"),
        ("\ud800", "U+D800"),
        ("\ufdd0", "U+FDD0"),
        ("\U0010ffff", "U+10FFFF"),
        ("\ufe0f", "U+FE0F VARIATION SELECTOR-16"),
    ],
)
def test_characters_that_are_not_seen_are_refused_by_name(char: str, name: str) -> None:
    if char != "\ufe0f":
        assert (refused(f"长春{char} 衡器", lines=True) or "").startswith(f"{name},")
    assert (refused(f"ACS{char}-15") or "").startswith(f"{name},")
    assert not is_visible(f" {char}\u3000\u0301")


def test_line_breaks_are_for_long_texts() -> None:
    assert (refused("一\n二\t三\r\n") or "").startswith("U+000A LINE FEED,")
    assert refused("一\n二\t三\r\n", lines=True) is None


@pytest.mark.parametrize(
    "text",
    ["长春示例衡器有限公司", "“甲”——乙…（丙）·①Ⅲ℃", "Müller & Söhne, №1", "葛\U000e0100", "\ue000\U00030000", "é"],
)
def test_what_people_write_is_taken(text: str) -> None:
    assert refused(text) is None
    assert is_visible(text)


@pytest.mark.parametrize(
    "arguments",
    [
        ("token", "--role", "staff", "--subject", "li\u202e"),
        ("token", "--role", "staff", "--subject", "li", "--name", "李\u2066"),
        ("calendar", "import", "-", "--by", "wang\u200b"),
        ("token", "--role", "staff", "--subject", "\u3000"),
    ],
)
def test_the_command_line_takes_no_text_that_is_not_seen(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "U+" in result.output or "must not be blank" in result.output


def test_a_calendar_has_no_text_that_is_not_seen() -> None:
    day = {"name": "中秋\u202e节", "date": "2013-09-19", "isOffDay": True}
    with pytest.raises(Problem) as problem:
        read(orjson.dumps({"year": 2013, "papers": [], "days": [day]}), ["notice"])
    assert (
        "U+202E RIGHT-TO-LEFT OVERRIDE"
        in {fault.name: str(fault.reason) for fault in problem.value.violations if fault.code == "character"}[
            "days.0.name"
        ]
    )
