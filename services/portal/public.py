"""Pages for everybody: what this is, where to check a number, which permits there are, the register."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from services.portal.client import ProblemError, UnavailableError, following
from services.portal.formats import read_day
from services.portal.papers import IN_FORCE, REGISTERS, STATUSES
from services.portal.published import DATA, FORMS, checkpoints
from services.portal.web import Page, Visit
from shared.text import as_numbered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

_MAX_NUMBER = 120
_LISTED = 20
_TAKEN_FOR = str.maketrans("OIL", "011")
"""Letters that are read for digits on a worn plate."""


async def home(visit: Visit) -> Response:
    return visit.render("home.html")


async def accessibility(visit: Visit) -> Response:
    return visit.render("accessibility.html", contact=visit.portal.settings.contact)


async def help_page(visit: Visit) -> Response:
    return visit.render("help.html")


async def check(visit: Visit) -> Response:
    """Whether a number is that of a certificate or licence, in any spelling; without one, how papers are checked."""
    number = visit.request.query_params.get("number", "").strip()[:_MAX_NUMBER]
    if not number:
        # An empty field that only came along with the language asked for nothing.
        asked = visit.request.query_params.keys() & {"number", "lang"} == {"number"}
        kept = await checkpoints(visit)
        return visit.render(
            "check.html",
            number="",
            read="",
            nearly=[],
            asked=asked,
            found=[],
            down=[],
            registers=REGISTERS,
            checkpoints=kept,
        )
    found, down = await _find(visit, number)
    read = as_numbered(number)
    meant = read.translate(_TAKEN_FOR)
    nearly = (await _find(visit, meant))[0] if not found and meant != read else []
    if len(found) == 1 and "lang" not in visit.request.query_params:
        service, permit = found[0]
        return visit.redirect(f"/{REGISTERS[service]}/{quote(permit['number'], safe='')}")
    return visit.render(
        "check.html",
        200 if found else 404 if not down else 503,
        number=number,
        asked=True,
        read=read,
        nearly=nearly,
        found=found,
        down=down,
        registers=REGISTERS,
        checkpoints={},
    )


async def _find(visit: Visit, number: str) -> tuple[list[tuple[str, Any]], list[str]]:
    """The permits of that number, each with its service; and the services that did not answer."""
    answers = await asyncio.gather(*(_permit(visit, service, number) for service in REGISTERS))
    told = list(zip(REGISTERS, answers, strict=True))
    found = [(service, one) for service, one in told if one and not isinstance(one, UnavailableError)]
    return found, [service for service, one in told if isinstance(one, UnavailableError)]


async def _permit(visit: Visit, service: str, number: str) -> Any:
    """The permit, None where there is none, or that the service did not answer."""
    try:
        return (await visit.api.get(service, f"/v1/{REGISTERS[service]}/{quote(number, safe='')}")).body
    except ProblemError as error:
        if error.status in {400, 404}:
            return None
        raise
    except UnavailableError as error:
        return error


async def permits(visit: Visit) -> Response:
    """Which permits there are on a day, how long they take, and which instruments need one."""
    told, asked, wrong = await _permits(visit)
    catalogue = _alike(told["catalogue"])
    return visit.render("permits.html", 400 if wrong else 200, told=told, asked=asked, wrong=wrong, catalogue=catalogue)


def _alike(catalogue: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The kinds of instruments of which the same is said, together."""
    found: dict[tuple[bool, bool, str, bool], dict[str, Any]] = {}
    for item in catalogue:
        said = {name: item[name] for name in ("type_approval", "licence", "basis", "verified")}
        key = (item["type_approval"], item["licence"], item["basis"]["zh"], item["verified"])
        found.setdefault(key, {**said, "names": []})["names"].append(item["name"])
    return [*found.values()]


async def need(visit: Visit) -> Response:
    """Whether a kind of instrument needs a permit on a day, and why."""
    told, asked, wrong = await _permits(visit)
    kind = visit.request.query_params.get("kind", "")
    chosen = next((one for one in told["catalogue"] if one["category"] == kind), None)
    abolished = {one["procedure"]: one for one in told["permits"] if one["abolished"]}
    shown = {"told": told, "asked": asked, "wrong": wrong, "kind": kind, "chosen": chosen, "abolished": abolished}
    return visit.render("need.html", 400 if wrong else 200, **shown)


async def _permits(visit: Visit) -> tuple[Any, str, str]:
    """The permits of the day that is asked for; the day; and what was typed for it but is none."""
    asked = read_day(visit.request.query_params.get("on", "").strip())
    try:
        return (await visit.api.get("notifications", "/v1/permits", on=asked)).body, asked, ""
    except ProblemError as error:
        if error.status != 400:  # noqa: PLR2004 - Bad Request: what was typed is no day
            raise
        return (await visit.api.get("notifications", "/v1/permits")).body, asked, asked


async def register(visit: Visit) -> Response:
    """What was granted, by holder, model, instrument or number; without a word the newest. `of` is one register, with
    a status of its permits behind a point or without: that alone is shown, from `cursor` on."""
    query = visit.request.query_params
    wanted = query.get("q", "").strip()[:_MAX_NUMBER]
    one, _, status = query.get("of", "").partition(".")
    status = status if status in STATUSES.get(one, ()) else ""
    asked = {service: path for service, path in REGISTERS.items() if one == path or one not in STATUSES}
    cursor = query.get("cursor", "") if one in STATUSES else ""
    down, found, more, short = [], {}, {}, False
    answers = await asyncio.gather(
        *(
            visit.api.get(service, f"/v1/{path}", q=wanted, status=status, limit=_LISTED, cursor=cursor)
            for service, path in asked.items()
        ),
        return_exceptions=True,
    )
    for (service, path), answer in zip(asked.items(), answers, strict=True):
        match answer:
            case UnavailableError():
                down.append(service)
            case ProblemError() if wanted and answer.status == 400:  # noqa: PLR2004 - Bad Request: too short to find
                short = True
            case BaseException():
                raise answer
            case _:
                found[path] = answer.body["items"]
                if behind := following(answer.body):
                    shown = {"q": wanted, "of": f"{path}.{status}" if status else path}
                    more[path] = f"/register?{urlencode(shown)}&cursor={behind}"
    return visit.render(
        "register.html",
        400 if short else 200,
        wanted=wanted,
        found=found,
        more=more,
        of=f"{one}.{status}" if status else one if one in STATUSES else "",
        statuses=STATUSES,
        down=down,
        short=short,
        in_force=IN_FORCE,
        published=DATA,
        forms=FORMS,
    )


PAGES = (
    Page("/", home),
    Page("/register", register),
    Page("/permits", permits),
    Page("/need", need),
    Page("/help", help_page),
    Page("/accessibility", accessibility),
    Page("/check", check),
)
