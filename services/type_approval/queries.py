"""Queries for certificates."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from services.type_approval.certificate.facts import ORDERS
from services.type_approval.certificate.standing import in_force
from services.type_approval.intake.rules import Certificate
from services.type_approval.models import certificate_summaries, certificates
from services.type_approval.states import ENDED, LIVE
from shared.casework.models import cases
from shared.documents.permit_register import PermitRegister
from shared.metrology import family_of
from shared.permits.historic import TAKEN_BACK
from shared.text import as_numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

REGISTER = PermitRegister(certificates, certificate_summaries, LIVE, "in_force", ENDED)


_ASKING = REGISTER.asking(
    ORDERS,
    # Those that name it as the one whose place they take, in the order of grant.
    replaced_by=(
        "(SELECT json_agg(later.number ORDER BY later.granted_on, later.number) FROM certificates AS later"
        " WHERE later.content ->> 'replaces' = permit.number)"
    ),
)


def find_certificates(tx: Connection, numbers: Iterable[str], _today: date) -> dict[str, dict[str, Any]]:
    """The public view of the certificates with these numbers, with their present status, by number."""

    def more(row: Any) -> dict[str, Any]:
        orders = [one.stored() for one in in_force(row.data)]
        return {"orders": orders or None, "replaced_by": row.replaced_by, **_in_both(row.content)}

    return REGISTER.read(tx, _ASKING, numbers, more)


def _in_both(content: Mapping[str, Any]) -> dict[str, Any]:
    """The report of what a certificate says, with the items tested in both languages: what is signed names them in
    Chinese, and has their ids since there are some in it. One of a laboratory's own is called as it wrote it, and so is
    each of a certificate of before: a name identifies nothing."""
    report = dict(content.get("report", {}))
    printed, ids = report.get("items"), report.pop("item_ids", ())
    if printed is None:
        return {}
    known = {one.id: one.told.en for one in family_of(content["category"]["code"]).items}
    items: list[dict[str, str]] = [
        {**({"id": id_} if id_ else {}), "zh": zh, "en": known.get(id_, zh)}
        for zh, id_ in zip_longest(printed, ids, fillvalue="")
    ]
    return {"report": {**report, "items": items}}


def find_certificate(tx: Connection, number: str) -> Certificate | None:
    """The certificate with that number, in any spelling."""
    row = certificates.c
    query = (
        select(row.number, row.holder, row.content, cases.c.state)
        .join_from(certificates, cases, cases.c.id == row.case_id)
        .where(cases.c.state != TAKEN_BACK, row.number == as_numbered(number))
    )
    found = tx.execute(query).first()
    return Certificate(**found._asdict()) if found else None
