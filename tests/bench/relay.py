"""How fast our relay publishes a filled outbox, beside publishing the same messages without a database."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

from psycopg2.extras import execute_values

from tests.bench import fill, part
from tests.bench.part import Part, Rate
from tests.bench.servers import ROOT, RUN
from tests.bench.stack import Stack

if TYPE_CHECKING:
    from psycopg2.extensions import connection

    from tests.bench.systems import Contest

ROUNDS = 3
EVENTS = 15_000
_INSERT = "INSERT INTO outbox (partition, routing_key, event_id, body) VALUES %s"
_TEXT = f"""\
Our relay process reads {EVENTS:,} outbox rows, publishes them and deletes each when it is confirmed; counted from the
signal that lets the stopped process go on, with the outbox filled, until the table is empty. *raw* is a process that
publishes the same {EVENTS:,} bodies to the same exchange and quorum queues (each message goes into two), persistent and
mandatory, {fill.BATCH} at a time before their confirms are awaited, and has no database.
"""


def measure(contest: Contest) -> Part:
    rounds: list[Rate] = []
    raw: list[float] = []
    for _ in range(ROUNDS):
        rounds.append(_relayed(contest))
        raw.append(_raw(contest))
    figures = {
        "relay.per_s": part.rate(rounds),
        "relay.share_of_raw": part.rate(rounds) / sorted(raw)[len(raw) // 2],
    }
    rates = {"relay": [one.per_s for one in rounds], "raw": raw}
    return Part("relay", figures, "\n".join([_TEXT, part.rates("events", rates), part.cpu("event", {"relay": rounds})]))


def _relayed(contest: Contest) -> Rate:
    ours, servers = contest.contestants[0], contest.servers
    servers.purge(ours.queues)
    servers.tidy(ours.producer)
    with closing(servers.database(ours.producer)) as session, Stack(servers, RUN) as stack:
        stack.start([ours.member("relay")])

        def emptied() -> bool:
            return servers.scalar(session, "SELECT count(*) FROM (SELECT FROM outbox LIMIT 1) AS first") == 0

        _fill(session, fill.CASES)
        stack.await_true(emptied, "warm-up published")
        stack.pause()
        _fill(session, EVENTS)
        before, began = stack.cpu(), time.monotonic()
        stack.resume()
        stack.await_true(emptied, "outbox published")
        return stack.rate(EVENTS, time.monotonic() - began, before)


def _raw(contest: Contest) -> float:
    ours, servers = contest.contestants[0], contest.servers
    servers.purge(ours.queues)
    command = [sys.executable, "-m", "tests.bench.raw", "publish", servers.amqp_url, str(EVENTS), ours.exchange]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout)


def _fill(session: connection, count: int) -> None:
    rows = ((event.partition, event.routing_key, event.id, event.encode()) for event in fill.events(count, 1))
    with session.cursor() as cursor:
        execute_values(cursor, _INSERT, rows, page_size=1000)
