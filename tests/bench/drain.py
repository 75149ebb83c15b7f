"""How fast a consumer empties a backlog of light events: ours, FastStream's, and raw consume and acknowledge.

Ours and FastStream's handler do the same: know the event, change the projection of its case, tell an event of their
own, all in one transaction with the acknowledgement after it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from deploy.local.process import free_ports
from tests.bench import fill, prepare
from tests.bench.servers import ROOT, RUN
from tests.bench.stack import Stack
from tests.bench.systems import READER

if TYPE_CHECKING:
    from tests.bench.systems import Contest, Contestant, Member

EVENTS = 20_000
PEER_EVENTS = 3_000
"""A slower consumer gets fewer: its rate does not depend on how many wait."""


@dataclass(frozen=True, slots=True)
class Drained:
    per_s: float
    cpu_ms: dict[str, float]


class Drain:
    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self._next_seq = prepare.EVENTS + 1

    def ours(self, processes: int = 1) -> Drained:
        """Our consumer, in so many processes."""
        contestant = self._contest.contestants[0]
        members = []
        for number, port in enumerate(free_ports(processes)):
            command = [sys.executable, "-m", "tests.bench.light", READER, "--role", "consume"]
            member = contestant.member("consume")
            env = self._contest.environment(READER, port)
            members.append(
                replace(member, name=f"light.consume{number}", command=command, env=env, cwd=ROOT, port=port)
            )
        first_seq, self._next_seq = self._next_seq, self._next_seq + EVENTS // fill.CASES
        return self._drained(contestant, members, EVENTS, first_seq, contestant.queues[:4])

    def peer(self, contestant: Contestant) -> Drained:
        return self._drained(contestant, [contestant.member("consume")], PEER_EVENTS, 0, contestant.queues[:1])

    def raw(self, *, every: int) -> float:
        """Messages a second of a process that only takes and acknowledges, each or `every` so many at once."""
        queues = self._contest.contestants[0].queues[:4]
        self._contest.servers.purge(queues)
        with self._contest.servers.broker() as broker:
            fill.publish(broker, queues, EVENTS, 1)
        command = [sys.executable, "-m", "tests.bench.raw", self._contest.servers.amqp_url, str(EVENTS), str(every)]
        done = subprocess.run([*command, *queues], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
        return float(done.stdout)

    def _drained(
        self, contestant: Contestant, members: list[Member], events: int, first_seq: int, queues: tuple[str, ...]
    ) -> Drained:
        servers = self._contest.servers
        servers.purge(queues)
        with servers.broker() as broker:
            fill.publish(broker, queues, events, first_seq)
        with closing(servers.database(contestant.consumer)) as session, Stack(servers, RUN) as stack:

            def consumed() -> int:
                return servers.scalar(session, contestant.consumed) - before

            before = servers.scalar(session, contestant.consumed)
            # Not waiting for readiness: what is measured begins with the first event and needs no HTTP.
            for member in members:
                replace(member, port=None).start(stack)
            stack.await_true(lambda: consumed() > 0, "first event consumed")
            earlier, began, used = consumed(), time.monotonic(), stack.cpu()
            stack.await_true(lambda: consumed() >= events, "backlog drained", seconds=90)
            took, after = time.monotonic() - began, stack.cpu()
            return Drained(
                (events - earlier) / took,
                {name: 1000 * (after[name] - used[name]) / (events - earlier) for name in after},
            )
