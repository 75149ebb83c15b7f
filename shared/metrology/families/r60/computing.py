"""Load cells: the error in v of an output, and the tests of R 60-1 5.4 to 5.7 that are not single errors."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from shared.metrology.family import Computing
from shared.metrology.judgements import DETECTED, Judged, Outcome, Run, lacking, of_points, spread
from shared.metrology.limits import FamilyError, Verdict
from shared.metrology.parts import Fault
from shared.metrology.quantity import Quantity
from shared.metrology.rules import amount, tag
from shared.text import Text

if TYPE_CHECKING:
    from shared.metrology.family import Family
    from shared.metrology.limits import Mpe
    from shared.metrology.rules import Values

_ONE = Quantity(Fraction(1), "1")
_HALF = Fraction(1, 2)
_CREEP_FACTOR = Quantity(Fraction("0.7"), "1")
"""Creep is judged with p_LC = 0.7 whatever the certificate says."""


class _LoadCell(Computing):
    def derive(self, values: Values) -> Values:
        """The interval in use, v = (D_max - D_min)/n."""
        if "v" in values or not {"dmin", "dmax", "n"} <= values.keys():
            return {}
        n = amount(values, "n").to("1").value
        if n <= 0:
            raise FamilyError(f"n = {n}：分度数应大于零", f"n = {n}: give a number of intervals above zero")
        return {"v": (amount(values, "dmax") - amount(values, "dmin")) * (1 / n)}

    def check(self, family: Family, values: Values) -> list[Fault]:
        """n_LC suits the class, the intervals in use are no more and no finer than allowed, and Y is that of v_min."""
        del family
        found = []
        most = values.get("n_most")
        n_lc = amount(values, "n_lc")
        if isinstance(most, Quantity) and n_lc > most:
            told = f"n_LC = {n_lc} > {most}"
            named = tag(values, "class")
            found.append(Fault("n_lc", "R60-1 5.1", Text(f"{named} 级 {told}", f"class {named}: {told}")))
        if "n" in values and amount(values, "n") > n_lc:
            told = f"n = {values['n']} > n_LC = {n_lc}"
            found.append(
                Fault("n", "R60-1 3", Text(f"分度数过多: {told}", f"more intervals than the cell has: {told}"))
            )
        if {"v", "vmin"} <= values.keys() and amount(values, "v") < amount(values, "vmin"):
            told = f"v = {amount(values, 'v').shown()} < v_min = {values['vmin']}"
            found.append(Fault("v", "R60-1 3", Text(f"分度值过小: {told}", f"the interval is too fine: {told}")))
        if {"y", "vmin", "emax", "emin"} <= values.keys():
            span = amount(values, "emax") - amount(values, "emin")
            if (y := _number(span.ratio(amount(values, "vmin")))) != values["y"]:
                told = f"Y = {values['y']}, (E_max - E_min)/v_min = {y.shown()}"
                found.append(Fault("y", "R60-1 3", Text(f"Y与v_min不符: {told}", f"Y is not that of v_min: {told}")))
        return found

    def error(self, values: Values) -> Quantity:
        """E_L as mass, so that it compares with the limit: (output - output at D_min)/f - load/v, times v."""
        output = amount(values, "output") - amount(values, "at_dmin")
        v = amount(values, "v")
        return v * (output.ratio(amount(values, "f")) - amount(values, "load").ratio(v))


def dr_limit(specified: Quantity, actual: Quantity) -> Quantity | None:
    """In v: 0.5 v, less where loading took up to half as long again as specified; None beyond (R 60-2, 2.8.5)."""
    x = max(actual.ratio(specified), Fraction(1))
    return _number(_HALF * (2 - x)) if x <= Fraction(3, 2) else None


def repeatability(run: Run) -> Outcome:
    """At each load the results of all runs lie within one MPE."""
    least = 5 if tag(run.values, "class") in {"A", "B"} else 3
    together: dict[Quantity, list[Quantity]] = {}
    for point in run.points:
        together.setdefault(amount(point, "load"), []).append(amount(point, "output"))
    found: dict[Quantity, Judged] = {}
    for load, outputs in together.items():
        if len(outputs) < least:
            return lacking(
                f"{load}处应测{least}次，现有{len(outputs)}次",
                f"{least} runs are required at {load}, there are {len(outputs)}",
            )
        v = run.setting("v")
        results = [v * output.ratio(run.setting("f")) for output in outputs]
        limit = run.mpe(run.at({"load": load}))
        found[load] = spread(run, results, run.limit(limit.upper, above_zero=True))
    return of_points([found[amount(point, "load")] for point in run.points])


def mdlo(run: Run) -> Outcome:
    """The change of the output at D_min from one temperature to the next, for every 5 °C (class A 2 °C), in v_min:
    at most p_LC. A point's `change` is in v, from the point before it; that of the first is not looked at."""
    step = 2 if tag(run.values, "class") == "A" else 5
    span = run.setting("dmax") - run.setting("dmin")
    per_v = span.ratio(run.setting("vmin")) / run.setting("n").to("1").value
    limit = run.limit(run.setting("plc"))
    found = [Judged(None, None, Verdict.PASS, Text("起始温度", "first temperature"))]
    for before, after in pairwise(run.points):
        warmer = (amount(after, "temp") - amount(before, "temp")).to("K").value
        if not warmer:
            raise FamilyError("相邻两个温度不应相同", "temp: two temperatures that follow each other must differ")
        change = amount(after, "change").to("1").value
        found.append(run.judge(_number(abs(change * step / warmer) * per_v), limit))
    return of_points(found)


