"""The expected result, computed from the producers' journals without the consumers' code."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.licensing.procedure import PROCEDURE as LICENSING
from services.messages.templates import templates
from services.type_approval.procedure import PROCEDURE as TYPE_APPROVAL
from shared.law import load
from shared.runtime.time import legal_date

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from shared.casework import Procedure

PROCEDURES: dict[str, Procedure] = {"type_approval": TYPE_APPROVAL, "licensing": LICENSING}
ENDED = {"withdrawn", "refused", "not_required", "not_accepted"}
BREACH = "clock.breached"

Entries = tuple[tuple[str, str, str], ...]
"""A clock's ledger: kind, day and event of each entry."""


@dataclass
class Expected:
    """What the events of one case must have come to in notifications."""

    events: int = 0
    clocks: list[tuple[str, Entries]] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)


def told(service: str, lines: Iterable[tuple[str, str, str, datetime]]) -> list[tuple[str, date]]:
    """The events that journal lines (action, from, to, at) of one case stand for."""
    emits = {(row.action, row.source, row.target): row.emits for row in PROCEDURES[service].transitions}
    found = [(emits.get((action, source, target)), at) for action, source, target, at in lines]
    return [(kind, legal_date(at)) for kind, at in found if kind]


def expected(service: str, events: list[tuple[str, date]]) -> Expected:
    """The clocks and messages of one case. Firings are not foretold: they depend on when time was let pass."""
    result = Expected(events=len(events))
    rules = load()
    open_: list[tuple[str, list[tuple[str, str, str]]]] = []
    for kind, on in events:
        day = on.isoformat()
        for limit_id, entries in open_:
            rule = rules.limit(limit_id, on)
            marks = (
                ("stopped", rule.stops),
                ("paused", rule.pauses),
                ("resumed", rule.resumes),
                ("extended", rule.extends),
            )
            if entries[-1][0] != "stopped":
                entries.extend((mark, day, kind) for mark, kinds in marks if kind in kinds)
        begun = [rule for rule in rules.limits_on(on, PROCEDURES[service].id) if kind in rule.starts]
        open_.extend((rule.id, [("started", day, kind)]) for rule in begun)
        if kind in templates():
            result.messages[kind] += _readers(templates()[kind].to)
    result.clocks = [(limit_id, tuple(entries)) for limit_id, entries in open_]
    return result


def rung_messages(limit_id: str, on: date, rung_id: str) -> tuple[str, int]:
    """The template and the number of the messages that go out when a rung fires."""
    rules = load()
    rung = next(rung for rung in rules.ladder(limit_id, on) if rung.id == rung_id)
    holder = rules.limit(limit_id, on).holder
    return rung.template, _readers(holder if to == "holder" else to for to in rung.recipients)


def _readers(recipients: Iterable[str]) -> int:
    """Nobody has a case in hand and the directory is empty: what is for the office is kept for its posts. How many
    experts are drawn is not foretold."""
    return len({"section_head" if to in {"authority", "assignee"} else to for to in recipients} - {"experts"})


def approval(state: str) -> str:
    """How licensing must know a type approval whose case is in `state`."""
    if state in {"granted", "effective"}:
        return "in_force"
    return "ended" if state in ENDED else "running"
