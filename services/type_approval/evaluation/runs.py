"""When a test was made, in which surroundings, and whether it was the first, a repetition or one of an improved
prototype. Every repetition has its reason in the record (R 60-2, 2.3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.type_approval.evaluation import conformity
from services.type_approval.evaluation.facts import ARRANGEMENT, IMPROVEMENT, TESTS
from services.type_approval.evaluation.rules import was_improved
from shared.metrology.quantity import Quantity
from shared.problems import Violation
from shared.runtime.time import legal_date
from shared.text import Text, comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Step
    from shared.metrology import Family
    from shared.metrology.parts import Item

INITIAL, INCIDENT, MODIFIED = "initial", "repeat_incident", "retest_after_modification"
"""The occasions of a test: the first, one repeated after an incident, one of an improved prototype."""
LOWEST, HIGHEST = "conditions_lowest", "conditions_highest"
"""The ambient conditions over the whole test."""


def tested_on(step: Step) -> date:
    """The day on which the test began: that which is said, or of the record which this one corrects, or today."""
    if "on" in step.body:
        return step.body["on"]  # type: ignore[no-any-return]
    if "started" in step.body:
        return legal_date(step.body["started"])
    superseded = step.body.get("supersedes")
    return date.fromisoformat(step.case[TESTS][superseded - 1]["on"]) if superseded else step.today


def tested_until(step: Step) -> date:
    """The day on which the test ended: mostly that on which it began."""
    return legal_date(step.body["ended"]) if "ended" in step.body else tested_on(step)


def wrong_times(step: Step) -> list[Violation]:
    """Nothing is tested tomorrow or before it was arranged, nor ends before it begins; the day is that of the
    beginning, and who says when a test ended says when it began."""
    on, arranged, body = tested_on(step), step.case[ARRANGEMENT].on, step.body
    if on > step.today:
        return [Violation("on", "future", Text(f"{on}晚于今天（{step.today}）", f"{on} is after today, {step.today}"))]
    if on < arranged:
        early = Text(f"{on}早于安排试验之日（{arranged}）", f"{on} is before {arranged}, when the tests were arranged")
        return [Violation("on", "before_step", early)]
    improved = step.case.get(IMPROVEMENT)
    if _before_improvement(step) is not None and improved and improved.delivered_on and on < improved.delivered_on:
        early = Text(
            f"{on}早于改进样机送达之日（{improved.delivered_on}）",
            f"{on} is before {improved.delivered_on}, when the improved prototype came",
        )
        return [Violation("on", "before_step", early)]
    started, ended = body.get("started"), body.get("ended")
    found = []
    if started and legal_date(started) != on:
        told = Text(f"开始于{legal_date(started)}，而非{on}", f"it began on {legal_date(started)}, not {on}")
        found.append(Violation("started", "contradictory", told))
    if ended and not started:
        found.append(Violation("started", "missing", Text("写明结束的，须写明开始", "say when it began too")))
    found += [
        Violation(name, "future", Text("晚于现在", "it is later than now"))
        for name, moment in (("started", started), ("ended", ended))
        if moment and moment > step.now
    ]
    if started and ended and ended < started:
        found.append(Violation("ended", "before_start", Text("结束早于开始", "it ended before it began")))
    return found


def wrong_surroundings(body: Mapping[str, Any]) -> list[Violation]:
    """The lowest and highest values of the whole test enclose those at its start and end."""
    known = {
        key: {name: Quantity.parse(text) for name, text in body.get(key, {}).items()}
        for key in ("conditions", "conditions_at_end", LOWEST, HIGHEST)
    }
    reason = Text("与其他时间的条件矛盾", "it contradicts the conditions at another time of the test")
    return [
        Violation(f"{edge}.{name}", "contradictory", reason)
        for edge in (LOWEST, HIGHEST)
        for name, most in known[edge].items()
        if any((one[name] < most) if edge == LOWEST else (most < one[name]) for one in known.values() if name in one)
    ]


def run(step: Step, item: Item, held: Family) -> int:
    """How often this prototype has been tested in the item, under these settings, by now; a correction is of the run
    that it corrects."""
    if superseded := step.body.get("supersedes"):
        return int(step.case[TESTS][superseded - 1].get("run", 1))
    return 1 + len(_earlier(step, item, held))


def wrong_occasion(step: Step, item: Item, held: Family) -> list[Violation]:
    """A first test is none that is repeated, a repeated one says why, and what is tested again after a modification is
    an improved prototype."""
    earlier, said = _earlier(step, item, held), step.body["occasion"]
    improved = _before_improvement(step)
    modified = improved is not None and any(
        place <= improved and conformity.item_id(one["item"], held) == item.id
        for place, one in conformity.counting(step.case.data).items()
    )
    repeated = any(improved is None or place > improved for place in earlier)
    fitting = {MODIFIED} if modified else {INITIAL}
    if repeated:
        fitting = {INCIDENT} | (fitting - {INITIAL})
    if said in fitting:
        return []
    serial = step.body["serial"]
    if said == MODIFIED and not was_improved(step.case):
        reason = Text(
            "样机未经改进：异常重试不是改进后重试",
            "no prototype was modified: what is repeated after an incident is not a test after a modification",
        )
        return [Violation("occasion", "not_modified", reason)]
    if said == INITIAL:
        reason = Text(
            f"{serial}此前做过{item.told.zh}：请写明为何重做",
            f"{item.told.en} was tested before, on {serial} or what it takes the place of: say why it is tested again",
        )
        return [Violation("occasion", "repeated", reason)]
    reason = Text(
        f"{serial}此前没有可重做的{item.told.zh}试验",
        f"there is no test of {item.told.en} on {serial} that this would repeat",
    )
    return [Violation("occasion", "not_repeated", reason)]


def _earlier(step: Step, item: Item, held: Family) -> Sequence[int]:
    """The places of the records that count of this prototype in the item under these settings, made before this one or
    what it corrects."""

    def key(record: Mapping[str, Any]) -> tuple[object, ...]:
        return conformity.item_id(record["item"], held), comparable(record["serial"]), record.get("settings", {})

    this, here = (item.id, *key(step.body)[1:]), _place(step)
    return [place for place, one in conformity.counting(step.case.data).items() if place < here and key(one) == this]


def _place(step: Step) -> int:
    """Where the record stands among those of the case: in the place of the one that it corrects, or after all."""
    superseded = step.body.get("supersedes")
    return conformity.place_of(step.case.data, superseded) if superseded else len(step.case[TESTS]) + 1


def _before_improvement(step: Step) -> int | None:
    """How many records there were before the prototypes were improved, if this is a test of an improved one."""
    improvement = step.case.get(IMPROVEMENT)
    if improvement is None or improvement.delivered_on is None or _place(step) <= improvement.tests_before:
        return None
    improved = {comparable(serial) for serial in improvement.serials or ()}
    return improvement.tests_before if comparable(step.body["serial"]) in improved else None
