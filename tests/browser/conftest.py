"""A real browser in front of the portal of the running system."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from deploy.local import packages, typefaces
from deploy.local.portal import MODULE
from deploy.local.process import free_ports
from tests.browser.people import DESKTOP, PATIENCE_MS, Person, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from deploy.local.portal import Portal

NOW = "2013-09-17T09:00:00+08:00"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


VARIABLE = "QUANHENG_CHROMIUM"
_KNOWN_AS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _chromium() -> str | None:
    """A browser that starts: some systems have a program of that name which only says where to get one."""
    named = os.environ.get(VARIABLE)
    for name in (named,) if named else _KNOWN_AS:
        found = shutil.which(name)
        if found and _starts(found):
            return found
    return None


def _starts(program: str) -> bool:
    asked = subprocess.run([program, "--version"], capture_output=True, check=False)  # noqa: S603  a browser's own name
    return not asked.returncode


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or one that is there; installed if there is none, with a typeface for Chinese.

    It ends with these tests: while it runs, its loop is that of the thread, and others could not start theirs.
    """
    instead = f"set {VARIABLE} to the path of a Chromium or Chrome"
    packages.provide({"chromium": lambda: _chromium() is not None}, {"chromium": instead})
    typefaces.ensure()
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=_chromium(), args=_FLAGS, timeout=PATIENCE_MS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def looked() -> set[tuple[str, str]]:
    """The kinds of pages that were looked at, with the way."""
    return set()


@pytest.fixture
def beside(portal: Portal) -> Iterator[Callable[..., str]]:
    """Starts another process of the portal that is told something else, and says where; it shares the sessions."""
    started: list[str] = []

    def start(**told: str) -> str:
        (port,), name = free_ports(1), f"beside-{len(started)}"
        url = f"http://127.0.0.1:{port}"
        own = {"QUANHENG_HTTP_PORT": str(port), "QUANHENG_PORTAL_URL": url}
        portal.system.launch(name, [MODULE], portal.environment() | own | told)
        started.append(name)
        portal.system.await_ready(name, url)
        return url

    yield start
    for name in started:
        ended = portal.system.processes.pop(name)
        ended.kill()
        ended.wait()


@pytest.fixture
def person(chromium: Browser, portal: Portal, looked: set[tuple[str, str]]) -> Iterator[Callable[..., Person]]:
    """Opens a window for somebody."""
    opened: list[Person] = []

    def open_(way: Way | None = None, now: str = NOW) -> Person:
        opened.append(Person(chromium, portal.url, way or Way(width=DESKTOP), now, looked))
        return opened[-1]

    yield open_
    for one in opened:
        one.end()
