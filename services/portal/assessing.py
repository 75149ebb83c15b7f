"""What the forms of an on-site assessment choose from: who is in the team, and the clauses of the checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.portal.cases import part
from services.portal.fields import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.portal.cases import Place
    from services.portal.web import Visit

REPORT, REINSTATE = "report_assessment", "reinstate_assessor"


async def offered(
    visit: Visit, place: Place, case: Mapping[str, Any], action: str
) -> tuple[dict[str, Sequence[Choice]], dict[str, Any]]:
    """By the name of a field, what it is chosen from; and what the form has from the start."""
    team = [(one["code"], one["name"]) for one in case.get("assessment_plan", {}).get("team", ()) if "code" in one]
    if action == REINSTATE:
        left = dict.fromkeys(one["aside"] for one in case["draw"]["changes"] if "aside" in one)
        team = [(code, "") for code in left if code not in dict(team)]
    assessors = [Choice(code, f"{code} {name}", f"{code} {name}") for code, name in team]
    named: dict[str, Sequence[Choice]] = {"assessor": assessors}
    if action != REPORT:
        return named, {}
    told = await part(visit, place.service, f"{place.path}/checklist")
    clauses = (told or {}).get("items", ())
    codes = [Choice(one["code"], f"{one['code']} {one['zh']}", f"{one['code']} {one['en']}") for one in clauses]
    return {**named, "clause": codes}, {"findings": [{"clause": one.value} for one in codes]} if codes else {}
