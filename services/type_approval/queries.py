"""Queries for certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from services.type_approval.certificate.facts import CERTIFICATE
from services.type_approval.certificate.standing import in_force
from services.type_approval.models import certificate_summaries, certificates
from services.type_approval.states import ENDED, LIVE, PENDING
from shared.casework.facts import FORM
from shared.casework.models import cases
from shared.documents.permit_register import PermitRegister
from shared.identity.uscc import party
from shared.permits.historic import TAKEN_BACK
from shared.sql import Statement
from shared.text import Text, as_numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.casework import Case

REGISTER = PermitRegister(certificates, certificate_summaries, LIVE, "in_force", ENDED)


def get_certificate(tx: Connection, number: str) -> dict[str, Any]:
    """The public view of a certificate, with its present status. Raises Problem."""
    missing = Text(f"没有编号为{number}的型式批准证书", f"no type approval certificate has the number {number}")

    def more(data: Mapping[str, Any]) -> dict[str, Any]:
        orders = [one.stored() for one in in_force(data)]
        return {"orders": orders or None, "replaced_by": _replacing(tx, CERTIFICATE.of(data)) or None}

    return REGISTER.read(tx, number, missing, more)


def _replacing(tx: Connection, number: str | None) -> list[str]:
    """The numbers of the certificates that name this one as the one whose place they take, in the order of grant."""
    replaces = certificates.c.content["replaces"].astext
    query = select(certificates.c.number).where(replaces == number)
    return [*tx.execute(query.order_by(certificates.c.granted_on, certificates.c.number)).scalars()]


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
    query = select(cases.c.number, cases.c.data[FORM.name]).where(
        mine, cases.c.state.in_(PENDING), cases.c.id != case.id
    )
    return [(row[0], row[1]) for row in tx.execute(query.order_by(cases.c.id))]


_HOLD = Statement(
    "applications_hold", "SELECT pg_advisory_xact_lock(hashtextextended('applications of ' || :holder, 0))"
)
