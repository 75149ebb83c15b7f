"""Every error as `application/problem+json` (RFC 9457), from one table of kinds, and a page about each of them.

Titles and remedies are in the reader's language; details and reasons, which have the facts, are in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shared.http.html import Link, written
from shared.http.language import Language, preferred
from shared.http.routes import Page, Reply
from shared.observability import correlation_id
from shared.problems import Problem, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Request

    from shared.http.faults import Meaning

__all__ = ["KINDS", "Problem", "Violation", "document", "pages"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A problem type: its status code, its title, and what the caller can do about it, in both languages."""

    status: HTTPStatus
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str

    def title(self, language: Language) -> str:
        return self.en if language is Language.EN else self.zh

    def remedy(self, language: Language) -> str:
        return self.remedy_en if language is Language.EN else self.remedy_zh


KINDS = {
    "malformed": Kind(
        HTTPStatus.BAD_REQUEST,
        "请求格式错误",
        "The request cannot be read",
        "按detail的说明改正地址、请求头或JSON后重新发送。",
        "Mend the address, header or JSON that the detail names, and send it again.",
    ),
    "time_refused": Kind(
        HTTPStatus.BAD_REQUEST,
        "不接受指定时间",
        "The time may not be given",
        "去掉请求头Quanheng-Now：本系统以实际时间为准。",
        "Leave out the header Quanheng-Now, or give a time that the detail allows.",
    ),
    "unauthenticated": Kind(
        HTTPStatus.UNAUTHORIZED,
        "未认证",
        "Who is calling is not known",
        "登录取得新的令牌，以Authorization: Bearer发送。",
        "Log in, and send the new token as Authorization: Bearer.",
    ),
    "forbidden": Kind(
        HTTPStatus.FORBIDDEN,
        "无权操作",
        "The caller may not do this",
        "由有权的人员办理，或使用权限范围足够的令牌。",
        "Let somebody do it whom the detail names, or use a token with the scope it asks for.",
    ),
    "four_eyes": Kind(
        HTTPStatus.FORBIDDEN,
        "须由他人办理",
        "Another person must do this",
        "同一人不得兼办前后两个环节，请转交他人办理。",
        "Who did the step before may not do this one too: hand it to a colleague.",
    ),
    "conflict_of_interest": Kind(
        HTTPStatus.FORBIDDEN,
        "应当回避",
        "The caller must stand aside",
        "与本案有利害关系，请转交他人办理。",
        "You have an interest in the case: hand it to a colleague who has none.",
    ),
    "not_found": Kind(
        HTTPStatus.NOT_FOUND,
        "未找到",
        "There is no such thing, or it is not yours to see",
        "核对地址和编号，并确认以有权查看者的身份登录。",
        "Check the address and the number, and that you are logged in as somebody who may see it.",
    ),
    "method_not_allowed": Kind(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "方法不允许",
        "The method is not allowed here",
        "使用Allow中所列的方法。",
        "Use a method that the header Allow names.",
    ),
    "timeout": Kind(
        HTTPStatus.REQUEST_TIMEOUT,
        "未及时收到完整请求",
        "The request did not arrive in time",
        "检查网络后重新发送。",
        "Look at the network, and send it again.",
    ),
    "wrong_state": Kind(
        HTTPStatus.CONFLICT,
        "当前状态不允许",
        "Not possible in the present state",
        "重新读取案件，next_actions列出现在可以办理的事项。",
        "Read the case again: its next_actions are what can be done now.",
    ),
    "confirmation_needed": Kind(
        HTTPStatus.CONFLICT,
        "需要确认",
        "Please confirm",
        "核对detail所述内容，确认无误后按其说明重新发送。",
        "Look at what the detail says; if it is meant so, send it again with the confirmation it asks for.",
    ),
    "in_progress": Kind(
        HTTPStatus.CONFLICT,
        "处理中",
        "The same request is still being carried out",
        "按Retry-After等待后，用同一幂等键重新发送，即得到原结果。",
        "Wait as Retry-After says and send it again with the same key: you get the answer of the first.",
    ),
    "cursor_expired": Kind(
        HTTPStatus.GONE,
        "游标已过期",
        "What follows this cursor is no longer kept in full",
        "从头重新读取。",
        "Read from the beginning again.",
    ),
    "stale": Kind(
        HTTPStatus.PRECONDITION_FAILED,
        "版本已过期",
        "The case has changed meanwhile",
        "重新读取，核对变化后，以新的ETag发送。",
        "Read it again, look at what changed, and send your command with the new ETag.",
    ),
    "precondition_required": Kind(
        HTTPStatus.PRECONDITION_REQUIRED,
        "须注明版本",
        "Say which version you decide on",
        "先读取案件，将其ETag放入If-Match后发送。",
        "Read the case first and send its ETag in If-Match.",
    ),
    "too_large": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "请求过大",
        "The request is too large",
        "减小请求内容，上限见detail。",
        "Send less: the detail says how much is allowed.",
    ),
    "uri_too_long": Kind(
        HTTPStatus.REQUEST_URI_TOO_LONG,
        "地址过长",
        "The address is too long",
        "缩短地址及其参数，上限见detail。",
        "Shorten the address and its parameters: the detail says how much is allowed.",
    ),
    "headers_too_large": Kind(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "请求头过大",
        "The headers are too many or too large",
        "减少请求头，上限见detail。",
        "Send fewer and shorter headers: the detail says how much is allowed.",
    ),
    "unsupported_media_type": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "不支持的媒体类型",
        "Only JSON is read here",
        "以JSON发送，并注明Content-Type: application/json。",
        "Send JSON, and say so: Content-Type: application/json.",
    ),
    "invalid": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "内容不符合要求",
        "The content breaks the rules",
        "按detail改正后重新发送；有invalid_params的，其中一次列出全部问题。",
        "Mend what the detail says, and send it again; invalid_params, where there are any, list every fault at once.",
    ),
    "key_reused": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "幂等键重复使用",
        "The idempotency key belongs to another request",
        "不同的请求使用不同的幂等键。",
        "Use a new key for a new request; the same key only for the very same one.",
    ),
    "rate_limited": Kind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "请求过于频繁",
        "Too many requests",
        "按Retry-After等待后，重新发送同一请求。",
        "Wait as Retry-After says and send the same request again; then send fewer.",
    ),
    "internal": Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "内部错误",
        "Something is wrong on our side",
        "未作任何更改。请将correlation_id告知运维人员。",
        "Nothing was changed. Tell the operators the correlation_id.",
    ),
    "unavailable": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "暂不可用",
        "Not available just now",
        "按Retry-After等待后，重新发送同一请求。",
        "Wait as Retry-After says and send the same request again.",
    ),
}


