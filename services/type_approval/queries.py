"""Reading certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services.type_approval.models import certificates
from shared.problems import Problem
from shared.text import as_numbered

if TYPE_CHECKING:
    from sqlalchemy import Connection


def get_certificate(tx: Connection, number: str) -> dict[str, Any]:
    """The certificate as anybody may read it, with its status now. Raises Problem."""
    row = tx.execute(
        select(certificates.c.content, certificates.c.status).where(certificates.c.number == as_numbered(number))
    ).first()
    if row is None:
        raise Problem("not_found", f"no type approval certificate has the number {number}")
    return {**row.content, "status": row.status}
