"""The law as dated data: which rule holds for a permit on a day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

from shared.law.numbers import NumberFormat
from shared.law.reading import RuleError, read_rows
from shared.law.rows import (
    Authority,
    CatalogueItem,
    LawChange,
    LawError,
    LimitRule,
    Procedure,
    Regime,
    Row,
    Rung,
    Silence,
    ValidityRule,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class RuleSet:
    """All rows of one rule set. Lookups raise LawError if no row holds on the day."""

    name: str
    limits: tuple[LimitRule, ...]
    ladders: tuple[Rung, ...]
    silences: tuple[Silence, ...]
    transitions: tuple[LawChange, ...]
    formats: tuple[NumberFormat, ...]
    catalogue: tuple[CatalogueItem, ...]
    regimes: tuple[Regime, ...]
    authorities: tuple[Authority, ...]
    validities: tuple[ValidityRule, ...]

    def rows(self) -> tuple[Row, ...]:
        """Every row of every file."""
        return (
            *self.regimes,
            *self.authorities,
            *self.limits,
            *self.ladders,
            *self.silences,
            *self.transitions,
            *self.formats,
            *self.catalogue,
            *self.validities,
        )

    def regime(self, permit: Procedure, on: date) -> Regime:
        return _one((row for row in self.regimes if row.permit == permit), on, f"regime for {permit}")

    def limit(self, limit_id: str, on: date) -> LimitRule:
        return _one((row for row in self.limits if row.id == limit_id), on, f"limit {limit_id!r}")

    def limits_on(self, on: date, procedure: Procedure) -> tuple[LimitRule, ...]:
        """The clocks of a procedure; none once its permit is abolished, for then there is nothing left to decide."""
        if self.regime(procedure, on).abolished:
            return ()
        return tuple(row for row in self.limits if procedure in row.procedures and row.in_force(on))

    def ladder(self, limit_id: str, on: date) -> tuple[Rung, ...]:
        """The rungs of a limit's own ladder on a day, or of the one for all that have none."""
        rungs = [row for row in self.ladders if row.in_force(on)]
        own = tuple(row for row in rungs if limit_id in row.limits)
        return own or tuple(row for row in rungs if not row.limits)

    def silence(self, limit_id: str, on: date) -> Silence | None:
        """What the law makes of the limit's end without an act, if anything."""
        return next((row for row in self.silences if row.limit == limit_id and row.in_force(on)), None)

    def law_changes(self, permit: Procedure) -> tuple[LawChange, ...]:
        """The changes of the law that reach into open cases of a permit, first to last."""
        return tuple(sorted((row for row in self.transitions if row.permit == permit), key=lambda row: row.on))

    def number_format(self, kind: str, on: date) -> NumberFormat:
        return _one((row for row in self.formats if row.kind == kind), on, f"number format for {kind!r}")

    def catalogue_on(self, on: date) -> tuple[CatalogueItem, ...]:
        return tuple(row for row in self.catalogue if row.in_force(on))

    def item(self, code: str, on: date) -> CatalogueItem:
        return _one((row for row in self.catalogue if row.code == code), on, f"catalogue item {code!r}")

    def authority(self, on: date, authority_id: str = "provincial") -> Authority:
        return _one((row for row in self.authorities if row.id == authority_id), on, f"authority {authority_id!r}")

    def validity(self, permit: Procedure, on: date) -> ValidityRule:
        return _one((row for row in self.validities if row.permit == permit), on, f"validity of {permit}")


def _one(candidates: Iterable[R], on: date, what: str) -> R:
    known = list(candidates)
    for row in known:
        if row.in_force(on):
            return row
    spans = ", ".join(f"{row.valid_from} to {row.valid_to or 'now'}" for row in known)
    raise LawError(f"no {what} on {on}; " + (f"rules exist for {spans}" if known else "no rule of that name exists"))


def load(name: str = "jilin-2013") -> RuleSet:
    """Read and check a rule set of this package once; raises RuleError naming file, row and field."""
    return _load(name)


@cache
def _load(name: str) -> RuleSet:
    folder = files("shared.law") / "data" / name
    if not folder.is_dir():
        known = sorted(entry.name for entry in (files("shared.law") / "data").iterdir() if entry.is_dir())
        raise RuleError(f"no rule set {name!r}; use one of {', '.join(known)}")
    return RuleSet(
        name=name,
        limits=read_rows(folder / "limits.toml", LimitRule),
        ladders=read_rows(folder / "ladders.toml", Rung),
        silences=read_rows(folder / "silence.toml", Silence),
        transitions=read_rows(folder / "transitions.toml", LawChange),
        formats=read_rows(folder / "formats.toml", NumberFormat),
        catalogue=read_rows(folder / "catalogue.toml", CatalogueItem),
        regimes=read_rows(folder / "regimes.toml", Regime),
        authorities=read_rows(folder / "authorities.toml", Authority),
        validities=read_rows(folder / "validity.toml", ValidityRule),
    )
