"""Water meters: the flows that follow from Q3 and R, and the tests in which runs are taken together."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from shared.metrology.family import Computing
from shared.metrology.judgements import DETECTED, Judged, Outcome, Run, changes, lacking, of_points
from shared.metrology.limits import FamilyError, Mpe, Verdict
from shared.metrology.quantity import Quantity
from shared.metrology.rules import amount, tag
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.metrology.rules import Values

_Q2_OVER_Q1, _Q4_OVER_Q3 = Fraction("1.6"), Fraction("1.25")
_SMALL = Quantity(Fraction(16), "m3/h")
_LARGEST_LOSS = Quantity(Fraction(63), "kPa")
_RUNS = 3
_THREE_RUNS = ("Q1", "Q2", "Q3")


class _Water(Computing):
    def derive(self, values: Values) -> Values:
        """Q1, Q2 and Q4 of Q3 and R, the flow Qb from which French meters in service are tested, and the volume of a
        minute at Q3. What is there already is left as it is."""
        if "q4" in values or not {"q3", "r"} <= values.keys():
            return {}
        q3, r = amount(values, "q3"), amount(values, "r").to("1").value
        if r <= 0:
            raise FamilyError(f"R = {r}：应大于零", f"R = {r}: give a ratio above zero")
        q1 = q3 * (1 / r)
        q2 = q1 * _Q2_OVER_Q1
        share = Fraction("0.06") if q3 < _SMALL else Fraction("0.2")
        minute = Quantity(q3.to("L/min").value, "L")
        qb = max(q3 * share, q2) if q3 < _SMALL else q3 * share
        return {"q1": q1, "q2": q2, "q4": q3 * _Q4_OVER_Q3, "qb": qb, "one_minute": minute}

    def error(self, values: Values) -> Quantity:
        """(Vi - Va)/Va, in per cent."""
        actual = amount(values, "actual")
        return Quantity((amount(values, "indicated") - actual).ratio(actual) * 100, "%")


def intrinsic(run: Run) -> Outcome:
    """The mean error at each flow is inside the MPE; not all of one sign unless one is at most half of its MPE; and the
    standard deviation of the runs at Q1, Q2 and Q3 is at most a third of it. A point's verdict is that of its mean."""
    together: dict[str, list[tuple[Quantity, Mpe]]] = {}
    for point in run.points:
        values = run.at(point)
        error = run.family.computing.error(values)
        together.setdefault(tag(point, "at"), []).append((error, run.mpe(values)))
    means = {name: (_mean([error for error, _ in runs]), runs[0][1]) for name, runs in together.items()}
    judged = {name: run.judge(mean, limit) for name, (mean, limit) in means.items()}
    points = []
    for name, error in _in_order(run, together):
        of_mean = judged[name]
        mean = _told(of_mean.error)
        told = Text(f"{name}处平均值{mean}", f"mean at {name} {mean}")
        points.append(Judged(error, of_mean.limit, of_mean.verdict, told))
    runs_at = {name: len(together.get(name, ())) for name in _THREE_RUNS}
    if missing := ", ".join(f"{name}: {number}" for name, number in runs_at.items() if number < _RUNS):
        return lacking(f"应各测三次，现有{missing}", f"three runs are required at {missing}", points)
    for name, one in judged.items():
        if one.verdict is not Verdict.PASS:
            mean = _told(one.error)
            told = Text(f"{name}处平均误差{mean}，限值{one.limit}", f"mean error at {name} {mean} against {one.limit}")
            return Outcome(one.verdict, tuple(points), told)
    if one_sided(list(means.values())):
        told = Text(
            "误差全部同号，且均大于其MPE的一半", "all errors are of one sign and none is at most half of its MPE"
        )
        return Outcome(Verdict.FAIL, tuple(points), told)
    for name in _THREE_RUNS:
        errors = [error for error, _ in together[name]]
        if not steady(errors, means[name][1].upper):
            told = Text(
                f"{name}处标准偏差大于MPE的三分之一", f"standard deviation at {name} is above a third of the MPE"
            )
            return Outcome(Verdict.FAIL, tuple(points), told)
    return Outcome(Verdict.PASS, tuple(points))


