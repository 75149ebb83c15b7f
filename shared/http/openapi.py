"""Generate OpenAPI 3.1 documents from the routes of the services, one document per face.

Each service has its own address, but the case services share paths: an operation that exists for several permits is one
operation with their servers, and its bodies allow either schema where they differ.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from apispec import APISpec

from shared.http import document_parts as common
from shared.http.examples import example
from shared.http.faces import Face, Offer, face_of
from shared.http.json_schema import Plugin, schema_name
from shared.http.paths import CASE, VARIABLE, operation_id, path_parameter, template
from shared.http.problems import KINDS, expected
from shared.http.repeated import refer_to_first
from shared.http.routes import JSON, PUBLIC, Route
from shared.http.topics import described, topic_of
from shared.identity import Role
from shared.labels import both, labelled
from shared.schemas import instance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from marshmallow import Schema

    from shared.http.routes import Media

VERSION = "1"
DOMAIN = "quanheng.example"


_IN_SHORT = ("applicant_name", "credit_code", "category")
"""What of the form examples of actions have: the whole of it is in the example of the case."""


def _abridged(shown: dict[str, Any]) -> dict[str, Any]:
    if "form" not in shown:
        return shown
    return {**shown, "form": {name: shown["form"][name] for name in _IN_SHORT if name in shown["form"]}}


def document(face: Face, offers: Sequence[Offer]) -> dict[str, Any]:
    """The document of one face. For a single service, the server is the address from which the document was read."""
    spec = APISpec(
        title=f"权衡 Quanheng: {face.title}",
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[Plugin(schema_name_resolver=schema_name)],
        info={
            "description": common.ABOUT,
            "license": {"name": "see the operator of the system", "identifier": "LicenseRef-operator"},
        },
        jsonSchemaDialect="https://spec.openapis.org/oas/3.1/dialect/base",
    )
    topics = {name: topic for offer in offers for name, topic in offer.topics.items()}
    writer = _Writer(spec, face, alone=len(offers) == 1)
    for (method, path), found in _operations(face, offers).items():
        spec.path(path=template(path), operations={method.lower(): writer.operation(method, path, found)})
    for name in (name for name in topics if name in writer.topics):
        spec.tag({"name": name, "description": str(topics[name]), "x-label": both(topics[name])})
    whole = spec.to_dict()
    refer_to_first(whole["components"]["schemas"])
    whole["servers"] = (
        [{"url": "/", **labelled("本服务", "this service")}] if len(offers) == 1 else [_server(o) for o in offers]
    )
    return whole


def _operations(face: Face, offers: Sequence[Offer]) -> dict[tuple[str, str], list[tuple[Offer, Route]]]:
    """The routes by (method, path), in the order of the tables of routes and transitions."""
    found: dict[tuple[str, str], list[tuple[Offer, Route]]] = {}
    for offer in offers:
        for route in offer.routes:
            if face_of(route) is face:
                for each in (route,) if route.operations is None else route.operations:
                    found.setdefault((each.method, each.path), []).append((offer, each))
    return found


class _Writer:
    """Writes operations, and their common parts into the components of `spec`."""

    def __init__(self, spec: APISpec, face: Face, *, alone: bool) -> None:
        self._spec, self._face, self._alone = spec, face, alone
        self.topics: set[str] = set()
        self._converter: Any = spec.plugins[0].converter  # type: ignore[attr-defined]
        spec.components.security_scheme(
            "token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": common.TOKEN}
        )
        spec.components.schema("Problem", component=common.PROBLEM)
        spec.components.schema("InvalidParam", component=common.INVALID_PARAM)
        for name, parameter in common.PARAMETERS.items():
            spec.components.parameter(name, parameter["in"], parameter)
        for name, header in common.HEADERS.items():
            spec.components.header(name, header)
        headers = {name: _header(told) for name, told in (("X-Request-Id", "Request-Id"), ("ETag", "ETag"))}
        spec.components.response("not_modified", {"description": "未变 Not modified", "headers": headers})

    def operation(self, method: str, path: str, found: Sequence[tuple[Offer, Route]]) -> dict[str, Any]:
        _, first = found[0]
        topic = topic_of(first, self._face.prefix)
        self.topics.add(topic)
        operation: dict[str, Any] = {
            "operationId": operation_id(first),
            "tags": [topic],
            "summary": str(first.summary),
            "x-label": both(first.summary),
            "description": described(route for _, route in found),
            "parameters": self._parameters(method, path, found),
            "responses": self._responses(found),
            # The names listed with a scheme are the permitted roles; one of them is needed.
            "security": [{"token": [who]} for who in first.doers if who != PUBLIC],
        }
        takes = {offer.service: route.takes for offer, route in found if route.takes is not None}
        if takes:
            operation["requestBody"] = {"required": True, "content": {JSON.type: self._content(takes)}}
        elif first.accepts is not JSON:
            operation["requestBody"] = _file_body(first.accepts)
        if any(route.retires for _, route in found):
            operation["deprecated"] = True
        if not self._alone:
            operation["servers"] = [_in_short(_server(offer)) for offer, _ in found]
        return operation

    def _content(self, schemas: Mapping[str, type[Schema]]) -> dict[str, Any]:
        """The content of a body with one schema per service, and an example of each."""
        distinct = dict.fromkeys(schemas.values())
        references = [self._converter.resolve_nested_schema(schema) for schema in distinct]
        named = {schema: service for service, schema in [*schemas.items()][::-1]} if len(distinct) > 1 else {}
        shown = {
            named.get(schema, "example"): {"$ref": f"#/components/examples/{self._example(schema)}"}
            for schema in distinct
        }
        return {"schema": references[0] if len(distinct) == 1 else {"anyOf": references}, "examples": shown}

    def _left(self, found: Sequence[tuple[Offer, Route]], content: dict[str, Any]) -> dict[str, Any]:
        """The response content, with specific examples for routes whose result differs from the schema's example: one
        for each result that the services come to, since what they answer is else alike."""
        several, own, seen = len(content["examples"]) > 1, {}, []
        for offer, route in found:
            if route.gives is not None and route.leaves and route.leaves not in seen:
                seen.append(route.leaves)
                own[offer.service if several else "example"] = self._left_by(route, route.gives)
        return {**content, "examples": own or content["examples"]}

    def _left_by(self, route: Route, gives: type[Schema]) -> dict[str, Any]:
        """The example of what `route` leaves: of a case, shared by the routes after which it looks the same."""
        shown = {"value": _abridged({**example(gives), **route.leaves})}
        if "state" not in route.leaves:
            return shown
        name = f"{schema_name(gives)}-{route.leaves['state']}-{route.access.rpartition(':')[2]}"
        if self._spec.components.examples.setdefault(name, shown) != shown:
            return shown
        return {"$ref": f"#/components/examples/{name}"}

    def _example(self, schema: type[Schema]) -> str:
        name = schema_name(schema)
        if name not in self._spec.components.examples:
            self._spec.components.example(name, {"value": example(schema)})
        return name

    def _parameters(self, method: str, path: str, offered: Sequence[tuple[Offer, Route]]) -> list[dict[str, Any] | str]:
        routes = [route for _, route in offered]
        known = {name: one for offer, _ in offered for name, one in offer.parameters.items()}
        found = [self._shared(path_parameter(path, match, known)) for match in VARIABLE.finditer(path)]
        asked: dict[str, dict[str, Any]] = {}
        for route in routes:
            for parameter in (
                self._converter.schema2parameters(instance(route.asks), location="query") if route.asks else ()
            ):
                asked.setdefault(parameter["name"], parameter)
        common = ["Accept-Language", "Request-Id", "Now"]
        if any(offer.acting_for and route.access == Role.APPLICANT and not route.in_person for offer, route in offered):
            common = ["On-Behalf-Of", *common]
        if method != "GET" and any(route.access != PUBLIC for route in routes):
            common = ["dry-run", "Idempotency-Key", *common]
        if method == "GET":
            common = ["If-None-Match", *common]
        elif any(route.versioned for route in routes):
            common = ["If-Match", *common]
        return [*found, *asked.values(), *common]

    def _shared(self, parameter: dict[str, Any]) -> dict[str, Any] | str:
        """What names a case stands in most paths: it is described once."""
        if parameter["name"] == CASE and CASE not in self._spec.components.parameters:
            self._spec.components.parameter(CASE, "path", parameter)
        return CASE if parameter["name"] == CASE else parameter

    def _responses(self, found: Sequence[tuple[Offer, Route]]) -> dict[str, Any]:
        _, first = found[0]
        headers = {"X-Request-Id": _header("Request-Id")}
        if first.method == "GET" or any(route.versioned for _, route in found):
            headers["ETag"] = _header("ETag")
        if first.status == HTTPStatus.CREATED:
            headers["Location"] = _header("Location")
        good: dict[str, Any] = {"description": _DONE[first.status], "headers": headers}
        gives = {offer.service: route.gives for offer, route in found if route.gives is not None}
        if gives:
            good["content"] = {"application/json": self._left(found, self._content(gives))}
        elif first.media != "application/json":
            good["content"] = {first.media: {"schema": {"type": "string"}, "examples": _shown(first.media)}}
        responses = {str(first.status): good}
        if first.method == "GET":
            responses["304"] = {"$ref": "#/components/responses/not_modified"}
        kinds = sorted({kind for _, route in found for kind in expected(route)})
        for status in sorted({KINDS[kind].status for kind in kinds}):
            responses[str(int(status))] = self._refusal(
                status, [kind for kind in kinds if KINDS[kind].status == status]
            )
        return responses

    def _refusal(self, status: HTTPStatus, kinds: Sequence[str]) -> dict[str, Any]:
        name = "_or_".join(kinds)
        if name not in self._spec.components.responses:
            titles = "; ".join(f"`{kind}` {KINDS[kind].title}" for kind in kinds)
            headers = {"X-Request-Id": _header("Request-Id"), "Content-Language": _header("Content-Language")}
            headers |= {header: _header(header) for header in _STATUS_HEADERS.get(int(status), ())}
            schema = {
                "allOf": [{"$ref": "#/components/schemas/Problem"}],
                "properties": {"status": {"const": int(status)}, "code": {"enum": list(kinds)}},
            }
            shown = {kind: {"value": _refused(kind)} for kind in kinds}
            content = {"application/problem+json": {"schema": schema, "examples": shown}}
            self._spec.components.response(name, {"description": titles, "headers": headers, "content": content})
        return {"$ref": f"#/components/responses/{name}"}


def _server(offer: Offer) -> dict[str, Any]:
    host = offer.service.replace("_", "-")
    domain = {"default": DOMAIN, **labelled("主管机关的域名", "the operator's domain")}
    return {
        "url": f"https://{host}.{{domain}}",
        "description": str(offer.title),
        "variables": {"domain": domain},
        "x-service": offer.service,
    }


def _in_short(server: dict[str, Any]) -> dict[str, Any]:
    """The server where an operation names it; the document as a whole describes it."""
    variables = {name: {"default": one["default"]} for name, one in server["variables"].items()}
    return {"url": server["url"], "variables": variables, "x-service": server["x-service"]}


def _file_body(media: Media) -> dict[str, Any]:
    shown = {"schema": {"type": "string", "format": "binary"}, "examples": _shown(media.type)}
    size = f"{media.most_bytes >> 20} MiB"
    return {"required": True, "description": f"文件，不超过{size}。 A file of at most {size}.",
            "content": {media.type: shown}}  # fmt: skip


def _shown(media: str) -> dict[str, Any]:
    """What stands for a file in examples."""
    return {"shown": {"value": f"… {media} …"}}


def _header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _refused(kind: str) -> dict[str, Any]:
    found = KINDS[kind]
    return {
        "type": f"/problems/{kind}",
        "title": found.title.en,
        "status": int(found.status),
        "code": kind,
        "detail": "…",
        "remedy": found.remedy.en,
        "instance": "/v1/…",
    }


_DONE = {200: "成功 OK", 201: "已建立 Created; Location is its path", 204: "已删除 Deleted; no body"}
_STATUS_HEADERS = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
