"""Topics and roles: how API documents and pages group operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.http.routes import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.http.routes import Route


class Topic(NamedTuple):
    """A heading, in both languages."""

    zh: str
    en: str


WHO = {
    PUBLIC: Topic("任何人", "anybody"),
    "applicant": Topic("申请人", "the applicant"),
    "lab": Topic("技术机构", "the laboratory"),
    "staff:intake": Topic("受理窗口", "the intake desk"),
    "staff:examiner": Topic("承办人", "an examiner"),
    "staff:decider": Topic("行政机关负责人", "the head of the authority"),
    "staff:section_head": Topic("处室负责人", "a section head"),
    "staff:bureau_head": Topic("局负责人", "a bureau head"),
    "staff:supervision": Topic("监督检查", "supervision"),
    "staff:operator": Topic("运维", "an operator"),
    "staff": Topic("工作人员", "any member of staff"),
}
"""The names of the roles that a route may admit, by its `access`."""

ACTS = {f"by_{who.rpartition(':')[2]}": Topic(f"{zh}办理", f"Actions of {en}") for who, (zh, en) in WHO.items()}
"""Headings of the actions of each role."""


def topic_of(route: Route, prefix: str) -> str:
    """The key of the topic; `prefix` is the path prefix of the face."""
    first, *rest = route.path.removeprefix(prefix).strip("/").split("/")
    if first in {"p", "n", ".well-known"}:
        return "papers"
    if first != "applications" or "actions" not in rest:
        return first
    (one, *others) = {who.partition(":")[2] or who for who in route.doers}
    return "by_staff" if others else f"by_{one}"


def described(routes: Iterable[Route]) -> str:
    """The description of an operation: who may call it, and further notes of the routes, without repetition."""
    routes = list(routes)
    who = dict.fromkeys(who for route in routes for who in route.doers)
    named = ", ".join(f"{WHO[one].zh} {WHO[one].en} (`{one}`)" for one in who)
    said = [f"可办理 Allowed for: {named}.", *(route.about for route in routes)]
    said += [
        f"停用 Removed after {route.retires.until}: use `{route.retires.successor}`."
        for route in routes
        if route.retires
    ]
    return "\n\n".join(filter(None, dict.fromkeys(said)))
