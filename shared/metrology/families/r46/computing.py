"""Electricity meters: power factor and band of temperature as the tables call them, and tests of several errors."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from shared.metrology.family import Computing
from shared.metrology.judgements import Judged, Outcome, Run, of_points
from shared.metrology.limits import FamilyError, Verdict
from shared.metrology.parts import Fault
from shared.metrology.quantity import Quantity
from shared.metrology.rules import amount, tag
from shared.text import Text

if TYPE_CHECKING:
    from shared.metrology.family import Family
    from shared.metrology.rules import Values

_POWER_FACTOR = re.compile(r"(0?\.[0-9]+|0|1(?:\.0*)?)\s*([LC]?)", re.IGNORECASE)
_LEAST = {"L": Fraction("0.5"), "C": Fraction("0.8")}
# The inner band comes first, so that a temperature between two belongs to it.
_BANDS = (("I", 5, 30), ("II", -10, 40), ("III", -25, 55), ("IV", -40, 70))
_ORDER = ("ist", "imin", "itr", "imax")


class _Electricity(Computing):
    def derive(self, values: Values) -> Values:
        """`power` is unity or other, `band` that of the temperature, `imin_ratio` I_min/I.

        Raises FamilyError for a power factor outside 0.5 L to 0.8 C and a temperature outside -40 to +70 °C.
        """
        found: Values = {}
        if "pf" in values:
            found["pf"], found["power"] = power_factor(tag(values, "pf"))
        if "temp" in values:
            found["band"] = _band(amount(values, "temp"))
        if {"current", "imin"} <= values.keys() and (current := amount(values, "current")).value:
            found["imin_ratio"] = Quantity(amount(values, "imin").ratio(current), "1")
        return found

    def check(self, family: Family, values: Values) -> list[Fault]:
        """The currents rise from I_st to I_max, and a meter through transformers has I_n, a direct one by IEC I_b."""
        del family
        found = []
        known = [name for name in _ORDER if name in values]
        for lower, upper in pairwise(known):
            if amount(values, lower) >= amount(values, upper):
                told = f"{lower} = {values[lower]} ≥ {upper} = {values[upper]}"
                found.append(
                    Fault(upper, "R46-1 currents", Text(f"电流顺序不对: {told}", f"the currents must rise: {told}"))
                )
        wanted = ("in" if values["connection"] == "transformer" else "ib",) if values["class"] in {"1", "2"} else _ORDER
        lacking = [name for name in wanted if name not in values]
        return found + [Fault(one, "R46-1 currents", Text(f"缺少 {one}", f"{one} is missing")) for one in lacking]

    def error(self, values: Values) -> Quantity:
        """As the test bench gives it, or (Wi - Wa)/Wa in per cent."""
        if "measured" in values:
            return amount(values, "measured")
        actual = amount(values, "actual")
        return Quantity((amount(values, "indicated") - actual).ratio(actual) * 100, "%")


def power_factor(text: str) -> tuple[str, str]:
    """As it is written in one way, 0.5L, and whether it is unity or other; raises FamilyError for what has no limit."""
    match = _POWER_FACTOR.fullmatch(text.strip())
    if match is None:
        raise FamilyError(
            f"功率因数“{text}”：请写1、0.5L（感性）或0.8C（容性）",
            f"pf {text!r}: write 1, 0.5L (inductive) or 0.8C (capacitive)",
        )
    value, side = Fraction(match[1].rstrip(".")), match[2].upper()
    if value == 1:
        return "1", "unity"
    if not side:
        raise FamilyError(
            f"功率因数“{text}”：请注明L（感性）或C（容性），如0.5L",
            f"pf {text!r}: say L for inductive or C for capacitive, as 0.5L",
        )
    if value < _LEAST[side]:
        raise FamilyError(f"功率因数“{text}”不在0.5L … 1 … 0.8C之内", f"pf {text!r} is outside 0.5L … 1 … 0.8C")
    return f"{Quantity(value, '1')}{side}", "other"


def fault_energy(elements: int, voltage: Quantity, current: Quantity) -> Quantity:
    """m · U_n · I_max · 10^-6 kW.h: what a transient may add to the register at no load."""
    return Quantity(elements * voltage.to("V").value * current.to("A").value / 10**6, "kW.h")


def _band(temperature: Quantity) -> str:
    for name, low, high in _BANDS:
        if Quantity(Fraction(low), "Cel") <= temperature <= Quantity(Fraction(high), "Cel"):
            return name
    raise FamilyError(f"温度{temperature}不在-40 Cel … 70 Cel之内", f"temp {temperature} is outside -40 Cel … 70 Cel")


def temperature_coefficient(run: Run) -> Outcome:
    """The change of the error for every kelvin, at unity and inductive."""
    found = []
    for point in run.points:
        values = run.at(point)
        kelvins = amount(values, "kelvin").to("K").value
        if not kelvins:
            raise FamilyError("两个温度不应相同", "kelvin: the temperatures must differ")
        change = (amount(values, "after") - amount(values, "before")).to("%").value / kelvins
        limit = amount(values, "tc_unity" if values["power"] == "unity" else "tc_inductive")
        found.append(run.judge(Quantity(change, "%/K"), run.limit(limit)))
    return of_points(found)


def combined(run: Run) -> Outcome:
    """√(e² + δT² + δU² + δf²) is inside the limit at rated conditions; squares keep the comparison exact."""
    programme = run.family.programme("mid5")
    found = []
    for point in run.points:
        values = run.at(point)
        parts = ("measured", "shift_temperature", "shift_voltage", "shift_frequency")
        square = sum((amount(values, part).to("%").value ** 2 for part in parts), Fraction(0))
        limit = programme.mpe(values, run.country)
        verdict = Verdict.PASS if square <= limit.upper.to("%").value ** 2 else Verdict.FAIL
        told = Text.plain(f"e² = {Quantity(square, '1').shown()} (%²), {limit}")
        found.append(Judged(None, limit, verdict, told))
    return of_points(found)


def no_load(run: Run) -> Outcome:
    """At most one pulse."""
    limit = run.limit(Quantity(Fraction(1), "{imp}"), above_zero=True)
    return of_points([run.judge(amount(point, "pulses"), limit) for point in run.points])


def constant(run: Run) -> Outcome:
    """The pulses are those of the register: pulses less register times constant is nothing."""
    limit = run.limit(Quantity(Fraction(0), "{imp}"))
    found = []
    for point in run.points:
        due = amount(point, "registered").to("kW.h").value * run.setting("constant").value
        found.append(run.judge(amount(point, "pulses") - Quantity(due, "{imp}"), limit))
    return of_points(found)


def register(run: Run) -> Outcome:
    """The register changes by at most the energy of a fault."""
    elements = int(run.setting("elements").value)
    limit = run.limit(fault_energy(elements, run.setting("un"), run.setting("imax")))
    return of_points([run.judge(amount(point, "registered"), limit) for point in run.points])


COMPUTING = _Electricity()
COMPUTING.judgements = {
    "temperature-coefficient": temperature_coefficient,
    "combined": combined,
    "no-load": no_load,
    "constant": constant,
    "register": register,
}
