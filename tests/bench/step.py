"""The step: an HTTP command, its transaction, the relay, the consumer's transaction. Closed loop, 16 clients.

The command is `arrange` on prepared cases, each used once: a small checked body, one event, and in notifications a
clock that stops. A round posts for some seconds and ends when the last event has been consumed.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from tests.bench import fill, load, prepare
from tests.bench.servers import RUN
from tests.bench.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.systems import Contest, Contestant

CLIENTS = 16
SECONDS = 5.0
WARM_UP = 2.0
_BODY = orjson.dumps(
    {"plan": "samples to the laboratory within two weeks; tests 1 to 14 of the programme", "samples": 3}
)


@dataclass(frozen=True, slots=True)
class Round:
    """`posts_per_s` is what HTTP accepted; `cpu_ms` is per step, by process."""

    steps: int
    per_s: float
    posts_per_s: float
    cpu_ms: dict[str, float]

    @property
    def cpu_sum(self) -> float:
        return sum(self.cpu_ms.values())


class Runner:
    """Hands out prepared cases, contestant by contestant."""

    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self._requests = {contestant.name: requests(contestant) for contestant in contest.contestants}

    def round(self, contestant: Contestant, seconds: float = SECONDS) -> Round:
        servers = self._contest.servers
        servers.purge(contestant.queues)
        with Stack(servers, RUN) as stack:
            for member in contestant.members:
                member.start(stack)
            self.posted(stack, contestant, WARM_UP)
            before = stack.cpu()
            began = time.monotonic()
            steps = self.posted(stack, contestant, seconds)
            took = time.monotonic() - began
            after = stack.cpu()
            return Round(
                steps,
                steps / took,
                steps / seconds,
                {name.rpartition(".")[2]: 1000 * (after[name] - before[name]) / steps for name in after},
            )

    def posted(self, stack: Stack, contestant: Contestant, seconds: float) -> int:
        """Post for some seconds and wait until all has been consumed; how many steps."""
        with closing(self._contest.servers.database(contestant.consumer)) as session:
            before = self._contest.servers.scalar(session, contestant.consumed)
            steps = load.closed_loop(contestant.port, self._requests[contestant.name], clients=CLIENTS, seconds=seconds)
            stack.await_true(
                lambda: self._contest.servers.scalar(session, contestant.consumed) >= before + steps, "consumed"
            )
        return steps


def requests(contestant: Contestant) -> Iterator[bytes]:
    """A request for each prepared case, but those whose events the backlogs hold."""
    for number in range(fill.CASES, prepare.CASES):
        path = f"/v1/lab/applications/{prepare.case_id(number)}/actions/arrange"
        yield load.request(contestant.port, path, contestant.token, _BODY)
