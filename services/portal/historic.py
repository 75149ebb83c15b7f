"""The office's historic registers of permits: taken from a file after a look, and taken back."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.exceptions import HTTPException

from services.portal.books import KEEPER
from services.portal.chosen import chosen_file
from services.portal.client import FILE_SECONDS, ProblemError, UnavailableError
from services.portal.papers import REGISTERS
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

_STAFF = frozenset({Role.STAFF})
_REASON = "reason "
"""Before the import, the name of the field for why it is taken back."""
_SERVICES = {register: service for service, register in REGISTERS.items()}


async def show(visit: Visit) -> Response:
    """The imports there were, and where a file is chosen."""
    return await _page(visit)


async def take_back(visit: Visit) -> Response:
    """An import is taken back whole."""
    sent = await visit.request.form(max_files=1)
    key, batch, typed = visit.idempotency_key(sent), str(sent.get("batch")), _typed(sent)
    if not key:
        return await _page(visit, typed, notice="form.expired")
    try:
        reason = {"reason": typed.get(f"{_REASON}{batch}", "")}
        path = f"{_path(visit)}/{quote(batch, safe='')}/take_back"
        await visit.api.post(_service(visit), path, reason, key=key, timeout=FILE_SECONDS)
    except ProblemError as error:
        return await _page(visit, typed, problem=error, status=error.status)
    return visit.redirect(_place(visit), done="back")


async def take(visit: Visit) -> Response:
    """What a file would do, line by line; or it entered, whole or not at all."""
    sent = await visit.request.form(max_files=1)
    visit.speak(sent)
    key, chosen, switched, typed = visit.idempotency_key(sent), await chosen_file(sent), "_lang" in sent, _typed(sent)
    step = "preview" if switched else str(sent.get("_step"))
    # What was looked at is taken, whatever was typed for another file since.
    looked_at = chosen.again and (switched or step == "take")
    source = typed.get("_source" if looked_at else "source", "").strip()
    service = _service(visit)
    if not key:
        return await _page(visit, typed, notice="form.expired")
    if not chosen.content:
        notice, status = ("", 200) if switched else ("bench.no_file", 422)
        return await _page(visit, typed, notice=notice, status=status)
    try:
        asked = {"source": source, "preview": "" if step == "take" else "true"}
        answer = await visit.api.send_file(
            service, _path(visit), chosen.content, chosen.media, etag="*", key=key, **asked
        )
    except ProblemError as error:
        return await _page(visit, typed, problem=error, status=error.status)
    except UnavailableError:
        return await _page(visit, typed, notice="form.unavailable", status=503)
    if step == "take":
        return visit.redirect(_place(visit), done="take")
    return await _page(visit, typed, report=answer.body, carried=chosen.carried, previewed=source)


def _typed(sent: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in sent.items() if isinstance(value, str)}


def _service(visit: Visit) -> str:
    """Whose register the address means. Raises HTTPException where there is none, or it is not the reader's."""
    service = _SERVICES.get(visit.request.path_params["register"])
    if service is None or visit.actor is None or KEEPER not in visit.actor.posts:
        raise HTTPException(404)
    return service


def _place(visit: Visit) -> str:
    return f"/office/historic/{visit.request.path_params['register']}"


def _path(visit: Visit) -> str:
    return f"{visit.api.face}/{visit.request.path_params['register']}/historic"


async def _page(
    visit: Visit,
    typed: Mapping[str, str] = MappingProxyType({}),
    *,
    report: Mapping[str, Any] | None = None,
    carried: str = "",
    previewed: str = "",
    notice: str = "",
    problem: ProblemError | None = None,
    status: int = 200,
) -> Response:
    """`typed` is where a file is from, and why imports are taken back; `previewed` is where that is from which the
    report is of."""
    told = (await visit.api.get(_service(visit), _path(visit))).body
    return visit.render(
        "historic.html",
        status,
        register=visit.request.path_params["register"],
        told=told,
        labels={one["name"]: visit.both(one) for one in told["headings"]},
        report=report,
        carried=carried,
        previewed=previewed,
        source=typed.get("source", ""),
        reasons={one["batch"]: typed.get(f"{_REASON}{one['batch']}", "") for one in told["items"]},
        notice=notice,
        problem=problem,
        done=visit.request.query_params.get("done", ""),
        key=visit.new_key(),
    )


PAGES = (
    Page("/office/historic/{register}", show, _STAFF),
    Page("/office/historic/{register}", take, _STAFF, ("POST",)),
    Page("/office/historic/{register}/back", take_back, _STAFF, ("POST",)),
)
