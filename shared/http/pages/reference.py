"""Prepare an OpenAPI document for display: operations by topic, fields of bodies, curl commands."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from shared.http.problems import KINDS
from shared.labels import LABELS
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body, or a parameter: `kind` is its type in words, `schema` the name of its object schema, if
    any."""

    name: str
    kind: str
    schema: str | None
    required: bool
    label: Text | None
    """What it is called; None of the items of a list, which `about` describes."""
    hints: Sequence[Text]
    choices: Mapping[str, Text]
    """What its values mean."""
    about: str
    bounds: Sequence[str]
    example: str | None


@dataclass(frozen=True, slots=True)
class Body:
    """A request or response body: name and fields of its object, and an example as text."""

    schema: str | None
    about: str
    fields: Sequence[Field]
    example: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A possible problem response; `code` is its page under /problems."""

    status: str
    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Request:
    """An example request. `headers` excludes those that depend on the caller, such as the token."""

    method: str
    path: str
    params: Mapping[str, str]
    """The path parameters, by name."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    file: bool
    """Whether the body is a file."""

    @property
    def url(self) -> str:
        """The URL, relative to the service."""
        path = re.sub("{(.*?)}", lambda name: quote(self.params[name[1]], safe=""), self.path)
        return f"{path}?{urlencode(self.query)}" if self.query else path


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API."""

    id: str
    method: str
    path: str
    name: Text
    about: str
    public: bool
    parameters: Sequence[Field]
    must: Sequence[str]
    """Names of the required common headers."""
    may: Sequence[str]
    """Names of the optional common headers and parameters."""
    takes: Body | None
    status: str
    gives: Body | None
    refusals: Sequence[Refusal]
    request: Request

    @property
    def curl(self) -> str:
        """The request as a shell command, with the service in `$URL` and the token in `$TOKEN`."""
        asked = self.request
        parts = ["curl -s" if asked.method == "GET" else f"curl -s -X {asked.method}", f'"$URL{asked.url}"']
        options = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in asked.headers.items()]
        if not self.public:
            options.insert(0, '-H "Authorization: Bearer $TOKEN"')
        if asked.file:
            options.append("--data-binary @file")
        elif asked.body is not None:
            options.append(f"-d {shlex.quote(_pretty(asked.body))}")
        return " \\\n  ".join([" ".join(parts), *options])


@dataclass(frozen=True, slots=True)
class Section:
    """A topic and its operations."""

    key: str
    name: Text
    operations: Sequence[Operation]


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything that the page shows."""

    about: str
    sections: Sequence[Section]
    common: Sequence[Field]
    """Parameters shared by many operations."""
    refusals: Sequence[Refusal]
    """Problems common to all operations; each operation lists only its others."""
    schemas: Mapping[str, Body]
    """The object schemas used in bodies."""


