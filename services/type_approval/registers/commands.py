"""Adding entries to the registers, and changing, correcting, ending and restoring them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.type_approval.registers import rules, store
from shared.problems import Violation
from shared.runtime.time import legal_date
from shared.schemas import invalid
from shared.text import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from services.type_approval.registers.rules import Version
    from services.type_approval.registers.store import Held, Said
    from shared.law import RuleSet

ACTIONS = ("change", "correct", "end", "restore")


def add(
    tx: Connection, register: str, lab: str, content: Mapping[str, Any], since: date | None, said: Said, law: RuleSet
) -> Held:
    """Begin an entry that holds from the day `since`. Raises Problem with every fault at once."""
    found = rules.wrong_in(register, content, law)
    if store.find(tx, register, lab, content["code"]):
        found.append(store.in_register(content["code"]))
    if register != "laboratories" and store.find(tx, "laboratories", lab, lab) is None:
        reason = f"the office has not registered {lab}: people and standards come after the laboratory"
        found.append(Violation("", "unknown_laboratory", reason))
    if found:
        raise invalid(found)
    return store.write(tx, register, lab, None, ("add", since or legal_date(said.now), False, None, content), said)


def act(
    tx: Connection, held: Held, action: str, body: Mapping[str, Any], raw: Mapping[str, Any], said: Said, law: RuleSet
) -> Held:
    """Do one of ACTIONS to an entry, which must be locked. `raw` is the body as JSON data. Raises Problem."""
    today, code = legal_date(said.now), held.versions[0].content["code"]
    told = {name: value for name, value in raw.items() if name not in {"since", "supersedes", "reason"}}
    content, number = {"code": code, **told}, body.get("supersedes")
    since: date = body.get("since", today)
    if action == "change":
        found = rules.may_change(held.versions, since) + rules.wrong_in(held.register, content, law)
    elif action == "correct":
        found = rules.may_correct(held.versions, number or 0) + rules.wrong_in(held.register, content, law)
        if not found and "since" not in body:
            since = next(one.since for one in held.versions if one.number == number)
    elif action == "end":
        found, held_then = rules.may_end(held.versions, since), held.on(since)
        content = dict(held_then.content) if held_then else {}
    else:
        found, end = rules.may_restore(held.versions), rules.counting(held.versions)[-1]
        content, since, number = dict(rules.before_end(held.versions).content), end.since, end.number
    if found:
        raise invalid(found)
    version = (action, since, action == "end", number, content)
    return store.write(tx, held.register, held.lab, held, version, said)


def newest(held: Held) -> Version:
    """What the entry says from the latest day on."""
    return rules.counting(held.versions)[-1]


def agree(tx: Connection, held: Held) -> None:
    """Raises Problem where the entry contradicts others of its laboratory."""
    if found := disagreeing(tx, [held]):
        raise invalid(found[held.id])


def disagreeing(tx: Connection, entries: Sequence[Held]) -> dict[str, list[Violation]]:
    """By the id of the entry, where it contradicts others of its laboratory: a person's login is another's, a standard
    was calibrated by one that is not there, or in a circle. Asked once all of a request is written."""
    days: dict[date, dict[str, Version]] = {}
    found: dict[str, list[Violation]] = {}
    for held in entries:
        for version in rules.counting(held.versions):
            if version.ended or held.register == "laboratories":
                continue
            if version.since not in days:
                days[version.since] = _standing(tx, held, version.since)
            for one in _contradictions(held.register, version, days[version.since]):
                if one not in found.setdefault(held.id, []):
                    found[held.id].append(one)
    return {entry: faults for entry, faults in found.items() if faults}


def _standing(tx: Connection, held: Held, day: date) -> dict[str, Version]:
    """What the register has of the same laboratory on that day, by key."""
    found = store.all_on(tx, held.register, day, held.lab)
    return {key: one for (_, key), one in found.items() if not one.ended}


def _contradictions(register: str, version: Version, others: Mapping[str, Version]) -> list[Violation]:
    content = version.content
    if register == "people":
        return [
            Violation("subject", "twice", f"{one.content['name']} ({one.content['code']}) has this login already")
            for one in others.values()
            if not same(one.content["code"], content["code"])
            if "subject" in content and one.content.get("subject") == content["subject"]
        ]
    seen, link = {store.key_of(register, content["code"])}, content
    while higher := link.get("higher"):
        key = store.key_of(register, higher)
        if key in seen:
            return [Violation("higher", "twice", f"{content['code']} and {higher} are calibrated by each other")]
        if key not in others:
            reason = f"the register has no standard {higher} on {version.since}: add it first"
            return [Violation("higher", "unknown_standard", reason)]
        seen.add(key)
        link = others[key].content
    return []
