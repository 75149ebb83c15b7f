"""The kinds of instruments of the catalogue, and what each is stated and tested by: forms for people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.instruments import CATEGORY
from shared.labels import labelled
from shared.law import LawError, RuleSet
from shared.metrology import Family, family_of
from shared.problems import Problem
from shared.schemas import Bilingual
from shared.text import Text

if TYPE_CHECKING:
    from datetime import date

    from shared.law.rows import CatalogueItem
    from shared.metrology.parts import Item, Parameter


class Kind(Bilingual):
    """目录类别。 A kind of instrument that needs type approval."""

    code = fields.String(required=True, metadata=CATEGORY)
    verified = fields.Boolean(
        required=True,
        metadata=labelled("已核实", "whether the catalogue was verified in its text", example=True),
    )
    family = fields.String(
        required=True,
        metadata=labelled(
            "所属系列",
            "family",
            hint=Text("由其规定特性和试验项目", "which has its characteristics and test items"),
            example="r76",
        ),
    )


class Value(Bilingual):
    """特性或试验量。 A characteristic, a setting of a test, or part of a point."""

    name = fields.String(required=True, metadata=labelled("字段名", "its name in forms and records", example="q3"))
    symbol = fields.String(required=True, metadata=labelled("符号", "symbol", example="Q3"))
    required = fields.Boolean(required=True, metadata=labelled("必填", "whether it must be stated"))
    unless = fields.List(
        fields.String(metadata={"example": "ib"}),
        metadata=labelled("填有这些项之一时可不填", "not where one of these is stated", example=None),
    )
    dimension = fields.String(metadata=labelled("量的种类", "what a measured value measures", example="volume flow"))
    unit = fields.String(
        metadata=labelled("单位", "unit of a number without one", hint=Text("UCUM单位", "UCUM"), example="m3/h")
    )
    values = fields.List(
        fields.String(metadata={"example": "2"}), metadata=labelled("可选值", "one of these", example=None)
    )
    default = fields.String(metadata=labelled("默认值", "what it is if not said", example=None))
    example = fields.String(metadata=labelled("示例", "example", example="2.5 m3/h"))


class TestItem(Bilingual):
    """试验项目。 A test item of the family."""

    id = fields.String(required=True, metadata=labelled("项目标识", "its id", example="r49.temperature"))
    hint = fields.Nested(Bilingual, metadata=labelled("要求", "what is asked for in short", example=None))
    clause = fields.String(required=True, metadata=labelled("条款", "clause", example="R 49-2 7.5"))
    kind = fields.String(
        required=True,
        metadata=labelled(
            "类型",
            "kind",
            choices={"observation": Text("观察项目", "looked at"), "test": Text("试验项目", "measured")},
            example="test",
        ),
    )
    records = fields.List(
        fields.String(metadata={"example": "flow"}),
        required=True,
        metadata=labelled("数据点各项", "what a point has", hint=Text("按名称", "by name")),
    )
    settings = fields.List(
        fields.String(metadata={"example": "phase"}),
        required=True,
        metadata=labelled("试验设置", "settings of the run", hint=Text("按名称", "by name"), example=[]),
    )
    least = fields.Integer(required=True, metadata=labelled("最少点数", "least number of points", example=3))


class KindForm(Kind):
    """目录类别及其特性和试验项目。 A kind of instrument, the characteristics that applications state, and its tests."""

    characteristics = fields.List(
        fields.Nested(Value), required=True, metadata=labelled("特性", "in the order of forms")
    )
    recorded = fields.List(
        fields.Nested(Value),
        required=True,
        metadata=labelled("试验量", "settings and parts of points that test records name"),
    )
    tests = fields.List(
        fields.Nested(TestItem), required=True, metadata=labelled("试验项目", "test items of the family")
    )


def kinds(rules: RuleSet, on: date) -> list[dict[str, Any]]:
    """The catalogue of a day."""
    return [_kind(item) for item in rules.catalogue_on(on)]


def kind_form(rules: RuleSet, code: str, on: date) -> dict[str, Any]:
    """What a kind is stated and tested by. Raises Problem for one that the catalogue of the day does not have."""
    try:
        item = rules.item(code, on)
    except LawError as error:
        raise Problem("not_found", error.told) from None
    held = family_of(item.code)
    return {**_kind(item), **values_of(held), "tests": [item_form(one) for one in held.items]}


def values_of(held: Family) -> dict[str, Any]:
    """What instruments of a family are stated by, and what test records name."""
    recorded = [one for one in held.parameters.values() if one.role != "characteristic"]
    return {
        "characteristics": [_value(one, held) for one in held.characteristics],
        "recorded": [_value(one, held) for one in recorded],
    }


def _kind(item: CatalogueItem) -> dict[str, Any]:
    return {
        "code": item.code,
        **item.name._asdict(),
        "verified": item.verified,
        "family": family_of(item.code).id,
    }


def _value(one: Parameter, held: Family) -> dict[str, Any]:
    found = {
        "name": one.id,
        "symbol": one.symbol,
        **one.name._asdict(),
        "required": one.required,
        "unless": list(one.unless),
        "dimension": one.dimension,
        "unit": one.unit if one.unit != "1" else "",
        "values": list(one.values),
        "default": one.default,
        "example": _example(one.id, held),
    }
    return {name: value for name, value in found.items() if value not in ("", [])}


def _example(name: str, held: Family) -> str:
    """What the example of the family says of it, stated or recorded."""
    said = (held.example.characteristics, held.example.settings, *held.example.points)
    return next((texts[name] for texts in said if name in texts), "")


def item_form(one: Item) -> dict[str, Any]:
    """What a test item records."""
    named = {"id": one.id, "clause": one.clause, **one.name._asdict(), "kind": one.kind, "least": one.least}
    hint = {"hint": one.hint._asdict()} if one.hint else {}
    return {**named, **hint, "records": list(one.records), "settings": list(one.settings)}
