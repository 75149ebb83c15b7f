"""Doing something to a case: what may be done comes from `next_actions`, the form from the OpenAPI document.

Two steps: fill in, then see what it would do and confirm. What was typed comes back whatever happens, and sending a
form twice does one thing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from services.portal import texts
from services.portal.account import keep_form
from services.portal.cases import ACTING, applicant_name
from services.portal.client import ProblemError
from services.portal.evidence import missing
from services.portal.fields import Field, faults_of
from services.portal.forms import ENVELOPE, Form
from services.portal.kinds import kinds_of
from services.portal.offers import offered
from services.portal.places import Place, asked_place, part, place_of
from services.portal.posting import FormPage, Sent
from services.portal.values import Reader
from services.portal.web import HOMES, Visit, attached
from shared.identity import Role
from shared.identity.uscc import party

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from services.portal.client import Answer, Operation
    from services.portal.fields import Typed
    from services.portal.values import Apart

CHOOSING = frozenset({"commission", "name_laboratory"})
"""The actions that choose among laboratories."""
_SUPPLEMENT = "supplement"
_AFTER = ("served_on", "receipt", "received_by", "reason")
"""Fields of many actions that are about its notice and its entry in the journal: they come last, in this order."""
_BARS = frozenset({"four_eyes", "conflict_of_interest"})
"""Why somebody with the right post may not do it on this case."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that somebody is about to do to a case."""

    place: Place
    case: Mapping[str, Any]
    etag: str
    action: Mapping[str, Any]
    operation: Operation
    form: Form
    typed: Typed = field(default_factory=dict)
    candidates: Sequence[Mapping[str, Any]] = ()
    """Of the choice of one: the laboratories there are, with the reasons for and against each."""
    people: Mapping[str, str] = field(default_factory=dict)
    """What the colleagues are called from whom one chooses."""
    attaches: bool = False
    """Whether it names documents of the case, which can be uploaded first."""
    asked: Sequence[str] = ()
    """What the applicant was asked for, of its answer."""
    limits: Sequence[Mapping[str, Any]] = ()
    """Of that answer: the limits in which it is to be given."""

    def sent(self, sent: Sent) -> Doing:
        """As it was sent: on the version of the case that the form was for."""
        return replace(self, typed=sent.typed, etag=sent.version or self.etag)

    @property
    def page(self) -> str:
        return f"{self.place.page}/actions/{self.action['action']}"

    @property
    def asks(self) -> bool:
        """Whether there is anything to fill in."""
        own = set(self.form.schema.get("properties", {})) - ENVELOPE - {"reason"}
        return bool(own) or bool(self.action["needs_reason"])

    def fields(self, faults: Sequence[Mapping[str, str]] = ()) -> tuple[Field, ...]:
        if not self.asks:
            return ()
        # A laboratory that is chosen is called as the register calls it.
        found = self.form.fields(self.typed, faults, without=ENVELOPE | ({"lab_name"} if self.candidates else set()))
        # What is only registered about the notice comes after what is decided.
        return tuple(self._drawn(one) for one in sorted(found, key=_last))

    def _drawn(self, one: Field) -> Field:
        if one.name == "reason":
            return replace(one, required=bool(self.action["needs_reason"]))
        if one.name == "to" and self.people:
            return replace(one, children=tuple(child for child in one.children if child.name != "to.name"))
        return one


def _last(one: Field) -> int:
    return _AFTER.index(one.name) + 1 if one.name in _AFTER else 0


async def _page(visit: Visit, doing: Doing | None, sent: Sent | None) -> Response:
    """The form of an action; of one that asks for nothing, what it would do."""
    if doing is None:
        return await _gone(visit)
    if sent:
        doing = doing.sent(sent)
        doing = replace(doing, typed=sent.reshaped(doing.fields()))
    if visit.trouble and visit.trouble.code == "confirmation_needed":
        shown: dict[str, Any] = {"confirmed": sent.confirmed if sent else (), "warnings": visit.faults}
        return visit.render("warnings.html", doing=doing, **shown)
    if visit.trouble or doing.asks:
        return await _form(visit, doing, sent)
    return await _previewed(visit, doing, [])


