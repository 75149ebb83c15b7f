"""The office's historic registers of permits: taken from a file after a look, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from starlette.exceptions import HTTPException

from services.portal.books import KEEPER
from services.portal.chosen import chosen_file, import_of
from services.portal.client import FILE_SECONDS
from services.portal.fields import faults_of, own_field
from services.portal.papers import REGISTERS
from services.portal.posting import FormPage, Sent
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from services.portal.web import Visit

_SERVICES = {register: service for service, register in REGISTERS.items()}


class Register(NamedTuple):
    """A historic register: where it is in the portal and at its service, and what the service says of it."""

    name: str
    service: str
    page: str
    path: str
    told: Mapping[str, Any]


async def _register(visit: Visit) -> Register:
    """The register that the address means. Raises HTTPException where there is none, or it is not the reader's."""
    name = visit.request.path_params["register"]
    service = _SERVICES.get(name)
    if service is None or visit.actor is None or KEEPER not in visit.actor.posts:
        raise HTTPException(404)
    path = f"{visit.api.face}/{name}/historic"
    return Register(name, service, f"/office/historic/{name}", path, (await visit.api.get(service, path)).body)


def _reason(batch: str) -> str:
    """The name of the field for why that import is taken back."""
    return f"reason.{batch}"


async def _page(
    visit: Visit, register: Register, sent: Sent | None, report: Mapping[str, Any] | None = None, **more: str
) -> Response:
    """The imports there were, and where a file is chosen; in another language what was found in one, too."""
    if sent and report is None and visit.trouble is None and (await chosen_file(sent.form)).content:
        return await _take(visit, register, sent)
    typed = {name: values[0] for name, values in (sent.typed if sent else {}).items()}
    batch, told = typed.get("batch", ""), register.told
    faults = [{**one, "name": _reason(batch) if one["name"] == "reason" else one["name"]} for one in visit.faults]
    source = own_field("source", "historic.source", typed.get("source", ""), hint="historic.source_hint", faults=faults)
    reasons = {
        one["batch"]: own_field(name, "system.reason", typed.get(name, ""), faults=faults)
        for one in told["items"]
        for name in (_reason(one["batch"]),)
    }
    return visit.render(
        "historic.html",
        register=register.name,
        told=told,
        labels={one["name"]: visit.both(one) for one in told["headings"]},
        report=report,
        carried=more.get("carried", ""),
        previewed=more.get("previewed", ""),
        source=source,
        reasons=reasons,
        errors=faults_of([source, *reasons.values()], faults),
        done=visit.request.query_params.get("done", ""),
    )


async def _act(visit: Visit, register: Register, sent: Sent) -> Response:
    """An import is taken back whole, or a file is looked at or taken."""
    if not (batch := sent.told("batch")):
        return await _take(visit, register, sent)
    path, reason = f"{register.path}/{quote(batch, safe='')}/take_back", sent.told(_reason(batch))
    await visit.api.post(register.service, path, {"reason": reason}, key=sent.key, timeout=FILE_SECONDS)
    return visit.redirect(register.page, done="back")


async def _take(visit: Visit, register: Register, sent: Sent) -> Response:
    """What a file would do, line by line; or it entered, whole or not at all."""
    chosen, preview, source = await import_of(sent, "source")
    asked = {"source": source, "preview": "true" if preview else ""}
    answer = await visit.api.send_file(
        register.service, register.path, chosen.content, chosen.media, etag="*", key=sent.key, **asked
    )
    if not preview:
        return visit.redirect(register.page, done="take")
    return await _page(visit, register, sent, answer.body, carried=chosen.carried, previewed=source)


PAGES = FormPage(_register, _page, _act, files=1).pages("/office/historic/{register}", Role.STAFF)
