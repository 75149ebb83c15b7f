"""A service that is told to stop finishes its work in progress."""

from __future__ import annotations

import signal
import threading
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from deploy.local.client import Client, Refused
from deploy.local.story import APPLICANT, instant
from deploy.local.story_forms import TYPE_APPROVAL_FORM
from shared.messaging.envelope import new_id
from shared.runtime.config import database_url
from tests.shared.http.parts import process
from tests.systems import fresh_system

if TYPE_CHECKING:
    from deploy.local.system import System

pytestmark = [pytest.mark.servers, pytest.mark.long]

GRACE_SECONDS = 10
AT = instant(date(2013, 9, 17), 9)


def submit_until_gone(client: Client, gone: threading.Event, submitted: list[str]) -> None:
    """Submit applications, each for another model, one after the other, as long as somebody answers."""
    while not gone.is_set():
        try:
            (line,) = TYPE_APPROVAL_FORM["lines"]
            form = {**TYPE_APPROVAL_FORM, "lines": [{**line, "model": new_id()}]}
            draft = client.post("/v1/applications", form, AT)
            submitted.append(client.act(f"/v1/applications/{draft['id']}", "submit", {}, AT)["number"])
        except (OSError, Refused):
            return


def outbox(system: System) -> int:
    environment = system.environment("type_approval")
    url = database_url(environment["QUANHENG_DATABASE_URL"], f"{environment['QUANHENG_NAMESPACE']}_type_approval")
    with create_engine(url).connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM outbox")).scalar_one())


def test_a_service_told_to_leave_publishes_what_is_committed_and_is_gone_in_time() -> None:
    with fresh_system("type_approval", forked=False) as system:
        gone = threading.Event()
        submitted: list[str] = []
        users = [
            threading.Thread(
                target=submit_until_gone,
                # Nobody insists: an answer that does not come is what this is about.
                args=(Client(system.url("type_approval"), system.token(APPLICANT), patience=0), gone, submitted),
            )
            for _ in range(4)
        ]
        for user in users:
            user.start()
        while len(submitted) < 20:
            assert any(user.is_alive() for user in users)
        leaving = system.processes["type_approval"]
        leaving.send_signal(signal.SIGTERM)
        assert leaving.wait(GRACE_SECONDS) == 0
        gone.set()
        for user in users:
            user.join()
        assert outbox(system) == 0
        assert len(set(submitted)) == len(submitted)


def test_a_process_that_only_answers_leaves_in_time_though_nobody_asks(system: System) -> None:
    with process(system, "type_approval") as found:
        found.running.send_signal(signal.SIGTERM)
        assert found.running.wait(GRACE_SECONDS) == 0
