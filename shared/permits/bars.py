"""Who may not apply for the same permit again for a time, having deceived the authority (Administrative Licensing Law
Art. 78 and 79)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from shared.identity.uscc import party
from shared.law import add_months
from shared.problems import Text, Violation
from shared.schemas import choice
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from marshmallow import fields

    from shared.casework.procedure import Step

FALSE_MATERIALS, DECEIT = "FALSE_MATERIALS", "DECEIT"


def ground(name: str, zh: str, en: str) -> fields.String:
    """The field in which a decision says that it bars. The law bars only where safety, health or property is touched:
    whoever decides says so with it."""
    described = (
        f"{zh}，且直接关系公共安全、人身健康、生命财产安全 {en}, and public safety, health or property is touched"
    )
    return choice(name, required=False, metadata={"description": described, "example": None})


def bar(step: Step) -> dict[str, Any]:
    """What the case keeps of a bar, if the decision says that it bars."""
    if "bar" not in step.body:
        return {}
    row = step.rules.bar(step.body["bar"], step.today)
    told = {"ground": row.id, "zh": row.zh, "en": row.en, "basis": row.basis, "basis_zh": row.basis_zh}
    return {"bar": {**told, "until": add_months(step.today, row.months).isoformat()}}


def told(kept: Mapping[str, Any]) -> dict[str, str]:
    """What an event tells of a bar, by what the case keeps of it."""
    return {"barred_until": kept["bar"]["until"]} if "bar" in kept else {}


def barred(step: Step) -> Sequence[Violation]:
    """The bars that keep the applicant from applying on the day of the step."""
    return [
        Violation(
            "credit_code",
            "barred",
            Text(
                f"{found['zh']}（{number}，{found['basis_zh']}），至{found['until']}",
                f"{found['en']}, until {found['until']} ({number}, {found['basis']})",
            ),
        )
        for number, found in _BARS(step.tx, party=party(step.case.applicant))
        if step.today <= date.fromisoformat(found["until"])
    ]


_BARS = Statement(
    "case_bars", "SELECT number, data -> 'bar' FROM cases WHERE party(applicant) = :party AND data ? 'bar' ORDER BY id"
)
