"""The feed: from any cursor, a reader gets every event that it may see, in order, with none missing."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from services.notifications.cases import TrackedCase
from services.notifications.feed.log import Feed, append, clean, events_after, queries
from shared.identity import Actor, Role
from shared.messaging.doorbell import Doorbell
from shared.messaging.envelope import Event, new_id
from shared.problems import Problem
from shared.runtime.database import Store
from tests.plans import rows_read
from tests.support import Office, PlayedCase, applicant, credit_code, database, laboratory, officer, wait_for
from tests.support.office import LAB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from deploy.local.backing import Backing
    from tests.support import Caller

OFFICER = officer("reader")
FACES = {Role.APPLICANT: "/v1/events", Role.LAB: "/v1/lab/events", Role.STAFF: "/internal/v1/events"}


@pytest.fixture(scope="module")
def _store(servers: Backing) -> Iterator[Store]:
    with database(servers.database_url, f"{servers.namespace}_feed", "notifications") as engine:
        yield Store(engine, Doorbell())


@pytest.fixture
def store(_store: Store) -> Store:
    with _store.transaction() as tx:
        tx.execute(text("TRUNCATE feed"))
        tx.execute(text("UPDATE feed_mark SET position = 0, cleaned = 0"))
    return _store


def case(number: str, maker: str = "maker", lab: str | None = None, named: str | None = None) -> TrackedCase:
    given: dict[str, Any] = dict.fromkeys(TrackedCase.__dataclass_fields__, "")
    known = {"source": "type_approval", "number": number, "applicant": maker, "lab": lab, "named": named}
    return TrackedCase(**{**given, **known})


def tell(tx: Connection, of: TrackedCase, *kinds: str) -> None:
    feed = Feed()
    for kind in kinds:
        event = Event(
            *(new_id(), "type_approval", kind, 1, of.number, datetime(2013, 9, 17, tzinfo=UTC), "somebody", ""),
            *(1, "", "", {"state": "received"}),
        )
        feed.add(of, event)
    feed.store(tx)


def read(store: Store, after: int = 0, who: Actor = OFFICER, limit: int = 100) -> list[tuple[str, str, int]]:
    with store.reading() as tx:
        found = events_after(tx, who, after=after, limit=limit)
    return [(one["subject"], one["type"], int(one["sequence"])) for one in found]


def test_an_event_committed_late_comes_after_what_was_read_before(store: Store) -> None:
    slow, quick = case("SLOW"), case("QUICK")
    with store.engine.connect() as held_open:
        with held_open.begin():
            tell(held_open, slow, "first")
            with store.transaction() as tx:
                tell(tx, quick, "second")
            append(store)
            assert read(store) == [("QUICK", "second", 1)]
        append(store)
    assert read(store, after=1) == [("SLOW", "first", 2)]


def test_readers_miss_nothing_and_see_each_case_in_order_while_many_write(store: Store) -> None:
    writers, rounds = 6, 25

    def write(nr: int) -> None:
        for turn in range(rounds):
            with store.engine.begin() as tx:
                tell(tx, case(f"C{nr}"), f"e{turn:02}a", f"e{turn:02}b")
            append(store)

    threads = [Thread(target=write, args=(nr,)) for nr in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[tuple[str, str, int]] = []

    def all_seen() -> bool:
        append(store)
        seen.extend(read(store, after=seen[-1][2] if seen else 0, limit=7))
        return len(seen) == writers * rounds * 2

    wait_for(all_seen, what="all events")
    for thread in threads:
        thread.join()
    assert [place for _, _, place in seen] == list(range(1, len(seen) + 1))
    for nr in range(writers):
        mine = [kind for number, kind, _ in seen if number == f"C{nr}"]
        assert mine == sorted(mine)


def test_two_appenders_do_not_give_places_twice(store: Store) -> None:
    with store.transaction() as tx:
        tell(tx, case("A"), "one", "two")
    with store.engine.connect() as other, other.begin():
        other.execute(text("SELECT 1 FROM feed_mark FOR UPDATE"))
        assert append(store) == 0
    assert append(store) == 2
    assert append(store) == 0


def test_everybody_reads_of_their_own_cases(store: Store) -> None:
    with store.transaction() as tx:
        tell(tx, case("A", "maker-a"), "received")
        tell(tx, case("B", "maker-b", "lab-b"), "commissioned")
    append(store)
    both = [("A", "received", 1), ("B", "commissioned", 2)]
    assert read(store) == both
    assert read(store, who=applicant("maker-a")) == both[:1]
    assert read(store, who=laboratory("lab-b")) == both[1:]
    assert read(store, who=laboratory("lab-c")) == []
    assert read(store, who=Actor("x", "x", Role.STAFF, organisation="maker-b")) == both[:1]


def test_a_laboratory_reads_of_what_it_evaluates_and_of_what_it_was_named_for_in_one_order(store: Store) -> None:
    told = [("A", "lab-a", None), ("B", "lab-b", "lab-a"), ("C", "lab-a", "lab-a"), ("D", "lab-b", None)]
    with store.transaction() as tx:
        for turn in ("first", "second", "third"):
            for number, lab, named in told:
                tell(tx, case(number, lab=lab, named=named), turn)
    append(store)
    seen: list[tuple[str, str, int]] = []
    while found := read(store, after=seen[-1][2] if seen else 0, who=laboratory("lab-a"), limit=2):
        seen += found
    assert seen == [one for one in read(store) if one[0] != "D"]


SIDES = [applicant("maker-17"), laboratory("lab-17"), OFFICER]


@pytest.mark.parametrize("who", SIDES, ids=["applicant", "laboratory", "office"])
def test_a_page_is_read_along_its_indexes_however_many_events_there_are(store: Store, who: Actor) -> None:
    with store.engine.connect() as tx, tx.begin() as filling:
        tx.execute(
            text(
                "INSERT INTO feed (position, event_id, source, type, time, service, number, state, applicant, lab,"
                " named) SELECT nr, gen_random_uuid(), 'type_approval', 'told', now(), 'type_approval', 'N',"
                " 'received', 'maker-' || nr % 400, 'lab-' || nr % 300,"
                " CASE nr % 50 WHEN 0 THEN 'lab-' || nr % 850 / 50 END"
                " FROM generate_series(1, 40000) AS nr"
            )
        )
        tx.execute(text("ANALYZE feed"))
        asked = queries(who, after=1000, until=40000, limit=20)
        assert sum(rows_read(tx, query) for query in asked) <= 20 * len(asked)
        filling.rollback()


def test_old_events_go_and_a_cursor_among_them_is_refused(store: Store) -> None:
    with store.transaction() as tx:
        tell(tx, case("A"), "one", "two", "three", "four")
    append(store)
    with store.transaction() as tx:
        tx.execute(text("UPDATE feed SET stored_at = now() - interval '30 days' WHERE position = 1"))
    assert clean(store) == 0
    with store.transaction() as tx:
        tx.execute(text("UPDATE feed SET stored_at = now() - interval '36 days' WHERE position <= 2"))
    assert clean(store) == 2
    for place in (0, 2):
        assert [kind for _, kind, _ in read(store, after=place)] == ["three", "four"]
    with pytest.raises(Problem, match="cursor_expired"):
        read(store, after=1)
    with pytest.raises(Problem, match="malformed"):
        read(store, after=5)


def test_a_reader_who_was_away_catches_up(office: Office) -> None:
    played = office.case("type_approval")
    caller = office.caller("notifications", played.people["applicant"])
    assert caller.get(f"{FACES[Role.APPLICANT]}?after=0").json["items"] == []
    played.until("deliver")
    events = followed(office, played, caller, FACES[Role.APPLICANT])
    assert [one["type"] for one in events][:3] == [
        *("application.received", "application.accepted", "evaluation.commissioned")
    ]
    assert events[-1]["type"] == "certificate.delivered"
    places = [int(one["sequence"]) for one in events]
    assert places == sorted(places)
    number = played.read()["number"]
    first = events[0]
    assert first["data"] == {
        "state": "received",
        "service": "type_approval",
        "href": f"/v1/applications/{number}",
    }
    assert (first["specversion"], first["subject"], first["source"]) == ("1.0", number, "type_approval")
    tester = office.caller("notifications", played.people["tester"])
    heard = followed(office, played, tester, FACES[Role.LAB])
    assert next(one["type"] for one in heard if one["subject"] == number) == "evaluation.commissioned"
    assert heard[0]["data"]["href"].startswith("/v1/lab/applications/")
    stranger = office.caller("notifications", applicant(credit_code()))
    assert stranger.get(FACES[Role.APPLICANT]).json["items"] == []


def followed(office: Office, played: PlayedCase, caller: Caller, path: str) -> list[dict[str, Any]]:
    """All the reader finds by following `next`, from the beginning on, once the case's last event is there."""
    last = played.read()["events"]
    placed = "SELECT count(*) FROM feed WHERE number = :number AND position IS NOT NULL AND source = service"
    number = played.read()["number"]
    wait_for(lambda: office.rows("notifications", placed, number=number) == [(last,)], what="the feed")
    found: list[dict[str, Any]] = []
    path = f"{path}?limit=5"
    while True:
        page = caller.get(path).json
        if not page["items"]:
            return found
        found += page["items"]
        path = page["next"]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=0", "limit=101", "before=1", f"after={10**30}"])
def test_a_query_that_cannot_be_read_is_refused(office: Office, query: str) -> None:
    assert office.caller("notifications", laboratory(LAB)).get(f"{FACES[Role.LAB]}?{query}").status == 400
