"""What a case rests on, as its page shows it: what is still missing, and each test record with its table of points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.portal.texts import has

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from services.portal.values import Reader, Shown

JUDGED = {"error": "bench.error", "mpe": "bench.limit", "verdict": "bench.verdict"}
"""What the service computes of a point, with what it is called; the other parts are those that were typed."""
_HEADED = frozenset(
    {"number", "item", "name", "clause", "serial", "on", "tester", "verdict", "points", "limits", "run"}
)
"""What the head of a record says, or its table."""


@dataclass(frozen=True, slots=True)
class Record:
    """A test record. `cells` are the points, `columns` what their parts are called; `rest` is what else it says."""

    told: Mapping[str, Any]
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    rest: tuple[Shown, ...]

    @property
    def counts(self) -> bool:
        return not self.told["void"] and self.told["corrected_by"] is None


@dataclass(frozen=True, slots=True)
class Missing:
    """What a case lacks, by whom it is to be brought."""

    asked: Sequence[str]
    """What the applicant was asked to supplement."""
    documents: Sequence[Mapping[str, Any]]
    tests: Sequence[Mapping[str, str]]
    unserved: Sequence[Mapping[str, str]]
    """Notices until whose service the time of others counts, with the action that registers it."""
    unproved: Sequence[Mapping[str, Any]]
    """Notices of which nothing says when they were served, for who may register it."""

    def __bool__(self) -> bool:
        return bool(self.asked or self.documents or self.tests or self.unserved or self.unproved)


def missing(
    case: Mapping[str, Any],
    documents: Mapping[str, Any] | None,
    progress: Mapping[str, Any] | None,
    clocks: Sequence[Mapping[str, Any]] = (),
) -> Missing:
    """What lacks of what was asked for, of the required documents, of the tests, and of the service of notices that
    `clocks` wait for."""
    asked = case.get("supplement_notice", {}).get("items", ()) if case["state"] == "supplement" else ()
    kinds = (documents or {}).get("kinds", ())
    lacking = (progress or {}).get("lacking", ()) if "report" not in case else ()
    unserved = {one["unserved"]["action"]: one["unserved"] for one in clocks if "unserved" in one}
    unproved = [one for one in case.get("notices", ()) if "service" in one and "served" not in one]
    return Missing(asked, [kind for kind in kinds if kind["missing"]], lacking, list(unserved.values()), unproved)


def with_state(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each test record, and what took its place or made it void."""
    tests = case.get("tests", [])
    corrected = {one["supersedes"]: one["number"] for one in tests if "supersedes" in one}
    void = {one["number"] for one in case.get("voided_tests", [])}
    return [{**one, "corrected_by": corrected.get(one["number"]), "void": one["number"] in void} for one in tests]


def records(
    case: Mapping[str, Any],
    schema: Mapping[str, Any],
    reader: Reader,
    recorded: Sequence[str],
    t: Callable[[str], str],
) -> list[Record]:
    """The test records of the case, the latest first. `recorded` are the parts that points may have, in order, which
    `reader` knows the names of."""
    item = reader.item(schema, "tests")
    return [_record(one, item, reader, recorded, t) for one in reversed(with_state(case))]


def _record(
    one: Mapping[str, Any],
    schema: Mapping[str, Any],
    reader: Reader,
    recorded: Sequence[str],
    t: Callable[[str], str],
) -> Record:
    points = one["points"]
    typed = dict.fromkeys(name for point in points for name in point if name not in {*JUDGED, "rule", "note"})
    order = [*recorded, *typed]
    names = [*sorted(typed, key=order.index), *(name for name in JUDGED if any(name in point for point in points))]
    columns = tuple(t(JUDGED[name]) if name in JUDGED else reader.called(name) for name in names)
    cells = tuple(tuple(_cell(name, point.get(name, ""), t) for name in names) for point in points)
    told = {name for name in one if name not in _HEADED} - {"void", "corrected_by"}
    return Record(one, columns, cells, tuple(reader.shown(schema, one, told)))


def _cell(name: str, value: Any, t: Callable[[str], str]) -> str:
    key = f"verdict.{str(value).replace('-', '_')}" if name == "verdict" else f"value.{value}"
    return t(key) if has(key) else str(value)
