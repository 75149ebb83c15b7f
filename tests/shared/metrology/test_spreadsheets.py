"""Test records in spreadsheets: written, filled in as laboratories do, read back; and what is refused."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.console import main
from shared.metrology import FamilyError, Quantity, QuantityError, family, known_families, units
from shared.metrology.parts import ANY
from shared.metrology.records import CLAIMS, REASONS, read_report
from shared.metrology.spreadsheets import MOST_BYTES, SpreadsheetError, read, template
from shared.metrology.spreadsheets.forms import sheets
from shared.metrology.spreadsheets.sheets import Table
from shared.text import refused
from tests.drawing import few
from tests.shared.metrology.reports import full

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shared.metrology.parts import Parameter

RECORD = "记录 record 1"
INSTRUMENT = "仪器 instrument"
FILLED: dict[str, Any] = {
    "programme": "r76",
    "edition": "R 76-1:2006",
    "instrument": {"class": "III", "max": "15 kg", "e": "5 g"},
    "prototypes": [{"serial": "S-1"}],
    "records": [
        {
            "id": "1",
            "item": "r76.zero-return",
            "prototype": "S-1",
            "run": 1,
            "reason": "initial",
            "on": "2013-10-08",
            "equipment": [{"asset": "M1-set", "calibrated_until": "2014-05-30"}],
            "settings": {},
            "conditions": {"temperature": "20.10 Cel"},
            "uncertainty": "0.4 g",
            "points": [{"before": "0 g", "after": "1.50 g", "verdict": "pass"}],
        }
    ],
}


def workbook(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The workbook after somebody has changed it."""
    book = load_workbook(BytesIO(data))
    change(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@cache
def filled(largest: str = "15 kg") -> bytes:
    """The workbook of a weighing instrument's record; writing one takes a while."""
    report = {**FILLED, "instrument": {**FILLED["instrument"], "max": largest}}
    return template("r76", "r76.zero-return", report=read_report(report), points=3)


def cell_of(page: Any, marker: str, column: str) -> Any:
    """The first cell of a column whose row has this marker."""
    return next(page[f"{column}{row}"] for row in range(1, page.max_row + 1) if page[f"A{row}"].value == marker)


def faults(data: bytes) -> list[str]:
    with pytest.raises(SpreadsheetError) as caught:
        read([("file.xlsx", data)])
    return [f"{one.place}: {one.reason.en}" for one in caught.value.faults if one.reason.zh]


def changed(marker: str, column: str, value: object, sheet: str = RECORD, shown: str = "") -> bytes:
    def change(book: Any) -> None:
        cell = cell_of(book[sheet], marker, column)
        cell.value = value
        if shown:
            cell.number_format = shown

    return workbook(filled(), change)


# What is written is read back.

_texts = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: text and refused(text, lines=True) is None)
) | st.sampled_from(["=1+1", "#N/A", "TRUE", "1e5", "007", "2013-10-08", "_x0041_", "a\nb", "'x", "@x", "-1"])
_numbers = st.from_regex(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,9})?", fullmatch=True) | st.sampled_from(
    ["100/3", "+1", "-0", "0.10", "00.5", "123456789012345678", "0.000000000000000000001", "2.505", "0.1"]
)


def _written(parameter: Parameter) -> st.SearchStrategy[str]:
    if not parameter.dimension:
        return st.sampled_from(parameter.values) if parameter.values else _texts
    codes = units.every() if parameter.dimension == ANY else units.known(parameter.dimension)
    joined = st.tuples(_numbers, st.sampled_from([code for code in codes if code != "1"] or ["%"]))
    return joined.map(" ".join).filter(_can_be)


def _can_be(text: str) -> bool:
    """No temperature is below absolute zero."""
    try:
        Quantity.parse(text)
    except QuantityError:
        return False
    return True


_ambient = _numbers | _numbers.map("{} Cel".format).filter(_can_be) | _numbers.map("{} %".format) | _texts
_conditions = st.dictionaries(st.just("temperature") | _texts, _ambient, max_size=3)


