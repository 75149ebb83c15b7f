"""An application before it is submitted: a list of topics, one to a page, saved as one goes; then all in one view."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.exceptions import HTTPException

from services.portal.cases import show as show_case
from services.portal.client import Document, ProblemError
from services.portal.documents import documents_of
from services.portal.fields import faults_of
from services.portal.following import Following, about_permit, first
from services.portal.forms import Form
from services.portal.kinds import kinds_of
from services.portal.layouts import Section, sections
from services.portal.lists import mine_of
from services.portal.names import names_in
from services.portal.offers import SELF_ASSESSED, self_assessment
from services.portal.places import Place, asked_place, part, place_of
from services.portal.posting import FormPage, Sent
from services.portal.values import Reader
from services.portal.web import PROCEDURES, Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from services.portal.fields import Typed
    from services.portal.names import Names
    from services.portal.values import Apart

_APPLICANT = frozenset({Role.APPLICANT})
_CARRIED = frozenset(
    {
        *("applicant_name", "credit_code", "registered_site", "production_sites", "phone", "email", "fax"),
        *("responsible_person", "contact_person", "legal_representative", "quality_head", "metrology_head", "staff"),
    }
)
"""What a second application is begun with: who applies seldom changes."""
_GIVEN = frozenset({"credit_code"})
"""What the service writes into a new draft: a topic with nothing else was not begun."""
_SUBMIT = "submit"
_SERVICES = {"manufacture": "licensing"}
"""The service of a permit, where it is called otherwise."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, with the form that it is to fill."""

    place: Place
    case: Mapping[str, Any]
    etag: str
    form: Form
    schemas: Mapping[str, Any]
    filled: Mapping[str, Any] = field(default_factory=dict)
    """What the page of a topic shows beside what is stated: rows to be filled in."""

    @property
    def sections(self) -> tuple[Section, ...]:
        return sections(self.place.service, self.form.schema)


class Topic(NamedTuple):
    """One topic of a draft."""

    draft: Draft
    section: Section


@dataclass(frozen=True, slots=True)
class Task:
    """A topic on the list. `state`: done, wrong, empty, or optional where nothing has to be filled in."""

    section: Section
    state: str
    faults: int


class Beginning(NamedTuple):
    """What one may apply for, by the paths of the portal, and what was begun before."""

    procedures: dict[str, str]
    drafts: list[dict[str, Any]]
    discarded: list[dict[str, Any]]
    abolished: dict[str, Any]
    """The permits that there are no more, by their services."""
    written: set[str]
    """The services that write a first application themselves."""


async def _beginning(visit: Visit) -> Beginning:
    offered = {path: service for path, service in PROCEDURES.items() if service in visit.permits}
    drafts, discarded, told, written = await asyncio.gather(
        mine_of(visit, "draft"),
        mine_of(visit, "discarded"),
        part(visit, "notifications", "/v1/permits"),
        _written_by(visit, list(offered.values())),
    )
    gone = {one["procedure"]: one for one in (told or {}).get("permits", ()) if one["abolished"]}
    abolished = {_SERVICES.get(procedure, procedure): one for procedure, one in gone.items()}
    return Beginning(offered, drafts, discarded, abolished, written)


async def _apply(visit: Visit, beginning: Beginning, _: Sent | None) -> Response:
    """Which permit to apply for; drafts that are there already come first."""
    return visit.render("apply.html", **beginning._asdict())


async def _written_by(visit: Visit, services: Sequence[str]) -> set[str]:
    """The services that write a first application themselves; the page goes on without one that does not answer."""
    documents = await asyncio.gather(*(visit.api.document(service) for service in services), return_exceptions=True)
    return {
        service
        for service, document in zip(services, documents, strict=True)
        if isinstance(document, Document) and first(visit, document)
    }


async def _begin(visit: Visit, beginning: Beginning, sent: Sent) -> Response:
    """A new draft, filled with what the last application said of the applicant, or written by the service from the
    applicant's other permits."""
    if written := sent.told("written"):
        service = beginning.procedures.get(written, "")
        chosen = first(visit, await visit.api.document(service)) if service else None
        return await _begun(visit, service, chosen, sent)
    service = beginning.procedures.get(sent.told("procedure"), "")
    if not service:
        raise HTTPException(404)
    document, path = await visit.api.document(service), f"{visit.api.face}/applications"
    operation = document.find("POST", path)
    known = set(Form(operation.schema, operation.schemas).schema["properties"]) if operation else set()
    carried = {name: value for name, value in (await _carried(visit)).items() if name in known}
    return await _begun(visit, service, Following("", path, carried), sent)


