"""What the forms of some actions choose from, and what they have from the start: who is in the team of an assessment,
the clauses of its checklist, the technical documents of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.portal.cases import part
from services.portal.fields import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.portal.cases import Place
    from services.portal.web import Visit

Offered = tuple[dict[str, "Sequence[Choice]"], dict[str, Any]]
"""By the name of a field, what it is chosen from; and what the form has from the start."""

REPORT, REINSTATE = "report_assessment", "reinstate_assessor"
REVIEW, REVIEW_AGAIN = "review_documents", "change_document_review"


async def offered(visit: Visit, place: Place, case: Mapping[str, Any], action: str) -> Offered:
    if action in {REVIEW, REVIEW_AGAIN}:
        return await _documents(visit, place, case, action)
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


async def _documents(visit: Visit, place: Place, case: Mapping[str, Any], action: str) -> Offered:
    """The documents of the case: those without a verdict for a review, those with one to change it."""
    told = await part(visit, place.service, f"{place.path}/documents")
    done = {one["document"] for one in case.get("document_reviews", ())}
    kinds = [
        Choice(one["kind"], one["zh"], one["en"])
        for one in (told or {}).get("kinds", ())
        if (one["kind"] in done) is (action == REVIEW_AGAIN)
    ]
    if not kinds:
        return {}, {}
    begun = [{"document": one.value} for one in kinds] if action == REVIEW else []
    return {"document": kinds}, {"documents": begun} if begun else {}
