"""What one row of the law's data files holds. Every row is valid from a day (included) to a day (excluded)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

    from shared.law.counting import Limit

Procedure = Literal["type_approval", "manufacture"]
Confidence = Literal["S", "C", "RH", "RL"]


class LawError(LookupError, ValueError):
    """The rule set has no such rule on that day."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """`confidence`: S read in the source, C computed, RH and RL recalled with high and low confidence."""

    id: str
    valid_from: date
    valid_to: date | None = None
    basis: str
    basis_zh: str
    confidence: Confidence

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    @property
    def verified(self) -> bool:
        """False for what must be shown as "unverified 未核实"."""
        return self.confidence != "RL"


@dataclass(frozen=True, kw_only=True)
class LimitRule(Row):
    """A clock the law attaches to a step: events that start, pause, resume and stop it, and who has to act in time."""

    procedures: tuple[Procedure, ...]
    zh: str
    en: str
    limit: Limit
    holder: Literal["authority", "laboratory", "applicant"]
    weight: Literal["statutory", "promised"]
    starts: tuple[str, ...]
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    stops: tuple[str, ...]
    extension: Limit | None = None
    """By how much it may be extended, if at all."""


@dataclass(frozen=True, kw_only=True)
class Rung(Row):
    """A step of the reminder ladder: at a percentage of the budget, on the due day, or on the day after it."""

    kind: Literal["reminder", "due", "breach"]
    at: int | Literal["due", "after_due"]
    recipients: tuple[Literal["holder", "supervision", "applicant"], ...]
    template: str


@dataclass(frozen=True, kw_only=True)
class CatalogueItem(Row):
    """A kind of instrument that needs the permits; `letter` is its class letter in certificate numbers."""

    zh: str
    en: str
    letter: str
    programme: str

    @property
    def code(self) -> str:
        return self.id


@dataclass(frozen=True, kw_only=True)
class Regime(Row):
    """The rule a permit is run under; `rule` is "abolished" once there is no such permit."""

    permit: Procedure
    rule: str
    zh: str
    en: str

    @property
    def abolished(self) -> bool:
        return self.rule == "abolished"


@dataclass(frozen=True, kw_only=True)
class Authority(Row):
    """The deciding office as it is called in a period; `code` is its GB/T 2260 region code."""

    zh: str
    en: str
    code: str


@dataclass(frozen=True, kw_only=True)
class ValidityRule(Row):
    """How long a permit lasts, and how long before its end renewal must be applied for; None: without end 长期."""

    permit: Procedure
    limit: Limit | None
    renew_before: Limit | None
