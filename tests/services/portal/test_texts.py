"""The portal's own texts: in both languages, none missing or left over; and the words it takes from the documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from services import SERVICES
from services.portal import texts
from services.portal.labels import Words, chosen, named
from services.portal.papers import STATUSES
from services.portal.referring import resolved
from shared.identity import STAFF_POSTS, Role
from shared.law import load
from shared.metrology import family, known_families

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
MANY = 20
"""Values of longer lists, such as types of events, are for programs."""
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


RULES = load()
AGAIN: dict[str, str | set[str]] = {
    "abolition.": "type_approval_ConcernedCertificate.outcome",
    "acting.may_": "Received.scope",
    "book.did_": "MandateVersion.action",
    "book.done_": "MandateVersion.action",
    "book.explain_": "MandateVersion.action",
    "book.outcome_": "ImportedLine.outcome",
    "book.scope_": "Received.scope",
    "book.status_": "MandateEntry.status",
    "commission.": "type_approval_FitReason.weight",
    "due.": "GET /v1/days unit",
    "figures.": "GET /v1/work holder",
    "following.": "licensing_AmendmentDraft.kind",
    "holder.": "GET /v1/work holder",
    "own.": {"applicant", "laboratory", "experts", "authority"},
    "permits.against_": {one.against for one in RULES.remedies},
    "permits.application_": {name for one in RULES.documents for name in one.applications},
    "post.": set(STAFF_POSTS),
    "service.": set(SERVICES),
    "side.": set(Role),
    "status.": {status for known in STATUSES.values() for status in known},
    "verdict.": "type_approval_JudgedRecord.verdict",
    "weight.": {one.weight for one in RULES.limits},
    "work.": "notifications_WorkItem.clock",
}
"""Where the portal has a text for each value that the API or the law may have: the values."""
OWN = {
    *("accessibility.can_", "accessibility.limit_", "apply.", "book.", "book.add_", "book.do_", "book.name_of_"),
    "book.of_",
    *("case.missing_", "case.part_", "case.waits_", "cases.", "cases.none_open_", "choice.", "clock.", "documents."),
    *("documents.first_", "help.", "historic.", "historic.done_", "home.", "messages.to_", "moves.", "nav.", "note."),
    *("people.", "permit.", "points.", "published.", "reason.", "refused.", "settings.", "system.count_"),
    *("system.done_", "task.", "units.", "value.", "whose."),
}
"""Where it chooses among texts that are its own, or has no text for some."""


def test_every_value_that_the_api_or_the_law_may_have_has_a_text_where_the_portal_has_one_for_each() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    chosen_from = {first or second for first, second in PREFIXED.findall(written)}
    assert chosen_from <= AGAIN.keys() | OWN, "say whose values they are"
    assert AGAIN.keys() <= chosen_from | {"acting.may_"}
    for begins, told in AGAIN.items():
        values = values_of(told) if isinstance(told, str) else told
        known = {name.removeprefix(begins) for name in texts.catalogue() if name.startswith(begins)}
        assert {value.replace("-", "_") for value in values} <= known, begins


def test_every_word_that_a_family_has_for_a_value_has_a_text_and_no_text_is_left_over() -> None:
    parameters = [one for name in known_families() for one in family(name).parameters.values()]
    meant = {value for one in parameters for value in one.values if value not in one.words}
    known = {name.removeprefix("value.") for name in texts.catalogue() if name.startswith("value.")}
    assert known <= meant
    assert {value for value in meant if value.islower()} <= known


def values_of(place: str) -> set[str]:
    """The values of a field of a schema, or of a parameter, as the documents of the API have them."""
    documents = [json.loads(path.read_text("utf-8")) for path in (TOP / "docs/reference").glob("openapi-*.json")]
    for document in documents:
        if place.startswith("GET "):
            _, path, name = place.split()
            operation = document["paths"].get(path, {}).get("get", {})
            found = [one["schema"] for one in operation.get("parameters", ()) if one.get("name") == name]
        else:
            schema, name = place.split(".")
            properties = document["components"]["schemas"].get(schema, {}).get("properties", {})
            found = [properties[name]] if name in properties else []
        if found:
            return set(found[0]["enum"])
    raise LookupError(place)


SECTIONS = {name.partition(".")[0] for name in texts.catalogue()}


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


def test_values_are_called_as_their_field_says_and_commas_cut_nothing() -> None:
    schema = {
        "enum": ["valid", "to_correct", "III", "struck_off"],
        "x-label": {"zh": "现状", "en": "status"},
        "x-choices": {
            "valid": {"zh": "有效", "en": "in force"},
            "to_correct": {"zh": "责令改正中", "en": "in force, to be corrected"},
        },
    }
    assert named(schema, "status") == Words({"zh": "现状", "en": "Status"}, {"zh": "", "en": ""})
    assert chosen(schema) == {
        "valid": {"zh": "有效", "en": "In force"},
        "to_correct": {"zh": "责令改正中", "en": "In force, to be corrected"},
        "III": {"zh": "III", "en": "III"},
        "struck_off": {"zh": "Struck off", "en": "Struck off"},
    }
    # What is kept of it, which may have been another value once.
    assert chosen({**schema, "enum": None})["valid"] == {"zh": "有效", "en": "In force"}


def test_the_register_is_searched_by_every_status_that_its_service_knows() -> None:
    document = json.loads((TOP / "docs/reference/openapi-public.json").read_text(encoding="utf-8"))
    for register, known in STATUSES.items():
        told = document["paths"][f"/v1/{register}"]["get"]["parameters"]
        (status,) = (one for one in told if one.get("name") == "status")
        assert list(known) == status["schema"]["enum"], register
        meant = chosen({**status["schema"], **status})
        assert {one: meant[one]["zh"] for one in known} == {one: texts.text(f"status.{one}", "zh") for one in known}


@pytest.mark.parametrize("face", ["public", "lab", "internal"])
def test_every_field_that_is_asked_for_has_a_name_in_both_languages(face: str) -> None:
    document = json.loads((TOP / f"docs/reference/openapi-{face}.json").read_text(encoding="utf-8"))
    unnamed = []
    for schema, name, part in _asked(document):
        label = named(part, name).label
        if not CHINESE.search(label["zh"]) or CHINESE.search(label["en"]):
            unnamed.append(f"{schema}.{name}: {label}")
        meanings = chosen(part)
        if 1 < len(meanings) < MANY:
            unnamed += [
                f"{schema}.{name}={value}" for value, told in meanings.items() if not CHINESE.search(told["zh"])
            ]
    assert unnamed == []


@pytest.mark.parametrize("face", ["public", "lab", "internal"])
def test_what_people_are_asked_for_is_said_without_terms_of_programs(face: str) -> None:
    document = json.loads((TOP / f"docs/reference/openapi-{face}.json").read_text(encoding="utf-8"))
    terms = re.compile(r"`[a-z]|\btokens?\b|\bsub\b|\bids?\b|UCUM|JSON|ETag|[a-z]_[a-z]")
    found = []
    for schema, name, part in _asked(document):
        called = named(part, name)
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
        hint = named(part, name).hint
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
            found += [
                (name, field, dict(resolved(part, schemas)))
                for field, part in schemas[name].get("properties", {}).items()
            ]
    return found


def _references(part: Any) -> list[str]:
    return re.findall(r'"#/components/schemas/(\w+)"', json.dumps(part))


@pytest.mark.parametrize("face", ["public", "lab", "internal"])
def test_every_field_of_an_answer_has_a_label_in_both_languages(face: str) -> None:
    document = json.loads((TOP / f"docs/reference/openapi-{face}.json").read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    without = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, part in schema.get("properties", {}).items()
        # The items of a list are called by what the list is.
        if field != "items" and not all(resolved(part, schemas).get("x-label", {"zh": ""}).values())
    ]
    assert without == []
