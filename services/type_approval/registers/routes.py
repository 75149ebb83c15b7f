"""The API of the registers: the office keeps the laboratories, a laboratory its own people and standards."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.faults import FAULTS
from services.type_approval.registers.books import LABORATORIES, OF_LABORATORIES, PEOPLE, STANDARDS
from services.type_approval.registers.figures import Figures, FiguresQuery, figures
from shared.http.routes import Call, Reply, Route
from shared.identity import Role
from shared.registers import store
from shared.registers.routes import RegisterApi
from shared.runtime.time import legal_date
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

OFFICE, LAB = "/internal/v1/laboratories", "/v1/lab"
KEEPER = "staff:section_head"
"""Who keeps the register of laboratories."""


def lab_of(call: Call) -> str:
    """The laboratory whose entries are meant: the caller's own, or for the office the one in the path."""
    return call.actor.organisation if call.actor.role is Role.LAB else call.params["lab"]


def _known(tx: Connection, call: Call) -> None:
    """Raises Problem where the office asks for a laboratory that there is not."""
    if call.actor.role is Role.STAFF:
        store.get(tx, LABORATORIES, lab_of(call), lab_of(call))


def _laboratory_at(call: Call, lab: str, _code: str) -> str:
    return f"{LAB}/laboratory" if call.actor.role is Role.LAB else f"{OFFICE}/{quote(lab, safe='')}"


def _entry_at(register: str, call: Call, lab: str, code: str) -> str:
    base = LAB if call.actor.role is Role.LAB else f"{OFFICE}/{quote(lab, safe='')}"
    return f"{base}/{register}/{quote(code, safe='')}"


def _itself(_call: Call, content: Mapping[str, Any]) -> str:
    return str(content["code"])


def _its_own(call: Call, _content: Mapping[str, Any]) -> str:
    return lab_of(call)


def _all(_call: Call) -> None:
    return None


def _named(call: Call) -> str:
    """The laboratory that is meant; a list names each in its line."""
    return lab_of(call) if call.actor.role is Role.LAB or "lab" in call.params else ""


_LABORATORIES = RegisterApi(
    LABORATORIES, FAULTS, of=_named, code=lab_of, all_of=_all, owner=_itself, href=_laboratory_at
)
_OTHERS = {
    name: RegisterApi(
        *(register, FAULTS), of=lab_of, all_of=lab_of, owner=_its_own, href=partial(_entry_at, name), readable=_known
    )
    for name, register in OF_LABORATORIES.items()
}


def show_figures(call: Call) -> Reply:
    """As of the last day of the year asked for, or of today if that is earlier."""
    today = legal_date(call.now)
    on = min(today, date(call.asked.get("year", today.year), 12, 31))
    with call.store.reading() as tx:
        laboratories, people, standards = (store.all_on(tx, one, on) for one in (LABORATORIES, PEOPLE, STANDARDS))
    return Reply(figures(laboratories, people, standards, on))


ROUTES = [
    Route(
        *(
            "GET",
            "/internal/v1/registers/figures",
            show_figures,
            Role.STAFF,
            Text("名册指标", "Count what the registers have"),
        ),
        asks=FiguresQuery,
        gives=Figures,
    ),
    *_LABORATORIES.reads(OFFICE, f"{OFFICE}/<lab>", Role.STAFF),
    *_LABORATORIES.writes(OFFICE, f"{OFFICE}/<lab>", KEEPER),
    *_LABORATORIES.reads("", f"{LAB}/laboratory", Role.LAB),
    *(
        route
        for register, api in _OTHERS.items()
        for own, theirs in ((f"{LAB}/{register}", f"{OFFICE}/<lab>/{register}"),)
        for route in (
            *api.reads(theirs, f"{theirs}/<code>", Role.STAFF),
            *api.reads(own, f"{own}/<code>", Role.LAB),
            *api.writes(own, f"{own}/<code>", Role.LAB),
        )
    ),
]
