"""How the points of a test are judged, for all families; what is peculiar to one is in its own module. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from shared.metrology.limits import FamilyError, Mpe, Verdict, judge
from shared.metrology.rules import amount, tag
from shared.text import Text

if TYPE_CHECKING:
    from shared.metrology.parts import Item, Programme
    from shared.metrology.quantity import Quantity
    from shared.metrology.rules import Values


class Computes(Protocol):
    """What a run needs of `family.Computing`."""

    def derive(self, values: Values) -> Values: ...

    def error(self, values: Values) -> Quantity: ...


class Knows(Protocol):
    """What a run needs of its `family.Family`."""

    @property
    def computing(self) -> Computes: ...

    def programme(self, name: str, edition: str = "") -> Programme: ...


@dataclass(frozen=True, slots=True)
class Judged:
    """A point with what was computed of it; `rule_id` and edition are those of the limit."""

    error: Quantity | None
    limit: Mpe | None
    verdict: Verdict
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of an item comes to. `reason` says what decided, unless every point passed."""

    verdict: Verdict
    points: tuple[Judged, ...] = ()
    reason: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One item on one prototype: what is known of instrument and test, and the points as they were recorded."""

    family: Knows
    programme: Programme
    item: Item
    values: Values
    points: Sequence[Values]
    uncertainty: Quantity | None = None
    country: str | None = None
    _found: dict[tuple[Quantity | str | None, ...], Mpe] = field(default_factory=dict)

    def at(self, point: Values) -> Values:
        """All that is known at a point. Raises FamilyError for what nothing follows from."""
        merged = {**self.values, **point}
        return {**merged, **self.family.computing.derive(merged)}

    def mpe(self, values: Values) -> Mpe:
        """The limits at a point, looked up once for all points of one load."""
        key = tuple([values.get(name) for name in self.programme.names])
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self.programme.mpe(values, self.country)
        return found

    def judge(self, error: Quantity, limit: Mpe) -> Judged:
        rounding = self.programme.rounding
        if rounding is not None:
            error = error.rounded(rounding.of(self.values))
        if error.unit != limit.upper.unit:
            error = error.to(limit.upper.unit)
        return Judged(error, limit, judge(error, limit, self.uncertainty, self.programme.decision))

    def limit(self, most: Quantity, *, above_zero: bool = False) -> Mpe:
        """A limit that an item states itself, from zero or to both sides."""
        rule = f"{self.item.id} {self.item.clause}"
        lowest = most * 0 if above_zero else -most
        sure = self.programme.verified and self.item.confidence not in {"RL", "S2"}
        return Mpe(lowest, most, rule, self.programme.edition, self.programme.source, verified=sure)

    def stated_limit(self, values: Values) -> Mpe:
        """The item's own limit at a point, or the MPE if it has none."""
        return self.limit(self.item.limit.of(values)) if self.item.limit else self.mpe(values)

    def setting(self, name: str) -> Quantity:
        return amount(self.values, name)


Judgement = Callable[[Run], Outcome]


DETECTED = Text("已检出并作出响应", "detected and acted upon")
"""Why a change beyond its limit is not a fault."""


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """All must conform (JJF 1015, 5.5): a failure outweighs doubt, doubt what was not done."""
    for one in (Verdict.FAIL, Verdict.INDETERMINATE, Verdict.NOT_DONE):
        if one in verdicts:
            return one
    return Verdict.PASS


def of_points(points: Sequence[Judged]) -> Outcome:
    """The outcome if nothing but the points decides; its reason names the first that stands in the way."""
    verdict = worst([point.verdict for point in points])
    for number, point in enumerate(points, start=1):
        if point.verdict is verdict and verdict is not Verdict.PASS:
            told = against(point.error, point.limit) if point.error and point.limit else point.note
            told = told or verdict.said
            return Outcome(verdict, tuple(points), Text(f"第{number}点：{told.zh}", f"point {number}: {told.en}"))
    return Outcome(verdict, tuple(points))


def against(error: Quantity, limit: Mpe) -> Text:
    """An error beside the limits that it is judged by."""
    return Text(f"{error.shown()}，限值{limit.told()}", f"{error.shown()} against {limit.told()}")


def lacking(zh: str, en: str, points: Sequence[Judged] = ()) -> Outcome:
    """An item that is not done, for want of what is said."""
    return Outcome(Verdict.NOT_DONE, tuple(points), Text(zh, en))


def errors(run: Run) -> Outcome:
    """Every error, as the family computes it, lies inside the MPE at its point."""
    found = []
    for point in run.points:
        values = run.at(point)
        found.append(run.judge(run.family.computing.error(values), run.stated_limit(values)))
    return of_points(found)


def changes(run: Run) -> Outcome:
    """What a disturbance or influence changes, `after` less `before`, is within the item's limit or the MPE.

    A greater change that the instrument detected and acted upon is not a fault.
    """
    found = []
    for point in run.points:
        values = run.at(point)
        change = amount(values, "after") - amount(values, "before")
        judged = run.judge(change, run.stated_limit(values))
        if judged.verdict is Verdict.FAIL and values.get("detected") == "yes":
            judged = Judged(change, judged.limit, Verdict.PASS, DETECTED)
        found.append(judged)
    return of_points(found)


_ANSWERS = {"yes": "是", "no": "否", "na": "不适用"}


def observed(run: Run) -> Outcome:
    """Requirements that are met or not: `answer` is yes, no or na."""
    verdicts = {"yes": Verdict.PASS, "no": Verdict.FAIL, "na": Verdict.PASS}
    found = []
    for point in run.points:
        answer = tag(point, "answer")
        if answer not in verdicts:
            raise FamilyError(f"“{answer}”：可用yes、no或na", f"answer {answer!r}: use yes, no or na")
        requirement = (
            Text.plain(str(point["requirement"])) if "requirement" in point else Text("要求", "the requirement")
        )
        note = Text(f"{requirement.zh}：{_ANSWERS[answer]}", f"{requirement.en}: {answer}")
        found.append(Judged(None, None, verdicts[answer], note))
    return of_points(found)


def stated(run: Run) -> Outcome:
    """Indications against limits that the laboratory took from a text and states with its clause."""
    found = []
    for point in run.points:
        values = run.at(point)
        upper = amount(values, "upper").difference
        lower = amount(values, "lower").difference if "lower" in values else -upper
        limit = Mpe(lower, upper, tag(values, "clause"), edition=run.programme.edition, source="stated 实验室载明")
        found.append(run.judge(amount(values, "indication") - amount(values, "reference"), limit))
    return of_points(found)


def spread(run: Run, errors_of: Sequence[Quantity], limit: Mpe) -> Judged:
    """The largest less the smallest of some results, against a limit from zero."""
    return run.judge(max(errors_of) - min(errors_of), limit)


JUDGEMENTS: Mapping[str, Judgement] = {
    "errors": errors,
    "changes": changes,
    "observed": observed,
    "stated": stated,
}
"""By the name that a test item gives its judgement."""
