"""One test item on the bench: a table of points.

The service computes error, limit and verdict of every point (a dry run of `record_test`); here they are shown beside
what was typed.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from services.portal.account import keep_form
from services.portal.client import ProblemError, following
from services.portal.fields import Choice, Field, faults_of
from services.portal.forms import ENVELOPE
from services.portal.labels import item_words
from services.portal.offers import files_of
from services.portal.places import Place, asked_place, part
from services.portal.posting import FormPage, Sent
from services.portal.typed_record import (
    BY_HAND,
    CONDITIONS,
    ROWS,
    Bench,
    Column,
    changed,
    first,
    named,
    pasted,
    prepared,
    too_wide,
)
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.responses import Response

    from services.portal.web import Visit

SERVICE, ACTION = "type_approval", "record_test"


@dataclass(frozen=True, slots=True)
class Row:
    """A point as it was typed, and what the service says of it."""

    number: int
    cells: tuple[Field, ...]
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the service says of a record before it is kept: the record judged, faults by field, what to confirm."""

    record: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    faults: Sequence[Mapping[str, str]] = ()
    warnings: Sequence[Mapping[str, str]] = ()
    problem: ProblemError | None = None


async def _shown(visit: Visit, bench: Bench, sent: Sent | None) -> Response:
    """An item, ready for its points; `record` in the address corrects that record."""
    if sent is None:
        return _page(visit, replace(bench, typed=prepared(visit, bench)))
    bench = bench.sent(sent)
    if row := sent.told("_add") or sent.told("_remove"):
        bench = replace(bench, typed=changed(bench, row, add="_add" in sent.form))
    if visit.trouble and not visit.trouble.notice:
        # What the service refuses to keep, a look tells point by point.
        return _page(visit, bench, await _check(visit, bench, sent.confirmed), confirmed=sent.confirmed)
    return _page(visit, bench, confirmed=sent.confirmed)


async def _act(visit: Visit, bench: Bench, sent: Sent) -> Response:
    """What was typed: copied rows taken in, the verdicts so far, or the record kept."""
    bench = bench.sent(sent)
    match sent.step:
        case "paste":
            return _page(visit, replace(bench, typed=pasted(bench)))
        case "attach":
            return visit.redirect(f"{bench.place.page}/documents", back=await keep_form(visit, bench.typed))
        case "record":
            body = bench.body(bench.filled, sent.confirmed)
            await visit.api.post(SERVICE, bench.href, body, etag=bench.etag, key=sent.key)
            return visit.redirect(f"{bench.place.page}/tests", done=bench.item["id"])
    return _page(visit, bench, await _check(visit, bench, sent.confirmed), confirmed=sent.confirmed)


async def _check(visit: Visit, bench: Bench, confirmed: Sequence[str]) -> Checked:
    """Errors, limits and verdicts, of the points that can be judged where others cannot."""
    numbers = bench.filled
    found = await _dry_run(visit, bench, numbers, confirmed)
    wrong = {_row(fault["name"], numbers) for fault in found.faults}
    if found.faults and None not in wrong and wrong != set(numbers):
        rest = [number for number in numbers if number not in wrong]
        return replace(await _dry_run(visit, bench, rest, confirmed), faults=found.faults)
    return found


async def _dry_run(visit: Visit, bench: Bench, numbers: Sequence[int], confirmed: Sequence[str]) -> Checked:
    body = bench.body(numbers, confirmed)
    try:
        answer = await visit.api.post(SERVICE, bench.href, body, etag="*", dry_run=True)
    except ProblemError as error:
        if error.code == "confirmation_needed":
            codes = [*confirmed, *(f"{one['code']}:{one['name']}" for one in error.faults)]
            if set(codes) == set(confirmed):
                raise
            return replace(await _dry_run(visit, bench, numbers, codes), warnings=error.faults)
        if error.faults:
            return Checked(faults=_renumbered(error.faults, numbers))
        return Checked(problem=error)
    record = answer.body["tests"][-1]
    notes = {one["point"]: one for one in record.get("notes", ())}
    judged = enumerate(zip(numbers, record["points"], strict=False), start=1)
    return Checked(record, {number: {**point, "note": notes.get(place)} for place, (number, point) in judged})


