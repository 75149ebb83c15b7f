"""A running system with cases in every state, so that fuzzing uses ids that exist."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from deploy.local import backing
from deploy.local.system import System
from tests.registered import EXPERTS
from tests.support.forms import elsewhere
from tests.support.office import DOERS, WAYS, Office, PlayedCase
from tests.support.people import expert
from tests.support.waiting import wait_for
from tests.systems import prepare

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from shared.identity import Actor

SIDES = {
    "public": ("applicant",),
    "lab": ("tester", "checker", "signatory"),
    "internal": ("head", "intake", "examiner", "chair", "decider", "second_decider"),
}
"""By face, who calls on it."""


class World:
    """What is there: cases, and the names that stand in paths."""

    def __init__(self, system: System, office: Office) -> None:
        self._system = system
        approved = _played(office, "type_approval")
        wait_for(office.settled, what="all events to arrive")
        # Who wants a licence has a type approval.
        self.cases = {"type_approval": approved, "licensing": _played(office, "licensing", approved[-1].code)}
        self.cases["c_mark"] = _played(office, "c_mark")
        wait_for(office.settled, what="all events to arrive")
        numbers = [case.read()["number"] for cases in self.cases.values() for case in cases[1:]]
        self._names: dict[str, list[Any]] = {
            "cases/number": numbers,
            "certificates/number": [row[0] for row in office.rows("type_approval", "SELECT number FROM certificates")],
            "licences/number": [row[0] for row in office.rows("licensing", "SELECT number FROM licences")],
            "marks/number": [row[0] for row in office.rows("c_mark", "SELECT number FROM marks")],
            "staff/subject": ["intake-1", "head-1"],
        }
        # Nobody listens there.
        webhook = {"url": "http://127.0.0.1:9/"}
        self._webhooks = {
            case.code: [
                office.caller("notifications", case.people[who]).post(path, webhook).json["id"]
                for who, path in (("applicant", "/v1/webhooks"), ("tester", "/v1/lab/webhooks"))
            ]
            for case in approved[-5:]
        }

    def url(self, service: str) -> str:
        return self._system.url(service)

    def token(self, actor: Actor) -> str:
        return self._system.token(actor)

    def case(self, service: str, chance: random.Random) -> PlayedCase:
        """A case of the service; of any service for one that has none of its own."""
        return chance.choice(self.cases.get(service) or [case for cases in self.cases.values() for case in cases])

    def name(self, place: str, case: PlayedCase, chance: random.Random) -> Any:
        """Something that stands at `place` in a path; None where nothing is known to."""
        if place == "applications/ref":
            return case.id
        if place == "webhooks/webhook":
            return chance.choice(self._webhooks.get(case.code, [None]))
        known = self._names.get(place)
        return chance.choice(known) if known else None


def doer(face: str, action: str, case: PlayedCase, chance: random.Random) -> Actor:
    """Somebody of this face; mostly the one who does the action."""
    if face == "expert":
        return expert(chance.choice(EXPERTS))
    who = DOERS.get(action)
    if who not in SIDES[face] or chance.random() < 1 / 8:
        who = chance.choice(SIDES[face])
    return case.people[who]


def _played(office: Office, service: str, code: str | None = None) -> list[PlayedCase]:
    """A case at each stage of the straight way, the last at its end."""
    cases = []
    for done in range(len(WAYS[service]) + 1):
        # Of one maker there is no second application for the same.
        case = office.case(service, code, **(elsewhere() if code else {}))
        for action in WAYS[service][:done]:
            case.do(action)
        cases.append(case)
    return cases


@contextmanager
def world(namespace: str) -> Iterator[World]:
    """The three services of this checkout, on a namespace of their own, empty but for the cases played here."""
    with backing.ensure(namespace, fresh=True) as servers, System(servers, given_time=True) as system:
        prepare(servers)
        system.start()
        with Office(system, servers.database_url, namespace) as office:
            yield World(system, office)
