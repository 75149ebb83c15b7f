"""How far the tests of a case are: each item on each prototype, and what the report still lacks. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.type_approval.evaluation import completeness, conformity, rules
from services.type_approval.evaluation.records import VERDICT
from services.type_approval.intake.kinds import TestItem, Value, item_form, values_of
from shared.metrology import Family, FamilyError, QuantityError, Verdict, family_of
from shared.schemas import Answer, Bilingual, choice
from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Case


class ItemOnPrototype(Answer):
    """样机的项目进度。 How far one prototype is tested in an item."""

    serial = fields.String(required=True, metadata={"description": "样机编号 serial number", "example": "S-1"})
    records = fields.List(
        fields.Integer(metadata={"example": 1}),
        required=True,
        metadata={"description": "试验记录 numbers of the records that count"},
    )
    verdict = choice(
        *Verdict,
        required=False,
        metadata={**VERDICT, "example": "pass"},
    )


class ItemProgress(TestItem):
    """项目进度。 A test item, and how far each prototype is tested in it."""

    wanted = fields.Boolean(
        required=True,
        metadata={"description": "列入大纲 whether the programme has it, as arranged", "example": True},
    )
    prototypes = fields.List(
        fields.Nested(ItemOnPrototype), required=True, metadata={"description": "样机 the prototypes received"}
    )


class TestProgress(Answer):
    """试验进度。 What is to be tested and recorded, and what is recorded."""

    conditions = fields.List(
        fields.String(metadata={"example": "temperature"}),
        required=True,
        metadata={"description": "环境条件 ambient conditions that each record states"},
    )
    characteristics = fields.List(
        fields.Nested(Value), required=True, metadata={"description": "特性 characteristics of the instrument"}
    )
    recorded = fields.List(
        fields.Nested(Value),
        required=True,
        metadata={"description": "试验量 settings and parts of points that test records name"},
    )
    items = fields.List(
        fields.Nested(ItemProgress), required=True, metadata={"description": "试验项目 items, in the programme's order"}
    )
    done = fields.Integer(
        required=True,
        metadata={"description": "已完成 how many items on prototypes have a verdict, of those wanted", "example": 3},
    )
    of = fields.Integer(
        required=True, metadata={"description": "应完成 how many items on prototypes are wanted", "example": 12}
    )
    lacking = fields.List(
        fields.Nested(Bilingual),
        required=True,
        metadata={"description": "尚缺 what a report cannot conclude pass without", "example": []},
    )


def progress(case: Case) -> dict[str, Any]:
    """How far the tests of the case are by now."""
    held, data = family_of(case.form["category"]), {"samples": [], "tests": [], **case.data}
    records = rules.standing(data, held) if data["tests"] else []
    # Without a list of items, those that were begun are what a report needs.
    listed = data.get("arrangement", {}).get("items", [record["item"] for record in records])
    wanted = {conformity.item_id(item, held) for item in listed}
    items = [
        {
            **item_form(item),
            "wanted": item.id in wanted,
            "prototypes": [_on(sample["serial"], item.id, records, held) for sample in data["samples"]],
        }
        for item in held.items
    ]
    asked = [on for item in items if item["wanted"] for on in item["prototypes"]]
    return {
        "conditions": _conditions(data, held),
        **values_of(held),
        "items": items,
        "done": sum("verdict" in on for on in asked),
        "of": len(asked),
        "lacking": [one._asdict() for one in completeness.lacking(data, held)] if data["samples"] else [],
    }


def _on(serial: str, item: str, records: Sequence[Mapping[str, Any]], held: Family) -> dict[str, Any]:
    own = [
        record
        for record in records
        if comparable(record["serial"]) == comparable(serial) and conformity.item_id(record["item"], held) == item
    ]
    verdict = {"verdict": str(rules.overall([record["verdict"] for record in own]))} if own else {}
    return {"serial": serial, "records": [record["number"] for record in own], **verdict}


def _conditions(data: Mapping[str, Any], held: Family) -> list[str]:
    """Those of any prototype; of the instrument applied for before there is one."""
    found: list[str] = []
    for sample in data["samples"] or [{"model": line["model"]} for line in data["form"]["lines"]]:
        values, _ = conformity.instrument(data["form"], sample, {}, held)
        try:
            found += held.conditions(held.values(values))
        except (FamilyError, QuantityError):
            continue  # what is wrong with the instrument is told of itself
    return list(dict.fromkeys(found))
