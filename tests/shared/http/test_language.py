"""Language negotiation for any Accept-Language header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.language import Language, preferred

QUALITIES = st.integers(1, 999).map(lambda thousandths: f"0.{thousandths:03}")
TAGS = {Language.ZH: ("zh", "zh-CN", "zh-Hant-HK", "ZH_tw"), Language.EN: ("en", "en-GB", "EN", "en_US")}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "zh"),
        ("", "zh"),
        ("fr", "zh"),
        ("*", "zh"),
        ("en", "en"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-TW, en;q=0.9", "zh"),
        ("fr, en;q=0.5", "en"),
        ("en;q=0.5, zh;q=0.5", "zh"),
        ("en;q=0", "zh"),
        ("zh;q=0, *;q=0.5", "en"),
        ("en;q=much", "zh"),
    ],
)
def test_chinese_unless_english_comes_first(accepted: str | None, language: str) -> None:
    assert preferred(accepted) == language


@given(st.text(max_size=60))
def test_any_header_has_a_language(accepted: str) -> None:
    assert preferred(accepted) in Language


@given(st.data(), QUALITIES, QUALITIES, st.permutations(["zh", "en", "fr"]))
def test_the_weight_decides_and_neither_order_nor_region(
    data: st.DataObject, zh: str, en: str, order: list[str]
) -> None:
    chinese, english = (data.draw(st.sampled_from(TAGS[language])) for language in Language)
    parts = {"zh": f"{chinese};q={zh}", "en": f"{english};q={en}", "fr": "fr"}
    assert preferred(", ".join(parts[each] for each in order)) == ("en" if float(en) > float(zh) else "zh")
