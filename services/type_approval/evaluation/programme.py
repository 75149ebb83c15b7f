"""The programme that a case is tested by 型式评价大纲. Pure.

It is the family's, or one that the laboratory writes and its technical head approves: where there is none, or where the
laboratory has its own (JJF 1015, 5.3 and 5.4; JJF 1016).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from marshmallow import fields

from services.type_approval.evaluation import conformity
from shared.metrology import Family, family, family_of
from shared.metrology.registry import GENERAL_FAMILY
from shared.problems import Text, Violation
from shared.schemas import Strict, choice, coded, count, several, text
from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Step
    from shared.metrology.parts import Item

OWN = "lab"
"""The programme of items that no family has: ids of its items begin with it."""


TO_BE_WRITTEN = Text("由技术机构编写的大纲", "a programme that the laboratory writes")
"""What the laboratory is commissioned to test to where the office names no programme."""


class ProgrammeItem(Strict):
    """大纲项目。 An item of the programme: one of the family, or an own one, which has a clause and a name."""

    item = coded(
        "[A-Za-z0-9][A-Za-z0-9._-]*",
        Text("字母、数字、点、连字符和下划线", "letters, digits, dots, hyphens and underscores"),
        maximum=40,
        metadata={
            "description": "项目 item of the family, or its clause; or a code for an item of your own",
            "example": "7.2",
        },
    )
    clause = text(
        required=False,
        maximum=60,
        metadata={"description": "条款 clause of the programme; that of the family if not said", "example": "7.2"},
    )
    name = text(
        required=False,
        maximum=100,
        metadata={"description": "名称 name; that of the family if not said", "example": "倾斜试验"},
    )
    kind = choice(
        *("observation", "test"),
        required=False,
        metadata={
            "description": "类型 of an own item: observation 观察项目 looked at, test 试验项目 measured; else test",
            "example": "test",
        },
    )
    requirement = text(
        maximum=1000,
        metadata={"description": "技术要求 requirement that is to be met", "example": "倾斜2‰时示值变化不超过1e"},
    )
    prototypes = count(
        maximum=100,
        metadata={"description": "样机数量 number of prototypes that are tested in it", "example": 1},
    )


class Programme(Strict):
    """自编型式评价大纲。 A programme that the laboratory writes."""

    number = text(maximum=60, metadata={"description": "大纲编号 its number", "example": "JLMI/DG-012"})
    edition = text(maximum=40, metadata={"description": "版本 its edition", "example": "2013"})
    title = text(maximum=200, metadata={"description": "名称 its title", "example": "电子计价秤型式评价大纲"})
    items = several(
        fields.Nested(ProgrammeItem),
        maximum=200,
        metadata={"description": "项目 observation and test items, in order"},
    )


class WrittenProgramme(Programme):
    """自编型式评价大纲, as it is kept: who wrote it, and who approved it."""

    by = fields.String(required=True, metadata={"description": "编写人 who wrote it", "example": "陈检测"})
    on = fields.Date(required=True, metadata={"description": "编写日期 day on which it was written"})
    approved_by = fields.String(
        metadata={"description": "批准人（技术负责人） technical head who approved it", "example": "郑技术"}
    )
    approved_on = fields.Date(metadata={"description": "批准日期 day of the approval", "example": "2013-09-18"})


def named(written: Mapping[str, Any]) -> str:
    """What a programme of the laboratory is called."""
    return f"{written['number']}:{written['edition']}"


def tested_to(data: Mapping[str, Any]) -> str:
    """What the case is tested to: the programme of the laboratory once it is approved, else the one commissioned;
    empty where neither is there yet."""
    written = data.get("programme")
    return named(written) if written else data["commission"].get("programme", "")


def items_wanted(data: Mapping[str, Any]) -> dict[str, int | None] | None:
    """The items that the report rests on, each with how many prototypes are tested in it, None for all of them; None
    where nothing was said."""
    if written := data.get("programme"):
        return {one["item"]: one["prototypes"] for one in written["items"]}
    items = data.get("arrangement", {}).get("items")
    return None if items is None else dict.fromkeys(items)


def family_tested(step: Step) -> Family:
    """The family of the instrument, with the items that the case is tested in."""
    return family_by(step.case.data)


def family_by(data: Mapping[str, Any]) -> Family:
    """The same by the data of the case."""
    held = family_of(data["form"]["category"])
    return with_items(held, data["programme"]) if "programme" in data else held


def with_items(held: Family, written: Mapping[str, Any]) -> Family:
    """The family with the items of a programme instead of its own. Items that the family does not have are judged by
    the limits that a record states with their clause, as those of general instruments are."""
    general = family(GENERAL_FAMILY)
    patterns = {one.kind: one for one in general.items}
    known = {one.id: one for one in held.items}
    items = tuple(known.get(one["item"]) or _own(one, patterns[one.get("kind", "test")]) for one in written["items"])
    used = replace(general.programmes[0], id=OWN, edition=named(written), zh=written["title"], en=written["title"])
    recorded = {name: one for name, one in general.parameters.items() if one.role == "point"}
    return replace(held, items=items, programmes=(*held.programmes, used), parameters={**held.parameters, **recorded})


def _own(one: Mapping[str, Any], pattern: Item) -> Item:
    kind: Literal["observation", "test"] = one.get("kind", "test")
    return replace(pattern, id=one["item"], kind=kind, clause=one["clause"], zh=one["name"], en=one["name"])


def kept(items: Sequence[Mapping[str, Any]], held: Family) -> list[dict[str, Any]]:
    """The items of a programme by their ids; those of the family with its clause and name, unless others are said."""
    known, found = {one.id: one for one in held.items}, []
    for one in items:
        item = known.get(conformity.item_id(one["item"], held))
        if item is None:
            code = comparable(one["item"]).removeprefix(f"{OWN}.")
            found.append({"kind": "test", **one, "item": f"{OWN}.{code}"})
        else:
            found.append({"clause": item.clause, "name": item.zh, **one, "item": item.id, "kind": item.kind})
    return found


def not_yet(data: Mapping[str, Any], field: str) -> list[Violation]:
    """That the laboratory was to write the programme, and has none that is approved."""
    if tested_to(data):
        return []
    reason = Text(
        "本案须由技术机构编写大纲：请先编写并经技术负责人批准",
        "the laboratory is to write the programme of this case: have one approved first (write_programme)",
    )
    return [Violation(field, "no_programme", reason)]
