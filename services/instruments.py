"""Instruments as forms, certificates and licences state them: a kind of the catalogue with the characteristics that its
family of instruments has (shared.metrology)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields

from shared.labels import labelled
from shared.metrology import FamilyError, Quantity, QuantityError, family, family_of, is_kind, known_families
from shared.metrology.scope import differences
from shared.schemas import Answer, Bilingual, Strict, Texts, repeated, said_twice, sketched, text
from shared.text import Text, comparable, same
from shared.validators import Said

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from shared.metrology import Fault
    from shared.metrology.family import Family
    from shared.metrology.parts import Parameter

CATEGORY = labelled(
    "目录类别", "category", written=Text("目录中的代码", "its code in the catalogue"), example="non_automatic_scale"
)
SHOWN = family("r76").example
"""The instrument of the documents' examples."""


def _form(held: Family) -> type[Schema]:
    """The characteristics of a family as documents show them."""
    kinds = ", ".join(one.id for one in held.kinds)
    said = f"{held.name.zh}的特性。 Characteristics of a {held.name.en} ({held.id}), in these categories: {kinds}."
    named: dict[str, Any] = {
        "__module__": __name__,
        "__doc__": said,
        "Meta": type("Meta", (Strict.Meta,), {"title": held.id}),
    }
    named["examples"] = [dict(held.example.characteristics)]
    shown = {one.id: _shown(held, one) for one in held.characteristics}
    return type(f"{held.id.capitalize()}Characteristics", (Strict,), {**named, **shown})


def _shown(held: Family, one: Parameter) -> fields.String:
    ratio = one.unit == "1" and one.dimension == "ratio"
    hints = [one.hint] if one.hint else []
    if one.dimension:
        hints.append(Text("数值", "a number") if ratio else Text("数值与单位", "a number and a unit"))
    if one.unless:
        hints.append(Text(f"未填{'或'.join(one.unless)}时必填", f"required unless {' or '.join(one.unless)} is given"))
    if one.default and not one.values:
        hints.append(Text(f"不填即为{one.default}", f"{one.default} if not said"))
    hint = Text("；".join(zh for zh, _ in hints), "; ".join(en for _, en in hints)) if hints else None
    return text(
        required=one.required and not one.unless,
        maximum=200,
        metadata={
            **labelled(
                one.name.zh,
                one.name.en,
                hint=hint,
                unit="" if ratio else one.unit,
                example=held.example.characteristics.get(one.id),
                choices=one.words,
            ),
            "x-symbol": one.symbol,
            **({"enum": list(one.values)} if one.values else {}),
            **({"default": one.default} if one.default and one.values else {}),
        },
    )


@cache
def forms() -> tuple[type[Schema], ...]:
    """The characteristics of every family, one schema each."""
    return tuple(_form(family(name)) for name in known_families())


_LABEL = labelled(
    "特性",
    "characteristics",
    written=Text(
        "按类别所属器具的项目填写，量值连同单位",
        "as the family of the category has them; measured values are exact numbers with their units",
    ),
)


def characteristics(
    *,
    required: bool = True,
    whole: bool = True,
    label: Mapping[str, Any] = _LABEL,
    example: Mapping[str, str] | None = SHOWN.characteristics,
) -> Texts:
    """The characteristics of an instrument, the `whole` of them or some: which there are, the family of its category
    says."""
    held = forms() if whole else map(sketched, forms())
    return Texts(*held, required=required, metadata={**label, "example": example and dict(example)})


class SpecificationLine(Strict):
    """One line of an application: an instrument by name 名称, model 型号 and its characteristics 特性."""

    name = text(maximum=100, metadata=labelled("名称", "name of the instrument", example=SHOWN.name))
    model = text(maximum=100, metadata=labelled("型号", "model", example=SHOWN.model))
    principle = text(
        required=False,
        maximum=200,
        metadata=labelled("工作原理", "principle of measurement", example=None),
    )
    characteristics = characteristics()
    indicators = text(
        required=False,
        maximum=1000,
        metadata=labelled("其他指标", "what else characterises it", example="七段数码显示，蓄电池供电"),
    )
    remark = text(required=False, maximum=1000, metadata=labelled("备注", "remark", example="计价显示"))


