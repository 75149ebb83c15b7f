"""Mail over real SMTP: sent once, tried again ever later, and given up where no try can help."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from deploy.local.process import free_ports
from services.notifications.channels import LEASE, next_try
from services.notifications.mail import MAIL_PAGE, Mail, send_mail, take
from services.notifications.undelivered import list_undelivered, retry_all, retry_one
from shared.messaging.doorbell import Doorbell
from shared.messaging.envelope import new_id
from shared.problems import Problem
from shared.runtime.database import Store
from shared.testing import database
from tests.services.mailserver import MailServer, mail_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.backing import Backing

NOW = datetime(2013, 9, 17, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)
CASE = new_id()


@pytest.fixture(scope="module")
def _store(servers: Backing) -> Iterator[Store]:
    with database(servers.database_url, f"{servers.namespace}_mail", "notifications") as engine:
        with engine.begin() as tx:
            tx.execute(
                text(
                    "INSERT INTO tracked_cases (id, source, number, procedure, rules, state, applicant, applicant_name,"
                    " email, heard, events) VALUES (:id, '', 'TA-2013-00001', '', '', '', '', '', '', 1, 0)"
                ),
                {"id": CASE},
            )
        yield Store(engine, Doorbell())


@pytest.fixture
def store(_store: Store) -> Store:
    with _store.transaction() as tx:
        tx.execute(text("TRUNCATE messages, contacts CASCADE"))
    return _store


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as found:
        yield found


def queue(store: Store, address: str = "maker@example.com", subject: str = "已收件") -> str:
    message = new_id()
    row = {"id": message, "case": CASE, "address": address, "subject": subject, "now": NOW}
    with store.transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO messages (id, case_id, recipient, inbox, address, template, template_version, language,"
                " subject, body, at, state, next_try_at) VALUES (:id, :case, 'applicant', 'applicant:maker', :address,"
                " 'application.received', 1, 'zh', :subject, '贵单位的申请已收件。', :now, 'queued', :now)"
            ),
            row,
        )
    return message


def told(store: Store, message: str) -> dict[str, Any]:
    query = text("SELECT state, attempts, next_try_at, sent_at, error FROM messages WHERE id = :id")
    with store.reading() as tx:
        return dict(tx.execute(query, {"id": message}).mappings().one())


def send(store: Store, server: MailServer, now: datetime = NOW) -> int:
    return send_mail(store, server.url, "office@example.com", now)


def test_a_queued_message_goes_out_once_as_it_is_kept(store: Store, server: MailServer) -> None:
    message = queue(store)
    assert [send(store, server), send(store, server, LATER)] == [1, 0]
    (mail,) = server.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == ("office@example.com", "maker@example.com", "已收件")
    assert mail.get_content().strip() == "贵单位的申请已收件。"
    assert mail["Message-ID"] == f"<{message}@quanheng>"
    state = {"state": "sent", "attempts": 1, "next_try_at": None, "sent_at": NOW, "error": None}
    assert told(store, message) == state


def test_what_is_refused_for_now_is_tried_again_until_it_arrives(store: Store, server: MailServer) -> None:
    message = queue(store)
    server.refusals["maker@example.com"] = "451 greylisted, come back"
    assert send(store, server) == 0
    first = told(store, message)
    assert (first["state"], first["attempts"], first["error"]) == ("queued", 1, "451 greylisted, come back")
    assert NOW + Mail.waits[0] <= first["next_try_at"] <= NOW + 1.1 * Mail.waits[0]
    server.refusals.clear()
    assert [send(store, server), send(store, server, first["next_try_at"])] == [0, 1]
    assert (told(store, message)["state"], told(store, message)["error"]) == ("sent", None)


def test_after_the_last_try_it_has_failed(store: Store, server: MailServer) -> None:
    message = queue(store)
    server.reply = "451 not now"
    now, tries = NOW, 0
    while now is not None:
        assert send(store, server, now) == 0
        now, tries = told(store, message)["next_try_at"], tries + 1
    assert tries == len(Mail.waits) + 1
    assert (told(store, message)["state"], told(store, message)["attempts"]) == ("failed", tries)


@pytest.mark.parametrize(
    ("address", "reply"),
    [
        ("nobody@example.com", "250 OK"),
        ("maker@example.com", "554 looks like spam"),
        ("one@example.com\nBcc: other@example.com", "250 OK"),
    ],
)
def test_what_no_try_can_help_has_failed_at_once_and_holds_up_no_other(
    store: Store, server: MailServer, address: str, reply: str
) -> None:
    server.refusals["nobody@example.com"] = "550 no such mailbox"
    message = queue(store, address)
    server.reply = reply
    send(store, server)
    found = told(store, message)
    assert (found["state"], found["attempts"], found["next_try_at"]) == ("failed", 1, None)
    assert found["error"]
    server.reply = "250 OK"
    queue(store, "other@example.com")
    assert send(store, server) == 1


def test_a_server_that_is_not_there_costs_a_page_one_try(store: Store) -> None:
    messages = [queue(store, f"{number}@example.com") for number in range(3)]
    (port,) = free_ports(1)
    assert send_mail(store, f"smtp://127.0.0.1:{port}", "office@example.com", NOW) == 0
    assert [told(store, message)["attempts"] for message in messages] == [1, 1, 1]
    assert {told(store, message)["state"] for message in messages} == {"queued"}
    assert len({told(store, message)["next_try_at"] for message in messages}) == 3


def test_a_server_that_hangs_holds_nothing_but_its_own_page(store: Store) -> None:
    message = queue(store)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        sender = Thread(target=send_mail, args=(store, url, "office@example.com", NOW))
        sender.start()
        caller, _ = silent.accept()
        with caller, store.transaction() as tx:
            locked = text("SELECT attempts FROM messages WHERE id = :id FOR UPDATE NOWAIT")
            assert tx.execute(locked, {"id": message}).scalar() == 1
            sleeping = text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state LIKE 'idle in transaction%'"
            )
            assert tx.execute(sleeping).scalar() == 0
        sender.join()
    assert (told(store, message)["state"], told(store, message)["attempts"]) == ("queued", 1)


def test_who_is_lost_with_a_page_in_hand_leaves_it_to_the_next(store: Store, server: MailServer) -> None:
    message = queue(store)
    assert [letter.id for letter in take(store, NOW)] == [message]
    assert [send(store, server), send(store, server, NOW + LEASE)] == [0, 1]
    assert told(store, message)["attempts"] == 2


def test_several_senders_send_nothing_twice(store: Store, server: MailServer) -> None:
    for number in range(3 * MAIL_PAGE):
        queue(store, f"{number}@example.com")
    senders = [Thread(target=send, args=(store, server)) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(mail["To"] for mail in server.mails) == sorted(f"{number}@example.com" for number in range(60))


@given(st.lists(st.timedeltas(timedelta(seconds=1), timedelta(days=2)), max_size=13), st.text(max_size=8))
def test_every_wait_is_kept_and_there_are_no_more_tries_than_waits_and_one(waits: list[timedelta], key: str) -> None:
    for tries, wait in enumerate(waits, start=1):
        at = next_try(waits, tries, NOW, key)
        assert at is not None
        assert NOW + wait <= at <= NOW + 1.1 * wait
    assert next_try(waits, len(waits) + 1, NOW, key) is None


def test_what_has_failed_is_listed_and_goes_to_the_address_that_is_known_by_then(
    store: Store, server: MailServer
) -> None:
    server.refusals["maker@example.com"] = "550 no such mailbox"
    messages = [queue(store) for _ in range(3)]
    send(store, server)
    with store.transaction() as tx:
        first, *_ = list_undelivered(tx, limit=1)
        rest = list_undelivered(tx, after=first["id"], limit=5)
        assert [one["id"] for one in (first, *rest)] == messages
        assert (first["number"], first["address"], first["error"]) == (
            *("TA-2013-00001", "maker@example.com", "550 no such mailbox"),
        )
        tx.execute(
            text(
                "INSERT INTO contacts (side, organisation, email, language, updated_at)"
                " VALUES ('applicant', 'maker', 'right@example.com', 'zh', :now)"
            ),
            {"now": NOW},
        )
        assert retry_one(tx, "operator", messages[0], LATER) == 1
        with pytest.raises(Problem, match="has failed"):
            retry_one(tx, "operator", messages[0], LATER)
        assert retry_all(tx, "operator", LATER) == 2
    assert send(store, server, LATER) == 3
    assert [mail["To"] for mail in server.mails] == ["right@example.com"] * 3
