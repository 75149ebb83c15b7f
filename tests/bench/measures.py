"""What each measure taken for speed gains: the real code with it, and the same without it.

All in one process of the bench's own on the real database and broker, one thing at a time, the variants in turn: so the
rates are those of a single client, and only their ratios say something.
"""

from __future__ import annotations

import json
import re
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from statistics import median
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, insert, text, update
from sqlalchemy.orm import Session, registry

from services.type_approval.procedure import PROCEDURE
from shared.casework import Cause, apply, queries, rows
from shared.casework.models import cases, journal
from shared.law import load
from shared.messaging import envelope
from shared.messaging.doorbell import Doorbell, RemoteDoorbell, listen
from shared.messaging.inbox import take
from shared.messaging.models import outbox
from shared.sql import Statement
from tests.bench import fill, part, prepare
from tests.bench.part import Part, Rate
from tests.bench.reaction import react
from tests.bench.systems import ENGINEER, Contest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ROUNDS = 3
STEPS = 300
WARM_UP = 20
EVENTS = {500: 10_000, 50: 4_000, 1: 600}
"""How many events are taken with each size of batch: a slower way gets fewer."""
ENVELOPES = 3_000
MESSAGES = 1_500
WAKES = 30
_BODY = {"plan": "samples to the laboratory within two weeks; tests 1 to 14 of the programme", "samples": 3}
_TEXT = f"""\
Each measure that was taken for speed, beside the same without it. One process on the real database and broker, one
thing at a time, variants in turn over {ROUNDS} rounds: the rates are those of a single client, the ratios are what is
meant. A ratio above 1 says by how much the measure is faster.
"""
_STEPS = f"""\
### A step's transaction

`apply` locks a case, checks it, and writes case, journal entry and outbox row; {STEPS} cases a round.

* *as it is*: one statement writes all three rows; the statements are planned once per connection.
* *three statements*: the same, planned once, but a statement for each row.
* *planned each time*: the one statement, sent as text and planned by PostgreSQL at each use.
* *SQLAlchemy Core*: one construct for each row, through the compiler's cache.
* *SQLAlchemy ORM*: mapped classes, loaded, changed and flushed by a session.
"""
_TAKEN = """\
### Batches

`take` gives events their effect (watermark, projection, an event of their own) in one transaction for each batch of
500, 50 or 1.
"""
_SENT = f"""\
### Confirms

{MESSAGES:,} persistent, mandatory messages into two quorum queues each: confirms awaited for {fill.BATCH} together,
or for each before the next is sent.
"""
_CODED = """\
### JSON

An event encoded and decoded by `shared.messaging.envelope` with orjson, and with the standard library's json.
"""
_HANDED = f"""\
### Hand-over to the relay

Milliseconds from the commit of an outbox row until a relay has it in hand, {WAKES} times each: woken by the bell of its
own process, by NOTIFY from another one, or by asking again and again.
"""


def measure(contest: Contest) -> Part:
    bench = _Bench(contest)
    steps, taken, sent, coded, handed = bench.steps(), bench.taken(), bench.sent(), bench.coded(), bench.handed()
    rate = {name: part.rate(rounds) for one in (steps, taken, sent, coded) for name, rounds in one.items()}
    figures = {
        "measures.one_statement": rate["as it is"] / rate["three statements"],
        "measures.planned_once": rate["as it is"] / rate["planned each time"],
        "measures.not_core": rate["as it is"] / rate["SQLAlchemy Core"],
        "measures.not_orm": rate["as it is"] / rate["SQLAlchemy ORM"],
        "measures.batch_500": rate["batches of 500"] / rate["batches of 1"],
        "measures.batch_50": rate["batches of 50"] / rate["batches of 1"],
        "measures.confirms_together": rate["awaited together"] / rate["awaited one by one"],
        "measures.orjson": rate["orjson"] / rate["json"],
        "measures.bell_ms": handed["bell in the process"][0],
        "measures.notify_ms": handed["NOTIFY between processes"][0],
    }
    pieces = [_TEXT]
    for head, what, found in (
        (_STEPS, "steps", steps),
        (_TAKEN, "events", taken),
        (_SENT, "messages", sent),
        (_CODED, "events", coded),
    ):
        rates = {name: [one.per_s for one in rounds] for name, rounds in found.items()}
        pieces += [head, part.rates(what, rates), part.cpu(what.rstrip("s"), found)]
    rows = [[name, f"{p50:.2f}", f"{longest:.2f}"] for name, (p50, longest) in handed.items()]
    pieces += [_HANDED, part.table(["ms from commit to relay", "median", "longest"], rows)]
    return Part("measures", figures, "\n".join(pieces))


