"""Plays cases against the real tables through the casework engine, or against the services over HTTP.

    python -m tests.faults.loader --seed S --cases N --rate R [--alone] [--url SERVICE=URL …]

Every step is one transaction, as a request is, repeated until it is known to be committed: the facts are the same
whatever fails meanwhile. Now and then time passes and ladders fire, so that notifications tells events too.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from deploy.local.client import Client, Refused
from deploy.local.system import development_key
from services.licensing.procedure import PROCEDURE as LICENSING
from services.notifications.commands import sweep
from services.type_approval.procedure import PROCEDURE as TYPE_APPROVAL
from shared.casework import Cause, apply, create, get_case
from shared.identity import Actor, issue
from shared.law import load
from shared.messaging.doorbell import RemoteDoorbell
from shared.messaging.envelope import new_id
from shared.problems import Problem
from shared.runtime.database import Store
from tests.support import (
    DOERS,
    WAYS,
    content_of,
    credit_code,
    engine_of,
    licence_form,
    officer,
    people,
    type_approval_form,
)
from tests.support.office import FACES

if TYPE_CHECKING:
    from collections.abc import Mapping

START = datetime(2013, 9, 17, 1, tzinfo=UTC)
PATIENCE_SECONDS = 240.0
PAUSE_SECONDS = 0.05
THREADS = 3
OPEN_CASES = 12
"""So many cases of a thread are under way at once."""
STEPS_PER_SWEEP = 120
SWEPT_DAYS = 7
"""How far time passes, at most: reminders fire, but the first limit to run out is on the next day, and silence moves a
case; the scripts would have to know whether it did."""
PROCEDURES = {"type_approval": TYPE_APPROVAL, "licensing": LICENSING}

_TO_SAMPLES = WAYS["type_approval"][:6]
_TO_CERTIFICATE = WAYS["type_approval"][7:]
_SUPPLEMENTED = ("submit", "request_supplement", "supplement", *_TO_SAMPLES[1:])


def script(chance: random.Random, *, alone: bool) -> list[tuple[str, str]]:
    """What is done, in order, with one application for type approval: at least ten events.

    `alone` leaves out what must wait for an event to arrive.
    """

    def tests(least: int, most: int) -> tuple[str, ...]:
        return ("record_test",) * chance.randint(least, most)

    kind = chance.choices(("tested", "granted", "withdrawn", "supplemented"), (35, 35, 15, 15))[0]
    actions: tuple[str, ...] = {
        "tested": (*_TO_SAMPLES, *tests(4, 8)),
        "granted": (*_TO_SAMPLES, *tests(1, 3), *_TO_CERTIFICATE),
        "withdrawn": (*_TO_SAMPLES, *tests(3, 5), "withdraw"),
        "supplemented": (*_SUPPLEMENTED, *tests(2, 5)),
    }[kind]
    steps = [("type_approval", action) for action in actions]
    if kind == "granted" and not alone and chance.random() < 1 / 3:
        # A licence application waits for the certificate, whose event lets it in.
        steps.insert(1, ("licensing", "submit"))
    return steps


@dataclass
class Walk:
    """One applicant's cases on their way. `ids` and `done` are by service."""

    steps: list[tuple[str, str]]
    code: str = field(default_factory=credit_code)
    ids: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    at: int = 0
    deadline: float = field(default_factory=lambda: time.monotonic() + PATIENCE_SECONDS)

    @property
    def now(self) -> datetime:
        return START + timedelta(days=3 * self.at)

    def form(self, service: str) -> dict[str, Any]:
        if service == "type_approval":
            return type_approval_form(self.code)
        form = licence_form(self.code)
        form["lines"][0]["type_approval"] = self.numbers["type_approval"]
        return form


class NotYetError(Exception):
    """The step cannot be done now: something is out of order, or an event is still on its way."""


class Way(Protocol):
    """How steps are done."""

    def begin(self, walk: Walk, service: str) -> str:
        """Make the draft; its id."""

    def act(self, walk: Walk, service: str, action: str) -> str | None:
        """Do the action; the case's number, if it is told. Raises NotYetError."""

    def sweep(self, now: datetime) -> None:
        """Let time pass."""


