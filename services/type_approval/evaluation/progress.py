"""How far the tests of a case are: each item on each prototype, and what the report still lacks. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.type_approval.evaluation import completeness, conformity, omissions, programme, rules
from services.type_approval.evaluation.facts import PROGRAMME, REPORT, SAMPLES, TESTS
from services.type_approval.evaluation.records import VERDICT
from services.type_approval.intake.kinds import TestItem, Value, item_form, values_of
from shared.labels import labelled
from shared.metrology import Family, FamilyError, QuantityError, Verdict
from shared.schemas import Answer, Bilingual, choice
from shared.text import Text, comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.casework import Case
    from shared.law import DocumentKind
    from shared.metrology.parts import Item


class ItemOnPrototype(Answer):
    """样机的项目进度。 How far one prototype is tested in an item."""

    serial = fields.String(required=True, metadata=labelled("样机编号", "serial number", example="S-1"))
    records = fields.List(
        fields.Integer(metadata={"example": 1}),
        required=True,
        metadata=labelled("试验记录", "numbers of the records that count"),
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
        metadata=labelled(
            "列入大纲", "whether the programme has it", hint=Text("以安排时为准", "as arranged"), example=True
        ),
    )
    requirement = fields.String(
        metadata=labelled(
            "技术要求",
            "requirement",
            hint=Text("以技术机构的大纲为准", "as the programme of the laboratory has it"),
            example=None,
        )
    )
    of = fields.Integer(
        required=True, metadata=labelled("应试验的样机数", "on how many prototypes it is wanted", example=1)
    )
    prototypes = fields.List(
        fields.Nested(ItemOnPrototype), required=True, metadata=labelled("样机", "the prototypes received")
    )
    unexamined = fields.Boolean(
        required=True,
        metadata=labelled(
            "须说明理由", "whether a report that concludes pass must say why it is left out", example=False
        ),
    )
    left_out = fields.Nested(
        Bilingual, metadata=labelled("未做理由", "why it is left out, by the programme or the report")
    )


class Lack(Bilingual):
    """尚缺的一项。 One thing that a report cannot conclude pass without."""

    item = fields.String(metadata=labelled("项目标识", "the item that is to be tested", example="r76.weighing"))
    serial = fields.String(metadata=labelled("样机编号", "on which prototype", example="S-1"))
    document = fields.String(metadata=labelled("资料种类", "the kind of document that is to be reviewed", example=None))


class TestProgress(Answer):
    """试验进度。 What is to be tested and recorded, and what is recorded."""

    programme = fields.String(
        required=True,
        metadata=labelled(
            "型式评价大纲",
            "programme that is tested to",
            hint=Text("批准前为空", "empty until one is approved"),
            example="R 76-1:2006",
        ),
    )
    conditions = fields.List(
        fields.String(metadata={"example": "temperature"}),
        required=True,
        metadata=labelled("环境条件", "ambient conditions that each record states"),
    )
    characteristics = fields.List(
        fields.Nested(Value), required=True, metadata=labelled("特性", "characteristics of the instrument")
    )
    recorded = fields.List(
        fields.Nested(Value),
        required=True,
        metadata=labelled("试验量", "settings and parts of points that test records name"),
    )
    items = fields.List(
        fields.Nested(ItemProgress),
        required=True,
        metadata=labelled("试验项目", "items", hint=Text("按大纲顺序", "in the programme's order")),
    )
    done = fields.Integer(
        required=True,
        metadata=labelled(
            "已完成",
            "how many items on prototypes have a verdict",
            hint=Text("以应做的项目为准", "of those wanted"),
            example=3,
        ),
    )
    of = fields.Integer(
        required=True, metadata=labelled("应完成", "how many items on prototypes are wanted", example=12)
    )
    lacking = fields.List(
        fields.Nested(Lack),
        required=True,
        metadata=labelled("尚缺", "what a report cannot conclude pass without", example=[]),
    )


def progress(case: Case, unreviewed: Iterable[DocumentKind] = ()) -> dict[str, Any]:
    """How far the tests of the case are by now, and that these documents are still to be reviewed."""
    data, samples, written = case.data, case.get(SAMPLES, ()), case.get(PROGRAMME)
    held = programme.family_by(data)
    records = rules.standing(data, held) if case.get(TESTS) else []
    # Without a list of items, those that were begun are what a report needs.
    listed = programme.items_wanted(data)
    stated = dict.fromkeys(record["item"] for record in records) if listed is None else listed
    wanted = {conformity.item_id(item, held): number for item, number in stated.items()}
    required = {one["item"]: one["requirement"] for one in (written.items if written else ())}
    unexplained, left_out = _left_out(case, held)
    items = [
        {
            **item_form(item),
            **({"requirement": required[item.id]} if item.id in required else {}),
            "wanted": item.id in wanted,
            "of": (wanted[item.id] or len(samples)) if item.id in wanted else 0,
            "prototypes": [_on(sample["serial"], item.id, records, held) for sample in samples],
            "unexamined": item in unexplained,
            **({"left_out": left_out[item.id]} if item.id in left_out else {}),
        }
        for item in held.items
    ]
    return {
        "programme": programme.tested_to(data),
        "conditions": _conditions(case, held),
        **values_of(held),
        "items": items,
        "done": sum(min(item["of"], sum("verdict" in on for on in item["prototypes"])) for item in items),
        "of": sum(item["of"] for item in items),
        "lacking": [*map(_without_verdict, unreviewed), *(_lacking(data, held, unexplained) if samples else [])],
    }


def _left_out(case: Case, held: Family) -> tuple[list[Item], dict[str, Mapping[str, str]]]:
    """The items that a report must account for and none does yet, and the reasons why the others are left out."""
    said = {one["item"]: one["why"] for one in (REPORT in case and case[REPORT].left_out) or ()}
    exempt = omissions.unexamined(case.data, held).items()
    left_out = {**{item: why._asdict() for item, why in exempt if why}, **said}
    return omissions.unexplained(case.data, held, said), left_out


def _without_verdict(document: DocumentKind) -> dict[str, str]:
    zh, en = document.name
    return {"zh": f"{zh}：尚无审查结论", "en": f"{en[:1].upper()}{en[1:]}: no verdict yet", "document": document.id}


def _lacking(data: Mapping[str, Any], held: Family, unexplained: Sequence[Item]) -> list[dict[str, str]]:
    found = completeness.lacking(data, held)
    found += [completeness.Lack(omissions.to_be_done(one), one.id) for one in unexplained]
    places = [{"item": one.item, "serial": one.serial} for one in found]
    return [
        {**one.told._asdict(), **{name: code for name, code in place.items() if code}}
        for one, place in zip(found, places, strict=True)
    ]


def _on(serial: str, item: str, records: Sequence[Mapping[str, Any]], held: Family) -> dict[str, Any]:
    own = [
        record
        for record in records
        if comparable(record["serial"]) == comparable(serial) and conformity.item_id(record["item"], held) == item
    ]
    verdict = {"verdict": str(rules.overall([record["verdict"] for record in own]))} if own else {}
    return {"serial": serial, "records": [record["number"] for record in own], **verdict}


def _conditions(case: Case, held: Family) -> list[str]:
    """Those of any prototype; of the instrument applied for before there is one."""
    found: list[str] = []
    for sample in case.get(SAMPLES) or [{"model": line["model"]} for line in case.form["lines"]]:
        values, _ = conformity.instrument(case.form, sample, {}, held)
        try:
            found += held.conditions(held.values(values))
        except (FamilyError, QuantityError):
            continue  # what is wrong with the instrument is told of itself
    return list(dict.fromkeys(found))