def document(
    problem: Problem, instance: str, language: Language, faults: Mapping[str, Meaning]
) -> tuple[int, dict[str, Any]]:
    """Status code and body for `problem`, met at the path `instance`; `faults` are what codes mean."""
    kind = KINDS[problem.kind]
    body: dict[str, Any] = {
        "type": f"/problems/{problem.kind}",
        "title": kind.title(language),
        "status": int(kind.status),
        "code": problem.kind,
        "detail": problem.detail,
        "remedy": kind.remedy(language),
        "instance": quote(instance),
        **problem.extra,
    }
    if problem.violations:
        body["invalid_params"] = [_fault(violation, language, faults) for violation in problem.violations]
    if correlation := correlation_id():
        body["correlation_id"] = correlation
    return kind.status, body


def _fault(violation: Violation, language: Language, faults: Mapping[str, Meaning]) -> dict[str, str]:
    meaning = faults.get(violation.code)
    title = {"title": meaning.told(language)} if meaning else {}
    # The code stands beside the reason: where it begins the reason too, once is enough.
    reason = violation.reason.removeprefix(f"{violation.code}: ")
    return {"name": violation.name, "code": violation.code, **title, "reason": reason}


def pages(faults: Mapping[str, Meaning]) -> tuple[Page, ...]:
    """A page about all kinds of problems and one about each; `faults` are what the codes of `invalid_params` mean."""
    about = partial(_about, dict(sorted(faults.items())))
    return (Page("/problems", about), Page("/problems/<name>", about))


def _explained(name: str, faults: Mapping[str, Meaning]) -> dict[str, Any]:
    """What a problem of the kind `name` means and what to do about it."""
    kind = KINDS[name]
    return {
        "type": f"/problems/{name}",
        "code": name,
        "status": int(kind.status),
        "meaning": {"zh": kind.zh, "en": kind.en},
        "remedy": {"zh": kind.remedy_zh, "en": kind.remedy_en},
        **({"faults": {code: meaning._asdict() for code, meaning in faults.items()}} if name == _LISTING else {}),
    }


def _about(faults: Mapping[str, Meaning], request: Request, name: str | None = None) -> Reply:
    """One kind of problem or all of them: for programs in both languages, for people in theirs."""
    if name is not None and name not in KINDS:
        raise Problem("not_found", f"there is no problem {name!r}: /problems lists all")
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


_LINKS = [Link("/problems", "全部错误类型", "all problems")]
_LISTING = "invalid"
"""The kind whose page lists the codes of faults."""
