"""Whether a document in a file is genuine: the checks that `quanheng verify` makes, with the keys that the office
publishes. The file is kept nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import anyio

from services.portal.chosen import chosen_file
from services.portal.formats import with_instants
from services.portal.web import Page, Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from shared.documents.verification import Check

_SERVICE, _KEYS = "type_approval", "/.well-known/quanheng/keys.json"
_AT_ONCE = 2
"""So many files are looked at at once: it takes memory and processor."""
_turn = anyio.CapacityLimiter(_AT_ONCE)


async def show(visit: Visit) -> Response:
    """Where a file is chosen."""
    return _page(visit)


async def check(visit: Visit) -> Response:
    """What was found in it."""
    chosen = await chosen_file(await visit.request.form(max_files=1))
    if not chosen.content:
        return _page(visit, notice="bench.no_file", status=422)
    keys = (await visit.api.get(_SERVICE, _KEYS)).body
    made = await anyio.to_thread.run_sync(
        _verified, chosen.content, json.dumps(keys).encode(), visit.portal.settings.development, limiter=_turn
    )
    return _page(visit, made)


def _verified(file: bytes, keys: bytes, development: bool) -> list[Check]:
    # What reads signed PDFs is loaded when it is first needed.
    from shared.documents.key_files import read_keys  # noqa: PLC0415
    from shared.documents.verification import verify  # noqa: PLC0415

    return verify(file, read_keys(keys), allow_development=development, drawn=False)


def _page(visit: Visit, made: Sequence[Check] = (), *, notice: str = "", status: int = 200) -> Response:
    """Checks that could not be made say nothing and are left out."""
    spoken = visit.language
    told = [
        (one.title.told(spoken), str(one.outcome), one.detail and with_instants(one.detail.told(spoken), spoken))
        for one in made
        if one.outcome != "not done"
    ]
    genuine = bool(told) and told[-1][1] != "failed"
    return visit.render("verify.html", status, checks=told, genuine=genuine, notice=notice)


PAGES = (Page("/verify", show), Page("/verify", check, methods=("POST",)))
