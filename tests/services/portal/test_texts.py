"""The portal's own texts: in both languages, none missing or left over; and the words it takes from the documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from services.portal import texts
from services.portal.labels import choices, split, words
from services.portal.papers import STATUSES

TOP = Path(__file__).parents[3]
SOURCES = [*(TOP / "services/portal").glob("*.py"), *(TOP / "services/portal/templates").glob("*.html")]
NAMED = re.compile(r"""["']([a-z_]+\.[a-z_]*[a-z])["']""")
PREFIXED = re.compile(r"""["']([a-z_]+\.(?:[a-z_]+_)?)["'] ~|f["']([a-z_]+\.)\{""")
FOR_PROGRAMS = {"confirmed", "signature"}
"""Fields that no page asks people for."""
USUAL = (
    *("supplement", "accept", "commission", "arrange", "receive_samples", "draft_report"),
    *("review", "grant", "deliver", "report_assessment"),
)
"""Actions of nearly every case."""
CHINESE = re.compile("[一-鿿]")


def test_every_text_that_is_asked_for_is_there_and_every_text_is_asked_for() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    named = {name for name in NAMED.findall(written) if not name.endswith((".html", ".toml", ".css"))}
    asked = {name for name in named if name.partition(".")[0] in SECTIONS}
    made = tuple(first or second for first, second in PREFIXED.findall(written))
    known = set(texts.catalogue())
    assert asked <= known, sorted(asked - known)
    asked |= {f"{name}_more" for name in asked if texts.has(f"{name}_more")}
    unused = {name for name in known - asked if not name.startswith(made)}
    assert unused == set()


SECTIONS = {name.partition(".")[0] for name in texts.catalogue()}


def test_a_meaning_goes_on_to_the_next_value_and_is_found_where_it_is_told() -> None:
    described = "状态: `lodged` 已提交，待批准 lodged ahead, awaiting approval, `valid` 有效 in force; of the case"
    assert choices(described, ["lodged", "valid", "gone"]) == {
        "lodged": {"zh": "已提交，待批准", "en": "Lodged ahead, awaiting approval"},
        "valid": {"zh": "有效", "en": "In force"},
        "gone": {"zh": "Gone", "en": "Gone"},
    }
    assert words(described, "state", ["lodged", "valid"]).label["zh"] == "状态"


def test_chinese_is_chinese_and_both_name_the_same_facts() -> None:
    for name, told in texts.catalogue().items():
        assert CHINESE.search(told["zh"]) or not re.search(r"\w", re.sub(r"\{\w+\}", "", told["zh"])), name
        places = [sorted(set(re.findall(r"\{\w+\}", told[language]))) for language in texts.LANGUAGES]
        assert places[0] == places[1], name


def test_templates_say_nothing_by_themselves() -> None:
    """Words outside tags, comments and expressions would be in one language only."""
    for path in SOURCES:
        if path.suffix == ".html":
            bare = re.sub(
                r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|aria-\w+=\"[^\"]*\"",
                " ",
                path.read_text(encoding="utf-8"),
                flags=re.DOTALL,
            )
            words_left = set(re.findall(r"\w{2,}", bare)) - {"English", "中文"}
            assert words_left == set(), path.name


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        ("电子邮箱 e-mail, to which messages go", "电子邮箱", "E-mail, to which messages go"),
        ("Submit 提交申请", "提交申请", "Submit"),
        ("OIML证书 number of its OIML certificate", "OIML证书", "Number of its OIML certificate"),
        ("不符合项。 A nonconformity.", "不符合项", "A nonconformity"),
        ("只有中文", "只有中文", "只有中文"),
    ],
)
def test_texts_in_both_languages_are_taken_apart(written: str, zh: str, en: str) -> None:
    assert split(written) == {"zh": zh, "en": en}


@pytest.mark.parametrize(
    ("description", "name", "zh", "en"),
    [
        ("Max 最大秤量 maximum capacity; a number and a unit", "max", "最大秤量", "Maximum capacity"),
        ("accuracy 准确度 accuracy, as a text", "accuracy", "准确度", "Accuracy"),
    ],
)
def test_symbols_stand_before_what_they_mean(description: str, name: str, zh: str, en: str) -> None:
    assert words(description, name).label == {"zh": zh, "en": en}


def test_values_are_called_as_their_field_says() -> None:
    told = "结论: pass 合格, fail 不合格 whether the type passed"
    assert choices(told, ["pass", "fail"]) == {
        "pass": {"zh": "合格", "en": "Pass"},
        "fail": {"zh": "不合格", "en": "Fail"},
    }
    assert words(told, "conclusion", ["pass", "fail"]).label == {"zh": "结论", "en": "Whether the type passed"}


