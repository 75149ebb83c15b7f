"""Numbers without gaps: taken in the transaction that uses them, so that an undone transaction gives them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared.law import NumberFormat

_NEXT = text(
    "INSERT INTO number_series AS s (series, next) VALUES (:series, :first + 1)"
    " ON CONFLICT (series) DO UPDATE SET next = s.next + 1 RETURNING next - 1"
)


def allocate(tx: Connection, style: NumberFormat, **fields: str | int) -> str:
    """The next number of the series that `fields` name. Others who need one wait until `tx` ends."""
    serial = tx.execute(_NEXT, {"series": style.series(**fields), "first": style.first}).scalar_one()
    return style.render(serial, **fields)