class ScopeLine(Answer):
    """许可的计量器具。 An instrument that an application or a permit covers. Without `category` it was applied
    for before lines had one."""

    category = fields.String(metadata=CATEGORY)
    name = fields.String(required=True, metadata=labelled("名称", "name of the instrument", example=SHOWN.name))
    model = fields.String(required=True, metadata=labelled("型号", "model", example=SHOWN.model))
    principle = fields.String(metadata=labelled("工作原理", "principle of measurement", example="电阻应变式"))
    characteristics = characteristics(whole=False, label=labelled("特性", "characteristics"))


class Named(Bilingual):
    """特性的名称。 What a characteristic is called."""

    symbol = fields.String(required=True, metadata=labelled("符号", "symbol", example="Max"))
    # What is signed is sorted by name, and documents list it as the family does.
    place = fields.Integer(metadata=labelled("次序", "its place among those of the family", example=2))
    words = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(Bilingual),
        metadata=labelled(
            "取值名称",
            "what its values are called, of those that are no symbols",
            hint=Text("按取值", "by value"),
            example=None,
        ),
    )


LEGEND = fields.Dict(
    keys=fields.String(),
    values=fields.Nested(Named),
    metadata=labelled(
        "特性名称",
        "what the characteristics of the lines are called",
        hint=Text("按名称", "by name"),
        example={"max": {"symbol": "Max", "zh": "最大秤量", "en": "maximum capacity", "place": 2}},
    ),
)


def check_line(category: str | None, given: Mapping[str, str] | None, *, partial: bool) -> dict[str, list[Said]]:
    """What is wrong with the characteristics of an instrument of a category, by name; under the empty name what is
    wrong with all of them together. In a draft, nothing is missing and each characteristic is judged by itself.

    A category that no family knows is not judged: the catalogue of the day is asked for it.
    """
    if category is None or given is None or not is_kind(category):
        return {}
    held = family_of(category)
    missing = [] if partial else held.missing(given)
    found = {fault.name: [_said("missing", fault)] for fault in missing}
    for fault in held.impossible_alone(given) if partial else held.examine(given):
        place = held.place(fault.name)
        if missing and (not place or place in found) and fault.name not in given:
            continue  # which follows from what is missing
        code = "unknown_characteristic" if fault.name in given and not place else "impossible"
        found.setdefault(place or (fault.name if fault.name in given else ""), []).append(_said(code, fault))
    return found


def _said(code: str, fault: Fault) -> Said:
    return Said(code, fault.reason)


def refuse_wrong_lines(data: Mapping[str, Any], original: Mapping[str, Any], *, partial: Any) -> None:
    """A check of a whole form, as it was read and as it was sent: raises ValidationError where the characteristics of
    a line are wrong, or a line is there twice. Each line is of its own category, or of that of the form."""
    lines, sent = data.get("lines"), original.get("lines")
    if lines is None or not isinstance(sent, list) or len(lines) != len(sent):
        return  # what was sent for a line is none
    found: dict[int, dict[str, Any]] = {}
    for index, line in enumerate(lines):
        category = line.get("category", data.get("category"))
        faults: dict[str, Any] = check_line(category, line.get("characteristics"), partial=bool(partial))
        if together := faults.pop("", None):
            faults["_schema"] = together
        if faults:
            found[index] = {"characteristics": faults}
    for place, first in repeated(_identity(line, data.get("category", "")) for line in lines).items():
        found.setdefault(place, {"model": [Said("twice", said_twice(first))]})
    if found:
        raise ValidationError({"lines": found})


_TELLING = ("category", "model", "principle", "standard")


def _identity(line: Mapping[str, Any], category: str) -> Hashable:
    """By which a line is the same as another: its characteristics in whatever unit, and what else makes it another
    instrument; None of a draft that does not say it yet."""
    if not line.get("model") or not line.get("characteristics"):
        return None
    said = {"category": category, **line}
    held = family_of(said["category"])
    stated = {(name, _read(held, name, text)) for name, text in line["characteristics"].items()}
    return (*(comparable(said.get(name, "")) for name in _TELLING), frozenset(stated))