def read(document: Mapping[str, Any]) -> Reference:
    """Read the document of one service on one face, as made by `openapi.document`."""
    reader = _Reader(document)
    operations = [
        (operation["tags"][0], reader.operation(method, path, operation))
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    refusals = [
        refusal for refusal in operations[0][1].refusals if all(refusal in one.refusals for _, one in operations)
    ]
    told: dict[str, list[Operation]] = {}
    for topic, operation in operations:
        own = [one for one in operation.refusals if one not in refusals]
        told.setdefault(topic, []).append(replace(operation, refusals=own))
    parameters, schemas = document["components"]["parameters"], document["components"]["schemas"]
    return Reference(
        document["info"]["description"],
        [Section(tag["name"], Text(**tag["x-label"]), told[tag["name"]]) for tag in document["tags"]],
        [_parameter(parameter) for parameter in parameters.values() if parameter["in"] != "path"],
        refusals,
        {name: reader.body({"schema": schema, "examples": {}}, name) for name, schema in schemas.items()},
    )


class _Reader:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def operation(self, method: str, path: str, operation: Mapping[str, Any]) -> Operation:
        resolved = [(self._resolved(one) if "$ref" in one else one, "$ref" in one) for one in operation["parameters"]]
        own = [one for one, shared in resolved if not shared or one["in"] == "path"]
        common = [one for one, shared in resolved if shared and one["in"] != "path"]
        contents = operation.get("requestBody", {}).get("content", {})
        content = contents.get("application/json")
        takes = self.body(content) if content else None
        status, answer = next((status, found) for status, found in operation["responses"].items() if status[0] == "2")
        given = answer.get("content", {})
        return Operation(
            operation["operationId"],
            method.upper(),
            path,
            Text(**operation["x-label"]),
            operation["description"],
            not operation["security"],
            [_parameter(parameter) for parameter in own],
            [parameter["name"] for parameter in common if parameter.get("required")],
            [parameter["name"] for parameter in common if not parameter.get("required")],
            takes,
            status,
            self.body(given["application/json"]) if "application/json" in given else None,
            [
                Refusal(status, kind, KINDS[kind].title)
                for status, refusal in operation["responses"].items()
                if status >= "400"
                for kind in self._resolved(refusal)["content"]["application/problem+json"]["examples"]
            ],
            _request(method, path, own, common, self._example(content) if content else None, *contents),
        )

    def body(self, content: Mapping[str, Any], name: str | None = None) -> Body:
        """The body described by a content object or a named schema."""
        schema = content["schema"]
        reference = schema.get("$ref", "").rpartition("/")[2] or name
        whole = self._resolved(schema)
        required = whole.get("required", ())
        fields = [
            _field(key, self._field_of(value), required=key in required)
            for key, value in whole.get("properties", {}).items()
        ]
        example = _pretty(self._example(content)) if content["examples"] else ""
        return Body(reference, whole.get("description", ""), fields, example)

    def _example(self, content: Mapping[str, Any]) -> Any:
        return self._resolved(next(iter(content["examples"].values())))["value"]

    def _field_of(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema of a field, which may be described at the field of another object."""
        return self._resolved(schema) if "/properties/" in schema.get("$ref", "") else schema

    def _resolved(self, part: Mapping[str, Any]) -> Any:
        """The target of `part` if it is a reference, else `part`."""
        found: Any = self._document if "$ref" in part else part
        for key in part.get("$ref", "#").split("/")[1:]:
            found = found[key]
        return found


def _parameter(parameter: Mapping[str, Any]) -> Field:
    said = {name: parameter[name] for name in ("description", *LABELS) if name in parameter}
    schema = {**parameter["schema"], **said}
    found = _field(parameter["name"], schema, required=parameter.get("required", False))
    # As written in a URL or a header, not as JSON.
    return replace(found, example=_example_of(parameter))


def _example_of(parameter: Mapping[str, Any]) -> str | None:
    shown = parameter.get("example", next(iter(parameter["schema"].get("examples", ())), None))
    return json.dumps(shown) if isinstance(shown, bool | int) else shown


def _field(name: str, schema: Mapping[str, Any], *, required: bool) -> Field:
    kind, reference = _kind(schema)
    examples = schema.get("examples", ())
    shown = json.dumps(examples[0], ensure_ascii=False) if examples else None
    label = Text(**schema["x-label"]) if "x-label" in schema else None
    items = schema.get("items", {})
    choices = {**items.get("x-choices", {}), **schema.get("x-choices", {})}
    return Field(
        name,
        kind,
        reference,
        required,
        label,
        [Text(**schema[part]) for part in ("x-hint", "x-written") if part in schema],
        {value: Text(**meaning) for value, meaning in choices.items()},
        schema.get("description", ""),
        list(_bounds(schema)),
        shown,
    )


def _kind(schema: Mapping[str, Any]) -> tuple[str, str | None]:
    """The type in words, and the name of the object schema of the value or of its items."""
    if "$ref" in schema:
        return "object 对象", schema["$ref"].rpartition("/")[2]
    if schema.get("type") == "array":
        kind, reference = _kind(schema["items"])
        return f"list 列表: {kind}", reference
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"])), None
    if "const" in schema:
        return str(schema["const"]), None
    kind = schema.get("type", "any")
    return _KINDS.get(schema.get("format") or kind, kind), None


_KINDS = {
    "string": "text 文本",
    "integer": "integer 整数",
    "boolean": "true | false",
    "object": "object 对象",
    "date": "date 日期",
    "date-time": "time 时间",
    "uuid": "UUID",
    "email": "e-mail",
    "uri": "URL",
    "uri-reference": "path 路径",
}


def _bounds(schema: Mapping[str, Any]) -> Iterator[str]:
    """The constraints of the value, in symbols."""
    for least, most, unit in _RANGES:
        low, high = schema.get(least), schema.get(most)
        if low is not None or high is not None:
            yield (f"≥ {low}" if high is None else f"≤ {high}" if low is None else f"{low}–{high}") + unit
    if schema.get("pattern", r"\S") != r"\S":
        yield schema["pattern"]
    if "default" in schema:
        yield f"默认 default: {json.dumps(schema['default'])}"
    if "items" in schema:
        yield from (f"每项 each: {bound}" for bound in _bounds(schema["items"]))


_RANGES = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " 字符 characters"),
    ("minItems", "maxItems", " 项 items"),
)


def _request(
    method: str,
    path: str,
    own: Sequence[Mapping[str, Any]],
    common: Sequence[Mapping[str, Any]],
    body: Any,
    media: str = "",
) -> Request:
    """The example; `media` is the type of its body."""
    headers = {"If-Match": '"3"'} if any(parameter.get("required") for parameter in common) else {}
    if media:
        headers["Content-Type"] = media
    shown: dict[str, dict[str, str]] = {place: {} for place in ("path", "query")}
    for parameter in own:
        if (example := _example_of(parameter)) is not None:
            shown[parameter["in"]][parameter["name"]] = example
    return Request(method.upper(), path, shown["path"], shown["query"], headers, body, bool(media) and body is None)


def _pretty(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
