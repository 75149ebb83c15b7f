"""The bench runs, at a size at which its figures say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deploy.local import backing
from tests.bench import checks, clocks, get, journal, measures, pages, papers, reads, report, step, uploads
from tests.bench.servers import Servers
from tests.bench.systems import Contest
from tests.support import FRESH

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = [pytest.mark.servers, pytest.mark.long]

SMALL: Mapping[Any, Mapping[str, Any]] = {
    # Few clients, since the server allows a hundred connections for all tests.
    step: {"ROUNDS": 1, "CLIENTS": 2, "SECONDS": 0.1, "WARM_UP": 0.1},
    get: {"ROUNDS": 1, "CLIENTS": 2, "SECONDS": 0.1, "WARM_UP": 0.1},
    measures: {"ROUNDS": 1, "STEPS": 5, "WARM_UP": 1, "EVENTS": {500: 1, 50: 1, 1: 1}, "MESSAGES": 5, "WAKES": 2},
    reads: {"SIZES": (40, 80), "ROUNDS": 1, "QUESTIONS": 1},
    checks: {
        "SIZE": 40,
        "ROUNDS": 1,
        "CLIENTS": 2,
        "SECONDS": 0.1,
        "WARM_UP": 0.1,
        "ASKED": 5,
        "PER_SECOND": 50,
        "AT_ONCE": 4,
    },
    papers: {"COUNT": 4, "FIRST": 1},
    uploads: {"MIB": 2},
    journal: {"ENTRIES": 600},
    pages: {"SIZE": 40, "ROUNDS": 1, "QUESTIONS": 1},
    clocks: {
        "FEW": 100,
        "OPEN": (200, 400),
        "DUE": (3, 10),
        "RECOUNTED": 200,
        "EMPTY_SWEEPS": 2,
        "SECONDS": 0.1,
        "WARM_UP": 0.1,
    },
}


def test_each_part_measures_all_it_is_to_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of the bench: a part is prepared once, and the clocks leave nothing of it."""
    with backing.ensure(FRESH, fresh=True) as found:
        contest = Contest(Servers(found), ())
        for part, small in SMALL.items():
            for name, value in small.items():
                monkeypatch.setattr(part, name, value)
            measured = part.measure(contest)
            aims = {name for name in report.AIMS if name.startswith(f"{measured.name}.") and "ratio_" not in name}
            assert aims <= set(measured.figures)
            assert all(value > 0 for value in measured.figures.values())
