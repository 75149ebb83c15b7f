"""Drafts that are filled in from what is known: earlier applications, the licence, and certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from services.instruments import differs
from services.licensing.intake.rules import may_renew
from services.licensing.models import licence_terms
from services.licensing.queries import approvals_of, find_licence, licences_of
from shared.casework.facts import FORM
from shared.casework.models import cases
from shared.identity.uscc import party
from shared.problems import Problem
from shared.runtime.time import legal_date
from shared.schemas import invalid
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from services.licensing.licence.rules import Licence
    from shared.identity import Actor

_ABOUT = ("kind", "renews", "amends", "lines")
"""What an application says of itself; the rest it says of the maker."""


def renewal(tx: Connection, number: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """The form of a renewal, from the application for the licence's last term and what has changed in the licence
    since. Raises Problem if the licence belongs to another holder, has ended, or is being renewed."""
    licence = _own(tx, number, actor)
    terms = select(cases.c.data[FORM.name]).join_from(licence_terms, cases)
    mine = terms.where(licence_terms.c.licence == licence.number).order_by(licence_terms.c.begins.desc())
    last = tx.execute(mine.limit(1)).scalar_one()
    form = {**_without(last), "kind": "renewal", "renews": licence.number, **_as_licensed(licence, last)}
    if faults := may_renew(licence, form, "", licence.holder, legal_date(now)):
        raise invalid(faults)
    return form


def amendment(tx: Connection, number: str, kind: str, actor: Actor) -> dict[str, Any]:
    """The form of an application that changes a licence in its term: for new items, what certificates cover and it does
    not; for changed conditions, what it covers. Raises Problem if the licence belongs to another holder."""
    licence = _own(tx, number, actor)
    licensed = licence.content["lines"]
    form = {**_newest(tx, actor), "kind": kind, "amends": licence.number}
    if kind == "additions":
        of_licence = {name: value for name, value in _as_licensed(licence, form).items() if name != "lines"}
        return {**form, **of_licence, **_lines(_unlicensed(tx, actor, licensed))}
    return {**form, **_as_licensed(licence, form)}


def first(tx: Connection, actor: Actor) -> dict[str, Any]:
    """The form of an application for a first licence: who applies, from the newest application, and what certificates
    in force cover that no licence in force does."""
    licensed = [line for content in licences_of(tx, actor.party) for line in content["lines"]]
    known = {"credit_code": actor.organisation, **_newest(tx, actor)}
    return {**known, "kind": "first", **_lines(_unlicensed(tx, actor, licensed))}


def _own(tx: Connection, number: str, actor: Actor) -> Licence:
    licence = find_licence(tx, number)
    if licence is None or party(licence.holder) != actor.party:
        told = Text(f"您没有编号为{number}的制造许可证", f"no manufacturing licence of yours has the number {number}")
        raise Problem("not_found", told)
    return licence


def _newest(tx: Connection, actor: Actor) -> dict[str, Any]:
    """What the maker's newest application that was sent says of the maker."""
    mine = select(cases.c.data[FORM.name]).where(
        func.party(cases.c.applicant) == actor.party, cases.c.number.is_not(None)
    )
    form = tx.execute(mine.order_by(cases.c.id.desc()).limit(1)).scalar()
    return _without(form) if form else {}


def _without(form: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if name not in _ABOUT}


def _as_licensed(licence: Licence, form: Mapping[str, Any]) -> dict[str, Any]:
    """Who holds the licence, where, and for what, as it says now, in the words of the form where these still hold."""
    content = licence.content
    stated = form.get("lines", ())
    more = [dict(line) for line in content["lines"] if all(differs(line, one) for one in stated)]
    sites = {site["address"]: site for site in form.get("production_sites", ())}
    places = content["places_of_manufacture"]
    return {
        "applicant_name": content["holder"]["name"],
        "registered_site": {**form.get("registered_site", {}), "address": content["holder"]["address"]},
        "production_sites": [sites.get(place, {"address": place}) for place in places],
        "lines": [*stated, *more],
    }


def _unlicensed(tx: Connection, actor: Actor, licensed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of the maker's certificates in force that lie inside none of the `licensed`."""
    return [
        {**line, "type_approval": approval.certificate}
        for approval in approvals_of(tx, actor.organisation)
        if approval.status == "in_force"
        for line in approval.lines
        if all(differs(line, covered) for covered in licensed)
    ]


def _lines(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {"lines": lines} if lines else {}
