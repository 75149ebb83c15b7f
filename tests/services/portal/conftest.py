"""The portal, for the running system of the tests."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from services.portal import settings
from services.portal.application import application
from tests.services.portal.browsing import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.portal import Portal


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
