"""What anybody may know of the permits on a day: the rule, its limits, how long cases took, what needs one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.notifications.office import permit_schemas as schemas
from services.notifications.office.statistics import observed
from shared.http import PUBLIC, Call, Reply, Route
from shared.law import PROCEDURES, load
from shared.runtime.time import legal_date

if TYPE_CHECKING:
    from datetime import date

    from shared.law import Procedure, RuleSet
    from shared.law.rows import CatalogueItem, LimitRule, Row

_LICENSED = "TA+CMC"
"""The mode of a catalogue's row that asks for a licence besides the approval."""


def read_permits(call: Call) -> Reply:
    today = legal_date(call.now)
    on, rules = call.asked.get("on", today), load(call.settings.rules)
    with call.store.reading() as tx:
        permits = [{**_permit(rules, one, on), **_told(observed(tx, one, today))} for one in PROCEDURES]
    licensed = not rules.regime("manufacture", on).abolished
    catalogue = [_instrument(item, licensed=licensed) for item in rules.catalogue_on(on)]
    return Reply({"on": on, "permits": permits, "catalogue": catalogue})


def _permit(rules: RuleSet, procedure: Procedure, on: date) -> dict[str, Any]:
    regime = rules.regime(procedure, on)
    rows = (rule for rule in rules.limits_on(on, procedure) if rule.limit is not None)
    # Of what is declared nothing is decided: only the limits that are its own are left.
    limits = [_limit(rule) for rule in rows if not regime.declared or rule.procedures == (procedure,)]
    return {
        "procedure": procedure,
        "rule": {"zh": regime.zh, "en": regime.en},
        **_source(regime),
        "abolished": regime.abolished,
        "limits": limits,
    }


def _told(told: dict[str, Any] | None) -> dict[str, Any]:
    return {"observed": told} if told else {}


def _limit(rule: LimitRule) -> dict[str, Any]:
    budget = rule.budget
    return {
        "limit": rule.id,
        "name": {"zh": rule.zh, "en": rule.en},
        "holder": rule.holder,
        "weight": rule.weight,
        "budget": {"text": str(budget), "zh": budget.zh, "en": budget.en},
        **_source(rule),
    }


def _instrument(item: CatalogueItem, *, licensed: bool) -> dict[str, Any]:
    return {
        "category": item.code,
        "name": {"zh": item.zh, "en": item.en},
        "type_approval": item.needs_approval,
        "licence": licensed and item.mode == _LICENSED,
        **_source(item),
    }


def _source(row: Row) -> dict[str, Any]:
    return {"basis": {"zh": row.basis_zh, "en": row.basis}, "verified": row.verified}


PERMIT_ROUTES = [
    Route(
        *("GET", "/v1/permits", read_permits, PUBLIC, "Read which permits there are on a day 许可事项"),
        asks=schemas.PermitsQuery,
        gives=schemas.Permits,
    ),
]
