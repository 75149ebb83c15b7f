"""The programme that a case is tested by 型式评价大纲. Pure.

It is the family's, or one that the laboratory writes and its technical head approves: where there is none, or where the
laboratory has its own (JJF 1015, 5.3 and 5.4; JJF 1016).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from services.type_approval.evaluation import conformity
from services.type_approval.evaluation.facts import ARRANGEMENT, COMMISSION, PROGRAMME, WrittenProgramme
from shared.casework.facts import FORM
from shared.metrology import Family, family, family_of
from shared.metrology.registry import GENERAL_FAMILY
from shared.problems import Violation
from shared.text import Text, comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Step
    from shared.metrology.parts import Item

OWN = "lab"
"""The programme of items that no family has: ids of its items begin with it."""


TO_BE_WRITTEN = Text("由技术机构编写的大纲", "a programme that the laboratory writes")
"""What the laboratory is commissioned to test to where the office names no programme."""


def named(written: WrittenProgramme) -> str:
    """What a programme of the laboratory is called."""
    return f"{written.number}:{written.edition}"


def tested_to(data: Mapping[str, Any]) -> str:
    """What the case is tested to: the programme of the laboratory once it is approved, else the one commissioned;
    empty where neither is there yet."""
    if written := PROGRAMME.of(data):
        return named(written)
    commission = COMMISSION.of(data)
    return (commission and commission.programme) or ""


def items_wanted(data: Mapping[str, Any]) -> dict[str, int | None] | None:
    """The items that the report rests on, each with how many prototypes are tested in it, None for all of them; None
    where nothing was said."""
    if written := PROGRAMME.of(data):
        return {one["item"]: one["prototypes"] for one in written.items}
    arrangement = ARRANGEMENT.of(data)
    return None if arrangement is None or arrangement.items is None else dict.fromkeys(arrangement.items)


def family_tested(step: Step) -> Family:
    """The family of the instrument, with the items that the case is tested in."""
    return family_by(step.case.data)


def family_by(data: Mapping[str, Any]) -> Family:
    """The same by the data of the case."""
    held, written = family_of(data[FORM.name]["category"]), PROGRAMME.of(data)
    return with_items(held, written) if written else held


def with_items(held: Family, written: WrittenProgramme) -> Family:
    """The family with the items of a programme instead of its own. Items that the family does not have are judged by
    the limits that a record states with their clause, as those of general instruments are."""
    general = family(GENERAL_FAMILY)
    patterns = {one.kind: one for one in general.items}
    known = {one.id: one for one in held.items}
    items = tuple(known.get(one["item"]) or _own(one, patterns[one.get("kind", "test")]) for one in written.items)
    used = replace(general.programmes[0], id=OWN, edition=named(written), name=Text.plain(written.title))
    recorded = {name: one for name, one in general.parameters.items() if one.role == "point"}
    return replace(held, items=items, programmes=(*held.programmes, used), parameters={**held.parameters, **recorded})


def _own(one: Mapping[str, Any], pattern: Item) -> Item:
    kind: Literal["observation", "test"] = one.get("kind", "test")
    return replace(pattern, id=one["item"], kind=kind, clause=one["clause"], name=Text.plain(one["name"]))


def kept(items: Sequence[Mapping[str, Any]], held: Family) -> list[dict[str, Any]]:
    """The items of a programme by their ids; those of the family with its clause and name, unless others are said."""
    known, found = {one.id: one for one in held.items}, []
    for one in items:
        item = known.get(conformity.item_id(one["item"], held))
        if item is None:
            code = comparable(one["item"]).removeprefix(f"{OWN}.")
            found.append({"kind": "test", **one, "item": f"{OWN}.{code}"})
        else:
            found.append({"clause": item.clause, "name": item.name.zh, **one, "item": item.id, "kind": item.kind})
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
