"""The step: an HTTP command, its transaction, the relay, the consumer's transaction. Closed loop, 16 clients.

The command is `arrange` on prepared cases, each used once: a small checked body, one event, and in notifications a
clock that stops. A round posts for some seconds and ends when the last event has been consumed.
"""

from __future__ import annotations

import time
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING

import orjson

from tests.bench import load, part, prepare
from tests.bench.part import Part, Rate
from tests.bench.servers import RUN
from tests.bench.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.systems import Contest, Contestant

ROUNDS = 3
CLIENTS = 16
SECONDS = 4.0
WARM_UP = 1.5
_BODY = orjson.dumps(
    {"plan": "samples to the laboratory within two weeks; tests 1 to 14 of the programme", "samples": 3}
)
_TEXT = f"""\
An HTTP command that changes a case, its journal and its outbox in one transaction, the relay, the broker, the
consumer's transaction. {CLIENTS} clients in a closed loop post `arrange` for {SECONDS:.0f} s after {WARM_UP} s of
warm-up, each case once; the clock stops when the last event has been consumed. One process each for HTTP, relay and
consumer. A ratio of rates above 1 says that Quanheng is faster; a ratio of CPU below 1 says that it needs less.
"""


def measure(contest: Contest) -> Part:
    runner = Runner(contest)
    rounds: dict[str, list[Rate]] = {contestant.name: [] for contestant in contest.contestants}
    for _ in range(ROUNDS):
        for contestant in contest.contestants:
            rounds[contestant.name].append(runner.round(contestant))
    ours = rounds["quanheng"]
    cpu = {name: median(one.cpu_sum for one in measured) for name, measured in rounds.items()}
    figures = {"step.per_s": part.rate(ours), "step.cpu_ms": cpu["quanheng"]}
    for peer in contest.peers:
        figures[f"step.ratio_{peer}"] = part.rate(ours) / part.rate(rounds[peer])
        figures[f"step.cpu_ratio_{peer}"] = cpu["quanheng"] / cpu[peer]
    rates = {name: [one.per_s for one in measured] for name, measured in rounds.items()}
    return Part("step", figures, "\n".join([_TEXT, part.rates("steps", rates), part.cpu("step", rounds)]))


class Runner:
    """Hands out prepared cases, contestant by contestant."""

    def __init__(self, contest: Contest) -> None:
        self._contest = contest
        self._requests = {
            contestant.name: requests(contestant.port, contest.token, prepare.STEPS)
            for contestant in contest.contestants
        }

    def round(self, contestant: Contestant) -> Rate:
        servers = self._contest.servers
        servers.purge(contestant.queues)
        servers.tidy(contestant.producer, contestant.consumer)
        with Stack(servers, RUN) as stack:
            stack.start(contestant.members)
            self._posted(stack, contestant, WARM_UP)
            before, began = stack.cpu(), time.monotonic()
            steps = self._posted(stack, contestant, SECONDS)
            return stack.rate(steps, time.monotonic() - began, before)

    def _posted(self, stack: Stack, contestant: Contestant, seconds: float) -> int:
        """Post for some seconds and wait until all has been consumed; how many steps."""
        servers = self._contest.servers
        with closing(servers.database(contestant.consumer)) as session:
            before = servers.scalar(session, contestant.consumed)
            steps = load.closed_loop(contestant.port, self._requests[contestant.name], clients=CLIENTS, seconds=seconds)
            stack.await_true(lambda: servers.scalar(session, contestant.consumed) >= before + steps, "consumed")
        return steps


def requests(port: int, token: str, cases: range) -> Iterator[bytes]:
    """A request for each of these prepared cases."""
    for number in cases:
        path = f"/v1/lab/applications/{prepare.case_id(number)}/actions/arrange"
        yield load.request(port, path, token, _BODY, prepare.VERSION)
