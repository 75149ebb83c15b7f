"""Lists of laboratories: what a cell says of a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.local.registers import example
from services.type_approval.registers.books import LABORATORIES
from services.type_approval.registers.cells import interests_of, scope_of
from shared.registers import importing, store
from shared.registers.naming import codes_of, in_codes
from tests.shared.casework.parts import NOW, RULES
from tests.support import officer

if TYPE_CHECKING:
    from sqlalchemy import Connection


def test_a_scope_has_kinds_bounds_and_programmes() -> None:
    cell = "non_automatic_scale（class=III, IIII，max=0.1 kg … 150 kg，大纲=R 76-1:2006）； taximeter ;load_cell()"
    assert scope_of(cell) == [
        {
            "category": "non_automatic_scale",
            "bounds": [
                {"characteristic": "class", "within": "III, IIII"},
                {"characteristic": "max", "within": "0.1 kg … 150 kg"},
            ],
            "programmes": ["R 76-1:2006"],
        },
        {"category": "taximeter"},
        {"category": "load_cell"},
    ]
    assert interests_of("91220101MA0Y0000AC=出资单位；") == [{"code": "91220101MA0Y0000AC", "relation": "出资单位"}]


@pytest.mark.parametrize(
    ("cell", "coded"),
    [
        ("非自动衡器；Load cell；胡写", "non_automatic_scale；load_cell；胡写"),
        ("烟尘、粉尘测量仪、血压计(表)", "dust_meter、sphygmomanometer"),
        (
            "Non-automatic weighing instrument (price-computing scale)（max=1 g，大纲=A）",
            "non_automatic_scale（max=1 g，大纲=A）",
        ),
        ("water_meter taximeter", "water_meter taximeter"),
        ("", ""),
    ],
)
def test_kinds_are_named_by_words_or_codes(cell: str, coded: str) -> None:
    assert in_codes(cell, codes_of(RULES)) == coded


def test_each_line_of_a_list_is_a_laboratory_of_its_own(tx: Connection) -> None:
    said = store.Said(officer("chu", "section_head"), NOW)
    for outcome in ("add", "same"):
        lines = importing.take(tx, LABORATORIES, "", example("laboratories"), None, said, RULES)
        assert [(line.code, line.outcome) for line in lines] == [("JL-LAB-02", outcome), ("JL-LAB-03", outcome)]
    held = store.get(tx, LABORATORIES, "JL-LAB-03", "JL-LAB-03")
    assert held.versions[0].content["interests"] == [{"code": "91220101MA0Y0000AC", "relation": "出资单位"}]
    words = example("laboratories").decode()
    for code, word in (("load_cell", "称重传感器"), ("water_meter", "Water meter"), ("fuel_dispenser", "燃油加油机")):
        words = words.replace(code, word)
    lines = importing.take(tx, LABORATORIES, "", words.encode(), None, said, RULES)
    assert [line.outcome for line in lines] == ["same", "same"], "kinds are named in words, too"
    wrong = example("laboratories").replace(b"load_cell", b"load_cells")
    assert [line.outcome for line in importing.take(tx, LABORATORIES, "", wrong, None, said, RULES)] == [
        "wrong",
        "same",
    ]