async def _bench(visit: Visit) -> Bench:
    """The item that the address names. Raises HTTPException where there is none, or none can be recorded now."""
    place = lab_place(visit)
    answer, told, document = await asyncio.gather(
        visit.api.get(SERVICE, place.path), visit.api.get(SERVICE, f"{place.path}/tests"), visit.api.document(SERVICE)
    )
    item = next((one for one in told.body["items"] if one["id"] == visit.request.path_params["item"]), None)
    href = f"{place.path}/actions/{ACTION}"
    operation = document.find("POST", href)
    if item is None or operation is None:
        raise HTTPException(404)
    standards, files = await asyncio.gather(_standards(visit), files_of(visit, place))
    return Bench(place, answer.body, answer.etag, told.body, item, operation, href, standards=standards, files=files)


async def _standards(visit: Visit) -> tuple[Choice, ...]:
    """The laboratory's standards in calibration; none while the service does not answer: they are then typed."""
    found: list[Choice] = []
    cursor = ""
    while told := await part(visit, SERVICE, "/v1/lab/standards", status="valid", limit=100, cursor=cursor):
        for one in (item["content"] for item in told["items"]):
            named = " ".join(filter(None, (one["code"], one["name"], one.get("grade", ""))))
            found.append(Choice(one["code"], named, named))
        cursor = following(told)
        if not cursor:
            break
    return tuple(sorted(found, key=lambda one: one.value))


def _chosen(equipment: Field, standards: tuple[Choice, ...]) -> Field:
    """The standards used, each chosen from those in calibration; what else is known of it the register says."""
    # The desk has one table: that of the points.
    equipment = replace(equipment, kind="rows")
    if not standards:
        return equipment
    rows = []
    for row in equipment.rows:
        asset = next(one for one in row.children if one.name.endswith(".asset"))
        typed = (
            []
            if asset.value in {"", *(one.value for one in standards)}
            else [Choice(asset.value, asset.value, asset.value)]
        )
        options = tuple(replace(one, chosen=one.value == asset.value) for one in (*typed, *standards))
        below = tuple(error for one in row.children for error in one.errors)
        rows.append(replace(row, children=(replace(asset, kind="select", choices=options, errors=below),)))
    return replace(equipment, rows=tuple(rows))


def lab_place(visit: Visit) -> Place:
    """The case that the address names. Raises HTTPException for one of another procedure: there is nothing to test."""
    place = asked_place(visit)
    if place.service != SERVICE:
        raise HTTPException(404)
    return place


def _page(
    visit: Visit,
    bench: Bench,
    checked: Checked | None = None,
    *,
    confirmed: Sequence[str] = (),
) -> Response:
    checked = checked or Checked()
    told: dict[str, list[str]] = {}
    for fault in checked.faults:
        told.setdefault(fault["name"], []).append(fault["reason"])
    head = {one.name: one for one in bench.head.fields(bench.typed, checked.faults, without=ENVELOPE | BY_HAND)}
    head["equipment"] = _chosen(head["equipment"], bench.standards)
    asked = bench.progress["conditions"]
    for name in CONDITIONS:
        wanted = tuple(replace(one, required=True) for one in head[name].children if one.name.split(".")[1] in asked)
        head[name] = replace(head[name], children=wanted, required=True)
    if bench.corrects:
        head["reason"] = replace(head["reason"], required=True)
    settings = tuple(_cell(f"settings.{one.name}", one, bench, told, one.label) for one in bench.settings)
    rows = _rows(bench, told, checked)
    choosing = (_prototypes(bench, told), _occasion(bench, told))
    fields = [*choosing, *head.values(), *settings, *(cell for row in rows for cell in row.cells)]
    return visit.render(
        "bench.html",
        0 if visit.trouble or not checked.faults else 422,
        bench=bench,
        named=item_words(bench.item),
        choosing=choosing,
        head=head,
        settings=settings,
        rows=rows,
        checked=checked,
        errors=faults_of(fields, checked.faults),
        confirmed=confirmed,
        serial=first(bench.typed, "serial"),
        units={one.name: first(bench.typed, f"units.{one.name}") for one in (*bench.points, *bench.settings)},
        pasted=first(bench.typed, "pasted"),
        wide=too_wide(bench),
    )


