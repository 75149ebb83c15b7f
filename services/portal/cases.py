"""A case as its sides see it: its state, who has to act and by when, its days, its history, what may be done next."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.portal.case_documents import Papers
from services.portal.evidence import missing, records
from services.portal.following import PERMIT_PAGES, about_permit
from services.portal.kinds import kinds_of
from services.portal.labels import item_words
from services.portal.names import names_in
from services.portal.places import asked_place, part, place_of
from services.portal.texts import LANGUAGES
from services.portal.values import Reader
from services.portal.web import HOMES, TOLD, Page, Visit
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.portal.client import Document
    from services.portal.places import Place
    from services.portal.values import Shown

_NOT_CONTENT = frozenset(
    {
        *("id", "number", "procedure", "state", "state_name", "version", "events", "rules"),
        *("next_actions", "reserved_actions", "applicant", "created_at", "updated_at", "clocks", "messages", "notices"),
        *("form", "tests", "voided_tests"),
    }
)
"""What a page of a case shows elsewhere, or to nobody."""
_NOTED = ("number", "notice", "by")
"""Fields that may have the number of a notice."""
_REPEATED = frozenset({"edit", "add_document"})
"""What is done again and again while an application is written."""
_STRIP = 60
"""The most days of a limit that are drawn one by one."""
_MOMENTS, _MOMENT_SECONDS = 5, 0.2
ACTING = frozenset({"running", "paused"})


def applicant_name(case: Mapping[str, Any]) -> str:
    """The applicant as the form or the summary names it."""
    return str(case.get("applicant_name") or case.get("form", {}).get("applicant_name") or case.get("applicant", ""))


async def show(visit: Visit) -> Response:
    """The page of a case."""
    place, api = asked_place(visit), visit.api
    if _is_id(place.ref):
        return await _at_its_number(visit, place)
    number = quote(place.ref, safe="")
    # All at once: what stands in the case is needed for the tests alone.
    answer, *told = await asyncio.gather(
        api.get(place.service, place.path),
        api.document(place.service),
        part(visit, place.service, f"{place.path}/journal"),
        part(visit, "notifications", f"{api.face}/cases/{number}/clocks"),
        part(visit, "notifications", f"{api.face}/cases/{number}/messages"),
        kinds_of(visit),
        part(visit, place.service, f"{place.path}/documents"),
    )
    case, (document, journal, clocks, messages, kinds, documents) = answer.body, told
    (recorded, tests), progress, clocks, names = await asyncio.gather(
        *(_tested(visit, case), _progress(visit, place, case), _caught_up(visit, case, clocks)),
        names_in(visit, place, case),
    )
    items = clocks.get("items", []) if clocks else []
    schema = document.answered("GET", place.path)
    yes, no = visit.t("page.yes"), visit.t("page.no")
    files = {one["kind"]: visit.both(one) for one in (documents or {}).get("kinds", ())}
    files |= {one["id"]: one["name"] for one in (documents or {}).get("items", ())}
    told_of: dict[str, Any] = {
        "legend": recorded,
        "kinds": kinds,
        "files": files,
        "names": {**names, "item": tests, "items": tests, **dict.fromkeys(_NOTED, _printed(case))},
    }
    reader = Reader(document.schemas, visit.language, yes, no, **told_of)
    acting = sorted(
        (clock for clock in items if clock["state"] in ACTING), key=lambda clock: clock.get("due_on", "9999")
    )
    return visit.render(
        "case.html",
        case=case,
        place=place,
        done=_done(visit, journal),
        applicant=applicant_name(case),
        asked=reader.shown(schema, case, {"form"}),
        content=await _content(visit, place, case, reader, document),
        missing=missing(case, documents, progress, items if visit.side is Role.STAFF else ()),
        records=records(case, schema, reader, list(recorded), visit.t),
        words=item_words,
        reserved=reserved(case, journal),
        journal=_with_notices(told_once((journal or {}).get("items", [])), case),
        intact=(journal or {}).get("intact", True),
        acting=acting,
        turn=_turn(acting),
        term=_term(acting),
        ended=[clock for clock in items if clock["state"] not in ACTING],
        observed=(clocks or {}).get("observed"),
        messages=list(reversed((messages or {}).get("items", []))),
        down=["notifications"] if clocks is None else [],
        behind=visit.side in TOLD and _is_behind(clocks, case),
        strip=strip,
        papers=Papers(documents) if documents else None,
        permit=next(((name, case[name]) for name in PERMIT_PAGES if name in case), None),
        registers=PERMIT_PAGES,
        following=about_permit(visit, document, case),
    )


async def _content(
    visit: Visit, place: Place, case: Mapping[str, Any], reader: Reader, document: Document
) -> list[Shown]:
    """What the case has gathered; of its contracts what each is today, which the case does not say."""
    found = reader.shown(document.answered("GET", place.path), case, set(case) - _NOT_CONTENT)
    path = f"{place.path}/contracts"
    told = await part(visit, place.service, path) if "contracts" in case else None
    if told is None:
        return found
    (listed,) = reader.shown(document.answered("GET", path), told, {"items"})
    return [replace(listed, label=one.label, name=one.name) if one.name == "contracts" else one for one in found]


def _printed(case: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The numbers of the notices of the case as they are printed, by how they are stored."""
    return {one["number"]: dict.fromkeys(LANGUAGES, one["printed"]) for one in case.get("notices", ())}


