"""The items of the programme that a report leaves out, each with the reason. Pure.

A pass is of the whole programme: of each item there is a record, or the programme exempts the instrument from it, or
the laboratory says why it is left out, and the office confirms that when it takes the report over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.type_approval.evaluation import completeness, conformity
from services.type_approval.evaluation.facts import PROGRAMME, REPORT, SAMPLES
from services.type_approval.intake.oiml import is_accepted
from shared.metrology import FamilyError, QuantityError
from shared.metrology.registry import GENERAL_FAMILY
from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.casework import Step
    from shared.metrology import Family
    from shared.metrology.parts import Item
    from shared.metrology.rules import Values


def unexamined(data: Mapping[str, Any], held: Family) -> dict[str, Text | None]:
    """The items of the programme of which no record counts, each with the reason why the programme exempts the
    instrument, None where it does not.

    None where the family has no programme, where the laboratory wrote its own, of which each item must be tested, and
    where an accepted OIML certificate proves the rest.
    """
    if held.id == GENERAL_FAMILY or PROGRAMME.of(data) or is_accepted(data):
        return {}
    examined, instruments = _examined(data, held), _instruments(data, held)
    return {one.id: one.exempts(instruments) for one in held.items_of(held.id) if one.id not in examined}


def unexplained(data: Mapping[str, Any], held: Family, stated: Iterable[str] = ()) -> list[Item]:
    """Those of them that the programme does not exempt and that are not among the `stated`."""
    said = {conformity.item_id(one, held) for one in stated}
    return [held.item(item) for item, why in unexamined(data, held).items() if why is None and item not in said]


def wrong(step: Step, held: Family) -> list[Violation]:
    """What is left out are items of the programme, each once, of which no record counts."""
    stated = [one["item"] for one in step.body.get("left_out", ())]
    found = conformity.unknown_items(stated, held, "left_out.{}.item")
    found = found or conformity.items_twice(stated, held, "left_out.{}.item")
    examined = _examined(step.case.data, held)
    reason = Text("该项目有有效的试验记录", "there is a test record of it that counts")
    return found + [
        Violation(f"left_out.{index}.item", "examined", reason)
        for index, one in enumerate(stated)
        if conformity.item_id(one, held) in examined
    ]


def missing(step: Step, held: Family) -> list[Violation]:
    """Each item of the programme that a report cannot conclude pass without, and that it does not account for."""
    stated = [one["item"] for one in step.body.get("left_out", ())]
    return [
        Violation("left_out", "unexamined", to_be_done(one), one.id)
        for one in unexplained(step.case.data, held, stated)
    ]


def to_be_done(item: Item) -> Text:
    """What a pass wants of an item of the programme of which there is no record."""
    told = item.told
    return Text(f"{told.zh}未做，也未说明理由", f"{told.en} was neither tested nor left out for a reason")


def kept(step: Step, held: Family) -> tuple[Mapping[str, Any], ...] | None:
    """What the report says of them: the items left out by the laboratory, then those that the programme exempts."""
    stated = {conformity.item_id(one["item"], held): one["reason"] for one in step.raw.get("left_out", ())}
    found = [_said(held.item(item), Text.plain(reason), exempt=False) for item, reason in stated.items()]
    exempt = unexamined(step.case.data, held)
    found += [_said(held.item(item), why, exempt=True) for item, why in exempt.items() if why and item not in stated]
    return tuple(found) or None


def _said(item: Item, why: Text, *, exempt: bool) -> dict[str, Any]:
    name = item.name._asdict()
    return {"item": item.id, "clause": item.clause, "name": name, "why": why._asdict(), "exempt": exempt}


def by_laboratory(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Those that the laboratory leaves out in its report, for reasons of its own."""
    report = REPORT.of(data)
    return [one for one in (report and report.left_out) or () if not one["exempt"]]


def to_confirm(data: Mapping[str, Any]) -> list[Violation]:
    """What a report that passes leaves out, for whoever takes it over."""
    left_out = by_laboratory(data)
    if not left_out:
        return []
    # One thing to confirm, with a line for each item.
    zh, en = (
        "\n".join(f"{one['clause']} {one['name'][language]}{colon}{one['why'][language]}" for one in left_out)
        for language, colon in (("zh", "："), ("en", ": "))
    )
    reason = Text(f"报告有未做的大纲项目：\n{zh}", f"the report leaves items of the programme out:\n{en}")
    return [Violation("left_out", "left_out", reason)]


def _examined(data: Mapping[str, Any], held: Family) -> set[str]:
    return {conformity.item_id(record["item"], held) for record in conformity.counting(data).values()}


def _instruments(data: Mapping[str, Any], held: Family) -> list[Values]:
    """The prototypes by their characteristics; none where one cannot be read, so that nothing is exempt."""
    tested = completeness.tested(data, held) if SAMPLES.of(data) else []
    try:
        return [held.values(one["characteristics"]) for one in tested]
    except (FamilyError, QuantityError):
        return []
