"""Topics and roles: how API documents and pages group operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.http.routes import PUBLIC
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.http.routes import Route


WHO = {
    PUBLIC: Text("任何人", "anybody"),
    "applicant": Text("申请人", "the applicant"),
    "lab": Text("技术机构", "the laboratory"),
    "expert": Text("考评员", "an expert of the team"),
    "staff:intake": Text("受理窗口", "the intake desk"),
    "staff:examiner": Text("承办人", "an examiner"),
    "staff:decider": Text("行政机关负责人", "the head of the authority"),
    "staff:section_head": Text("处室负责人", "a section head"),
    "staff:bureau_head": Text("局负责人", "a bureau head"),
    "staff:supervision": Text("监督检查", "supervision"),
    "staff:operator": Text("运维", "an operator"),
    "staff": Text("工作人员", "any member of staff"),
}
"""The names of the roles that a route may admit, by its `access`."""

ACTS = {f"by_{who.rpartition(':')[2]}": Text(f"{zh}办理", f"Actions of {en}") for who, (zh, en) in WHO.items()}
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
