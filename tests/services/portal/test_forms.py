"""Forms made from schemas: every kind of field, read back as it was meant, faults at their fields."""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import Any

import pytest

from services.portal import formats, texts
from services.portal.fields import Choice, Field, Kinds, faults_of
from services.portal.forms import Form
from services.portal.rows import reshaped, with_row, without_row
from services.portal.web import templates
from tests.services.portal.pages import Element, parse

SCHEMAS: dict[str, Any] = {
    "Measure": {
        "type": "object",
        "properties": {"value": {"type": "string", "pattern": "x"}, "unit": {"type": "string"}},
    },
    "Line": {
        "type": "object",
        "required": ["model"],
        "properties": {
            "model": {"type": "string", "x-label": {"zh": "型号", "en": "model"}},
            "max": {"$ref": "#/components/schemas/Measure", "x-label": {"zh": "最大秤量", "en": "maximum capacity"}},
        },
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name", "fits", "lines"],
    "properties": {
        "name": {"type": "string", "maxLength": 60, "x-label": {"zh": "名称", "en": "name"}},
        "story": {"type": "string", "maxLength": 4000, "x-label": {"zh": "说明", "en": "what it is"}},
        "made": {"type": "integer", "x-label": {"zh": "数量", "en": "how many"}},
        "on": {"type": "string", "format": "date", "x-label": {"zh": "日期", "en": "day"}},
        "kind": {
            "type": "string",
            "enum": ["a", "b"],
            "x-label": {"zh": "种类", "en": "kind"},
            "x-choices": {"a": {"zh": "甲", "en": "first"}, "b": {"zh": "乙", "en": "second"}},
        },
        "sure": {"type": "boolean", "x-label": {"zh": "确认", "en": "sure"}},
        "fits": {"type": "boolean", "x-label": {"zh": "相符", "en": "whether it fits"}},
        "documents": {"type": "array", "items": {"type": "string"}, "x-label": {"zh": "资料", "en": "documents"}},
        "lines": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Line"},
            "x-label": {"zh": "规格", "en": "lines"},
        },
        "confirmed": {"type": "array", "items": {"type": "string"}},
    },
}
BODY = {
    "name": "秤",
    "story": "一\n二",
    "made": 3,
    "on": "2013-09-17",
    "kind": "b",
    "sure": True,
    "fits": False,
    "documents": ["图纸", "说明书"],
    "lines": [{"model": "A", "max": {"value": "15", "unit": "kg"}}, {"model": "B"}],
}


def form() -> Form:
    return Form(SCHEMA, SCHEMAS)


def test_a_body_is_typed_shown_and_read_back_the_same() -> None:
    typed = form().typed(BODY)
    assert form().read(typed) == BODY
    shown = {field.name: field for field in form().fields(typed)}
    assert {name: field.kind for name, field in shown.items()} == {
        "name": "text",
        "story": "area",
        "made": "number",
        "on": "date",
        "kind": "choice",
        "sure": "yes",
        # What must be answered either way.
        "fits": "choice",
        "documents": "lines",
        "lines": "table",
    }
    assert shown["documents"].value == "图纸\n说明书"
    assert [choice.value for choice in shown["kind"].choices if choice.chosen] == ["b"]
    assert [(choice.value, choice.chosen) for choice in shown["fits"].choices] == [("yes", False), ("no", True)]
    assert shown["name"].required
    assert not shown["story"].required


@pytest.mark.parametrize(
    ("name", "typed", "read"),
    [
        ("on", "2013年9月7日", "2013-09-07"),
        ("on", "20130917", "2013-09-17"),
        ("on", "２０１３-９-７", "2013-09-07"),
        ("on", "2013-13-40", "2013-13-40"),
        ("on", "tomorrow", "tomorrow"),
        ("made", "１，０００", 1000),
        ("made", "three", "three"),
        ("name", "  秤  ", "秤"),
        ("lines.0.max.value", "１５.０", "15.0"),
    ],
)
def test_what_is_typed_in_a_usual_way_is_read_and_the_rest_is_left_for_the_service(
    name: str, typed: str, read: object
) -> None:
    found: Any = form().read({name: [typed]})
    for part in name.split("."):
        found = found[int(part) if part.isdigit() else part]
    assert found == read


def test_what_is_empty_is_left_out_and_rows_keep_their_places() -> None:
    typed = {"name": [" "], "lines.0.model": [""], "lines.1.model": ["B"], "lines.2.model": [""], "documents": ["\n"]}
    assert form().read(typed) == {"lines": [{}, {"model": "B"}]}