def creep(run: Run) -> Outcome:
    """At all times at most 0.7 |MPE|, and from 20 to 30 minutes at most 0.15 |MPE|, the MPE taken with p_LC = 0.7."""
    v = run.setting("v")
    at_load = run.mpe({**run.values, "plc": _CREEP_FACTOR, "load": _creep_load(run)})
    mpe = _number(at_load.upper.ratio(v))
    limit = run.limit(mpe * Fraction("0.7"))
    found = [run.judge(amount(point, "change"), limit) for point in run.points]
    by_minute = {amount(point, "minutes").to("min").value: amount(point, "change") for point in run.points}
    outcome = of_points(found)
    if outcome.verdict is not Verdict.PASS:
        return outcome
    if missing := [str(minute) for minute in (20, 30) if minute not in by_minute]:
        zh, en = "、".join(missing), " and ".join(missing)
        return lacking(f"缺少{zh} min时的读数", f"a reading after {en} min is required", found)
    late = run.judge(by_minute[Fraction(30)] - by_minute[Fraction(20)], run.limit(mpe * Fraction("0.15")))
    told = Text(
        f"20 min至30 min：{late.error} v，限值{late.limit} v", f"20 to 30 min: {late.error} v against {late.limit} v"
    )
    return Outcome(late.verdict, tuple(found), None if late.verdict is Verdict.PASS else told)


def _creep_load(run: Run) -> Quantity:
    """The load of the creep test, the full range in use unless another is recorded."""
    if "load" in run.values:
        return run.setting("load")
    return run.setting("v") * (run.setting("n") if "n" in run.values else run.setting("n_lc")).to("1").value


def output_return(run: Run) -> Outcome:
    """|C_DR| at most 0.5 v, less by how much longer than specified loading took; invalid beyond half as long again."""
    most = dr_limit(run.setting("specified"), run.setting("actual"))
    if most is None:
        return lacking(
            "加载时间超过规定的1.5倍：请重做", "loading took more than 1.5 times as long as specified: repeat the run"
        )
    found = []
    for point in run.points:
        change = amount(point, "change")
        found.append(replace(run.judge(change, run.limit(most)), note=_returned(run.values, change)))
    return of_points(found)


def _returned(values: Values, change: Quantity) -> Text | None:
    """What a change of output in v is as mass, DR = (E_max - E_min) C_DR/n_LC, and the Z that may be declared of it
    (R 60-3). None where the capacities are not known."""
    if not {"emax", "n_lc"} <= values.keys() or not change.value:
        return None
    capacity = amount(values, "emax")
    if "emin" in values:
        capacity = capacity - amount(values, "emin")
    intervals = amount(values, "n_lc").to("1").value
    share = abs(change.to("1").value)
    returned, z = (capacity * (share / intervals)).shown(), Quantity(intervals / (2 * share), "1").shown()
    return Text.plain(f"DR {returned}, Z {z}")


def barometric(run: Run) -> Outcome:
    """The change of the zero output as mass, for every kPa, is at most v_min. Each point is seen against the first."""
    limit, first = run.limit(run.setting("vmin")), run.points[0]
    found = [Judged(None, None, Verdict.PASS, Text("参考点", "reference"))]
    for point in run.points[1:]:
        difference = (amount(point, "pressure") - amount(first, "pressure")).to("kPa").value
        if not difference:
            raise FamilyError("各气压不应相同", "pressure: the pressures must differ")
        moved = amount(point, "mass_change") - amount(first, "mass_change")
        found.append(run.judge(moved * (1 / abs(difference)), limit))
    return of_points(found)


def humidity_cyclic(run: Run) -> Outcome:
    """The first point is C_Hmin, at most 0.04 n; the second C_Hmax, at most 1 v (5.6.3.1, the requirement part)."""
    least = run.limit(_number(Fraction("0.04") * run.setting("n" if "n" in run.values else "n_lc").to("1").value))
    limits = (least, run.limit(_ONE))
    return of_points(
        [run.judge(amount(point, "change"), one) for point, one in zip(run.points[:2], limits, strict=True)]
    )


def fault(run: Run) -> Outcome:
    """A disturbance changes the result by at most v_min, or is detected and acted upon."""
    limit = run.limit(run.setting("vmin"))
    found = []
    for point in run.points:
        one = run.judge(amount(point, "mass_change"), limit)
        if one.verdict is Verdict.FAIL and point.get("detected") == "yes":
            one = Judged(one.error, limit, Verdict.PASS, DETECTED)
        found.append(one)
    return of_points(found)


def warm_up(run: Run) -> Outcome:
    """The span changes by at most |MPE|; `before` and `after` are in v."""
    v = run.setting("v")
    found = []
    for point in run.points:
        limit = run.limit(_number(run.mpe(run.at(point)).upper.ratio(v)))
        found.append(run.judge(amount(point, "after") - amount(point, "before"), limit))
    return of_points(found)


def span(run: Run) -> Outcome:
    """The measurements, in v, differ by at most the larger of half a v and half of |MPE|."""
    limits: list[Mpe] = [run.mpe(run.at(point)) for point in run.points]
    v = run.setting("v")
    most = max([_number(_HALF), *(_number(one.upper.ratio(v) * _HALF) for one in limits)])
    one = spread(run, [amount(point, "after") for point in run.points], run.limit(most, above_zero=True))
    return of_points([one] * len(run.points))


def _number(value: Fraction) -> Quantity:
    return Quantity(value, "1")


COMPUTING = _LoadCell()
COMPUTING.judgements = {
    "repeatability": repeatability,
    "mdlo": mdlo,
    "creep": creep,
    "output-return": output_return,
    "barometric": barometric,
    "humidity-cyclic": humidity_cyclic,
    "fault": fault,
    "warm-up": warm_up,
    "span": span,
}
