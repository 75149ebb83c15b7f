"""Statistics: how long cases and their steps took, and which side held them; stored as they end, read by month.

`case_times` and `step_times` hold the facts, one row each. `time_counts` holds, per month and per day, how many took
how many days. It changes in the same statement as the facts, so reading costs the same for any number of cases, and
percentiles stay exact.

Every working day after the day of receipt, up to and including the last, belongs to the side whose clock ran. If
several clocks ran, the day is the laboratory's, else the applicant's, else the authority's, because the authority's
decision clock runs in the background. If none ran, for example while samples are in transit, the day is nobody's
(`other`). So the days of the four add up to the working days that the case took.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from services.contracts.meanings import DECIDED, ENDED_UNDECIDED
from shared.law import CLOSING, EntryKind, load
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from services.notifications.cases import TrackedCase
    from shared.law import Clock, Undoing, WorkingCalendar

HOLDERS = ("laboratory", "applicant", "authority")
"""In order of precedence: if several sides have a running clock, the day belongs to the first."""
OTHER = "other"
ELAPSED = "elapsed"
"""The total of a whole case."""

ENDED = (*DECIDED, *ENDED_UNDECIDED)
"""Of the cases that have ended, only those of DECIDED count in the statistics."""
ABANDONED = ("application.withdrawn", "application.terminated")
"""Events that end a clock without the act it was set for: its length says nothing about the step."""

RECENT_CASES = 200
FEWEST_CASES = 10
"""With fewer cases nothing is published, because it would reveal single cases."""


def time_by_holder(clocks: Sequence[Clock], until: date, calendar: WorkingCalendar) -> dict[str, int]:
    """The working days after the first start, up to and including `until`, by holder, with `other` for nobody. Pure."""
    spans = {
        holder: [span for clock in clocks if counts(clock) and clock.rule.holder == holder for span in _runs(clock)]
        for holder in HOLDERS
    }
    days = dict.fromkeys((*HOLDERS, OTHER), 0)
    day = min((clock.started_on for clock in clocks if counts(clock)), default=until)
    while (day := day + timedelta(days=1)) <= until:
        if calendar.is_working(day):
            holding = (holder for holder in HOLDERS if any(after < day <= last for after, last in spans[holder]))
            days[next(holding, OTHER)] += 1
    return days


def counts(clock: Clock) -> bool:
    """Whether somebody must act while the clock runs; in a window, such as the term of a licence, nobody must."""
    return clock.rule.weight != "window"


def step_days(clock: Clock, calendar: WorkingCalendar) -> int:
    """The working days on which the clock ran, in any unit, including days after its deadline. Pure."""
    return sum(calendar.count(after, last) for after, last in _runs(clock))


def _runs(clock: Clock) -> list[tuple[date, date]]:
    ledger = clock.projection.ledger
    return [(span.after, span.until or ledger.stopped_on or date.max) for span in ledger.runs]


@dataclass(slots=True)
class Times:
    """Cases and clocks that ended, to be stored in the tables of times."""

    _ended: dict[str, tuple[str, date]] = field(default_factory=dict)
    _reopened: set[str] = field(default_factory=set)

    def hear(self, case_id: str, event: str, on: date, undoing: Undoing | None = None) -> None:
        """A case ends once, with the first event that ends it, unless that is taken back; then it goes on."""
        if event in ENDED:
            self._ended.setdefault(case_id, (event, on))
        elif undoing and not {*undoing.undoes}.isdisjoint(ENDED):
            self._ended.pop(case_id, None)
            self._reopened.add(case_id)

    def store(
        self,
        tx: Connection,
        cases: Mapping[str, TrackedCase],
        clocks: Mapping[str, Sequence[Clock]],
        changed: Collection[tuple[str, Clock]],
        calendar: WorkingCalendar,
    ) -> None:
        """`changed` pairs case ids and clocks; for a case that ended, `clocks` must have all of its clocks."""
        if self._reopened:
            _REOPEN(tx, ids=sorted(self._reopened))
        # Those that ended once and go on again lose what was counted of them.
        ended = [(case_id, clock) for case_id, clock in changed if counts(clock) and _has_ended(clock)]
        if not ended and not self._ended:
            return
        endings = [
            _ending(cases[case_id], clocks.get(case_id, ()), *end, calendar) for case_id, end in self._ended.items()
        ]
        _ADD(
            tx,
            clocks=[clock.id for _, clock in ended],
            steps=orjson.dumps([_step(cases[case_id], clock) for case_id, clock in ended if _is_done(clock)]).decode(),
            cases=orjson.dumps(endings).decode(),
        )


def _has_ended(clock: Clock) -> bool:
    """Whether it is over, or was."""
    return any(entry.kind in CLOSING for entry in clock.entries)


def _is_done(clock: Clock) -> bool:
    """Whether the act it was set for ended it."""
    return not clock.open and clock.last.kind is not EntryKind.CANCELLED and clock.last.event not in ABANDONED


def _step(case: TrackedCase, clock: Clock) -> dict[str, Any]:
    return {
        "clock_id": clock.id,
        "procedure": case.procedure,
        "office": case.office,
        "limit_id": clock.rule.id,
        "holder": clock.rule.holder,
        "ended_on": clock.projection.ledger.stopped_on,
        "days": step_days(clock, clock.calendar),
        "in_time": bool(clock.projection.met),
    }


def _ending(
    case: TrackedCase, clocks: Sequence[Clock], event: str, on: date, calendar: WorkingCalendar
) -> dict[str, Any]:
    days = time_by_holder(clocks, on, calendar)
    return {
        "case_id": case.id,
        "procedure": case.procedure,
        "office": case.office,
        "ended_on": on,
        "ended_by": event,
        "decided": event in DECIDED,
        "elapsed": sum(days.values()),
        **days,
    }


def statistics(
    tx: Connection, first: date, last: date, procedure: str | None, office: str | None = None
) -> dict[str, Any]:
    """What ended at an office, or at all, from `first` to `last`, both included: cases and steps, by month and
    procedure."""
    found = _times_between(tx, first, last, procedure, office)
    names = {rule.id: rule.name._asdict() for rule in load().limits}
    return {
        "from": first,
        "to": last,
        "cases": [
            {
                "procedure": procedure_id,
                "month": month,
                "cases": elapsed.number,
                "elapsed": elapsed.figures,
                "holders": {side: found[procedure_id, _WHOLE_CASE, side, month].figures for side in (*HOLDERS, OTHER)},
            }
            for (procedure_id, _, side, month), elapsed in sorted(found.items())
            if side == ELAPSED
        ],
        "steps": [
            {
                "procedure": procedure_id,
                "limit": step,
                **({"name": names[step]} if step in names else {}),
                "holder": holder,
                "month": month,
                "count": times.number,
                "p50": times.within(50),
                "p90": times.within(90),
                "in_time": times.in_time,
                "share_in_time": str((Decimal(times.in_time) / times.number).quantize(Decimal("0.001"))),
            }
            for (procedure_id, step, holder, month), times in sorted(found.items())
            if step != _WHOLE_CASE
        ],
    }


@dataclass(slots=True)
class Counted:
    """How many took each number of working days, and how many of them ended in time."""

    days: Counter[int] = field(default_factory=Counter)
    in_time: int = 0

    @property
    def number(self) -> int:
        return self.days.total()

    def within(self, percent: int) -> int:
        """The percentile: the fewest days that at least `percent` per cent of them did not exceed."""
        wanted = self.number * percent
        seen = 0
        for days in sorted(self.days):
            seen += self.days[days]
            if 100 * seen >= wanted:
                break
        return days

    @property
    def figures(self) -> dict[str, int]:
        return {
            "p50": self.within(50),
            "p90": self.within(90),
            "total": sum(days * times for days, times in self.days.items()),
        }


_WHOLE_CASE = ""
"""Stands for the whole case in the column `step`."""
_Group = tuple[str, str, str, str]
"""(procedure, step, side, month)."""


def _times_between(
    tx: Connection, first: date, last: date, procedure: str | None, office: str | None
) -> dict[_Group, Counted]:
    """The counts of the months that contain these days, minus the days of these months outside the period."""
    begin, end = first.replace(day=1), last.replace(day=monthrange(last.year, last.month)[1])
    found: dict[_Group, Counted] = {}
    asked = {"begin": begin, "first": first, "last": last, "end": end, "procedure": procedure, "office": office}
    for row in _COUNTS(tx, **asked):
        counted = found.setdefault((row.procedure, row.step, row.side, row.month), Counted())
        for days, times in row.counts.items():
            counted.days[int(days)] += row.sign * times
        counted.in_time += row.sign * row.in_time
    return {group: counted for group, counted in found.items() if counted.number}


def observed(tx: Connection, procedure: str, today: date) -> dict[str, Any] | None:
    """How long recent decided cases took; None if there are too few."""
    row = _OBSERVED(tx, procedure=procedure, today=today).one()
    if row.cases < FEWEST_CASES:
        return None
    return {
        "cases": row.cases,
        "half_within": row.p50,
        "nine_in_ten_within": row.p90,
        "zh": (
            f"近期办结的{row.cases}件：半数在{row.p50}个工作日内、九成在{row.p90}个工作日内办结"
            "（自收件至送达，非法定期限）"
        ),
        "en": (
            f"Of the last {row.cases} cases, half took {row.p50} working days at most and nine in ten {row.p90}, from"
            " receipt to delivery; this is not a legal limit"
        ),
    }


_COUNTS = Statement(
    "time_counts",
    "SELECT sign, procedure, step, side, to_char(starts_on, 'YYYY-MM') AS month, counts, in_time FROM ("
    " SELECT 1 AS sign, * FROM time_counts WHERE grain = 'month' AND starts_on BETWEEN :begin AND :last"
    " UNION ALL SELECT -1, * FROM time_counts WHERE grain = 'day' AND starts_on >= :begin AND starts_on < :first"
    " UNION ALL SELECT -1, * FROM time_counts WHERE grain = 'day' AND starts_on > :last AND starts_on <= :end"
    ") AS found WHERE (CAST(:procedure AS text) IS NULL OR procedure = CAST(:procedure AS text))"
    " AND (CAST(:office AS text) IS NULL OR office = CAST(:office AS text))",
)
_OBSERVED = Statement(
    "case_times_observed",
    "SELECT count(*)::integer AS cases, percentile_disc(0.5) WITHIN GROUP (ORDER BY elapsed) AS p50,"
    " percentile_disc(0.9) WITHIN GROUP (ORDER BY elapsed) AS p90 FROM (SELECT elapsed FROM case_times"
    f" WHERE decided AND procedure = :procedure AND ended_on <= :today ORDER BY ended_on DESC LIMIT {RECENT_CASES})"
    " AS recent",
)

_OF_STEPS = "procedure, limit_id AS step, holder AS side, office, ended_on, days, in_time"
_SIDES = ", ".join(f"('{side}', {side})" for side in (ELAPSED, *HOLDERS, OTHER))
_OF_CASES = (
    f"procedure, '{_WHOLE_CASE}', side, office, ended_on, days, false FROM {{}}"
    f" CROSS JOIN LATERAL (VALUES {_SIDES}) AS held (side, days) WHERE decided"
)
# Rows are locked in a fixed order, to avoid deadlocks.
_COUNT = """
INSERT INTO time_counts AS kept (grain, starts_on, procedure, step, side, office, counts, in_time)
SELECT grain, starts_on, procedure, step, side, office, jsonb_object_agg(days, times), coalesce(sum(in_time), 0)
FROM (
    SELECT grain, starts_on, procedure, step, side, office, days, sum(times) AS times,
        sum(times) FILTER (WHERE in_time) AS in_time
    FROM facts
    CROSS JOIN LATERAL (VALUES ('day', ended_on), ('month', date_trunc('month', ended_on)::date))
        AS grains (grain, starts_on)
    GROUP BY grain, starts_on, procedure, step, side, office, days
) AS counted
GROUP BY grain, starts_on, procedure, step, side, office
ORDER BY grain, starts_on, procedure, step, side, office
ON CONFLICT (grain, starts_on, procedure, step, side, office) DO UPDATE SET
    in_time = kept.in_time + excluded.in_time,
    counts = (
        SELECT coalesce(jsonb_object_agg(days, times), '{}') FROM (
            SELECT days, sum(CAST(times AS integer)) AS times
            FROM (SELECT * FROM jsonb_each(kept.counts) UNION ALL SELECT * FROM jsonb_each(excluded.counts))
                AS both_counts (days, times)
            GROUP BY days HAVING sum(CAST(times AS integer)) <> 0
        ) AS merged
    )
