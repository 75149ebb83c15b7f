"""The API of the register of experts: the office keeps and reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.faults import FAULTS
from services.licensing.experts.book import EXPERTS, OWNER
from services.licensing.experts.record import Record, record
from shared.http.routes import Reply, Route
from shared.identity import Role
from shared.registers import store
from shared.registers.routes import RegisterApi, keeps
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.http.routes import Call

PATH = "/internal/v1/experts"
KEEPER = "staff:section_head"


def _owner(_call: Call) -> str:
    return OWNER


def _owner_of_new(_call: Call, _content: Mapping[str, Any]) -> str:
    return OWNER


def _href(_call: Call, _owner: str, code: str) -> str:
    return f"{PATH}/{quote(code, safe='')}"


_API = RegisterApi(EXPERTS, FAULTS, of=_owner, all_of=_owner, owner=_owner_of_new, href=_href)


def show_record(call: Call) -> Reply:
    """It tells of cases of every office."""
    keeps(call.actor)
    with call.store.reading() as tx:
        held = store.get(tx, EXPERTS, OWNER, call.params["code"])
        return Reply(record(tx, held.versions[0].content["code"]))


ROUTES = [
    *_API.reads(PATH, f"{PATH}/<code>", Role.STAFF),
    *_API.writes(PATH, f"{PATH}/<code>", KEEPER),
    Route(
        *("GET", f"{PATH}/<code>/record", show_record, KEEPER),
        Text("考评员业绩", "Read what an expert has assessed, and how it was rated"),
        gives=Record,
    ),
]
