"""Systems for tests: set up without a process for each migration, and emptied for whoever needs one from the start."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kombu import Connection

from deploy.local import backing
from deploy.local.process import free_ports
from deploy.local.system import System
from services import SERVICES
from services.catalogue import TOPOLOGY
from shared.messaging.topology import declare
from shared.runtime.config import amqp_url
from shared.runtime.roles import ProcessRole
from tests import registered  # noqa: F401 - it fills the databases of tests
from tests.forkserver import Forked, fork_server
from tests.support import FRESH, create

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import IO

    from deploy.local.system import Running

POOL = "QUANHENG_DATABASE_POOL"
EVENT_ROLES = (ProcessRole.CONSUME, ProcessRole.RELAY, ProcessRole.TICK)


def prepare(found: backing.Backing) -> None:
    """What `migrate` of each service does, in no time: copies of migrated databases, and the queues."""
    for service in SERVICES:
        create(found.database_url, f"{found.namespace}_{service}", service)
    with Connection(amqp_url(found.amqp_url, found.namespace), connect_timeout=20) as broker:
        for service in SERVICES:
            declare(broker.default_channel, TOPOLOGY, service)


class ForkedSystem(System):
    """Runs each service as two forked processes: one for requests, one for events, as in Kubernetes."""

    def __init__(self, found: backing.Backing) -> None:
        super().__init__(found, given_time=True)
        for earlier in self.directory.glob("*.log"):
            earlier.unlink()
        self._event_ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))

    def _launch(self, service: str, command: str) -> Running:
        log = self._opened_log(service)
        env = self.environment(service)
        # The tests keep their connections open: one that the server closes just as a test sends fails that test.
        env["QUANHENG_HTTP_IDLE_SECONDS"] = "3600"
        probes = {"QUANHENG_HTTP_PORT": str(self._event_ports[service])}
        # PostgreSQL admits a hundred connections for all workers. Tests ask one thing at a time; notifications takes in
        # from all others at once, and would open a connection for every event.
        requests, events = {POOL: "1"}, {POOL: "4"} if service == "notifications" else {}
        return Both(
            fork("requests", service, command, (ProcessRole.API,), env | requests, log),
            fork("events", service, command, EVENT_ROLES, env | probes | events, log),
        )

    def _probed(self, service: str) -> list[str]:
        return [*super()._probed(service), f"http://127.0.0.1:{self._event_ports[service]}"]


class Both:
    """Two processes that are started, asked and ended as one."""

    def __init__(self, *processes: Forked) -> None:
        self._processes = processes
        self.pid = processes[0].pid

    def poll(self) -> int | None:
        ended = [process.poll() for process in self._processes]
        return None if all(status is None for status in ended) else max(status or 0 for status in ended)

    def wait(self, timeout: float | None = None) -> int:
        return max(process.wait(timeout) for process in self._processes)

    def send_signal(self, number: int, /) -> None:
        for process in self._processes:
            process.send_signal(number)

    def kill(self) -> None:
        for process in self._processes:
            process.kill()


def fork(
    kind: str, service: str, command: str, roles: Sequence[ProcessRole], env: Mapping[str, str], log: IO[bytes]
) -> Forked:
    """A process of `services` in these roles, which are of one kind."""
    return fork_server(kind).start([service, command, *(f"--role={role}" for role in roles)], env, log)


@contextmanager
def fresh_system(*services: str, forked: bool = True) -> Iterator[System]:
    """A system beside that of the tests, with nothing in it, so that numbers begin at the beginning.

    Not `forked`, each service is started as `make up` does it.
    """
    with (
        backing.ensure(FRESH, fresh=True) as found,
        ForkedSystem(found) if forked else System(found, given_time=True) as system,
    ):
        prepare(found)
        system.start(*services)
        yield system
