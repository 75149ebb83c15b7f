"""From an event to the message that tells of it: its template, whom it is for, and the facts that it states."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from services.messages.templates import ABOVE, ASKED, DEEMED, TEAM, templates
from shared.law import LawError
from shared.text import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from services.messages.templates import Template
    from shared.law import Clock, RuleSet
    from shared.messaging.envelope import Event

_EXPERT, _LABORATORY = "expert:", "lab:"
_OF_ABOVE = (".ended", ".restored")
"""What an office above may do to a permit of another."""


def template_of(event: Event) -> Template | None:
    """The template for the event, if any; what the law, or the office above, brought about may have its own."""
    brought_about = {DEEMED: event.data.get("deemed"), ABOVE: event.type.endswith(_OF_ABOVE) and "office" in event.data}
    own = (templates().get(event.type + suffix) for suffix, so in brought_about.items() if so)
    return next((template for template in own if template), templates().get(event.type))


def templates_of(event: Event) -> list[Template]:
    """The template for the event, and those for the experts whom it concerns and for whoever was asked for work, as far
    as there are any."""
    asked = templates().get(event.type + ASKED) if event.data.get("asked") else None
    return [found for found in (template_of(event), templates().get(event.type + TEAM), asked) if found]


def recipients_of(template: Template, event: Event) -> tuple[str, ...]:
    """For whom the message is: sides, posts, the assignee of the case, or single experts and laboratories (see
    `is_expert` and `is_laboratory`)."""
    named = {
        "sender": [event.data.get("sender")],
        "experts": [_EXPERT + one for one in event.data.get("experts", ())],
        "former": [laboratory(one) for one in [event.data.get("former")] if one],
    }
    return tuple(to for one in template.to for to in named.get(one, [one]))


def is_expert(recipient: str) -> bool:
    """Whether it is an expert: `expert:` and their code in the register, as Actor.party has it."""
    return recipient.startswith(_EXPERT)


def laboratory(code: str | None) -> str:
    """The laboratory with that code as a recipient; empty if there is none."""
    return _LABORATORY + code if code else ""


def is_laboratory(recipient: str) -> bool:
    """Whether it is one laboratory, by its code, whatever part it has in the case."""
    return recipient.startswith(_LABORATORY)


def code_of(recipient: str) -> str:
    """The code of an expert or a laboratory."""
    return recipient.partition(":")[2]


def facts_of(template: Template, event: Event, on: date, rules: RuleSet, clocks: Iterable[Clock]) -> Mapping[str, Any]:
    """What the message may state of the event of that day; `clocks` are those of the case after it."""
    running = [(clock, due_on) for clock in clocks if (due_on := clock.projection.due_on)]
    notice = {"notice": _printed(rules, on, event.data["notice"])} if "notice" in event.data else {}
    told = {
        **event.data,
        **notice,
        "on": on.isoformat(),
        "due_zh": [f"{clock.rule.name.zh} {written(due_on).zh}" for clock, due_on in running],
        "due": [f"{clock.rule.name.en} {written(due_on).en}" for clock, due_on in running],
    }
    return {**told, **remedies(rules, on)} if "remedies" in template.names else told


def _printed(rules: RuleSet, on: date, number: str) -> str:
    """The number of a notice as it is printed; one that has none of the forms of the day as it is."""
    for style in rules.formats:
        if style.kind.startswith("notice_") and style.in_force(on):
            with suppress(LawError):
                return style.written(number)
    return number


def remedies(rules: RuleSet, on: date) -> dict[str, str]:
    """The remedies against a decision of that day, with their time limits."""
    ways = rules.ways_against(on)
    return {"remedies_zh": "；或者".join(zh for zh, _ in ways), "remedies": "; or ".join(en for _, en in ways)}
