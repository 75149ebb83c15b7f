"""The public check of a certificate by its number, by anybody: asked again, and asked whether anything has changed."""

from __future__ import annotations

import http.client
from itertools import cycle
from typing import TYPE_CHECKING

from deploy.local.process import free_ports
from deploy.local.system import development_key
from shared.identity import Actor, Role, issue
from tests.bench import load, part
from tests.bench.many import Filed
from tests.bench.part import Part, Rate
from tests.bench.reads import decided, world
from tests.bench.systems import ISSUER, SOURCE, process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.bench.reads import World
    from tests.bench.systems import Contest

SIZE = 10_000
"""Cases; one in four has a certificate."""
ROUNDS = 4
CLIENTS = 16
SECONDS = 4.0
WARM_UP = 1.5
ASKED = 500
"""So many certificates are asked about in turn."""
PER_SECOND, AT_ONCE = 1000, 64
FAR = 7_919
_STAFF = Actor("examiner-7", "李", Role.STAFF, "", frozenset({"examiner"}))
_TEXT = """\
Anybody checks certificates by their numbers, without a token; of {size:,} cases one in four has one. {clients} clients
in a closed loop ask one process for HTTP about {asked} of them, for {seconds:.0f} s after {warm_up} s of warm-up, in
turn with an officer who reads the cases. `kept` is asked with the ETag of the answer before, as by a browser or a
platform that has seen it: nothing has changed then. A paper is checked by the address in its QR code.

Then two processes, one for each core, are asked {per_second} times a second, all of these kinds in turn, whether or
not what was asked before is answered. PostgreSQL and the load are on the same two cores.
"""
_CODE = "7K3M9Q2X"
_ISSUES = f"""
INSERT INTO issues (number, issue, case_id, code, content, decided_at, correlation_id, causation_id, made_at, json, jws,
 pdf, sha256, kid, made_with)
SELECT number, 1, case_id, '{_CODE}', content, granted_on, '', '', granted_on, '', '',
 decode(repeat('5a', 60000), 'hex'), encode(sha256(number::bytea), 'hex'), '', '' FROM certificates
"""
"""A document for each certificate."""


def measure(contest: Contest) -> Part:
    rounds: dict[str, list[Rate]] = {}
    with world(contest, SIZE, "checks") as system:
        system.servers.execute(system.servers.named(SOURCE), _ISSUES)
        port = system.ports[SOURCE]
        asked = _questions(port)
        for _ in range(ROUNDS):
            for name, questions in asked.items():
                again = cycle(questions)
                load.closed_loop(port, again, clients=CLIENTS, seconds=WARM_UP)
                before = system.stack.cpu()
                count = load.closed_loop(port, again, clients=CLIENTS, seconds=SECONDS)
                rounds.setdefault(name, []).append(system.stack.rate(count, SECONDS, before))
        times, both = _at_a_rate(system, [one for questions in list(asked.values())[1:] for one in questions])
    case, *others = (part.rate(found) for found in rounds.values())
    figures: dict[str, float] = {}
    for name, rate in zip(("", "kept_", "paper_", "paper_kept_"), others, strict=True):
        figures |= {f"checks.{name}per_s": rate, f"checks.{name}per_case": rate / case}
    for percent in (50, 99):
        figures[f"checks.both_p{percent}_ms"] = part.percentile(times, percent)
    figures["checks.cpu_ms"] = both.cpu_sum
    told = _TEXT.format(
        size=SIZE, clients=CLIENTS, asked=ASKED, seconds=SECONDS, warm_up=WARM_UP, per_second=PER_SECOND
    )
    rates = {name: [one.per_s for one in found] for name, found in rounds.items()}
    return Part(
        "checks",
        figures,
        "\n".join(
            [told, part.rates("answers", rates), part.cpu("answer", {**rounds, f"{PER_SECOND} a second": [both]})]
        ),
    )


def _at_a_rate(system: World, questions: Sequence[bytes]) -> tuple[list[float], Rate]:
    """How many ms each answer took, and what they cost."""
    (second,) = free_ports(1)
    system.stack.start([process(system.system, f"checks.second.{SOURCE}", SOURCE, second, "--role", "api")])
    ports, again = [system.ports[SOURCE], second], cycle(questions)
    load.open_loop(ports, again, per_second=PER_SECOND, seconds=WARM_UP, clients=AT_ONCE)
    before = system.stack.cpu()
    times = load.open_loop(ports, again, per_second=PER_SECOND, seconds=SECONDS, clients=AT_ONCE)
    return sorted(times), system.stack.rate(len(times), SECONDS, before)


def _questions(port: int) -> Mapping[str, Sequence[bytes]]:
    cases = [decided(Filed(number * FAR % SIZE)) for number in range(ASKED)]
    token = issue(development_key(), _STAFF, issuer=ISSUER)
    by_number = [f"/v1/certificates/{case.certificate}" for case in cases]
    by_paper = [f"/p/{case.certificate}/{_CODE}" for case in cases]
    found = {"a case is read": [load.question(port, f"/internal/v1/applications/{one.number}", token) for one in cases]}
    for name, paths in (("checks", by_number), ("checks of a paper", by_paper)):
        found[name] = [load.question(port, path) for path in paths]
        tags = zip(paths, _tags(port, paths), strict=True)
        found[f"{name}, kept"] = [load.question(port, path, etag=tag) for path, tag in tags]
    return found


def _tags(port: int, paths: Sequence[str]) -> list[str]:
    """By which the answers are known again."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = []
    for path in paths:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        found.append(str(answer.headers["ETag"]))
    connection.close()
    return found
