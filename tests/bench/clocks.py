"""How dear clocks are while millions of them are open: sweeps that find nothing, sweeps that find much, and reading.

What is stored is what the service itself stores: some cases are played by its own code, and copied in the database.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

from deploy.local.process import free_ports
from deploy.local.system import development_key
from services.notifications import models
from services.notifications.clocks.reprojection import reproject
from services.notifications.commands import sweep
from services.notifications.reactions import react
from shared.calendars import publish
from shared.identity import Actor, Role, issue
from shared.law import Notice, national
from shared.law import load as load_law
from shared.messaging.doorbell import Doorbell
from shared.messaging.envelope import Event, new_id
from shared.runtime.database import Store
from shared.runtime.time import legal_date
from shared.text import Text
from tests.bench import load, part, prepare
from tests.bench.part import Part, Rate
from tests.bench.servers import RUN
from tests.bench.stack import Stack
from tests.bench.systems import ISSUER, READER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from sqlalchemy import Table

    from tests.bench.systems import Contest

FEW = 10_000
OPEN = (1_000_000, 10_000_000)
"""How many clocks are open: only when clocks are read, and in all that is measured."""
DUE = (1_000, 10_000, 100_000)
"""How many of them are due in one sweep."""
RECOUNTED = 100_000
"""How many clocks are open when a calendar is published."""
EMPTY_SWEEPS = 200
PER_SECOND = 100
SECONDS = 20.0
WARM_UP = 2.0
DAYS = 14
"""Working days over which the cases of a life began: after as many, every rung of a limit of ten days has fired."""
_NOTICE = {"notice": "告知-1", "needed": "三个月"}
_LIVES = (
    ("application.received", "application.accepted", "evaluation.commissioned"),
    (
        *("application.received", "application.accepted", "evaluation.commissioned", "time_notice.served"),
        *("evaluation.arranged", "samples.received"),
    ),
)
"""Cases wait for a laboratory (three clocks run), or are evaluated (one runs, two are paused)."""
_STAFF = Actor("intake-1", "王", Role.STAFF, "", frozenset({"intake"}))
_TEXT = f"""\
Cases of type approval under way, begun on {DAYS} working days, each with three open clocks, two or three that have
ended, and what has fired of them, stored as they came: day by day. All that is due on a day is due at midnight, and
taken in the order in which it is stored; so the first so many of them are due here a little before the others.

* *Due*: one process sweeps until nothing is due. For each rung: the clock claimed and advanced, the firing, the
  message, the event in outbox and feed.
* *Empty*: a sweep when nothing is due, which is what happens every second; {EMPTY_SWEEPS} times.
* *Reading*: the clocks of a case, asked of a process of the service's API at {PER_SECOND} a second for {SECONDS:.0f} s,
  each time of another case.
* *Counted again*: a notice makes the next two working days holidays; one process counts {RECOUNTED:,} open clocks,
  and tells of those that move, while a thread of its own hears events and sweeps.
