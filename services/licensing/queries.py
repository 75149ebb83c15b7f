"""Reading licences, and what licensing knows of type approvals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services.licensing.models import licences, type_approvals
from services.licensing.rules import Approval
from shared.casework.models import cases
from shared.problems import Problem

if TYPE_CHECKING:
    from sqlalchemy import Connection


def get_licence(tx: Connection, number: str) -> dict[str, Any]:
    """The licence as anybody may read it, with its status now. Raises Problem."""
    row = tx.execute(select(licences.c.content, licences.c.status).where(licences.c.number == number)).first()
    if row is None:
        raise Problem("not_found", f"no manufacturing licence has the number {number}")
    return {**row.content, "status": row.status}


def approvals_of(tx: Connection, holder: str) -> list[Approval]:
    """All that is known of the holder's type approvals."""
    table = type_approvals.c
    rows = tx.execute(
        select(table.application, table.status, table.certificate, table.lines)
        .where(table.holder == holder)
        .order_by(table.application)
    )
    return [Approval(*row) for row in rows]


def lodged_cases(tx: Connection, holder: str) -> list[str]:
    """Ids of the holder's applications that were lodged ahead, oldest first."""
    query = select(cases.c.id).where(cases.c.applicant == holder, cases.c.state == "lodged").order_by(cases.c.id)
    return list(tx.execute(query).scalars())
