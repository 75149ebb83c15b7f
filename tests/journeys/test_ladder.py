"""A whole ladder, from the first reminder to supervision, with notifications down during two of its rungs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.support import Office, officer, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.backing import Backing
    from deploy.local.system import System
    from tests.support import PlayedCase

ACCEPTED, LAST = date(2013, 9, 17), date(2013, 10, 21)
GONE, BACK = date(2013, 10, 14), date(2013, 10, 20)
LADDER = {
    "reminder_50": date(2013, 10, 8),
    "reminder_80": BACK,
    "working_days_2": BACK,
    "due_day": LAST,
    "breach": date(2013, 10, 22),
    "escalate_section_head": date(2013, 10, 23),
    "escalate_bureau_head": date(2013, 10, 24),
    "escalate_supervision": date(2013, 10, 25),
}
"""When each rung of the decision is to fire: two are due while nobody is there, the 16th and the 18th working day."""


def days(first: date, last: date) -> Iterator[date]:
    while first < last:
        yield first
        first += timedelta(days=1)


def at(day: date, hour: int) -> str:
    return f"{day}T{hour:02}:00:00+08:00"


def let_pass(office: Office, first: date, last: date) -> None:
    """Sweep in the first minute of every day from the first up to the day before the last."""
    for day in days(first, last):
        office.sweep(at(day, 0))


def heard(office: Office, case: PlayedCase) -> None:
    told = case.read()["events"]
    query = "SELECT heard FROM tracked_cases WHERE id = :id"
    wait_for(lambda: office.rows("notifications", query, id=case.id) == [(told,)], what=f"event {told} to be heard")


def fired(office: Office, case: PlayedCase) -> list[tuple[Any, ...]]:
    query = (
        "SELECT rung, (fired_at AT TIME ZONE 'Asia/Shanghai')::date FROM firings WHERE clock_id ="
        " (SELECT id FROM clocks WHERE case_id = :id AND limit_id = 'decision') ORDER BY fired_at, day"
    )
    return office.rows("notifications", query, id=case.id)


def test_every_rung_fires_once_and_in_order_though_notifications_was_gone_across_two(
    system: System, servers: Backing
) -> None:
    with Office(system, servers.database_url, servers.namespace) as office:
        case = office.case("type_approval")
        case.do("submit", now=at(ACCEPTED, 9))
        case.do("accept", now=at(ACCEPTED, 10))
        heard(office, case)
        let_pass(office, ACCEPTED, GONE)
        system.kill("notifications")
        case.do("claim", "examiner", now=at(GONE, 9))
        system.start("notifications")
        heard(office, case)
        let_pass(office, BACK, LAST + timedelta(days=14))
        assert fired(office, case) == list(LADDER.items())
        path = f"/internal/v1/cases/{case.read()['number']}/messages"
        sent = office.caller("notifications", officer("s"), at(LAST, 9)).get(path).json["items"]
        last_day = [one for one in sent if one["template"] == "clock.due" and "“行政许可决定”" in one["body"]]
        assert {one["at"] for one in last_day} == {last_day[0]["at"]}
        noted = (
            "SELECT data::jsonb ->> 'weight' FROM journal WHERE case_id = :id AND action = 'clock.breached'"
            " AND data::jsonb ->> 'limit' = 'decision'"
        )
        wait_for(
            lambda: office.rows("type_approval", noted, id=case.id) == [("statutory",)], what="the breach to be noted"
        )
