"""Which members of a series are tested, and why: the algorithm of R 60-2:2021, 2.4, for every family with capacities.

Members that share all characteristics of a family's `Series.groups` are one group. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from shared.metrology.limits import FamilyError
from shared.metrology.quantity import Quantity
from shared.metrology.rules import amount
from shared.metrology.units import QuantityError
from shared.text import Text, comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.metrology.family import Family
    from shared.metrology.parts import Series
    from shared.metrology.rules import Values

FULL = "full"
CONSTRUCTION = ("principle", "material")
"""What all members share, or they are no series: measurement principle, material and construction."""


@dataclass(frozen=True, slots=True)
class Member:
    """A variant of a series by its name and characteristics."""

    id: str
    values: Values


@dataclass(frozen=True, slots=True)
class Choice:
    """`tests`: "full", the items of a partial test, or none of a member that `covered_by` tested ones covers."""

    member: str
    tests: tuple[str, ...]
    covered_by: tuple[str, ...]
    told: Text


def read_members(held: Family, given: Sequence[Mapping[str, str]]) -> list[Member]:
    """Members as texts, each with its `id`; raises FamilyError naming the member at fault, or what sets them apart."""
    found = []
    for number, one in enumerate(given, start=1):
        name = one.get("id") or str(number)
        characteristics = {key: text for key, text in one.items() if key not in {"id", *CONSTRUCTION}}
        try:
            found.append(Member(name, held.values(characteristics)))
        except (FamilyError, QuantityError) as error:
            raise FamilyError(f"规格{name}：{error.told.zh}", f"member {name}: {error}") from None
    if doubled := {one.id for one in found if [other.id for other in found].count(one.id) > 1}:
        shared = ", ".join(sorted(doubled))
        raise FamilyError(f"规格标识重复：{shared}", f"members share the id {shared}")
    for name in CONSTRUCTION:
        said = {comparable(one[name]): one[name] for one in given if name in one}
        if len(said) > 1:
            apart = ", ".join(said.values())
            raise FamilyError(
                f"{name}：{apart}不成系列，请分别评价", f"{name}: {apart} are no series; evaluate them apart"
            )
    return found


def select(held: Family, members: Sequence[Member]) -> list[Choice]:
    """Every member with its tests and the reason, the fewest that the rules allow; raises FamilyError where the family
    has no rule, or a member lacks what the rule needs."""
    rule = held.series
    if rule is None:
        raise FamilyError(
            f"{held.id}没有系列规则，每个规格都要试验",
            f"{held.id}: no rule for series is held; every variant is tested",
        )
    groups = _groups(held, rule, members)
    chosen = _smallest(rule, groups)
    _walk_up(rule, groups, chosen)
    _cover_rest(held, rule, groups, chosen)
    first = next(iter(chosen))
    told = []
    for member in members:
        if member.id in chosen:
            why = chosen[member.id][1]
            if rule.once and member.id == first:
                once = f"{why.en}; and once for the series {', '.join(rule.once)}"
                why = Text(f"{why.zh}；整个系列只试一次的项目", once)
            told.append(Choice(member.id, (FULL,), (), Text(f"{why.zh}（{rule.clause}）", f"{why.en} ({rule.clause})")))
        else:
            told.append(_not_chosen(held, rule, member, [one for one, _ in chosen.values()]))
    return told


def covering(held: Family, tested: Sequence[Member], member: Member) -> tuple[str, ...]:
    """The tested members that let a certificate cover another one; empty if nothing does.

    It lies between two tested ones or up to `covers` times the largest of them, and the one next below is no less
    severe in anything that sets groups apart.
    """
    rule = held.series
    if rule is None:
        return ()
    own = held.computing.covers(member.values, [one.values for one in tested])
    if own is not None:
        return tuple(tested[place].id for place in own)
    capacity = _capacity(rule, member)
    fit = [one for one in tested if _no_less_severe(held, rule, one, member)]
    below = [one for one in fit if _capacity(rule, one) <= capacity]
    if not below:
        return ()
    nearest = max(below, key=lambda one: _capacity(rule, one).base)
    above = [one for one in tested if _capacity(rule, one) > capacity]
    if above:
        return (nearest.id, min(above, key=lambda one: _capacity(rule, one).base).id)
    return (nearest.id,) if capacity <= _capacity(rule, nearest) * rule.covers else ()


_Chosen = dict[str, tuple[Member, Text]]


def _groups(held: Family, rule: Series, members: Sequence[Member]) -> list[list[Member]]:
    """Best group first, the smallest capacity first in each."""
    found: dict[tuple[Fraction, ...], list[Member]] = {}
    for member in members:
        try:
            _capacity(rule, member)
            found.setdefault(tuple(_severity(held, name, member) for name in rule.groups), []).append(member)
        except FamilyError as error:
            raise FamilyError(f"规格{member.id}：{error.told.zh}", f"member {member.id}: {error}") from None
    if not found:
        raise FamilyError("至少要有一个规格", "members: give at least one")
    return [sorted(found[key], key=lambda one: _capacity(rule, one).base) for key in sorted(found)]


def _severity(held: Family, name: str, member: Member) -> Fraction:
    """Smaller is more severe. What is not said of "n+" or "e-" is least severe."""
    if name == "class":
        if "class" not in member.values:
            raise FamilyError("缺准确度等级", "class is missing")
        return Fraction(held.rank(str(member.values["class"])))
    if name[:-1] not in member.values:
        return Fraction(10**30)
    value = amount(member.values, name[:-1]).base
    return -value if name.endswith("+") else value


def _smallest(rule: Series, groups: Sequence[Sequence[Member]]) -> _Chosen:
    """The smallest of the best group, and of every other unless a better selected one covers it."""
    chosen: _Chosen = {}
    for place, group in enumerate(groups):
        smallest, capacity = group[0], _capacity(rule, group[0])
        capacities = [_capacity(rule, one) for one, _ in chosen.values()]
        covered = any(one <= capacity for one in capacities) and capacity <= max(capacities) * rule.covers
        if not covered:
            best = Text("最优组中最小量程", "smallest capacity of the best group")
            own = Text("本组最小量程，未被更优样机覆盖", "smallest capacity of its group, not covered by a better one")
            chosen[smallest.id] = (smallest, own if place else best)
    return chosen


def _walk_up(rule: Series, groups: Sequence[Sequence[Member]], chosen: _Chosen) -> None:
    """Select further ones wherever the largest of a group is more than `covers` times the nearest smaller selected."""
    for place, group in enumerate(groups):
        largest = _capacity(rule, group[-1])
        while True:
            smaller = [_capacity(rule, one) for one, _ in chosen.values() if _capacity(rule, one) <= largest]
            nearest = max(smaller, key=lambda one: one.base)
            if largest.ratio(nearest) <= rule.covers:
                break
            low, high = nearest * rule.covers, nearest * rule.reach
            inside = [one for one in group if low <= _capacity(rule, one) <= high]
            above = [one for one in group if _capacity(rule, one) > high]
            found = inside[-1] if inside else above[0]
            best = _most_severe(rule, groups[: place + 1], found)
            ratio = _told(_capacity(rule, found).ratio(nearest))
            en = f"{ratio} times the next smaller selected, {nearest}"
            zh = f"为已选较小样机 {nearest} 的 {ratio} 倍"
            chosen[best.id] = (best, Text(zh, en))


def _cover_rest(held: Family, rule: Series, groups: Sequence[Sequence[Member]], chosen: _Chosen) -> None:
    """Select also what those selected do not cover: nothing is proposed that could not be certified."""
    for member in (one for group in groups for one in group if one.id not in chosen):
        tested = [one for one, _ in chosen.values()]
        if not _not_chosen(held, rule, member, tested).tests and not covering(held, tested, member):
            chosen[member.id] = (member, Text("未被所选样机覆盖", "not covered by those selected"))


def _most_severe(rule: Series, groups: Sequence[Sequence[Member]], found: Member) -> Member:
    """Of the same capacity in several groups, the one of the best group."""
    same = (one for group in groups for one in group if _capacity(rule, one) == _capacity(rule, found))
    return next(same)


def _not_chosen(held: Family, rule: Series, member: Member, chosen: Sequence[Member]) -> Choice:
    same = [one for one in chosen if _capacity(rule, one) == _capacity(rule, member)]
    tests = [
        test
        for name, items in rule.partial_tests.items()
        if any(_severity(held, name, member) < _severity(held, name, one) for one in same)
        for test in items
    ]
    if tests:
        names = ", ".join(name for name in rule.partial_tests if name)
        zh, en = f"与同量程样机相比指标更严（{names}）", "more severe than the tested one of its capacity"
        by = tuple(one.id for one in same)
        return Choice(member.id, tuple(tests), by, Text(f"{zh}，部分试验", f"{en}: partial tests ({rule.clause})"))
    capacity = _capacity(rule, member)
    below = max((one for one in chosen if _capacity(rule, one) <= capacity), key=lambda one: _capacity(rule, one).base)
    above = [one for one in chosen if _capacity(rule, one) > capacity]
    by = (below.id, *([min(above, key=lambda one: _capacity(rule, one).base).id] if above else []))
    between = f"between {by[0]} and {by[1]}" if above else f"up to {_told(rule.covers)} times {by[0]}"
    zh = f"介于 {by[0]} 与 {by[1]} 之间" if above else f"不超过 {by[0]} 的 {_told(rule.covers)} 倍"
    return Choice(member.id, (), by, Text(f"{zh}，已覆盖（{rule.clause}）", f"covered, {between} ({rule.clause})"))


def _no_less_severe(held: Family, rule: Series, tested: Member, member: Member) -> bool:
    return all(_severity(held, name, tested) <= _severity(held, name, member) for name in rule.groups)


def _capacity(rule: Series, member: Member) -> Quantity:
    found = amount(member.values, rule.capacity)
    if found.value <= 0:
        raise FamilyError(
            f"{rule.capacity} = {found}：应大于零", f"{rule.capacity} = {found}: give a capacity above zero"
        )
    return found


def _told(ratio: Fraction) -> str:
    """A ratio for people: 10, 12.5, 33.3333."""
    return Quantity(ratio, "1").shown()
