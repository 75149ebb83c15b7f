"""The API as OpenAPI 3.1 documents, one for each face, made from the routes of the services.

Services answer on addresses of their own, and the case services have paths in common: what is the same law for both
permits is one operation with two servers, and where their bodies differ it takes and gives either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields, validate

from shared.http.examples import example
from shared.http.problems import KINDS
from shared.http.routes import PUBLIC, Route
from shared.http.topics import TOPICS, WHO, topic_of
from shared.schemas import instance, says_something

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from marshmallow import Schema

    from shared.http.faults import Meaning

VERSION = "1"
DOMAIN = "quanheng.example"


@dataclass(frozen=True, slots=True)
class Face:
    """A part of the API for one kind of caller; `prefix` is how its paths begin."""

    name: str
    prefix: str
    zh: str
    en: str


PUBLIC_FACE = Face("public", "/v1", "公众与申请人", "public and applicants")
LAB_FACE = Face("lab", "/v1/lab", "技术机构", "laboratories")
INTERNAL_FACE = Face("internal", "/internal/v1", "行政机关工作人员", "staff")
FACES = (LAB_FACE, INTERNAL_FACE, PUBLIC_FACE)


@dataclass(frozen=True, slots=True)
class Offer:
    """A service and the routes it answers; `start` tells newcomers how to begin, in CommonMark.

    `faults` are the codes of `invalid_params` that only it has.
    """

    service: str
    zh: str
    en: str
    routes: Sequence[Route]
    start: str = ""
    faults: Mapping[str, Meaning] = field(default_factory=dict)

    @property
    def faces(self) -> tuple[Face, ...]:
        """The faces on which it answers."""
        offered = {face_of(route) for route in self.routes}
        return tuple(face for face in FACES if face in offered)


def face_of(route: Route) -> Face:
    """The face on which a route stands. Raises ValueError when it stands on none."""
    for face in FACES:
        if route.path.startswith(f"{face.prefix}/"):
            return face
    raise ValueError(f"{route.path} is on no face of the API")


def document(face: Face, offers: Sequence[Offer]) -> dict[str, Any]:
    """What the services offer on one face. With a single service, its address is where the document was read."""
    spec = APISpec(
        title=f"权衡 Quanheng: {face.zh} {face.en}",
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[_Plugin(schema_name_resolver=_name)],
        info={
            "description": _ABOUT,
            "license": {"name": "see the operator of the system", "identifier": "LicenseRef-operator"},
        },
        jsonSchemaDialect="https://spec.openapis.org/oas/3.1/dialect/base",
    )
    writer = _Writer(spec, face, alone=len(offers) == 1)
    for (method, path), found in _operations(face, offers).items():
        spec.path(path=_template(path), operations={method.lower(): writer.operation(method, path, found)})
    for name in (name for name in TOPICS if name in writer.topics):
        spec.tag({"name": name, "description": f"{TOPICS[name].zh} {TOPICS[name].en}"})
    whole = spec.to_dict()
    whole["servers"] = (
        [{"url": "/", "description": "本服务 this service"}] if len(offers) == 1 else [_server(o) for o in offers]
    )
    return whole


def operation_id(route: Route) -> str:
    """Stable, and readable: what it is about, then what is done: `applications_submit`, `cases_clocks_list`."""
    parts = route.path[len(face_of(route).prefix) + 1 :].split("/")
    words = [re.sub(r"\W", "_", part) for part in parts if not part.startswith("<") and part != "actions"]
    if "actions" in parts:
        verb = "" if parts[parts.index("actions") - 1].startswith("<") else "all"
    elif route.method == "GET" and route.gives is not None and "items" in instance(route.gives).fields:
        verb = "list"
    else:
        verb = _VERBS[route.method]
    return "_".join(filter(None, [*words, verb]))


_VERBS = {"GET": "read", "POST": "create", "PUT": "replace", "PATCH": "change", "DELETE": "delete"}


def _operations(face: Face, offers: Sequence[Offer]) -> dict[tuple[str, str], list[tuple[Offer, Route]]]:
    """By method and path, in the order of the tables of routes and transitions."""
    found: dict[tuple[str, str], list[tuple[Offer, Route]]] = {}
    for offer in offers:
        for route in offer.routes:
            if face_of(route) is face:
                for each in (route,) if route.operations is None else route.operations:
                    found.setdefault((each.method, each.path), []).append((offer, each))
    return found


class _Writer:
    """Writes operations, and what they have in common into the components of `spec`."""

    def __init__(self, spec: APISpec, face: Face, *, alone: bool) -> None:
        self._spec, self._face, self._alone = spec, face, alone
        self.topics: set[str] = set()
        self._converter: Any = spec.plugins[0].converter  # type: ignore[attr-defined]
        spec.components.security_scheme(
            "token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": _TOKEN}
        )
        spec.components.schema("Problem", component=_PROBLEM)
        spec.components.schema("InvalidParam", component=_INVALID_PARAM)
        for name, parameter in _PARAMETERS.items():
            spec.components.parameter(name, parameter["in"], parameter)
        for name, header in _HEADERS.items():
            spec.components.header(name, header)

    def operation(self, method: str, path: str, found: Sequence[tuple[Offer, Route]]) -> dict[str, Any]:
        _, first = found[0]
        topic = topic_of(first, self._face.prefix)
        self.topics.add(topic)
        operation: dict[str, Any] = {
            "operationId": operation_id(first),
            "tags": [topic],
            "summary": first.summary,
            "description": _described(route for _, route in found),
            "parameters": self._parameters(method, path, [route for _, route in found]),
            "responses": self._responses(found),
            # The names beside a scheme are the roles that the call needs, one of them.
            "security": [{"token": [who]} for who in first.doers if who != PUBLIC],
        }
        takes = {offer.service: route.takes for offer, route in found if route.takes is not None}
        if takes:
            operation["requestBody"] = {"required": True, "content": {"application/json": self._content(takes)}}
        if any(route.retires for _, route in found):
            operation["deprecated"] = True
        if not self._alone:
            operation["servers"] = [_server(offer) for offer, _ in found]
        return operation

    def _content(self, schemas: Mapping[str, type[Schema]]) -> dict[str, Any]:
        """A body that is of one of the schemas, by service, with an example of each."""
        distinct = dict.fromkeys(schemas.values())
        references = [self._converter.resolve_nested_schema(schema) for schema in distinct]
        named = {schema: service for service, schema in [*schemas.items()][::-1]} if len(distinct) > 1 else {}
        shown = {
            named.get(schema, "example"): {"$ref": f"#/components/examples/{self._example(schema)}"}
            for schema in distinct
        }
        return {"schema": references[0] if len(distinct) == 1 else {"anyOf": references}, "examples": shown}

    def _left(self, found: Sequence[tuple[Offer, Route]], content: dict[str, Any]) -> dict[str, Any]:
        """The answer with examples of its own where routes leave things otherwise than their schemas show them."""
        several = len(content["examples"]) > 1
        own = {
            offer.service if several else "example": {"value": {**example(route.gives), **route.leaves}}
            for offer, route in [*found][::-1]
            if route.gives is not None and route.leaves
        }
        return {**content, "examples": {**content["examples"], **own}}

    def _example(self, schema: type[Schema]) -> str:
        name = _name(schema)
        if name not in self._spec.components.examples:
            self._spec.components.example(name, {"value": example(schema)})
        return name

    def _parameters(self, method: str, path: str, routes: Sequence[Route]) -> list[dict[str, Any] | str]:
        found = [_path_parameter(path, match) for match in _VARIABLE.finditer(path)]
        asked: dict[str, dict[str, Any]] = {}
        for route in routes:
            for parameter in (
                self._converter.schema2parameters(instance(route.asks), location="query") if route.asks else ()
            ):
                asked.setdefault(parameter["name"], parameter)
        common = ["Accept-Language", "Request-Id", "Now"]
        if method != "GET":
            common = ["dry-run", "Idempotency-Key", *common]
        if method == "GET":
            common = ["If-None-Match", *common]
        elif any(route.versioned for route in routes):
            common = ["If-Match", *common]
        return [*found, *asked.values(), *common]

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
            shown = {"shown": {"value": f"… {first.media} …"}}
            good["content"] = {first.media: {"schema": {"type": "string"}, "examples": shown}}
        responses = {str(first.status): good}
        if first.method == "GET":
            responses["304"] = {"description": "未变 You have it already", "headers": headers}
        kinds = sorted({kind for _, route in found for kind in expected(route)})
        for status in sorted({KINDS[kind].status for kind in kinds}):
            responses[str(int(status))] = self._refusal(
                status, [kind for kind in kinds if KINDS[kind].status == status]
            )
        return responses

    def _refusal(self, status: HTTPStatus, kinds: Sequence[str]) -> dict[str, Any]:
        name = "_or_".join(kinds)
        if name not in self._spec.components.responses:
            titles = "; ".join(f"`{kind}` {KINDS[kind].zh} {KINDS[kind].en}" for kind in kinds)
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


_ANYWHERE = frozenset(
    {
        *("malformed", "uri_too_long", "headers_too_large", "timeout", "time_refused", "rate_limited"),
        *("internal", "unavailable"),
    }
)


def expected(route: Route) -> set[str]:
    """The kinds of problems that the route may answer."""
    kinds = {*_ANYWHERE, *route.problems}
    if route.access != PUBLIC:
        kinds |= {"unauthenticated", "forbidden"}
    if "<" in route.path:
        kinds |= {"not_found"}
    if route.method != "GET":
        kinds |= {"too_large", "unsupported_media_type", "invalid", "key_reused", "in_progress"}
        if route.versioned:
            kinds |= {"stale", "precondition_required"}
    return kinds & set(KINDS)


class _Converter(OpenAPIConverter):
    """apispec's, with descriptions from docstrings and what our own checks mean in JSON Schema.

    A field that says nothing of itself is what the object that it holds is.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for function in (_own_checks, _examples):
            self.add_attribute_function(function)  # type: ignore[no-untyped-call]

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        for name, one in schema._declared_fields.items():  # noqa: SLF001 - no other way
            written = found["properties"].get(one.data_key or name)
            if written is not None and (said := _said_of(_held(one))):
                written.setdefault("description", said)
        said = _said_of(schema)
        return {**found, "description": said} if said else found


