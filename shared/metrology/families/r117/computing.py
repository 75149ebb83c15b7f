"""Liquids: Emin, what follows from lines A and B, prices, and the tests that compare runs."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from shared.metrology.family import Computing
from shared.metrology.judgements import DETECTED, Judged, Outcome, Run, lacking, of_points, spread
from shared.metrology.limits import FamilyError, Mpe, Verdict
from shared.metrology.parts import Fault
from shared.metrology.quantity import Quantity
from shared.metrology.rules import amount, tag
from shared.text import Text

if TYPE_CHECKING:
    from shared.metrology.family import Family
    from shared.metrology.rules import Values

_ZERO = Quantity(Fraction(0), "mL")
_LEAST_RATIO = {"dispenser": 10, "lpg-dispenser": 5, "cryogenic": 5}
_RATIO = 4
# (from, below, times a, of this volume or of the volume itself): line A, for the Emin of small quantities.
_SMALL = (("0.1", 4, "0.1"), ("0.2", 4, ""), ("0.4", 2, "0.4"), ("1", 2, ""), ("2", 1, "2"))


class _Liquids(Computing):
    def derive(self, values: Values) -> Values:
        """`a` of the line in use, Emin, and whether a volume is the minimum measured quantity.

        Raises FamilyError for a volume below it.
        """
        found: Values = {}
        if "line_a" in values:
            a, b = amount(values, "line_a"), amount(values, "line_b")
            found["a"] = b if values.get("line") == "B" else a
            found["conversion"], found["calculator"] = a - b, a * Fraction(1, 10)
            found["emin"] = emin(amount(values, "mmq"), a) if "mmq" in values else _ZERO
        if "volume" in values:
            volume = amount(values, "volume")
            at_mmq = "mmq" in values and volume == values["mmq"]
            if "mmq" in values and volume < amount(values, "mmq"):
                raise FamilyError(
                    f"体积{volume}小于最小被测量{values['mmq']}",
                    f"volume {volume} is outside {values['mmq']} … any: it is below the minimum measured quantity",
                )
            found["at_mmq"] = "yes" if at_mmq else "no"
        return found

    def check(self, family: Family, values: Values) -> list[Fault]:
        """Emin is at least two intervals, and the range of flows is wide enough."""
        del family
        found = []
        kind = tag(values, "kind")
        least = _LEAST_RATIO.get(kind, _RATIO)
        if amount(values, "qmax").ratio(amount(values, "qmin")) < least:
            told = f"Qmax/Qmin = {values['qmax']} / {values['qmin']} < {least}"
            found.append(
                Fault("qmax", "R117-1 flow range", Text(f"流量范围过小: {told}", f"the range is too small: {told}"))
            )
        if "interval" in values and amount(values, "emin") < amount(values, "interval") * 2:
            told = f"Emin = {amount(values, 'emin').to('mL')} < 2 d = {amount(values, 'interval') * 2}"
            found.append(
                Fault("interval", "R117-1 Emin", Text(f"分度值过大: {told}", f"the interval is too coarse: {told}"))
            )
        return found

    def error(self, values: Values) -> Quantity:
        """Vi - Vref."""
        return amount(values, "indicated") - amount(values, "reference")


def emin(mmq: Quantity, a: Quantity) -> Quantity:
    """The smallest limit there is: 2 MMQ A/100, and below 2 L twice the limit of the small volume MMQ, line A."""
    share = a.to("1").value
    litres = mmq.to("L").value
    for below, times, of in _SMALL:
        if litres < Fraction(below):
            return Quantity((Fraction(of) if of else litres) * times * share * 2, "L")
    return Quantity(litres * share * 2, "L")


def critical_change(limit: Mpe, least: Quantity) -> Quantity:
    """The larger of a fifth of the MPE and Emin."""
    return max(limit.upper * Fraction(1, 5), least)


def critical(run: Run) -> Outcome:
    """A disturbance changes the error by at most the critical change, or is detected and acted upon."""
    found = []
    for point in run.points:
        values = run.at(point)
        limit = run.limit(critical_change(run.mpe(values), amount(values, "emin")))
        one = run.judge(amount(values, "after") - amount(values, "before"), limit)
        if one.verdict is Verdict.FAIL and values.get("detected") == "yes":
            one = Judged(one.error, limit, Verdict.PASS, DETECTED)
        found.append(one)
    return of_points(found)


def repeatability(run: Run) -> Outcome:
    """Runs of one volume, at least five times MMQ, differ by at most 2/5 of the MPE of line A."""
    most = run.mpe({**run.at(run.points[0]), "line": "A", "a": amount(run.values, "line_a")})
    if any(amount(point, "volume") < run.setting("mmq") * 5 for point in run.points):
        least = run.setting("mmq") * 5
        return lacking(f"体积至少应为5 MMQ = {least}", f"a volume of at least 5 MMQ = {least} is required")
    errors = [run.family.computing.error(point) for point in run.points]
    one = spread(run, errors, run.limit(most.upper * Fraction(2, 5), above_zero=True))
    return of_points([one] * len(run.points))


def relative_spread(run: Run) -> Outcome:
    """JJG 443: the largest less the smallest relative error of three runs, in per cent. Later editions may divide this
    range by a coefficient (1.69 for three runs in other texts); none is applied."""
    programme = run.family.programme("jjg443-repeatability", run.programme.edition)
    values = run.at(run.points[0])
    limit = programme.mpe(values)
    errors = [
        Quantity(run.family.computing.error(point).ratio(amount(point, "reference")) * 100, "%") for point in run.points
    ]
    one = spread(run, errors, Mpe(limit.upper * 0, limit.upper, limit.rule_id, limit.edition, limit.source))
    return of_points([one] * len(run.points))


def flow_range(run: Run) -> Outcome:
    """The largest flow reached is at least so many times the smallest."""
    flows = [amount(point, "flow") for point in run.points]
    least = _LEAST_RATIO.get(tag(run.values, "kind"), _RATIO)
    reached = max(flows).ratio(min(flows))
    verdict = Verdict.PASS if reached >= least else Verdict.FAIL
    ratio = f"Qmax:Qmin {Quantity(reached, '1').shown()}:1"
    told = Text(f"{ratio}，至少应为{least}:1", f"{ratio}, at least {least}:1")
    return Outcome(verdict, tuple(Judged(None, None, verdict, told) for _ in flows), told)


def air(run: Run) -> Outcome:
    """Air or gas adds at most 0.5 % of the volume, but at least 1 % of MMQ is allowed; 1 % above 1 mPa.s."""
    found = []
    share = Fraction(1, 100) if tag(run.values, "liquid") == "viscous" else Fraction(1, 200)
    for point in run.points:
        most = max(amount(point, "volume") * share, run.setting("mmq") * Fraction(1, 100))
        found.append(run.judge(amount(point, "after") - amount(point, "before"), run.limit(most)))
    return of_points(found)


def price(run: Run) -> Outcome:
    """The amount is that of volume and unit price, to the price of Emin, or to the smallest step if that is more."""
    found = []
    step = amount(run.values, "coin") if "coin" in run.values else Quantity(Fraction(0), "CNY")
    for point in run.points:
        values = run.at(point)
        unit_price = amount(values, "unit_price")
        due = unit_price * amount(values, "volume").to("L").value
        most = step
        if "emin" in values and run.item.id.startswith("r117."):
            most = max(step, unit_price * amount(values, "emin").to("L").value)
        found.append(run.judge(amount(values, "amount") - due, run.limit(most)))
    return of_points(found)


def hose(run: Run) -> Outcome:
    """At most 2 % of MMQ (Orden ICT/155/2020, recalled in detail)."""
    limit = run.limit(run.setting("mmq") * Fraction(1, 50))
    return of_points([run.judge(amount(point, "dilation"), limit) for point in run.points])


def endurance(run: Run) -> Outcome:
    """The change of the error is at most line B of the volume."""
    found = []
    for point in run.points:
        most = amount(point, "volume") * amount(run.values, "line_b").to("1").value
        found.append(run.judge(amount(point, "after") - amount(point, "before"), run.limit(most)))
    return of_points(found)


COMPUTING = _Liquids()
COMPUTING.judgements = {
    "critical-change": critical,
    "repeatability": repeatability,
    "relative-spread": relative_spread,
    "flow-range": flow_range,
    "air": air,
    "price": price,
    "hose": hose,
    "endurance": endurance,
}
