"""From an event to the message that tells of it: its template, whom it is for, and the facts that it states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.messages.templates import ABOVE, DEEMED, templates
from shared.text import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from services.messages.templates import Template
    from shared.law import Clock, RuleSet
    from shared.messaging.envelope import Event

_OF_ABOVE = (".ended", ".restored")
"""What an office above may do to a permit of another."""


def template_of(event: Event) -> Template | None:
    """The template for the event, if any; what the law, or the office above, brought about may have its own."""
    brought_about = {DEEMED: event.data.get("deemed"), ABOVE: event.type.endswith(_OF_ABOVE) and "office" in event.data}
    own = (templates().get(event.type + suffix) for suffix, so in brought_about.items() if so)
    return next((template for template in own if template), templates().get(event.type))


def recipients_of(template: Template, event: Event) -> tuple[str, ...]:
    """For whom the message is: sides, posts, or the assignee of the case."""
    return tuple(event.data["sender"] if one == "sender" else one for one in template.to)


def facts_of(template: Template, event: Event, on: date, rules: RuleSet, clocks: Iterable[Clock]) -> Mapping[str, Any]:
    """What the message may state of the event of that day; `clocks` are those of the case after it."""
    running = [(clock, due_on) for clock in clocks if (due_on := clock.projection.due_on)]
    told = {
        **event.data,
        "on": on.isoformat(),
        "due_zh": [f"{clock.rule.name.zh} {written(due_on).zh}" for clock, due_on in running],
        "due": [f"{clock.rule.name.en} {written(due_on).en}" for clock, due_on in running],
    }
    return {**told, **remedies(rules, on)} if "remedies" in template.names else told


def remedies(rules: RuleSet, on: date) -> dict[str, str]:
    """The remedies against a decision of that day, with their time limits."""
    ways = rules.ways_against(on)
    return {"remedies_zh": "；或者".join(zh for zh, _ in ways), "remedies": "; or ".join(en for _, en in ways)}