async def _begun(visit: Visit, service: str, chosen: Following | None, sent: Sent) -> Response:
    if chosen is None:
        raise HTTPException(404)
    answer = await visit.api.post(service, chosen.path, dict(chosen.body), key=sent.key)
    # The service writes what it knows: of who holds nothing, nothing.
    bare = {"bare": "yes"} if chosen.name and not answer.body["form"].get("lines") else {}
    return visit.redirect(f"{place_of(visit, service, answer.body['id']).page}/draft", **bare)


async def _permit(visit: Visit) -> tuple[Place, Mapping[str, Any]]:
    place = asked_place(visit)
    return place, (await visit.api.get(place.service, place.path)).body


async def _case(visit: Visit, *_: Any) -> Response:
    return await show_case(visit)


async def _follow(visit: Visit, permit: tuple[Place, Mapping[str, Any]], sent: Sent) -> Response:
    """A draft about a permit, written by the service."""
    place, case = permit
    offered = about_permit(visit, await visit.api.document(place.service), case)
    chosen = next((one for one in offered if one.name == sent.told("what")), None)
    return await _begun(visit, place.service, chosen, sent)


async def _carried(visit: Visit) -> dict[str, Any]:
    """What the latest application says of who applies."""
    cases = await mine_of(visit)
    found: dict[str, Any] = {"credit_code": visit.acting or (visit.actor.organisation if visit.actor else "")}
    # The other permit's form has other people in it: the newest says most, an older one fills the gaps.
    for case in sorted(cases, key=lambda one: str(one["updated_at"]))[-4:]:
        form = case.get("form")
        if form is None:
            form = ((await part(visit, case["place"].service, case["place"].path)) or {}).get("form", {})
        found |= {name: value for name, value in form.items() if name in _CARRIED}
    return found


async def tasks(visit: Visit) -> Response:
    """The list of topics, with what is still missing in each."""
    draft = await get_draft(visit)
    (faults, warnings), papers = await asyncio.gather(_missing(visit, draft), documents_of(visit, draft.place))
    found = [_task(section, draft.case["form"], faults) for section in draft.sections]
    return visit.render(
        "draft.html",
        draft=draft,
        place=draft.place,
        tasks=found,
        papers=papers,
        ready=not faults,
        warnings=warnings,
        saved=visit.request.query_params.get("saved"),
        bare="bare" in visit.request.query_params,
    )


def _task(section: Section, form: Mapping[str, Any], faults: Sequence[Mapping[str, str]]) -> Task:
    wrong = sum(fault["name"].partition(".")[0] in section.fields for fault in faults)
    begun = any(name in form for name in section.fields - _GIVEN)
    state = ("wrong" if wrong else "done") if begun else "empty" if wrong else "optional"
    return Task(section, state, wrong)


async def _missing(visit: Visit, draft: Draft) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """What a submission would be refused for, and what it would have to confirm."""
    path = f"{draft.place.path}/actions/{_SUBMIT}"
    try:
        await visit.api.post(draft.place.service, path, {}, etag=draft.etag, dry_run=True)
    except ProblemError as error:
        if error.code == "invalid":
            # Of a form in a command the faults are told with or without its name before them.
            return [{**one, "name": one["name"].removeprefix("form.")} for one in error.faults], []
        if error.code == "confirmation_needed":
            return [], error.faults
        raise
    return [], []


async def _section(visit: Visit, topic: Topic, sent: Sent | None) -> Response:
    """One topic; who was overtaken sees both versions."""
    draft, chosen = topic
    typed: Typed
    faults = visit.faults
    if sent is None:
        typed = draft.form.typed({**draft.case["form"], **draft.filled})
        missing, _ = await _missing(visit, draft) if "check" in visit.request.query_params else ([], [])
        faults = [fault for fault in missing if fault["name"].partition(".")[0] in chosen.fields]
    else:
        typed = sent.reshaped(draft.form.fields(sent.typed, without=_all_but(draft, chosen)))
    faults = draft.form.placed(typed, faults)
    fields = draft.form.fields(typed, faults, without=_all_but(draft, chosen))
    apart: Sequence[Apart] = ()
    if visit.overtaken:
        theirs = draft.case["form"]
        mine = {**theirs, **_body(topic, typed)}
        apart = _reader(visit, draft).compared(draft.form.schema, theirs, mine, chosen.fields)
    return visit.render(
        "section.html",
        draft=draft,
        section=chosen,
        place_in_order=draft.sections.index(chosen) + 1,
        fields_=fields,
        errors=faults_of(fields, faults),
        apart=apart,
        etag=(sent and sent.version) or draft.etag,
    )


