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
from services.portal.account import keep_form, kept_form
from services.portal.cases import ACTING, Place, applicant_name, asked_place, part, place_of
from services.portal.client import ProblemError, UnavailableError
from services.portal.evidence import missing
from services.portal.fields import Field, faults_of
from services.portal.forms import ENVELOPE, Form
from services.portal.kinds import kinds_of
from services.portal.offers import offered
from services.portal.rows import reshaped
from services.portal.values import Reader
from services.portal.web import HOMES, Page, Visit, attached
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import FormData
    from starlette.responses import Response

    from services.portal.client import Answer, Operation
    from services.portal.fields import Typed
    from services.portal.values import Apart

MAX_FIELDS = 10_000
COMMISSION = "commission"
_SUPPLEMENT = "supplement"
_AGAIN = frozenset({"in_progress", "rate_limited"})
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
    """Of a commission: the laboratories there are, with the reasons for and against each."""
    people: Mapping[str, str] = field(default_factory=dict)
    """What the colleagues are called from whom one chooses."""
    attaches: bool = False
    """Whether it names documents of the case, which can be uploaded first."""
    asked: Sequence[str] = ()
    """What the applicant was asked for, of its answer."""
    limits: Sequence[Mapping[str, Any]] = ()
    """Of that answer: the limits in which it is to be given."""

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
        return tuple(self._drawn(one) for one in found)

    def _drawn(self, one: Field) -> Field:
        if one.name == "reason":
            return replace(one, required=bool(self.action["needs_reason"]))
        if one.name == "to" and self.people:
            return replace(one, children=tuple(child for child in one.children if child.name != "to.name"))
        return one


async def show(visit: Visit) -> Response:
    """The form of an action; of one that asks for nothing, what it would do."""
    doing = await _doing(visit)
    if doing is None:
        return await _gone(visit)
    doing = replace(doing, typed=await kept_form(visit) or doing.typed)
    if doing.asks:
        return _form(visit, doing)
    return await _previewed(visit, doing, confirmed=[])


async def act(visit: Visit) -> Response:
    """What was sent: back to the form, on to the preview, or done."""
    sent = await visit.request.form(max_files=0, max_fields=MAX_FIELDS)
    visit.speak(sent)
    doing = await _doing(visit)
    key = visit.idempotency_key(sent)
    if doing is None:
        # Done already, by this very form or by somebody else: the case tells.
        return await _done_already(visit, sent, key) or await _gone(visit)
    doing = replace(doing, typed=typed_of(sent), etag=str(sent.get("_version") or doing.etag))
    if (typed := reshaped(doing.typed, sent, doing.fields())) is not None:
        return _form(visit, replace(doing, typed=typed)) if doing.asks else await _previewed(visit, doing, [])
    if sent.get("_step") == "attach":
        return visit.redirect(f"{doing.place.page}/documents", back=await keep_form(visit, doing.typed))
    if sent.get("_step") == "edit" or not key:
        return _form(visit, doing, notice="" if key else "form.expired")
    confirmed = [str(code) for code in sent.getlist("_confirmed")]
    if sent.get("_step") == "do":
        return await _do(visit, doing, confirmed, str(sent["_key"]), key)
    sample = str(sent.get("_sample", ""))
    return await (_sample(visit, doing, confirmed, sample) if sample else _previewed(visit, doing, confirmed))


async def _do(visit: Visit, doing: Doing, confirmed: Sequence[str], key: str, once: str) -> Response:
    """Do it, once: a form sent again has the same key."""
    body = _body(doing, confirmed)
    try:
        answer = await visit.api.post(doing.place.service, doing.action["href"], body, etag=doing.etag, key=once)
    except ProblemError as error:
        return await _refused(visit, doing, error, confirmed, key)
    except UnavailableError:
        return _form(visit, doing, notice="form.unavailable", key=key, step="do", status=503)
    return _led(visit, doing, answer)


async def _done_already(visit: Visit, sent: FormData, once: str) -> Response | None:
    """Where this very form has led to, for a second click: the service answers the same key alike. None if it was not
    this form that did it."""
    doing = await _doing(visit, again=True) if once and sent.get("_step") == "do" else None
    if doing is None:
        return None
    doing = replace(doing, typed=typed_of(sent))
    body = _body(doing, [str(code) for code in sent.getlist("_confirmed")])
    etag = str(sent.get("_version") or doing.etag)
    try:
        answer = await visit.api.post(doing.place.service, doing.action["href"], body, etag=etag, key=once)
    except ProblemError:
        return None
    return _led(visit, doing, answer)


def _led(visit: Visit, doing: Doing, answer: Answer) -> Response:
    """The case, with what was done; or the start page for who sees nothing of the case any more."""
    if _is_out_of_sight(visit, answer.body):
        return visit.redirect(visit.home, done=doing.action["action"])
    # A draft is called by its id until it has a number.
    place = place_of(visit, doing.place.service, answer.body.get("number") or doing.place.ref)
    return visit.redirect(place.page, done=doing.action["action"])


def _is_out_of_sight(visit: Visit, case: Mapping[str, Any]) -> bool:
    """Whether who did it sees nothing of the case any more: declined a commission, or handed the case over."""
    if visit.side is Role.LAB:
        return "lab" not in case
    own = visit.actor is None or visit.actor.sees_every_office or case["office"]["id"] == visit.actor.office
    return visit.side is Role.STAFF and not own


