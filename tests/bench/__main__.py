"""`python -m tests.bench` measures and prints; ONLY=step or ONLY=drain in the environment selects one part."""

from __future__ import annotations

import json
import os
import sys
from statistics import median
from typing import TYPE_CHECKING

from tests.bench import servers
from tests.bench.drain import Drain, Drained
from tests.bench.servers import ROOT
from tests.bench.step import Round, Runner
from tests.bench.systems import Contest, install_peers

if TYPE_CHECKING:
    from collections.abc import Sequence

PEERS = ("faststream", "celery")
STEP_ROUNDS = 3
DRAIN_ROUNDS = 3
PARTS = ("step", "drain")


def main() -> None:
    only = os.environ.get("ONLY", "")
    if only not in ("", *PARTS):
        sys.exit(f"ONLY={only}: use one of {', '.join(PARTS)}, or leave it out for all")
    install_peers()
    found = servers.ensure()
    try:
        contest = Contest(found, PEERS)
        figures: dict[str, float] = {}
        if only in ("", "step"):
            figures |= step(contest)
        if only in ("", "drain"):
            figures |= drain(contest)
    finally:
        found.backing.close()
    out = ROOT / "out" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    for name, value in figures.items():
        say(f"{name:32}{value:10.2f}")


def step(contest: Contest) -> dict[str, float]:
    runner = Runner(contest)
    rounds: dict[str, list[Round]] = {contestant.name: [] for contestant in contest.contestants}
    for _ in range(STEP_ROUNDS):
        for contestant in contest.contestants:
            rounds[contestant.name].append(runner.round(contestant))
    for name, measured in rounds.items():
        rates = sorted(one.per_s for one in measured)
        parts = {part: median(one.cpu_ms[part] for one in measured) for part in measured[0].cpu_ms}
        shown = ", ".join(f"{part} {value:.2f}" for part, value in parts.items())
        say(f"step {name}: {median(rates):.0f}/s ({rates[0]:.0f}-{rates[-1]:.0f}), CPU ms per step: {shown}")
    rate = {name: median(one.per_s for one in measured) for name, measured in rounds.items()}
    cpu = {name: median(one.cpu_sum for one in measured) for name, measured in rounds.items()}
    figures = {"step.per_s": rate["quanheng"], "step.cpu_ms": cpu["quanheng"]}
    for peer in PEERS:
        figures[f"step.ratio_{peer}"] = rate["quanheng"] / rate[peer]
        figures[f"step.cpu_ratio_{peer}"] = cpu["quanheng"] / cpu[peer]
    return figures


def drain(contest: Contest) -> dict[str, float]:
    drained = Drain(contest)
    faststream = next(contestant for contestant in contest.contestants if contestant.name == "faststream")
    one, peer, raw, raw_many = [], [], [], []
    for _ in range(DRAIN_ROUNDS):
        one.append(drained.ours())
        peer.append(drained.peer(faststream))
        raw.append(drained.raw(every=1))
        raw_many.append(drained.raw(every=500))
    rate = median(result.per_s for result in one)
    _say_drained("quanheng", one)
    _say_drained("faststream", peer)
    return {
        "drain.per_s": rate,
        "drain.ratio_faststream": rate / median(result.per_s for result in peer),
        "drain.share_of_raw": rate / median(raw),
        "drain.share_of_raw_ack_500": rate / median(raw_many),
    }


def _say_drained(name: str, results: Sequence[Drained]) -> None:
    rates = sorted(result.per_s for result in results)
    parts = {part: median(result.cpu_ms[part] for result in results) for part in results[0].cpu_ms}
    shown = ", ".join(f"{part} {value:.3f}" for part, value in parts.items())
    say(f"drain {name}: {median(rates):.0f}/s ({rates[0]:.0f}-{rates[-1]:.0f}), CPU ms per event: {shown}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
