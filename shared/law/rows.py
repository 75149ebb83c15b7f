"""The row types of the law's data files. Every row is valid from a day (included) to a day (excluded)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from shared.law.counting import before, span_end
from shared.problems import ToldError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from shared.law.calendar import WorkingCalendar
    from shared.law.counting import Limit
    from shared.text import Text

PermitId = Literal["type_approval", "manufacture", "c_mark"]
PERMIT_IDS: tuple[PermitId, ...] = get_args(PermitId)
METADATA = (
    *("licence_name", "licence_code", "number", "identifier", "issuer", "issuer_code", "issued_on"),
    *("valid_from", "valid_until", "holder", "holder_code_type", "holder_code"),
)
"""What can be told of a permit as an electronic licence."""
Confidence = Literal["S", "C", "RH", "RL"]


class LawError(ToldError, LookupError):
    """The rule set has no such rule on that day, or its rules do not fit what was asked."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """`confidence`: S read in the source, C computed, RH or RL recalled with high or low confidence."""

    id: str
    valid_from: date
    valid_to: date | None = None
    basis: Text
    confidence: Confidence

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    @property
    def keys(self) -> Iterable[tuple[str, ...]]:
        """The keys of the row: at most one row per key may be in force on a day."""
        return [(self.id,)]

    @property
    def verified(self) -> bool:
        """False for facts that must be shown as "unverified 未核实"."""
        return self.confidence != "RL"


@dataclass(frozen=True, kw_only=True)
class Named(Row):
    """A row that names something."""

    name: Text


@dataclass(frozen=True, kw_only=True)
class Telling(Row):
    """A row that says something: why, or what comes of it."""

    told: Text


@dataclass(frozen=True, kw_only=True)
class LimitRule(Named):
    """A clock that the law attaches to a step: the events that start, pause, resume, extend and stop it, and who must
    act.

    Either `limit` is its length, or `until` names the field of the starting event's data that holds its last day. The
    latter is a term, such as the validity of a licence. `begins` names the field of the first day, where the term is of
    days that are planned, such as those of an assessment.

    `weight`: "statutory" is set by law; "promised" by the office, so a breach breaks no law; "internal" is the office's
    own reminder; "window" is a period in which somebody may act. Only the first two can be breached: the ladders of the
    others have no breach.
    """

    procedures: tuple[PermitId, ...]
    limit: Limit | None = None
    until: str | None = None
    begins: str | None = None
    holder: Literal["authority", "laboratory", "checker", "applicant", "experts"]
    weight: Literal["statutory", "promised", "internal", "window"]
    starts: tuple[str, ...]
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()
    """The length of the extension is the event's `working_days`."""
    stops: tuple[str, ...] = ()
    reasons: Mapping[str, Text] = field(default_factory=dict)
    """Why an event stops the time, by its type; or, where it took effect by silence, why the clock starts with it."""
    extension: Limit | None = None
    """The longest extension allowed; None if the limit cannot be extended."""
    each: str | None = None
    """Where a case may have several matters of the kind, each with a clock of its own: what events call the number of
    theirs. One that names none concerns every clock, but takes nothing back."""

    def law_on(self, start: date, accepted_on: date | None) -> date:
        """The day whose rules apply to a clock started on `start`: the day of acceptance for a step of an accepted
        case. A window is not a step and follows the law of its own day."""
        return start if accepted_on is None or self.weight == "window" else accepted_on

    @property
    def budget(self) -> Limit:
        """The length of the clock. Raises LawError for a term, which has a last day instead."""
        if self.limit is None:
            raise LawError(
                f"{self.id}是有效期：其最后一日为起算事件的{self.until}",
                f"{self.id} is a term: its last day is the {self.until} of the event that starts it",
            )
        return self.limit


@dataclass(frozen=True, slots=True)
class Before:
    """Before the last day by these spans, one after the other: first 3 months and then 14 days, for example."""

    spans: tuple[Limit, ...]

    def day(self, last: date, calendar: WorkingCalendar) -> date:
        for span in self.spans:
            last = before(last, span, calendar)
        return last


@dataclass(frozen=True, slots=True)
class After:
    """After the last day by a span."""

    span: Limit

    def day(self, last: date, calendar: WorkingCalendar) -> date:
        return span_end(last, self.span, calendar)


RungAt = int | Literal["due", "after_due"] | Before | After


