"""Which version of an entry holds on a day, and what the registers say of an evaluation. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from services.type_approval.registers.forms import VALIDITY
from shared.metrology import family_of
from shared.metrology.scope import meant, unreadable
from shared.problems import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from shared.law import RuleSet

VALID, LAPSED, ENDED = "valid", "lapsed", "ended"
STATUSES = (VALID, LAPSED, ENDED)
"""In force; outside the days of its authorisation, registration or calibration, or without one; ended."""


@dataclass(frozen=True, slots=True)
class Version:
    """What an entry said from the day `since`, unless a later version corrects it."""

    number: int
    since: date
    ended: bool
    supersedes: int | None
    action: str
    content: Mapping[str, Any]
    reason: str | None
    at: datetime
    actor_name: str
    role: str


def counting(versions: Iterable[Version]) -> list[Version]:
    """The versions that no other corrects, by the day from which they hold."""
    versions = list(versions)
    corrected = {one.supersedes for one in versions}
    standing = (one for one in versions if one.number not in corrected)
    return sorted(standing, key=lambda one: (one.since, one.number))


def in_force(versions: Iterable[Version], on: date) -> Version | None:
    """What the entry says on that day: the version of the latest day; of the same day, the one recorded last. None
    before it begins."""
    begun = [one for one in counting(versions) if one.since <= on]
    return begun[-1] if begun else None


def status(register: str, version: Version, on: date) -> str:
    """What an entry is worth on that day, by the version that holds then."""
    if version.ended:
        return ENDED
    return VALID if covers(register, version.content, on) else LAPSED


def validity(register: str, content: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """The first and last day on which what it says is valid; None without them."""
    first, last = (content.get(name) for name in VALIDITY[register])
    return (date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)


def covers(register: str, content: Mapping[str, Any], on: date) -> bool:
    first, last = validity(register, content)
    return first is not None and last is not None and first <= on <= last


def wrong_in(register: str, content: Mapping[str, Any], rules: RuleSet) -> list[Violation]:
    """What is wrong with an entry beyond its form: kinds that no catalogue has, ranges that cannot be read, a standard
    that is its own."""
    known = {row.code for row in rules.catalogue}
    if register == "people":
        return [
            found
            for index, kind in enumerate(content.get("kinds", ()))
            for found in _unknown(kind, f"kinds.{index}", known)
        ]
    if register == "standards":
        own = content.get("higher") == content.get("code")
        return [Violation("higher", "twice", "no standard is calibrated by itself")] if own else []
    found = []
    for index, line in enumerate(content["scope"]):
        wrong = _unknown(line["category"], f"scope.{index}.category", known)
        found += wrong or _wrong_bounds(line, f"scope.{index}.bounds")
    return found


def _wrong_bounds(line: Mapping[str, Any], path: str) -> list[Violation]:
    held, found = family_of(line["category"]), []
    for index, bound in enumerate(line.get("bounds", ())):
        parameter = meant(held, bound["characteristic"])
        if parameter is None:
            known = ", ".join(one.id for one in held.characteristics)
            reason = f"{held.zh} {held.en} has no characteristic {bound['characteristic']!r}; use {known}"
            found.append(Violation(f"{path}.{index}.characteristic", "unknown_characteristic", reason))
        elif why := unreadable(parameter, bound["within"]):
            found.append(Violation(f"{path}.{index}.within", "impossible", why))
    return found


def bounds_of(line: Mapping[str, Any]) -> dict[str, str]:
    """The bounds of a line of a scope, by the names of characteristics."""
    held = family_of(line["category"])
    named = ((meant(held, bound["characteristic"]), bound["within"]) for bound in line.get("bounds", ()))
    return {parameter.id: within for parameter, within in named if parameter}


def _unknown(kind: str, path: str, known: set[str]) -> list[Violation]:
    if kind in known:
        return []
    return [Violation(path, "not_in_catalogue", f"{kind} is no kind of instrument: {', '.join(sorted(known))}")]


def may_change(versions: Sequence[Version], since: date) -> list[Violation]:
    """An ended entry is restored first."""
    held = in_force(versions, since)
    if held is not None and held.ended:
        return [Violation("since", "entry_ended", f"it is ended from {held.since}: restore it first")]
    return []


def may_correct(versions: Sequence[Version], number: int) -> list[Violation]:
    """The version counts, and is not the end of the entry: that is taken back by restoring it."""
    standing = {one.number: one for one in counting(versions) if not one.ended}
    if number in standing:
        return []
    known = ", ".join(map(str, sorted(standing))) or "none"
    return [Violation("supersedes", "unknown_version", f"versions that can be corrected: {known}")]


def may_end(versions: Sequence[Version], since: date) -> list[Violation]:
    """It is in the register on that day, and nothing is known of it from a later day."""
    held, last = in_force(versions, since), counting(versions)[-1]
    if last.ended:
        return [Violation("since", "entry_ended", f"it is ended from {last.since}: restore it first")]
    if held is None:
        return [Violation("since", "before_step", f"it is in the register from {counting(versions)[0].since}")]
    if last.since > since:
        reason = f"version {last.number} holds from {last.since}: end it then or later, or correct that version"
        return [Violation("since", "before_step", reason)]
    return []


def may_restore(versions: Sequence[Version]) -> list[Violation]:
    if counting(versions)[-1].ended:
        return []
    return [Violation("", "not_ended", "it is not ended")]


def before_end(versions: Sequence[Version]) -> Version:
    """What the entry said before it was ended."""
    standing = counting(versions)
    return standing[-2] if len(standing) > 1 else standing[-1]
