"""The laboratory's test desk: what the programme asks for, how far it is, and files in and out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile

from services.portal.bench import ACTION, SERVICE, lab_place
from services.portal.client import ProblemError, UnavailableError
from services.portal.evidence import with_state
from services.portal.labels import item_words
from services.portal.web import Page, Visit, attached
from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

_LAB = frozenset({Role.LAB})
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILES = {"spreadsheet": _XLSX, "dcc": "application/xml"}
"""The kinds of files that records come in, by the routes that take them."""
_ZIP = b"PK"


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the programme is done: tests of an item on a prototype."""

    done: int
    of: int


async def show(visit: Visit) -> Response:
    """The items as a checklist."""
    return await _page(visit)


async def upload(visit: Visit) -> Response:
    """Record what stands in a file: all of it or nothing."""
    sent = await visit.request.form(max_files=1)
    file, key = sent.get("file"), visit.idempotency_key(sent)
    if not key:
        return await _page(visit, notice="form.expired")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if not content:
        return await _page(visit, notice="bench.no_file", status=422)
    place = lab_place(visit)
    kind = "spreadsheet" if content.startswith(_ZIP) else "dcc"
    confirmed = ",".join(str(code) for code in sent.getlist("_confirmed"))
    try:
        await visit.api.send_file(
            SERVICE, f"{place.path}/{kind}", content, _FILES[kind], etag="*", key=key, confirmed=confirmed
        )
    except ProblemError as error:
        return await _page(visit, problem=error, status=error.status)
    except UnavailableError:
        return await _page(visit, notice="form.unavailable", status=503)
    return visit.redirect(f"{place.page}/tests", done="file")


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


async def _page(visit: Visit, *, notice: str = "", problem: ProblemError | None = None, status: int = 200) -> Response:
    place = lab_place(visit)
    answer, told = await asyncio.gather(
        visit.api.get(SERVICE, place.path), visit.api.get(SERVICE, f"{place.path}/tests")
    )
    case, items = answer.body, told.body["items"]
    wanted = [one for one in items if one["wanted"]]
    return visit.render(
        "desk.html",
        status,
        place=place,
        case=case,
        wanted=wanted,
        others=[one for one in items if not one["wanted"]],
        progress=_progress(wanted),
        programme=told.body["programme"],
        lacking=told.body["lacking"],
        samples=case.get("samples", []),
        records=list(reversed(with_state(case))),
        may=ACTION in {one["action"] for one in case["next_actions"]},
        issued="issued_on" in case.get("report", {}),
        done=_done(visit, items),
        notice=notice,
        problem=problem,
        key=visit.new_key(),
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


PAGES = (
    Page("/lab/{procedure}/{ref}/tests", show, _LAB),
    Page(f"/lab/{{procedure}}/{{ref}}/actions/{ACTION}", show, _LAB),
    Page("/lab/{procedure}/{ref}/tests", upload, _LAB, ("POST",)),
    Page("/lab/{procedure}/{ref}/tests/{item}/template.xlsx", template, _LAB),
    Page("/lab/{procedure}/{ref}/dcc.xml", certificate, _LAB),
)
