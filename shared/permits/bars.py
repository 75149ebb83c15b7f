"""Who may not apply for the same permit again for a time, having deceived the authority (Administrative Licensing Law
Art. 78 and 79)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.casework.procedure import Effect, Informed
from shared.identity.uscc import party
from shared.labels import labelled
from shared.law import add_months
from shared.permits.facts import BAR, Bar
from shared.problems import Violation
from shared.schemas import choice
from shared.sql import Statement
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from marshmallow import fields

    from shared.casework.procedure import ConnectedStep, Guard, Step

FALSE_MATERIALS, DECEIT = "FALSE_MATERIALS", "DECEIT"


def ground(name: str, zh: str, en: str) -> fields.String:
    """The field in which a decision says that it bars. The law bars only where safety, health or property is touched:
    whoever decides says so with it."""
    meant = Text(
        f"{zh}，且直接关系公共安全、人身健康、生命财产安全", f"{en}, and public safety, health or property is touched"
    )
    return choice(name, required=False, metadata=labelled("限制再次申请", "bar", choices={name: meant}, example=None))


def bar(step: Step) -> Effect:
    """What the case keeps and the event tells of a bar, if the decision says that it bars."""
    if "bar" not in step.body:
        return Effect()
    row = step.rules.bar(step.body["bar"], step.today)
    until = add_months(step.today, row.months)
    kept = Bar(ground=row.id, zh=row.told.zh, en=row.told.en, basis=row.basis.en, basis_zh=row.basis.zh, until=until)
    return Effect(data=BAR.set(kept), event={"barred_until": until.isoformat()})


def bars_of(step: ConnectedStep) -> list[tuple[str, Bar]]:
    """Every bar of the applicant, with the number of the application on which it was decided."""
    return [(number, BAR.read(stored)) for number, stored in _BARS(step.tx, party=party(step.case.applicant))]


def barred(step: Step, known: Iterable[tuple[str, Bar]]) -> Sequence[Violation]:
    """Those of the bars that keep the applicant from applying on the day of the step."""
    return [
        Violation(
            "credit_code",
            "barred",
            Text(
                f"{found.zh}（{number}，{found.basis_zh}），至{found.until}",
                f"{found.en}, until {found.until} ({number}, {found.basis})",
            ),
        )
        for number, found in known
        if step.today <= found.until
    ]


def not_barred(unless: Callable[[Step], bool] = lambda _step: False) -> Guard:
    """The guard of an application that no bar keeps its applicant from, `unless` it is none of those that a bar is
    about."""
    return Informed(lambda step: [] if unless(step) else bars_of(step), barred)


_BARS = Statement(
    "case_bars", "SELECT number, data -> 'bar' FROM cases WHERE party(applicant) = :party AND data ? 'bar' ORDER BY id"
)
