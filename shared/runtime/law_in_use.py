"""Which rows of the law stored cases and clocks depend on: none of them may be taken out of the data.

A line is noted for each rule and day, so that a start reads some thousand lines and not ten million clocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from sqlalchemy import Column, Date, MetaData, Table, Text, select, text
from sqlalchemy.exc import DBAPIError

from shared.law import LawError, RuleError, load
from shared.observability import get_logger
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date

    from sqlalchemy import Connection, Engine

    from shared.law import PermitId, RuleSet

log = get_logger(__name__)

metadata = MetaData()

law_in_use = Table(
    "law_in_use",
    metadata,
    # The rule set.
    Column("rules", Text, primary_key=True),
    # "limit": a clock counts by it. "regime": a case was received under it.
    Column("kind", Text, primary_key=True),
    # The id of the limit, or the procedure.
    Column("key", Text, primary_key=True),
    Column("on", Date, primary_key=True),
)


@dataclass(frozen=True, slots=True)
class Dependents:
    """What a service stores that depends on rows of the law."""

    what: str
    """In words, for who reads that a row is missing."""
    count: str
    """SQL for how many depend on the rule `key` of the rule set `rules` on the days from `first` to `last`."""


class LawMissingError(RuntimeError):
    """A rule that stored cases or clocks depend on is not in the data any more."""


_NOTE = Statement(
    "law_in_use",
    "INSERT INTO law_in_use SELECT rules, :kind, key, CAST(day AS date)"
    " FROM unnest(CAST(:rules AS text[]), CAST(:keys AS text[]), CAST(:days AS text[])) AS new (rules, key, day)"
    # Two who note the same wait for each other: in one order, so never crosswise.
    " ORDER BY rules, key, day ON CONFLICT DO NOTHING",
)


def note(tx: Connection, kind: Literal["limit", "regime"], used: Collection[tuple[str, str, date]]) -> None:
    """Note rules that something depends on from now: the rule set, the limit or the procedure, and the day."""
    if used:
        rules, keys, days = zip(*used, strict=True)
        _NOTE(tx, kind=kind, rules=list(rules), keys=list(keys), days=[day.isoformat() for day in days])


def check(engine: Engine, dependents: Dependents, rule_set: Callable[[str], RuleSet] = load) -> None:
    """Raises LawMissingError naming the rules, the days, and how many cases or clocks depend on them."""
    with engine.connect() as tx:
        missing: dict[tuple[str, str, str], tuple[list[date], str]] = {}
        for row in tx.execute(select(law_in_use).order_by(*law_in_use.primary_key)):
            try:
                _find(rule_set(row.rules), row.kind, row.key, row.on)
            except (LawError, RuleError) as error:
                missing.setdefault((row.rules, row.kind, row.key), ([], str(error)))[0].append(row.on)
        faults = [_fault(tx, dependents, rules, key, *found) for (rules, _, key), found in missing.items()]
    if faults:
        raise LawMissingError("; ".join(faults))


def check_at_start(engine: Engine, dependents: Dependents) -> None:
    """The same, but a database that does not answer yet stops nobody. Raises LawMissingError."""
    try:
        check(engine, dependents)
    except DBAPIError as error:
        log.warning("law_in_use_not_checked", error=str(error.orig))


def _find(rules: RuleSet, kind: str, key: str, on: date) -> None:
    if kind == "limit":
        rules.limit(key, on)
    else:
        rules.regime(cast("PermitId", key), on)


def _fault(tx: Connection, dependents: Dependents, rules: str, key: str, days: list[date], why: str) -> str:
    told = {"rules": rules, "key": key, "first": days[0], "last": days[-1]}
    count = tx.execute(text(dependents.count), told).scalar()
    return f"{rules}: {why}; {dependents.what}: {count}; put the row for {days[0]} to {days[-1]} back"
