"""The laboratory's test desk: what the programme asks for, how far it is, and files in and out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.datastructures import UploadFile

from services.portal.bench import ACTION, SERVICE, lab_place
from services.portal.evidence import with_state
from services.portal.labels import item_words
from services.portal.posting import FormPage, Sent
from services.portal.trouble import TroubleError
from services.portal.web import Page, Visit, attached
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from services.portal.places import Place

_LAB = frozenset({Role.LAB})
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILES = {"spreadsheet": _XLSX, "dcc": "application/xml"}
"""The kinds of files that records come in, by the routes that take them."""
_ZIP = b"PK"


class Desk(NamedTuple):
    """A case at its laboratory, and how far its tests are."""

    place: Place
    case: Mapping[str, Any]
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the programme is done: tests of an item on a prototype."""

    done: int
    of: int


async def _desk(visit: Visit) -> Desk:
    place = lab_place(visit)
    answer, told = await asyncio.gather(
        visit.api.get(SERVICE, place.path), visit.api.get(SERVICE, f"{place.path}/tests")
    )
    return Desk(place, answer.body, told.body)


async def _upload(visit: Visit, desk: Desk, sent: Sent) -> Response:
    """Record what stands in a file: all of it or nothing."""
    file = sent.form.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content:
        raise TroubleError("bench.no_file")
    kind, path = "spreadsheet" if content.startswith(_ZIP) else "dcc", desk.place.path
    more = {"etag": "*", "key": sent.key, "confirmed": ",".join(sent.confirmed)}
    await visit.api.send_file(SERVICE, f"{path}/{kind}", content, _FILES[kind], **more)
    return visit.redirect(f"{desk.place.page}/tests", done="file")


async def template(visit: Visit) -> Response:
    """The spreadsheet of an item."""
    place, item = lab_place(visit), visit.request.path_params["item"]
    answer = await visit.api.get(SERVICE, f"{place.path}/spreadsheet", item=item)
    return attached(answer.raw, _XLSX, f"{place.ref} {item}.xlsx")


async def certificate(visit: Visit) -> Response:
    """The issued report as a digital calibration certificate."""
    place = lab_place(visit)
    answer = await visit.api.get(SERVICE, f"{place.path}/dcc")
    return attached(answer.raw, _FILES["dcc"], f"{place.ref}.xml")


async def _page(visit: Visit, desk: Desk, _: Sent | None) -> Response:
    """The items as a checklist."""
    case, items = desk.case, desk.told["items"]
    wanted = [one for one in items if one["wanted"]]
    return visit.render(
        "desk.html",
        place=desk.place,
        case=case,
        wanted=wanted,
        others=[one for one in items if not one["wanted"]],
        progress=_progress(wanted),
        programme=desk.told["programme"],
        lacking=desk.told["lacking"],
        samples=case.get("samples", []),
        records=list(reversed(with_state(case))),
        may=ACTION in {one["action"] for one in case["next_actions"]},
        issued="issued_on" in case.get("report", {}),
        done=_done(visit, items),
        words=item_words,
    )


def _progress(wanted: Sequence[Mapping[str, Any]]) -> Progress:
    """What is tested with a verdict that stands, of all that is to be tested."""
    done = 0
    for item in wanted:
        verdicts = [one.get("verdict", "not-done") for one in item["prototypes"]]
        done += min(item["of"], sum(one not in ("not-done", "indeterminate") for one in verdicts))
    return Progress(done, sum(item["of"] for item in wanted))


def _done(visit: Visit, items: Sequence[Mapping[str, Any]]) -> Mapping[str, str] | None:
    """What was just recorded."""
    done = visit.request.query_params.get("done")
    return next((one for one in items if one["id"] == done), {}) if done else None


_FORM = FormPage(_desk, _page, _upload, files=1)
PAGES = (
    *_FORM.pages("/lab/{procedure}/{ref}/tests", Role.LAB),
    Page(f"/lab/{{procedure}}/{{ref}}/actions/{ACTION}", _FORM.show, _LAB),
    Page("/lab/{procedure}/{ref}/tests/{item}/template.xlsx", template, _LAB),
    Page("/lab/{procedure}/{ref}/dcc.xml", certificate, _LAB),
)
