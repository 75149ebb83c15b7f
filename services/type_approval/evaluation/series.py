"""Which lines of an application are tested for all of them, and what the laboratory says of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.instruments import SHOWN
from services.type_approval.evaluation.facts import ARRANGEMENT
from shared.casework.facts import FORM
from shared.labels import labelled
from shared.metrology import Family, FamilyError, QuantityError, family_of
from shared.metrology.parts import verified
from shared.metrology.series import FULL, Choice, Member, covering, read_members, select
from shared.problems import Violation
from shared.schemas import Answer
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.metrology.rules import Values


class WantedPrototypes(Answer):
    """样机数量。 How many prototypes of an instrument are tested."""

    number = fields.Integer(required=True, metadata=labelled("数量", "how many", example=3))
    source = fields.String(required=True, metadata=labelled("依据", "where that is said", example="R 49-2:2013"))
    verified = fields.Boolean(
        required=True, metadata=labelled("已核实", "whether that has been verified in its text", example=True)
    )


class SeriesLine(Answer):
    """系列中的一个规格。 A line of the application, as a member of a series."""

    line = fields.Integer(
        required=True, metadata=labelled("序号", "its number", hint=Text("从1起", "from 1"), example=1)
    )
    model = fields.String(required=True, metadata=labelled("型号", "model", example=SHOWN.model))
    tests = fields.List(
        fields.String(metadata={"example": "full"}),
        required=True,
        metadata=labelled(
            "试验",
            "tests",
            hint=Text(
                "full为全部，或列出部分试验的项目；被覆盖的为空",
                "full for all, or the items of a partial test; none where it is covered",
            ),
        ),
    )
    covered_by = fields.List(
        fields.Integer(metadata={"example": 1}),
        required=True,
        metadata=labelled("由何规格覆盖", "numbers of the lines by whose tests it is covered", example=[]),
    )
    prototypes = fields.Nested(
        WantedPrototypes,
        metadata=labelled(
            "样机数量",
            "how many prototypes of it are tested in full",
            hint=Text("全部试验且有规定的才有", "if all items are tested, and a rule says so"),
        ),
    )
    zh = fields.String(required=True, metadata=labelled("理由（中文）", "why, in Chinese", example="最优组中最小量程"))
    en = fields.String(
        required=True,
        metadata=labelled("理由（英文）", "why, in English", example="smallest capacity of the best group"),
    )


class SeriesProposal(Answer):
    """系列产品样机选择建议。 Which lines of the application are tested for all, by the rule of the family."""

    rule = fields.String(
        required=True,
        metadata=labelled(
            "依据", "clause of the rule", hint=Text("没有则为空", "empty without one"), example="R 76-1 3.10.4"
        ),
    )
    verified = fields.Boolean(
        required=True,
        metadata=labelled("已核实", "whether the rule has been verified in its text", example=True),
    )
    lines = fields.List(
        fields.Nested(SeriesLine),
        required=True,
        metadata=labelled("规格", "the lines", hint=Text("附理由", "each with the reason")),
    )


def proposal(form: Mapping[str, Any]) -> dict[str, Any]:
    """By the rule of the family, each line with its tests or the lines that cover it, and why.

    Where the rule cannot be applied every line is tested, with the reason.
    """
    held = family_of(form["category"])
    members = [
        {**_construction(line), **line["characteristics"], "id": str(number)}
        for number, line in enumerate(form["lines"], start=1)
    ]
    values: dict[str, Values] = {}
    try:
        read = read_members(held, members)
        values = {one.id: one.values for one in read}
        choices = select(held, read)
    except (FamilyError, QuantityError) as error:
        choices = [Choice(one["id"], (FULL,), (), error.told) for one in members]
    return {
        "rule": held.series.clause if held.series else "",
        "verified": sure(held),
        "lines": [
            {
                "line": int(choice.member),
                "model": line["model"],
                "tests": list(choice.tests),
                "covered_by": [int(one) for one in choice.covered_by],
                **_prototypes(held, choice, values.get(choice.member, {})),
                **choice.told._asdict(),
            }
            for choice, line in zip(choices, form["lines"], strict=True)
        ],
    }


def _prototypes(held: Family, choice: Choice, values: Values) -> dict[str, Any]:
    found = held.how_many(values) if FULL in choice.tests else None
    if found is None:
        return {}
    sure = verified(found.confidence)
    return {"prototypes": {"number": found.number, "source": found.source, "verified": sure}}


def proposed(form: Mapping[str, Any]) -> list[int]:
    """The numbers of the lines of which prototypes are tested."""
    if len(form["lines"]) == 1:
        # Nothing covers it, whatever the rule of the family says.
        return [1]
    return [one["line"] for one in proposal(form)["lines"] if one["tests"]]


def wrong_choice(form: Mapping[str, Any], chosen: Sequence[int], reason: str | None) -> list[Violation]:
    """Lines that there are not, a choice that leaves out what is proposed without a reason, and lines that would be
    neither tested nor covered by those that are."""
    found = unknown_lines(form, chosen)
    left_out = sorted({*proposed(form)} - {*chosen})
    if left_out and not found and not reason:
        why = {one["line"]: one for one in proposal(form)["lines"]}
        zh = "；".join(f"第{number}行：{why[number]['zh']}" for number in left_out)
        en = "; ".join(f"{number}: {why[number]['en']}" for number in left_out)
        told = Text(
            f"请说明建议试验的规格为何不试验：{zh}", f"say why these lines are not tested, though proposed: {en}"
        )
        found.append(Violation("reason", "missing", told))
    return found or _uncovered(form, chosen)


def unknown_lines(form: Mapping[str, Any], chosen: Sequence[int], _reason: str | None = None) -> list[Violation]:
    """Numbers of lines that the application does not have."""
    there = range(1, len(form["lines"]) + 1)
    return [
        Violation(
            f"lines.{index}",
            "unknown_line",
            Text(
                f"没有第{number}行：编号为1至{len(there)}",
                f"there is no line {number}: they are numbered 1 to {len(there)}",
            ),
        )
        for index, number in enumerate(chosen)
        if number not in there
    ]


def covered_by(held: Family, tested: Sequence[Member], line: Mapping[str, Any]) -> tuple[str, ...]:
    """The tested members whose tests hold for a line too; empty where no rule of the family lets them."""
    try:
        return covering(held, tested, Member("", held.values(line["characteristics"])))
    except (FamilyError, QuantityError):
        return ()  # what the rule needs is not stated


def sure(held: Family) -> bool:
    """Whether the rule of the family has been verified in its text."""
    return held.series is not None and verified(held.series.confidence)


def untested(data: Mapping[str, Any], tested: Sequence[int]) -> list[Text]:
    """The lines that were to be tested, as arranged, and of which no prototype was; `tested` are numbers of lines."""
    arrangement = ARRANGEMENT.of(data)
    models = {number: line["model"] for number, line in enumerate(data[FORM.name]["lines"], start=1)}
    return [
        Text(
            f"第{number}行（{models[number]}）应试验，其样机尚未试验",
            f"line {number} ({models[number]}) is to be tested, no prototype of it was",
        )
        for number in (arrangement and arrangement.lines) or ()
        if number not in tested
    ]


def _uncovered(form: Mapping[str, Any], chosen: Sequence[int]) -> list[Violation]:
    held, lines = family_of(form["category"]), dict(enumerate(form["lines"], start=1))
    left_out = {*lines} - {*chosen}
    tested = [Member(str(number), held.values(lines[number]["characteristics"])) for number in chosen if left_out]
    by = ", ".join(f"{number} ({lines[number]['model']})" for number in chosen)
    return [
        Violation(
            "lines",
            "line_not_covered",
            Text(
                f"第{number}行（{lines[number]['model']}）不能获得批准：没有系列规则使{by}覆盖它",
                f"line {number} ({lines[number]['model']}) would not be certified: no rule for series lets {by}"
                " cover it",
            ),
        )
        for number in sorted(left_out)
        if not covered_by(held, tested, lines[number])
    ]


def _construction(line: Mapping[str, Any]) -> dict[str, str]:
    return {"principle": line["principle"]} if "principle" in line else {}
