"""What the office publishes as files: its open data, whole, and the checkpoints of its logs."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from services.portal.client import ProblemError, UnavailableError
from services.portal.papers import REGISTERS
from services.portal.web import Page, Visit, attached, named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from starlette.responses import Response

DATA = ("data", "applications")
FORMS = {"csv": "text/csv", "jsonl": "application/jsonl"}
"""What there is of each service, and in which forms."""
_NEXT = re.compile('<(.*)>; rel="next"')
_PAGE = 10_000


async def checkpoints(visit: Visit) -> dict[str, str]:
    """By register the newest checkpoint of its log; without those that are not signed yet or do not answer."""
    answers = await asyncio.gather(*(_checkpoint(visit, register) for register in REGISTERS.values()))
    return {register: found for register, found in zip(REGISTERS.values(), answers, strict=True) if found}


async def _checkpoint(visit: Visit, register: str) -> str:
    try:
        return (await visit.api.get(_service(register), f"/v1/{register}/log/checkpoint")).raw.decode()
    except UnavailableError:
        return ""
    except ProblemError as error:
        if error.code == "not_found":
            return ""
        raise


async def checkpoint(visit: Visit) -> Response:
    """The newest checkpoint of a log, to be kept; its size is part of its name."""
    register = visit.request.path_params["register"]
    found = await _checkpoint(visit, _known(register, REGISTERS.values()))
    if not found:
        raise HTTPException(404)
    return attached(found.encode(), "text/plain", f"{register}-{found.split(chr(10))[1]}.txt")


async def data(visit: Visit) -> Response:
    """All lines, passed on a page after the other as the service gives them."""
    asked = visit.request.path_params
    register = _known(asked["register"], REGISTERS.values())
    listed, form = _known(asked["listed"], DATA), _known(asked["form"], FORMS)
    first = await _page(visit, register, f"/v1/{register}/{listed}.{form}?limit={_PAGE}")
    name = f"{register}-{listed}.{form}"
    return StreamingResponse(_whole(visit, register, form, *first), headers=named(name), media_type=FORMS[form])


async def _whole(visit: Visit, register: str, form: str, content: bytes, rest: str) -> AsyncIterator[bytes]:
    yield content
    while rest:
        asked = rest
        content, rest = await _page(visit, register, asked)
        if rest == asked:
            return
        # The line with the names of the columns comes once.
        yield content.partition(b"\r\n")[2] if form == "csv" else content


async def _page(visit: Visit, register: str, path: str) -> tuple[bytes, str]:
    """A page, and the address of what follows, which is the same again when nothing is left."""
    async with await visit.api.open(_service(register), path) as answer:
        found = _NEXT.fullmatch(answer.headers.get("Link", ""))
        return await answer.read(), found[1] if found else ""


def _service(register: str) -> str:
    return next(service for service, named in REGISTERS.items() if named == register)


def _known(asked: str, names: Collection[str]) -> str:
    if asked not in names:
        raise HTTPException(404)
    return asked


PAGES = (
    Page("/published/{register}/checkpoint.txt", checkpoint),
    Page("/published/{register}/{listed}.{form}", data),
)
