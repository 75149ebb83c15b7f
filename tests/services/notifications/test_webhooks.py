"""Webhooks: events reach those they concern, signed, in order, at least once, however long the receiver was away."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.notifications.delivery.mail import send_mail
from services.notifications.feed.log import append, clean, sequence
from services.notifications.office.directory import put_contact
from services.notifications.webhooks import subscriptions
from services.notifications.webhooks.delivery import (
    LEASE,
    MAX_PAUSE,
    Post,
    clean_log,
    deliver_next,
    wait_asked,
    waiting,
)
from services.registry import REGISTRY
from shared.http.outgoing import Outgoing, OutgoingError, Reply
from shared.messaging.doorbell import Doorbell
from shared.messaging.envelope import new_id
from shared.runtime.config import database_url
from shared.runtime.database import Store
from shared.runtime.migrations import config
from tests.drawing import few
from tests.services.mailserver import mail_server
from tests.services.notifications.signed import valid
from tests.services.notifications.test_feed import case, tell
from tests.support import applicant, database, laboratory, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.backing import Backing
    from shared.identity import Actor
    from tests.support import Received, Receiver

MAKER, LAB = applicant("maker"), laboratory("lab")
NOW = datetime(2013, 9, 17, 1, 0, tzinfo=UTC)
WAY = Outgoing(private=True, connect_seconds=0.5, whole_seconds=0.5)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def database_of_ours(servers: Backing) -> Iterator[Store]:
    with database(servers.database_url, f"{servers.namespace}_webhooks", "notifications") as engine:
        yield Store(engine, Doorbell())


@pytest.fixture
def store(database_of_ours: Store) -> Store:
    return emptied(database_of_ours)


def emptied(store: Store) -> Store:
    with store.transaction() as tx:
        for table in ("feed", "webhook_deliveries", "webhooks"):
            tx.execute(text(f"DELETE FROM {table}"))
        tx.execute(text("UPDATE feed_mark SET position = 0, cleaned = 0"))
    return store


@pytest.fixture
def found() -> Iterator[Receiver]:
    with receiver() as opened:
        yield opened


class Subscription:
    """One of an organisation, and its secret."""

    def __init__(self, store: Store, url: str, *types: str, actor: Actor = MAKER) -> None:
        self.store, self.actor = store, actor
        with store.transaction() as tx:
            webhook, self.secret = subscriptions.create_webhook(tx, actor, {"url": url, "types": types}, NOW)
        self.id = webhook.id

    def read(self) -> subscriptions.Webhook:
        with self.store.reading() as tx:
            return subscriptions.get_webhook(tx, self.actor, self.id)

    def log(self) -> list[dict[str, Any]]:
        """The oldest first."""
        with self.store.reading() as tx:
            return subscriptions.deliveries_of(tx, self.read(), before=None, limit=1000)[1][::-1]

    def progress(self) -> dict[str, Any]:
        with self.store.reading() as tx:
            return subscriptions.deliveries_of(tx, self.read(), before=None, limit=1)[0]


def happen(store: Store, *kinds: str, of: Any = None) -> None:
    with store.transaction() as tx:
        tell(tx, of or case("A", "maker"), *kinds)
    append(store)


deliver = partial(deliver_next, mail=False)


class Dying(Outgoing):
    """The way out of a process that is lost after it has sent."""

    def post(self, url: str, headers: Any, body: bytes) -> Reply:
        super().post(url, headers, body)
        raise KeyboardInterrupt


def send(store: Store, now: datetime = NOW, way: Outgoing = WAY) -> int:
    """Send all that is due; how many requests that were."""
    sent = 0
    while deliver(store, way, now):
        sent += 1
    return sent


def kinds(received: list[Received]) -> list[str]:
    return [event["type"] for one in received for event in one.json]


def test_a_secret_of_an_earlier_release_keeps_its_key(store: Store, servers: Backing) -> None:
    had = "whsec_Zm9vYmFy-_x"
    hook = Subscription(store, "https://example.com/")
    url = database_url(servers.database_url, f"{servers.namespace}_webhooks")
    scripts = config(REGISTRY["notifications"].migrations, url)
    command.downgrade(scripts, "0014")
    with store.transaction() as tx:
        tx.execute(text("UPDATE webhooks SET secret = :had"), {"had": had})
    command.upgrade(scripts, "head")
    with store.reading() as tx:
        kept = tx.execute(text("SELECT secret FROM webhooks WHERE id = :id"), {"id": hook.id}).scalar_one()
    assert b64decode(kept.removeprefix("whsec_")) == had.encode()


def test_events_are_sent_in_order_and_signed_and_none_twice(store: Store, found: Receiver) -> None:
    hook = Subscription(store, found.url)
    happen(store, "one", "two")
    assert send(store) == 1
    happen(store, "three")
    assert send(store) == 1
    assert send(store) == 0
    assert kinds(found.received) == ["one", "two", "three"]
    first = found.received[0]
    assert first.headers["content-type"] == "application/cloudevents-batch+json"
    assert first.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert all(valid(hook.secret, one) for one in found.received)
    assert not valid(subscriptions.new_secret(), first)
    assert [event["sequence"] for one in found.received for event in one.json] == [
        sequence(1),
        sequence(2),
        sequence(3),
    ]
    log = hook.log()
    assert [one.headers["webhook-id"] for one in found.received] == [line["id"] for line in log]
    assert [(line["try"], line["outcome"], line["status"], line["events"]) for line in log] == [
        (1, "delivered", 204, 2),
        (1, "delivered", 204, 1),
    ]
    assert hook.progress() == {"sequence": sequence(3), "caught_up": True, "tries": 0}


STEPS = ("mine", "of others", "arrive", "refuse", "lose", "go away", "come back", "clean")


@few(40)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=30))
def test_whatever_happens_every_event_arrives_and_none_before_those_before_it(
    database_of_ours: Store, steps: list[str]
) -> None:
    store = emptied(database_of_ours)
    with receiver() as found:
        hook, told, now, received = Subscription(store, found.url), list[str](), NOW, list[str]()
        for step in (*steps, "come back", "arrive"):
            now += timedelta(hours=12)
            found.status = {"refuse": 500, "go away": 410}.get(step, 204)
            if step == "mine":
                told.append(f"e{len(told):02}")
                happen(store, told[-1])
            elif step == "of others":
                happen(store, "foreign", of=case("C", "other"))
            elif step == "lose":
                with suppress(KeyboardInterrupt):
                    deliver(store, Dying(private=True), now)
            elif step == "come back":
                with store.transaction() as tx:
                    subscriptions.enable_webhook(tx, hook.read(), now)
            elif step == "clean":
                # Nothing waits for as long as events are kept.
                with store.transaction() as tx:
                    tx.execute(
                        text(
                            "UPDATE feed SET stored_at = now() - interval '36 days' WHERE NOT EXISTS"
                            " (SELECT 1 FROM webhooks WHERE head > cursor AND position > cursor)"
                        )
                    )
                clean(store)
            else:
                send(store, now)
        for kind in kinds(found.received):
            assert kind in received or kind == told[len(received)], "what came before it had not arrived"
            if kind not in received:
                received.append(kind)
    assert received == told
    assert hook.progress()["caught_up"]


def test_what_was_before_a_subscription_is_not_sent(store: Store, found: Receiver) -> None:
    happen(store, "before")
    Subscription(store, found.url)
    happen(store, "after")
    send(store)
    assert kinds(found.received) == ["after"]


def test_everybody_is_sent_what_they_may_read_and_want(store: Store, found: Receiver) -> None:
    Subscription(store, f"{found.url}/maker")
    Subscription(store, f"{found.url}/lab", actor=LAB)
    Subscription(store, f"{found.url}/some", "two", "four")
    mine, with_lab, foreign = case("A", "maker"), case("B", "other", "lab"), case("C", "other")
    for of, kind in ((mine, "one"), (with_lab, "two"), (foreign, "three"), (mine, "four")):
        happen(store, kind, of=of)
    send(store)
    came = {
        path: kinds([one for one in found.received if one.path == path])
        for path in (f"/hook/{who}" for who in ("maker", "lab", "some"))
    }
    assert came == {"/hook/maker": ["one", "four"], "/hook/lab": ["two"], "/hook/some": ["four"]}


def test_many_events_are_sent_in_pages(store: Store, found: Receiver) -> None:
    Subscription(store, found.url)
    names = [f"e{nr:03}" for nr in range(230)]
    happen(store, *names)
    assert send(store) == 3
    assert kinds(found.received) == names
    assert [len(one.json) for one in found.received] == [100, 100, 30]


def test_what_does_not_arrive_is_tried_thirteen_times_in_a_day_and_then_no_more(store: Store, found: Receiver) -> None:
    found.status = 503
    hook = Subscription(store, found.url)
    happen(store, "one")
    at = NOW
    while hook.read().state == "enabled":
        assert send(store, at) == 1
        assert send(store, at) == 0
        at = hook.progress().get("next_try_at", at)
    log = hook.log()
    assert [line["try"] for line in log] == list(range(1, 14))
    assert {(line["outcome"], line["status"]) for line in log} == {("refused", 503)}
    waits = [later["at"] - earlier["at"] for earlier, later in pairwise(log)]
    assert waits == sorted(waits)
    assert timedelta(hours=23) < log[-1]["at"] - NOW < timedelta(hours=27)
    webhook = hook.read()
    assert (webhook.reason, webhook.disabled_at, webhook.version) == ("failing", at, 2)
    happen(store, "two")
    assert send(store, at + DAY) == 0


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("999999999", MAX_PAUSE.total_seconds()),
        ("9" * 30, MAX_PAUSE.total_seconds()),
        ("{:%a, %d %b %Y %H:%M:%S} GMT", 3600),
        ("Tue, 17 Sep 2002 01:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_PAUSE.total_seconds()),
        *((nothing, 0) for nothing in (None, "", "-5", "1.5", "soon", "１２０", "Fri, 99 Foo 2013 00:00:00 GMT")),
    ],
)
def test_a_receiver_says_how_long_it_wants_to_be_left_alone(asked: str | None, seconds: float) -> None:
    now = NOW.astimezone(UTC).replace(microsecond=0)
    assert wait_asked(asked and asked.format(now + timedelta(hours=1)), now) == timedelta(seconds=seconds)


def test_nothing_is_sent_before_the_receiver_wants_it_again(store: Store, found: Receiver) -> None:
    found.status, found.retry_after = 429, "7200"
    hook = Subscription(store, found.url)
    happen(store, "one")
    assert send(store) == 1
    assert hook.progress()["next_try_at"] >= NOW + timedelta(hours=2)
    assert send(store, NOW + timedelta(hours=1)) == 0
    found.status, found.retry_after = 200, None
    assert send(store, NOW + timedelta(hours=3)) == 1
    assert hook.progress()["caught_up"]


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_sequences_sort_as_texts(one: int, other: int) -> None:
    assert (sequence(one) < sequence(other)) == (one < other)


def test_who_was_away_for_two_days_gets_everything_in_order(store: Store, found: Receiver) -> None:
    hook = Subscription(store, found.url)
    found.status = 500
    happen(store, *(f"day one {nr:02}" for nr in range(60)))
    at = NOW
    while hook.read().state == "enabled":
        send(store, at)
        at = hook.progress().get("next_try_at", at)
    happen(store, *(f"day two {nr:02}" for nr in range(60)))
    found.status, found.received = 200, []
    with store.transaction() as tx:
        subscriptions.enable_webhook(tx, hook.read(), NOW + 2 * DAY)
    send(store, NOW + 2 * DAY)
    assert kinds(found.received) == [f"day {day} {nr:02}" for day in ("one", "two") for nr in range(60)]
    assert (hook.read().state, hook.read().reason) == ("enabled", None)


@pytest.mark.parametrize("said", ["its contact", "the case"])
def test_whoever_is_sent_nothing_any_more_gets_a_mail_and_finds_it_in_the_inbox(
    store: Store, found: Receiver, said: str
) -> None:
    found.status = 410
    hook = Subscription(store, f"{found.url}/token")
    with store.transaction() as tx:
        tx.execute(text("TRUNCATE messages, contacts, tracked_cases CASCADE"))
        row = {"id": new_id(), "number": "A", "applicant": "maker", "email": "case@maker.example"}
        insert = "INSERT INTO tracked_cases (id, source, number, procedure, rules, state, applicant, applicant_name,"
        tx.execute(
            text(f"{insert} email, heard, events) VALUES (:id,'',:number,'','','',:applicant,'',:email,1,0)"), row
        )
        if said == "its contact":
            put_contact(tx, MAKER, {"email": "it@maker.example", "language": "en"}, NOW)
    happen(store, "one")
    deliver_next(store, WAY, NOW, mail=True)
    with mail_server() as server:
        assert send_mail(store, server.url, "office@example.com", NOW) == 1
        (mail,) = server.mails
    assert mail["To"] == ("it@maker.example" if said == "its contact" else "case@maker.example")
    assert ("停用" in mail["Subject"]) == (said == "the case")
    assert "Webhook to 127.0.0.1 disabled" in mail["Subject"]
    assert hook.id in mail.get_content()
    assert "token" not in mail.get_content()
    with store.reading() as tx:
        assert tx.execute(text("SELECT inbox FROM messages")).scalars().all() == ["applicant:maker"]


def test_410_means_never_again(store: Store, found: Receiver) -> None:
    found.status = 410
    hook = Subscription(store, found.url)
    happen(store, "one")
    send(store)
    assert (hook.read().state, hook.read().reason) == ("disabled", "gone")
    assert send(store, NOW + DAY) == 0


def test_a_redirect_is_not_followed(store: Store, found: Receiver) -> None:
    with receiver() as elsewhere:
        found.status, found.location = 307, elsewhere.url
        hook = Subscription(store, found.url)
        happen(store, "one")
        send(store)
        assert elsewhere.received == []
    assert [line["outcome"] for line in hook.log()] == ["redirected"]


def test_who_hangs_or_is_not_there_is_tried_again_later(store: Store, found: Receiver) -> None:
    found.hanging = True
    hanging, nobody = Subscription(store, found.url), Subscription(store, "http://127.0.0.1:9/")
    happen(store, "one")
    send(store)
    assert [(line["outcome"], line.get("status")) for line in hanging.log()] == [("timed_out", None)]
    assert [(line["outcome"], line.get("status")) for line in nobody.log()] == [("unreachable", None)]
    found.hanging, found.received = False, []
    assert send(store, NOW + timedelta(minutes=1)) == 2
    assert kinds(found.received) == ["one"]
    assert hanging.progress()["caught_up"]


def test_an_address_that_has_become_private_is_not_sent_to(store: Store, found: Receiver) -> None:
    hook = Subscription(store, found.url)
    happen(store, "one")
    send(store, way=Outgoing(private=False))
    assert found.received == []
    assert [line["outcome"] for line in hook.log()] == ["no_public_address"]


def test_what_a_lost_process_had_in_hand_is_sent_again(store: Store, found: Receiver) -> None:
    hook = Subscription(store, found.url)
    happen(store, "one")
    with pytest.raises(KeyboardInterrupt):
        deliver(store, Dying(private=True), NOW)
    assert send(store, NOW + LEASE / 2) == 0
    assert send(store, NOW + LEASE) == 1
    assert kinds(found.received) == ["one", "one"]
    assert hook.progress()["caught_up"]


def test_who_took_too_long_does_not_undo_what_the_next_one_did(store: Store, found: Receiver) -> None:
    class Lame(Outgoing):
        def post(self, url: str, headers: Any, body: bytes) -> Reply:  # noqa: ARG002 - the signature it has
            assert deliver(store, WAY, NOW + LEASE)
            raise OutgoingError("timed_out", "much too late")

    hook = Subscription(store, found.url)
    happen(store, "one")
    deliver(store, Lame(private=True), NOW)
    assert hook.progress() == {"sequence": sequence(1), "caught_up": True, "tries": 0}
    assert sorted(line["outcome"] for line in hook.log()) == ["delivered", "timed_out"]


def test_a_change_while_something_is_under_way_has_it_sent_to_the_new_address(store: Store, found: Receiver) -> None:
    hook = Subscription(store, f"{found.url}/old")

    class Slow(Outgoing):
        def post(self, url: str, headers: Any, body: bytes) -> Reply:
            with store.transaction() as tx:
                subscriptions.change_webhook(tx, hook.read(), {"url": f"{found.url}/new", "types": []}, NOW)
            return super().post(url, headers, body)

    happen(store, "one")
    assert deliver(store, Slow(private=True), NOW)
    assert not hook.progress()["caught_up"]
    send(store)
    assert [one.path for one in found.received] == ["/hook/old", "/hook/new"]
    assert hook.progress()["caught_up"]


def test_two_couriers_never_have_the_same_subscription_in_hand(store: Store, found: Receiver) -> None:
    Subscription(store, found.url)
    happen(store, "one")

    class Meeting(Outgoing):
        def post(self, url: str, headers: Any, body: bytes) -> Reply:
            assert waiting(store, NOW, 10) == 0
            assert not deliver(store, WAY, NOW)
            return super().post(url, headers, body)

    assert waiting(store, NOW, 10) == 1
    assert deliver(store, Meeting(private=True), NOW)
    assert kinds(found.received) == ["one"]


def test_both_secrets_sign_while_they_overlap(store: Store, found: Receiver) -> None:
    hook = Subscription(store, found.url)
    with store.transaction() as tx:
        _, new = subscriptions.rotate_secret(tx, hook.read(), 24, NOW)
    for at in (NOW, NOW + DAY):
        happen(store, "one")
        send(store, at)
    during, after = found.received
    assert (valid(hook.secret, during), valid(new, during)) == (True, True)
    assert (valid(hook.secret, after), valid(new, after)) == (False, True)


def test_who_was_away_for_longer_than_events_are_kept_is_told_and_gets_the_rest(store: Store, found: Receiver) -> None:
    hook = Subscription(store, found.url)
    happen(store, "lost", "lost too", "kept")
    with store.transaction() as tx:
        tx.execute(text("UPDATE feed SET stored_at = now() - interval '36 days' WHERE position < 3"))
    assert clean(store) == 2
    send(store)
    assert kinds(found.received) == ["kept"]
    assert [(line["outcome"], line["events"]) for line in hook.log()] == [("events_expired", 0), ("delivered", 1)]
    assert hook.progress()["caught_up"]


def test_who_had_nothing_to_wait_for_misses_nothing_when_old_events_go(store: Store, found: Receiver) -> None:
    hook = Subscription(store, found.url)
    happen(store, "of others", of=case("C", "other"))
    with store.transaction() as tx:
        tx.execute(text("UPDATE feed SET stored_at = now() - interval '36 days'"))
    assert clean(store) == 1
    happen(store, "mine")
    send(store)
    assert [line["outcome"] for line in hook.log()] == ["delivered"]


def test_the_log_is_kept_thirty_days(store: Store, found: Receiver) -> None:
    hook = Subscription(store, found.url)
    happen(store, "one")
    send(store)
    assert clean_log(store, NOW + 30 * DAY) == 0
    assert clean_log(store, NOW + 31 * DAY) == 1
    assert hook.log() == []


def test_a_subscription_that_goes_while_something_is_under_way_leaves_nothing_behind(
    store: Store, found: Receiver
) -> None:
    hook = Subscription(store, found.url)

    class Slow(Outgoing):
        def post(self, url: str, headers: Any, body: bytes) -> Reply:
            with store.transaction() as tx:
                subscriptions.delete_webhook(tx, hook.read())
            return super().post(url, headers, body)

    happen(store, "one")
    assert deliver(store, Slow(private=True), NOW)
    with store.reading() as tx:
        assert tx.execute(text("SELECT count(*) FROM webhook_deliveries")).scalar_one() == 0


def test_the_schedule_is_of_thirteen_tries_that_come_ever_later() -> None:
    waits = Post(WAY).waits
    assert len(waits) == 12
    assert list(waits) == sorted(set(waits))
