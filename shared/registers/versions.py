"""Which version of an entry holds on a day, and what may be done to it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.problems import Violation
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

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


def may_change(versions: Sequence[Version], since: date) -> list[Violation]:
    """An ended entry is restored first."""
    held = in_force(versions, since)
    if held is not None and held.ended:
        return [
            Violation(
                "since",
                "entry_ended",
                Text(f"已自{held.since}起终止：请先恢复", f"it is ended from {held.since}: restore it first"),
            )
        ]
    return []


def may_correct(versions: Sequence[Version], number: int) -> list[Violation]:
    """The version counts, and is not the end of the entry: that is taken back by restoring it."""
    standing = {one.number: one for one in counting(versions) if not one.ended}
    if number in standing:
        return []
    known = ", ".join(map(str, sorted(standing))) or "none"
    return [
        Violation(
            "supersedes",
            "unknown_version",
            Text(f"可以更正的版本：{known}", f"versions that can be corrected: {known}"),
        )
    ]


def may_end(versions: Sequence[Version], since: date) -> list[Violation]:
    """It is in the register on that day, and nothing is known of it from a later day."""
    held, last = in_force(versions, since), counting(versions)[-1]
    if last.ended:
        return [
            Violation(
                "since",
                "entry_ended",
                Text(f"已自{last.since}起终止：请先恢复", f"it is ended from {last.since}: restore it first"),
            )
        ]
    if held is None:
        return [
            Violation(
                "since",
                "before_step",
                Text(
                    f"自{counting(versions)[0].since}起才列入名册",
                    f"it is in the register from {counting(versions)[0].since}",
                ),
            )
        ]
    if last.since > since:
        reason = Text(
            f"第{last.number}版自{last.since}起有效：请在该日或者以后终止，或者更正该版",
            f"version {last.number} holds from {last.since}: end it then or later, or correct that version",
        )
        return [Violation("since", "before_step", reason)]
    return []


def may_restore(versions: Sequence[Version]) -> list[Violation]:
    if counting(versions)[-1].ended:
        return []
    return [Violation("", "not_ended", Text("并未终止", "it is not ended"))]


def before_end(versions: Sequence[Version]) -> Version:
    """What the entry said before it was ended."""
    standing = counting(versions)
    return standing[-2] if len(standing) > 1 else standing[-1]