def typed_of(sent: FormData) -> dict[str, list[str]]:
    """What was typed, without what the page itself sends along."""
    found: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str) and not name.startswith("_"):
            found.setdefault(name, []).append(value)
    return found


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
    offer = await offered(visit, place, answer.body, wanted)
    form = Form(operation.schema, operation.schemas, kinds, offer.choices, offer.given)
    filled = offer.filled
    if "form" in form.schema.get("properties", {}):
        filled = {"form": answer.body["form"]}
    more: dict[str, Any] = {"people": offer.people, "attaches": offer.attaches}
    doing = Doing(place, answer.body, answer.etag, action, operation, form, form.typed(filled), **more)
    if wanted == _SUPPLEMENT:
        return replace(doing, asked=missing(doing.case, None, None).asked, limits=await _limits(visit, place))
    if wanted != COMMISSION:
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
        visit.api.get(place.service, place.path),
        part(visit, place.service, f"{place.path}/journal"),
        _barred(visit, place),
    )
    latest = list(reversed((journal or {}).get("items", [])))[:3]
    status = why.status if why else 409
    return visit.render("action_gone.html", status, place=place, case=answer.body, journal=latest, why=why)


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
    try:
        answer = await visit.api.post(doing.place.service, doing.action["href"], body, etag=doing.etag, dry_run=True)
    except ProblemError as error:
        return await _refused(visit, doing, error, confirmed, visit.new_key())
    except UnavailableError:
        return _form(visit, doing, notice="form.unavailable", status=503)
    return _preview(visit, doing, confirmed, answer)


async def _sample(visit: Visit, doing: Doing, confirmed: Sequence[str], place: str) -> Response:
    """One of the documents that it would have made, as a sample."""
    path = f"{doing.place.path}/samples/{doing.action['action']}?{urlencode({'document': place})}"
    try:
        answer = await visit.api.post(doing.place.service, path, _body(doing, confirmed))
    except ProblemError as error:
        return await _refused(visit, doing, error, confirmed, visit.new_key())
    except UnavailableError:
        return _form(visit, doing, notice="form.unavailable", status=503)
    return attached(answer.raw, "application/pdf", f"sample-{doing.action['action']}-{place}.pdf")


def _preview(visit: Visit, doing: Doing, confirmed: Sequence[str], answer: Answer) -> Response:
    note = f"note.{doing.action['action']}"
    return visit.render(
        "preview.html",
        doing=doing,
        key=visit.new_key(),
        confirmed=confirmed,
        outcome=answer.body,
        name=applicant_name,
        note=note if texts.has(note) else "",
    )


async def _refused(visit: Visit, doing: Doing, error: ProblemError, confirmed: Sequence[str], key: str) -> Response:
    """The form again, with what is wrong. Nothing was changed."""
    if error.code == "stale":
        return await _overtaken(visit, doing)
    if error.code == "confirmation_needed":
        warnings = error.faults
        return visit.render(
            "warnings.html", 409, doing=doing, key=visit.new_key(), confirmed=confirmed, warnings=warnings
        )
    if error.code in _AGAIN:
        return _form(visit, doing, notice="form.under_way", key=key, step="do", status=error.status)
    if error.code == "invalid" and error.faults:
        return _form(visit, doing, doing.form.placed(doing.typed, error.faults), status=422)
    return _form(visit, doing, problem=error, status=error.status)


async def _overtaken(visit: Visit, doing: Doing) -> Response:
    """Somebody changed the case meanwhile: what they did, and the same form for the case as it is now."""
    fresh = await _doing(visit)
    if fresh is None:
        return await _gone(visit)
    journal = await part(visit, doing.place.service, f"{doing.place.path}/journal")
    latest = list(reversed((journal or {}).get("items", [])))[:3]
    fresh = replace(fresh, typed=doing.typed)
    return _form(visit, fresh, notice="form.overtaken", journal=latest, apart=_apart(visit, fresh), status=412)


def _apart(visit: Visit, doing: Doing) -> list[Apart]:
    """Where the application as it is now differs from what was typed, of an action that changes it."""
    if "form" not in doing.form.schema.get("properties", {}):
        return []
    theirs, mine = doing.case["form"], doing.form.read(doing.typed).get("form", {})
    yes, no = visit.t("page.yes"), visit.t("page.no")
    reader = Reader(doing.operation.schemas, visit.language, yes, no, kinds=doing.form.kinds.named)
    return reader.compared(doing.form.schema["properties"]["form"], theirs, mine, {*theirs, *mine})


def _form(
    visit: Visit,
    doing: Doing,
    faults: Sequence[Mapping[str, str]] = (),
    *,
    notice: str = "",
    problem: ProblemError | None = None,
    journal: Sequence[Mapping[str, Any]] = (),
    apart: Sequence[Apart] = (),
    key: str = "",
    step: str = "preview",
    status: int = 200,
) -> Response:
    fields = doing.fields(faults)
    return visit.render(
        "action.html",
        status,
        doing=doing,
        fields_=fields,
        errors=faults_of(fields, faults),
        notice=notice,
        problem=problem,
        journal=journal,
        apart=apart,
        key=key or visit.new_key(),
        step=step,
    )


PAGES = tuple(
    page
    for side, home in HOMES.items()
    for path in (f"{home}/{{procedure}}/{{ref}}/actions/{{action}}",)
    for page in (
        Page(path, show, frozenset({side})),
        Page(path, act, frozenset({side}), ("POST",)),
    )
)