"""


def measure(contest: Contest) -> Part:
    bench = _Bench(contest)
    bench.play()
    rounds: dict[str, Rate] = {}
    empty: list[list[float]] = []
    bench.fill(FEW)
    read = [bench.read()]
    for size in OPEN:
        bench.fill(size)
        empty.append(bench.empty())
        rounds |= {f"{_short(size)} open, {due:,} due": bench.due(due) for due in DUE}
        read.append(bench.read())
    recounted = bench.recounted()
    per_row = [1e6 / rounds[f"{_short(size)} open, {DUE[-1]:,} due"].per_s for size in OPEN]
    figures = {
        "clocks.us_per_due_row_1m": per_row[0],
        "clocks.ratio_10m_1m": per_row[-1] / per_row[0],
        "clocks.empty_sweep_ms": max(median(times) for times in empty),
        "clocks.reprojection_s_100k": recounted.seconds,
        "clocks.read_p99_ms": part.percentile(read[-1], 99),
        "clocks.read_ratio_10m_10k": part.percentile(read[-1], 99) / part.percentile(read[0], 99),
    }
    return Part("clocks", figures, "\n".join([_TEXT, _due_table(rounds), _times_table(empty, read), str(recounted)]))


@dataclass(frozen=True, slots=True)
class Recounted:
    seconds: float
    moved: int
    heard: int
    fired: int

    def __str__(self) -> str:
        return (
            f"Counted again in {self.seconds:.1f} s: the last day of {self.moved:,} clocks moved; {self.heard:,} events"
            f" were heard and {self.fired:,} rungs fired meanwhile.\n"
        )


class _Bench:
    """Works on the database of notifications, and empties it first: nothing else is measured there afterwards."""

    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self._servers = contest.servers
        self._store = Store(self._servers.engine(self._servers.consumer), Doorbell())
        self._played = datetime.now(UTC)
        self._rules = load_law()
        self._copies = 0

    def play(self) -> None:
        """Let some cases live as far as they are meant to, and keep them apart for copying."""
        self._clear()
        today = legal_date(self._played)
        lives = [(life, national().add(today, -back)) for back in range(DAYS, 0, -1) for life in _LIVES]
        with self._store.transaction() as tx:
            for number, (life, on) in enumerate(lives):
                react(tx, list(_story(number, life, on)), mail=False)
        sweep(self._store, self._rules, self._played, mail=False)
        self._servers.execute(self._servers.consumer, _KEEP_TEMPLATES)
        self._clear()

    def _clear(self) -> None:
        self._servers.execute(self._servers.consumer, f"TRUNCATE {', '.join(_emptied())} CASCADE")
        self._copies = 0

    def fill(self, size: int) -> None:
        """Have `size` clocks open, or a few more."""
        with closing(self._servers.database(self._servers.consumer)) as session:
            first = self._copies
            self._copies = -(-size // self._servers.scalar(session, _OPEN_TEMPLATES))
        with self._servers.without_indexes(self._servers.consumer, [table.name for table in _COPIED]):
            for table in _COPIED:
                self._servers.execute(self._servers.consumer, *_copying(table, range(first, self._copies)))
        self._servers.execute(self._servers.consumer, "VACUUM ANALYZE", "CHECKPOINT")

    def empty(self) -> list[float]:
        """Milliseconds of each sweep that finds nothing, the shortest first."""
        times = []
        for _ in range(EMPTY_SWEEPS):
            began = time.monotonic()
            if sweep(self._store, self._rules, self._played, mail=False):
                raise RuntimeError("a sweep that should find nothing fired something")
            times.append(1000 * (time.monotonic() - began))
        return sorted(times)

    def due(self, count: int) -> Rate:
        """A sweep at the moment when so many clocks are due."""
        self._servers.execute(self._servers.consumer, "TRUNCATE outbox, feed, messages", "CHECKPOINT")
        now, fired = self._moment(count), 0

        def fire() -> None:
            nonlocal fired
            fired = sweep(self._store, self._rules, now, mail=False)

        rate = self._servers.timed(count, fire)
        if fired < count:
            raise RuntimeError(f"{count} clocks were due, but {fired} rungs fired")
        return rate

    def _moment(self, count: int) -> datetime:
        """When so many clocks are due."""
        with closing(self._servers.database(self._servers.consumer)) as session:
            return self._servers.moments(session, _NTH_DUE.format(count=count - 1))["at"]

    def recounted(self) -> Recounted:
        self._clear()
        self.fill(RECOUNTED)
        today = legal_date(self._played)
        off = {national().add(today, days): Text("临时放假", "an emergency holiday") for days in (1, 2)}
        with self._store.transaction() as tx:
            publish(
                tx,
                Notice(0, today.year, "", off, {}, ("https://notices.example/1",)),
                "notifications",
                "wang",
                self._played,
            )
        done, stopping = [0, 0], threading.Event()
        others = threading.Thread(target=self._go_on, args=(done, stopping))
        others.start()
        began = time.monotonic()
        moved = reproject(self._store, self._played, mail=False)
        seconds = time.monotonic() - began
        stopping.set()
        others.join()
        with closing(self._servers.database(self._servers.consumer)) as session:
            if self._servers.scalar(session, _OUTDATED):
                raise RuntimeError("clocks are left that were counted by the older calendar")
        return Recounted(seconds, moved, *done)

    def _go_on(self, done: list[int], stopping: threading.Event) -> None:
        """Hear events, a batch of cases each, and let rungs fire, until told to stop; how many of both."""
        numbers, on = iter(range(self._copies)), legal_date(self._played)
        while not stopping.wait(0.1):
            batch = [
                _event(number, 4, "evaluation.arranged", on, plan="次日送样", samples=1)
                for number in islice(numbers, 20)
            ]
            with self._store.transaction() as tx:
                react(tx, batch, mail=False)
            done[0] += len(batch)
            done[1] += sweep(self._store, self._rules, self._moment(20), mail=False)

    def read(self) -> list[float]:
        """Milliseconds of each answer, the shortest first."""
        (port,) = free_ports(1)
        token = issue(development_key(), _STAFF, issuer=ISSUER)
        chosen = random.Random(1)  # noqa: S311 - which cases are read
        cases = self._copies * _TEMPLATES
        asked = (
            load.question(port, f"/internal/v1/cases/CLOCK-{chosen.randrange(cases)}/clocks", token)
            for _ in iter(int, 1)
        )
        self._servers.execute(self._servers.consumer, "CHECKPOINT")
        with Stack(self._servers, RUN) as stack:
            stack.start([self._contest.process("clocks.api", READER, port, "--role", "api")])
            load.open_loop([port], asked, per_second=PER_SECOND, seconds=WARM_UP)
            return sorted(load.open_loop([port], asked, per_second=PER_SECOND, seconds=SECONDS))


def _story(number: int, life: tuple[str, ...], on: date) -> Iterator[Event]:
    """The events of a case that came as far as the last of them on one day."""
    applicant = {"code": "91220101MA0Y1X2Y3X", "name": "长春衡器有限公司", "email": "office@example.com"}
    told: Mapping[str, Mapping[str, Any]] = {
        "application.received": {"procedure": "type_approval", "rules": "jilin-2013", "applicant": applicant},
        "evaluation.commissioned": {"lab": prepare.LAB, "lab_name": "国家衡器型式评价实验室", "programme": "JJF 1834"},
        "time_notice.served": _NOTICE,
        "evaluation.arranged": {"plan": "次日送样", "samples": 1},
        "samples.received": {"samples": 1},
    }
    for seq, kind in enumerate(life, 1):
        yield _event(number, seq, kind, on, **told.get(kind, {}))


def _event(number: int, seq: int, kind: str, on: date, **told: Any) -> Event:
    return Event(
        id=new_id(),
        source="type_approval",
        type=kind,
        version=1,
        subject=f"CLOCK-{number}",
        time=datetime(on.year, on.month, on.day, 4, tzinfo=UTC),
        actor="intake-1",
        case_id=prepare.case_id(number),
        case_seq=seq,
        correlation_id=new_id(),
        causation_id="",
        data={"on": on.isoformat(), "state": "under_way", **told},
    )


_COPIED = (models.tracked_cases, models.clocks, models.firings)
_TEMPLATES = DAYS * len(_LIVES)
_CASE_NR = f"({{first}} * {_TEMPLATES} + nr * {{count}} + copy)"
_CASE_ID = f"(lpad(to_hex({_CASE_NR}), 8, '0') || '-0000-7000-8000-000000000000')::uuid"
_CLOCK_ID = f"(lpad(to_hex({_CASE_NR}), 8, '0') || '-0000-7000-8000-' || lpad(k::text, 12, '0'))::uuid"
_CHANGED: Mapping[str, Mapping[str, str]] = {
    "tracked_cases": {"id": _CASE_ID, "number": f"'CLOCK-' || {_CASE_NR}"},
    "clocks": {"id": _CLOCK_ID, "case_id": _CASE_ID, "next_at": "next_at + interval '1 day' * copy / {count}"},
    "firings": {"clock_id": _CLOCK_ID},
}
"""What a copy has of its own."""
_KEEP_TEMPLATES = """
CREATE TABLE template_tracked_cases AS SELECT *, row_number() OVER (ORDER BY id) - 1 AS nr FROM tracked_cases;
CREATE TABLE template_clocks AS
 SELECT clocks.*, nr, row_number() OVER (PARTITION BY case_id ORDER BY clocks.id) AS k
 FROM clocks JOIN template_tracked_cases AS cases ON cases.id = case_id;
