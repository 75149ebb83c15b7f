"""One broker, one database server and one running system for all tests; what a test changes is its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from deploy.local import backing
from deploy.local.system import System

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMESPACE = os.environ.get("QUANHENG_TEST_NAMESPACE", "quanheng_test")
"""Another name lets two checkouts on one machine be tested at once."""

# A busy machine draws slowly; that says nothing of the code.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


@pytest.fixture(scope="session")
def servers() -> Iterator[backing.Backing]:
    """Real RabbitMQ and PostgreSQL, with a virtual host and databases of the tests' own, empty."""
    with backing.ensure(NAMESPACE, fresh=True) as found:
        yield found


@pytest.fixture(scope="session")
def system(servers: backing.Backing) -> Iterator[System]:
    """The three services as processes, in time that the callers give."""
    with System(servers, given_time=True) as running:
        running.migrate()
        running.start()
        yield running
