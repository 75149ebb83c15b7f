"""Of one holder, one application is under way for the same: a second is refused with the number of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from shared.casework.facts import FORM
from shared.casework.models import cases
from shared.identity.uscc import party
from shared.problems import Violation
from shared.sql import Statement
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

    from shared.casework import ConnectedStep

    Asked = Callable[[Mapping[str, Any]], Sequence[Collection[Hashable]]]
    """What each line of a form asks for, as it is compared."""


def besides(step: ConnectedStep, states: Collection[str]) -> list[tuple[str, Mapping[str, Any]]]:
    """Number and form of each other case of the same applicant in one of these states; until the transaction ends
    nobody else asks this for them, so that of two submitted at the same time one is first.

    Whoever locks another case as well does that first.
    """
    whose = party(step.case.applicant)
    _HOLD(step.tx, holder=whose)
    mine = func.party(cases.c.applicant) == whose
    query = select(cases.c.number, cases.c.data[FORM.name].label("form")).where(
        mine, cases.c.state.in_(states), cases.c.id != step.case.id
    )
    return [(row.number, row.form) for row in step.tx.execute(query.order_by(cases.c.id))]


_HOLD = Statement(
    "applications_hold", "SELECT pg_advisory_xact_lock(hashtextextended('applications of ' || :holder, 0))"
)


def applied_for_already(
    form: Mapping[str, Any], others: Iterable[tuple[str, Mapping[str, Any]]], asked: Asked, field: str = "model"
) -> list[Violation]:
    """The lines of the form, called by their `field`, that ask for what one of the `others` asks for already."""
    taken = {one: number for number, other in others for line in asked(other) for one in line}
    return [
        Violation(
            f"lines.{place}.{field}",
            "applied_for_already",
            Text(
                f"{number}已申请{form['lines'][place][field]}，尚未办结，不得重复申请；可补正或者撤回该件",
                f"{number} is for {form['lines'][place][field]} already: supplement or withdraw that one",
            ),
        )
        for place, line in enumerate(asked(form))
        for number in [taken[one] for one in line if one in taken][:1]
    ]
