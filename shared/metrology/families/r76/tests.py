"""The tests of R 76-1 Annexes A and B that are not single errors against the MPE. Clauses stand with the items."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from shared.metrology.families.r76.indication import presented
from shared.metrology.judgements import DETECTED, Judged, Judgement, Outcome, Run, errors, lacking, of_points, spread
from shared.metrology.limits import FamilyError, Verdict
from shared.metrology.quantity import Quantity
from shared.metrology.rules import amount, tag
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.metrology.rules import Values

_HALF, _QUARTER, _FIFTH = Fraction(1, 2), Fraction(1, 4), Fraction(1, 5)
_LOADS = {"initial": 10, "later": 5}
_TONNE, _LIGHT = Quantity(Fraction(1), "t"), Quantity(Fraction(30), "kg")
_LEAST_EXTRA = Quantity(Fraction(1), "mg")
_SMALLEST_FRACTION, _LARGEST_FRACTION = Fraction("0.3"), Fraction("0.8")


def weighing(run: Run) -> Outcome:
    """Every corrected error inside the MPE, at ten loads at first and at five in later runs."""
    loads = {amount(point, "load") for point in run.points}
    least = _LOADS.get(tag(run.values, "phase"), 1)
    if len(loads) < least:
        return lacking(
            f"应有{least}个载荷，现有{len(loads)}个",
            f"{least} loads are required, there are {len(loads)}",
            errors(run).points,
        )
    return errors(run)


def no_load_temperature(run: Run) -> Outcome:
    """From one temperature to the next zero moves by at most the smallest e for 5 °C, in class I for 1 °C."""
    step = 1 if tag(run.values, "class") == "I" else 5
    limit = run.limit(run.setting("e1"))
    found = [Judged(None, None, Verdict.PASS, Text("起始温度", "first temperature"))]
    for before, after in pairwise(run.points):
        warmer = (amount(after, "temp") - amount(before, "temp")).to("K").value
        if not warmer:
            raise FamilyError("相邻两个温度不应相同", "temp: two temperatures that follow each other must differ")
        moved = _presented(run, after) - _presented(run, before)
        found.append(run.judge(moved * (step / abs(warmer)), limit))
    return of_points(found)


def eccentricity(run: Run) -> Outcome:
    """Every corrected error inside the MPE, on all supports, quarters or parts of the way."""
    supports = int(run.setting("supports").value)
    least = 3 if run.values["receptor"] == "rolling" else max(4, supports) if supports > 1 else 1
    positions = {tag(point, "position") for point in run.points}
    if len(positions) < least:
        return lacking(
            f"应有{least}个位置，现有{len(positions)}个",
            f"{least} positions are required, there are {len(positions)}",
            errors(run).points,
        )
    return errors(run)


def discrimination(run: Run) -> Outcome:
    """Digital: 1.4 d more moves the indication by d. Analogue: by 0.7 of an extra load of |MPE|, at least 1 mg.
    Not self-indicating: 0.4 |MPE| moves it visibly (`answer`)."""
    found = []
    for point in run.points:
        values = run.at(point)
        kind, extra = tag(values, "indication_kind"), amount(values, "extra")
        if kind == "digital":
            d = amount(values, "d") if "d" in values else amount(values, "e")
            most, least = d * Fraction("1.4"), d
        else:
            most = run.mpe(values).upper * (1 if kind == "analogue" else Fraction("0.4"))
            most, least = max(most, _LEAST_EXTRA), extra * Fraction("0.7")
        if extra > most:
            return lacking(
                f"附加载荷应为{most.shown()}，而非{extra}", f"an extra load of {most.shown()} is required, not {extra}"
            )
        if kind == "non-self-indicating":
            moved = Verdict.PASS if tag(values, "answer") == "yes" else Verdict.FAIL
            found.append(Judged(None, None, moved, Text("可见移动", "visible movement")))
        else:
            found.append(_at_least(amount(values, "second") - amount(values, "indication"), least))
    return of_points(found)


def sensitivity(run: Run) -> Outcome:
    """An extra load of |MPE| moves the indicator by 1 mm (I, II), 2 mm (III, IIII up to 30 kg) or 5 mm."""
    fine = tag(run.values, "class") in {"I", "II"}
    least = 1 if fine else 2 if run.setting("max") <= _LIGHT else 5
    limit = Quantity(Fraction(least), "mm")
    return of_points([_at_least(amount(point, "displacement"), limit) for point in run.points])


def repeatability(run: Run) -> Outcome:
    """At each load all results lie within |MPE|, and every error is inside the MPE. In type evaluation two loads, ten
    weighings each, three from 1 000 kg; in verification one load, six weighings of I and II, three of III and IIII."""
    together: dict[Quantity, list[tuple[Quantity, Judged]]] = {}
    for point in run.points:
        values = run.at(point)
        judged = run.judge(run.family.computing.error(values), run.mpe(values))
        together.setdefault(amount(point, "load"), []).append((_presented(run, point), judged))
    verification = run.values["phase"] == "verification"
    least = 10 if run.setting("max") < _TONNE else 3
    if verification:
        least = 6 if tag(run.values, "class") in {"I", "II"} else 3
    points = _as_recorded(run, together)
    if len(together) < (1 if verification else 2):
        return lacking("应在约1/2 Max和Max处各做一组", "two series are required, at about 1/2 Max and Max", points)
    for load, runs in together.items():
        if len(runs) < least:
            return lacking(
                f"{load}处应称量{least}次，现有{len(runs)}次",
                f"{least} weighings are required at {load}, there are {len(runs)}",
                points,
            )
    outcome = of_points([judged for runs in together.values() for _, judged in runs])
    for load, runs in together.items():
        limit = run.mpe(run.at({"load": load}))
        one = spread(run, [shown for shown, _ in runs], run.limit(limit.upper, above_zero=True))
        if one.verdict is not Verdict.PASS:
            most = limit.upper.shown()
            told = Text(
                f"{load}处各次结果相差{one.error}，最多{most}",
                f"at {load} the results span {one.error}, at most {most}",
            )
            return Outcome(one.verdict, points, told)
    return Outcome(outcome.verdict, points, outcome.reason)


def indicators(run: Run) -> Outcome:
    """Digital devices agree exactly, others to |MPE|."""
    digital = run.values["indication_kind"] == "digital"
    found = []
    for point in run.points:
        values = run.at(point)
        most = run.mpe(values).upper
        limit = run.limit(most * 0 if digital else most)
        found.append(run.judge(amount(values, "second") - amount(values, "indication"), limit))
    return of_points(found)


def zero_return(run: Run) -> Outcome:
    """Zero moves by at most 0.5 e, of multi-interval instruments e1; after the change to the lowest range (`position`
    "switched") by at most e1 in five minutes."""
    found = []
    for point in run.points:
        switched = point.get("position") == "switched"
        e = run.setting("e1") if switched or "partial" in run.values else run.setting("e")
        limit = run.limit(e if switched else e * _HALF)
        found.append(run.judge(amount(point, "after") - amount(point, "before"), limit))
    return of_points(found)


def creep(run: Run) -> Outcome:
    """Over within 30 minutes at 0.5 e, of that 0.2 e after the first 15; else at most |MPE| throughout four hours."""
    readings = {amount(point, "minutes").to("min").value: _presented(run, point) for point in run.points}
    if missing := ", ".join(str(minute) for minute in (0, 15, 30) if minute not in readings):
        return lacking(f"缺少{missing} min时的读数", f"a reading after {missing} min is required")
    values = run.at(run.points[0])
    e, limit, first = amount(values, "e"), run.mpe(values), readings[Fraction(0)]
    judged = [run.judge(_presented(run, point) - first, limit) for point in run.points]
    at_30 = readings[Fraction(30)]
    if abs(at_30 - first) <= e * _HALF and abs(at_30 - readings[Fraction(15)]) <= e * _FIFTH:
        return of_points(judged)
    outcome = of_points(judged)
    if outcome.verdict is Verdict.PASS and max(readings) < 240:  # noqa: PLR2004 - four hours
        return lacking(
            "30 min内变化大于0.5 e，或后15 min大于0.2 e：应做4 h",
            "more than 0.5 e, or 0.2 e after 15 min: 4 h are required",
            judged,
        )
    return outcome


def stability(run: Run) -> Outcome:
    """What was printed is within e of the later readings; after zero or tare the error is within 0.25 e."""
    found = []
    for point in run.points:
        values = run.at(point)
        e = amount(values, "e")
        if tag(point, "command") == "print":
            found.append(run.judge(amount(point, "after") - amount(point, "before"), run.limit(e)))
        else:
            found.append(run.judge(amount(point, "after"), run.limit(run.setting("e1") * _QUARTER)))
    return of_points(found)


def tilting(run: Run) -> Outcome:
    """Without load at most 2 e, but not of class II unless for direct sale; loaded the MPE."""
    exempt = run.values["class"] == "II" and run.values["direct_sale"] == "no"
    found = []
    for point in run.points:
        values = run.at(point)
        error = run.family.computing.error(values)
        if amount(values, "load").value:
            found.append(run.judge(error, run.mpe(values)))
        elif exempt:
            found.append(Judged(error, None, Verdict.PASS, Text("Ⅱ级空载无要求", "class II: no limit without load")))
        else:
            found.append(run.judge(error, run.limit(run.setting("e1") * 2)))
    return of_points(found)


def tare(run: Run) -> Outcome:
    """Net loads as any other, at two tare values with five loads each."""
    together: dict[Quantity, set[Quantity]] = {}
    for point in run.points:
        together.setdefault(amount(point, "tare"), set()).add(amount(point, "load"))
    if len(together) < 2 or min(map(len, together.values())) < 5:  # noqa: PLR2004
        return lacking(
            "应有两个皮重值，每个各五个净载荷",
            "two tare values with five net loads each are required",
            errors(run).points,
        )
    return errors(run)


def quarter(run: Run) -> Outcome:
    """The error at zero is at most 0.25 e, of multi-interval instruments e1."""
    limit = run.limit((run.setting("e1") if "partial" in run.values else run.setting("e")) * _QUARTER)
    found = [run.judge(_presented(run, point), limit) for point in run.points]
    return of_points(found)


def zero_range(run: Run) -> Outcome:
    """At most 4 % of Max, and 20 % initially."""
    shares = {"yes": Fraction(1, 5), "no": Fraction(1, 25)}
    found = []
    for point in run.points:
        share = shares[str(point.get("initial_zero", "no"))]
        limit = run.limit(run.setting("max") * share, above_zero=True)
        found.append(run.judge(amount(point, "zero_range"), limit))
    return of_points(found)


def over_range(run: Run) -> Outcome:
    """Nothing above Max + 9 e is shown."""
    last = amount(run.at({"load": run.setting("max")}), "e")
    limit = run.limit(run.setting("max") + last * 9, above_zero=True)
    return of_points([run.judge(amount(point, "shown_most"), limit) for point in run.points])


def warm_up(run: Run) -> Outcome:
    """The error with load less that without, `after` less `before`, is inside the MPE; at zero `after` is at most
    0.25 e."""
    found = []
    for point in run.points:
        values = run.at(point)
        if amount(values, "load").value:
            found.append(run.judge(amount(values, "after") - amount(values, "before"), run.mpe(values)))
        else:
            found.append(run.judge(amount(values, "after"), run.limit(run.setting("e1") * _QUARTER)))
    return of_points(found)


def faults(run: Run) -> Outcome:
    """A disturbance changes the result by at most e of the range the load is in, or is detected and acted upon."""
    found = []
    for point in run.points:
        values = run.at(point)
        limit = run.limit(amount(values, "e"))
        one = run.judge(amount(values, "after") - amount(values, "before"), limit)
        if one.verdict is Verdict.FAIL and values.get("detected") == "yes":
            one = Judged(one.error, limit, Verdict.PASS, DETECTED)
        found.append(one)
    return of_points(found)


def span(run: Run) -> Outcome:
    """The averages differ by at most the larger of half an e and half of |MPE|."""
    values = [run.at(point) for point in run.points]
    most = max(*(amount(one, "e") for one in values), *(run.mpe(one).upper for one in values)) * _HALF
    one = spread(run, [amount(point, "after") for point in run.points], run.limit(most, above_zero=True))
    return of_points([one] * len(run.points))


def price(run: Run) -> Outcome:
    """The amount is weight times unit price, rounded to the nearest smallest payable amount."""
    coin = run.setting("coin")
    limit = run.limit(coin * _HALF)
    found = []
    for point in run.points:
        paid = amount(point, "amount")
        due = amount(point, "unit_price") * amount(point, "load").to("kg").value
        one = run.judge(paid - due, limit)
        if paid.ratio(coin).denominator != 1:
            told = Text(f"{paid}不是{coin}的整数倍", f"{paid} is not a multiple of {coin}")
            one = Judged(one.error, limit, Verdict.FAIL, told)
        found.append(one)
    return of_points(found)


def modules(run: Run) -> Outcome:
    """Each fraction between 0.3 and 0.8, 0 of a digital module, 1 of a weighing module; squares add up to at most 1."""
    found = []
    total = Fraction(0)
    for point in run.points:
        p, kind = amount(point, "p").to("1").value, str(point.get("module", "other"))
        fits = {"digital": p == 0, "weighing": p == 1}.get(kind, _SMALLEST_FRACTION <= p <= _LARGEST_FRACTION)
        total += p * p
        told = Text(
            f"模块的p = {Quantity(p, '1')}：应为0.3 … 0.8，数字模块0，称重模块1",
            f"p = {Quantity(p, '1')} of a module: 0.3 … 0.8, digital 0, weighing 1",
        )
        found.append(Judged(None, None, Verdict.PASS if fits else Verdict.FAIL, told))
    if total > 1:
        squares = Quantity(total, "1").shown()
        told = Text(f"平方和为{squares}，最多1", f"the squares add up to {squares}, at most 1")
        return Outcome(Verdict.FAIL, tuple(found), told)
    return of_points(found)


def _presented(run: Run, point: Values) -> Quantity:
    return presented(run.at(point))


def _at_least(moved: Quantity, least: Quantity) -> Judged:
    verdict = Verdict.PASS if moved >= least else Verdict.FAIL
    told = Text(f"{moved.shown()}，至少应为{least.shown()}", f"{moved.shown()}, at least {least.shown()} is required")
    return Judged(moved, None, verdict, told)


def _as_recorded(run: Run, together: Mapping[Quantity, Sequence[tuple[Quantity, Judged]]]) -> tuple[Judged, ...]:
    left = {load: iter(runs) for load, runs in together.items()}
    return tuple(next(left[amount(point, "load")])[1] for point in run.points)


TESTS: Mapping[str, Judgement] = {
    "weighing": weighing,
    "no-load-temperature": no_load_temperature,
    "eccentricity": eccentricity,
    "discrimination": discrimination,
    "sensitivity": sensitivity,
    "repeatability": repeatability,
    "indicators": indicators,
    "zero-return": zero_return,
    "creep": creep,
    "stability": stability,
    "tilting": tilting,
    "tare": tare,
    "quarter": quarter,
    "zero-range": zero_range,
    "over-range": over_range,
    "warm-up": warm_up,
    "faults": faults,
    "span": span,
    "price": price,
    "modules": modules,
}
