"""Agents: whoever has mandates of holders chooses for whom they act; all pages then show that holder's cases.

The services look for the mandate at every call: what is chosen here gives no right.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from services.portal.client import ProblemError, UnavailableError
from services.portal.web import Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from starlette.responses import Response

_APPLICANT = frozenset({Role.APPLICANT})
_SERVICE = "type_approval"
_LONGEST = 40


async def show(visit: Visit) -> Response:
    """For whom one acts now, and where another holder is chosen."""
    return _page(visit)


async def choose(visit: Visit) -> Response:
    """Act for that holder, or for one's own organisation again."""
    sent = await visit.request.form(max_files=0)
    if not visit.idempotency_key(sent):
        return _page(visit, notice="form.expired")
    if sent.get("_do") == "own":
        visit.act_for("")
        return visit.redirect("/my")
    typed = str(sent.get("holder", ""))[:_LONGEST]
    code = "".join(unicodedata.normalize("NFKC", typed).split()).upper()
    if not (code.isascii() and code.isalnum()):
        return _page(visit, typed=typed, wrong=visit.t("acting.no_code"), status=422)
    try:
        await visit.api_for(code).get(_SERVICE, "/v1/applications", limit=1)
    except ProblemError as error:
        return _page(visit, typed=typed, wrong=str(error.told.get("detail", "")), status=422)
    except UnavailableError:
        return _page(visit, typed=typed, notice="form.unavailable", status=503)
    visit.act_for(code)
    return visit.redirect("/my")


def _page(visit: Visit, *, typed: str = "", wrong: str = "", notice: str = "", status: int = 200) -> Response:
    return visit.render("acting.html", status, typed=typed, wrong=wrong, notice=notice, key=visit.new_key())


PAGES = (Page("/my/acting", show, _APPLICANT), Page("/my/acting", choose, _APPLICANT, ("POST",)))
