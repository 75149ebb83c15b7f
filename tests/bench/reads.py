"""Reads and searches with few cases and with many: what one reads may not cost more because of what others have."""

from __future__ import annotations

import http.client
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from deploy.local import backing
from deploy.local.system import System, development_key
from shared.identity import Actor, Role, issue
from tests.bench import many, part
from tests.bench.many import Filed
from tests.bench.part import Part, percentile
from tests.bench.servers import RUN, Servers
from tests.bench.stack import Stack
from tests.bench.systems import ISSUER, READER, SOURCE, process
from tests.systems import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.bench.systems import Contest

SIZES = (10_000, 1_000_000)
"""How many cases there are."""
ROUNDS = 4
QUESTIONS = 15
"""So often each read is asked in a round, after once to warm up."""
BIGGEST = 4
"""So many makers have a whole page of cases where there are few."""
FAR = 7_919
"""From one question to the next that many cases are passed over."""
_STAFF = Actor("examiner-7", "李", Role.STAFF, "", frozenset({"examiner"}))
_MAKER = Actor("maker-1", "孙", Role.APPLICANT, many.code_of(5))
_CASES, _NOTICES = "/internal/v1/applications", "/internal/v1/cases"
_FIND = f"{_CASES}?q="
_REGISTER = "/v1/certificates?q="
_TEXT = """\
Two systems beside each other, with {few:,} and with {several:,} cases, each with one process for the API of type
approval and one for that of notifications. Of {makers:,} makers the biggest has 3.7 % of the cases; one in four has a
certificate; for each, notifications has three clocks, a row of work, a message and an event. Each read is asked
{count} times of either system, one at a time, in turn, about other cases each time. Measured is the whole request, in
which token, log and JSON cost the same for both. Lists have 50 items.
"""


class Read(NamedTuple):
    """A service, and the path to read for a case, by somebody of the office or by `who`."""

    service: str
    path: Callable[[Filed], str]
    who: Actor = _STAFF


READS: Mapping[str, Read] = {
    "case": Read(SOURCE, lambda case: f"{_CASES}/{case.number}"),
    "list of cases": Read(SOURCE, lambda _: f"{_CASES}?sort=-updated"),
    "list of a state": Read(SOURCE, lambda case: f"{_CASES}?state={case.state}"),
    "list of a maker": Read(SOURCE, lambda case: f"{_CASES}?applicant={many.code_of(case.serial % BIGGEST)}"),
    "list of an examiner": Read(SOURCE, lambda _: f"{_CASES}?assignee=me&sort=-created"),
    "an applicant's list": Read(SOURCE, lambda _: "/v1/applications", _MAKER),
    "certificate": Read(SOURCE, lambda case: f"/v1/certificates/{decided(case).certificate}"),
    "list of certificates": Read(SOURCE, lambda _: "/v1/certificates"),
    "work": Read(READER, lambda _: "/internal/v1/work"),
    "work of an examiner": Read(READER, lambda _: "/internal/v1/work?assignee=me"),
    "work of an applicant": Read(READER, lambda _: "/v1/work", _MAKER),
    "clocks": Read(READER, lambda case: f"{_NOTICES}/{case.number}/clocks"),
    "messages of a case": Read(READER, lambda case: f"{_NOTICES}/{case.number}/messages"),
    "inbox": Read(READER, lambda _: "/v1/messages", _MAKER),
    "feed": Read(READER, lambda case: f"/internal/v1/events?after={case.serial // 2}"),
    "statistics": Read(READER, lambda _: f"/internal/v1/statistics?{many.STATISTICS}"),
    "search: number": Read(SOURCE, lambda case: f"{_FIND}{quote(case.number.replace('-0', '－'))}"),
    "search: holder": Read(SOURCE, lambda case: f"{_FIND}{quote(case.name)}"),
    "search: part of a holder": Read(SOURCE, lambda case: f"{_FIND}{quote(case.name[2:6])}"),
    "search: two characters": Read(SOURCE, lambda case: f"{_FIND}{quote(case.name[:2])}"),
    "search: model": Read(SOURCE, lambda case: f"{_FIND}{quote(case.model)}"),
    "search: kind": Read(SOURCE, lambda case: f"{_FIND}{quote(case.kind.name.zh)}"),
    "search: holder and model": Read(SOURCE, lambda case: f"{_FIND}{quote(f'{case.name[:4]} {case.model}')}"),
    "search: nothing": Read(SOURCE, lambda case: f"{_FIND}{quote(f'无此单位{case.serial}')}"),
    "search: in a state": Read(SOURCE, lambda case: f"{_FIND}{quote(case.model)}&state={case.state}"),
    "search: an applicant's": Read(SOURCE, lambda case: f"/v1/applications?q={quote(case.model)}", _MAKER),
    "search: certificate": Read(SOURCE, lambda case: f"{_REGISTER}CPA{quote(decided(case).certificate.lower())}"),
    "search: certificates of a model": Read(SOURCE, lambda case: f"{_REGISTER}{quote(case.model)}"),
}


