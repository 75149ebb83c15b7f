"""Queries for C marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.c_mark.facts import CORRECTION_ORDER
from services.c_mark.models import mark_summaries, marks
from services.c_mark.rules import ENDED, GRANTED
from shared.documents.permit_register import PermitRegister

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy import Connection

REGISTER = PermitRegister(marks, mark_summaries, (*GRANTED, "declared"), "valid", ENDED)


_ASKING = REGISTER.asking(CORRECTION_ORDER)


def find_marks(tx: Connection, numbers: Iterable[str], _today: date) -> dict[str, dict[str, Any]]:
    """The public view of the marks with these numbers, with their present status, by number."""
    return REGISTER.read(tx, _ASKING, numbers, lambda row: {CORRECTION_ORDER.name: row.data.get(CORRECTION_ORDER.name)})
