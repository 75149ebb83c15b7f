"""Numbers without gaps: taken in the transaction that uses them, so that an undone transaction gives them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared.law import NumberFormat

_NEXT = text(
    "INSERT INTO number_series AS s (series, next) VALUES (:series, :first + :count)"
    " ON CONFLICT (series) DO UPDATE SET next = s.next + :count RETURNING next - :count"
)


def allocate(tx: Connection, style: NumberFormat, **fields: str | int) -> str:
    """The next number of the series that `fields` name. Others who need one wait until `tx` ends."""
    [number] = allocate_several(tx, 1, style, **fields)
    return number


def allocate_several(tx: Connection, count: int, style: NumberFormat, **fields: str | int) -> list[str]:
    """The next numbers of the series, so many as `count` says."""
    asked = {"series": style.series(**fields), "first": style.first, "count": count}
    first = tx.execute(_NEXT, asked).scalar_one()
    return [style.render(serial, **fields) for serial in range(first, first + count)]
