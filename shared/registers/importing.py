"""Lists in files, line by line into a register: previewed, then taken whole or not at all."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from shared.metrology.spreadsheets import SpreadsheetError, read_lines
from shared.problems import Problem, Text, Violation
from shared.registers import changes, store
from shared.runtime.time import legal_date
from shared.schemas import instance, invalid, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from shared.law import RuleSet
    from shared.registers.register import Register
    from shared.registers.store import Held, Said

OUTCOMES = ("add", "change", "same", "wrong")
_LABEL = re.compile("[^ :：]+")
_WORDS = {"是": True, "true": True, "yes": True, "1": True, "否": False, "false": False, "no": False, "0": False}
_BETWEEN = re.compile(r"[\s;；、,，]+")


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of a line of a file, and what is wrong with it."""

    number: int
    code: str
    outcome: str
    faults: Sequence[Violation] = ()


def columns(register: Register) -> dict[str, str]:
    """The Chinese headings of a list, by the names of the fields."""
    known = instance(register.form).fields
    found = {name: _LABEL.match(str(field.metadata["description"])) for name, field in known.items()}
    plain = {name for name in known if name in register.cells or not _has_parts(known[name])}
    return {name: label[0] for name, label in found.items() if label and name in plain}


def _has_parts(field: fields.Field[Any]) -> bool:
    """Whether it is a list of things with fields of their own, which no cell holds."""
    return isinstance(field, fields.List) and isinstance(field.inner, fields.Nested)


def _typed(field: fields.Field[Any], text: str) -> Any:
    """What a cell says, as JSON has it; what cannot be read stays a text, for the form to refuse."""
    if isinstance(field, fields.List):
        return _BETWEEN.split(text)
    if isinstance(field, fields.Boolean):
        return _WORDS.get(text.casefold(), text)
    if isinstance(field, fields.Integer):
        return int(text) if text.isascii() and text.isdigit() else text
    return text


def take(
    tx: Connection, register: Register, owner: str, data: bytes, since: date | None, said: Said, law: RuleSet
) -> list[Line]:
    """Add what a file has, and change what the register says otherwise. What the file has no column for stays.

    The lines, with every fault; where there is one the caller undoes the transaction. Raises Problem for a file that
    is no list.
    """
    headings, rows = _read(register, data)
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
            }
            for line in lines
        ],
    }


def _told(fault: Violation, meaning: Text) -> dict[str, str]:
    reason = meaning if isinstance(fault.reason, str) else fault.reason
    return {"name": fault.name, "code": fault.code, "zh": reason.zh, "en": reason.en}


def _once(first: int, number: int) -> None:
    if first != number:
        raise invalid([Violation("code", "twice", Text(f"与第{first}行编号相同", f"the same code is in line {first}"))])


def _read(register: Register, data: bytes) -> tuple[set[str], list[tuple[int, dict[str, str]]]]:
    """The fields that the file has columns for, and the texts of each line by field."""
    try:
        found = read_lines(data, "file")
    except SpreadsheetError as error:
        raise invalid([Violation(one.place, "cell", Text(one.zh, one.en)) for one in error.faults]) from None
    if not found:
        raise Problem("invalid", Text("文件是空的：首行须为表头", "the file is empty: begin with a line of headings"))
    (number, headings), *rows = found
    labels = columns(register)
    named = {**{label: name for name, label in labels.items()}, **{name: name for name in labels}}
    unknown = [text for text in headings.values() if text not in named]
    fields_at = {place: named[text] for place, text in headings.items() if text in named}
    faults = [
        Violation(
            f"line {number}",
            "unknown_field",
            Text(f"“{text}”不是表头；可用{'、'.join(named)}", f"{text!r} is no heading; use {', '.join(named)}"),
        )
        for text in unknown
    ]
    if len(set(fields_at.values())) < len(fields_at):
        faults.append(Violation(f"line {number}", "twice", Text("两列表头相同", "two columns have the same heading")))
    stray = [line for line, texts in rows if texts.keys() - headings.keys()]
    faults += [
        Violation(f"line {line}", "unknown_field", Text("有单元格没有表头", "a cell stands under no heading"))
        for line in stray
    ]
    if faults:
        raise invalid(faults)
    return set(fields_at.values()), [
        (line, {fields_at[place]: text for place, text in texts.items()}) for line, texts in rows
    ]


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
    form = instance(register.form)
    held = store.find(tx, register, owner, code, lock=True) if code else None
    known = held and (held.on(since or legal_date(said.now)) or changes.newest(held))
    before = known.content if known else {}
    raw: dict[str, Any] = {name: value for name, value in before.items() if name not in headings}
    for name, text in texts.items():
        raw[name] = register.cells[name](text) if name in register.cells else _typed(form.fields[name], text)
    load(form, raw)
    if held is None:
        return Line(number, code, "add"), changes.add(tx, register, owner, raw, since, said, law)
    raw["code"] = before["code"]
    if raw == before and known and not known.ended:
        return Line(number, code, "same"), None
    body = {"since": since} if since else {}
    return Line(number, code, "change"), changes.act(tx, held, "change", body, raw, said, law)
