"""Written notices served on a party: the day of service counts, and it may be registered later than it came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.casework.facts import Kept
from shared.labels import labelled
from shared.problems import Violation
from shared.schemas import Day, Strict, dated, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shared.casework.procedure import Step


class Served(Strict):
    """告知书。 A notice. Where it was served before the day of the step, `receipt` is the number of the delivery
    receipt 送达回证 that proves the day."""

    served_on = Day(
        metadata=labelled(
            "送达日期", "day it was served", hint=Text("不填即为今天", "today if not said"), example="2013-09-24"
        )
    )
    receipt = text(
        required=False,
        maximum=60,
        metadata=labelled("送达回证编号", "number of the delivery receipt", example="送-7"),
    )


class ServedNotice(Kept, schema=dated(Served)):
    """A notice as it was served."""

    served_on: date | None = None
    receipt: str | None = None
    on: date


def served_on(step: Step) -> date:
    """The legal date of the notice: the day on which it was served."""
    day: date = step.body.get("served_on", step.today)
    return day


def misdated(step: Step, since: date) -> list[Violation]:
    """What is wrong with the day of service. No notice is served before `since`, the day on which its step began, nor
    in the future."""
    return misdating(step.body, since, step.today)


def misdating(body: Mapping[str, Any], since: date, today: date) -> list[Violation]:
    """The same of what was sent with the notice."""
    day: date = body.get("served_on", today)
    if day > today:
        told = Text(f"今天是{today}：送达后再登记", f"today is {today}: register the notice once it is served")
        return [Violation("served_on", "future", told)]
    if day < since:
        reason = Text(
            f"所属环节于{since}开始，不可能更早送达",
            f"the step it belongs to began on {since}: it cannot have been served earlier",
        )
        return [Violation("served_on", "before_step", reason)]
    if day < today and "receipt" not in body:
        reason = Text(
            f"{day}送达、{today}补登的，须填写送达回证编号",
            f"a notice served on {day} and registered on {today} needs the number of its delivery receipt",
        )
        return [Violation("receipt", "missing", reason)]
    return []