def _said_of(schema: Any) -> str:
    """What the schema's own docstring says, on one line."""
    cls = schema if isinstance(schema, type) else type(schema)
    return " ".join(cleandoc(cls.__dict__.get("__doc__") or "").split())


def _held(field: fields.Field[Any]) -> Any:
    """The schema of the object that a field is or lists; None where it holds none."""
    inner = field.inner if isinstance(field, fields.List) else field
    return inner.nested if isinstance(inner, fields.Nested) else None


class _Plugin(MarshmallowPlugin):
    Converter = _Converter


def _own_checks(_self: Any, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """What apispec cannot know: our own validators; a pattern is Python's, and matched from the start."""
    found: dict[str, Any] = {"const": field.constant} if isinstance(field, fields.Constant) else {}
    for check in field.validators:
        if check is says_something:
            found = {"minLength": 1, "pattern": r"\S"}
        if isinstance(check, validate.Regexp):
            found["pattern"] = (
                "^" + str(check.regex.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z") + "$"
            )
    return found


def _examples(_self: Any, _field: fields.Field[Any], ret: dict[str, Any]) -> dict[str, Any]:
    """`example` is the older form; JSON Schema has `examples`."""
    shown = ret.pop("example", None)
    return {} if shown is None else {"examples": [shown]}


def _name(schema: Any) -> str:
    """A schema's name in the document; the services' own are told apart."""
    cls = schema if isinstance(schema, type) else type(schema)
    parts = cls.__module__.split(".")
    own = parts[0] == "services" and len(parts) > 2  # noqa: PLR2004 - services.<service>.<module>
    return f"{parts[1]}_{cls.__name__}" if own else str(cls.__name__)


_VARIABLE = re.compile("<(?:(int):)?([a-z_]+)>")


def _template(path: str) -> str:
    return _VARIABLE.sub(r"{\2}", path)


def _path_parameter(path: str, match: re.Match[str]) -> dict[str, Any]:
    kind, name = match.groups()
    above = path[: match.start()].split("/")[-2]
    described, shown = PATH_PARAMETERS.get(f"{above}/{name}") or PATH_PARAMETERS[name]
    schema = {"type": "integer", "minimum": 0} if kind else {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "description": described, "schema": schema, "example": shown}


PATH_PARAMETERS: dict[str, tuple[str, Any]] = {
    "ref": ("申请编号，草稿用其标识。 The application's number; while it is a draft, its id.", "TA-2013-00001"),
    "cases/number": ("申请编号。 The application's number.", "TA-2013-00001"),
    "clocks/clock": ("期限的标识。 The clock's id, from the list.", "0197f3a0-0000-7000-8000-000000000001"),
    "certificates/number": ("型式批准证书编号。 The certificate's number.", "2013F101-22"),
    "licences/number": ("制造计量器具许可证编号。 The licence's number.", "吉制00000001号"),
    "staff/subject": ("人员标识。 The `sub` of their token.", "li"),
    "absences/id": ("不在岗记录的标识。 The absence's id.", "0197f3a0-0000-7000-8000-000000000001"),
    "messages/id": ("通知的标识。 The message's id, from the list.", "0197f3a0-0000-7000-8000-000000000001"),
    "webhooks/webhook": ("推送的标识。 The webhook's id.", "0197f3a0-0000-7000-8000-000000000001"),
    "undelivered/id": ("通知的标识。 The message's id, from the list.", "0197f3a0-0000-7000-8000-000000000001"),
    "parked/id": ("搁置事件的标识。 The parked event's id, from the list.", 1),
}
"""What stands in a path: by the part before it and its name, or its name alone, what it means and an example."""


def _server(offer: Offer) -> dict[str, Any]:
    host = offer.service.replace("_", "-")
    domain = {"default": DOMAIN, "description": "主管机关的域名 the operator's domain"}
    return {
        "url": f"https://{host}.{{domain}}",
        "description": f"{offer.zh} {offer.en}",
        "variables": {"domain": domain},
        "x-service": offer.service,
    }


def _described(routes: Iterable[Route]) -> str:
    """Who may call, and what the routes say beyond the summary, each thing once."""
    routes = list(routes)
    who = dict.fromkeys(who for route in routes for who in route.doers)
    named = ", ".join(f"{WHO[one].zh} {WHO[one].en} (`{one}`)" for one in who)
    said = [f"可办理 Who may: {named}.", *(route.about for route in routes)]
    said += [
        f"停用 Goes away after {route.retires.until}: use `{route.retires.successor}`."
        for route in routes
        if route.retires
    ]
    return "\n\n".join(filter(None, dict.fromkeys(said)))


def _header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _refused(kind: str) -> dict[str, Any]:
    found = KINDS[kind]
    return {
        "type": f"/problems/{kind}",
        "title": found.en,
        "status": int(found.status),
        "code": kind,
        "detail": "…",
        "remedy": found.remedy_en,
        "instance": "/v1/…",
    }


_ABOUT = cleandoc(
    """
    JSON in, JSON out. Errors are `application/problem+json` (RFC 9457), `code` says which, and `invalid_params` lists
    every fault at once. What is missing is absent, never null. Measured values are decimals as strings with a UCUM
    unit. Days are legal dates of Asia/Shanghai; instants are UTC. `next_actions` of a case says what you may do next.

    请求与应答均为JSON；错误为`application/problem+json`（RFC 9457），`code`说明是哪一种，
    `invalid_params`一次列出全部问题。没有的项不出现，不为null。量值为十进制字符串加UCUM单位；
    日期为北京时间的法定日期，时刻为UTC。案件的`next_actions`列出您可办的事项。
    """
)
_TOKEN = "A JWT of the issuer that the operator names, as `Authorization: Bearer …`. 由主管机关指定的签发者签发。"  # noqa: S105
_DONE = {200: "成功 Done", 201: "已建立 Made; Location says where it is", 204: "已删除 Gone; there is no body"}
_STATUS_HEADERS = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "问题与处理办法；未作任何变更。 What is wrong, and how to mend it (RFC 9457). Nothing was changed.",
    "required": ["type", "title", "status", "code", "detail", "remedy", "instance"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "问题类型 path of the page about this kind of problem",
        },
        "title": {"type": "string", "description": "题目 what is wrong, in the language of Accept-Language"},
        "status": {"type": "integer", "description": "HTTP状态码 status of the answer"},
        "code": {"type": "string", "description": "代码 kind of problem, for programs; stable"},
        "detail": {"type": "string", "description": "详情 the facts, for people, in English"},
        "remedy": {"type": "string", "description": "处理办法 what to do about it, in the language of Accept-Language"},
        "instance": {"type": "string", "format": "uri-reference", "description": "请求路径 path that was asked"},
        "invalid_params": {
            "type": "array",
            "description": "全部问题 every fault at once",
            "minItems": 1,
            "items": {"$ref": "#/components/schemas/InvalidParam"},
        },
        "correlation_id": {
            "type": "string",
            "description": "关联标识 the X-Request-Id of the call: tell it to the operators",
        },
    },
}
_INVALID_PARAM: dict[str, Any] = {
    "type": "object",
    "description": "一处问题。 One fault.",
    "required": ["name", "code", "reason"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "description": "字段路径 path of the field, such as lines.0.model"},
        "code": {"type": "string", "description": "代码 kind of fault, for programs; stable"},
        "title": {"type": "string", "description": "题目 what it means, in the language of Accept-Language"},
        "reason": {"type": "string", "description": "说明 the fault with its facts"},
    },
}
_HEADERS: dict[str, dict[str, Any]] = {
    "Request-Id": {"description": "请求标识 the call's own, or one made for it", "schema": {"type": "string"}},
    "Content-Language": {
        "description": "题目与处理办法的语言 language of titles and remedy",
        "schema": {"type": "string", "enum": ["zh", "en"]},
    },
    "ETag": {"description": "版本 version, to be sent in If-Match", "schema": {"type": "string"}, "example": '"3"'},
    "Location": {
        "description": "所在路径 path of what was made",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {"description": "应等待的秒数 seconds to wait", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
    "WWW-Authenticate": {"description": "认证方式 how to authenticate", "schema": {"type": "string"}},
}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "dry-run": {
        "name": "dry_run",
        "in": "query",
        "description": "true：只试算，不保存。 Check and answer as if done, and store nothing.",
        "schema": {"type": "string", "enum": ["true", "false"], "default": "false"},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "重发同一请求用同一键，只办一次。 Send the same again with the same key: it is done once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "example": "5f0c7a52-submit",
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "所依据的版本（ETag）。 The ETag of what you read: if it changed meanwhile, nothing is done.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "未变则答304。 The ETag you have: 304 if it is still so.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "Accept-Language": {
        "name": "Accept-Language",
        "in": "header",
        "description": "题目与处理办法的语言。 The language of a problem's title and remedy; zh unless en comes first.",
        "schema": {"type": "string", "default": "zh"},
        "example": "en",
    },
    "Request-Id": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "贯穿日志与事件的标识。 Comes back, and is in every log line and event of the call.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    },
    "Now": {
        "name": "Quanheng-Now",
        "in": "header",
        "description": "仅开发环境：指定时刻。 Development only: the instant of the call; refused where time is real.",
        "schema": {"type": "string", "format": "date-time"},
        "example": "2013-09-17T09:00:00+08:00",
    },
}
