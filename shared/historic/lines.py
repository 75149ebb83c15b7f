"""What becomes of each line of a historic register, and what is wrong with it. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.identity import uscc
from shared.law import PROVINCE, LawError
from shared.problems import Problem, Violation
from shared.registers import lists
from shared.registers.importing import Line
from shared.runtime.time import legal_date
from shared.schemas import instance, load
from shared.text import Text, as_numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from shared.historic.kinds import Historic, Told
    from shared.law import NumberFormat, RuleSet

MOST_GAPS = 100
"""Runs of missing numbers that are told."""


@dataclass(frozen=True, slots=True)
class Read:
    """A line that can be entered."""

    number: int
    permit: str
    said: Mapping[str, Any]
    serial: tuple[NumberFormat, str, int] | None
    """Its place in a series of numbers, if its day had a format for them."""


def read_line(
    kind: Historic,
    place: int,
    texts: Mapping[str, str],
    told: Told,
    known: Mapping[str, Any],
    seen: dict[str, int],
) -> tuple[Read | None, Line]:
    """What a line says, if it can be entered, and what is told of it."""
    typed = texts.get("number", "")
    number = as_numbered(typed)
    try:
        said = load(instance(kind.form), lists.said(kind.form, kind.cells, texts, told.rules))
    except Problem as problem:
        told_of = problem.violations or (Violation("", problem.kind, problem.detail),)
        return None, Line(place, typed, "wrong", told_of)
    remarks = _remarks(typed, number, said)
    serial, faults = _numbered(kind, number, said, told.rules, remarks)
    faults += _dated(said, legal_date(told.now)) + kind.wrong(said, told.rules)
    if (first := seen.setdefault(number, place)) != place:
        faults.append(Violation("number", "twice", Text(f"与第{first}行证号相同", f"line {first} has the same number")))
    held = known.get(number)
    if held is not None:
        if not (differing := _differing(kind, held, said)):
            return None, Line(place, number, "same", (), remarks)
        faults.append(differing)
    if faults:
        return None, Line(place, number, "wrong", faults, remarks)
    return Read(place, number, said, serial), Line(place, number, "add", (), remarks)


def _remarks(typed: str, number: str, said: Mapping[str, Any]) -> list[Violation]:
    found = []
    if typed != number:
        full = any("\uff01" <= char <= "\uff5e" for char in typed)
        zh, en = ("含全角字符，", "has full-width characters, ") if full else ("", "")
        told = Text(f"{zh}“{typed}”读作{number}", f"{typed!r} {en}is read as {number}")
        found.append(Violation("number", "respelled", told))
    found += [
        Violation("holder_code", "credit_code_check_digit", one.reason) for one in uscc.check(said["holder_code"])
    ]
    return found


def _numbered(
    kind: Historic, number: str, said: Mapping[str, Any], rules: RuleSet, remarks: list[Violation]
) -> tuple[tuple[NumberFormat, str, int] | None, list[Violation]]:
    """The place of the number in a series of the day on which the permit was granted, and what is wrong with it."""
    try:
        style = rules.number_format(kind.number, said["granted_on"])
    except LawError:
        reason = Text(
            f"{said['granted_on']}没有已知的证号格式：证号照录，不入号段",
            f"no format of numbers is known for {said['granted_on']}: it is taken as it is, and is in no series",
        )
        remarks.append(Violation("number", "no_format", reason))
        return None, []
    try:
        parsed = style.parse(number)
    except LawError as error:
        return None, [Violation("number", "form", error.told)]
    year = parsed.fields.get("year")
    if year and year != str(said["granted_on"].year):
        reason = Text(f"证号年份{year}与发证日期不符", f"the year of the number is {year}, not that of the grant")
        return None, [Violation("number", "differs", reason)]
    remarks += _of_office(parsed.fields.get("office"), said["authority"], rules)
    return (style, style.series(**parsed.fields), parsed.serial), []


def _of_office(digits: str | None, authority: str, rules: RuleSet) -> list[Violation]:
    """What is odd about the office that a number names by the digits 3 to 6 of its code: its region does not exist, or
    the register names another one as the authority."""
    if digits is None:
        return []
    code, office = rules.first_code(PROVINCE)[:2] + digits, rules.office_called(authority)
    if rules.is_no_city(code):
        told = Text(f"本省没有代码为{code[:4]}00的市（州）", f"no city or prefecture has the code {code[:4]}00")
        return [Violation("number", "unknown_region", told)]
    if office and code not in rules.codes_of(office):
        told = Text(
            f"证号中的机关代码{digits}不是{authority}的", f"{digits} in the number is not the code of {authority}"
        )
        return [Violation("number", "differs", told)]
    return []


def _dated(said: Mapping[str, Any], today: date) -> list[Violation]:
    granted, until, ended = (said.get(name) for name in ("granted_on", "valid_until", "ended_on"))
    found = []
    for name, day, first, last in (
        ("granted_on", granted, None, today),
        ("valid_until", until, granted, None),
        ("ended_on", ended, granted, today),
    ):
        if day and ((first and day < first) or (last and day > last)):
            reason = Text(f"{day}不在可能的期间内", f"{day} cannot be: it is before the grant, or in the future")
            found.append(Violation(name, "outside_period", reason))
    if ("ended_on" in said) != ("ground" in said):
        missing = "ground" if "ended_on" in said else "ended_on"
        reason = Text("失效日期和失效原因须一并填写", "day and ground of the end belong together")
        found.append(Violation(missing, "missing", reason))
    return found


def _differing(kind: Historic, held: Any, said: Mapping[str, Any]) -> Violation | None:
    """In what the register says otherwise of the number than the line, if it does."""
    if held.entered is None:
        told = Text("本系统已颁发该证号", "this system granted a permit with that number")
        return Violation("number", "taken", told)
    before, after = held.content, {**held.content, **content_of(kind, said, held.content["number"])}
    names = [name for name in after if before.get(name) != after[name]]
    if not names:
        return None
    told = Text(
        f"已录入，但{'、'.join(names)}不同：先撤销录入再导入",
        f"it was entered with another {', '.join(names)}: take that entry back first",
    )
    return Violation("number", "differs", told)


def gaps(kind: Historic, rules: RuleSet, known: Mapping[str, Any], read: Iterable[Read]) -> Iterator[dict[str, Any]]:
    """Which serials the series of the file lack, from the first to the last that is known."""
    serials: dict[str, tuple[NumberFormat, Mapping[str, str], set[int]]] = {}
    touched = {one.serial[1] for one in read if one.serial}
    numbers = [(one.permit, one.said["granted_on"]) for one in read]
    for number, granted_on in [*((row.number, row.granted_on) for row in known.values()), *numbers]:
        try:
            style = rules.number_format(kind.number, granted_on)
            parsed = style.parse(number)
        except LawError:
            continue
        series = style.series(**parsed.fields)
        if series in touched:
            serials.setdefault(series, (style, parsed.fields, set()))[2].add(parsed.serial)
    told = 0
    for style, fields, have in serials.values():
        previous = style.first - 1
        for serial in sorted(have):
            if serial > previous + 1 and told < MOST_GAPS:
                first, last = (style.render(at, **fields) for at in (previous + 1, serial - 1))
                yield {"first": first, "last": last, "count": serial - previous - 1}
                told += 1
            previous = serial


def content_of(kind: Historic, said: Mapping[str, Any], number: str) -> dict[str, Any]:
    """The permit as the register shows it, but for where it was entered from."""
    until = {"valid_until": said["valid_until"].isoformat()} if "valid_until" in said else {}
    return {
        "number": number,
        "title": kind.title._asdict(),
        "holder": {"name": said["holder_name"], "code": said["holder_code"], "address": said["address"]},
        "places_of_manufacture": said.get("places", [said["address"]]),
        **kind.content(said),
        "lines": kind.lines(said),
        "authority": said["authority"],
        "granted_on": said["granted_on"].isoformat(),
        **until,
    }