class Tables:
    """Straight to the tables, through the engine that the services use."""

    def __init__(self, server: str, namespace: str) -> None:
        self._stores = {}
        for service in (*PROCEDURES, "notifications"):
            engine = engine_of(server, f"{namespace}_{service}")
            bell = RemoteDoorbell(engine)
            bell.start()
            self._stores[service] = Store(engine, bell)
        self._rules = load()

    def begin(self, walk: Walk, service: str) -> str:
        actor = people(walk.code)["applicant"]
        try:
            with self._stores[service].transaction() as tx:
                return create(tx, PROCEDURES[service], actor, walk.now, walk.form(service)).id
        except SQLAlchemyError as error:
            raise NotYetError from error

    def act(self, walk: Walk, service: str, action: str) -> str | None:
        try:
            with self._stores[service].transaction() as tx:
                return apply(
                    tx,
                    PROCEDURES[service],
                    walk.ids[service],
                    action,
                    content_of(action, walk.form(service)),
                    actor=people(walk.code)[DOERS[action]],
                    now=walk.now,
                    rules=self._rules,
                    cause=Cause(new_id(), ""),
                    versions=(walk.done[service] + 1,),
                ).number
        except SQLAlchemyError as error:
            raise NotYetError from error
        except Problem as problem:
            if problem.kind == "stale":
                # It was committed, but the answer was lost.
                return self._number(walk, service)
            if any(fault.code == "unknown_type_approval" for fault in problem.violations):
                raise NotYetError from problem
            raise

    def _number(self, walk: Walk, service: str) -> str | None:
        try:
            with self._stores[service].reading() as tx:
                return get_case(tx, walk.ids[service]).number
        except SQLAlchemyError as error:
            raise NotYetError from error

    def sweep(self, now: datetime) -> None:
        try:
            sweep(self._stores["notifications"], load(), now, mail=False)
        except SQLAlchemyError as error:
            raise NotYetError from error


class Http:
    """As users do; the client repeats what was not answered."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls
        self._key = development_key()
        self._tokens: dict[Actor, str] = {}

    def begin(self, walk: Walk, service: str) -> str:
        client = self._client(service, people(walk.code)["applicant"])
        return str(client.post("/v1/applications", walk.form(service), walk.now)["id"])

    def act(self, walk: Walk, service: str, action: str) -> str | None:
        actor = people(walk.code)[DOERS[action]]
        case = f"{FACES[actor.role]}/{walk.ids[service]}"
        content = content_of(action, walk.form(service))
        try:
            return str(self._client(service, actor).act(case, action, content, walk.now)["number"])
        except Refused as refused:
            if "unknown_type_approval" in refused.codes:
                raise NotYetError from refused
            raise

    def sweep(self, now: datetime) -> None:
        self._client("notifications", officer("operator-1", "operator")).post("/internal/v1/sweeps", {}, now)

    def _client(self, service: str, actor: Actor) -> Client:
        if actor not in self._tokens:
            self._tokens[actor] = issue(self._key, actor)
        return Client(self._urls[service], self._tokens[actor])


def play(way: Way, chance: random.Random, scripts: list[list[tuple[str, str]]], pause: float) -> None:
    """Play cases, many at once, a step about every `pause` seconds. Raises TimeoutError."""
    waiting = [Walk(steps) for steps in scripts]
    walks: list[Walk] = []
    due = time.monotonic()
    while waiting or walks:
        while waiting and len(walks) < OPEN_CASES:
            walks.append(waiting.pop())
            walks[-1].deadline = time.monotonic() + PATIENCE_SECONDS
        walk = chance.choice(walks)
        due = max(due + pause, time.monotonic() - 1)
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            if chance.randrange(STEPS_PER_SWEEP) == 0:
                way.sweep(START + timedelta(days=chance.randint(3, SWEPT_DAYS)))
            step(way, walk)
        except NotYetError as error:
            if time.monotonic() > walk.deadline:
                raise TimeoutError(f"{walk.steps[walk.at]} of {walk.ids}: {error.__cause__}") from error
            time.sleep(PAUSE_SECONDS)
        if walk.at == len(walk.steps):
            walks.remove(walk)


def step(way: Way, walk: Walk) -> None:
    service, action = walk.steps[walk.at]
    if service not in walk.ids:
        walk.ids[service] = way.begin(walk, service)
    number = way.act(walk, service, action)
    walk.numbers[service] = number or walk.numbers.get(service, "")
    walk.done[service] += 1
    walk.at += 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.loader")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="steps per second, at most")
    parser.add_argument("--alone", action="store_true", help="nothing that waits for an event")
    parser.add_argument("--url", action="append", default=[])
    options = parser.parse_args()
    way: Way
    if options.url:
        way = Http(dict(url.split("=", 1) for url in options.url))
    else:
        way = Tables(os.environ["QUANHENG_DATABASE_URL"], os.environ["QUANHENG_NAMESPACE"])
    failures: list[BaseException] = []

    def work(number: int) -> None:
        chance = random.Random(f"{options.seed} {number}")  # noqa: S311 - to be repeated, not to be secret
        share = options.cases // THREADS + (number < options.cases % THREADS)
        try:
            scripts = [script(chance, alone=options.alone) for _ in range(share)]
            play(way, chance, scripts, THREADS / options.rate)
        except BaseException as error:  # noqa: BLE001 - told by the process's end
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        print(repr(failure), file=sys.stderr)  # noqa: T201
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
