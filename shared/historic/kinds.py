"""What the office's historic registers 台账 have: permits of a kind that were granted before this system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from marshmallow import Schema
    from sqlalchemy import Connection

    from shared.casework import Case, Cause, Procedure
    from shared.casework.facts import Fact
    from shared.documents.permit_register import PermitRegister
    from shared.identity import Actor
    from shared.law import RuleSet
    from shared.problems import Violation
    from shared.text import Text


@dataclass(frozen=True, slots=True)
class Historic:
    """A kind of permit as its historic register has it.

    `form` is what a line says, `cells` how some of its cells are read, `lines` the instruments of what was read, and
    `wrong` what is wrong with it besides. `ended` are the states of a case by the ground on which the permit ended,
    `live` the one in which it is in force. `keep` writes what only this kind has.
    """

    permit: Fact[str]
    procedure: Procedure
    register: PermitRegister
    form: type[Schema]
    cells: Mapping[str, Callable[[str], Any]]
    title: Text
    number: str
    """What the law's data call the format of its numbers."""
    live: str
    ended: Mapping[str, str]
    lines: Callable[[Mapping[str, Any]], list[dict[str, Any]]]
    content: Callable[[Mapping[str, Any]], dict[str, Any]]
    wrong: Callable[[Mapping[str, Any], RuleSet], list[Violation]]
    keep: Callable[[Connection, Sequence[tuple[Case, Mapping[str, Any]]]], None] = lambda _tx, _entered: None


@dataclass(frozen=True, slots=True)
class Told:
    """Who enters it, when, under which rules, and from which register."""

    actor: Actor
    now: datetime
    rules: RuleSet
    source: str
    cause: Cause
