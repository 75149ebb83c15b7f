"""Queries for certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from services.type_approval.certificate.facts import ORDERS
from services.type_approval.certificate.standing import in_force
from services.type_approval.models import certificate_summaries, certificates
from services.type_approval.states import ENDED, LIVE, PENDING
from shared.casework.facts import FORM
from shared.casework.models import cases
from shared.documents.permit_register import PermitRegister
from shared.identity.uscc import party
from shared.permits.historic import TAKEN_BACK
from shared.sql import Statement
from shared.text import as_numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.casework import Case

REGISTER = PermitRegister(certificates, certificate_summaries, LIVE, "in_force", ENDED)


_ASKING = REGISTER.asking(
    ORDERS,
    # Those that name it as the one whose place they take, in the order of grant.
    replaced_by=(
        "(SELECT json_agg(later.number ORDER BY later.granted_on, later.number) FROM certificates AS later"
        " WHERE later.content ->> 'replaces' = permit.number)"
    ),
)


def find_certificates(tx: Connection, numbers: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The public view of the certificates with these numbers, with their present status, by number."""

    def more(row: Any) -> dict[str, Any]:
        orders = [one.stored() for one in in_force(row.data)]
        return {"orders": orders or None, "replaced_by": row.replaced_by}

    return REGISTER.read(tx, _ASKING, numbers, more)


def holder_of(tx: Connection, number: str) -> str | None:
    """Whose certificate has that number, in any spelling."""
    standing = certificates.join(cases, cases.c.id == certificates.c.case_id)
    query = select(certificates.c.holder).select_from(standing).where(cases.c.state != TAKEN_BACK)
    return tx.execute(query.where(certificates.c.number == as_numbered(number))).scalar()


def pending_besides(tx: Connection, case: Case) -> list[tuple[str, Mapping[str, Any]]]:
    """Number and form of each other application of the same applicant that is under way; until the transaction ends
    nobody else asks this for them, so that of two submitted at the same time one is first."""
    whose = party(case.applicant)
    _HOLD(tx, holder=whose)
    mine = func.party(cases.c.applicant) == whose
    query = select(cases.c.number, cases.c.data[FORM.name].label("form")).where(
        mine, cases.c.state.in_(PENDING), cases.c.id != case.id
    )
    return [(row.number, row.form) for row in tx.execute(query.order_by(cases.c.id))]


_HOLD = Statement(
    "applications_hold", "SELECT pg_advisory_xact_lock(hashtextextended('applications of ' || :holder, 0))"
)
