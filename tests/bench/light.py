"""Runs notifications with a handler that does what the peers' handlers do, and nothing else of notifications.

`python -m tests.bench.light --role consume`: the service's class is replaced, all else is the real process.
"""

# nameko's decorators are untyped.
# mypy: disable-error-code=untyped-decorator
from __future__ import annotations

import eventlet

# As in shared.runtime: before anything else is imported.
eventlet.monkey_patch()

import sys  # noqa: E402
from collections import Counter  # noqa: E402
from types import ModuleType  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

from sqlalchemy import text  # noqa: E402

from services.catalogue import TOPOLOGY  # noqa: E402
from shared.http.server import respond  # noqa: E402
from shared.messaging import outbox  # noqa: E402
from shared.messaging.entrypoints import consume  # noqa: E402
from shared.messaging.envelope import Event, new_id  # noqa: E402
from shared.messaging.inbox import take  # noqa: E402
from shared.runtime.database import Database  # noqa: E402
from shared.runtime.process import main  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_PROJECT = text(
    "UPDATE tracked_cases SET state = new.state, events = events + new.heard"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:heard AS int[])) AS new (id, state, heard)"
    " WHERE tracked_cases.id = new.id"
)


def react(tx: Connection, events: Sequence[Event]) -> None:
    """Project the newest state of each case, and tell one event for each that was heard."""
    states = {event.case_id: event.data["state"] for event in events}
    heard = Counter(event.case_id for event in events)
    tx.execute(
        _PROJECT,
        {"ids": list(states), "states": list(states.values()), "heard": [heard[case_id] for case_id in states]},
    )
    outbox.add(tx, [_told(event) for event in events])


def _told(event: Event) -> Event:
    return Event(
        id=new_id(),
        source="notifications",
        type="clock.reminded",
        version=1,
        subject=event.subject,
        time=event.time,
        actor="system",
        case_id=event.case_id,
        case_seq=event.case_seq,
        correlation_id=event.correlation_id,
        causation_id=event.id,
        data={"on": event.data["on"], "state": event.data["state"]},
    )


class Service:
    name = "notifications"
    store = Database()

    @consume(TOPOLOGY)
    def take(self, bodies: Sequence[bytes]) -> None:
        take(self.store.engine, react, bodies)

    @respond([])
    def answer(self, call: object) -> None:
        """Nothing: the process has its probes."""


def _run() -> None:
    module = ModuleType("services.notifications.service")
    module.Service = Service  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    main()


if __name__ == "__main__":
    _run()