async def _save(visit: Visit, topic: Topic, sent: Sent) -> Response:
    """Save one topic; the others stay as they are."""
    draft, chosen = topic
    place = draft.place
    body, etag = _body(topic, sent.typed), sent.version or draft.etag
    await visit.api.put(place.service, place.path, body, etag=etag, key=sent.key)
    if sent.step == "next" and _kind_chosen(draft, sent.typed):
        return visit.redirect(f"{place.page}/draft/{chosen.id}")
    following = draft.sections[draft.sections.index(chosen) + 1 :]
    if sent.step == "next" and following:
        return visit.redirect(f"{place.page}/draft/{following[0].id}")
    return visit.redirect(f"{place.page}/draft", saved=chosen.id)


def _kind_chosen(draft: Draft, typed: Mapping[str, Sequence[str]]) -> bool:
    """Whether the kind of a line was chosen only now: it has characteristics that the page did not ask for yet."""
    before = draft.form.typed(draft.case["form"])
    named = (name for name in typed if name.endswith(".category") and typed[name] != [""])
    return any(typed[name] != before.get(name, [""]) for name in named)


def _body(topic: Topic, typed: Typed) -> dict[str, Any]:
    """The whole application with what was typed into the topic."""
    draft, chosen = topic
    others = {name: value for name, value in draft.case["form"].items() if name not in chosen.fields}
    body = {**others, **draft.form.read(typed, without=_all_but(draft, chosen))}
    if "category" in chosen.fields and "lines" in body and body.get("category") != draft.case["form"].get("category"):
        # Another kind of instrument has other characteristics.
        another = draft.form.about(str(body.get("category", "")))
        body |= another.read(another.typed({"lines": body["lines"]}))
    return body


async def check(visit: Visit) -> Response:
    """All answers in one view, before they are submitted."""
    draft = await get_draft(visit)
    (faults, warnings), papers, names = await asyncio.gather(
        _missing(visit, draft), documents_of(visit, draft.place), names_in(visit, draft.place, draft.case)
    )
    reader = _reader(visit, draft, names)
    shown = [
        (one, reader.shown(draft.form.schema, draft.case["form"], one.fields), _task(one, draft.case["form"], faults))
        for one in draft.sections
    ]
    return visit.render(
        "check_answers.html", draft=draft, shown=shown, ready=not faults, warnings=warnings, papers=papers
    )


def _reader(visit: Visit, draft: Draft, names: Mapping[str, Names] | None = None) -> Reader:
    yes, no, kinds = visit.t("page.yes"), visit.t("page.no"), draft.form.kinds
    return Reader(draft.schemas, visit.language, yes, no, kinds=kinds, names=names)


async def get_draft(visit: Visit) -> Draft:
    """The draft that the address names. Raises HTTPException where it is none any more."""
    place = asked_place(visit)
    answer, document, kinds = await asyncio.gather(
        visit.api.get(place.service, place.path), visit.api.document(place.service), kinds_of(visit)
    )
    operation = document.find("PUT", place.path)
    if answer.body["state"] != "draft" or operation is None:
        raise HTTPException(404)
    schemas, kinds = operation.schemas, replace(kinds, category=str(answer.body["form"].get("category", "")))
    # The fields that are required are those of the whole form, not of a draft's.
    schema = schemas.get(f"{place.service}_Form", operation.schema)
    return Draft(place, answer.body, answer.etag, Form(schema, schemas, kinds), schemas)


async def _topic(visit: Visit) -> Topic:
    """The draft, and the topic of it that the address names. Raises HTTPException where there is none."""
    draft, wanted = await get_draft(visit), visit.request.path_params["section"]
    found = next((one for one in draft.sections if one.id == wanted), None)
    if found is None:
        raise HTTPException(404)
    if SELF_ASSESSED in found.fields:
        offer = await self_assessment(visit, draft.place, draft.case["form"].get(SELF_ASSESSED, ()))
        form = Form(draft.form.schema, draft.schemas, draft.form.kinds, offer.choices, offer.given)
        draft = replace(draft, form=form, filled=offer.filled)
    return Topic(draft, found)


def _all_but(draft: Draft, chosen: Section) -> frozenset[str]:
    return frozenset(draft.form.schema.get("properties", {})) - chosen.fields


PAGES = (
    *FormPage(_beginning, _apply, _begin).pages("/my/apply", Role.APPLICANT),
    FormPage(_permit, _case, _follow).posts(
        "/my/{procedure}/{ref}/following", Role.APPLICANT, form="/my/{procedure}/{ref}"
    ),
    Page("/my/{procedure}/{ref}/draft", tasks, _APPLICANT),
    Page("/my/{procedure}/{ref}/draft/check", check, _APPLICANT),
    *FormPage(_topic, _section, _save, "draft.overtaken").pages(
        "/my/{procedure}/{ref}/draft/{section}", Role.APPLICANT
    ),
)