async def _act(visit: Visit, doing: Doing | None, sent: Sent) -> Response:
    """What was sent: back to the form, on to the preview, or done."""
    if doing is None:
        # Done already, by this very form or by somebody else: the case tells.
        return await _done_already(visit, sent) or await _gone(visit)
    doing = doing.sent(sent)
    match sent.step:
        case "attach":
            return visit.redirect(f"{doing.place.page}/documents", back=await keep_form(visit, doing.typed))
        case "edit":
            return await _form(visit, doing, sent)
        case "do":
            return await _do(visit, doing, sent)
    sample = sent.told("_sample")
    return await (_sample(visit, doing, sent, sample) if sample else _previewed(visit, doing, sent.confirmed))


async def _do(visit: Visit, doing: Doing, sent: Sent) -> Response:
    """Do it, once: a form sent again has the same key."""
    body = _body(doing, sent.confirmed)
    answer = await visit.api.post(doing.place.service, doing.action["href"], body, etag=doing.etag, key=sent.key)
    return _led(visit, doing, answer)


async def _done_already(visit: Visit, sent: Sent) -> Response | None:
    """Where this very form has led to, for a second click: the service answers the same key alike. None if it was not
    this form that did it."""
    doing = await _doing(visit, again=True) if sent.step == "do" else None
    if doing is None:
        return None
    try:
        return await _do(visit, doing.sent(sent), sent)
    except ProblemError:
        return None


def _led(visit: Visit, doing: Doing, answer: Answer) -> Response:
    """The case, with what was done; or the start page for who sees nothing of the case any more."""
    if _is_out_of_sight(visit, answer.body):
        return visit.redirect(visit.home, done=doing.action["action"])
    # A draft is called by its id until it has a number.
    place = place_of(visit, doing.place.service, answer.body.get("number") or doing.place.ref)
    return visit.redirect(place.page, done=doing.action["action"])


def _is_out_of_sight(visit: Visit, case: Mapping[str, Any]) -> bool:
    """Whether who did it sees nothing of the case any more: declined a commission, stood aside, or handed
    the case over."""
    if visit.side is Role.LAB:
        return not {"lab", "checker"} & case.keys()
    if visit.side is Role.EXPERT:
        team = case["assessment_plan"]["team"]
        return visit.actor is not None and visit.actor.party not in {party(one.get("code", "")) for one in team}
    own = visit.actor is None or visit.actor.sees_every_office or case["office"]["id"] == visit.actor.office
    return visit.side is Role.STAFF and not own


async def _doing(visit: Visit, *, again: bool = False) -> Doing | None:
    """The action that the address names, on the case as it is now; None if it cannot be done now, unless it is only to
    be asked for again."""
    place, wanted = asked_place(visit), visit.request.path_params["action"]
    answer, document, kinds = await asyncio.gather(
        visit.api.get(place.service, place.path), visit.api.document(place.service), kinds_of(visit)
    )
    action = next((one for one in answer.body["next_actions"] if one["action"] == wanted), None)
    if action is None and again:
        action = {"action": wanted, "href": f"{place.path}/actions/{wanted}", "needs_reason": False}
    operation = document.find("POST", action["href"]) if action else None
    if action is None or operation is None:
        return None
    kinds = replace(kinds, category=str(answer.body.get("form", {}).get("category", "")))
    offer = await offered(visit, place, answer.body, wanted, operation)
    form = Form(operation.schema, operation.schemas, kinds, offer.choices, offer.given)
    filled = offer.filled
    if "form" in form.schema.get("properties", {}):
        filled = {"form": answer.body["form"]}
    more: dict[str, Any] = {"people": offer.people, "attaches": offer.attaches}
    doing = Doing(place, answer.body, answer.etag, action, operation, form, form.typed(filled), **more)
    if wanted == _SUPPLEMENT:
        return replace(doing, asked=missing(doing.case, None, None).asked, limits=await _limits(visit, place))
    if wanted not in CHOOSING:
        return doing
    told = await part(visit, place.service, f"{place.path}/laboratories")
    return replace(doing, candidates=(told or {}).get("items", ()))


