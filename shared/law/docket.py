"""The docket of a case: its clocks, and how each event of the case changes them.

The deadline service passes every event to `hear`. To preview the effect of an act, pass the events of the case so far,
then the act, and compare the clocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.law.clock import CLOSING, ClockState, Entry, EntryKind, Projection, effective, project, status
from shared.law.counting import Limit, Unit
from shared.law.national import national

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.law.calendar import WorkingCalendar
    from shared.law.rows import LimitRule, Procedure, Undoing
    from shared.law.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says about its case: `on` is the legal date of the fact, `data` the event's own fields."""

    type: str
    on: date
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Clock:
    """One clock of a case: the rule it follows, its entries in the order they arrived, and the rungs that fired.

    `id` is empty until the deadline service assigns one. The rules in force on `law_on` decide the counting, the ladder
    and the effect of the end.
    """

    id: str
    rule: LimitRule
    started_on: date
    law_on: date
    entries: tuple[Entry, ...]
    fired: frozenset[tuple[str, date]] = frozenset()
    """Names of the rungs that fired, each with the last day of the clock that it announced."""
    moved_on: date | None = None
    """When the last day moved after a rung had fired. Rungs dated before it are not sent again."""
    calendar: WorkingCalendar = field(default_factory=national, repr=False, compare=False)

    @property
    def limit(self) -> Limit:
        """The length of the clock; for a term, from its start to its last day."""
        until = self.entries[0].until
        return self.rule.budget if until is None else Limit(max(1, (until - self.started_on).days), Unit.CALENDAR_DAYS)

    @cached_property
    def projection(self) -> Projection:
        """The clock as of its last entry."""
        return project(self.entries, self.limit, self.calendar)

    def at(self, day: date) -> Projection:
        """The clock at the end of `day`, or of its last entry if that is later."""
        return status(self.entries, self.limit, self.calendar, max(day, *(entry.on for entry in self.entries)))

    @property
    def open(self) -> bool:
        return self.last.kind not in CLOSING

    @property
    def last(self) -> Entry:
        """The last entry that was not voided."""
        return effective(self.entries)[-1]

    def after(self, told: Told, undoing: Undoing | None = None) -> Clock:
        """The clock after the event; the same object if the event does not concern it. `undoing` says what the event
        takes back, if anything.

        An act dated on or before the last day counts even if it arrives later: it reverts the expiry.
        """
        if undoing is not None and (undone := self._undone(told, undoing)) is not self:
            return undone.after(told)
        kind = self._kind(told)
        if kind is None or not (self.open or (kind is EntryKind.STOPPED and self._expired_no_earlier(told.on))):
            return self
        on = told.on if kind is not EntryKind.EXPIRED else self.projection.deadline or told.on
        days = told.data.get("working_days") if kind is EntryKind.EXTENDED else None
        heard = entry(kind, on, told.type, told.data.get("notice"), working_days=days)
        return replace(self, entries=(*self.entries, heard))

    def _undone(self, told: Told, undoing: Undoing) -> Clock:
        """The clock without what the event takes back: a clock that was started by it is cancelled, in any other the
        last entry of it loses its effect, from now on or from the beginning."""
        start, *others = effective(self.entries)
        if start.event in undoing.undoes:
            kind = EntryKind.CANCELLED if self.open else None
            undone = start
        else:
            at = max((at for at, one in enumerate(others) if one.event in undoing.undoes), default=None)
            if at is None:
                return self
            undone = others[at]
            kind = EntryKind.VOIDED if undoing.void else self._opposite(undone, others[:at])
        if kind is None:
            return self
        voids = undone.event if kind is EntryKind.VOIDED else None
        return replace(self, entries=(*self.entries, entry(kind, told.on, told.type, voids=voids)))

    def _opposite(self, undone: Entry, before: Sequence[Entry]) -> EntryKind | None:
        """What ends the effect of an entry from now on; None if it has none any more."""
        state = self.projection.state
        match undone.kind:
            case EntryKind.PAUSED if state is ClockState.PAUSED:
                return EntryKind.RESUMED
            case EntryKind.RESUMED if state is ClockState.RUNNING:
                pauses = sum((one.kind is EntryKind.PAUSED) - (one.kind is EntryKind.RESUMED) for one in before)
                return EntryKind.PAUSED if pauses > 0 else None
            case EntryKind.STOPPED | EntryKind.EXPIRED if not self.open:
                return EntryKind.REOPENED
            case EntryKind.EXTENDED:
                return EntryKind.VOIDED
        return None

    def _kind(self, told: Told) -> EntryKind | None:
        rule = self.rule
        if told.type in rule.stops:
            expired = told.data.get("deemed") or told.data.get("ground") == "EXPIRED"
            return EntryKind.EXPIRED if expired else EntryKind.STOPPED
        kinds = ((rule.pauses, EntryKind.PAUSED), (rule.resumes, EntryKind.RESUMED), (rule.extends, EntryKind.EXTENDED))
        return next((kind for events, kind in kinds if told.type in events), None)

    def _expired_no_earlier(self, on: date) -> bool:
        return self.last.kind is EntryKind.EXPIRED and on <= self.last.on


