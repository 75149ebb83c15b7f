"""What a part of the bench hands to the report, and how rates and CPU time are laid out in it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Part:
    """`figures` by name, as in out/bench.json; `text` is Markdown: how it was measured and the tables."""

    name: str
    figures: Mapping[str, float]
    text: str


@dataclass(frozen=True, slots=True)
class Rate:
    """One round: how many a second, and the CPU each of them took, by process."""

    per_s: float
    cpu_ms: Mapping[str, float]

    @property
    def cpu_sum(self) -> float:
        return sum(self.cpu_ms.values())


def rate(rounds: Iterable[Rate]) -> float:
    return median(one.per_s for one in rounds)


def percentile(times: Sequence[float], percent: int) -> float:
    """Of sorted times: the shortest that so many per cent do not exceed."""
    return times[max(0, -(-len(times) * percent // 100) - 1)]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, the first column to the left and all others to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def rates(what: str, rounds: Mapping[str, Sequence[float]]) -> str:
    """Medians and spread of rates a second."""
    return table(
        ["", f"{what}/s, median", "lowest", "highest", "rounds"],
        [
            [name, f"{median(found):,.0f}", f"{min(found):,.0f}", f"{max(found):,.0f}", str(len(found))]
            for name, found in rounds.items()
        ],
    )


def cpu(what: str, rounds: Mapping[str, Sequence[Rate]]) -> str:
    """Where the time goes: CPU for each of them, by process, and in sum."""
    columns = list(dict.fromkeys(name for found in rounds.values() for name in found[0].cpu_ms))
    rows = []
    for name, found in rounds.items():
        cells = [
            f"{median(one.cpu_ms[column] for one in found):.3f}" if column in found[0].cpu_ms else ""
            for column in columns
        ]
        rows.append([name, *cells, f"{median(one.cpu_sum for one in found):.3f}"])
    return table([f"CPU ms per {what}, median", *columns, "sum"], rows)
