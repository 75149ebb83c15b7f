"""The notifications service: entry points only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.catalogue import TOPOLOGY
from services.notifications.commands import pass_time, sweep
from services.notifications.feed import append, clean
from services.notifications.queries import clocks_of, messages_of, visible_book
from services.notifications.reactions import react
from services.notifications.routes import CASES, CLOCK_ROUTES, DIRECTORY_ROUTES, FEED_ROUTES, WORK_ROUTES
from services.notifications.schemas import Clocks, Messages, Swept
from services.notifications.statistics import observed
from shared.http import Call, Problem, Reply, Route
from shared.http.openapi import Offer
from shared.http.parked import PARKED_ROUTES
from shared.http.server import respond
from shared.law import load
from shared.messaging.entrypoints import consume, relay
from shared.messaging.inbox import take
from shared.runtime.database import Database
from shared.runtime.dependencies import Config, Time
from shared.runtime.tick import tick
from shared.runtime.time import legal_date

if TYPE_CHECKING:
    from collections.abc import Sequence


def clocks(call: Call) -> Reply:
    with call.store.reading() as tx:
        book, case = visible_book(tx, call.params["number"], call.actor)
        body = {"number": case.number, "state": case.state, "heard": case.heard}
        told = observed(tx, case.procedure, legal_date(call.now))
        return Reply({**body, "items": clocks_of(tx, book, case, call.now), **({"observed": told} if told else {})})


def messages(call: Call) -> Reply:
    with call.store.reading() as tx:
        _, case = visible_book(tx, call.params["number"], call.actor)
        return Reply({"number": case.number, "items": messages_of(tx, case, call.actor)})


def sweep_now(call: Call) -> Reply:
    """What the ticks do by themselves, on demand: where time is given by the callers, this is how it passes."""
    fired = sweep(call.store, load(call.settings.rules), call.now, mail=bool(call.settings.smtp_url))
    append(call.store)
    return Reply({"fired": fired})


ROUTES = [
    *PARKED_ROUTES,
    *DIRECTORY_ROUTES,
    *FEED_ROUTES,
    *CLOCK_ROUTES,
    *WORK_ROUTES,
    Route("POST", "/internal/v1/sweeps", sweep_now, "staff", "Fire what is due now 到期扫描", gives=Swept),
    *(
        route
        for role, path in CASES.items()
        for route in (
            Route("GET", f"{path}/<number>/clocks", clocks, role, "Read a case's clocks 期限", gives=Clocks),
            Route("GET", f"{path}/<number>/messages", messages, role, "Read a case's messages 通知", gives=Messages),
        )
    ),
]
OFFER = Offer("notifications", "期限与通知", "clocks and messages", ROUTES)


class Service:
    """期限与通知."""

    name = "notifications"
    store = Database()
    clock = Time()
    settings = Config()

    @respond(ROUTES)
    def answer(self, call: Call) -> Reply | Problem:
        call.store, call.settings = self.store, self.settings
        return call.answered()

    @consume(TOPOLOGY)
    def take(self, bodies: Sequence[bytes]) -> None:
        take(self.store.engine, partial(react, mail=bool(self.settings.smtp_url)), bodies)

    @relay(TOPOLOGY)
    def publish(self) -> None:
        """The relay publishes by itself; nameko wants a method to hang it on."""

    @tick(seconds=1)
    def pass_time(self) -> None:
        pass_time(self.store, self.settings, self.clock.now())

    @tick(seconds=1)
    def append_to_feed(self) -> None:
        append(self.store)

    @tick(seconds=600)
    def clean(self) -> None:
        clean(self.store)
