"""Systems for tests: set up without a process for each migration, and emptied for whoever needs one from the start."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kombu import Connection

from deploy.local import backing
from deploy.local.system import SERVICES, System
from services.catalogue import TOPOLOGY
from shared.messaging.topology import declare
from shared.runtime.config import amqp_url
from shared.testing import NAMESPACE, create

if TYPE_CHECKING:
    from collections.abc import Iterator


def prepare(found: backing.Backing) -> None:
    """What `migrate` of each service does, in no time: copies of migrated databases, and the queues."""
    for service in SERVICES:
        create(found.database_url, f"{found.namespace}_{service}", service)
    with Connection(amqp_url(found.amqp_url, found.namespace), connect_timeout=5) as broker:
        for service in SERVICES:
            declare(broker.default_channel, TOPOLOGY, service)


@contextmanager
def fresh_system(*services: str) -> Iterator[System]:
    """A system beside that of the tests, with nothing in it, so that numbers begin at the beginning."""
    with backing.ensure(f"{NAMESPACE}_fresh", fresh=True) as found, System(found, given_time=True) as system:
        prepare(found)
        system.start(*services)
        yield system