def test_the_register_is_searched_by_every_status_that_its_service_knows() -> None:
    document = json.loads((TOP / "docs/reference/openapi-public.json").read_text(encoding="utf-8"))
    for register, known in STATUSES.items():
        told = document["paths"][f"/v1/{register}"]["get"]["parameters"]
        (status,) = (one for one in told if one.get("name") == "status")
        assert list(known) == status["schema"]["enum"], register
        meant = choices(status["description"], known)
        assert {one: meant[one]["zh"] for one in known} == {one: texts.text(f"status.{one}", "zh") for one in known}


@pytest.mark.parametrize("face", ["public", "lab", "internal"])
def test_every_field_that_is_asked_for_has_a_name_in_both_languages(face: str) -> None:
    document = json.loads((TOP / f"docs/reference/openapi-{face}.json").read_text(encoding="utf-8"))
    unnamed = []
    for schema, name, part in _asked(document):
        values = [str(value) for value in part.get("enum", part.get("items", {}).get("enum", ()))]
        label = words(part.get("description", ""), name, values).label
        if not CHINESE.search(label["zh"]) or CHINESE.search(label["en"]):
            unnamed.append(f"{schema}.{name}: {label}")
        meanings = choices(part.get("description", ""), values)
        if len(values) > 1 and len(values) < 20 and not values[0].isupper():
            unnamed += [f"{schema}.{name}={v}" for v, told in meanings.items() if not CHINESE.search(told["zh"])]
    assert unnamed == []


@pytest.mark.parametrize("face", ["public", "lab", "internal"])
def test_what_people_are_asked_for_is_said_without_terms_of_programs(face: str) -> None:
    document = json.loads((TOP / f"docs/reference/openapi-{face}.json").read_text(encoding="utf-8"))
    terms = re.compile(r"`[a-z]|\btokens?\b|\bsub\b|\bids?\b|UCUM|JSON|ETag|[a-z]_[a-z]")
    found = []
    for schema, name, part in _asked(document):
        values = [str(value) for value in part.get("enum", part.get("items", {}).get("enum", ()))]
        called = words(part.get("description", ""), name, values)
        said = [*called.label.values(), *called.hint.values()]
        found += [f"{schema}.{name}: {one}" for one in said if name not in FOR_PROGRAMS and terms.search(one)]
    assert found == []


@pytest.mark.parametrize("face", ["public", "lab", "internal"])
def test_what_is_explained_in_english_of_applications_and_usual_actions_is_explained_in_chinese(face: str) -> None:
    document = json.loads((TOP / f"docs/reference/openapi-{face}.json").read_text(encoding="utf-8"))
    asked = _asked(document, ("/applications", *(f"/actions/{action}" for action in USUAL)))
    assert asked
    unexplained = []
    for schema, name, part in asked:
        values = [str(value) for value in part.get("enum", part.get("items", {}).get("enum", ()))]
        # What is itself an object is explained by its fields.
        hint = words("" if "$ref" in part else part.get("description", ""), name, values).hint
        unexplained += [f"{schema}.{name}"] if hint["en"] and not hint["zh"] and name not in FOR_PROGRAMS else []
    assert unexplained == []


def _asked(document: dict[str, Any], ends: tuple[str, ...] = ("",)) -> list[tuple[str, str, dict[str, Any]]]:
    """Every field of every body that the document's operations take, of those whose path has one of these ends."""
    schemas = document["components"]["schemas"]
    waiting = [
        reference
        for path, item in document["paths"].items()
        if path.endswith(ends)
        for operation in item.values()
        for reference in _references(operation.get("requestBody", {}))
    ]
    found, seen = [], set()
    while waiting:
        name = waiting.pop()
        if name not in seen and name in schemas:
            seen.add(name)
            waiting += _references(schemas[name])
            # Characteristics of a family are called by their symbols as well as by words.
            if "Characteristics" in name:
                continue
            found += [(name, field, part) for field, part in schemas[name].get("properties", {}).items()]
    return found


def _references(part: Any) -> list[str]:
    return re.findall(r'"#/components/schemas/(\w+)"', json.dumps(part))


@pytest.mark.parametrize("face", ["public", "lab", "internal"])
def test_every_field_of_an_answer_has_a_label_in_both_languages(face: str) -> None:
    document = json.loads((TOP / f"docs/reference/openapi-{face}.json").read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    without = []
    for name, schema in schemas.items():
        for field, part in schema.get("properties", {}).items():
            told = part.get("description") or schemas.get(part.get("$ref", "").rpartition("/")[2], {}).get(
                "description"
            )
            label = words(told or "", field, [str(value) for value in part.get("enum", ())]).label
            without += [f"{name}.{field}"] if told and not all(label.values()) else []
    assert without == []
