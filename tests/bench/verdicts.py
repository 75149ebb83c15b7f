"""Verdicts: a full R 76 report, every item on three prototypes, some 400 points, recomputed and compared. CPU alone."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

from shared.metrology.records import read_report
from shared.metrology.verdicts import recompute
from tests.bench.part import Part, table
from tests.shared.metrology.reports import full

if TYPE_CHECKING:
    from tests.bench.systems import Contest

ROUNDS = 20
_TEXT = """\
Verdicts of a full R 76 report, every item on three prototypes: errors, limits, verdicts of all points and of the whole
are computed again and compared with what the report claims. CPU time of one process; reading the JSON is apart.
"""


def measure(contest: Contest) -> Part:
    del contest
    data = full()
    points = sum(len(record["points"]) for record in data["records"])
    reading, judging = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        report = read_report(data)
        read = time.process_time()
        recompute(report)
        reading.append((read - began) * 1000)
        judging.append((time.process_time() - read) * 1000)
    figures = {"verdicts.report_ms": median(judging), "verdicts.points": float(points)}
    rows = [
        [name, f"{median(found):.1f}", f"{min(found):.1f}", f"{max(found):.1f}"]
        for name, found in (("read", reading), ("judge and compare", judging))
    ]
    told = table([f"CPU ms for {points} points", "median", "lowest", "highest"], rows)
    return Part("verdicts", figures, f"{_TEXT}\n{told}")
