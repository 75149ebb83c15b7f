"""Render every error as `application/problem+json` (RFC 9457), from one table of kinds, with a page about each.

All that people read is in the language that they prefer. What only who writes programs meets, such as a header that
cannot be read, is told in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shared.http.html import Link, written
from shared.http.language import Language, preferred
from shared.http.routes import PUBLIC, Page, Reply
from shared.observability import correlation_id
from shared.problems import Problem, Violation
from shared.text import Text, with_days

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Request

    from shared.http.routes import Route

__all__ = ["KINDS", "Problem", "Violation", "document", "pages"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A problem type: its status code, and its title and remedy in both languages."""

    status: HTTPStatus
    title: Text
    remedy: Text


KINDS = {
    "malformed": Kind(
        HTTPStatus.BAD_REQUEST,
        Text("请求格式错误", "Malformed request"),
        Text(
            "按detail的说明改正地址、请求头或JSON，然后重新发送。",
            "Correct the URL, header or JSON named in the detail, and send the request again.",
        ),
    ),
    "time_refused": Kind(
        HTTPStatus.BAD_REQUEST,
        Text("不接受指定时间", "Setting the time is not allowed"),
        Text(
            "去掉请求头Quanheng-Now，或按detail给出允许的时间。",
            "Omit the header Quanheng-Now, or give a time that the detail allows.",
        ),
    ),
    "unauthenticated": Kind(
        HTTPStatus.UNAUTHORIZED,
        Text("未认证", "Authentication required"),
        Text(
            "登录并取得新令牌，以Authorization: Bearer发送。",
            "Log in, and send the new token as Authorization: Bearer.",
        ),
    ),
    "forbidden": Kind(
        HTTPStatus.FORBIDDEN,
        Text("无权操作", "Permission denied"),
        Text(
            "请由有权限的人员办理，或使用权限范围足够的令牌。",
            "Have it done by a person with the role named in the detail, or use a token with the required scope.",
        ),
    ),
    "four_eyes": Kind(
        HTTPStatus.FORBIDDEN,
        Text("须由他人办理", "Another person must do this"),
        Text(
            "同一人不得办理前后两个环节，请转交他人办理。",
            "The person who did the previous step may not do this one: hand it to a colleague.",
        ),
    ),
    "conflict_of_interest": Kind(
        HTTPStatus.FORBIDDEN,
        Text("应当回避", "Recusal required: conflict of interest"),
        Text(
            "与本案有利害关系，请转交他人办理。",
            "You have an interest in the case: hand it to a colleague who has none.",
        ),
    ),
    "not_found": Kind(
        HTTPStatus.NOT_FOUND,
        Text("未找到", "Not found, or not visible to you"),
        Text(
            "核对地址和编号，并确认登录身份有权查看。",
            "Check the URL and the number, and that you are logged in as somebody who may see it.",
        ),
    ),
    "method_not_allowed": Kind(
        HTTPStatus.METHOD_NOT_ALLOWED,
        Text("方法不允许", "Method not allowed"),
        Text("使用响应头Allow中列出的方法。", "Use a method listed in the response header Allow."),
    ),
    "timeout": Kind(
        HTTPStatus.REQUEST_TIMEOUT,
        Text("未及时收到完整请求", "The request did not arrive in time"),
        Text("检查网络后重新发送。", "Check the network, and send the request again."),
    ),
    "wrong_state": Kind(
        HTTPStatus.CONFLICT,
        Text("当前状态不允许", "Not possible in the current state"),
        Text(
            "重新读取案件；next_actions列出当前可以办理的事项。",
            "Read the case again: its next_actions list what is possible now.",
        ),
    ),
    "confirmation_needed": Kind(
        HTTPStatus.CONFLICT,
        Text("需要确认", "Confirmation needed"),
        Text(
            "核对detail所述内容，确认无误后按其说明重新发送。",
            "Check what the detail says; if it is intended, send the request again with the confirmation it asks for.",
        ),
    ),
    "in_progress": Kind(
        HTTPStatus.CONFLICT,
        Text("处理中", "The same request is still being processed"),
        Text(
            "按Retry-After等待后，用同一幂等键重新发送，即可得到原结果。",
            "Wait for the time in Retry-After; send the request again with the same key: you get the first response.",
        ),
    ),
    "busy": Kind(
        HTTPStatus.CONFLICT,
        Text("正被占用", "In use just now"),
        Text(
            "未作任何更改。按Retry-After等待后，重新发送同一请求。",
            "Nothing was changed. Wait for the time in Retry-After, and send the same request again.",
        ),
    ),
    "cursor_expired": Kind(
        HTTPStatus.GONE,
        Text("游标已过期", "The cursor has expired"),
        Text("从头重新读取。", "Read again from the beginning."),
    ),
    "stale": Kind(
        HTTPStatus.PRECONDITION_FAILED,
        Text("版本已过期", "The version is outdated"),
        Text(
            "重新读取并核对变化，然后以新的ETag重新发送。",
            "Read it again, check what changed, and send the request with the new ETag.",
        ),
    ),
    "precondition_required": Kind(
        HTTPStatus.PRECONDITION_REQUIRED,
        Text("须指明版本", "If-Match is required"),
        Text("先读取，再将其ETag放入If-Match发送。", "Read it first, and send its ETag in If-Match."),
    ),
    "too_large": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Text("请求过大", "The request is too large"),
        Text("减小请求内容，上限见detail。", "Send less; the detail gives the maximum."),
    ),
    "uri_too_long": Kind(
        HTTPStatus.REQUEST_URI_TOO_LONG,
        Text("地址过长", "The URL is too long"),
        Text("缩短地址及其参数，上限见detail。", "Shorten the URL and its parameters; the detail gives the maximum."),
    ),
    "headers_too_large": Kind(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        Text("请求头过大", "Too many or too large headers"),
        Text("减少请求头，上限见detail。", "Send fewer or shorter headers; the detail gives the maximum."),
    ),
    "unsupported_media_type": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        Text("不支持的媒体类型", "Unsupported media type"),
        Text("以JSON发送，并注明Content-Type: application/json。", "Send JSON with Content-Type: application/json."),
    ),
    "invalid": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Text("内容不符合要求", "The content is not valid"),
        Text(
            "按detail改正后重新发送；invalid_params（如有）一次列出全部问题。",
            "Correct what the detail says, and send it again; invalid_params, if present, lists every fault at once.",
        ),
    ),
    "key_reused": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Text("幂等键重复使用", "The idempotency key was used for another request"),
        Text(
            "不同的请求使用不同的幂等键。",
            "Use a new key for a new request; repeat a key only with the identical request.",
        ),
    ),
    "rate_limited": Kind(
        HTTPStatus.TOO_MANY_REQUESTS,
        Text("请求过于频繁", "Too many requests"),
        Text(
            "按Retry-After等待后，重新发送同一请求。",
            "Wait for the time in Retry-After, send the same request again, and then send fewer requests.",
        ),
    ),
    "internal": Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        Text("内部错误", "Internal error"),
        Text(
            "未作任何更改。请将correlation_id告知运维人员。",
            "Nothing was changed. Report the correlation_id to the operators.",
        ),
    ),
    "unavailable": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        Text("暂不可用", "Temporarily unavailable"),
        Text(
            "按Retry-After等待后，重新发送同一请求。",
            "Wait for the time in Retry-After, and send the same request again.",
        ),
    ),
}


