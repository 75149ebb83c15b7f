"""Fuzzes the running system from its OpenAPI documents; exit status 1 if an answer was a server error or undocumented.

SEED=… repeats a run, MINUTES=… sets how long it takes (5).
"""

from __future__ import annotations

import os
import random
import sys

from tests.fuzz.fuzzing import fuzz
from tests.fuzz.world import world

NAMESPACE = os.environ.get("QUANHENG_FUZZ_NAMESPACE", "quanheng_fuzz")


def main() -> int:
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
    minutes = float(os.environ.get("MINUTES") or 5)
    print(f"fuzz: SEED={seed} MINUTES={minutes:g}", flush=True)  # noqa: T201
    try:
        with world(NAMESPACE) as found:
            findings = fuzz(found, seed, minutes * 60)
    except KeyboardInterrupt:
        return 130
    for what, told in findings.told.items():
        print(*what, told, sep="\n  ")  # noqa: T201
    print("answers:", *(f"{status}:{count}" for status, count in sorted(findings.statuses.items())))  # noqa: T201
    print(findings)  # noqa: T201
    return 0 if findings.clean else 1


if __name__ == "__main__":
    sys.exit(main())
