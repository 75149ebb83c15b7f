"""Mail over real SMTP: sent once, retried with growing delays, and failed at once where a retry cannot help."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from deploy.local.process import free_ports
from services.notifications.delivery.channels import LEASE, next_try
from services.notifications.delivery.mail import MAIL_PAGE, Letter, Mail, send_mail, take
from services.notifications.delivery.undelivered import list_undelivered, retry_all, retry_one
from shared.messaging.doorbell import Doorbell
from shared.messaging.envelope import new_id
from shared.problems import Problem
from shared.runtime.database import Store
from tests.certificates import certificate
from tests.services.mailserver import MailServer, mail_server
from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
    assert mail["Message-ID"] == f"<{message}@example.com>"
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
        ("张三@example.com", "250 OK"),
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


def waits_untried(store: Store, messages: list[str]) -> None:
    """They wait, none of them has lost a try, and they do not all come back at once."""
    found = [told(store, message) for message in messages]
    assert {(one["state"], one["attempts"]) for one in found} == {("queued", 0)}
    assert all(one["error"] and one["next_try_at"] >= NOW + Mail.waits[0] for one in found)
    assert len({one["next_try_at"] for one in found}) == len(found)


def test_a_server_that_is_not_there_costs_no_letter_a_try(store: Store) -> None:
    messages = [queue(store, f"{number}@example.com") for number in range(3)]
    (port,) = free_ports(1)
    assert send_mail(store, f"smtp://127.0.0.1:{port}", "office@example.com", NOW) == 0
    waits_untried(store, messages)


def test_who_logs_in_only_after_starttls_gets_it_and_every_letter(store: Store, tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path)
    with mail_server(tls=tls, password="open sesame") as server:
        messages = [queue(store, f"{number}@example.com") for number in range(3)]
        assert send_mail(store, server.url.replace(" ", "%20"), "office@example.com", NOW) == 3
        assert server.encrypted == [True] * 3
        assert {told(store, message)["attempts"] for message in messages} == {1}


def test_a_login_that_fails_costs_no_letter_a_try(store: Store, tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path)
    with mail_server(tls=tls, password="right") as server:
        messages = [queue(store, f"{number}@example.com") for number in range(3)]
        assert send_mail(store, server.url.replace("right", "wrong"), "office@example.com", NOW) == 0
        waits_untried(store, messages)
        assert send_mail(store, server.url.replace("office:right@", ""), "office@example.com", LATER) == 0
        assert {told(store, message)["attempts"] for message in messages} == {0}, "530: log in first"
        assert send_mail(store, server.url, "office@example.com", NOW + timedelta(minutes=5)) == 3


def test_encryption_that_is_required_is_checked_or_nothing_is_sent(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, public = certificate(tmp_path)
    messages = [queue(store, f"{number}@example.com") for number in range(2)]
    with mail_server() as plain:
        assert send_mail(store, f"{plain.url}?starttls=required", "office@example.com", NOW) == 0
        assert plain.mails == []
    waits_untried(store, messages)
    with mail_server(tls=tls) as server:
        assert send_mail(store, f"{server.url}?starttls=required", "office@example.com", LATER) == 0
        assert {told(store, message)["attempts"] for message in messages} == {0}, "nobody vouches for the server"
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        later = NOW + timedelta(minutes=5)
        assert send_mail(store, f"{server.url}?starttls=required", "office@example.com", later) == 2


def test_a_connection_that_breaks_costs_the_letter_in_hand_a_wait_and_the_others_nothing(
    store: Store, server: MailServer
) -> None:
    addresses = ["first@example.com", "second@example.com", "third@example.com"]
    server.drops = {"second@example.com"}
    first, second, third = (queue(store, address) for address in addresses)
    assert send(store, server) == 2
    waits_untried(store, [second])
    assert {told(store, message)["state"] for message in (first, third)} == {"sent"}
    server.drops.clear()
    assert send(store, server, LATER) == 1


@pytest.mark.parametrize(
    "reply",
    [
        *("421 closing down", "454 TLS not available just now", "530 log in first"),
        *("550 5.7.8 who are you", "503 5.5.1 MAIL first", "554 5.7.1 Client host rejected: authentication required"),
        "550 Must issue a STARTTLS command first",
    ],
)
def test_a_reply_about_the_connection_is_not_about_the_letter(store: Store, server: MailServer, reply: str) -> None:
    messages = [queue(store, f"{number}@example.com") for number in range(3)]
    server.reply = reply
    assert send(store, server) == 0
    waits_untried(store, messages)
    server.reply = "250 OK"
    assert send(store, server, LATER) == 3


def test_what_the_server_may_not_pass_on_is_tried_again(store: Store, server: MailServer) -> None:
    server.refusals["one@example.com"] = "554 5.7.1 <one@example.com>: Relay access denied"
    one, other = queue(store, "one@example.com"), queue(store, "other@example.com")
    assert send(store, server) == 1
    assert (told(store, one)["state"], told(store, other)["state"]) == ("queued", "sent")
    server.refusals.clear()
    assert send(store, server, LATER) == 1


def test_a_login_that_cannot_be_written_costs_no_letter_a_try(store: Store, tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path)
    with mail_server(tls=tls, password="right") as server:
        message = queue(store)
        assert send_mail(store, server.url.replace("right", "密码"), "office@example.com", NOW) == 0
        waits_untried(store, [message])


def test_an_address_is_kept_as_it_was_entered_and_reached_as_the_network_has_it(
    store: Store, server: MailServer
) -> None:
    queue(store, "zhang@例子.中国")
    assert send(store, server) == 1
    assert server.mails[0]["To"] == "zhang@xn--fsqu00a.xn--fiqs8s"


@pytest.mark.parametrize(
    "subject",
    [
        *("告知 1 号 更正", "告知  1　号", "TA-2013-00001 已收件 TA-2013-00001 received", "a  b", "=?utf-8?q?x?= 号"),
        f"{'很长的通知号 ' * 20}1",
    ],
)
def test_a_subject_arrives_as_it_was_written(store: Store, server: MailServer, subject: str) -> None:
    queue(store, subject=subject)
    assert send(store, server) == 1
    assert arrived(server.raw[-1]) == subject


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=120))
def test_every_subject_arrives_as_it_was_written(subject: str) -> None:
    letter = Letter(CASE, "maker@example.com", subject, "…", NOW, 1)
    raw = Mail("smtp://localhost", "权衡 <office@例子.中国>").written(letter, letter.address).as_bytes()
    assert arrived(raw) == subject
    assert max(map(len, raw.splitlines())) <= 78
    assert f"<{CASE}@xn--fsqu00a.xn--fiqs8s>".encode() in raw


def test_a_subject_is_one_line() -> None:
    letter = Letter(CASE, "maker@example.com", "a\r\nBcc: other@example.com\t\u2028b", "…", NOW, 1)
    raw = Mail("smtp://localhost", "office@example.com").written(letter, letter.address).as_bytes()
    assert arrived(raw) == "a  Bcc: other@example.com  b"
    assert b"\nBcc" not in raw


def arrived(raw: bytes) -> str:
    """The subject of a mail as a reader decodes it (RFC 2047)."""
    return str(make_header(decode_header(message_from_bytes(raw)["Subject"])))


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
    assert (told(store, message)["state"], told(store, message)["attempts"]) == ("queued", 0)


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
        with pytest.raises(Problem, match="no undelivered message"):
            retry_one(tx, "operator", messages[0], LATER)
        assert retry_all(tx, "operator", LATER) == 2
    assert send(store, server, LATER) == 3
    assert [mail["To"] for mail in server.mails] == ["right@example.com"] * 3