def document(
    problem: Problem, instance: str, language: Language, faults: Mapping[str, Text]
) -> tuple[int, dict[str, Any]]:
    """Status code and body for `problem` at the path `instance`; `faults` are the meanings of the codes."""
    kind = KINDS[problem.kind]
    body: dict[str, Any] = {
        "type": f"/problems/{problem.kind}",
        "title": kind.title.told(language),
        "status": int(kind.status),
        "code": problem.kind,
        "detail": _told(problem.detail, language),
        "remedy": kind.remedy.told(language),
        "instance": quote(instance),
        **problem.extra,
    }
    if problem.violations:
        body["invalid_params"] = [_fault(violation, language, faults) for violation in problem.violations]
    if correlation := correlation_id():
        body["correlation_id"] = correlation
    return kind.status, body


def _fault(violation: Violation, language: Language, faults: Mapping[str, Text]) -> dict[str, str]:
    meaning, reason = faults.get(violation.code), violation.reason
    title = {"title": meaning.told(language)} if meaning else {}
    if isinstance(reason, str) and meaning and language is not Language.EN:
        reason = meaning
    about = {"about": violation.about} if violation.about else {}
    return {"name": violation.name, "code": violation.code, **title, "reason": _told(reason, language), **about}


def _told(said: Text | str, language: Language) -> str:
    """Days in what people are told are written as people write them, whatever they were composed of."""
    return said if isinstance(said, str) else with_days(said).told(language)


