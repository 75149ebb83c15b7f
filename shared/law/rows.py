"""What one row of the law's data files holds. Every row is valid from a day (included) to a day (excluded)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from shared.law.counting import before, span_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from shared.law.calendar import WorkingCalendar
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
    def keys(self) -> Iterable[tuple[str, ...]]:
        """What only one row may stand for on a day."""
        return [(self.id,)]

    @property
    def verified(self) -> bool:
        """False for what must be shown as "unverified 未核实"."""
        return self.confidence != "RL"


@dataclass(frozen=True, kw_only=True)
class LimitRule(Row):
    """A clock the law attaches to a step: events that start, pause, resume, extend and stop it, and who acts in time.

    Either `limit` says how long it runs, or `until` names the field of the starting event's data that holds its last
    day: then it is a term, such as the validity of a licence.

    `weight`: statutory, set by law; promised, by the office's word, a breach of which breaks no law; internal, the
    office's own reminder; window, a time somebody may use. Only the first two can be breached: the ladders of the
    others have no breach.
    """

    procedures: tuple[Procedure, ...]
    zh: str
    en: str
    limit: Limit | None = None
    until: str | None = None
    holder: Literal["authority", "laboratory", "applicant"]
    weight: Literal["statutory", "promised", "internal", "window"]
    starts: tuple[str, ...]
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()
    """The event's `working_days` say by how much."""
    stops: tuple[str, ...] = ()
    extension: Limit | None = None
    """By how much it may be extended, if at all."""

    def law_on(self, start: date, accepted_on: date | None) -> date:
        """The day whose rules a clock begun on `start` follows: for a step of the procedure the day of acceptance, once
        there was one; a window is no step, and follows the law of its own day."""
        return start if accepted_on is None or self.weight == "window" else accepted_on

    @property
    def budget(self) -> Limit:
        """How long it runs; raises LawError for a term, which has a last day instead."""
        if self.limit is None:
            raise LawError(f"{self.id} is a term: its last day is the {self.until} of the event that starts it")
        return self.limit


@dataclass(frozen=True, slots=True)
class Before:
    """Ahead of the last day by these spans, one after the other: 3 months and then 14 days."""

    spans: tuple[Limit, ...]

    def day(self, last: date, calendar: WorkingCalendar) -> date:
        for span in self.spans:
            last = before(last, span, calendar)
        return last


@dataclass(frozen=True, slots=True)
class After:
    """After the last day, by a span."""

    span: Limit

    def day(self, last: date, calendar: WorkingCalendar) -> date:
        return span_end(last, self.span, calendar)


RungAt = int | Literal["due", "after_due"] | Before | After


@dataclass(frozen=True, kw_only=True)
class Rung(Row):
    """A step of a reminder ladder: when it is told, to whom, and for which limits; none named: for all others.

    `at` is a percentage of the budget, the due day, the day after it, or a span before or after it.
    """

    limits: tuple[str, ...] = ()
    kind: Literal["reminder", "due", "breach", "escalation"]
    at: RungAt
    recipients: tuple[
        Literal["holder", "assignee", "section_head", "bureau_head", "supervision", "applicant", "laboratory"], ...
    ]
    template: str

    @property
    def keys(self) -> Iterable[tuple[str, ...]]:
        return [(self.id, limit) for limit in self.limits or ("",)]


@dataclass(frozen=True, kw_only=True)
class Silence(Row):
    """What the law makes of a limit that ran out without an act; where no row says so, it makes nothing of it.

    `breach`: the authority's silence was a breach as well, which whoever applies the effect records.
    """

    limit: str
    effect: Literal["deem_accepted", "deem_renewed", "fail_evaluation"]
    breach: bool
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class LawChange(Row):
    """A change of the law that reaches into open cases, on the day it comes into force.

    `abolished`: there is no such permit any more. `catalogue`: what needs it was newly listed, and a case whose
    instrument is no longer on the list ends.
    """

    permit: Procedure
    kind: Literal["abolished", "catalogue"]
    zh: str
    en: str

    @property
    def on(self) -> date:
        return self.valid_from


@dataclass(frozen=True, kw_only=True)
class CatalogueItem(Row):
    """A kind of instrument as one catalogue lists it.

    `mode`: TA+CMC needs type approval and a manufacturing licence, P type approval, P+V verification as well, V
    verification alone. `letter` is the class letter in certificate numbers, if it is known, `programme` the table of
    maximum permissible errors, if one is held.
    """

    catalogue: str
    mode: Literal["TA+CMC", "P", "P+V", "V"]
    zh: str
    en: str
    letter: str | None = None
    programme: str | None = None

    @property
    def code(self) -> str:
        return self.id

    @property
    def needs_approval(self) -> bool:
        return self.mode != "V"


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


@dataclass(frozen=True, kw_only=True)
class Norm(Row):
    """A technical norm in the edition of its day, as JJF 1015-2014."""

    edition: str
    zh: str
    en: str

    @property
    def name(self) -> str:
        return f"{self.id}-{self.edition}"


@dataclass(frozen=True, kw_only=True)
class Remedy(Row):
    """What an applicant may do against a decision, or against the authority's silence.

    `window` is the limit within which it may be done, counted from knowing; None: the row's own words say.
    """

    against: Literal["decision", "silence"]
    window: str | None = None
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class ConformityMark(Row):
    """A mark on instruments or packages, and the ground on which it may be used."""

    mode: Literal["type_approval", "licence", "assessed_certificate", "self_declaration"]
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Bar(Row):
    """For how many months after a decision nobody applies again who deceived the authority; `id` is the ground."""

    months: int
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class FixedHoliday(Row):
    """A holiday of everybody whose days the law fixes by the solar calendar; `days` are months and days."""

    days: Sequence[tuple[int, int]]
    zh: str
    en: str
