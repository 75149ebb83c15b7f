"""docs/reference/performance.md and out/bench.json: each part's section and figures, replaced when it is measured."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import part
from tests.bench.servers import ROOT
from tests.bench.systems import PEERS_VENV

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.bench.part import Part

OURS = ("nameko", "kombu", "amqp", "eventlet", "uvicorn", "SQLAlchemy", "psycopg2-binary", "orjson")
THEIRS = ("fastapi", "uvicorn", "faststream", "asyncpg", "flask", "gunicorn", "celery", "SQLAlchemy", "psycopg2-binary")
PARTS = (
    "step",
    "get",
    "drain",
    "relay",
    "measures",
    "latency",
    "verdicts",
    "reads",
    "checks",
    "papers",
    "uploads",
    "journal",
    "pages",
    "clocks",
)
AIMS: Mapping[str, tuple[str, float]] = {
    "step.ratio_faststream": ("at least", 2.6),
    "step.cpu_ratio_faststream": ("at most", 0.38),
    "step.ratio_celery": ("at least", 2),
    "get.ratio_faststream": ("at least", 1),
    "drain.ratio_faststream": ("at least", 14),
    "drain.share_of_raw": ("at least", 0.8),
    "drain.scale_2": ("at least", 1.6),
    "relay.share_of_raw": ("at least", 0.64),
    "latency.p50_ratio_faststream": ("at most", 0.6),
    "latency.p99_ratio_faststream": ("at most", 0.6),
    "verdicts.report_ms": ("at most", 50),
    "reads.ratio": ("at most", 1.5),
    "reads.statistics_per_case": ("at most", 2),
    "reads.search_per_case": ("at most", 4),
    "reads.list_kb": ("at most", 20),
    "checks.per_case": ("at least", 1),
    "checks.kept_per_case": ("at least", 1),
    # So that two cores answer 1,000 a second.
    "checks.cpu_ms": ("at most", 2),
    "checks.both_p99_ms": ("at most", 50),
    "papers.cpu_ms": ("at most", 150),
    "uploads.send_mib": ("at most", 32),
    "uploads.fetch_mib": ("at most", 32),
    # On a machine of its own it takes less time than that, since process and PostgreSQL work side by side.
    "journal.cpu_s_per_million": ("at most", 120),
    "pages.over": ("at most", 1.5),
    "pages.rendering_ms": ("at most", 10),
    "pages.kb": ("at most", 60),
    "clocks.us_per_due_row_1m": ("at most", 250),
    "clocks.ratio_10m_1m": ("at most", 1.5),
    "clocks.empty_sweep_ms": ("at most", 2),
    "clocks.reprojection_s_100k": ("at most", 60),
    "clocks.read_p99_ms": ("at most", 5),
    "clocks.read_ratio_10m_10k": ("at most", 1.5),
}
"""What spine and clocks are built to reach. A ratio of rates below 1.3 is not told from chance on a shared machine."""

_DOCUMENT = ROOT / "docs" / "reference" / "performance.md"
_FIGURES = ROOT / "out" / "bench.json"
_HEAD = """\
# Performance

