"""Agents: whoever has mandates of holders chooses for whom they act; all pages then show that holder's cases.

The services look for the mandate at every call: what is chosen here gives no right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.portal import formats, texts
from services.portal.client import ProblemError, UnavailableError
from services.portal.fields import RADIOS, Choice, Field, faults_of
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

_APPLICANT = frozenset({Role.APPLICANT})
_SERVICE = "type_approval"
_MAY = {"act": "acting.may_act", "read": "acting.may_read"}


async def show(visit: Visit) -> Response:
    """For whom one acts now, and of which holders one has mandates."""
    return await _page(visit)


async def choose(visit: Visit) -> Response:
    """Act for that holder, or for one's own organisation again."""
    sent = await visit.request.form(max_files=0)
    visit.speak(sent)
    holder = str(sent.get("holder", ""))
    if "_lang" in sent or not visit.idempotency_key(sent):
        return await _page(visit, holder, notice="" if "_lang" in sent else "form.expired")
    if sent.get("_do") == "own":
        visit.act_for("")
        return visit.redirect("/my")
    if not holder:
        return await _page(visit, wrong=visit.t("acting.nobody"), status=422)
    try:
        await visit.api_for(holder).get(_SERVICE, "/v1/applications", limit=1)
    except ProblemError as error:
        return await _page(visit, holder, wrong=str(error.told.get("detail", "")), status=422)
    except UnavailableError:
        return await _page(visit, holder, notice="form.unavailable", status=503)
    visit.act_for(holder)
    return visit.redirect("/my")


async def _page(visit: Visit, chosen: str = "", *, wrong: str = "", notice: str = "", status: int = 200) -> Response:
    mandates = await _mandates(visit)
    field = Field(
        "holder",
        "choice" if len(mandates or ()) <= RADIOS else "select",
        {language: texts.text("acting.holder", language) for language in texts.LANGUAGES},
        required=True,
        choices=tuple(_choice(one, chosen or visit.acting) for one in mandates or ()),
        errors=(wrong,) if wrong else (),
    )
    faults = faults_of([field], [{"name": "holder", "reason": wrong}] if wrong else [])
    down = [_SERVICE] if mandates is None else []
    return visit.render(
        "acting.html", status, field_=field, errors=faults, down=down, notice=notice, key=visit.new_key()
    )


async def _mandates(visit: Visit) -> list[Mapping[str, Any]] | None:
    """Those that the reader's own organisation has, whoever it acts for now; None while the service does not answer."""
    try:
        found: list[Mapping[str, Any]] = (await visit.api_for("").get(_SERVICE, "/v1/received-mandates")).body["items"]
    except UnavailableError:
        return None
    return found


def _choice(mandate: Mapping[str, Any], chosen: str) -> Choice:
    holder = mandate["holder"]
    called = {language: _called(mandate, language) for language in texts.LANGUAGES}
    return Choice(holder, called["zh"], called["en"], chosen=holder == chosen)


def _called(mandate: Mapping[str, Any], language: texts.Language) -> str:
    """The holder by name and code, what one may do there, and until when."""
    name, holder = mandate.get("holder_name"), mandate["holder"]
    return texts.text(
        _MAY[mandate["scope"]],
        language,
        holder=texts.text("acting.named", language, name=name, code=holder) if name else holder,
        until=formats.day(mandate["valid_until"], language),
    )


PAGES = (Page("/my/acting", show, _APPLICANT), Page("/my/acting", choose, _APPLICANT, ("POST",)))
