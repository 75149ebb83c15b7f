"""Lists in files, line by line into a register: previewed, then taken whole or not at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.problems import Problem, Violation
from shared.registers import changes, lists, store
from shared.runtime.time import legal_date
from shared.schemas import instance, invalid, load
from shared.text import Text, with_days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from shared.law import RuleSet
    from shared.registers.register import Register
    from shared.registers.store import Held, Said

OUTCOMES = ("add", "change", "same", "wrong")


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of a line of a file, and what is wrong with it."""

    number: int
    code: str
    outcome: str
    faults: Sequence[Violation] = ()
    remarks: Sequence[Violation] = ()
    """Remarks that do not keep the line out."""
    changed: Sequence[str] = ()
    """The fields that it changes."""


def take(
    tx: Connection, register: Register, owner: str, data: bytes, since: date | None, said: Said, law: RuleSet
) -> list[Line]:
    """Add what a file has, and change what the register says otherwise. What the file has no column for stays.

    The lines, with every fault; where there is one the caller undoes the transaction. Raises Problem for a file that
    is not a list.
    """
    headings, rows = lists.read(register.form, register.cells, data)
    lines: list[Line] = []
    written: list[tuple[int, Held]] = []
    seen: dict[str, int] = {}
    for number, texts in rows:
        code = texts.get("code", "")
        try:
            if first := seen.setdefault(register.key(code), number) if code else 0:
                _once(first, number)
            line, held = _take(tx, register, owner, (number, code, headings), texts, since, said, law)
        except Problem as problem:
            faults = problem.violations or (Violation("", problem.kind, problem.detail),)
            lines.append(Line(number, code, "wrong", faults))
            continue
        lines.append(line)
        if held:
            written.append((number, held))
    wrong = changes.disagreeing(tx, [held for _, held in written])
    told = {number: wrong[held.id] for number, held in written if held.id in wrong}
    return [Line(one.number, one.code, "wrong", told[one.number]) if one.number in told else one for one in lines]


def refuse_wrong(lines: Sequence[Line]) -> None:
    """Raises Problem with the faults of all lines."""
    found = [
        Violation(f"line {line.number} {fault.name}".strip(), fault.code, fault.reason)
        for line in lines
        for fault in line.faults
    ]
    if found:
        raise invalid(found)


def report(lines: Sequence[Line], meanings: Mapping[str, Text]) -> dict[str, Any]:
    """What became of each line; `meanings` are those of the codes of faults."""
    counted = Counter(line.outcome for line in lines)
    return {
        **{name: counted[name] for name in OUTCOMES},
        "lines": [
            {
                "line": line.number,
                "code": line.code,
                "outcome": line.outcome,
                "faults": [_told(fault, meanings[fault.code]) for fault in line.faults],
                **({"changed": list(line.changed)} if line.changed else {}),
                **({"remarks": [_told(one, meanings[one.code]) for one in line.remarks]} if line.remarks else {}),
            }
            for line in lines
        ],
    }


def _told(fault: Violation, meaning: Text) -> dict[str, str]:
    reason = with_days(meaning if isinstance(fault.reason, str) else fault.reason)
    return {"name": fault.name, "code": fault.code, "zh": reason.zh, "en": reason.en}


def _once(first: int, number: int) -> None:
    if first != number:
        raise invalid([Violation("code", "twice", Text(f"与第{first}行编号相同", f"the same code is in line {first}"))])


def _take(
    tx: Connection,
    register: Register,
    owner: str,
    place: tuple[int, str, set[str]],
    texts: Mapping[str, str],
    since: date | None,
    said: Said,
    law: RuleSet,
) -> tuple[Line, Held | None]:
    """Add or change one entry; none is written where the register says the same."""
    number, code, headings = place
    owner = code if register.owns_itself else owner
    held = store.find(tx, register, owner, code, lock=True) if code else None
    known = held and (held.on(since or legal_date(said.now)) or changes.newest(held))
    before = known.content if known else {}
    raw: dict[str, Any] = {name: value for name, value in before.items() if name not in headings}
    raw |= lists.said(register.form, register.cells, texts, law)
    load(instance(register.form), raw)
    if held is None:
        return Line(number, code, "add"), changes.add(tx, register, owner, raw, since, said, law)
    raw = {**register.kept(raw), "code": before["code"]}
    if raw == before and known and not known.ended:
        return Line(number, code, "same"), None
    body = {"since": since} if since else {}
    changed = [name for name in instance(register.form).fields if raw.get(name) != before.get(name)]
    return Line(number, code, "change", changed=changed), changes.act(tx, held, "change", body, raw, said, law)