@st.composite
def _reports(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    held = family(draw(st.sampled_from(known_families())))
    item = draw(st.sampled_from(held.items))

    def some(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
        return st.fixed_dictionaries({}, optional={name: _written(held.parameters[name]) for name in names})

    claims = st.fixed_dictionaries({}, optional=dict.fromkeys(CLAIMS, _texts))
    point = st.tuples(some(item.records), claims).map(lambda both: both[0] | both[1]).filter(bool)
    records = st.fixed_dictionaries(
        {
            "item": st.just(item.id),
            "prototype": st.just("S-1"),
            "run": st.integers(1, 99),
            "reason": st.sampled_from(REASONS),
            "on": st.dates(date(1986, 7, 1), date(2099, 1, 1)).map(date.isoformat),
            "settings": some(item.settings),
            "conditions": _conditions,
            "conditions_at_end": _conditions,
            "equipment": st.lists(
                st.fixed_dictionaries(
                    {"asset": _texts, "calibrated_until": st.dates(date(1986, 7, 1)).map(date.isoformat)},
                    optional={"certificate": _texts},
                ),
                max_size=3,
            ),
            "points": st.lists(point, max_size=4),
        },
        optional={"id": _texts, "uncertainty": st.just("0.40 g"), "explanation": _texts, "supersedes": _texts},
    )
    name = item.id.partition(".")[0]
    characteristics = tuple(one.id for one in held.characteristics if one.id in {"max", "emax", "model", "range_high"})
    return item.id, {
        "programme": name,
        "edition": held.programme(name).edition,
        "instrument": draw(some(characteristics)),
        "prototypes": [{"serial": "S-1"}],
        "records": draw(st.lists(records, min_size=1, max_size=2)),
    }


@pytest.mark.long
@few(15)
@given(_reports())
def test_records_come_back_as_they_were(made: tuple[str, dict[str, Any]]) -> None:
    item, data = made
    report = read_report(data)
    back = read([("file.xlsx", template(data["programme"], item, report=report, points=1))])
    assert read_report(back) == report


@pytest.mark.parametrize("number", ["20", "100/3", "-5.5", "+7"])
def test_a_number_without_a_unit_stays_without_it_beside_one_that_has_it(number: str) -> None:
    for conditions in ((number, "0 Cel"), ("0 Cel", number)):
        record = {"item": "r46.visual", "prototype": "S-1", "run": 1, "reason": "initial", "on": "2013-09-17"}
        ends = zip(("conditions", "conditions_at_end"), conditions, strict=True)
        record |= {key: {"temperature": text} for key, text in ends}
        data = {"programme": "r46", "edition": "R 46-1/-2:2012", "instrument": {}, "prototypes": [{"serial": "S-1"}]}
        report = read_report({**data, "records": [{**record, "settings": {}, "equipment": [], "points": []}]})
        made = template("r46", "r46.visual", report=report, points=1)
        assert read_report(read([("file.xlsx", made)])) == report


@pytest.mark.long
def test_a_whole_report_comes_back_from_the_workbooks_of_its_items() -> None:
    data = full(prototypes=1)
    report = read_report(data)
    items = dict.fromkeys(one.item for one in report.records)
    back = read_report(read([(item, template("r76", item, report=report, points=1)) for item in items]))
    assert (back.instrument, back.prototypes, back.verdict) == (report.instrument, report.prototypes, report.verdict)
    assert sorted(back.records, key=lambda one: one.id) == sorted(report.records, key=lambda one: one.id)


@pytest.mark.parametrize("name", known_families())
def test_every_item_has_a_form_without_a_report(name: str) -> None:
    held = family(name)
    for item in held.items:
        _, record, limits = sheets(held, held.programme(item.id.partition(".")[0]), item, None, 5)
        tables = {one.key: one for one in record.parts if isinstance(one, Table)}
        assert [one.key for one in tables["points"].columns] == [*item.records, "error", "verdict"]
        assert limits.parts


# Templates guide those who fill them in.


def test_inputs_are_open_and_checked_and_all_else_is_protected() -> None:
    page = load_workbook(BytesIO(filled()))[RECORD]
    assert page.protection.sheet
    assert cell_of(page, "field edition", "C").protection.locked
    load = cell_of(page, "row points", "B")
    assert not load.protection.locked
    kinds = {rule.type for rule in page.data_validations.dataValidation if load.coordinate in rule}
    assert kinds == {"decimal"}
    reasons = next(rule for rule in page.data_validations.dataValidation if "initial" in (rule.formula1 or ""))
    assert cell_of(page, "field reason", "C").coordinate in reasons


def test_limits_are_told_for_the_instrument_or_else_in_its_terms() -> None:
    def told(data: bytes) -> list[str]:
        page = load_workbook(BytesIO(data))["限值 limits"]
        return [f"{row[1].value}: {row[2].value}" for row in page.iter_rows() if row[0].value == "row limits"]

    assert told(filled()) == [
        "class III, load 0 g ≤ … ≤ 2500 g: ±2.5 g",
        "class III, load 2500 g < … ≤ 10000 g: ±5 g",
        "class III, load 10000 g < … ≤ 50000 g: ±7.5 g",
    ]
    assert "class III, load 500 e < … ≤ 2000 e: ±e" in told(template("r76", "r76.weighing"))


# Cells as laboratories fill them in.


@pytest.mark.parametrize(
    ("value", "shown", "read_as"),
    [
        (2.505, "General", "2.505 g"),
        (0.1 + 0.2, "General", "0.3 g"),
        (2.5, "0.00", "2.50 g"),
        (2.505, "0.0", "2.505 g"),
        (1e-7, "General", "0.0000001 g"),
        (-0.0, "General", "0 g"),
        (1200, "#,##0.0", "1200.0 g"),
        ("1.50", "@", "1.50 g"),
        ("1 kg", "@", "1 kg"),
        ("100/3", "@", "100/3 g"),
        (" 1.5 ", "@", "1.5 g"),
    ],
)
def test_a_number_is_read_as_it_is_shown(value: object, shown: str, read_as: str) -> None:
    back = read([("file.xlsx", changed("row points", "C", value, shown=shown))])
    assert back["records"][0]["points"][0]["after"] == read_as


def test_per_cent_is_read_as_it_is_shown() -> None:
    data = {
        **FILLED,
        "programme": "r49",
        "edition": family("r49").programme("r49").edition,
        "instrument": {"class": "2", "q3": "2.5 m3/h", "r": "100"},
        "records": [{"item": "general.observation", "prototype": "S-1", "on": "2013-10-08", "points": []}],
    }
    data["records"] = [
        {"item": "r49.intrinsic", "prototype": "S-1", "on": "2013-10-08", "points": [{"temp": "20 Cel"}]}
    ]
    made = template("r49", "r49.intrinsic", report=read_report(data))

    def change(book: Any) -> None:
        row = cell_of(book[RECORD], "row conditions", "B").row
        book[RECORD][f"B{row}"], book[RECORD][f"C{row}"] = "humidity", 0.485
        book[RECORD][f"C{row}"].number_format = "0.0%"

    assert read([("f", workbook(made, change))])["records"][0]["conditions"] == {"humidity": "48.5 %"}


def test_a_unit_chosen_for_a_column_holds_for_its_numbers() -> None:
    def change(book: Any) -> None:
        cell_of(book[RECORD], "units points", "B").value = "公斤"

    points = read([("f", workbook(filled(), change))])["records"][0]["points"]
    assert points[0]["before"] == "0 kg"


def test_days_may_be_dates_or_texts_and_sheets_be_copied() -> None:
    def change(book: Any) -> None:
        cell_of(book[RECORD], "field on", "C").value = datetime(2013, 10, 9)  # noqa: DTZ001 - cells have no zone
        again = book.copy_worksheet(book[RECORD])
        cell_of(again, "field on", "C").value = "2013-10-10"
        cell_of(again, "field run", "C").value = 2

    found = read([("f", workbook(filled(), change))])["records"]
    assert [(one["run"], one["on"]) for one in found] == [(1, "2013-10-09"), (2, "2013-10-10")]


# Faults are named by sheet and cell, all of them, and nothing is taken.


@pytest.mark.parametrize(
    ("marker", "column", "value", "fault"),
    [
        ("row points", "B", "=1+1", "is a formula or an error of one: paste its value instead"),
        ("row points", "B", True, "is a truth value: write a text or a number"),
        ("row points", "B", "five g", "disturbance: quantity 'five g': write a decimal number and a unit, as 2.505 kg"),
        ("row points", "B", "5 m", "the disturbance 5 m: m measures length; give mass in one of g ug mg kg t"),
        ("row points", "B", datetime(2013, 1, 2), "is not a number that can be read"),  # noqa: DTZ001
        ("row points", "Z", "left over", "nothing is read here: move it to an input cell, or delete it"),
        ("field on", "C", "8 October", "is not a date: write it as 2013-10-08"),
        ("field on", "C", datetime(2013, 1, 2, 3), "has a time of day: write only the date"),  # noqa: DTZ001
        ("field run", "C", 1.5, "is not a whole number from 1 up"),
        ("field reason", "C", "again", f"use one of {', '.join(REASONS)}"),
        ("field prototype", "C", "S-9", "is not a prototype of the instrument's sheet: S-1"),
        ("field prototype", "C", None, "is required"),
        ("field edition", "C", "R 76-1:1992", "is R 76-1:1992, on the sheet of the instrument R 76-1:2006"),
        ("field explanation", "C", "a\u202eb", "which is not for such a text: leave it out"),
        ("field uncertainty", "D", None, "quantity '0.4': write a decimal number and a unit, as 2.505 kg"),
        ("row equipment", "C", None, "its row has no calibrated_until"),
    ],
)  # fmt: skip
def test_faults_are_named_by_sheet_and_cell(marker: str, column: str, value: object, fault: str) -> None:
    found = faults(changed(marker, column, value))
    assert len(found) == 1, found
    assert re.fullmatch(rf"{RECORD}![A-Z]+[0-9]+: .*", found[0])
    assert found[0].endswith(fault)
    if marker != "row equipment" and column != "D":
        assert found[0].startswith(f"{RECORD}!{column}")


def test_all_faults_are_told_at_once_and_the_files_of_one_report_must_agree() -> None:
    def change(book: Any) -> None:
        cell_of(book[RECORD], "field run", "C").value = "two"
        cell_of(book[RECORD], "row points", "B").value = "x"

    assert len(faults(workbook(filled(), change))) == 2
    with pytest.raises(SpreadsheetError, match="differs from a in instrument"):
        read([("a", filled()), ("b", filled("30 kg"))])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda book: book.create_sheet("Notes").append(["mine"]), "Notes: is not a sheet of a template"),
        (lambda book: book.remove(book[INSTRUMENT]), "needs one sheet of the instrument"),
        (lambda book: book[RECORD].__setitem__("A1", "quanheng 9 record"), "its layout is 9, 1 is read"),
        (lambda book: book[RECORD].__setitem__("B1048576", "x"), "too many rows: at most 2000 are read"),
        (lambda book: book[RECORD].__setitem__("XFD2", "x"), "too many columns: at most 60 are read"),
        (lambda book: [book.create_sheet() for _ in range(70)], "too many sheets: at most 60 are read"),
    ],
)
def test_other_sheets_are_refused(change: Callable[[Any], Any], fault: str) -> None:
    assert any(fault in one for one in faults(workbook(filled(), change)))


