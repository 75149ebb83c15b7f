"""One broker and one database server for all tests, and a running system for each worker that shares them.

What a test changes is its own.
"""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import text

from deploy.local import backing
from deploy.local.portal import PORTAL, Portal
from shared.runtime.machine import settle_memory
from tests.support import NAMESPACE, Office, create, service_engine
from tests.systems import ForkedSystem, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploy.local.system import System
    from tests.support import Sweep

# A busy machine draws slowly; that says nothing of the code.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")
# By default an error is drawn in boxes with all its variables, which takes a second each.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)


def pytest_xdist_auto_num_workers() -> int:
    """Two at most: with its system, each takes up to 40 of the 100 connections that PostgreSQL admits by default."""
    return min(len(os.sched_getaffinity(0)), 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # What takes longest begins first, so that no worker waits for it at the end; then what lets time pass for the cases
    # of all tests, while these are few.
    items.sort(key=lambda item: ("tests/journeys/" not in item.nodeid, not _uses(item, "sweep")))
    for item in items:
        if _uses(item, "servers"):
            item.add_marker("servers")


def _uses(item: pytest.Item, fixture: str) -> bool:
    return fixture in getattr(item, "fixturenames", ())


def pytest_collection() -> None:
    # What is collected lives to the end: looking at it again and again took a tenth of the CPU of a worker.
    gc.disable()


def pytest_collection_finish() -> None:
    settle_memory()
    gc.enable()


@pytest.fixture(scope="session")
def servers() -> Iterator[backing.Backing]:
    """Real RabbitMQ and PostgreSQL, with a virtual host and databases of the tests' own, empty."""
    with backing.ensure(NAMESPACE, fresh=True) as found:
        yield found


@pytest.fixture(scope="session")
def system(servers: backing.Backing) -> Iterator[System]:
    """The three services as processes, in time that the callers give."""
    with ForkedSystem(servers) as running:
        prepare(servers)
        running.start()
        yield running


@pytest.fixture(scope="session")
def office(system: System, servers: backing.Backing) -> Iterator[Office]:
    """The running system with its callers and databases."""
    with Office(system, servers.database_url, servers.namespace) as found:
        yield found


@pytest.fixture
def sweep(office: Office) -> Sweep:
    """Lets time pass until then, for the cases of all tests: who uses it runs early, while these are few."""
    return office.sweep


@pytest.fixture(scope="session")
def portal(system: System, servers: backing.Backing) -> Portal:
    """Both faces of the portal, and the issuer at which one signs in; they end with the system."""
    create(servers.database_url, f"{servers.namespace}_{PORTAL}", PORTAL)
    portal = Portal(system)
    portal.start()
    return portal


@pytest.fixture
def end_sessions(servers: backing.Backing) -> Callable[[], None]:
    """Ends all sessions of the portal, as half an hour without a request does."""

    def end() -> None:
        with service_engine(servers.database_url, servers.namespace, PORTAL) as engine, engine.begin() as tx:
            tx.execute(text("UPDATE sessions SET seen_at = seen_at - interval '31 minutes'"))

    return end
