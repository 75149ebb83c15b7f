"""`python -m tests.bench` measures all parts; ONLY=step, and so on by the names of MEASURES, selects one.

Prints the figures, and writes them to out/bench.json and docs/reference/performance.md.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from tests.bench import (
    checks,
    clocks,
    cpu,
    drain,
    get,
    journal,
    latency,
    measures,
    pages,
    papers,
    reads,
    relay,
    report,
    servers,
    step,
    uploads,
    verdicts,
)
from tests.bench.systems import Contest, install_peers

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.part import Part
    from tests.bench.servers import Servers

PEERS = ("faststream", "celery")
WITH_PEERS = ("step", "get", "drain", "latency")
MEASURES: dict[str, Callable[[Contest], Part]] = {
    "step": step.measure,
    "get": get.measure,
    "drain": drain.measure,
    "relay": relay.measure,
    "measures": measures.measure,
    "latency": latency.measure,
    "verdicts": verdicts.measure,
    "reads": reads.measure,
    "checks": checks.measure,
    "papers": papers.measure,
    "uploads": uploads.measure,
    "journal": journal.measure,
    "pages": pages.measure,
    # The last: it takes the database of notifications for itself.
    "clocks": clocks.measure,
}


def main() -> None:
    only = os.environ.get("ONLY", "")
    if only not in ("", *MEASURES):
        sys.exit(f"ONLY={only}: use one of {', '.join(MEASURES)}, or leave it out for all")
    peers = PEERS if only in ("", *WITH_PEERS) else ()
    if peers:
        install_peers()
    found = servers.ensure()
    try:
        contest = Contest(found, peers)
        for name, measure in MEASURES.items():
            if only in ("", name):
                _measure(contest, measure)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        found.backing.close()


def _measure(contest: Contest, measure: Callable[[Contest], Part]) -> None:
    servers = contest.servers
    began, busy, own = time.monotonic(), cpu.busy(), _own(servers)
    part = measure(contest)
    peers = contest.peers if part.name in WITH_PEERS else ()
    foreign = (cpu.busy() - busy - (_own(servers) - own)) / (time.monotonic() - began) / (os.cpu_count() or 1)
    report.write(part, report.conditions(servers.version(), max(0.0, foreign), peers=bool(peers)))
    print(*(f"{name:32}{value:12.2f}" for name, value in part.figures.items()), sep="\n", flush=True)  # noqa: T201


def _own(servers: Servers) -> float:
    """CPU seconds of all that belongs to the bench."""
    return cpu.seconds(os.getpid()) + sum(servers.cpu().values())


if __name__ == "__main__":
    main()
