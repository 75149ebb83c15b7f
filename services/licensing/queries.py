"""Queries for licences, and for the type approvals known to licensing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from services.licensing.approvals.rules import Approval
from services.licensing.licence.facts import CONTRACTS
from services.licensing.licence.rules import Licence, Term, contracts, covered
from services.licensing.models import licence_summaries, licence_terms, licences, type_approvals
from services.licensing.states import ENDED, LIVE
from shared.casework import get_case
from shared.casework.models import cases
from shared.documents.issues import history
from shared.documents.permit_register import PermitRegister
from shared.identity.uscc import party
from shared.law import add_days
from shared.permits.facts import CANCELLED_ON, END
from shared.permits.historic import TAKEN_BACK
from shared.permits.life import last_day
from shared.problems import Problem
from shared.sql import Statement
from shared.text import Text, as_numbered

REGISTER = PermitRegister(licences, licence_summaries, LIVE, "valid", ENDED, licence_terms)
_HOLD = Statement("approvals_hold", "SELECT pg_advisory_xact_lock(hashtextextended('approvals of ' || :holder, 0))")


def get_licence(tx: Connection, number: str) -> dict[str, Any]:
    """The public view of a licence, with its terms and its present status. Raises Problem."""
    query = (
        select(licences.c.number, licences.c.content, licences.c.valid_until, cases.c.state, cases.c.data)
        .join_from(licences, cases, licences.c.case_id == cases.c.id)
        .where(licences.c.number == as_numbered(number), cases.c.state != TAKEN_BACK)
    )
    row = tx.execute(query).first()
    if row is None:
        raise Problem(
            "not_found", Text(f"没有编号为{number}的制造许可证", f"no manufacturing licence has the number {number}")
        )
    query = (
        select(licence_terms.c.kind, licence_terms.c.begins, licence_terms.c.ends, cases.c.number)
        .join_from(licence_terms, cases)
        .where(licence_terms.c.licence == row.number)
        .order_by(licence_terms.c.begins)
    )
    terms = tx.execute(query).all()
    end = END.of(row.data)
    covers = covered([Term(term.begins, term.ends) for term in terms], last_day(end) if end else None)
    found = {
        **row.content,
        "valid_until": row.valid_until,
        "terms": [
            {"kind": term.kind, "from": term.begins, "until": term.ends, "application": term.number} for term in terms
        ],
        "status": REGISTER.status(row.state),
        "since": add_days(last_day(end), 1) if end else covers[-1].begins,
        "covers": [{"from": span.begins, "until": span.ends} for span in covers],
        "ended": end and end.stored(),
        "cancelled_on": CANCELLED_ON.of(row.data),
        "contracts": contracts(CONTRACTS.of(row.data) or (), row.content) or None,
        "issues": history(tx, row.number),
    }
    return {key: value for key, value in found.items() if value is not None}


def find_licence(tx: Connection, number: str) -> Licence | None:
    """The licence with that number, in any spelling."""
    return _licence(tx, licences.c.number == as_numbered(number))


def licence_of_case(tx: Connection, case_id: str) -> Licence | None:
    """The licence that was first granted in that case."""
    return _licence(tx, licences.c.case_id == case_id)


def _licence(tx: Connection, which: ColumnElement[bool]) -> Licence | None:
    renewal, amendment = cases.alias(), cases.alias()
    query = (
        select(
            licences.c.number,
            licences.c.case_id,
            licences.c.holder,
            licences.c.valid_until,
            licences.c.content,
            cases.c.state,
            licences.c.renewal,
            renewal.c.number.label("renewal_number"),
            renewal.c.state.label("renewal_state"),
            licences.c.amendment,
            amendment.c.number.label("amendment_number"),
            amendment.c.state.label("amendment_state"),
        )
        .join_from(licences, cases, licences.c.case_id == cases.c.id)
        .outerjoin(renewal, licences.c.renewal == renewal.c.id)
        .outerjoin(amendment, licences.c.amendment == amendment.c.id)
        .where(which, cases.c.state != TAKEN_BACK)
    )
    row = tx.execute(query).first()
    return Licence(*tuple(row)) if row else None


def approvals_of(tx: Connection, holder: str) -> list[Approval]:
    """The holder's type approvals known to licensing."""
    table = type_approvals.c
    rows = tx.execute(
        select(table.application, table.status, table.certificate, table.lines, table.ended)
        .where(func.party(table.holder) == party(holder))
        .order_by(table.application)
    )
    return [Approval(*row) for row in rows]


def hold_approvals(tx: Connection, holder: str) -> None:
    """Lock the holder's type approvals until the transaction ends, for changes and for decisions based on them.

    Without the lock, an application could be submitted in advance for a certificate whose grant, at the same time,
    found no application waiting for it.
    """
    _HOLD(tx, holder=party(holder))


def cases_in(tx: Connection, holder: str, *states: str) -> list[str]:
    """Ids of the holder's cases in one of these states, oldest first."""
    mine = func.party(cases.c.applicant) == party(holder)
    query = select(cases.c.id).where(mine, cases.c.state.in_(states)).order_by(cases.c.id)
    return list(tx.execute(query).scalars())


def locked_licence(tx: Connection, number: str) -> Licence | None:
    """The licence with that number; nobody else changes it or counts on it until the transaction ends."""
    licence = find_licence(tx, number)
    if licence is None:
        return None
    get_case(tx, licence.case_id, lock=True)
    return find_licence(tx, number)
