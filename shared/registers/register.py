"""What a register is: the form of its entries, what they are found by, and when what they say is valid. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.registers.versions import ENDED, LAPSED, VALID
from shared.text import comparable
from shared.validators import refusal

if TYPE_CHECKING:
    from marshmallow import Schema, fields
    from sqlalchemy import Connection

    from shared.law import RuleSet
    from shared.messaging.envelope import Event
    from shared.problems import Violation
    from shared.registers.versions import Version

Contradictions = Callable[["Version", Mapping[str, "Version"]], "list[Violation]"]
"""Where a version contradicts the other entries of its owner, given by their keys, on the day from which it holds."""


class Names(NamedTuple):
    """What an entry is called in Chinese and English, and several in English."""

    zh: str
    one: str
    many: str


class Fields(NamedTuple):
    """The fields with the first and the last day on which what an entry says is valid."""

    first: str
    last: str


def in_order(first: object, last: object, name: str) -> None:
    """Raises ValidationError for the field `name` where the last of two days or numbers is before the first."""
    if first is not None and last is not None and first > last:  # type: ignore[operator]
        raise refusal("before_start", f"{last}早于{first}", f"{last} is before {first}", name)


def one_part(value: str) -> None:
    """What names an entry also stands in paths. Raises ValidationError for a code with a slash."""
    if "/" in value:
        raise refusal("form", "编号不含斜线，可用连字符", "write the code without a slash, for example with a hyphen")


def _as_sent(content: Mapping[str, Any]) -> Mapping[str, Any]:
    return content


def _anybody(_tx: Connection, _owner: str) -> list[Violation]:
    return []


def _none(_version: Version, _others: Mapping[str, Version]) -> list[Violation]:
    return []


@dataclass(frozen=True, slots=True)
class Register:
    """A register of one service. An entry belongs to an owner, under a code that only it has there.

    `wrong` finds what is wrong with the content of an entry beyond its form, `contradictions` what contradicts other
    entries, `admits` why an owner can have no entries. `owner` is the field by which lists tell the owner, if they do.
    """

    id: str
    names: Names
    form: type[Schema]
    validity: Fields
    found_by: tuple[str, ...]
    wrong: Callable[[Mapping[str, Any], RuleSet], list[Violation]]
    contradictions: Contradictions = _none
    admits: Callable[[Connection, str], list[Violation]] = _anybody
    kept: Callable[[Mapping[str, Any]], Mapping[str, Any]] = _as_sent
    """What is kept of what was sent: by ids what may be sent in words."""
    key: Callable[[str], str] = comparable
    owner: tuple[str, fields.Field[Any]] | None = None
    example: str = ""
    """The path of an entry, for the API's documents."""
    cells: Mapping[str, Callable[[str], Any]] = field(default_factory=dict, hash=False)
    """By field, how a cell of a file says what has fields of its own, as JSON; others of that kind stay as they are."""
    listed: bool = True
    """Whether it is also taken from files."""
    owns_itself: bool = False
    """Whether each entry is its own owner, under its code."""
    tells: Callable[[str, str, Version, str], Event] | None = field(default=None, hash=False)
    """The event of a version, if others keep copies of the register: by the id of the entry, its owner, the version,
    and who recorded it."""

    def valid_days(self, content: Mapping[str, Any]) -> tuple[date | None, date | None]:
        """The first and last day on which what it says is valid; None without them."""
        first, last = (content.get(name) for name in self.validity)
        return (date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)

    def covers(self, content: Mapping[str, Any], on: date) -> bool:
        """Whether what it says is valid on that day; never without both days."""
        first, last = self.valid_days(content)
        return first is not None and last is not None and first <= on <= last

    def status(self, version: Version, on: date) -> str:
        """What an entry is worth on that day, by the version that holds then."""
        if version.ended:
            return ENDED
        return VALID if self.covers(version.content, on) else LAPSED
