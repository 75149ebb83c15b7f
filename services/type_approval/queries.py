"""Queries for certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services.type_approval.models import certificate_summaries, certificates
from shared.casework.search import newest_first
from shared.documents.issues import history
from shared.problems import Problem
from shared.text import as_numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def get_certificate(tx: Connection, number: str) -> dict[str, Any]:
    """The public view of a certificate, with its present status. Raises Problem."""
    query = select(certificates.c.number, certificates.c.content, certificates.c.status, certificates.c.granted_on)
    row = tx.execute(query.where(certificates.c.number == as_numbered(number))).first()
    if row is None:
        raise Problem("not_found", f"no type approval certificate has the number {number}")
    return {
        **row.content,
        "status": row.status,
        "since": row.granted_on,
        "covers": [{"from": row.granted_on}],
        "issues": history(tx, row.number),
    }


def holder_of(tx: Connection, number: str) -> str | None:
    """Whose certificate has that number, in any spelling."""
    return tx.execute(select(certificates.c.holder).where(certificates.c.number == as_numbered(number))).scalar()


def list_certificates(
    tx: Connection, asked: Mapping[str, Any], limit: int
) -> tuple[list[dict[str, Any]], list[Any] | None]:
    """A page of the register, newest application first, or of the search results; and the cursor of its end if there is
    more."""
    row, shown = certificates.c, certificate_summaries.c
    found = select(row.case_id.label("id"), row.number, row.status, shown.shown).join_from(
        certificates, certificate_summaries, shown.id == row.case_id
    )
    rows, end = newest_first(tx, found, row.case_id, certificate_summaries, asked, limit)
    return [{"number": row.number, "status": row.status, **row.shown} for row in rows], end
