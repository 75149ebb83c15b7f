"""The draw of an assessment team from the register of experts: random, and reproduced by anybody from its log. Pure.

Experts are ordered by the SHA-256 of `seed:code`, the code as it is compared. The first ones are the team; if none of
them may lead, the last seat goes to the next who may. The first of the team who may lead is the leader. Whoever stands
aside leaves a seat, which goes to the next in the order who has not stood aside; the leader's to the next who may lead.
The log is JSON data:

* `seed`, `on` (the day of the draw), `size`;
* `pool`: everybody in the register on that day with `code` and `may_lead`; whoever is not to be drawn has `excluded`,
  the grounds in words. Where the draw would make the team that assessed the same maker last, the last of it in the
  order, or as near to the last as leaves a team, is excluded for that;
* `team`: the codes drawn, the leader first;
* `changes`, in order of time: `aside` and `instead` where somebody stood aside, `back` and `leaves` where they took
  their seat again. Who had become unfit by the day of a change is in its `unfit`, with the grounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from shared.text import comparable, same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

LEAST = 2
"""Assessors of a team, at least (Administrative Licensing Law Art. 34)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the register, whether they may lead, and the grounds on which they are not drawn."""

    code: str
    may_lead: bool
    excluded: Sequence[Mapping[str, str]] = ()

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = {"code": self.code, "may_lead": self.may_lead}
        return {**found, "excluded": list(self.excluded)} if self.excluded else found


@dataclass(frozen=True, slots=True)
class Former:
    """The team that assessed the same maker last, by codes as they are compared, and the ground on which the same team
    does not come again."""

    team: frozenset[str]
    ground: Mapping[str, str]

    def comes_again(self, team: Iterable[str]) -> bool:
        return frozenset(map(comparable, team)) == self.team

    def without(self, candidates: Iterable[Candidate], code: str) -> list[Candidate]:
        """The candidates, of whom one gives way."""
        return [replace(one, excluded=(*one.excluded, self.ground)) if one.code == code else one for one in candidates]


def in_order(seed: str, codes: Iterable[str]) -> list[str]:
    """The codes in the order in which they are drawn."""
    return sorted(codes, key=lambda code: sha256(f"{seed}:{comparable(code)}".encode()).digest())


def draw(
    seed: str, on: str, size: int, candidates: Sequence[Candidate], former: Former | None = None
) -> dict[str, Any] | None:
    """The log of a draw, which does not make the `former` team; None if there are too few, or nobody who may lead."""
    pool = [one.told for one in sorted(candidates, key=lambda one: comparable(one.code))]
    log = {"seed": seed, "on": on, "size": size, "pool": pool}
    team = _drawn(log)
    if former and former.comes_again(team):
        others = (draw(seed, on, size, former.without(candidates, code)) for code in reversed(in_order(seed, team)))
        return next((other for other in others if other), None)
    return {**log, "team": team, "changes": []} if team else None


def _drawn(log: Mapping[str, Any]) -> list[str]:
    ordered, leading = _eligible(log), _leading(log)
    team, later = ordered[: log["size"]], ordered[log["size"] :]
    if len(team) < log["size"] or not leading & {*ordered}:
        return []
    if not leading & {*team}:
        team[-1] = next(code for code in later if code in leading)
    leader = next(code for code in team if code in leading)
    return [leader, *(code for code in team if code != leader)]


def _eligible(log: Mapping[str, Any]) -> list[str]:
    return in_order(log["seed"], [one["code"] for one in log["pool"] if "excluded" not in one])


def _leading(log: Mapping[str, Any]) -> set[str]:
    return {one["code"] for one in log["pool"] if one["may_lead"]}


def team_of(log: Mapping[str, Any]) -> list[str]:
    """The team as the log makes it, drawn again from its seed and pool: the leader first. What the log says of its own
    outcome is not used, so a log in which it differs was changed."""
    seats = _drawn(log)
    aside: dict[str, int] = {}
    for change in log["changes"]:
        if "back" in change:
            seat = aside.pop(change["back"])
            seats[seat] = change["back"]
        else:
            seat = seats.index(change["aside"])
            aside[change["aside"]] = seat
            seats[seat] = _next(log, seats, seat, {*aside, *(one["code"] for one in change["unfit"])}) or ""
    return seats


def stood_aside(log: Mapping[str, Any]) -> set[str]:
    """Who stood aside and has not come back."""
    found: set[str] = set()
    for change in log["changes"]:
        found = found - {change["back"]} if "back" in change else found | {change["aside"]}
    return found


def excused(log: Mapping[str, Any]) -> set[str]:
    """Who is not drawn for the case again: whoever stood aside in this draw, or in one before it."""
    before = (one for one in log["pool"] if any(each["cause"] == "stood_aside" for each in one.get("excluded", ())))
    return stood_aside(log) | {one["code"] for one in before}


def stand_aside(
    log: Mapping[str, Any], aside: str, candidates: Sequence[Candidate], former: Former | None = None
) -> dict[str, Any] | None:
    """Who takes the seat of `aside`, as a change of the log; None if nobody is left. `candidates` are those in the
    register on this day; whoever would make the team the `former` one is not fit."""
    seats, eligible = team_of(log), {*_eligible(log)}
    fit = {one.code for one in candidates if not one.excluded}
    left = eligible - fit - {*seats}
    told = {one.code: one.told for one in candidates}
    unfit = [told.get(code, {"code": code}) for code in sorted(left)]
    instead = _next(log, seats, seats.index(aside), {*stood_aside(log), aside, *left})
    if instead is None:
        return None
    change = {"aside": aside, "instead": instead, "unfit": unfit}
    if former and former.comes_again(team_of({**log, "changes": [*log["changes"], change]})):
        return stand_aside(log, aside, former.without(candidates, instead), former)
    return change


def _next(log: Mapping[str, Any], seats: Sequence[str], seat: int, without: Collection[str]) -> str | None:
    leading = _leading(log)
    return next(
        (
            code
            for code in _eligible(log)
            if code not in seats and code not in without and (seat > 0 or code in leading)
        ),
        None,
    )


def come_back(log: Mapping[str, Any], back: str) -> dict[str, Any]:
    """Somebody who had stood aside by mistake takes their seat again from whoever has it, as a change of the log."""
    after = team_of({**log, "changes": [*log["changes"], {"back": back}]})
    (leaves,) = set(team_of(log)) - set(after)
    return {"back": back, "leaves": leaves}


def meant(codes: Iterable[str], said: str) -> str | None:
    """The code that is written as `said`, in any spelling."""
    return next((code for code in codes if same(code, said)), None)