def _rows(bench: Bench, told: Mapping[str, Sequence[str]], checked: Checked) -> list[Row]:
    numbers = bench.numbers
    least = max(ROWS, bench.item["least"])
    if not numbers:
        numbers = list(range(least))
    return [
        Row(
            number,
            tuple(
                _cell(
                    f"points.{number}.{one.name}",
                    one,
                    bench,
                    # What is wrong with the whole of a point is shown at its first part.
                    {**told, f"points.{number}.{one.name}": _told_of(told, number, one.name, first=not place)},
                    {"zh": f"第{index}点 {one.label['zh']}", "en": f"Point {index}: {one.label['en']}"},
                )
                for place, one in enumerate(bench.points)
            ),
            checked.results.get(number, {}),
        )
        for index, number in enumerate(numbers, 1)
    ]


def _told_of(told: Mapping[str, Sequence[str]], number: int, name: str, *, first: bool) -> Sequence[str]:
    own = [*told.get(f"points.{number}.{name}", ())]
    return [*own, *told.get(f"points.{number}", ())] if first else own


def _cell(
    path: str, column: Column, bench: Bench, told: Mapping[str, Sequence[str]], label: Mapping[str, str]
) -> Field:
    value = first(bench.typed, path)
    options = tuple(Choice.called(one, named(one), chosen=one == value) for one in column.choices)
    if options and value not in {"", *column.choices}:
        # What was pasted and is none of them is told of by the service, and not lost before.
        options = (Choice(value, value, value, chosen=True), *options)
    errors = tuple(told.get(path, ()))
    return Field(path, "select" if options else "text", label, value=value, choices=options, errors=errors)


def _prototypes(bench: Bench, told: Mapping[str, Sequence[str]]) -> Field:
    chosen = first(bench.typed, "serial")
    options = tuple(
        Choice(
            one["serial"], f"{one['serial']} {one['model']}", f"{one['serial']} {one['model']}", one["serial"] == chosen
        )
        for one in bench.case.get("samples", [])
    )
    label = bench.head.named("serial").label
    return Field(
        "serial", "choice", label, required=True, value=chosen, choices=options, errors=tuple(told.get("serial", ()))
    )


def _occasion(bench: Bench, told: Mapping[str, Sequence[str]]) -> Field:
    faults = [{"name": name, "reason": text} for name, texts in told.items() if name == "occasion" for text in texts]
    without = frozenset(bench.head.schema["properties"]) - {"occasion"}
    return bench.head.fields(bench.typed, faults, without=without)[0]


def _renumbered(faults: Iterable[Mapping[str, str]], numbers: Sequence[int]) -> list[dict[str, str]]:
    """Faults by the rows of the table, of which empty ones are not sent."""

    def place(match: re.Match[str]) -> str:
        index = int(match[1])
        return f"points.{numbers[index]}" if index < len(numbers) else match[0]

    return [{**one, "name": re.sub(r"^points\.(\d+)", place, one["name"])} for one in faults]


def _row(name: str, numbers: Sequence[int]) -> int | None:
    match = re.match(r"points\.(\d+)", name)
    return int(match[1]) if match and int(match[1]) in numbers else None


PAGES = FormPage(_bench, _shown, _act, "bench.overtaken").pages("/lab/{procedure}/{ref}/tests/{item}", Role.LAB)
