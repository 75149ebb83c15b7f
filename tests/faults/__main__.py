"""Run the fault scenarios; exit status 1 if an event was lost, duplicated or out of order.

SEED=… repeats a run, ONLY=name runs the scenarios whose names contain it, CASES=… sets how many cases are played.
"""

from __future__ import annotations

import os
import random
import sys

from tests.faults.running import run
from tests.faults.scenarios import SCENARIOS


def main() -> int:
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    only = os.environ.get("ONLY", "")
    chosen = [scenario for scenario in SCENARIOS if only in scenario.name]
    if not chosen:
        print(f"ONLY={only}: the scenarios are {', '.join(scenario.name for scenario in SCENARIOS)}", file=sys.stderr)  # noqa: T201
        return 2
    cases = int(os.environ.get("CASES") or 2000)
    # A part of the scenarios plays its part of the cases.
    try:
        return run(chosen, seed, -(-cases // len(SCENARIOS)))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
