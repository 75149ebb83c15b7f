"""Every error as `application/problem+json` (RFC 9457), from one table of kinds."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from shared.observability import correlation_id
from shared.problems import Problem, Violation

__all__ = ["KINDS", "Problem", "Violation", "document"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A problem type: its status code and its title in both languages."""

    status: HTTPStatus
    zh: str
    en: str


KINDS = {
    "malformed": Kind(HTTPStatus.BAD_REQUEST, "请求格式错误", "The request cannot be read"),
    "time_refused": Kind(HTTPStatus.BAD_REQUEST, "不接受指定时间", "The time may not be given"),
    "unauthenticated": Kind(HTTPStatus.UNAUTHORIZED, "未认证", "Who is calling is not known"),
    "forbidden": Kind(HTTPStatus.FORBIDDEN, "无权操作", "The caller may not do this"),
    "four_eyes": Kind(HTTPStatus.FORBIDDEN, "须由他人办理", "Another person must do this"),
    "conflict_of_interest": Kind(HTTPStatus.FORBIDDEN, "应当回避", "The caller must stand aside"),
    "not_found": Kind(HTTPStatus.NOT_FOUND, "未找到", "There is no such thing, or it is not yours to see"),
    "method_not_allowed": Kind(HTTPStatus.METHOD_NOT_ALLOWED, "方法不允许", "The method is not allowed here"),
    "wrong_state": Kind(HTTPStatus.CONFLICT, "当前状态不允许", "Not possible in the present state"),
    "confirmation_needed": Kind(HTTPStatus.CONFLICT, "需要确认", "Please confirm"),
    "in_progress": Kind(HTTPStatus.CONFLICT, "处理中", "The same request is still being carried out"),
    "cursor_expired": Kind(HTTPStatus.GONE, "游标已过期", "What follows this cursor is no longer kept in full"),
    "stale": Kind(HTTPStatus.PRECONDITION_FAILED, "版本已过期", "The case has changed meanwhile"),
    "precondition_required": Kind(HTTPStatus.PRECONDITION_REQUIRED, "须注明版本", "Say which version you decide on"),
    "too_large": Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "请求过大", "The request is too large"),
    "unsupported_media_type": Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "不支持的媒体类型", "Only JSON is read here"),
    "invalid": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "内容不符合要求", "The content breaks the rules"),
    "key_reused": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "幂等键重复使用", "The idempotency key belongs to another request"
    ),
    "internal": Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "内部错误", "Something is wrong on our side"),
    "unavailable": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "暂不可用", "Not available just now"),
}


def document(problem: Problem, instance: str) -> tuple[int, dict[str, Any]]:
    """Status code and body for `problem`, met at the path `instance`."""
    kind = KINDS[problem.kind]
    body: dict[str, Any] = {
        "type": f"/problems/{problem.kind}",
        "title": f"{kind.zh} {kind.en}",
        "status": int(kind.status),
        "code": problem.kind,
        "detail": problem.detail,
        "instance": instance,
        **problem.extra,
    }
    if problem.violations:
        body["invalid_params"] = [
            {"name": violation.name, "code": violation.code, "reason": violation.reason}
            for violation in problem.violations
        ]
    if correlation := correlation_id():
        body["correlation_id"] = correlation
    return kind.status, body
