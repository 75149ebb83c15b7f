"""Generated files that are checked in match the code, and meet our standards."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import validate

from services.documents import DOCUMENTS, OFFERS
from services.headings import TOPICS
from shared.http import faces, openapi
from shared.http.faces import FACES
from shared.http.topics import WHO
from tests.support.schemas import Documented

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
FACE = pytest.mark.parametrize("face", FACES, ids=lambda face: face.name, scope="session")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_generated_document_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == DOCUMENTS[path](), "run `make docs` and commit what changed"


@pytest.fixture(scope="session")
def document(face: faces.Face) -> dict[str, Any]:
    return json.loads(json.dumps(openapi.document(face, OFFERS)))  # type: ignore[no-any-return]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """What `part` refers to, if it is a reference."""
    for name in part.get("$ref", "#").split("/")[1:]:
        document = document[name]
    return document if "$ref" in part else part


@FACE
def test_a_document_is_openapi(document: dict[str, Any]) -> None:
    validate(document)


def read(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of what callers send, by its place: paths, queries, and bodies at any depth."""
    parts: list[tuple[str, dict[str, Any]]] = []
    for method, path, operation in operations(document):
        parameters = [resolved(document, one) for one in operation["parameters"]]
        # The server bounds headers all together.
        parts += [(f"{method} {path} {one['name']}", one["schema"]) for one in parameters if one["in"] != "header"]
        sent = resolved(document, operation.get("requestBody", {})).get("content", {})
        parts += [(f"{method} {path}", media["schema"]) for media in sent.values()]
    seen = set()
    while parts:
        place, part = parts.pop()
        if "$ref" in part:
            place = part["$ref"].rpartition("/")[2]
            if place in seen:
                continue
            seen.add(place)
            part = resolved(document, part)
        yield place, part
        parts += [(f"{place}.{name}", one) for name, one in part.get("properties", {}).items()]
        parts += [(place, one) for word in ("anyOf", "allOf", "oneOf") for one in part.get(word, ())]
        parts += [
            (f"{place}.*", part[word]) for word in ("items", "additionalProperties") if isinstance(part.get(word), dict)
        ]


def is_bounded(part: dict[str, Any]) -> bool:
    """Whether a schema of one value says the most that it can be."""
    types = {part.get("type")} if isinstance(part.get("type", ""), str) else {*part["type"]}
    if {"enum", "const"} & part.keys() or part.get("format") in {"date", "date-time", "uuid", "binary"}:
        return True
    asked = {"string": {"maxLength"}, "integer": {"minimum", "maximum"}, "array": {"maxItems"}}
    asked["number"] = asked["integer"]
    if isinstance(part.get("additionalProperties"), dict):
        asked["object"] = {"maxProperties"}
    return all(asked.get(str(kind), set()) <= part.keys() for kind in types)


@FACE
def test_whatever_is_sent_is_bounded(document: dict[str, Any]) -> None:
    found = list(read(document))
    assert len(found) > 50
    assert [place for place, part in found if not is_bounded(part)] == []


@FACE
def test_every_operation_has_its_own_id_a_summary_in_both_languages_and_a_topic(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids), sorted(ids)
    topics = [tag["name"] for tag in document["tags"]]
    assert topics == [name for name in TOPICS if name in topics]
    for _, path, operation in operations(document):
        assert in_both_languages(operation["summary"]), path
        assert {*operation["tags"]} & {*topics}, f"{path}: say in services/headings.py what it is about"


