"""What a line of a historic register 台账 says, the same for both permits, and how its cells are read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.fields import CreditCode, unknown_kind
from services.instruments import check_line
from shared.labels import labelled
from shared.metrology import family_of
from shared.metrology.scope import meant
from shared.problems import Violation
from shared.schemas import Day, Strict, several, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.law import RuleSet

_APART, _MODELS = re.compile("[;；]"), re.compile("[、,，]")


CATEGORY = labelled(
    "类别", "category", written=Text("目录中的代码", "its code in the catalogue"), example="non_automatic_scale"
)


class Instruments(Strict):
    """器具名称及其型号。 An instrument by name, and its models."""

    name = text(maximum=100, metadata=labelled("名称", "name of the instrument", example="电子计价秤"))
    models = several(
        text(maximum=100), maximum=50, metadata=labelled("型号", "its models", example=["ACS-15", "ACS-30"])
    )


class HistoricLine(Strict):
    """台账的一行。 A line of a historic register: a permit, and how it ended if it did."""

    number = text(maximum=60, metadata=labelled("证号", "number of the permit", example="2006F101-22"))
    holder_name = text(maximum=200, metadata=labelled("单位名称", "name of the holder", example="长春示例衡器有限公司"))
    holder_code = CreditCode(
        required=True,
        metadata=labelled("单位代码", "credit code or organisation code of the holder", example="91220101MA0Y000086"),
    )
    address = text(maximum=200, metadata=labelled("住所", "registered address", example="吉林省长春市示例大街1号"))
    places = several(
        text(maximum=200),
        maximum=20,
        required=False,
        metadata=labelled(
            "生产地址", "places of manufacture", hint=Text("以；分隔", "with ； between them"), example=None
        ),
    )
    instruments = several(
        fields.Nested(Instruments),
        maximum=50,
        metadata=labelled(
            "器具",
            "instruments and models",
            hint=Text(
                "如电子计价秤=ACS-15、ACS-30；台秤=TGT-100",
                "name=models, with 、 between models and ； between instruments",
            ),
            example=[{"name": "电子计价秤", "models": ["ACS-15"]}],
        ),
    )
    characteristics = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata=labelled(
            "特性",
            "characteristics of all models",
            hint=Text("如class=III，max=15 kg，e=5 g", "such as class=III，max=15 kg，e=5 g"),
            example=None,
        ),
    )
    authority = text(
        maximum=100, metadata=labelled("发证机关", "authority that granted it", example="吉林省质量技术监督局")
    )
    granted_on = Day(required=True, metadata=labelled("发证日期", "day of the grant", example="2006-05-08"))
    ended_on = Day(
        metadata=labelled("失效日期", "day of the end", hint=Text("失效后才有", "if it ended"), example=None)
    )


def instruments_of(cell: str) -> list[dict[str, Any]]:
    """`电子计价秤=ACS-15、ACS-30；台秤=TGT-100` as data."""
    found = (part.partition("=") for part in _APART.split(cell.replace("＝", "=")) if part.strip())
    return [
        {"name": name.strip(), "models": [model.strip() for model in _MODELS.split(models) if model.strip()]}
        for name, _, models in found
    ]


def characteristics_of(cell: str) -> dict[str, str]:
    """`class=III，max=15 kg` as data; the names are read once the kind of instrument is known."""
    found = (part.partition("=") for part in re.split("[,，;；]", cell.replace("＝", "=")) if part.strip())
    return {name.strip(): value.strip() for name, _, value in found}


CELLS = {
    "instruments": instruments_of,
    "characteristics": characteristics_of,
    "places": lambda cell: [part.strip() for part in _APART.split(cell) if part.strip()],
}


def lines(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of the permit, as JSON data."""
    category = said.get("category", "")
    of = {"category": category} if category else {}
    stated = _named(category, said.get("characteristics", {}))
    return [
        {**of, "name": one["name"], "model": model, "characteristics": stated}
        for one in said["instruments"]
        for model in one["models"]
    ]


def wrong(said: Mapping[str, Any], rules: RuleSet) -> list[Violation]:
    """A kind that no catalogue has, or characteristics that such an instrument cannot have."""
    category = said.get("category")
    if category is None:
        stray = said.get("characteristics")
        told = Text("写明特性时须有类别", "characteristics are of a kind of instrument: say which")
        return [Violation("category", "missing", told)] if stray else []
    if found := unknown_kind(category, "category", rules):
        return found
    faults = check_line(category, _named(category, said.get("characteristics", {})), partial=True)
    return [
        Violation(f"characteristics.{name}".rstrip("."), one.code, one.reason)
        for name, several_ in faults.items()
        for one in several_
    ]


def _named(category: str, stated: Mapping[str, str]) -> dict[str, str]:
    """The characteristics by the names that their family has; others as they are."""
    held = family_of(category)
    known = {name: meant(held, name) for name in stated}
    return {(one.id if (one := known[name]) else name): value for name, value in stated.items()}
