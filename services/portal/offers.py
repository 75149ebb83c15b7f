"""What the forms of some actions choose from, and what they have from the start: who is in the team of an assessment,
the clauses of its checklist, the documents of a case, the items that a report must account for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from services.portal.case_documents import Papers
from services.portal.colleagues import ASSIGN, colleagues
from services.portal.fields import Choice
from services.portal.forms import attached
from services.portal.labels import capital, item_words
from services.portal.names import beside, checklist, experts_of
from services.portal.places import part
from services.portal.referring import names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.portal.client import Operation
    from services.portal.names import Names
    from services.portal.places import Place
    from services.portal.web import Visit


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form chooses from, by the name of the field; what it has from the start; and of its lists those that have
    a row for each thing there is, with the field that names it."""

    choices: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    filled: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    """What the colleagues are called that one chooses from."""
    attaches: bool = False
    """Whether it names documents of the case, which can be uploaded first."""


ARRANGE = frozenset({"arrange", "rearrange"})
NONCONFORMITY = "find_nonconformity"
REPORT, RECORD, REINSTATE = "report_assessment", "record_findings", "reinstate_assessor"
ATTACHING = frozenset({REPORT, RECORD, "verify_rectification", "report_rectification"})
"""The actions that name documents of the case."""
SELF_ASSESSED = "self_assessed"
DRAFT_REPORT = "draft_report"
REVIEW, REVIEW_AGAIN = "review_documents", "change_document_review"


_FILES = {"photos": "custody_photo", "raw_files": "raw_data", "report_files": "conformity_record"}
"""Fields of a laboratory's forms that name documents of the case, with the kind of those."""


async def offered(visit: Visit, place: Place, case: Mapping[str, Any], action: str, operation: Operation) -> Offer:
    if action == ASSIGN:
        known = (await colleagues(visit)).names
        chosen = [Choice(one, name, name) for one, name in known.items()]
        return Offer({"subject": chosen} if known else {}, people=known)
    if action in ARRANGE or action in {NONCONFORMITY, DRAFT_REPORT}:
        return await _tests(visit, place, action)
    if action in {REVIEW, REVIEW_AGAIN}:
        return await _documents(visit, place, case, action)
    if action in ATTACHING:
        return await _attaching(visit, place, case, action)
    if _FILES.keys() & (asked := {*names(operation.schema, operation.schemas)}):
        return Offer({**await files_of(visit, place), **(_models(case) if "model" in asked else {})}, attaches=True)
    return _left(case, await experts_of(visit, case)) if action == REINSTATE else _team(case)


def _left(case: Mapping[str, Any], experts: Names) -> Offer:
    """Whoever was put aside and is not in the team again."""
    seated = {one.value for one in _team(case).choices["assessor"]}
    left = dict.fromkeys(one["aside"] for one in case["draw"]["changes"] if "aside" in one)
    named = {code: experts.get(code, {"zh": code, "en": code}) for code in left if code not in seated}
    return Offer({"assessor": _choices(named)})


def _team(case: Mapping[str, Any]) -> Offer:
    """Whoever is in the team of the assessment."""
    team = (one for one in case.get("assessment_plan", {}).get("team", ()) if "code" in one)
    return Offer({"assessor": _choices({one["code"]: beside(one["name"], one["code"]) for one in team})})


async def _attaching(visit: Visit, place: Place, case: Mapping[str, Any], action: str) -> Offer:
    """The newest version of each document of the case that is whole; of findings the clauses too; of a report those
    that no expert has recorded, and the team."""
    told = await part(visit, place.service, f"{place.path}/documents")
    papers = Papers(told).current if told else []
    documents = [_document(one) for one in papers if one.get("scan") != "infected"]
    offer = Offer({"documents": documents}, attaches=True)
    if action not in {REPORT, RECORD}:
        return offer
    clauses = _choices(await checklist(visit, place))
    if action == RECORD:
        return replace(offer, choices={**offer.choices, "clause": clauses})
    recorded = {one["clause"] for one in case.get("recorded_findings", ())}
    given = _one_each("findings", "clause", [one for one in clauses if one.value not in recorded])
    return replace(given, choices={**given.choices, **_team(case).choices, **offer.choices}, attaches=True)


