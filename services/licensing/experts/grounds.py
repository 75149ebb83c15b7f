"""Why an expert is not drawn into the team of a case. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from shared.identity.uscc import party
from shared.law import add_months
from shared.text import comparable, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.law import RuleSet


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is to be assessed, and when: the applicant, the kinds of instruments, the first and the last day, and
    whoever has stood aside."""

    applicant: str
    name: str
    kinds: frozenset[str]
    first: date
    last: date
    aside: frozenset[str] = frozenset()


def grounds(
    content: Mapping[str, Any], about: Assessment, running: int, law: RuleSet, today: date
) -> list[dict[str, str]]:
    """Each ground that stands against the expert as the register has them, in words; `running` is how many other
    assessments they have."""
    interests = _interests(content, about)
    found = {
        "employer": _employed(content, about),
        "interest": any(kind != "advised" for kind, _ in interests),
        "advised": any(kind == "advised" and _recent(last, about, law, today) for kind, last in interests),
        "certificate": not _within(content, "valid", about),
        "term": not _within(content, "term", about),
        "field": not about.kinds <= {comparable(kind) for kind in content["kinds"]},
        "workload": running >= content["capacity"],
        "stood_aside": comparable(content["code"]) in about.aside,
    }
    return [ground(cause, law, today) for cause, stands in found.items() if stands]


def ground(cause: str, law: RuleSet, today: date) -> dict[str, str]:
    """A ground in words."""
    row = law.exclusion(cause, today)
    return {"cause": row.id, **row.told._asdict()}


def _employed(content: Mapping[str, Any], about: Assessment) -> bool:
    code = content.get("employer_code")
    return bool(code and party(code) == party(about.applicant)) or same(content["employer"], about.name)


def _interests(content: Mapping[str, Any], about: Assessment) -> list[tuple[str, str | None]]:
    return [
        (one["kind"], one.get("last_on"))
        for one in content.get("interests", ())
        if party(one["code"]) == party(about.applicant)
    ]


def _recent(last: str | None, about: Assessment, law: RuleSet, today: date) -> bool:
    months = law.exclusion("advised", today).months
    return last is None or months is None or about.first <= add_months(date.fromisoformat(last), months)


def _within(content: Mapping[str, Any], name: str, about: Assessment) -> bool:
    first, last = (content.get(f"{name}_{end}") for end in ("from", "until"))
    begun = first is None or date.fromisoformat(first) <= about.first
    return begun and (last is None or about.last <= date.fromisoformat(last))
