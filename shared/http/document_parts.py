"""What the OpenAPI documents of all faces have: the conventions, the problem, and what any operation takes and answers
with."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from shared.http.routes import ON_BEHALF
from shared.labels import labelled
from shared.text import Text

ABOUT = cleandoc(
    """
    Requests and responses are JSON. Errors are `application/problem+json` (RFC 9457): `code` names the kind, and
    `invalid_params` lists every fault at once. Missing values are absent, never null. Measured values are texts of
    an exact number and a UCUM unit, `2.5 m3/h`. Dates are legal dates in Asia/Shanghai; times are UTC. `next_actions`
    of a case lists what you may do next.

    请求与响应均为JSON；错误为`application/problem+json`（RFC 9457），`code`为错误类型，
    `invalid_params`一次列出全部问题。没有值的项不出现，不为null。量值为精确数值加UCUM单位的文本，如`2.5 m3/h`；
    日期为北京时间的法定日期，时间为UTC。案件的`next_actions`列出您可以办理的事项。
    """
)
TOKEN = "A JWT from the operator's issuer, sent as `Authorization: Bearer …`. 由主管机关指定的签发方签发的令牌。"  # noqa: S105
PROBLEM: dict[str, Any] = {
    "type": "object",
    **labelled(
        "错误及处理办法",
        "what is wrong, and how to fix it (RFC 9457)",
        hint=Text("未作任何变更", "nothing was changed"),
    ),
    "required": ["type", "title", "status", "code", "detail", "remedy", "instance"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            **labelled("错误类型", "path of the page about this kind of problem"),
        },
        "title": {
            "type": "string",
            **labelled(
                "标题",
                "what is wrong",
                hint=Text("使用Accept-Language所要的语言", "in the language of Accept-Language"),
            ),
        },
        "status": {"type": "integer", **labelled("HTTP状态码", "HTTP status of the response")},
        "code": {
            "type": "string",
            **labelled("代码", "kind of problem", hint=Text("供程序使用，保持不变", "for programs; stable")),
        },
        "detail": {"type": "string", **labelled("详情", "details for people")},
        "remedy": {
            "type": "string",
            **labelled(
                "处理办法",
                "how to fix it",
                hint=Text("使用Accept-Language所要的语言", "in the language of Accept-Language"),
            ),
        },
        "instance": {"type": "string", "format": "uri-reference", **labelled("请求路径", "path of the request")},
        "invalid_params": {
            "type": "array",
            **labelled("全部问题", "every fault at once"),
            "minItems": 1,
            "items": {"$ref": "#/components/schemas/InvalidParam"},
        },
        "correlation_id": {
            "type": "string",
            **labelled("关联标识", "the X-Request-Id of the request", hint=Text("供运维查询", "for the operators")),
        },
    },
}
INVALID_PARAM: dict[str, Any] = {
    "type": "object",
    **labelled("一处问题", "one fault"),
    "required": ["name", "code", "reason"],
    "additionalProperties": False,
    "properties": {
        "name": {
            "type": "string",
            **labelled("字段路径", "path of the field", hint=Text("如lines.0.model", "such as lines.0.model")),
        },
        "code": {
            "type": "string",
            **labelled("代码", "kind of fault", hint=Text("供程序使用，保持不变", "for programs; stable")),
        },
        "title": {
            "type": "string",
            **labelled(
                "标题",
                "meaning of the code",
                hint=Text("使用Accept-Language所要的语言", "in the language of Accept-Language"),
            ),
        },
        "reason": {"type": "string", **labelled("说明", "the fault in detail")},
        "about": {
            "type": "string",
            **labelled(
                "所缺的行",
                "what the list has no row for",
                hint=Text("试验项目或条款的代码", "the code of a test item or a clause"),
            ),
        },
    },
}
HEADERS: dict[str, dict[str, Any]] = {
    "Request-Id": {
        **labelled("请求标识", "the id sent with the request", hint=Text("或系统生成的标识", "or a generated one")),
        "schema": {"type": "string"},
    },
    "Content-Language": {
        **labelled("标题与处理办法的语言", "language of titles and remedy"),
        "schema": {"type": "string", "enum": ["zh", "en"]},
    },
    "ETag": {
        **labelled("版本", "version", hint=Text("用于If-Match", "to send in If-Match")),
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "Location": {
        **labelled("所在路径", "path of the created resource"),
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {**labelled("应等待的秒数", "seconds to wait"), "schema": {"type": "string", "pattern": "^[0-9]+$"}},
    "WWW-Authenticate": {**labelled("认证方式", "how to authenticate"), "schema": {"type": "string"}},
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "dry-run": {
        "name": "dry_run",
        "in": "query",
        **labelled("只试算，不保存", "check and respond as if it were done, but store nothing"),
        "schema": {"type": "string", "enum": ["true", "false"], "default": "false"},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        **labelled("重发同一请求用同一键，只办一次", "repeat a request with the same key: it takes effect once"),
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "example": "5f0c7a52-submit",
    },
    "On-Behalf-Of": {
        "name": ON_BEHALF,
        "in": "header",
        **labelled("被代理单位代码", "from an agent: code of the holder whose mandate it has"),
        "schema": {"type": "string", "maxLength": 40},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        **labelled(
            "所依据的版本（ETag）",
            "the ETag of what you read",
            hint=Text("已有变化的，不予办理", "if that has changed, nothing is done"),
        ),
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        **labelled(
            "已有版本的ETag",
            "the ETag of your copy",
            hint=Text("未变则返回304", "the response is 304 if it is still current"),
        ),
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "Accept-Language": {
        "name": "Accept-Language",
        "in": "header",
        **labelled(
            "标题与处理办法的语言",
            "language of title and remedy of a problem",
            hint=Text("en在先则为英文，否则为中文", "zh unless en comes first"),
        ),
        "schema": {"type": "string", "default": "zh"},
        "example": "en",
    },
    "Request-Id": {
        "name": "X-Request-Id",
        "in": "header",
        **labelled("贯穿日志与事件的标识", "returned, and recorded in every log line and event of the request"),
        "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    },
    "Now": {
        "name": "Quanheng-Now",
        "in": "header",
        **labelled(
            "指定时间", "the time of the request", hint=Text("仅开发环境", "development only: refused in production")
        ),
        "schema": {"type": "string", "format": "date-time"},
        "example": "2013-09-17T09:00:00+08:00",
    },
}
