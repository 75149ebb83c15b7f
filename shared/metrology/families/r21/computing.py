"""Taximeters: what a value is of, and the real-time clock."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from shared.metrology.family import Computing
from shared.metrology.judgements import Outcome, Run, of_points
from shared.metrology.limits import FamilyError
from shared.metrology.parts import Fault
from shared.metrology.quantity import Quantity
from shared.metrology.rules import amount
from shared.metrology.units import known
from shared.text import Text

if TYPE_CHECKING:
    from shared.metrology.family import Family
    from shared.metrology.rules import Values

_DIMENSIONS = {"distance": "length", "time": "time", "fare": "money", "constant": "pulses per length", "clock": "time"}
_SPAN = Quantity(Fraction(80), "K")
_CLOCK = Fraction("0.0002")


class _Taximeter(Computing):
    def derive(self, values: Values) -> Values:
        """A bare number of a fare is in yuan. Raises FamilyError for a value that is not of its quantity."""
        found: Values = {}
        dimension = _DIMENSIONS[str(values["quantity"])] if "quantity" in values else ""
        for name in ("value", "shown"):
            if name not in values or not dimension:
                continue
            value = amount(values, name)
            if value.unit == "1" and dimension == "money":
                found[name] = value = Quantity(value.value, "CNY")
            if value.dimension != dimension:
                codes = " ".join(known(dimension))
                raise FamilyError(
                    f"{name} {value}：应用{codes}", f"{name} {value}: a {values['quantity']} is given in one of {codes}"
                )
            if value.value < 0:
                raise FamilyError(
                    f"{name} {value}不应小于0 {value.unit}", f"{name} {value} is outside 0 {value.unit} … any"
                )
        return found

    def check(self, family: Family, values: Values) -> list[Fault]:
        """The range of temperatures spans at least 80 °C."""
        del family
        if {"temperature_low", "temperature_high"} <= values.keys():
            span = amount(values, "temperature_high") - amount(values, "temperature_low")
            if span < _SPAN:
                zh, en = (
                    f"温度范围 {span} 小于 80 K",
                    f"the range of temperatures spans {span}, at least 80 K is required",
                )
                return [Fault("temperature_high", "2014/32/EU Annex IX", Text(zh, en))]
        return []

    def error(self, values: Values) -> Quantity:
        """What is shown less what is true: positive where the passenger pays too much."""
        return amount(values, "shown") - amount(values, "value")


def clock(run: Run) -> Outcome:
    """At most 0.02 % of the time between."""
    return of_points(
        [run.judge(amount(one, "deviation"), run.limit(amount(one, "days") * _CLOCK)) for one in run.points]
    )


COMPUTING = _Taximeter()
COMPUTING.judgements = {"clock": clock}
