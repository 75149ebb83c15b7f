"""Which messages a step would send: shown on a dry run, from the texts and rules that messages are written with."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.messages.telling import (
    code_of,
    facts_of,
    is_expert,
    is_laboratory,
    laboratory,
    recipients_of,
    templates_of,
)
from shared.http.topics import WHO
from shared.identity import Role
from shared.law import load
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.messages.templates import Template
    from shared.casework import Case
    from shared.identity import Actor
    from shared.law import Clock
    from shared.messaging.envelope import Event

_LANGUAGES = ("zh", "en")
_SIDES = {"applicant": Role.APPLICANT, "laboratory": Role.LAB, "expert": Role.EXPERT}
_AUTHORITY = Text("行政机关", "the authority")


def planned(case: Case, event: Event, clocks: Sequence[Clock], lab: str | None, reader: Actor) -> list[dict[str, Any]]:
    """The messages that tell of `event`; `case` and `clocks` are as after it, `lab` is whom it was commissioned from
    until then.

    Of the office, others than its staff are told only that it gets a message; a text is shown to whoever gets it and to
    staff.
    """
    if case.rules is None:
        return []
    on, lab = date.fromisoformat(event.data["on"]), case.lab or lab
    named = str(event.data.get("applicant", {}).get("name") or case.form["applicant_name"])
    labs = {"laboratory": lab, "checker": case.checker or lab}
    found = []
    for template, recipient in _once(labs, event):
        facts = facts_of(template, event, on, load(case.rules), clocks)
        shown = {**facts, "number": case.number, "applicant": named}
        if is_laboratory(recipient):
            code = code_of(recipient)
            to, name = "laboratory", _beside(_laboratories(case).get(code), code)
        elif is_expert(recipient):
            to, code = "expert", code_of(recipient)
            role, person = WHO["expert"], _beside(_experts(case).get(code), code)
            name = Text(f"{role.zh}{person.zh}", f"{role.en} {person.en}")
        else:
            to, name = recipient, Text.plain(named) if recipient == "applicant" else _office(case, recipient, reader)
        item: dict[str, Any] = {"to": to, "case": case.number, "name": name._asdict()}
        if reader.role not in _SIDES.values() or _SIDES.get(to) is reader.role:
            item["subject"] = template.subjects(shown)
            item["body"] = {language: template.written(shown, language).strip() for language in _LANGUAGES}
        found.append(item)
    return found


def _once(labs: Mapping[str, str | None], event: Event) -> Iterator[tuple[Template, str]]:
    """Whom each template is for; a laboratory is named by its code, once whatever parts it has."""
    for template in templates_of(event):
        told = (laboratory(labs[to]) if to in labs else to for to in recipients_of(template, event))
        yield from ((template, to) for to in dict.fromkeys(told) if to)


def _laboratories(case: Case) -> Mapping[str, str]:
    """The names of the laboratories of the case, by their codes."""
    told = (case.data.get(fact, {}) for fact in ("commission", "checker"))
    return {one["lab"]: one["lab_name"] for one in told if "lab_name" in one}


def _experts(case: Case) -> Mapping[str, str]:
    """The names of the team that assesses, by their codes."""
    return {one["code"]: one["name"] for one in case.data.get("assessment_plan", {}).get("team", ()) if "code" in one}


def _beside(name: str | None, code: str | None) -> Text:
    """The name with the code, which identifies it; or the code alone."""
    return Text(f"{name}（{code}）", f"{name} ({code})") if name else Text.plain(str(code))


def _office(case: Case, to: str, reader: Actor) -> Text:
    """Who of the office gets it: the assignee of the case, else those with the post."""
    if reader.role in _SIDES.values():
        return _AUTHORITY
    if to != "authority":
        return WHO[f"staff:{to}"]
    return Text.plain(case.assignee.name) if case.assignee else WHO["staff:section_head"]
