"""A notice is published once, never changes, and gives the same calendar in every service."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.catalogue import EVENTS
from shared.calendars import PUBLISHED, current, keep, publish, published, read
from shared.law import Calendars
from shared.messaging.envelope import decode
from tests.shared.calendars.parts import DAYS_2027, file
from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing
    from shared.messaging.envelope import Event

NOW = datetime(2026, 11, 4, 1, tzinfo=UTC)
NOTICE = read(file())
LOCAL = read(file([("州庆", "2027-09-03", True)], area="延边朝鲜族自治州"))


@pytest.fixture(scope="module")
def engines(servers: Backing) -> Iterator[dict[str, Engine]]:
    name = f"{servers.namespace}_calendars"
    with (
        database(servers.database_url, f"{name}_notifications", "notifications") as publisher,
        database(servers.database_url, f"{name}_licensing", "licensing") as keeper,
    ):
        yield {"notifications": publisher, "licensing": keeper}


@pytest.fixture
def tx(engines: dict[str, Engine]) -> Iterator[Connection]:
    with engines["notifications"].connect() as tx:
        yield tx
        tx.rollback()


def told(tx: Connection) -> list[Event]:
    return [decode(body) for body in tx.execute(text("SELECT body FROM outbox ORDER BY id")).scalars()]


def test_without_a_notice_the_library_counts(tx: Connection) -> None:
    assert current(tx).newest.version == Calendars().newest.version


def test_what_is_published_counts_at_once_and_once(tx: Connection) -> None:
    first = publish(tx, NOTICE, "notifications", "wang", NOW)
    assert first == replace(NOTICE, number=1)
    assert publish(tx, NOTICE, "notifications", "li", NOW) is None
    assert publish(tx, LOCAL, "notifications", "wang", NOW) == replace(LOCAL, number=2)
    assert publish(tx, NOTICE, "notifications", "wang", NOW) is None
    assert published(tx) == [(first, "wang", NOW), (replace(LOCAL, number=2), "wang", NOW)]
    calendar = current(tx).newest
    assert calendar.version.endswith("+0002")
    assert not calendar.is_working(date(2027, 9, 3))
    corrected = read(file([*DAYS_2027, ("抗战胜利纪念日", "2027-09-06", True)]))
    assert publish(tx, corrected, "notifications", "wang", NOW) == replace(corrected, number=3)
    assert not current(tx).newest.is_working(date(2027, 9, 6))
    assert not current(tx).newest.is_working(date(2027, 9, 3))


def test_a_correction_takes_the_place_of_a_notice_however_its_area_is_spelt(tx: Connection) -> None:
    publish(tx, LOCAL, "notifications", "wang", NOW)
    other_day = [("州庆", "2027-09-06", True)]
    corrected = publish(tx, read(file(other_day, area="延边 朝鲜族自治州\u3000")), "notifications", "wang", NOW)
    assert corrected == replace(read(file(other_day, area=LOCAL.area)), number=2)
    assert current(tx).newest.is_working(date(2027, 9, 3))


def test_whoever_keeps_what_is_told_has_the_same_calendar(tx: Connection, engines: dict[str, Engine]) -> None:
    publish(tx, NOTICE, "notifications", "wang", NOW)
    publish(tx, LOCAL, "notifications", "wang", NOW)
    events = told(tx)
    assert [(event.type, event.case_seq) for event in events] == [(PUBLISHED, 1), (PUBLISHED, 2)]
    with engines["licensing"].connect() as keeper:
        for event in events:
            assert EVENTS["notifications"][event.type]().validate(dict(event.data)) == {}
            keep(keeper, event.data)
        assert published(keeper) == published(tx)
        assert current(keeper) is current(tx)
        rows = "SELECT * FROM calendars ORDER BY version"
        assert list(keeper.execute(text(rows))) == list(tx.execute(text(rows)))
        keeper.rollback()


def test_two_who_publish_at_once_wait_for_each_other(engines: dict[str, Engine]) -> None:
    with engines["notifications"].connect() as first, engines["notifications"].connect() as second:
        publish(first, NOTICE, "notifications", "wang", NOW)
        second.execute(text("SET lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            publish(second, LOCAL, "notifications", "li", NOW)
        first.rollback()
        second.rollback()


@pytest.mark.parametrize("change", ["UPDATE calendars SET year = 2028", "DELETE FROM calendars", "TRUNCATE calendars"])
def test_nothing_published_is_changed_or_deleted(tx: Connection, change: str) -> None:
    publish(tx, NOTICE, "notifications", "wang", NOW)
    with pytest.raises(DBAPIError, match="append-only"):
        tx.execute(text(change))
