"""Queries for licences, and for the type approvals known to licensing."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, func, select

from services.licensing.approvals.rules import Approval
from services.licensing.licence.facts import CONTRACTS
from services.licensing.licence.rules import Licence, Term, contracts, covered
from services.licensing.models import licence_summaries, licence_terms, licences, type_approvals
from services.licensing.states import ENDED, LIVE
from shared.casework import get_case
from shared.casework.models import cases
from shared.documents.permit_register import PermitRegister
from shared.identity.uscc import party
from shared.permits.facts import END
from shared.permits.historic import TAKEN_BACK
from shared.permits.life import last_day
from shared.sql import Statement
from shared.text import as_numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REGISTER = PermitRegister(licences, licence_summaries, LIVE, "valid", ENDED, licence_terms)
_HOLD = Statement("approvals_hold", "SELECT pg_advisory_xact_lock(hashtextextended('approvals of ' || :holder, 0))")


_ASKING = REGISTER.asking(
    CONTRACTS,
    terms=(
        "(SELECT json_agg(json_build_array(term.kind, term.begins, term.ends, on_case.number) ORDER BY term.begins)"
        " FROM licence_terms AS term JOIN cases AS on_case ON on_case.id = term.case_id"
        " WHERE term.licence = permit.number)"
    ),
)


def find_licences(tx: Connection, numbers: Iterable[str], today: date) -> dict[str, dict[str, Any]]:
    """The public view of the licences with these numbers, with their terms, their present status and the contracts in
    force today, by number."""
    return REGISTER.read(tx, _ASKING, numbers, partial(_more, today))


def _more(today: date, row: Any) -> dict[str, Any]:
    end = END.of(row.data)
    terms = [
        (kind, Term(date.fromisoformat(begins), date.fromisoformat(ends)), number)
        for kind, begins, ends, number in row.terms
    ]
    covers = covered([term for _, term, _ in terms], last_day(end) if end else None)
    return {
        "valid_until": row.valid_until,
        "terms": [
            {"kind": kind, "from": term.begins, "until": term.ends, "application": number}
            for kind, term, number in terms
        ],
        **({} if end else {"since": covers[-1].begins}),
        "covers": [{"from": span.begins, "until": span.ends} for span in covers],
        "contracts": contracts(CONTRACTS.of(row.data) or (), row.content, row.state, today) or None,
    }


def find_licence(tx: Connection, number: str) -> Licence | None:
    """The licence with that number, in any spelling."""
    return _licence(tx, licences.c.number == as_numbered(number))


def licence_of_case(tx: Connection, case_id: str) -> Licence | None:
    """The licence that was first granted in that case."""
    return _licence(tx, licences.c.case_id == case_id)


_BEGINS = select(func.max(licence_terms.c.begins)).where(licence_terms.c.licence == licences.c.number).scalar_subquery()


def _licence(tx: Connection, which: ColumnElement[bool]) -> Licence | None:
    renewal, amendment = cases.alias(), cases.alias()
    query = (
        select(
            licences.c.number,
            licences.c.case_id,
            licences.c.holder,
            licences.c.valid_until,
            _BEGINS.label("begins"),
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
    return Licence(**row._asdict()) if row else None


def licences_of(tx: Connection, holder: str) -> list[Mapping[str, Any]]:
    """What the holder's licences in force say."""
    mine = func.party(licences.c.holder) == party(holder)
    held = select(licences.c.content).join_from(licences, cases, licences.c.case_id == cases.c.id)
    return list(tx.execute(held.where(mine, cases.c.state.in_(LIVE)).order_by(licences.c.number)).scalars())


def approvals_of(tx: Connection, holder: str) -> list[Approval]:
    """The holder's type approvals known to licensing."""
    table = type_approvals.c
    rows = tx.execute(
        select(table.application, table.status, table.certificate, table.lines, table.ended, table.orders)
        .where(func.party(table.holder) == party(holder))
        .order_by(table.application)
    )
    return [Approval(**row._asdict()) for row in rows]


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
    home = tx.execute(select(licences.c.case_id).where(licences.c.number == as_numbered(number))).scalar()
    if home is None:
        return None
    get_case(tx, home, lock=True)
    return find_licence(tx, number)


def renewal_of(tx: Connection, case_id: str) -> str | None:
    """The newest application to renew the licence that was first granted in that case."""
    return tx.execute(select(licences.c.renewal).where(licences.c.case_id == case_id)).scalar()
