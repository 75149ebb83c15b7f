"""The portal, for the running system of the tests."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from deploy.local.portal import PORTAL, Portal
from services.portal import settings
from services.portal.application import application
from tests.services.portal.browsing import Browser
from tests.support import create, service_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from deploy.local.backing import Backing
    from deploy.local.system import System


@pytest.fixture(scope="session")
def portal(system: System, servers: Backing) -> Portal:
    """Both faces, and the issuer at which one signs in; they end with the system."""
    create(servers.database_url, f"{servers.namespace}_{PORTAL}", PORTAL)
    portal = Portal(system)
    portal.start()
    return portal


@pytest.fixture
def browser(portal: Portal) -> Iterator[Browser]:
    """Somebody who reads Chinese."""
    with Browser(portal) as found:
        yield found


@pytest.fixture
def english(portal: Portal) -> Iterator[Browser]:
    """Somebody who reads English."""
    with Browser(portal, "en") as found:
        yield found


@contextmanager
def another(portal: Portal, **told: str) -> Iterator[TestClient]:
    """Another process of the portal, told something else; it shares the sessions."""
    made = application(settings.read(portal.environment() | told))
    with TestClient(made, base_url=portal.url, follow_redirects=False) as client:
        yield client


@pytest.fixture
def end_sessions(servers: Backing) -> Callable[[], None]:
    """Ends all sessions, as half an hour without a request does."""

    def end() -> None:
        with service_engine(servers.database_url, servers.namespace, PORTAL) as engine, engine.begin() as tx:
            tx.execute(text("UPDATE sessions SET seen_at = seen_at - interval '31 minutes'"))

    return end
