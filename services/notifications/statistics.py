"""How long cases and their steps really take, and who held them: kept as they end, read by month.

Every working day after the day of receipt, up to and including the last, is somebody's: that of the side whose clock
ran. Where the clocks of several run, the day is the laboratory's, else the applicant's, before it is the authority's,
whose clock of the decision runs on in the background; where none runs, such as while samples are on their way, it is
nobody's (`other`). So the days of the four are the working days that the case took.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import text

from shared.law import load
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from services.notifications.book import TrackedCase
    from shared.law import Clock, WorkingCalendar

HOLDERS = ("laboratory", "applicant", "authority")
"""Whose day it is where several have a clock running: the first of them."""
OTHER = "other"

DECIDED = ("certificate.delivered", "licence.delivered", "refusal.delivered")
"""A case that ended with one of these went the whole way: such cases are what figures are made of."""
ENDED = (
    *DECIDED,
    *("application.withdrawn", "application.not_required", "application.not_accepted", "application.terminated"),
)
ABANDONED = ("application.withdrawn", "application.terminated")
"""What ends a clock without the act it was set for: how long that took says nothing about the step."""

RECENT_CASES = 200
FEWEST_CASES = 10
"""Of fewer nothing is told: it would speak of single cases."""


def time_by_holder(clocks: Sequence[Clock], until: date, calendar: WorkingCalendar) -> dict[str, int]:
    """The working days after the first start, up to and including `until`, of each holder and of nobody. Pure."""
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
    """Whether somebody has to act while it runs: a window, such as the term of a licence, is a time one may use."""
    return clock.rule.weight != "window"


def step_days(clock: Clock, calendar: WorkingCalendar) -> int:
    """The working days on which the clock ran, whatever its own unit is, those after its end included. Pure."""
    return sum(calendar.count(after, last) for after, last in _runs(clock))


def _runs(clock: Clock) -> list[tuple[date, date]]:
    ledger = clock.projection.ledger
    return [(span.after, span.until or ledger.stopped_on or date.max) for span in ledger.runs]


@dataclass(slots=True)
class Times:
    """What ended, on its way into the tables of times."""

    _ended: dict[str, tuple[str, date]] = field(default_factory=dict)

    def hear(self, case_id: str, event: str, on: date) -> None:
        if event in ENDED:
            self._ended.setdefault(case_id, (event, on))

    def store(
        self,
        tx: Connection,
        cases: Mapping[str, TrackedCase],
        clocks: Mapping[str, Sequence[Clock]],
        changed: Collection[tuple[str, Clock]],
        calendar: WorkingCalendar,
    ) -> None:
        """`changed` are clocks with the ids of their cases; of a case that ended, `clocks` has all."""
        steps = [_step(cases[case_id], clock) for case_id, clock in changed if _is_done(clock)]
        if steps:
            _ADD_STEPS(tx, rows=orjson.dumps(steps).decode())
        if self._ended:
            rows = [
                _ending(cases[case_id], clocks.get(case_id, ()), *end, calendar) for case_id, end in self._ended.items()
            ]
            _ADD_CASES(tx, rows=orjson.dumps(rows).decode())


def _is_done(clock: Clock) -> bool:
    return counts(clock) and not clock.open and clock.entries[-1].event not in ABANDONED


def _step(case: TrackedCase, clock: Clock) -> dict[str, Any]:
    return {
        "clock_id": clock.id,
        "procedure": case.procedure,
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
        "ended_on": on,
        "ended_by": event,
        "decided": event in DECIDED,
        "elapsed": sum(days.values()),
        **days,
    }


def statistics(tx: Connection, first: date, last: date, procedure: str | None) -> dict[str, Any]:
    """What ended from `first` to `last`, both included: by month and procedure the cases, and the steps beside."""
    asked = {"first": first, "last": last, "procedure": procedure}
    rules = load()
    names = {rule.id: {"zh": rule.zh, "en": rule.en} for rule in rules.limits}
    return {
        "from": first,
        "to": last,
        "cases": [
            {
                "procedure": row.procedure,
                "month": row.month,
                "cases": row.cases,
                "elapsed": _figures(row, "elapsed"),
                "holders": {name: _figures(row, name) for name in (*HOLDERS, OTHER)},
            }
            for row in tx.execute(_CASES, asked)
        ],
        "steps": [
            {
                "procedure": row.procedure,
                "limit": row.limit_id,
                **({"name": names[row.limit_id]} if row.limit_id in names else {}),
                "holder": row.holder,
                "month": row.month,
                "count": row.steps,
                "p50": row.p50,
                "p90": row.p90,
                "in_time": row.in_time,
                "share_in_time": str((Decimal(row.in_time) / row.steps).quantize(Decimal("0.001"))),
            }
            for row in tx.execute(_STEPS, asked)
        ],
    }


def _figures(row: Any, name: str) -> dict[str, int]:
    return {figure: getattr(row, f"{name}_{figure}") for figure in ("p50", "p90", "total")}


def observed(tx: Connection, procedure: str, today: date) -> dict[str, Any] | None:
    """What recent cases that went the whole way took; None while there are too few to tell."""
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
            " receipt to delivery; this is no legal limit"
        ),
    }


def _percentiles(column: str, name: str) -> str:
    return (
        f"percentile_disc(0.5) WITHIN GROUP (ORDER BY {column}) AS {name}p50,"
        f" percentile_disc(0.9) WITHIN GROUP (ORDER BY {column}) AS {name}p90"
    )


_WHEN = (
    "ended_on BETWEEN :first AND :last AND (CAST(:procedure AS text) IS NULL OR procedure = CAST(:procedure AS text))"
)
_SIDES = ", ".join(
    f"{_percentiles(name, f'{name}_')}, sum({name})::integer AS {name}_total" for name in ("elapsed", *HOLDERS, OTHER)
)
_CASES = text(
    f"SELECT procedure, to_char(ended_on, 'YYYY-MM') AS month, count(*)::integer AS cases, {_SIDES}"
    f" FROM case_times WHERE decided AND {_WHEN} GROUP BY 1, 2 ORDER BY 1, 2"
)
_STEPS = text(
    f"SELECT procedure, limit_id, holder, to_char(ended_on, 'YYYY-MM') AS month, count(*)::integer AS steps,"
    f" {_percentiles('days', '')}, count(*) FILTER (WHERE in_time)::integer AS in_time"
    f" FROM step_times WHERE {_WHEN} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)
_OBSERVED = Statement(
    "case_times_observed",
    f"SELECT count(*)::integer AS cases, {_percentiles('elapsed', '')} FROM (SELECT elapsed FROM case_times"
    f" WHERE decided AND procedure = :procedure AND ended_on <= :today ORDER BY ended_on DESC LIMIT {RECENT_CASES})"
    " AS recent",
)
# A clock may be stopped again: an act of the last day counts whenever it is heard of.
_ADD_STEPS = Statement(
    "step_times_add",
    "INSERT INTO step_times SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (clock_id uuid,"
    " procedure text, limit_id text, holder text, ended_on date, days integer, in_time boolean)"
    " ON CONFLICT (clock_id) DO UPDATE SET ended_on = excluded.ended_on, days = excluded.days,"
    " in_time = excluded.in_time",
)
_ADD_CASES = Statement(
    "case_times_add",
    "INSERT INTO case_times SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (case_id uuid,"
    " procedure text, ended_on date, ended_by text, decided boolean, elapsed integer, laboratory integer,"
    " applicant integer, authority integer, other integer) ON CONFLICT (case_id) DO NOTHING",
)