class _Bench:
    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self._servers = contest.servers
        self._producer = self._servers.engine(self._servers.producer)
        self._consumer = self._servers.engine(self._servers.consumer)
        self._moved = iter(prepare.MEASURES[:6_000])
        self._events = fill.events(10**9, prepare.EVENTS + 1, prepare.MEASURES[6_000:])

    def steps(self) -> dict[str, list[Rate]]:
        self._servers.tidy(self._servers.producer)
        found: dict[str, list[Rate]] = {name: [] for name in _WRITING}
        for _ in range(ROUNDS):
            for name, (read, write) in _WRITING.items():
                with _in_place(queries, "_BY_ID_LOCKED", read), _in_place(rows, "MOVE", write):
                    self._move(WARM_UP)
                    found[name].append(self._servers.timed(STEPS, partial(self._move, STEPS)))
        return found

    def taken(self) -> dict[str, list[Rate]]:
        self._servers.tidy(self._servers.consumer)
        found: dict[str, list[Rate]] = {f"batches of {size}": [] for size in EVENTS}
        for _ in range(ROUNDS):
            for size, count in EVENTS.items():
                bodies = [event.encode() for event in islice(self._events, size + count)]
                first, *rest = [bodies[at : at + size] for at in range(0, len(bodies), size)]
                self._take([first])
                found[f"batches of {size}"].append(self._servers.timed(count, partial(self._take, rest)))
        return found

    def _take(self, batches: Iterable[list[str]]) -> None:
        for batch in batches:
            take(self._consumer, react, batch)

    def sent(self) -> dict[str, list[Rate]]:
        ours = self._contest.contestants[0]
        found: dict[str, list[Rate]] = {"awaited together": [], "awaited one by one": []}
        messages = [(event.encode(), event.id, event.routing_key) for event in fill.events(MESSAGES, 1)]
        for _ in range(ROUNDS):
            for name, together in (("awaited together", fill.BATCH), ("awaited one by one", 1)):
                self._servers.purge(ours.queues)
                with self._servers.broker() as broker:
                    publisher = fill.Publisher(broker, together)

                    def send(publisher: fill.Publisher = publisher) -> None:
                        for body, event_id, routing_key in messages:
                            publisher.publish(body, event_id, ours.exchange, routing_key)
                        publisher.confirmed()

                    found[name].append(self._servers.timed(MESSAGES, send))
        self._servers.purge(ours.queues)
        return found

    def coded(self) -> dict[str, list[Rate]]:
        found: dict[str, list[Rate]] = {"orjson": [], "json": []}
        events = list(fill.events(ENVELOPES, 1))

        def code() -> None:
            for event in events:
                envelope.decode(event.encode())

        for _ in range(ROUNDS):
            for name, library in (("orjson", orjson), ("json", _PLAIN_JSON)):
                with _in_place(envelope, "orjson", library):
                    found[name].append(self._servers.timed(ENVELOPES, code))
        return found

    def handed(self) -> dict[str, tuple[float, float]]:
        """Median and longest, in milliseconds, by how the relay learns of a row."""
        own, other = Doorbell(), Doorbell()
        remote = RemoteDoorbell(self._producer)
        remote.start()
        # It ends when nobody has rung for as long.
        listener = threading.Thread(target=partial(listen, self._producer, other, seconds=3))
        listener.start()
        deaf = Doorbell()
        ways = {
            "NOTIFY between processes": (other, remote.ring, 0.5),
            "bell in the process": (own, own.ring, 0.5),
            "asking every 5 ms": (deaf, lambda: None, 0.005),
            "asking every 500 ms": (deaf, lambda: None, 0.5),
        }
        self._servers.tidy(self._servers.producer)
        found = {name: self._awaited(*way) for name, way in ways.items()}
        remote.stop()
        listener.join()
        return found

    def _move(self, count: int) -> None:
        for number in islice(self._moved, count):
            with self._producer.begin() as tx:
                apply(
                    tx,
                    PROCEDURE,
                    prepare.case_id(number),
                    "arrange",
                    _BODY,
                    actor=ENGINEER,
                    now=datetime.now(UTC),
                    rules=load(),
                    cause=Cause(envelope.new_id(), ""),
                )

    def _awaited(self, bell: Doorbell, ring: Callable[[], None], poll: float) -> tuple[float, float]:
        seen: dict[str, float] = {}
        arrived, stopping = threading.Event(), threading.Event()

        def relay() -> None:
            with self._producer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                while not stopping.is_set():
                    for event_id in connection.execute(_CLAIM).scalars():
                        seen[str(event_id)] = time.monotonic()
                        arrived.set()
                    bell.wait(poll)

        waiter = threading.Thread(target=relay)
        waiter.start()
        times = []
        for event in fill.events(WAKES, 1):
            arrived.clear()
            with self._producer.begin() as tx:
                tx.execute(
                    insert(outbox).values(
                        partition=event.partition, routing_key=event.routing_key, event_id=event.id, body=event.encode()
                    )
                )
            committed = time.monotonic()
            ring()
            arrived.wait(5)
            times.append(1000 * (seen[event.id] - committed))
            # Anywhere between two of its questions, not always right after one.
            time.sleep(0.02 + 0.1 * (len(times) % 5))
        stopping.set()
        bell.ring()
        waiter.join()
        return median(times), max(times)