def reserved(case: Mapping[str, Any], journal: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """What another person must do than those who did the steps before it, by name; steps that are kept for the same
    people are one."""
    names = {entry["action"]: entry["actor"] for entry in (journal or {}).get("items", ())}
    found: dict[str, dict[str, Any]] = {}
    for one in case.get("reserved_actions", ()):
        done = [{**step, "who": names[step["action"]]} for step in one["done"] if step["action"] in names]
        kept = found.setdefault(f"{one['by']} {done}", {"by": one["by"], "done": done, "labels": []})
        kept["labels"].append(one["label"])
    return list(found.values())


def _turn(acting: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The limit of the step at hand: the one that runs and started last. Others may be due earlier, such as that of the
    decision while samples are awaited. A window, such as the term of a permit, asks nobody for a step."""
    steps = (clock for clock in acting if clock["weight"] != "window")
    return max(steps, key=lambda clock: (clock["state"] == "running", clock["started_on"]), default=None)


def _term(acting: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The term of the permit, while nobody has to do anything."""
    return next((clock for clock in acting if clock["weight"] == "window" and _is_of_holder(clock)), None)


def _is_of_holder(clock: Mapping[str, Any]) -> bool:
    return bool(clock["holder"] == "applicant" and clock["state"] == "running" and "due_on" in clock)


def _is_behind(clocks: Mapping[str, Any] | None, case: Mapping[str, Any]) -> bool:
    """Whether limits have not been counted yet from what was done last."""
    return clocks is not None and int(clocks.get("heard", 0)) < int(case["events"])


async def _caught_up(visit: Visit, case: Mapping[str, Any], clocks: Any) -> Any:
    """The limits after the step that was just taken: they follow within moments, for which its page waits."""
    for _ in range(_MOMENTS if "done" in visit.request.query_params and visit.side in TOLD else 0):
        if not _is_behind(clocks, case):
            break
        await asyncio.sleep(_MOMENT_SECONDS)
        clocks = await part(visit, "notifications", f"{visit.api.face}/cases/{quote(case['number'], safe='')}/clocks")
    return clocks


def _is_id(ref: str) -> bool:
    """Whether a case is called by its id, as a draft is that has no number yet."""
    try:
        UUID(ref)
    except ValueError:
        return False
    return True


async def _at_its_number(visit: Visit, place: Place) -> Response:
    """To the draft, or to the page that a case has since it was submitted; of a discarded draft, the way back."""
    case = (await visit.api.get(place.service, place.path)).body
    if case["state"] == "draft":
        return visit.redirect(f"{place.page}/draft", **visit.request.query_params)
    if "number" not in case:
        return visit.render("discarded.html", place=place, case=case, name=applicant_name)
    return visit.redirect(place_of(visit, place.service, case["number"]).page, **visit.request.query_params)


async def _tested(visit: Visit, case: Mapping[str, Any]) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """What the parts of its test records and the test items are called; nothing where no evaluation is arranged."""
    if "arrangement" not in case and not case.get("tests"):
        return {}, {}
    category = quote(case["form"]["category"], safe="")
    told = await part(visit, "type_approval", f"/v1/categories/{category}") or {}
    recorded = {one["name"]: {"zh": one["zh"], "en": one["en"]} for one in told.get("recorded", ())}
    return recorded, {one["id"]: dict(item_words(one).label) for one in told.get("tests", ())}


async def _progress(visit: Visit, place: Place, case: Mapping[str, Any]) -> Any:
    """How far its tests are, for those who may see it."""
    if visit.side is Role.APPLICANT or "samples" not in case:
        return None
    return await part(visit, place.service, f"{place.path}/tests")


def told_once(journal: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The newest first; what the same person did to the draft again and again is one entry with its `times`."""
    found: list[dict[str, Any]] = []
    for entry in reversed(journal):
        last = found[-1] if found else {}
        if entry["action"] in _REPEATED and all(last.get(name) == entry[name] for name in ("action", "actor")):
            last["times"] += 1
        else:
            found.append({**entry, "times": 1})
    return found


def _with_notices(entries: Iterable[Mapping[str, Any]], case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each entry, with the notice that it is `about` if its content names one of the case."""
    filed = {one["number"]: one for one in case.get("notices", ())}
    return [{**one, "about": filed.get((one.get("data") or {}).get("notice", ""))} for one in entries]


def _done(visit: Visit, journal: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The step just taken, where the page is shown for that. What the system has noted since then does not hide it."""
    done = visit.request.query_params.get("done")
    by_people = [entry for entry in (journal or {}).get("items", []) if entry["role"] != "system"]
    return by_people[-1] if done and by_people and by_people[-1]["action"] == done else None


def strip(clock: Mapping[str, Any]) -> list[str]:
    """A limit drawn a day each: those spent, those over, a mark for today, those left; empty where there would be too
    many."""
    if clock["budget"]["text"].endswith("mo"):
        return []
    spent, over = clock["consumed"] - clock.get("overrun", 0), clock.get("overrun", 0)
    # What remains of a limit that is overrun is less than nothing.
    drawn = {"spent": max(spent, 0), "late": over, "today": 1, "left": max(clock.get("remaining", 0), 0)}
    if sum(drawn.values()) > _STRIP:
        return []
    return [day for day, count in drawn.items() for _ in range(count)]


async def clock(visit: Visit) -> Response:
    """One limit, day by day."""
    place, api = asked_place(visit), visit.api
    path = f"{api.face}/cases/{quote(place.ref, safe='')}/clocks/{visit.request.path_params['clock']}/explanation"
    told = (await api.get("notifications", path)).body
    return visit.render("clock.html", place=place, clock=told, picture=f"{visit.request.url.path}/picture.svg")


async def picture(visit: Visit) -> Response:
    """The drawing of a limit, as the service makes it."""
    place, api = asked_place(visit), visit.api
    path = f"{api.face}/cases/{quote(place.ref, safe='')}/clocks/{visit.request.path_params['clock']}/explanation.svg"
    answer = await api.get("notifications", path)
    inert = "default-src 'none'; style-src 'unsafe-inline'"
    return Response(answer.raw, media_type="image/svg+xml", headers={"Content-Security-Policy": inert})


async def by_number(visit: Visit) -> Response:
    """To the page of a case of which only the number is known."""
    number = visit.request.path_params["number"]
    path = f"{visit.api.face}/applications/{quote(number, safe='')}"
    answers = await asyncio.gather(*(part(visit, service, path) for service in visit.permits))
    for service, told in zip(visit.permits, answers, strict=True):
        if told:
            return visit.redirect(place_of(visit, service, number).page)
    raise HTTPException(404)


PAGES = tuple(
    page
    for side, home in HOMES.items()
    for sides in (frozenset({side}),)
    for case in (f"{home}/{{procedure}}/{{ref}}",)
    for page in (
        Page(f"{home}/cases/{{number}}", by_number, sides),
        Page(case, show, sides),
        Page(f"{case}/clocks/{{clock}}", clock, sides),
        Page(f"{case}/clocks/{{clock}}/picture.svg", picture, sides),
    )
)
