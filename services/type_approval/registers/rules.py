"""What contradicts the catalogue or other entries in registers of laboratories, people and standards. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.fields import unknown_kind, unknown_kinds
from shared.metrology import family_of
from shared.metrology.scope import meant, unreadable
from shared.problems import Violation
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
    for index, bound in enumerate(line.get("bounds", ())):
        parameter = meant(held, bound["characteristic"])
        if parameter is None:
            known = ", ".join(one.id for one in held.characteristics)
            reason = Text(
                f"{held.name.zh}没有特性“{bound['characteristic']}”；可用{known}",
                f"{held.name.en} has no characteristic {bound['characteristic']!r}; use {known}",
            )
            found.append(Violation(f"{path}.{index}.characteristic", "unknown_characteristic", reason))
        elif why := unreadable(parameter, bound["within"]):
            found.append(Violation(f"{path}.{index}.within", "impossible", why))
    return found


def bounds_of(line: Mapping[str, Any]) -> dict[str, str]:
    """The bounds of a line of a scope, by the names of characteristics."""
    held = family_of(line["category"])
    named = ((meant(held, bound["characteristic"]), bound["within"]) for bound in line.get("bounds", ()))
    return {parameter.id: within for parameter, within in named if parameter}