async def files_of(visit: Visit, place: Place) -> dict[str, list[Choice]]:
    """The laboratory's own documents that are whole, by the fields that name them."""
    told = await part(visit, place.service, f"{place.path}/documents")
    whole = [one for one in (Papers(told).current if told else []) if one.get("scan") != "infected"]
    return {
        name: [
            Choice(attached(one["id"], one["sha256"]), one["name"], one["name"]) for one in whole if one["kind"] == kind
        ]
        for name, kind in _FILES.items()
    }


def _models(case: Mapping[str, Any]) -> dict[str, list[Choice]]:
    """Prototypes are of a model that was applied for."""
    models = dict.fromkeys(one["model"] for one in case.get("form", {}).get("lines", ()))
    return {"model": [Choice(model, model, model) for model in models]}


def _document(one: Mapping[str, Any]) -> Choice:
    kind, name = one["kind_name"], one["name"]
    return Choice(one["id"], f"{name}（{kind['zh']}）", f"{name} ({kind['en']})")


async def self_assessment(visit: Visit, place: Place, stated: Sequence[Mapping[str, Any]]) -> Offer:
    """A row for each clause on which the applicant reports; what is `stated` already stays in its order."""
    clauses = _choices(await checklist(visit, place))
    offer = _one_each(SELF_ASSESSED, "clause", clauses)
    rows, known = list(stated), {row.get("clause") for row in stated}
    for number, one in enumerate(clauses):
        if one.value not in known:
            rows.insert(number, {"clause": one.value})
    return replace(offer, filled={SELF_ASSESSED: rows})


def _choices(named: Names) -> list[Choice]:
    return [Choice(code, one["zh"], one["en"]) for code, one in named.items()]


async def _tests(visit: Visit, place: Place, action: str) -> Offer:
    """The test items of the case; for a nonconformity those that are wanted, and the prototypes; for a report those
    that it must account for."""
    told = await part(visit, place.service, f"{place.path}/tests") or {}
    if action == DRAFT_REPORT:
        return _one_each("left_out", "item", [_item(one) for one in told.get("items", ()) if one["unexamined"]])
    items = [one for one in told.get("items", ()) if one["wanted"] or action in ARRANGE]
    choices = [_item(one) for one in items]
    if action in ARRANGE:
        return Offer({"items": choices})
    serials = dict.fromkeys(on["serial"] for one in items for on in one["prototypes"])
    return Offer({"item": choices, "serial": [Choice(serial, serial, serial) for serial in serials]})


def _item(item: Mapping[str, Any]) -> Choice:
    words, clause = item_words(item), item["clause"]
    label = words.label
    return Choice(item["id"], f"{label['zh']}（{clause}）", f"{label['en']} ({clause})", hint=words.hint)


async def _documents(visit: Visit, place: Place, case: Mapping[str, Any], action: str) -> Offer:
    """The documents of the case: those without a verdict for a review, also where it is on an earlier version; those
    with one to change it."""
    told, again = await part(visit, place.service, f"{place.path}/documents"), action == REVIEW_AGAIN
    papers = Papers(told) if told else None
    done = {
        one["document"]
        for one in case.get("document_reviews", ())
        if again or papers is None or _is_of(one, papers.of(one["document"]))
    }
    kinds = [
        Choice(one["kind"], one["zh"], capital(one["en"]))
        for one in (told or {}).get("kinds", ())
        if one["sender"] == "applicant" and (one["kind"] in done) is again
    ]
    return _one_each("documents", "document", kinds)


def _is_of(verdict: Mapping[str, Any], versions: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the verdict is on these versions; of what came on paper there are none."""
    return "versions" not in verdict or sorted(verdict["versions"]) == sorted(one["sha256"] for one in versions)


def _one_each(rows: str, name: str, things: Sequence[Choice]) -> Offer:
    """A row for each of them; rows as usual while they are not known."""
    if not things:
        return Offer()
    return Offer({name: things}, {rows: [{name: one.value} for one in things]}, {rows: name})