def one_sided(means: Sequence[tuple[Quantity, Mpe]]) -> bool:
    """Whether all errors are of one sign and each is more than half of its MPE."""
    signs = {(error.value > 0) - (error.value < 0) for error, _ in means}
    return signs in ({1}, {-1}) and all(abs(error) * 2 > limit.upper for error, limit in means)


def steady(errors: Sequence[Quantity], mpe: Quantity) -> bool:
    """Whether the sample standard deviation of some runs is at most a third of the MPE; squares keep it exact."""
    mean = _mean(errors)
    squares = sum(((error - mean).to("%").value ** 2 for error in errors), Fraction(0))
    return squares / (len(errors) - 1) <= (mpe.to("%").value / 3) ** 2


def durability(run: Run) -> Outcome:
    """Change of the error and error after the endurance run, by zone; both have limits of their own."""
    found = []
    for point in run.points:
        values = run.at(point)
        upper = amount(values, "flow") >= amount(values, "q2")
        warm = amount(values, "temp") > Quantity(Fraction(30), "Cel")
        change = amount(values, "after") - amount(values, "before")
        by_change = run.judge(change, run.limit(amount(values, "change_upper" if upper else "change_lower")))
        last = "after_lower" if not upper else "after_warm" if warm else "after_upper"
        by_error = run.judge(amount(values, "after"), run.limit(amount(values, last)))
        found.append(by_change if by_error.verdict is Verdict.PASS else by_error)
    return of_points(found)


def shift_and_value(run: Run) -> Outcome:
    """Both what changed and what the error came to are inside the MPE."""
    shifted = changes(run)
    values = [run.judge(amount(point, "after"), run.mpe(run.at(point))) for point in run.points]
    pairs = zip(shifted.points, values, strict=True)
    return of_points([shift if value.verdict is Verdict.PASS else value for shift, value in pairs])


def disturbed(run: Run) -> Outcome:
    """A fault is a change of more than half of the MPE of the upper zone, unless it is detected and acted upon."""
    found = []
    for point in run.points:
        values = run.at(point)
        at_q3 = run.mpe({**values, "flow": amount(values, "q3")})
        change = amount(values, "after") - amount(values, "before")
        one = run.judge(change, run.limit(at_q3.upper * Fraction(1, 2)))
        if one.verdict is Verdict.FAIL and values.get("detected") == "yes":
            one = Judged(change, one.limit, Verdict.PASS, DETECTED)
        found.append(one)
    return of_points(found)


def pressure_loss(run: Run) -> Outcome:
    """At most 63 kPa, or the class that is marked."""
    most = run.values.get("pressure_loss_class", _LARGEST_LOSS)
    limit = run.limit(most if isinstance(most, Quantity) else _LARGEST_LOSS, above_zero=True)
    return of_points([run.judge(amount(point, "loss"), limit) for point in run.points])


def static_pressure(run: Run) -> Outcome:
    """1.6 MAP for 15 minutes and 2 MAP for one, without a leak: `answer` is yes where it was tight."""
    most = amount(run.values, "map")
    for times, minutes in ((Fraction("1.6"), 15), (Fraction(2), 1)):
        if not any(
            amount(one, "pressure") >= most * times and amount(one, "minutes").to("min").value >= minutes
            for one in run.points
        ):
            wanted = (most * times).shown()
            return lacking(f"应在{wanted}下保持{minutes} min", f"{wanted} for {minutes} min is required")
    verdicts = [Verdict.PASS if tag(one, "answer") == "yes" else Verdict.FAIL for one in run.points]
    return of_points([Judged(None, None, one, Text("渗漏或损坏", "leak or damage")) for one in verdicts])


def _mean(errors: Sequence[Quantity]) -> Quantity:
    total = errors[0]
    for error in errors[1:]:
        total = total + error
    return total * Fraction(1, len(errors))


def _in_order(run: Run, together: dict[str, list[tuple[Quantity, Mpe]]]) -> list[tuple[str, Quantity]]:
    left = {name: iter(runs) for name, runs in together.items()}
    return [(name, next(left[name])[0]) for name in (tag(point, "at") for point in run.points)]


def _told(error: Quantity | None) -> str:
    return error.shown() if error else ""


COMPUTING = _Water()
COMPUTING.judgements = {
    "intrinsic": intrinsic,
    "durability": durability,
    "shift-and-value": shift_and_value,
    "disturbed": disturbed,
    "pressure-loss": pressure_loss,
    "static-pressure": static_pressure,
}
