"""Adding entries to the registers, and changing, correcting, ending and restoring them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.registers import store, versions
from shared.runtime.time import legal_date
from shared.schemas import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from shared.law import RuleSet
    from shared.problems import Violation
    from shared.registers.register import Register
    from shared.registers.store import Held, Said
    from shared.registers.versions import Version

ACTIONS = ("change", "correct", "end", "restore")


def add(
    tx: Connection,
    register: Register,
    owner: str,
    content: Mapping[str, Any],
    since: date | None,
    said: Said,
    law: RuleSet,
) -> Held:
    """Begin an entry that holds from the day `since`. Raises Problem with every fault at once."""
    found = register.wrong(content, law)
    if store.find(tx, register, owner, content["code"]):
        found.append(store.in_register(content["code"]))
    found += register.admits(tx, owner)
    if found:
        raise invalid(found)
    version = ("add", since or legal_date(said.now), False, None, register.kept(content))
    return store.write(tx, register, owner, None, version, said)


def act(
    tx: Connection, held: Held, action: str, body: Mapping[str, Any], raw: Mapping[str, Any], said: Said, law: RuleSet
) -> Held:
    """Do one of ACTIONS to an entry, which must be locked. `raw` is the body as JSON data. Raises Problem."""
    today, code = legal_date(said.now), held.versions[0].content["code"]
    told = {name: value for name, value in raw.items() if name not in {"since", "supersedes", "reason"}}
    content, number = {"code": code, **told}, body.get("supersedes")
    since: date = body.get("since", today)
    if action == "change":
        found = versions.may_change(held.versions, since) + held.register.wrong(content, law)
    elif action == "correct":
        found = versions.may_correct(held.versions, number or 0) + held.register.wrong(content, law)
        if not found and "since" not in body:
            since = next(one.since for one in held.versions if one.number == number)
    elif action == "end":
        found, held_then = versions.may_end(held.versions, since), held.on(since)
        content = dict(held_then.content) if held_then else {}
    else:
        found, end = versions.may_restore(held.versions), versions.counting(held.versions)[-1]
        content, since, number = dict(versions.before_end(held.versions).content), end.since, end.number
    if found:
        raise invalid(found)
    version = (action, since, action == "end", number, held.register.kept(content))
    return store.write(tx, held.register, held.owner, held, version, said)


def newest(held: Held) -> Version:
    """What the entry says from the latest day on."""
    return versions.counting(held.versions)[-1]


def agree(tx: Connection, held: Held) -> None:
    """Raises Problem where the entry contradicts others of its owner."""
    if found := disagreeing(tx, [held]):
        raise invalid(found[held.id])


def disagreeing(tx: Connection, entries: Sequence[Held]) -> dict[str, list[Violation]]:
    """By the id of the entry, where it contradicts others of its owner. Asked once all of a request is written."""
    days: dict[date, dict[str, Version]] = {}
    found: dict[str, list[Violation]] = {}
    for held in entries:
        for version in versions.counting(held.versions):
            if version.ended:
                continue
            if version.since not in days:
                days[version.since] = _standing(tx, held, version.since)
            for one in held.register.contradictions(version, days[version.since]):
                if one not in found.setdefault(held.id, []):
                    found[held.id].append(one)
    return {entry: faults for entry, faults in found.items() if faults}


def _standing(tx: Connection, held: Held, day: date) -> dict[str, Version]:
    """What the register has of the same owner on that day, by key."""
    found = store.all_on(tx, held.register, day, held.owner)
    return {key: one for (_, key), one in found.items() if not one.ended}