class _PlannedEachTime:
    """A statement as it would be sent if it were not planned once."""

    def __init__(self, planned: Statement) -> None:
        numbered = planned._prepare.partition(" AS ")[2]  # the text behind PREPARE … AS
        self._sql = re.sub(r"\$(\d+)", lambda match: f"%({planned._names[int(match[1]) - 1]})s", numbered)

    def __call__(self, tx: Connection, **parameters: Any) -> Any:
        return tx.exec_driver_sql(self._sql, parameters)


class _ThreeStatements:
    """The three rows of a step, each with a statement of its own, planned once."""

    def __init__(self) -> None:
        columns = [column.name for column in cases.columns if column.name not in {"id", "created_at"}]
        changed = ", ".join(f"{name} = {_cast(name)}" for name in columns)
        self._case = Statement("bench_case", f"UPDATE cases SET {changed} WHERE id = :id")
        noted = ", ".join(f":{_JOURNAL.get(column.name, column.name)}" for column in journal.columns)
        self._journal = Statement(
            "bench_journal",
            f"INSERT INTO journal ({', '.join(column.name for column in journal.columns)}) VALUES ({noted})",
        )
        self._outbox = Statement(
            "bench_outbox",
            "INSERT INTO outbox (partition, routing_key, event_id, body)"
            " VALUES (:partition, :routing_key, :event_id, :event_body)",
        )

    def __call__(self, tx: Connection, **parameters: Any) -> None:
        for statement in (self._case, self._journal, self._outbox):
            statement(tx, **{name: parameters[name] for name in statement._names})


def _cast(name: str) -> str:
    return f"CAST(:{name} AS jsonb)" if str(cases.c[name].type) == "JSONB" else f":{name}"


_JOURNAL = {"case_id": "id", "seq": "entries", "to_state": "state", "data": "entry", "hash": "head"}
"""Under which parameter a step gives a column of the journal, where its name is another."""


def _rows(parameters: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The columns of case, journal entry and outbox row, as SQLAlchemy wants them."""
    case = {column.name: parameters[column.name] for column in cases.columns}
    case |= {name: orjson.loads(case[name]) for name in ("done_by", "data")}
    noted = {column.name: parameters[_JOURNAL.get(column.name, column.name)] for column in journal.columns}
    told = {name: parameters[name] for name in ("partition", "routing_key", "event_id")}
    return case, noted, told | {"body": parameters["event_body"]}


def _with_core(tx: Connection, **parameters: Any) -> None:
    case, noted, told = _rows(parameters)
    tx.execute(update(cases).where(cases.c.id == case.pop("id")).values(**case))
    tx.execute(insert(journal).values(**noted))
    tx.execute(insert(outbox).values(**told))


class _Row:
    """A mapped object."""

    def __init__(self, **columns: Any) -> None:
        self.set(columns)

    def set(self, columns: Mapping[str, Any]) -> None:
        for name, value in columns.items():
            setattr(self, name, value)


class _CaseRow(_Row):
    """A row of cases."""


class _JournalRow(_Row):
    """A row of the journal."""


class _OutboxRow(_Row):
    """A row of the outbox."""


for _class, _table in ((_CaseRow, cases), (_JournalRow, journal), (_OutboxRow, outbox)):
    registry(metadata=_table.metadata).map_imperatively(_class, _table)


def _read_with_orm(tx: Connection, *, ref: str) -> Any:
    """The case, and the session it is mapped in, as one transaction of an ORM would have it."""
    session = tx.info["session"] = Session(tx)
    row = session.get(_CaseRow, ref, with_for_update=True)
    found = SimpleNamespace(_asdict=lambda: {name: getattr(row, name) for name in _SELECTED})
    return SimpleNamespace(first=lambda: found)


def _with_orm(tx: Connection, **parameters: Any) -> None:
    case, noted, told = _rows(parameters)
    session: Session = tx.info.pop("session")
    row = session.get(_CaseRow, case["id"])
    assert row is not None  # it was read under a lock
    row.set(case)
    session.add_all([_JournalRow(**noted), _OutboxRow(**told)])
    session.flush()


_SELECTED = re.findall(r"(\w+)(?:::text)?(?:,| FROM)", queries._SELECT)
"""The columns of a case that are read."""
_WRITING: Mapping[str, tuple[Any, Any]] = {
    "as it is": (queries._BY_ID_LOCKED, rows.MOVE),
    "three statements": (queries._BY_ID_LOCKED, _ThreeStatements()),
    "planned each time": (_PlannedEachTime(queries._BY_ID_LOCKED), _PlannedEachTime(rows.MOVE)),
    "SQLAlchemy Core": (queries._BY_ID_LOCKED, _with_core),
    "SQLAlchemy ORM": (_read_with_orm, _with_orm),
}
_PLAIN_JSON = SimpleNamespace(
    loads=json.loads,
    dumps=lambda data: json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(),
    JSONDecodeError=json.JSONDecodeError,
)
_CLAIM = text("DELETE FROM outbox RETURNING event_id")


@contextmanager
def _in_place(module: Any, name: str, other: Any) -> Iterator[None]:
    """Run with `other` in place of what `module` calls `name`."""
    own = getattr(module, name)
    setattr(module, name, other)
    try:
        yield
    finally:
        setattr(module, name, own)
