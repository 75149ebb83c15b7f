"""Weighing instruments: partial ranges, what Table 3 asks of them, and the error of an indication (A.4.4.3)."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from shared.metrology.families.r76.indication import presented
from shared.metrology.families.r76.tests import TESTS
from shared.metrology.family import Computing
from shared.metrology.limits import FamilyError
from shared.metrology.parts import Fault
from shared.metrology.quantity import Quantity, plain
from shared.metrology.rules import amount, tag
from shared.metrology.units import QuantityError
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.metrology.family import Family
    from shared.metrology.rules import Values


class _Weighing(Computing):
    judgements = TESTS

    def derive(self, values: Values) -> Values:
        """e of the range or partial range that a load is in, the smallest e, n, and the span of temperatures.

        Raises FamilyError for a load above Max, a range there is not, and partial ranges that cannot be read.
        """
        if "partial" in values:
            return self._of_partial(values)
        if "ranges" in values:
            return self._of_range(values)
        if "e" not in values or values["e"] is values.get("e1"):
            return {}
        e = amount(values, "e")
        found: Values = {"e1": e, **_span(values)}
        if e.value > 0 and "max" in values:
            found |= {"n": Quantity(amount(values, "max").ratio(e), "1"), "interval_kind": "single"}
        return found

    def _of_partial(self, values: Values) -> Values:
        parts = partial_ranges(tag(values, "partial"))
        found: Values = {"e1": parts[0][1], "e": parts[0][1]}
        if "load" in values:
            load = amount(values, "load")
            found["e"] = next((e for most, e in parts if load <= most), parts[-1][1])
            if load > parts[-1][0]:
                raise FamilyError(
                    f"载荷{load}大于最大秤量{parts[-1][0]}",
                    f"load {load} is outside 0 g … {parts[-1][0]}: it is above Max",
                )
        if "interval_kind" not in values:
            found |= {"max": parts[-1][0], **_span(values)}
        return found

    def _of_range(self, values: Values) -> Values:
        parts = partial_ranges(tag(values, "ranges"))
        number = values.get("range")
        if number is None and len({e for _, e in parts}) > 1 and "load" in values:
            raise FamilyError(
                f"缺称量范围：请说明使用第1至{len(parts)}个中的哪一个",
                f"range is missing: say which of the ranges 1 to {len(parts)} is in use",
            )
        if number is not None and number not in {str(place) for place in range(1, len(parts) + 1)}:
            raise FamilyError(f"称量范围“{number}”：可用1至{len(parts)}", f"range {number!r}: use 1 to {len(parts)}")
        most, e = parts[int(str(number or "1")) - 1]
        if "load" in values and amount(values, "load") > most:
            raise FamilyError(
                f"载荷{values['load']}大于第{number}称量范围的最大秤量{most}",
                f"load {values['load']} is outside 0 g … {most}: it is above Max of range {number}",
            )
        found: Values = {"e": e, "max": most, "e1": min(e for _, e in parts), **_span(values)}
        return found | {"n": Quantity(most.ratio(e), "1"), "interval_kind": "single"}

    def check(self, family: Family, values: Values) -> list[Fault]:
        """With an auxiliary device e is a power of ten; T- is at most Max; partial ranges rise and suit the class."""
        found: list[Fault] = []
        ranges = partial_ranges(tag(values, "ranges")) if "ranges" in values else ()
        most = max((top for top, _ in ranges), default=values.get("max"))
        tared = values.get("tare_subtractive")
        if isinstance(most, Quantity) and isinstance(tared, Quantity) and tared > most:
            told = f"T- = {tared}, Max = {most}"
            zh, en = f"扣除皮重不大于最大秤量: {told}", f"T- is at most Max: {told}"
            found.append(Fault("tare_subtractive", "R76-1 T.3.1", Text(zh, en)))
        if values.get("auxiliary") == "yes" and "e" in values:
            e = amount(values, "e").to("g").value
            if plain(e).replace(".", "").strip("0") != "1":
                why = Text(
                    f"有辅助指示装置时 e = {values['e']} 应为 10^k g",
                    f"with an auxiliary device e = {values['e']} must be 10^k g",
                )
                found.append(Fault("e", "R76-1 3.4.2", why))
        if "partial" in values:
            found += self._check_parts(family, values, partial_ranges(tag(values, "partial")))
        for place, (top, interval) in enumerate(ranges, start=1):
            own: Values = {**values, "range": str(place), "e": interval, "max": top}
            own["n"], own["interval_kind"] = Quantity(top.ratio(interval), "1"), "single"
            if place > 1:
                own.pop("min", None)
            found += family.unmet(own)
        return found

    def _check_parts(self, family: Family, values: Values, parts: tuple[tuple[Quantity, Quantity], ...]) -> list[Fault]:
        found: list[Fault] = []
        for place, (most, e) in enumerate(parts):
            last = place == len(parts) - 1
            own: Values = {**values, "e": e, "max": most, "n": Quantity(most.ratio(e), "1")}
            own["interval_kind"] = "last" if last else "partial" if place else "first"
            if not last:
                following = parts[place + 1]
                own["steps"] = Quantity(most.ratio(following[1]), "1")
                if following[1] <= e or following[0] <= most:
                    told = f"{most}/{e}, {following[0]}/{following[1]}"
                    found.append(
                        Fault("partial", "R76-1 3.3", Text(f"各分段应递增: {told}", f"Max and e must rise: {told}"))
                    )
            found += [fault for fault in family.unmet(own) if fault.name in {"e", "n", "steps", "min", "interval_kind"}]
            found += [one for one in [family.parameters["e"].fault(own)] if one]
        return found

    def covers(self, member: Values, tested: Sequence[Values]) -> tuple[int, ...]:
        """R 76-1 3.10.4, recalled: Max between two tested ones whose ratio is at most 10, or n no greater, e no smaller
        and Max at most 5 Max_test n_test/n."""
        most, n, e = (amount(member, name) for name in ("max", "n", "e"))
        for place, one in enumerate(tested):
            reach = amount(one, "max") * (5 * amount(one, "n").ratio(n))
            if n <= amount(one, "n") and e >= amount(one, "e") and most <= reach:
                return (place,)
        by_max = sorted(range(len(tested)), key=lambda place: amount(tested[place], "max").base)
        for low, high in pairwise(by_max):
            ends = amount(tested[low], "max"), amount(tested[high], "max")
            if ends[0] <= most <= ends[1] and ends[1].ratio(ends[0]) <= 10:  # noqa: PLR2004 - the ratio of the rule
                return (low, high)
        return ()

    def error(self, values: Values) -> Quantity:
        """Ec = P - L - E0."""
        return presented(values) - amount(values, "load") - amount(values, "zero_error")


@lru_cache(maxsize=64)
def partial_ranges(text: str) -> tuple[tuple[Quantity, Quantity], ...]:
    """Read "3 kg/2 g, 6 kg/5 g" as pairs of Max and e; raises FamilyError for what cannot be read."""
    found = []
    for part in text.replace("，", ",").split(","):
        ends = [one.strip() for one in part.split("/")]
        try:
            most, e = (Quantity.parse(one) for one in ends)
        except (QuantityError, ValueError) as error:
            raise FamilyError(
                f"“{part.strip()}”：请写成Max/e，如3 kg/2 g",
                f"partial range {part.strip()!r}: write Max/e, as 3 kg/2 g ({error})",
            ) from None
        if {most.dimension, e.dimension} != {"mass"} or e.value <= 0 or most.value <= 0:
            raise FamilyError(
                f"“{part.strip()}”：请给出大于零的质量，如3 kg/2 g",
                f"partial range {part.strip()!r}: give masses above zero, as 3 kg/2 g",
            )
        found.append((most, e))
    return tuple(found)


def _span(values: Values) -> Values:
    if not {"temperature_low", "temperature_high"} <= values.keys():
        return {}
    return {"temperature_span": amount(values, "temperature_high") - amount(values, "temperature_low")}


COMPUTING = _Weighing()