Written by `make bench`; `ONLY=step`, or the name of another section, measures one part and
replaces its section here. Every section says when and where it was measured. Broker, database, load and all processes
share one machine, so rates are lower bounds, and what was measured in turn in one run, the ratios above all, says more
than a rate. Systems take turns within a run; a figure is the median of its rounds. Where the time goes is told as CPU
time by process; rate times CPU time is the share of the cores that was at work (the load's own is not in it).

## Compared with what

Three systems do the same step on the same tables, each on databases of its own with the same 30,000 prepared cases, on
one broker and one PostgreSQL with `fsync` and `synchronous_commit` on, persistent messages, quorum queues, publisher
confirms, and acknowledgement after the commit. Each checks the bearer token, validates the body, locks the case, writes
case, hash-chained journal entry and outbox row in one transaction; a relay process publishes; a consumer process
knows what it has seen before and projects the case.

* **quanheng**: the processes as in production (`--role api`, `relay`, `consume`; profile `production`).
* **faststream**: FastAPI with pydantic on uvicorn and uvloop, SQLAlchemy async on asyncpg; a relay that publishes 200
  rows at once and awaits their confirms; a FastStream subscriber, prefetch 16.
* **celery**: Flask with marshmallow on gunicorn with 16 threads, SQLAlchemy on psycopg2; a relay that sends tasks; a
  Celery worker with 16 threads and late acknowledgement.

Not equal:

* Quanheng's consumer makes one transaction of up to 500 waiting events, which is its design; the peers make one for
  each event, as a handler of theirs does.
* Quanheng keeps the order of each case, by four partitions and so four queues for each reader where the peers have one
  and no order. Its consumer in the step is the real one of `notifications` (projection and a clock that stops, no
  event of its own); the peers' consumers project and write an event into an outbox. In the drain all do the latter.
* Quanheng's HTTP process does what its API promises beyond the peers': request ids, structured logs, metrics,
  problem details, rules of the procedure.
* Quanheng's relay is woken by NOTIFY; the peers' poll every 5 ms when idle.
* Celery does not publish mandatory; its relay awaits the confirm of each message.
* The peers were written for this comparison, with care but by people who know Quanheng better.

"""


def write(measured: Part, conditions: str) -> None:
    """Put the part's figures and section in place of its earlier ones."""
    _FIGURES.parent.mkdir(exist_ok=True)
    figures = json.loads(_FIGURES.read_text(encoding="utf-8")) if _FIGURES.exists() else {}
    kept = {name: value for name, value in figures.items() if name.partition(".")[0] != measured.name}
    _FIGURES.write_text(json.dumps(kept | dict(measured.figures), indent=2) + "\n", encoding="utf-8")
    sections = _sections() | {measured.name: _section(measured, conditions)}
    text = [_HEAD, *(sections.get(name, f"## {name.capitalize()}\n\nNot measured yet.\n") for name in PARTS)]
    _DOCUMENT.write_text("\n".join(one.rstrip() + "\n" for one in text), encoding="utf-8")


def conditions(servers: str, foreign: float, *, peers: bool) -> str:
    """When, on what, and beside what other work."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(encoding="utf-8"))
    now = datetime.now(UTC)
    beside = f" Peers: {_versions(str(PEERS_VENV / 'bin' / 'python'), THEIRS)}." if peers else ""
    return (
        f"Measured {now:%Y-%m-%d %H:%M} UTC at commit {_commit()} on {len(os.sched_getaffinity(0))} cores"
        f" ({model[1] if model else 'unknown'}), {int(memory[1]) / 2**20 if memory else 0:.0f} GiB; the work of others"
        f" took about {100 * foreign:.0f} % of the machine meanwhile. {servers}, Python {platform.python_version()},"
        f" {_versions(sys.executable, OURS)}.{beside}"
    )


def _versions(python: str, names: Sequence[str]) -> str:
    program = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    found = subprocess.run([python, "-c", program, *names], check=True, capture_output=True, text=True)  # noqa: S603
    return ", ".join(f"{name} {number}" for name, number in zip(names, found.stdout.split(), strict=True))


def _commit() -> str:
    """What was measured; "changed" where the checkout has changes that are not committed."""
    git = ["git", "-C", str(ROOT)]
    try:
        told = [
            subprocess.run([*git, *command], check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603
            for command in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "--", "shared", "services"])
        ]
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{told[0]}, changed" if told[1] else told[0]


def _sections() -> dict[str, str]:
    """The document's sections of measured parts, by part."""
    if not _DOCUMENT.exists():
        return {}
    pieces = re.split(r"^## (.+)\n", _DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        title.lower(): f"## {title}\n{body}"
        for title, body in zip(pieces[1::2], pieces[2::2], strict=True)
        if title.lower() in PARTS
    }


def _section(measured: Part, conditions: str) -> str:
    rows = []
    for name, value in measured.figures.items():
        bound, aim = AIMS.get(name, ("", 0.0))
        met = value >= aim if bound == "at least" else value <= aim
        rows.append([f"`{name}`", f"{value:,.2f}", f"{bound} {aim:g}" if bound else "", _verdict(bound, met)])
    figures = part.table(["figure", "measured", "aim", ""], rows)
    told = textwrap.fill(conditions, 120, break_on_hyphens=False)
    return "\n".join([f"## {measured.name.capitalize()}\n", measured.text, figures, told])


def _verdict(bound: str, met: bool) -> str:
    if not bound:
        return ""
    return "met" if met else "**missed**"