def test_faults_are_told_at_their_fields_and_linked_from_the_summary() -> None:
    faults = [
        {"name": "lines.1.max.unit", "code": "unit", "title": "Unit", "reason": "单位不可用"},
        {"name": "documents.0", "code": "missing", "reason": "write something"},
        {"name": "elsewhere", "code": "odd", "reason": "what"},
    ]
    fields = form().fields(form().typed(BODY), faults)
    summary = faults_of(fields, faults)
    known = {one.id: one for one in _all(fields)}
    assert summary[0].target == "f-lines-1-max-unit"
    assert known["f-lines-1-max"].errors == ("单位不可用",)
    assert known[summary[1].target].errors == ("write something",)
    assert summary[2].target == ""


def test_rows_are_added_and_taken_away_without_losing_what_was_typed() -> None:
    typed = form().typed(BODY)
    more = with_row(typed, "lines")
    assert [row.name for row in _rows(more)] == ["lines.0", "lines.1", "lines.2"]
    less = without_row(more, "lines.0")
    assert form().read(less)["lines"] == [{"model": "B"}]


def test_of_a_given_list_what_was_filled_in_is_sent_and_faults_find_their_rows() -> None:
    models = (Choice("A", "甲型", "Type A"), Choice("B", "乙型", "Type B"), Choice("C", "丙型", "Type C"))
    given = Form(SCHEMA, SCHEMAS, None, {"model": models}, {"lines": "model"})
    typed = given.typed({"lines": [{"model": one.value} for one in models]}) | {"lines.2.max.value": ["x"]}
    assert given.read(typed) == {"lines": [{"model": "C", "max": {"value": "x"}}]}
    faults = given.placed(typed, [{"name": "lines.0.max", "reason": "no amount"}, {"name": "name", "reason": "empty"}])
    assert [one["name"] for one in faults] == ["lines.2.max", "name"]
    lines = next(one for one in given.fields(typed, faults) if one.name == "lines")
    assert [row.children[0].named.zh for row in lines.rows] == ["甲型", "乙型", "丙型"]
    assert lines.rows[2].children[1].errors == ("no amount",)
    assert faults_of([lines], faults)[0].target == "f-lines-2-max"


def test_copied_rows_are_taken_and_what_does_not_fit_stays_where_it_was_pasted() -> None:
    typed = {"lines.0.model": [""], "lines.1.model": ["A"], "pasted.lines": ["B\t１，５00 g\nC\nD\t1 kg\tand more"]}
    taken = reshaped(typed, {"_paste": "lines"}, form().fields(typed))
    assert taken is not None
    assert form().read(taken)["lines"] == [
        *({"model": "A"}, {"model": "B", "max": {"value": "1500", "unit": "g"}}, {"model": "C"}),
    ]
    assert next(one for one in form().fields(taken) if one.name == "lines").pasted == "D\t1 kg\tand more"


def test_of_several_kinds_of_objects_the_fields_of_all_are_asked_for() -> None:
    kinds = [
        {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "c": {"type": "integer"}}},
    ]
    one = Form({"type": "object", "properties": {"any": {"anyOf": kinds}}}, {})
    assert {(field.name, field.required) for field in one.fields({})[0].children} == {
        *(("any.a", True), ("any.b", False), ("any.c", False)),
    }
    assert one.read({"any.a": ["x"], "any.c": ["3"]}) == {"any": {"a": "x", "c": 3}}


FAMILIES = [
    {"type": "object", "title": "r49", "required": ["q3"], "properties": {"q3": {"type": "string"}}},
    {"type": "object", "title": "r76", "properties": {"max": {"type": "string"}, "class": {"type": "string"}}},
]
KINDS = Kinds(
    {"water_meter": "r49", "scale": "r76"},
    (Choice("water_meter", "水表", "Meter"), Choice("scale", "秤", "Scale")),
)
OF_A_KIND = {
    "type": "object",
    "properties": {
        "category": {"type": "string"},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"category": {"type": "string"}, "characteristics": {"anyOf": FAMILIES}},
            },
        },
    },
}


