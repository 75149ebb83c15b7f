"""The API of clocks, and of the passing of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.clocks import schemas
from services.notifications.clocks.queries import clocks_of, explained, get_explanation, messages_of, visible_book
from services.notifications.clocks.reprojection import reproject
from services.notifications.commands import sweep
from services.notifications.feed.log import append
from services.notifications.fields import shown
from services.notifications.messages.digest import compose
from services.notifications.messages.schemas import Messages
from services.notifications.office.statistics import observed
from shared.http import Call, Problem, Reply, Route
from shared.identity import Role
from shared.law import draw
from shared.law import load as load_rules
from shared.runtime.time import legal_date
from shared.text import Text

if TYPE_CHECKING:
    from services.notifications.cases import TrackedCase
    from shared.law import Clock, Explanation

CASES = {Role.APPLICANT: "/v1/cases", Role.LAB: "/v1/lab/cases", Role.STAFF: "/internal/v1/cases"}


def _explanation(call: Call) -> tuple[TrackedCase, Clock, Explanation]:
    with call.store.reading() as tx:
        book, case = visible_book(tx, call.params["number"], call.actor)
    return case, *get_explanation(book, case, call.params["clock"], call.now)


def explain_clock(call: Call) -> Reply:
    return Reply(shown(schemas.ClockExplanation, explained(*_explanation(call))))


def draw_clock(call: Call) -> Reply:
    case, clock, told = _explanation(call)
    picture = draw(told, Text(f"{case.number} · {clock.rule.name.zh}", clock.rule.name.en))
    return Reply(picture, headers={"Content-Type": "image/svg+xml; charset=utf-8", "Content-Security-Policy": _INERT})


_INERT = "default-src 'none'; style-src 'unsafe-inline'"

"""The picture may be opened directly in a browser, so it must load and run nothing."""


def list_clocks(call: Call) -> Reply:
    with call.store.reading() as tx:
        book, case = visible_book(tx, call.params["number"], call.actor)
        body = {"number": case.number, "state": case.state, "heard": case.heard}
        told = observed(tx, case.procedure, legal_date(call.now))
        return Reply({**body, "items": clocks_of(tx, book, case, call.now), **({"observed": told} if told else {})})


def list_messages(call: Call) -> Reply:
    with call.store.reading() as tx:
        _, case = visible_book(tx, call.params["number"], call.actor)
        return Reply({"number": case.number, "items": messages_of(tx, case, call.actor)})


def sweep_now(call: Call) -> Reply:
    """Do on demand what the timers do automatically; where callers give the time, this is how time passes."""
    if call.dry_run:
        raise Problem("malformed", "dry_run: a sweep cannot be tried out; omit dry_run, or read the clocks instead")
    mail = bool(call.settings.smtp_url)
    moved = reproject(call.store, call.now, mail=mail)
    fired = sweep(call.store, load_rules(call.settings.rules), call.now, mail=mail)
    compose(call.store, call.now)
    append(call.store)
    return Reply({"fired": fired, "moved": moved})


CASE_ROUTES = [
    route
    for role, path in CASES.items()
    for case in (f"{path}/<number>",)
    for clock in (f"{case}/clocks/<clock>",)
    for route in (
        Route(
            *("GET", f"{case}/clocks", list_clocks, role, Text("期限", "Read a case's clocks")),
            gives=schemas.Clocks,
        ),
        Route(
            *("GET", f"{clock}/explanation", explain_clock, role, Text("期限说明", "Explain a clock")),
            gives=schemas.ClockExplanation,
        ),
        Route(
            *("GET", f"{clock}/explanation.svg", draw_clock, role, Text("期限图", "Draw a clock")),
            media="image/svg+xml",
        ),
        Route(
            *("GET", f"{case}/messages", list_messages, role, Text("通知", "Read a case's messages")),
            gives=Messages,
        ),
    )
]

TIME_ROUTES = [
    Route(
        "POST",
        "/internal/v1/sweeps",
        sweep_now,
        "staff:operator",
        Text("到期扫描", "Fire what is due now"),
        gives=schemas.Swept,
    ),
]