"""
# A clock may end twice: an act on the last day counts even if it arrives after the expiry.
_ADD = Statement(
    "times_add",
    f"""
    WITH steps AS (
        SELECT * FROM jsonb_to_recordset(CAST(:steps AS jsonb)) AS new (clock_id uuid, procedure text, limit_id text,
            holder text, ended_on date, days integer, in_time boolean, office text)
    ), before AS (
        SELECT * FROM step_times WHERE clock_id = ANY(CAST(CAST(:clocks AS text[]) AS uuid[]))
    ), gone AS (
        DELETE FROM step_times WHERE clock_id IN (SELECT clock_id FROM before EXCEPT SELECT clock_id FROM steps)
    ), after AS (
        INSERT INTO step_times SELECT * FROM steps
        ON CONFLICT (clock_id) DO UPDATE SET ended_on = excluded.ended_on, days = excluded.days,
            in_time = excluded.in_time
    ), ended AS (
        INSERT INTO case_times SELECT * FROM jsonb_to_recordset(CAST(:cases AS jsonb)) AS new (case_id uuid,
            procedure text, ended_on date, ended_by text, decided boolean, elapsed integer, laboratory integer,
            applicant integer, authority integer, other integer, office text)
        ON CONFLICT (case_id) DO NOTHING RETURNING *
    ), facts (procedure, step, side, office, ended_on, days, in_time, times) AS (
        SELECT *, 1 FROM (SELECT {_OF_STEPS} FROM steps) AS more
        UNION ALL SELECT *, -1 FROM (SELECT {_OF_STEPS} FROM before) AS less
        UNION ALL SELECT *, 1 FROM (SELECT {_OF_CASES.format("ended")}) AS whole
    )
    {_COUNT}
    """,
)
_REOPEN = Statement(
    "times_reopen",
    f"""
    WITH gone AS (
        DELETE FROM case_times WHERE case_id = ANY(CAST(CAST(:ids AS text[]) AS uuid[])) RETURNING *
    ), facts (procedure, step, side, office, ended_on, days, in_time, times) AS (
        SELECT *, -1 FROM (SELECT {_OF_CASES.format("gone")}) AS whole
    )
    {_COUNT}
    """,
)