def _read(held: Family, name: str, text: str) -> Hashable:
    try:
        value = held.characteristic(name).read(text)
    except (FamilyError, QuantityError):
        value = text
    return comparable(value) if isinstance(value, str) else value


def scope(lines: Sequence[Mapping[str, Any]], category: str = "") -> list[dict[str, Any]]:
    """What a permit covers: the lines of its application, as JSON data, without remarks; of the category of the form
    where they have none of their own."""
    wanted = ("name", "model", "principle", "characteristics")
    found = []
    for line in lines:
        of = line.get("category") or category
        found.append({**({"category": of} if of else {}), **{key: line[key] for key in wanted if key in line}})
    return found


def models_of(content: Mapping[str, Any]) -> set[str]:
    """The models that the document of a permit says, as they are compared."""
    return {comparable(line["model"]) for line in content["lines"]}


class Range(Answer):
    """许可范围。 What the lines for one instrument cover together: of each characteristic that is measured the least
    and the most, of others all values, and the models in a list."""

    category = fields.String(metadata=CATEGORY)
    name = fields.String(required=True, metadata=labelled("名称", "name of the instrument", example=SHOWN.name))
    models = fields.List(
        fields.String(metadata={"example": SHOWN.model}), required=True, metadata=labelled("型号", "its models")
    )
    characteristics = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata=labelled(
            "特性",
            "characteristics",
            hint=Text(
                "按名称；量值为最小与最大，其他为全部",
                "by name; of measured values the least and the most, else all there are",
            ),
            example={"class": ["III"], "max": ["15 kg", "30 kg"]},
        ),
    )


def ranges(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The ranges of instruments for which there are several lines."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in lines:
        groups.setdefault((line.get("category", ""), line["name"]), []).append(line)
    found = []
    for (category, name), of_it in groups.items():
        if len(of_it) > 1:
            spans = {one.id: _span(family_of(category), one.id, of_it) for one in family_of(category).characteristics}
            found.append(
                {
                    **({"category": category} if category else {}),
                    "name": name,
                    "models": list(dict.fromkeys(line["model"] for line in of_it)),
                    "characteristics": {key: texts for key, texts in spans.items() if texts},
                }
            )
    return found


def _span(held: Family, name: str, lines: Sequence[Mapping[str, Any]]) -> list[str]:
    stated = [line["characteristics"][name] for line in lines if name in line["characteristics"]]
    texts = {_read(held, name, one): one for one in stated}
    measured = sorted(value for value in texts if isinstance(value, Quantity))
    ends = dict.fromkeys((measured[0], measured[-1])) if measured and len(measured) == len(texts) else texts
    return [texts[value] for value in ends]


def legend(lines: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the characteristics of the lines are called, by name, in the order of their families, and their values."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        for place, one in enumerate(family_of(line.get("category", "")).characteristics, start=1):
            if one.id in line["characteristics"]:
                words = {value: said._asdict() for value, said in one.words.items()}
                found[one.id] = {
                    "symbol": one.symbol,
                    **one.name._asdict(),
                    "place": place,
                    **({"words": words} if words else {}),
                }
    return found


def differs(line: Mapping[str, Any], granted: Mapping[str, Any]) -> list[Text]:
    """Each thing in which a line goes beyond a granted one, with both values; empty if it lies inside. Lines of before
    there were categories are of any."""
    categories = [one["category"] for one in (line, granted) if one.get("category")]
    if len(categories) > 1 and not same(*categories):
        return [Text("不是所批准的那种器具", "it is of another kind than the approved one")]
    held = family_of(categories[0]) if categories else _family_with(granted["characteristics"])
    return [one.told for one in differences(held, _flat(line), _flat(granted))]


def _family_with(names: Mapping[str, str]) -> Family:
    """A family that has all these characteristics."""
    held = (family(name) for name in known_families())
    return next((one for one in held if {*names} <= {each.id for each in one.characteristics}), family_of(""))


def _flat(line: Mapping[str, Any]) -> dict[str, str]:
    said = {name: line[name] for name in ("name", "model", "principle") if name in line}
    return {**said, **line["characteristics"]}