@FACE
def test_every_operation_says_what_it_answers_and_every_error_is_a_problem(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        good = [status for status in operation["responses"] if status.startswith("2")]
        assert len(good) == 1, (method, path)
        content = operation["responses"][good[0]].get("content", {})
        assert content or good == ["204"], f"{method} {path}: declare `gives`"
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(resolved(document, response)["content"]) == ["application/problem+json"], (path, status)
            assert "X-Request-Id" in resolved(document, response)["headers"], (path, status)


@FACE
def test_every_operation_needs_a_token_but_public_ones(document: dict[str, Any]) -> None:
    public = {operation["operationId"] for _, _, operation in operations(document) if not operation["security"]}
    assert public == {route for route in PUBLIC if face_has(document, route)}
    for _, path, operation in operations(document):
        assert ("401" in operation["responses"]) == (operation["operationId"] not in public), path
        assert {who for need in operation["security"] for who in need["token"]} <= {*WHO}, path


PUBLIC = {
    *("categories_list", "categories_read"),
    *("certificates_list", "certificates_read", "certificates_document_pdf_read", "certificates_document_jws_read"),
    *(
        f"{permits}_{told}_read"
        for permits in ("certificates", "licences", "marks")
        for told in ("log_checkpoint", "log_consistency", "proof", "metadata_json")
    ),
    *("marks_list", "marks_read", "marks_document_pdf_read", "marks_document_jws_read"),
    *("licences_list", "licences_read", "licences_document_pdf_read", "licences_document_jws_read"),
    *("checks_create", "p_read", "n_read", "well_known_quanheng_keys_json_read"),
    *(
        f"{permits}_{listed}_{form}_read"
        for permits in ("certificates", "licences", "marks")
        for listed in ("data", "applications")
        for form in ("csv", "jsonl")
    ),
    *("permits_read", "calendars_list", "days_read", "days_svg_read"),
    *(f"{permits}_figures{form}_read" for permits in ("certificates", "licences", "marks") for form in ("", "_csv")),
    *(f"{permits}_status_list_read" for permits in ("certificates", "licences", "marks")),
}


def face_has(document: dict[str, Any], operation_id: str) -> bool:
    return any(operation["operationId"] == operation_id for _, _, operation in operations(document))


@FACE
def test_every_body_has_examples_and_they_fit_its_schema(document: dict[str, Any]) -> None:
    documented = Documented(document)
    for method, path, operation in operations(document):
        contents = [operation["requestBody"]["content"]] if "requestBody" in operation else []
        contents += [resolved(document, response).get("content", {}) for response in operation["responses"].values()]
        for content in contents:
            for body in content.values():
                assert body["examples"], (method, path)
                for shown in body["examples"].values():
                    value = resolved(document, shown)["value"]
                    assert documented.faults(body["schema"], value) == [], (method, path)


@FACE
def test_what_an_action_answers_is_shown_with_the_case_as_it_leaves_it(document: dict[str, Any]) -> None:
    answers = [
        (operation["description"], resolved(document, shown)["value"])
        for _, path, operation in operations(document)
        if "/applications/{ref}/actions/" in path
        for shown in operation["responses"]["200"]["content"]["application/json"]["examples"].values()
    ]
    assert answers
    for described, case in answers:
        zh, en = case["state_name"]["zh"], case["state_name"]["en"]
        assert f"→ {zh} {en}" in described or re.search(f"{zh} {en}.* → 状态不变 unchanged", described)
        assert case["version"] > 1


def in_both_languages(text: str) -> bool:
    return bool(re.search("[一-鿿]", text) and re.search("[A-Za-z]{2}", text))


def parts(part: Any, at: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in the document with the place where it stands; what examples hold is data."""
    if isinstance(part, list):
        part = dict(enumerate(part))
    if isinstance(part, dict):
        yield at, part
        for key, value in part.items():
            if key not in {"example", "examples"} or at.endswith("/properties"):
                yield from parts(value, f"{at}/{key}")


@FACE
def test_every_description_is_in_both_languages(document: dict[str, Any]) -> None:
    said = {
        at: " ".join(part["x-label"].values()) if "x-label" in part else part["description"]
        for at, part in parts(document)
        if isinstance(part.get("description"), str)
    }
    assert len(said) > 100
    assert not {at: text for at, text in said.items() if not in_both_languages(text)}


@FACE
def test_labels_hints_and_choices_are_in_both_languages(document: dict[str, Any]) -> None:
    for at, part in parts(document):
        for told in (
            part.get("x-label"),
            part.get("x-hint"),
            part.get("x-written"),
            *part.get("x-choices", {}).values(),
        ):
            assert told is None or (set(told) == {"zh", "en"} and all(told.values())), at


@FACE
def test_every_object_and_every_property_is_described(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert not [name for name, schema in schemas.items() if "description" not in schema]
    properties = [(at, part) for at, part in parts(schemas) if at.endswith("/properties")]
    assert not [
        f"{at}/{name}"
        for at, part in properties
        for name, each in part.items()
        if "description" not in resolved(document, each)
    ]


@FACE
def test_every_parameter_is_described(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        for parameter in operation["parameters"]:
            assert resolved(document, parameter)["description"], (method, path)
        names = {resolved(document, parameter)["name"] for parameter in operation["parameters"]}
        assert set(re.findall("{(.*?)}", path)) <= names, path
        assert method == "GET" or not operation["security"] or {"dry_run", "Idempotency-Key"} <= names, path


@FACE
def test_no_two_schemas_share_a_name(document: dict[str, Any]) -> None:
    assert not [name for name in document["components"]["schemas"] if name[-1].isdigit()]


PAGES = (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))


def test_every_test_that_a_document_names_exists() -> None:
    named = {
        (match[1], match[2])
        for path in PAGES
        for match in re.finditer(r"(tests/[\w/]+\.py)(?:::(\w+))?", path.read_text(encoding="utf-8"))
    }
    assert ("tests/test_wiring.py", "test_what_needs_no_token_is_known_and_little") in named
    for file, test in named:
        assert (ROOT / file).exists(), file
        assert not test or f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_every_link_between_documents_leads_to_a_file() -> None:
    linked = {
        (path.relative_to(ROOT).as_posix(), match[1])
        for path in PAGES
        for match in re.finditer(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    }
    assert ("README.md", "docs/architecture.md") in linked
    assert not [link for link in linked if not (ROOT / link[0]).parent.joinpath(link[1]).exists()]
