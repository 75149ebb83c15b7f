"""The bench runs, at a size at which its figures say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deploy.local import backing
from shared.testing import NAMESPACE
from tests.bench import clocks, measures, report, step
from tests.bench.servers import Servers
from tests.bench.systems import Contest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.servers

SMALL: Mapping[Any, Mapping[str, Any]] = {
    step: {"ROUNDS": 1, "SECONDS": 0.1, "WARM_UP": 0.1},
    measures: {"ROUNDS": 1, "STEPS": 5, "WARM_UP": 1, "EVENTS": {500: 1, 50: 1, 1: 1}, "MESSAGES": 5, "WAKES": 2},
    clocks: {"OPEN": (200, 400), "DUE": (3, 10), "RECOUNTED": 200, "EMPTY_SWEEPS": 2, "SECONDS": 0.1, "WARM_UP": 0.1},
}


@pytest.fixture(scope="module")
def contest() -> Iterator[Contest]:
    with backing.ensure(f"{NAMESPACE}_fresh", fresh=True) as found:
        yield Contest(Servers(found), ())


@pytest.mark.parametrize("part", SMALL, ids=lambda part: part.__name__.rpartition(".")[2])
def test_a_part_measures_all_it_is_to_measure(contest: Contest, part: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SMALL[part].items():
        monkeypatch.setattr(part, name, value)
    measured = part.measure(contest)
    aims = {name for name in report.AIMS if name.startswith(f"{measured.name}.") and "ratio_" not in name}
    assert aims <= set(measured.figures)
    assert all(value > 0 for value in measured.figures.values())
