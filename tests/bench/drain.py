"""How fast a consumer empties a backlog of light events: ours, FastStream's, and raw consume and acknowledge.

Ours and FastStream's handler do the same: know the event, change the projection of its case, tell an event of their
own, all in one transaction with the acknowledgement after it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from deploy.local.process import free_ports
from shared.messaging.envelope import PARTITIONS
from tests.bench import fill, part, prepare
from tests.bench.part import Part, Rate
from tests.bench.servers import ROOT, RUN
from tests.bench.stack import Stack
from tests.bench.systems import READER, SOURCE, environment

if TYPE_CHECKING:
    from psycopg2.extensions import connection

    from tests.bench.stack import Member
    from tests.bench.systems import Contest, Contestant

ROUNDS = 3
EVENTS = 60_000
PEER_EVENTS = 2_000
"""A slower consumer gets fewer: its rate does not depend on how many wait."""
RAW_EVENTS = 10_000
_SHARES = (
    "SELECT coalesce(min(held), 0) FROM (SELECT count(*) AS held FROM pg_locks WHERE locktype = 'advisory' AND granted"
    f" AND mode = 'ExclusiveLock' AND objid < {PARTITIONS}"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid) AS processes"
)
_TEXT = f"""\
A backlog of {EVENTS:,} events over {fill.CASES:,} cases ({PEER_EVENTS:,} for FastStream, {RAW_EVENTS:,} for raw) is
emptied; each event is known by a row or watermark, changes a projection and tells an event of its own into an outbox
that nobody publishes. Consumers are started and warmed up, hold their share of the queues, are then stopped by signal
while the backlog is put into quorum queues, and counted from the signal that lets them go on until the last event's
commit.

* *FastStream*: a transaction and an acknowledgement for each event, 16 at once (prefetch 16), one process.
* *raw*: kombu takes messages with prefetch 500 and acknowledges each, as a plain kombu consumer does; no database.
* *raw, one ack per 500*: the upper limit of any consumer on this client library.
* *2 processes*: the same backlog, two partitions each; on two cores that broker, database and consumers share.
"""


def measure(contest: Contest) -> Part:
    drain = Drain(contest)
    faststream = next(contestant for contestant in contest.contestants if contestant.name == "faststream")
    rounds: dict[str, list[Rate]] = {"quanheng": [], "quanheng, 2 processes": [], "faststream": []}
    raw: dict[str, list[float]] = {"raw": [], "raw, one ack per 500": []}
    for _ in range(ROUNDS):
        rounds["quanheng"].append(drain.ours(1))
        raw["raw"].append(drain.raw(every=1))
        rounds["faststream"].append(drain.peer(faststream))
        raw["raw, one ack per 500"].append(drain.raw(every=500))
        rounds["quanheng, 2 processes"].append(drain.ours(2))
    medians = {name: part.rate(found) for name, found in rounds.items()}
    limits = {name: sorted(found)[len(found) // 2] for name, found in raw.items()}
    figures = {
        "drain.per_s": medians["quanheng"],
        "drain.ratio_faststream": medians["quanheng"] / medians["faststream"],
        "drain.share_of_raw": medians["quanheng"] / limits["raw"],
        "drain.share_of_raw_ack_500": medians["quanheng"] / limits["raw, one ack per 500"],
        "drain.scale_2": medians["quanheng, 2 processes"] / medians["quanheng"],
    }
    rates = {name: [one.per_s for one in found] for name, found in rounds.items()} | raw
    return Part("drain", figures, "\n".join([_TEXT, part.rates("events", rates), part.cpu("event", rounds)]))


class Drain:
    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self._ours = contest.contestants[0]
        self._queues = self._ours.queues[:PARTITIONS]
        self._next_seq = prepare.EVENTS + 1

    def ours(self, processes: int) -> Rate:
        """Our consumer, in so many processes."""
        member = self._ours.member("consume")
        members = [
            replace(
                member,
                name=f"light{number}.consume",
                command=[sys.executable, "-m", "tests.bench.light", READER, "--role", "consume"],
                env=environment(self._contest.system, READER, port),
                cwd=ROOT,
                port=port,
            )
            for number, port in enumerate(free_ports(processes))
        ]
        cases = f"WHERE source = '{SOURCE}' AND case_id < '{prepare.case_id(fill.CASES)}'"
        # Only the cases of the backlog, since counting takes time from what is counted.
        counted = replace(self._ours, consumed=f"SELECT sum(last_seq) FROM inbox {cases}")
        return self._drained(counted, members, EVENTS, self._queues, PARTITIONS // processes)

    def peer(self, contestant: Contestant) -> Rate:
        return self._drained(contestant, [contestant.member("consume")], PEER_EVENTS, contestant.queues[:1], 0)

    def raw(self, *, every: int) -> float:
        """Messages a second of a process that only takes and acknowledges, each or `every` so many at once."""
        servers = self._contest.servers
        servers.purge(self._ours.queues)
        with servers.broker() as broker:
            fill.publish(broker, self._queues, RAW_EVENTS, 1)
        command = [sys.executable, "-m", "tests.bench.raw", "consume", servers.amqp_url, str(RAW_EVENTS), str(every)]
        done = subprocess.run([*command, *self._queues], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
        return float(done.stdout)

    def _drained(
        self, contestant: Contestant, members: list[Member], events: int, queues: tuple[str, ...], share: int
    ) -> Rate:
        """`share` is how many partitions each process is to hold before anything is counted."""
        servers = self._contest.servers
        servers.purge(queues)
        servers.tidy(contestant.consumer)
        with closing(servers.database(contestant.consumer)) as session, Stack(servers, RUN) as stack:
            stack.start(members)
            stack.await_true(
                lambda: servers.readers(queues) == len(queues) and servers.scalar(session, _SHARES) == share,
                "shares taken",
                interval=0.2,
            )
            # Our readers know the order of each case: the warm-up gives every case its next event, no less.
            warm_up = fill.CASES if share else PEER_EVENTS // 5
            consumed = servers.scalar(session, contestant.consumed)
            self._fill(queues, warm_up)
            self._await(stack, session, contestant, consumed + warm_up)
            stack.pause()
            self._fill(queues, events)
            before, began = stack.cpu(), time.monotonic()
            stack.resume()
            self._await(stack, session, contestant, consumed + warm_up + events)
            return stack.rate(events, time.monotonic() - began, before)

    def _fill(self, queues: tuple[str, ...], count: int) -> None:
        with self._contest.servers.broker() as broker:
            fill.publish(broker, queues, count, self._next_seq)
        # Numbers belong to our cases; the peer's events have none that anybody reads.
        if queues == self._queues:
            self._next_seq += count // fill.CASES

    def _await(self, stack: Stack, session: connection, contestant: Contestant, consumed: int) -> None:
        stack.await_true(
            lambda: self._contest.servers.scalar(session, contestant.consumed) >= consumed,
            "backlog drained",
            seconds=120,
            interval=0.05,
        )
