"""What anybody may know of the permits on a day: the rule, what to bring, how long it takes, what may be done against a
decision, and which instruments need one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.notifications.clocks.rules import told_silence
from services.notifications.office import permit_schemas as schemas
from services.notifications.office.statistics import observed
from shared.http import PUBLIC, Call, Reply, Route
from shared.identity import Role
from shared.law import PERMIT_IDS, load
from shared.runtime.time import legal_date
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from shared.law import PermitId, RuleSet
    from shared.law.rows import CatalogueItem, DocumentKind, LimitRule, Remedy, Row

_LICENSED = "TA+CMC"
"""The mode of a catalogue's row that asks for a licence besides the approval."""


def read_permits(call: Call) -> Reply:
    today = legal_date(call.now)
    on, rules = call.asked.get("on", today), load(call.settings.rules)
    with call.store.reading() as tx:
        permits = [{**_permit(rules, one, on), **_told(observed(tx, one, today))} for one in PERMIT_IDS]
    licensed = not rules.regime("manufacture", on).abolished
    catalogue = [_instrument(item, licensed=licensed) for item in rules.catalogue_on(on)]
    remedies = [_remedy(rules, row, on) for row in rules.remedies if row.in_force(on)]
    return Reply({"on": on, "permits": permits, "catalogue": catalogue, "remedies": remedies})


def _permit(rules: RuleSet, procedure: PermitId, on: date) -> dict[str, Any]:
    regime = rules.regime(procedure, on)
    rows = (rule for rule in rules.limits_on(on, procedure) if rule.limit is not None)
    # Of what is declared nothing is decided: only the limits that are its own are left.
    limits = [_limit(rules, rule, on) for rule in rows if not regime.declared or rule.procedures == (procedure,)]
    return {
        "procedure": procedure,
        "rule": regime.name._asdict(),
        **_source(regime),
        "abolished": regime.abolished,
        "documents": [] if regime.abolished else [_document(row) for row in _brought(rules, procedure, on)],
        "limits": limits,
    }


def _brought(rules: RuleSet, procedure: PermitId, on: date) -> Iterator[DocumentKind]:
    """The kinds of documents that applicants bring, to whichever application of that permit."""
    for row in rules.documents:
        if procedure in row.procedures and row.sender == Role.APPLICANT and not row.later and row.in_force(on):
            yield row


def _told(told: dict[str, Any] | None) -> dict[str, Any]:
    return {"observed": told} if told else {}


def _document(row: DocumentKind) -> dict[str, Any]:
    only = {"applications": list(row.applications)} if row.applications else {}
    return {"kind": row.id, "name": row.name._asdict(), **only, "required": row.required, **_source(row)}


def _remedy(rules: RuleSet, row: Remedy, on: date) -> dict[str, Any]:
    within = {"within": _length(rules.limit(row.window, on))} if row.window else {}
    return {"against": row.against, "name": row.told._asdict(), **within, **_source(row)}


def _length(rule: LimitRule) -> dict[str, str]:
    budget = rule.budget
    return {"text": str(budget), "zh": budget.zh, "en": budget.en}


def _limit(rules: RuleSet, rule: LimitRule, on: date) -> dict[str, Any]:
    silence = told_silence(rules.silence(rule.id, on))
    return {
        "limit": rule.id,
        "name": rule.name._asdict(),
        "holder": rule.holder,
        "weight": rule.weight,
        "budget": _length(rule),
        **({"silence": silence} if silence else {}),
        **_source(rule),
    }


def _instrument(item: CatalogueItem, *, licensed: bool) -> dict[str, Any]:
    return {
        "category": item.code,
        "name": item.name._asdict(),
        "type_approval": item.needs_approval,
        "licence": licensed and item.mode == _LICENSED,
        **_source(item),
    }


def _source(row: Row) -> dict[str, Any]:
    return {"basis": row.basis._asdict(), "verified": row.verified}


PERMIT_ROUTES = [
    Route(
        *("GET", "/v1/permits", read_permits, PUBLIC, Text("许可事项", "Read which permits there are on a day")),
        asks=schemas.PermitsQuery,
        gives=schemas.Permits,
    ),
]