def decided(case: Filed) -> Filed:
    """The case, or one near it that has a certificate."""
    return Filed(case.serial // len(many.STATES) * len(many.STATES) + len(many.STATES) - 1)


def measure(contest: Contest) -> Part:
    with ExitStack() as stack:
        few, several = (stack.enter_context(world(contest, size)) for size in SIZES)
        for turn in range(ROUNDS):
            for name in READS:
                for one in (few, several):
                    one.ask(name, turn)
    case = several.cost("case")
    searches = [name for name in READS if name.startswith("search")]
    figures = {
        "reads.ratio": max(several.cost(name) / few.cost(name) for name in READS if name not in searches),
        "reads.statistics_per_case": several.cost("statistics") / case,
        "reads.search_per_case": max(several.cost(name) for name in searches) / case,
        "reads.list_kb": max(several.bytes["list of cases"]) / 1024,
    }
    told = _TEXT.format(few=SIZES[0], several=SIZES[1], makers=many.MAKERS, count=ROUNDS * QUESTIONS)
    return Part("reads", figures, f"{told}\n{_table(few, several)}")


def _table(few: World, several: World) -> str:
    case = several.cost("case")
    rows = [
        [
            name,
            f"{few.cost(name):.2f}",
            f"{several.cost(name):.2f}",
            f"{percentile(sorted(several.times[name]), 95):.2f}",
            f"{several.cost(name) / few.cost(name):.2f}",
            f"{several.cost(name) / case:.2f}",
            f"{max(several.bytes[name]) / 1024:.1f}",
        ]
        for name in READS
    ]
    few_named, several_named = (f"{world.size:,}" for world in (few, several))
    head = ["ms", f"{few_named}, p50", f"{several_named}, p50", "p95", "ratio", "of a case", "KB"]
    return part.table(head, rows)


@contextmanager
def world(
    contest: Contest, size: int, named: str = "reads", services: Sequence[str] = (SOURCE, READER)
) -> Iterator[World]:
    """A system with so many cases, of which the API of these services answers."""
    name = f"{named}_{size}"
    with backing.ensure(contest.servers.named(name), fresh=True) as found:
        system, servers = System(found, given_time=False), Servers(found)
        prepare(found)
        many.fill(servers, size)
        ports = {service: system.ports[service] for service in services}
        with Stack(servers, RUN) as stack:
            stack.start(
                [
                    process(system, f"{name}.{service}", service, port, "--role", "api")
                    for service, port in ports.items()
                ]
            )
            yield World(size, ports, system, stack, servers)


@dataclass
class World:
    """Answers so far: ms and bytes of each, by read."""

    size: int
    ports: Mapping[str, int]
    system: System
    stack: Stack
    servers: Servers
    times: dict[str, list[float]] = field(default_factory=dict)
    bytes: dict[str, list[int]] = field(default_factory=dict)

    def ask(self, name: str, turn: int) -> None:
        read = READS[name]
        cases = [Filed((turn * QUESTIONS + number) * FAR % self.size) for number in range(QUESTIONS + 1)]
        token = issue(development_key(), read.who, issuer=ISSUER)
        warm_up, *answers = self._answers(self.ports[read.service], token, [read.path(case) for case in cases])
        del warm_up
        self.times.setdefault(name, []).extend(ms for ms, _ in answers)
        self.bytes.setdefault(name, []).extend(size for _, size in answers)

    def cost(self, name: str) -> float:
        return median(self.times[name])

    def _answers(self, port: int, token: str, paths: Sequence[str]) -> Iterator[tuple[float, int]]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for path in paths:
            began = time.monotonic()
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            body = answer.read()
            took = 1000 * (time.monotonic() - began)
            if answer.status != 200:
                raise RuntimeError(f"{path} was answered {answer.status}: {body.decode()}")
            yield took, len(body)
        connection.close()