def pages(faults: Mapping[str, Text]) -> tuple[Page, ...]:
    """A page about all kinds of problems, and one about each; `faults` are the meanings of the codes."""
    about = partial(_about, dict(sorted(faults.items())))
    return (Page("/problems", about), Page("/problems/<name>", about))


def _explained(name: str, faults: Mapping[str, Text]) -> dict[str, Any]:
    """The meaning and remedy of a kind of problem, as JSON."""
    kind = KINDS[name]
    return {
        "type": f"/problems/{name}",
        "code": name,
        "status": int(kind.status),
        "meaning": kind.title._asdict(),
        "remedy": kind.remedy._asdict(),
        **({"faults": {code: meaning._asdict() for code, meaning in faults.items()}} if name == _LISTING else {}),
    }


def _about(faults: Mapping[str, Text], request: Request, name: str | None = None) -> Reply:
    """One kind of problem, or all: as JSON in both languages, or as a page in the reader's language."""
    if name is not None and name not in KINDS:
        raise Problem(
            "not_found",
            Text(
                f"没有错误类型{name}：全部类型见/problems", f"there is no problem {name!r}: /problems lists all of them"
            ),
        )
    names = list(KINDS) if name is None else [name]
    if request.accept_mimetypes.best_match(("text/html", "application/json"), "text/html") == "application/json":
        found = [_explained(each, faults) for each in names]
        return Reply({"items": found} if name is None else found[0], headers={"Vary": "Accept"})
    language = preferred(request.headers.get("Accept-Language"))
    headers = {"Content-Language": language, "Vary": "Accept, Accept-Language"}
    kinds = {each: KINDS[each] for each in names}
    heading = "Problems" if language is Language.EN else "错误类型"
    told = {"kinds": kinds, "faults": faults if name == _LISTING else {}}
    return written("problems.mako", heading, _LINKS, headers, lang=language, path=request.path, **told)


_LINKS = [Link("/problems", Text("全部错误类型", "all problems"))]
_LISTING = "invalid"
"""The kind whose page lists the codes of faults."""


_ANYWHERE = frozenset(
    {
        *("malformed", "uri_too_long", "headers_too_large", "timeout", "time_refused", "rate_limited"),
        *("internal", "unavailable"),
    }
)


def expected(route: Route) -> set[str]:
    """The kinds of problems with which the route may answer."""
    kinds = {*_ANYWHERE, *route.problems}
    if route.access != PUBLIC:
        kinds |= {"unauthenticated", "forbidden"}
    if "<" in route.path:
        kinds |= {"not_found"}
    if route.method != "GET":
        kinds |= {"too_large", "unsupported_media_type", "invalid"}
        if route.access != PUBLIC:
            kinds |= {"key_reused", "in_progress"}
        if route.versioned:
            kinds |= {"stale", "precondition_required"}
    return kinds & set(KINDS)