def hear(
    rules: RuleSet, procedure: Procedure, clocks: Sequence[Clock], told: Told, calendar: WorkingCalendar | None = None
) -> tuple[Clock, ...]:
    """The clocks of a case after an event: the existing ones in their order, then those that the event starts.

    A clock that the event does not concern is returned as the same object. New clocks use `calendar`, by default the
    national one, and the rules in force on the day of acceptance: a change of the law affects an accepted case only if
    the law says so.
    """
    accepted = _accepted_on(clocks)
    begun = (
        Clock(
            *("", rule, told.on, rule.law_on(told.on, accepted), (_start(rule, told),)),
            calendar=calendar or national(),
        )
        for rule in rules.limits_on(told.on, procedure, accepted)
        # Without a last day there is no such term: not every refusal bars.
        if told.type in rule.starts and (rule.until is None or rule.until in told.data)
    )
    undoing = rules.undoing(told.type, told.on)
    return (*(clock.after(told, undoing) for clock in clocks), *begun)


def _accepted_on(clocks: Sequence[Clock]) -> date | None:
    """The day of the acceptance that stands; one that was taken back does not."""
    started = (
        clock.started_on
        for clock in reversed(clocks)
        if clock.entries[0].event == "application.accepted" and clock.last.kind is not EntryKind.CANCELLED
    )
    return next(started, None)


def _start(rule: LimitRule, told: Told) -> Entry:
    deemed = bool(told.data.get("deemed"))
    if rule.until is None:
        return entry(EntryKind.STARTED, told.on, told.type, deemed=deemed)
    last = told.data[rule.until]
    until = last if isinstance(last, date) else date.fromisoformat(last)
    return entry(EntryKind.STARTED, told.on, told.type, until=until, deemed=deemed)


_PAUSES = {
    "time_notice.served": (
        "检验、检测、鉴定或专家评审所需时间，已书面告知",
        "time for tests, appraisal or expert review, notified in writing",
    ),
    "hearing.ordered": ("听证所需时间，已书面告知", "time for a hearing, notified in writing"),
    "evaluation.nonconformity_found": ("申请人改进样机所需时间", "time for the applicant to improve the samples"),
    "evaluation.improvement_cancelled": (
        "改进样机的接收已撤销，申请人继续改进",
        "the receipt of improved samples was taken back: the applicant goes on improving",
    ),
    "report.recalled": (
        "报告已由技术机构收回更正，评价继续",
        "the laboratory took its report back to correct it: the evaluation goes on",
    ),
    "report.withdrawn": (
        "报告已退回更正，评价继续",
        "the report was sent back to be corrected: the evaluation goes on",
    ),
    "assessment.withdrawn": ("考核报告已撤回，考核继续", "the report was taken back: the assessment goes on"),
    "assessment.verification_withdrawn": (
        "整改核实已撤回，整改继续",
        "the verification was taken back: the rectification goes on",
    ),
}
"""The reason of each pause, as shown to people: why the time does not count."""

# Silence gives an authority no extra time: the step after an acceptance by silence also counts from the receipt, though
# nobody knew of it then. If that step is as short as the examination before it, it is late from the moment it begins.
_DEEMED = {
    "application.accepted": (
        "逾期未告知补正内容，自收到申请材料之日起即为受理，期限自该日起算（行政许可法第三十二条）",
        "accepted by silence: counted from the day the application was received (Administrative Licensing Law Art. 32)",
    ),
    "licence.renewed": (
        "届满前未作出决定，视为准予延续（行政许可法第五十条）",
        "renewed by silence (Administrative Licensing Law Art. 50)",
    ),
}
"""The reason of a start without an act of the office, as shown to people."""


_REOPENED = ("已办结后又撤销，其间不计", "ended, and the end was taken back: the time in between does not count")


def entry(
    kind: EntryKind,
    on: date,
    event: str,
    notice: str | None = None,
    *,
    working_days: int | None = None,
    until: date | None = None,
    deemed: bool = False,
    voids: str | None = None,
) -> Entry:
    """A ledger entry, with the reason of a pause or of a start by silence."""
    reasons = _PAUSES if kind is EntryKind.PAUSED else _DEEMED if deemed else {}
    zh, en = _REOPENED if kind is EntryKind.REOPENED else reasons.get(event, (None, None))
    return Entry(kind, on, event, zh, en, notice, working_days, until, deemed, voids)