CREATE TABLE template_firings AS SELECT firings.*, nr, k FROM firings JOIN template_clocks ON id = clock_id
"""
_OPEN_TEMPLATES = "SELECT count(*) FROM template_clocks WHERE state IN ('running', 'paused')"
_OUTDATED = "SELECT count(DISTINCT calendar) - 1 FROM clocks WHERE state IN ('running', 'paused')"
_NTH_DUE = "SELECT 'at', next_at FROM clocks WHERE next_at IS NOT NULL ORDER BY next_at OFFSET {count} LIMIT 1"


def _emptied() -> list[str]:
    return [table.name for table in models.metadata.sorted_tables if table.name not in ("staff", "feed_mark")] + [
        "outbox",
        "inbox",
    ]


def _copying(table: Table, copies: range) -> list[str]:
    """The statements that copy each template of a table so many times, case by case; its columns are the model's."""
    columns = [column.name for column in table.columns]
    values = ", ".join(_CHANGED[table.name].get(name, name) for name in columns)
    told = values.format(first=copies.start, count=len(copies))
    # Without the condition on the copy all copies of a clock could come before those of the next.
    rows = f"SELECT * FROM template_{table.name} WHERE nr = {{nr}} AND copy >= 0 OFFSET 0"
    return [
        f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {told}"
        f" FROM generate_series(0, {len(copies) - 1}) AS copy CROSS JOIN LATERAL ({rows.format(nr=nr)}) AS old"
        for nr in range(_TEMPLATES)
    ]


def _short(size: int) -> str:
    return f"{size / 1e6:g} million" if size >= 1e6 else f"{size:,}"


def _due_table(rounds: Mapping[str, Rate]) -> str:
    sides = list(next(iter(rounds.values())).cpu_ms)
    rows = [
        [name, f"{1e6 / rate.per_s:.0f}", *(f"{1000 * rate.cpu_ms[side]:.0f}" for side in sides)]
        for name, rate in rounds.items()
    ]
    return part.table(["µs per due row", "elapsed", *(f"CPU, {side}" for side in sides)], rows)


def _times_table(empty: list[list[float]], read: list[list[float]]) -> str:
    named = {
        f"{_short(size)} open, {what}": times
        for what, sizes, found in (("empty sweep", OPEN, empty), ("reading", (FEW, *OPEN), read))
        for size, times in zip(sizes, found, strict=True)
    }
    rows = [
        [name, *(f"{part.percentile(times, percent):.2f}" for percent in (50, 90, 99)), f"{times[-1]:.2f}"]
        for name, times in named.items()
    ]
    return part.table(["ms", "p50", "p90", "p99", "longest"], rows)
