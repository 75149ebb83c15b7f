"""Warnings: what goes on only if the caller has read and confirmed it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from shared.problems import Problem, Violation
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.casework.procedure import Step


def confirmed_or_asked(step: Step, warnings: Sequence[Violation]) -> None:
    """Raises Problem when there are warnings that the caller has not confirmed."""
    open_warnings = [one for one in warnings if not {one.code, one.confirmation} & step.confirmed]
    if open_warnings:
        # With those confirmed before: they were shown, and are confirmed by the same words.
        asked = json.dumps(sorted({*step.confirmed, *(one.confirmation for one in open_warnings)}), ensure_ascii=False)
        raise Problem(
            "confirmation_needed",
            Text(
                f'请阅读invalid_params；确认无误后，加上"confirmed": {asked}重新发送',
                f'read invalid_params; if all is as it should be, send the same again with "confirmed": {asked}',
            ),
            open_warnings,
        )
