"""With one service down: pages that need it say which and what to do, parts that need it say so, the rest works."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from deploy.local.process import free_ports
from services.portal import settings
from services.portal.sessions import Sessions, Tokens
from services.portal.texts import text
from shared.runtime.database import make_engine
from tests.services.portal.conftest import another
from tests.services.portal.pages import parse
from tests.services.portal.test_cases import NOW, page
from tests.support import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

    from deploy.local.portal import Portal
    from tests.services.portal.browsing import Browser
    from tests.support import Office, PlayedCase

NEED = {
    "notifications": ("/my/messages", "/permits", "/need"),
    "type_approval": ("/my/mandates", "{case}", "{case}/documents", "{case}/actions/withdraw"),
}
"""Pages that are nothing without the service."""
PARTLY = {
    "notifications": ("/my", "{case}", "/my/calendar"),
    "type_approval": ("/my", "/register", "/check?number=2013F999-22"),
}
"""Pages of which a part needs it."""
WORKS = {
    "notifications": ("/", "/help", "/my/apply", "/my/mandates", "{case}/documents", "/register"),
    "type_approval": ("/", "/help", "/my/apply", "/my/calendar", "/my/messages", "/permits"),
}


@pytest.fixture(scope="module")
def case(office: Office) -> PlayedCase:
    played = office.case("type_approval")
    played.until("submit")
    wait_for(office.settled, what="all events to arrive")
    return played


@pytest.fixture
def lame(portal: Portal, service: str) -> Iterator[TestClient]:
    """The portal where that service does not answer."""
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}"
    with another(portal, **{f"QUANHENG_{service.upper()}_URL": nobody}) as client:
        yield client


@pytest.mark.parametrize("service", NEED)
def test_what_needs_a_service_that_is_down_says_so_and_the_rest_works(
    lame: TestClient, browser: Browser, case: PlayedCase, service: str
) -> None:
    browser.sign_in(case.people["applicant"]).at(NOW)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())

    def seen(path: str) -> tuple[int, str]:
        answer = lame.get(path.format(case=page(case)), headers={"Cookie": cookies, "Accept-Language": "zh"})
        return answer.status_code, parse(answer.text).one("main").text

    name = text(f"service.{service}", "zh")
    for path in NEED[service]:
        status, words = seen(path)
        assert (status, name in words) == (503, True), (path, words)
    assert [path for path in PARTLY[service] if name not in seen(path)[1]] == []
    assert [path for path in WORKS[service] if seen(path)[0] != 200] == []


def test_somebody_stays_signed_in_when_the_database_of_sessions_was_started_anew(portal: Portal) -> None:
    read = settings.read(portal.environment())
    sessions, now = Sessions(read.database_url, read.session_key), datetime.now(UTC)
    begun = sessions.begin("staff:li", Tokens("access", "refresh", "identity", now + timedelta(hours=1)), now)
    with sessions.engine.connect() as tx:
        pid = tx.execute(sql("SELECT pg_backend_pid()")).scalar()
    other = make_engine(read.database_url)
    with other.begin() as tx:
        tx.execute(sql("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    other.dispose()
    assert sessions.find(begun.key, now) == begun
    sessions.end(begun.key)
    sessions.engine.dispose()
