"""Agents: whoever has mandates of holders chooses for whom they act; all pages then show that holder's cases.

The services look for the mandate at every call: what is chosen here gives no right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from services.portal import formats, texts
from services.portal.client import ProblemError, UnavailableError
from services.portal.fields import RADIOS, Choice, faults_of, own_field
from services.portal.posting import FormPage, Sent
from services.portal.trouble import TroubleError
from shared.identity import Role

if TYPE_CHECKING:
    from starlette.responses import Response

    from services.portal.web import Visit

Mandates = list[Mapping[str, Any]] | None
_SERVICE = "type_approval"
_MAY = {"act": "acting.may_act", "read": "acting.may_read"}


async def _choose(visit: Visit, _: Mandates, sent: Sent) -> Response:
    """Act for that holder, or for one's own organisation again."""
    holder = sent.told("holder")
    if sent.told("_do") == "own":
        visit.act_for("")
        return visit.redirect("/my")
    if not holder:
        raise _wrong(visit.t("acting.nobody"))
    try:
        await visit.api_for(holder).get(_SERVICE, "/v1/applications", limit=1)
    except ProblemError as error:
        raise _wrong(" ".join(error.reasons)) from error
    visit.act_for(holder)
    return visit.redirect("/my")


def _wrong(why: str) -> TroubleError:
    return TroubleError(faults=[{"name": "holder", "reason": why}])


async def _page(visit: Visit, mandates: Mandates, sent: Sent | None) -> Response:
    """For whom one acts now, and of which holders one has mandates."""
    chosen = (sent.told("holder") if sent else "") or visit.acting
    choices = tuple(_choice(one, chosen) for one in mandates or ())
    kind = "choice" if len(choices) <= RADIOS else "select"
    field = own_field("holder", "acting.holder", kind=kind, choices=choices, faults=visit.faults)
    down = [_SERVICE] if mandates is None else []
    return visit.render("acting.html", field_=field, errors=faults_of([field], visit.faults), down=down)


async def _mandates(visit: Visit) -> Mandates:
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


PAGES = FormPage(_mandates, _page, _choose).pages("/my/acting", Role.APPLICANT)
