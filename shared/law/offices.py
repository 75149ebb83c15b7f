"""The offices that decide on permits, and which of them decides on what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.law.rows import Named, PermitId, Row
from shared.province import PROVINCE
from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

_OF_CITY = "{:.4}00"
"""The region code of the city in which a county lies."""


@dataclass(frozen=True, kw_only=True)
class Authority(Named):
    """An office under its name in a period. `code` is the GB/T 2260 code of its region, or one configured in its place;
    `agency` 机关代字 begins the numbers of its notices; `superior` is the office above it."""

    code: str
    agency: str
    superior: str | None = None


@dataclass(frozen=True, kw_only=True)
class Competence(Row):
    """These `offices` decide on such permits for these `kinds` of instruments, each in its region."""

    permit: PermitId
    offices: tuple[str, ...]
    kinds: tuple[str, ...]


def offices_of(region: str, authorities: Sequence[Authority]) -> Iterator[str]:
    """The offices in whose regions a place lies, the lowest first. Codes are known also after they have changed."""
    for code in (region, _OF_CITY.format(region)):
        for row in authorities:
            if row.code == code:
                yield from _upwards(row, authorities)
                return
    yield PROVINCE


def is_no_city(region: str, authorities: Sequence[Authority]) -> bool:
    """Whether a region code lies in the province and in none of its cities and prefectures. The offices of all of these
    are known, those of counties only where one decides on something: no code of a county is known to be none."""
    province = [row.code for row in authorities if row.id == PROVINCE]
    cities = {row.code[:4] for row in authorities if row.id != PROVINCE}
    within = any(region[:2] == code[:2] for code in province)
    return within and region not in province and region[:4] not in cities


def _upwards(row: Authority, authorities: Sequence[Authority]) -> Iterator[str]:
    yield row.id
    if row.superior:
        yield from _upwards(next(one for one in authorities if one.id == row.superior), authorities)


def competent(
    region: str,
    kinds: Collection[str],
    on: date,
    authorities: Sequence[Authority],
    competences: Sequence[Competence],
) -> str:
    """The office that decides on that day for a place in the region: the lowest that has every one of the kinds, for
    no office decides on an item that is not its own, and the province may decide on each."""
    wanted = {comparable(kind) for kind in kinds}
    for office in offices_of(region, authorities):
        rows = (row for row in competences if office in row.offices and row.in_force(on))
        if wanted and wanted <= {comparable(kind) for row in rows for kind in row.kinds}:
            return office
    return PROVINCE