def test_an_empty_sheet_beside_is_no_fault() -> None:
    assert read([("f", workbook(filled(), lambda book: book.create_sheet("Sheet2")))])["records"]


def test_a_template_that_nobody_filled_in_has_no_records() -> None:
    def change(book: Any) -> None:
        cell_of(book[INSTRUMENT], "row prototypes", "B").value = "S-1"

    assert "has no record that is filled in" in faults(workbook(template("r76", "r76.weighing"), change))[0]


# Files that are not what laboratories send.


def repacked(change: Callable[[str, bytes], bytes | None], more: dict[str, bytes] | None = None) -> bytes:
    """The parts of a workbook, some of them changed, and more."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(filled())) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            made.writestr(name, change(name, parts.read(name)) or b"")
        for name, data in (more or {}).items():
            made.writestr(name, data)
    return out.getvalue()


def kept(_: str, data: bytes) -> bytes:
    return data


def entities(name: str, data: bytes) -> bytes:
    if name != "xl/workbook.xml":
        return data
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return bomb + data


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "is not a whole .xlsx file"),
        (b"PK\x03\x04 and no more", "is not a whole .xlsx file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "has a password, or is of the old form .xls"),
        (bytes(MOST_BYTES + 1), "at most 2 MiB are read"),
        (repacked(kept, {"xl/worksheets/bomb.xml": bytes(17 << 20)}), "too large unpacked"),
        (repacked(kept, {f"xl/{n}.xml": b"<a/>" for n in range(400)}), "too large unpacked"),
        (repacked(kept, {"xl/many.xml": b"<a>" + b"<c/>" * 300_000 + b"</a>"}), "has too many cells"),
        (repacked(kept, {"xl/vbaProject.bin": b"x"}), "has macros"),
        (repacked(kept, {"xl/externalLinks/externalLink1.xml": b"<a/>"}), "has links to other files"),
        (repacked(kept, {"xl/embeddings/oleObject1.bin": b"x"}), "has embedded objects"),
        (repacked(entities), "that has a document type"),
        (
            repacked(lambda name, data: data.decode().encode("utf-16") if "sheet1" in name else data),
            "that is not XML in UTF-8",
        ),
        (repacked(lambda name, data: data[: len(data) // 2] if "sheet1" in name else data), "cannot be read"),
        (repacked(lambda name, data: b"<x/>" if "workbook.xml" in name else data), "needs one sheet of the instrument"),
    ],
)
def test_hostile_and_broken_files_are_refused(data: bytes, fault: str) -> None:
    found = faults(data)
    assert len(found) == 1
    assert found[0].startswith("file.xlsx: ")
    assert fault in found[0]


# From the console.


def test_the_console_writes_templates_and_reads_them_back(tmp_path: Path) -> None:
    run = CliRunner()
    report = tmp_path / "report.json"
    report.write_text(json.dumps(FILLED), encoding="utf-8")
    made = tmp_path / "made.xlsx"
    arguments = ["template", "r76", "r76.zero-return", "--report", str(report), "--out", str(made)]
    assert run.invoke(main, arguments).output == f"{made}\n"
    again = run.invoke(main, arguments)
    assert again.exit_code == 2
    assert "exists and is not written over" in again.output
    back = run.invoke(main, ["record", str(made)])
    assert read_report(json.loads(back.output)) == read_report(FILLED)
    (tmp_path / "back.json").write_text(back.output, encoding="utf-8")
    assert "no record of" in run.invoke(main, ["verdict", str(tmp_path / "back.json")]).output


def test_the_console_lists_items_and_says_what_is_wrong(tmp_path: Path) -> None:
    run = CliRunner()
    assert "r60.creep  蠕变 creep" in run.invoke(main, ["template", "--list", "r60"]).output
    assert "r21.distance" in run.invoke(main, ["template", "--list"]).output
    assert "name a FAMILY and an ITEM" in run.invoke(main, ["template"]).output
    assert "has no test item 'r60.creep'" in run.invoke(main, ["template", "r76", "r60.creep"]).output
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(changed("row points", "B", "five"))
    found = run.invoke(main, ["record", str(bad), "--out", str(tmp_path / "out.json")])
    assert found.exit_code == 2
    assert f"{RECORD}!B" in found.output
    assert not (tmp_path / "out.json").exists()


def test_points_and_names_are_checked() -> None:
    with pytest.raises(FamilyError, match="give 1 to 1000"):
        template("r76", "r76.weighing", points=1001)
    with pytest.raises(FamilyError, match="there is no programme"):
        template("r99", "r99.weighing")
    with pytest.raises(FamilyError, match="the report is of r76"):
        template("r60", "r60.creep", report=read_report(FILLED))
