"""Queries for C marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.c_mark.facts import CORRECTION_ORDER
from services.c_mark.models import mark_summaries, marks
from services.c_mark.rules import ENDED, GRANTED
from shared.documents.permit_register import PermitRegister
from shared.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection

REGISTER = PermitRegister(marks, mark_summaries, (*GRANTED, "declared"), "valid", ENDED)


def get_mark(tx: Connection, number: str) -> dict[str, Any]:
    """The public view of a mark, with its present status. Raises Problem."""
    missing = Text(f"没有编号为{number}的C标志", f"no C mark has the number {number}")
    return REGISTER.read(tx, number, missing, lambda data: {CORRECTION_ORDER.name: data.get(CORRECTION_ORDER.name)})
