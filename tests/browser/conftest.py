"""A real browser in front of the portal of the running system."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from deploy.local import packages, typefaces
from tests.browser.people import DESKTOP, Person, Way
from tests.services.portal.conftest import portal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from deploy.local.portal import Portal

__all__ = ["portal"]

NOW = "2013-09-17T09:00:00+08:00"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, installed if it is not there, with a typeface for Chinese."""
    packages.provide({"chromium": lambda: _chromium() is not None})
    typefaces.ensure()
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=_chromium(), args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def person(chromium: Browser, portal: Portal) -> Iterator[Callable[..., Person]]:
    """Opens a window for somebody."""
    opened: list[Person] = []

    def open_(way: Way | None = None, now: str = NOW) -> Person:
        opened.append(Person(chromium, portal.url, way or Way(width=DESKTOP), now))
        return opened[-1]

    yield open_
    for one in opened:
        one.end()
