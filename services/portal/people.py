"""The office's directory: who holds which posts, who is away and who stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.portal.account import kept_form
from services.portal.client import ProblemError, following
from services.portal.formats import read_day
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

_STAFF = frozenset({Role.STAFF})
_SERVICE, _MOST = "notifications", 100
_FIELDS = ("from", "to", "cover")


async def show_all(visit: Visit) -> Response:
    """Everybody in the directory."""
    cursor = visit.request.query_params.get("cursor", "")
    told = (await visit.api.get(_SERVICE, f"{visit.api.face}/staff", limit=_MOST, cursor=cursor)).body
    return visit.render("people.html", people=told["items"], following=following(told))


async def show(visit: Visit) -> Response:
    """One person, with their absences."""
    typed = {name: values[0] for name, values in (await kept_form(visit) or {}).items()}
    return await _page(visit, typed)


async def act(visit: Visit) -> Response:
    """An absence is entered, or taken out."""
    sent = await visit.request.form(max_files=0)
    visit.speak(sent)
    typed, key = {name: str(sent.get(name, "")).strip() for name in _FIELDS}, visit.idempotency_key(sent)
    if "_lang" in sent or not key:
        return await _page(visit, typed, notice="" if "_lang" in sent else "form.expired")
    path = f"{_path(visit)}/absences"
    try:
        if one := sent.get("delete"):
            await visit.api.delete(_SERVICE, f"{path}/{quote(str(one), safe='')}", key=key)
        else:
            said = {name: value if name == "cover" else read_day(value) for name, value in typed.items() if value}
            await visit.api.post(_SERVICE, path, said, key=key)
    except ProblemError as error:
        return await _page(visit, typed, problem=error, status=error.status)
    return visit.redirect(visit.request.url.path, done="1")


async def _page(
    visit: Visit,
    typed: Mapping[str, str] | None = None,
    *,
    notice: str = "",
    problem: ProblemError | None = None,
    status: int = 200,
) -> Response:
    person = (await visit.api.get(_SERVICE, _path(visit))).body
    wrong: dict[str, list[str]] = {}
    for fault in problem.faults if problem else ():
        wrong.setdefault(fault["name"], []).append(fault["reason"])
    shown: dict[str, Any] = {"person": person, "typed": typed or {}, "wrong": wrong, "problem": problem}
    done = "done" in visit.request.query_params
    return visit.render("person.html", status, **shown, notice=notice, done=done, key=visit.new_key, fields_=_FIELDS)


def _path(visit: Visit) -> str:
    return f"{visit.api.face}/staff/{quote(visit.request.path_params['subject'], safe='')}"


PAGES = (
    Page("/office/people", show_all, _STAFF),
    Page("/office/people/{subject}", show, _STAFF),
    Page("/office/people/{subject}", act, _STAFF, ("POST",)),
)