@dataclass(frozen=True, kw_only=True)
class Rung(Row):
    """A step of a reminder ladder: when to send it, to whom, and for which limits. No limits: for all without own
    ladder.

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
class Silence(Telling):
    """The legal effect of a limit that ran out without an act. Without a row there is none.

    `breach`: the authority's silence is also a breach; the service that applies the effect records it.
    """

    limit: str
    effect: Literal["deem_accepted", "deem_renewed", "expire", "fail_evaluation", "fail_rectification", "end_archive"]
    breach: bool


@dataclass(frozen=True, kw_only=True)
class Undoing(Telling):
    """What an event that takes others back does to clocks; `id` is the event, `told` says why it does so.

    Of each of the events `undoes`, the last one that still stands is taken back. A clock that it had started is
    cancelled; in any other it loses its effect: from that day on, or, if it is `void`, as though it had never been.
    """

    undoes: tuple[str, ...]
    void: bool


@dataclass(frozen=True, kw_only=True)
class LawChange(Telling):
    """A change of the law that affects open cases from the day it comes into force.

    `abolished`: the permit no longer exists. `catalogue`: a new list of the instruments that need the permit; a case
    whose instrument is no longer listed ends. `declared`: the permit is declared by who has it, no longer granted.
    """

    permit: PermitId
    kind: Literal["abolished", "catalogue", "declared"]

    @property
    def on(self) -> date:
        return self.valid_from


@dataclass(frozen=True, kw_only=True)
class CatalogueItem(Named):
    """A kind of instrument as listed in one catalogue.

    `mode`: TA+CMC needs type approval and a manufacturing licence, P type approval, P+V type approval and verification,
    V verification only. `letter` is the class letter in certificate numbers, if known. `programme` is the table of
    maximum permissible errors, if there is one.
    """

    catalogue: str
    mode: Literal["TA+CMC", "P", "P+V", "V"]
    letter: str | None = None
    programme: str | None = None

    @property
    def code(self) -> str:
        return self.id

    @property
    def needs_approval(self) -> bool:
        return self.mode != "V"


@dataclass(frozen=True, kw_only=True)
class Regime(Named):
    """The rule under which a permit is granted; `rule` is "abolished" once the permit no longer exists, and
    "self_declaration" once it is declared."""

    permit: PermitId
    rule: str

    @property
    def abolished(self) -> bool:
        return self.rule == "abolished"

    @property
    def declared(self) -> bool:
        """Whether who has the permit declares it, and nobody grants it."""
        return self.rule == "self_declaration"


@dataclass(frozen=True, kw_only=True)
class ValidityRule(Row):
    """How long a permit is valid, and how long before its end to apply for renewal; None: valid without end 长期."""

    permit: PermitId
    limit: Limit | None
    renew_before: Limit | None


@dataclass(frozen=True, kw_only=True)
class Duty(Row):
    """Something that is to be done within so many calendar days, and counts all the same if it is late."""

    permit: PermitId
    days: int

    @property
    def keys(self) -> Iterable[tuple[str, ...]]:
        return [(self.id, self.permit)]


@dataclass(frozen=True, kw_only=True)
class Norm(Named):
    """A technical norm in the edition in force, for example JJF 1015-2014."""

    edition: str

    @property
    def code(self) -> str:
        return f"{self.id}-{self.edition}"


@dataclass(frozen=True, kw_only=True)
class MetadataElement(Named):
    """An element of the metadata of electronic licences 电子证照 (GB/T 36903); `exchange` is the name under which it is
    exchanged, `codes` what it says of a title, an office or a length of a code."""

    exchange: str
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Remedy(Telling):
    """What an applicant may do against a decision, or against the authority's silence.

    `window` is the limit within which to do it, counted from the day the applicant learns of it; None: the text says.
    """

    against: Literal["decision", "silence"]
    window: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConformityMark(Named):
    """A mark on instruments or packages, and the ground on which it may be used."""

    mode: Literal["type_approval", "licence", "assessed_certificate", "self_declaration"]


@dataclass(frozen=True, kw_only=True)
class Bar(Telling):
    """How many months after a decision an applicant who deceived the authority may not apply again; `id` is the
    ground."""

    months: int


@dataclass(frozen=True, kw_only=True)
class Exclusion(Telling):
    """A ground on which an expert is not drawn into an assessment team; `months`: how long after the fact."""

    months: int | None = None


@dataclass(frozen=True, kw_only=True)
class Requirement(Named):
    """A clause of the assessment of manufacturers, of `kinds` of instruments or, without, of all; `id` is its code.
    `sample`: what is found on it rests on a sample of the product."""

    norm: str
    sample: bool = False
    kinds: tuple[str, ...] = ()
    must_have: bool


@dataclass(frozen=True, kw_only=True)
class ConclusionRule(Telling):
    """What an assessment comes to with a finding of one of these `results`, on a must-have condition if so."""

    results: tuple[str, ...]
    must_have: bool
    conclusion: Literal["pass", "rectify", "fail"]


@dataclass(frozen=True, kw_only=True)
class DocumentKind(Named):
    """A kind of document that belongs to an application; `id` is the kind.

    `applications` are those that it belongs to ("first", "renewal", …); none: all. `required`: without it there is no
    submission; else it may be handed in on paper. `readers` are roles and posts (see Actor.may) that read it
    besides the applicant. `sender` is the side that sends it. `later`: not with the application, but when the procedure
    asks for it.
    """

    procedures: tuple[PermitId, ...]
    applications: tuple[str, ...] = ()
    required: bool
    readers: tuple[str, ...]
    sender: str = "applicant"
    later: bool = False

    @property
    def keys(self) -> Iterable[tuple[str, ...]]:
        return [(self.id, permit, kind) for permit in self.procedures for kind in self.applications or ("",)]


@dataclass(frozen=True, kw_only=True)
class NoticeForm(Named):
    """What a written act of the office says, and what the law wants in it; `id` is the kind of notice.

    Texts are paragraphs, with an empty line between, the same number in both languages. A name in braces is a fact of
    the case by its path (`{time_notice.needed}`); a paragraph that names a fact the case does not have is left out.
    """

    mark: str
    """Its character in document numbers."""
    text: Text
    needs: tuple[str, ...] = ()
    """The facts that the law wants in it: without one of them, the act cannot be done."""
    about: str | None = None
    """The entry of the case that holds what it tells: once that is gone, the notice has been taken back."""
    remedies: bool = False
    """Whether it tells what may be done against it."""
    laboratory: bool = False
    """Whether the laboratory reads it too."""
    words: Mapping[str, Text] = field(default_factory=dict)
    """Codes among the facts, in Chinese and English."""


@dataclass(frozen=True, kw_only=True)
class FixedHoliday(Named):
    """A public holiday that the law fixes by the solar calendar; `days` are (month, day) pairs."""

    days: Sequence[tuple[int, int]]
