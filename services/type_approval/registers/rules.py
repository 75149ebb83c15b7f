"""What contradicts the catalogue or other entries in registers of laboratories, people and standards. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.fields import unknown_kind, unknown_kinds
from shared.metrology import family_of
from shared.metrology.scope import meant, unreadable
from shared.problems import Violation
from shared.schemas import said_twice
from shared.text import Text, comparable, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.law import RuleSet
    from shared.registers import Version


def wrong_laboratory(content: Mapping[str, Any], rules: RuleSet) -> list[Violation]:
    """Kinds that no catalogue has, ranges that cannot be read."""
    found = []
    for index, line in enumerate(content["scope"]):
        wrong = unknown_kind(line["category"], f"scope.{index}.category", rules)
        found += wrong or _wrong_bounds(line, f"scope.{index}.bounds")
    return found


def wrong_person(content: Mapping[str, Any], rules: RuleSet) -> list[Violation]:
    """Kinds that no catalogue has."""
    return unknown_kinds(content.get("kinds", ()), "kinds", rules)


def wrong_standard(content: Mapping[str, Any], _rules: RuleSet) -> list[Violation]:
    """A standard that is its own."""
    own = content.get("higher") == content.get("code")
    return (
        [Violation("higher", "twice", Text("标准器不能由自己校准", "no standard is calibrated by itself"))]
        if own
        else []
    )


def same_login(version: Version, others: Mapping[str, Version]) -> list[Violation]:
    """A person's login is another's."""
    content = version.content
    return [
        Violation(
            "subject",
            "twice",
            Text(
                f"该账号已属于{one.content['name']}（{one.content['code']}）",
                f"{one.content['name']} ({one.content['code']}) has this login already",
            ),
        )
        for one in others.values()
        if not same(one.content["code"], content["code"])
        if "subject" in content and one.content.get("subject") == content["subject"]
    ]


def broken_chain(version: Version, others: Mapping[str, Version]) -> list[Violation]:
    """A standard was calibrated by one that is not there, or in a circle."""
    content = version.content
    seen, link = {comparable(content["code"])}, content
    while higher := link.get("higher"):
        key = comparable(higher)
        if key in seen:
            return [
                Violation(
                    "higher",
                    "twice",
                    Text(
                        f"{content['code']}与{higher}互相校准",
                        f"{content['code']} and {higher} are calibrated by each other",
                    ),
                )
            ]
        if key not in others:
            reason = Text(
                f"名册在{version.since}没有标准器{higher}：请先登记",
                f"the register has no standard {higher} on {version.since}: add it first",
            )
            return [Violation("higher", "unknown_standard", reason)]
        seen.add(key)
        link = others[key].content
    return []


def _wrong_bounds(line: Mapping[str, Any], path: str) -> list[Violation]:
    held, found = family_of(line["category"]), []
    known = [meant(held, bound["characteristic"]) for bound in line.get("bounds", ())]
    for index, (bound, parameter) in enumerate(zip(line.get("bounds", ()), known, strict=True)):
        if parameter is None:
            names = ", ".join(one.id for one in held.characteristics)
            reason = Text(
                f"{held.name.zh}没有特性“{bound['characteristic']}”；可用{names}",
                f"{held.name.en} has no characteristic {bound['characteristic']!r}; use {names}",
            )
            found.append(Violation(f"{path}.{index}.characteristic", "unknown_characteristic", reason))
        elif (first := known.index(parameter)) < index:
            found.append(Violation(f"{path}.{index}.characteristic", "twice", said_twice(first)))
        elif why := unreadable(parameter, bound["within"]):
            found.append(Violation(f"{path}.{index}.within", "impossible", why))
    return found


def by_ids(content: Mapping[str, Any]) -> dict[str, Any]:
    """The laboratory with the characteristics of its scope by their ids, in whatever words they were sent."""
    return {**content, "scope": [_by_ids(line) for line in content["scope"]]}


def _by_ids(line: Mapping[str, Any]) -> Mapping[str, Any]:
    if "bounds" not in line:
        return line
    bounds = [{**bound, "characteristic": _id(line, bound)} for bound in line["bounds"]]
    return {**line, "bounds": bounds}


def _id(line: Mapping[str, Any], bound: Mapping[str, str]) -> str:
    """The id of the characteristic that is bounded; what it is called where the family has none that is called so."""
    parameter = meant(family_of(line["category"]), bound["characteristic"])
    return parameter.id if parameter else bound["characteristic"]


def bounds_of(line: Mapping[str, Any]) -> dict[str, str]:
    """The bounds of a line of a scope, by the ids of characteristics. One that the family does not know any more still
    is a bound, inside which nothing lies."""
    return {_id(line, bound): bound["within"] for bound in line.get("bounds", ())}
