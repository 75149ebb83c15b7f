"""Which type approvals cover the lines of a licence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.instruments import differs
from services.licensing.licence.facts import LOST_APPROVALS, LostApproval
from shared.problems import Violation
from shared.text import Text, as_numbered, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Case


@dataclass(frozen=True, slots=True)
class Approval:
    """A type approval as licensing knows it: running, in force under `certificate`, or ended, before there was a
    certificate or with it; `ended` says when and why that was. `orders` are those on the certificate in force."""

    application: str
    status: str
    certificate: str | None
    lines: Sequence[Mapping[str, Any]]
    ended: Mapping[str, str] | None = None
    orders: Sequence[Mapping[str, str]] = ()

    @property
    def numbers(self) -> set[str | None]:
        """By which a line may name it."""
        return {self.application, self.certificate}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a line stands: covered by `certificate`, waiting for the application `awaits`, or neither, and why."""

    certificate: str | None = None
    awaits: str | None = None
    why: Text | None = None


def coverage(line: Mapping[str, Any], approvals: Sequence[Approval]) -> Coverage:
    """Where a line (JSON data) stands among the type approvals of the same holder (Order 104: each line needs one)."""
    named = line.get("type_approval")
    candidates = [approval for approval in approvals if named is None or as_numbered(named) in approval.numbers]
    if not candidates:
        whose = (
            Text(f"{named}不是您的型式批准", f"{named} is not a type approval of yours")
            if named
            else Text("您没有型式批准，也没有正在办理的", "you have no type approval, nor one running")
        )
        told = f"{whose.en}: apply for type approval first, or name the right one"
        return Coverage(why=Text(f"{whose.zh}：请先申请型式批准，或者写明正确的编号", told))
    found: list[tuple[int, Text]] = []
    """How far from each that does not cover it, and why."""
    running: Coverage | None = None
    for approval in candidates:
        for approved in approval.lines:
            if apart := differs(line, approved):
                named, beyond = approval.certificate or approval.application, joined(apart)
                found.append((len(apart), Text(f"{named}：{beyond.zh}", f"{named}: {beyond.en}")))
            elif approval.status == "in_force":
                return Coverage(certificate=approval.certificate)
            elif approval.status == "running":
                running = Coverage(awaits=approval.application)
            elif approval.ended:
                number, end = approval.certificate, approval.ended
                told = f"{number} ended on {end['on']}, {end['en']}"
                found.append((0, Text(f"{number}已于{end['on']}失效（{end['zh']}）", told)))
            else:
                told = f"{approval.application} ended without a certificate"
                found.append((0, Text(f"{approval.application}办结而未发证", told)))
    if running:
        return running
    least = min(distance for distance, _ in found)
    nearest = [why for distance, why in found if distance == least]
    why = joined(nearest)
    return Coverage(
        why=Text(f"不在任何证书的范围内，最接近的：{why.zh}", f"outside every certificate's scope; nearest: {why.en}")
    )


def when_released(lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval]) -> str | None:
    """What becomes of an application submitted in advance: nothing while it awaits a type approval; it is received once
    each of its lines has one, else returned, to change what cannot be granted."""
    standings = [coverage(line, approvals) for line in lines]
    if any(standing.awaits for standing in standings):
        return None
    return "receive" if all(standing.certificate for standing in standings) else "return"


def lost_approvals(
    lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval], known: Sequence[LostApproval]
) -> tuple[LostApproval, ...]:
    """The certificates under these lines of a licence that have ended. What the office has settled of those `known`
    before stays settled."""
    settled = {one.certificate: one.settled for one in known}
    found = []
    for approval in approvals:
        number, ended = approval.certificate, approval.ended
        on_it = tuple(place for place, line in enumerate(lines, start=1) if line["type_approval"] == number)
        if number and ended and on_it:
            lost = LostApproval(
                **LostApproval.given(ended), certificate=number, lines=on_it, settled=settled.get(number)
            )
            found.append(lost)
    return tuple(found)


def unsettled(lost: Sequence[LostApproval]) -> list[LostApproval]:
    """What the office has not settled of lost approvals."""
    return [one for one in lost if one.settled is None]


def has_lost_approvals(case: Case) -> bool:
    lost = case.get(LOST_APPROVALS)
    return bool(lost and unsettled(lost))


def unknown_approvals(lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval]) -> list[Violation]:
    """The lines that name a type approval which is not known to be the applicant's."""
    known = {number for approval in approvals for number in approval.numbers}
    found = []
    for index, line in enumerate(lines):
        named = line.get("type_approval")
        if named and as_numbered(named) not in known:
            reason = Text(
                f"没有您的型式批准{named}的记录；如刚刚申请，请重新提交",
                f"{named} is not known as a type approval of yours; if you applied for it just now, send again",
            )
            found.append(Violation(f"lines.{index}.type_approval", "unknown_type_approval", reason))
    return found


def without_approval(lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval]) -> list[Violation]:
    """The lines that no type approval of the holder covers or, as far as it runs, would cover: each with the reason.
    It may be had in time for the decision, so this is a warning until then."""
    standings = [coverage(line, approvals) for line in lines]
    return [
        Violation(
            f"lines.{index}",
            "no_type_approval",
            Text(
                f"第{index + 1}行（{lines[index]['model']}）尚无型式批准，决定前须取得：{standing.why.zh}",
                f"line {index + 1} ({lines[index]['model']}) needs a type approval before the decision:"
                f" {standing.why.en}",
            ),
        )
        for index, standing in enumerate(standings)
        if standing.why
    ]


def uncovered(lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval]) -> list[Violation]:
    """The lines that no certificate of the holder covers, each with the reason."""
    found = []
    for index, line in enumerate(lines):
        standing = coverage(line, approvals)
        if standing.certificate is None:
            waiting = Text(
                f"其型式批准{standing.awaits}正在办理", f"its type approval {standing.awaits} is still running"
            )
            why = standing.why or waiting
            told = Text(
                f"第{index + 1}行（{line['model']}）：{why.zh}", f"line {index + 1} ({line['model']}): {why.en}"
            )
            found.append(Violation(f"lines.{index}", "outside_scope", told))
    return found


def under_order(lines: Sequence[Mapping[str, Any]], approvals: Sequence[Approval]) -> list[Violation]:
    """The lines whose certificate has an order in force, to stop or to seal. An order leaves the certificate in force,
    so that whoever decides confirms that they know of it."""
    orders = {one.certificate: one.orders for one in approvals}
    return [
        Violation(
            f"lines.{index}",
            "under_order",
            Text(
                f"第{index + 1}行（{line['model']}）：{certificate}有未解除的责令（{order['act']}）：{order['zh']}",
                f"line {index + 1} ({line['model']}): an order on {certificate} is in force ({order['act']}):"
                f" {order['en']}",
            ),
        )
        for index, line in enumerate(lines)
        if (certificate := coverage(line, approvals).certificate)
        for order in orders[certificate]
    ]


def unchanged(lost: Sequence[LostApproval], known: Sequence[LostApproval]) -> list[Violation]:
    """The case knows already how its type approvals stand."""
    reason = Text("本案已知其型式批准的情况", "the case knows how its type approvals stand")
    return [Violation("lost_approvals", "unchanged", reason)] if lost == known else []