async def _limits(visit: Visit, place: Place) -> list[Mapping[str, Any]]:
    """The limits of the case in which the applicant has to act, with the day by which."""
    told = await part(visit, "notifications", f"{visit.api.face}/cases/{quote(place.ref, safe='')}/clocks")
    clocks = (told or {}).get("items", ())
    return [one for one in clocks if one["state"] in ACTING and one["holder"] == "applicant" and "due_on" in one]


async def _gone(visit: Visit) -> Response:
    """Why it cannot be done: by whom it must be instead, or what was done meanwhile."""
    place = asked_place(visit)
    answer, journal, why = await asyncio.gather(
        visit.api.get(place.service, place.path), _latest(visit, place), _barred(visit, place)
    )
    status = why.status if why else 409
    return visit.render("action_gone.html", status, place=place, case=answer.body, journal=journal, why=why)


async def _barred(visit: Visit, place: Place) -> ProblemError | None:
    """What bars the reader from the action, whom the service would let do it otherwise."""
    path = f"{place.path}/actions/{quote(visit.request.path_params['action'], safe='')}"
    try:
        await visit.api.post(place.service, path, {}, etag="*", dry_run=True)
    except ProblemError as error:
        return error if error.code in _BARS else None
    return None


def _body(doing: Doing, confirmed: Sequence[str]) -> dict[str, Any]:
    body = doing.form.read(doing.typed)
    if name := doing.people.get(body.get("to", {}).get("subject", "")):
        body["to"]["name"] = name
    return {**body, "confirmed": [*confirmed]} if confirmed else body


async def _previewed(visit: Visit, doing: Doing, confirmed: Sequence[str]) -> Response:
    """What it would do, and the button that does it."""
    body = _body(doing, confirmed)
    answer = await visit.api.post(doing.place.service, doing.action["href"], body, etag=doing.etag, dry_run=True)
    note = f"note.{doing.action['action']}"
    return visit.render(
        "preview.html",
        doing=doing,
        confirmed=confirmed,
        outcome=answer.body,
        name=applicant_name,
        note=note if texts.has(note) else "",
    )


async def _sample(visit: Visit, doing: Doing, sent: Sent, place: str) -> Response:
    """One of the documents that it would have made, as a sample."""
    path = f"{doing.place.path}/samples/{doing.action['action']}?{urlencode({'document': place})}"
    answer = await visit.api.post(doing.place.service, path, _body(doing, sent.confirmed))
    return attached(answer.raw, "application/pdf", f"sample-{doing.action['action']}-{place}.pdf")


async def _latest(visit: Visit, place: Place) -> list[Mapping[str, Any]]:
    """What was done to the case last."""
    journal = await part(visit, place.service, f"{place.path}/journal")
    return list(reversed((journal or {}).get("items", [])))[:3]


def _apart(visit: Visit, doing: Doing) -> list[Apart]:
    """Where the application as it is now differs from what was typed, of an action that changes it."""
    if "form" not in doing.form.schema.get("properties", {}):
        return []
    theirs, mine = doing.case["form"], doing.form.read(doing.typed).get("form", {})
    yes, no = visit.t("page.yes"), visit.t("page.no")
    reader = Reader(doing.operation.schemas, visit.language, yes, no, kinds=doing.form.kinds)
    return reader.compared(doing.form.schema["properties"]["form"], theirs, mine, {*theirs, *mine})


async def _form(visit: Visit, doing: Doing, sent: Sent | None) -> Response:
    """What is to be filled in. What may have been done already is sent as it was; who was overtaken sees by what."""
    trouble = visit.trouble
    faults = doing.form.placed(doing.typed, visit.faults)
    fields = doing.fields(faults)
    again = trouble is not None and trouble.uncertain and sent is not None and sent.step == "do"
    return visit.render(
        "action.html",
        doing=doing,
        fields_=fields,
        errors=faults_of(fields, faults),
        journal=await _latest(visit, doing.place) if visit.overtaken else (),
        apart=_apart(visit, doing) if visit.overtaken else (),
        confirmed=sent.confirmed if sent and again else (),
        name=applicant_name,
        step="do" if again else "preview",
    )


_FORM = FormPage(_doing, _page, _act)
PAGES = tuple(
    page
    for side, home in HOMES.items()
    for page in _FORM.pages(f"{home}/{{procedure}}/{{ref}}/actions/{{action}}", side)
)
