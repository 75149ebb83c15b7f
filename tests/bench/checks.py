"""The public check of a certificate by its number, by anybody: asked anew, and asked whether anything has changed."""

from __future__ import annotations

import http.client
from itertools import cycle
from statistics import median
from typing import TYPE_CHECKING

from deploy.local.system import development_key
from shared.identity import Actor, Role, issue
from tests.bench import load, part
from tests.bench.many import Filed
from tests.bench.part import Part
from tests.bench.reads import decided, world
from tests.bench.systems import ISSUER, SOURCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.systems import Contest

SIZE = 10_000
"""Cases; one in four has a certificate."""
ROUNDS = 4
CLIENTS = 16
SECONDS = 4.0
WARM_UP = 1.5
ASKED = 500
"""So many certificates are asked about in turn."""
FAR = 7_919
_STAFF = Actor("examiner-7", "李", Role.STAFF, "", frozenset({"examiner"}))
_TEXT = """\
Anybody checks certificates by their numbers, without a token; of {size:,} cases one in four has one. {clients} clients
in a closed loop ask one process for HTTP about {asked} of them, for {seconds:.0f} s after {warm_up} s of warm-up, in
turn with an officer who reads the cases. `kept` is asked with the ETag of the answer before, as by a browser or a
platform that has seen it: nothing has changed then.
"""


def measure(contest: Contest) -> Part:
    rates: dict[str, list[float]] = {"a case is read": [], "checks": [], "checks, kept": []}
    with world(contest, SIZE, "checks") as system:
        port = system.ports[SOURCE]
        asked = dict(zip(rates, _questions(port), strict=True))
        for _ in range(ROUNDS):
            for name, questions in asked.items():
                again = cycle(questions)
                load.closed_loop(port, again, clients=CLIENTS, seconds=WARM_UP)
                rates[name].append(load.closed_loop(port, again, clients=CLIENTS, seconds=SECONDS) / SECONDS)
    case, check, kept = (median(found) for found in rates.values())
    figures = {
        "checks.per_s": check,
        "checks.kept_per_s": kept,
        "checks.per_case": check / case,
        "checks.kept_per_case": kept / case,
    }
    told = _TEXT.format(size=SIZE, clients=CLIENTS, asked=ASKED, seconds=SECONDS, warm_up=WARM_UP)
    return Part("checks", figures, f"{told}\n{part.rates('answers', rates)}")


def _questions(port: int) -> tuple[Sequence[bytes], Sequence[bytes], Sequence[bytes]]:
    cases = [decided(Filed(number * FAR % SIZE)) for number in range(ASKED)]
    token = issue(development_key(), _STAFF, issuer=ISSUER)
    paths = [f"/v1/certificates/{case.certificate}" for case in cases]
    tags = _tags(port, paths)
    return (
        [load.question(port, f"/internal/v1/applications/{case.number}", token) for case in cases],
        [load.question(port, path) for path in paths],
        [load.question(port, path, etag=tag) for path, tag in zip(paths, tags, strict=True)],
    )


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