@pytest.mark.parametrize(
    ("typed", "category", "asked"),
    [
        ({"category": ["water_meter"], "lines.0.": [""]}, "", ["q3"]),
        ({"lines.0.": [""]}, "scale", ["max", "class"]),
        ({"category": ["water_meter"], "lines.0.category": ["scale"]}, "", ["max", "class"]),
        ({"lines.0.category": [""]}, "scale", []),
        ({"lines.0.": [""]}, "", []),
    ],
)
def test_characteristics_are_those_of_the_kind(typed: dict[str, list[str]], category: str, asked: list[str]) -> None:
    one = Form(OF_A_KIND, {}, KINDS).about(category)
    (_, lines) = one.fields(typed)
    _, characteristics = lines.rows[0].children
    assert [field.name.rpartition(".")[2] for field in characteristics.children] == asked
    given = {f"lines.0.characteristics.{name}": ["1"] for name in ("q3", "max", "class")}
    (read,) = one.read({**typed, **given}).get("lines", [{}])
    assert read.get("characteristics", {}) == dict.fromkeys(asked, "1")


def test_the_kind_is_chosen_from_the_catalogue() -> None:
    category, _ = Form(OF_A_KIND, {}, KINDS).fields({"category": ["scale"]})
    assert (category.kind, [(one.value, one.chosen) for one in category.choices]) == (
        "select",
        [("water_meter", False), ("scale", True)],
    )


def test_a_list_that_must_have_a_row_shows_one() -> None:
    assert [row.name for row in _rows({})] == ["lines.0"]


def _rows(typed: dict[str, list[str]]) -> tuple[Field, ...]:
    return next(field for field in form().fields(typed) if field.name == "lines").rows


def _all(fields: tuple[Field, ...]) -> list[Field]:
    return [one for field in fields for one in (field, *_all(field.children), *_all(field.rows))]


SITE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "x-label": {"zh": "名称", "en": "name"}},
        "kind": {
            "type": "string",
            "enum": ["a", "b"],
            "x-label": {"zh": "种类", "en": "kind"},
            "x-choices": {"a": {"zh": "甲", "en": "first"}, "b": {"zh": "乙", "en": "second"}},
        },
        "max": {"$ref": "#/components/schemas/Measure", "x-label": {"zh": "最大秤量", "en": "maximum capacity"}},
        "sure": {"type": "boolean", "x-label": {"zh": "确认", "en": "sure"}},
        "codes": {"type": "array", "items": {"type": "string"}, "x-label": {"zh": "编号", "en": "codes"}},
        "lines": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Line"},
            "x-label": {"zh": "规格", "en": "lines"},
        },
    },
}


def test_of_a_long_list_rows_show_what_they_say_until_one_is_opened() -> None:
    sites = Form({"type": "object", "properties": {"sites": {"type": "array", "items": SITE}}}, SCHEMAS)
    lines = [{"model": "A", "max": {"value": "3", "unit": "kg"}}, {"model": "B"}]
    whole = {"kind": "b", "max": {"value": "15", "unit": "kg"}, "sure": True, "codes": ["1", "2"], "lines": lines}
    body = {"sites": [{"name": f"厂区{number}", **whole} for number in range(6)]}
    typed = sites.typed(body)
    rows = sites.fields(typed)[0].rows
    assert {one.kind for one in rows} == {"shut"}
    again: dict[str, list[str]] = {}
    for name, value in [pair for row in rows for pair in row.sent]:
        again.setdefault(name, []).append(value)
    assert sites.read(again) == body, "what is shut is sent all the same"
    assert [(label["zh"], [one["en"] for one in values]) for label, values in rows[0].said] == [
        *(("名称", ["厂区0"]), ("种类", ["Second"]), ("最大秤量", ["15 kg"]), ("确认", [])),
        *(("编号", ["1\n2"]), ("规格", ["A, 3 kg", "B"])),
    ]
    opened = reshaped(typed, {"_open": "sites.2"}, ())
    assert opened is not None
    assert sites.read(opened) == body
    faults = [{"name": "sites.4.max.unit", "reason": "未知"}]
    kinds = [one.kind for one in sites.fields(with_row(opened, "sites"), faults)[0].rows]
    assert [place for place, kind in enumerate(kinds) if kind != "shut"] == [2, 4, 6]
    few = Form(sites.schema, SCHEMAS).fields(without_row(typed, "sites.5"))[0].rows
    assert "shut" not in {one.kind for one in few}


def test_rows_that_are_there_from_the_start_are_open_until_something_is_typed() -> None:
    names = [Choice(f"S{number}", f"厂区{number}", f"Site {number}") for number in range(6)]
    schema = {"type": "object", "properties": {"sites": {"type": "array", "items": SITE}}}
    sites = Form(schema, SCHEMAS, None, {"name": names}, {"sites": "name"})
    typed = sites.typed({"sites": [{"name": one.value} for one in names]}) | {"sites.3.kind": ["b"]}
    rows = sites.fields(typed)[0].rows
    assert [place for place, row in enumerate(rows) if row.kind == "shut"] == [3]
    assert [one.named.en for row in rows for one in row.naming] == [one.en for one in names]


def test_times_are_typed_as_people_write_them() -> None:
    for typed in ("2013-9-24 9:10", "20130924 09:10", "2013年9月24日 9时10分", "２０１３-９-２４ ９：１０"):
        assert formats.read_instant(typed) == "2013-09-24T09:10:00+08:00", typed
    assert formats.typed_instant("2013-09-24T01:10:00+00:00") == "2013-09-24 09:10"
    for odd in ("yesterday 9:10", "2013-09-24", "2013-02-30 9:10", "2013-09-24T09:10:00+08:00"):
        assert formats.read_instant(odd) == odd


def _told(zh: str, en: str, **more: Any) -> dict[str, Any]:
    return {"x-label": {"zh": zh, "en": en}, **{f"x-{name}": {"zh": told, "en": told} for name, told in more.items()}}


HINTED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "group": {
            "type": "object",
            **_told("组", "group", hint="of the group"),
            "properties": {"one": {"type": "string", **_told("一", "one", hint="of one", written="by its code")}},
        },
        "rows": {
            "type": "array",
            **_told("行", "rows", hint="of the rows"),
            "items": {"type": "object", "properties": {"inner": {"type": "array", "items": {"type": "string"}}}},
        },
        "table": {
            "type": "array",
            **_told("表", "table", hint="of the table"),
            "items": {
                "type": "object",
                "properties": {
                    "item": {"type": "string", **_told("项", "item", hint="of the column")},
                    "on": {"type": "string", "format": "date", **_told("日", "day")},
                    "max": {"$ref": "#/components/schemas/Measure", **_told("量", "most", hint="of what is measured")},
                    "size": {"type": "integer", **_told("数", "how many")},
                },
            },
        },
        "several": {
            "type": "array",
            "items": {"type": "string", "enum": ["a", "b"]},
            **_told("多选", "several", hint="of several"),
        },
        "kind": {"type": "string", "enum": ["a", "b"], **_told("单选", "kind", hint="of the kind")},
        "tests": {
            "type": "array",
            "items": {"type": "string"},
            **_told("试验", "tests", hint="of the tests", written="by their codes"),
        },
    },
}
"""Fields of every kind of which more is to be known."""


def test_what_more_is_to_be_known_stands_at_each_field_group_and_choice() -> None:
    choices = [
        Choice("t1", "甲", "first", hint={"zh": "of the first", "en": "of the first"}),
        Choice("t2", "乙", "second"),
    ]
    form = Form(HINTED, SCHEMAS, offered={"tests": choices})
    typed = {name: [""] for name in ("rows.0.inner", "table.0.on", "table.1.on")}
    page = rendered(form, typed, "en")
    said = {
        one.get("name") or one["id"]: [page.one(id=id_).text for id_ in one["aria-describedby"].split()]
        for one in page.all()
        if "aria-describedby" in one.attributes
    }
    day = told("form.date_hint")
    assert said == {
        "f-group": ["Of the group"],
        "group.one": ["Of one; by its code"],
        "f-rows": ["Of the rows"],
        "rows.0.inner": [told("form.lines_hint")],
        "f-table": ["Of the table"],
        **{f"table.{row}.item": ["Item: Of the column"] for row in (0, 1)},
        **{f"table.{row}.on": [f"Day: {day}"] for row in (0, 1)},
        **{f"table.{row}.max.{part}": ["Most: Of what is measured"] for row in (0, 1) for part in ("value",)},
        "f-several": ["Of several"],
        "f-kind": ["Of the kind"],
        "f-tests": ["Of the tests"],
        "tests": ["of the first"],
        "pasted.table": [texts.text("form.paste_more", "en", columns="Item, Day, Most, How many")],
    }
    assert "by their codes" not in page.text, "what is chosen is not written"
    assert "By their codes" not in page.text
    assert "Of the tests; by their codes" in rendered(Form(HINTED, SCHEMAS), typed, "en").text


def told(name: str) -> str:
    return texts.text(name, "en")


def rendered(form: Form, typed: dict[str, list[str]], language: texts.Language) -> Element:
    """The fields as a page draws them."""
    module: Any = templates.get_template("fields.html").module
    written = module.fields(form.fields(typed), partial(texts.text, language=language), itemgetter(language))
    return parse(written)
