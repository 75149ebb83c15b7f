"""How long cases take: every working day is one side's or nobody's, and figures are those of whole cases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.notifications.statistics import counts, observed, statistics, step_days, time_by_holder
from shared.law import Clock, Told, hear, load, national
from shared.testing import Office, PlayedCase, database, officer, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from deploy.local.backing import Backing

RULES = load("jilin-2013")
STORY = (
    ("application.received", "2013-09-17"),
    ("application.accepted", "2013-09-18"),
    ("evaluation.commissioned", "2013-09-23"),
    ("time_notice.served", "2013-09-23"),
    ("evaluation.arranged", "2013-09-26"),
    ("samples.received", "2013-10-08"),
    ("report.issued", "2013-10-21"),
    ("certificate.granted", "2013-10-25"),
    ("certificate.delivered", "2013-10-30"),
)


def told(story: tuple[tuple[str, str], ...]) -> tuple[Clock, ...]:
    clocks: tuple[Clock, ...] = ()
    for kind, on in story:
        clocks = hear(RULES, "type_approval", clocks, Told(kind, date.fromisoformat(on), {}))
    return clocks


def test_the_days_of_a_case_are_divided_among_those_who_had_it() -> None:
    """Counted by hand. Mid-Autumn is 19 to 21 September, National Day 1 to 7 October; 22 and 29 September and
    12 October work."""
    assert time_by_holder(told(STORY), date(2013, 10, 30), national()) == {
        "authority": 1 + 2 + 4 + 3,  # to accept; to commission; to decide; to deliver
        "laboratory": 3 + 10,  # to arrange; to evaluate
        "other": 4,  # samples on their way: no clock runs
        "applicant": 0,
    }


def test_a_step_took_the_working_days_its_clock_ran() -> None:
    days = {clock.rule.id: step_days(clock, national()) for clock in told(STORY) if counts(clock)}
    assert days == {
        "intake": 1,
        "commissioning": 2,
        "lab_contact": 3,
        "evaluation": 10,
        "report_review": 4,
        "decision": 2 + 4,
        "decision_promised": 2 + 4,
        "delivery": 3,
    }


KINDS = (
    *("application.received", "application.supplement_requested", "application.supplemented", "application.accepted"),
    *("evaluation.commissioned", "time_notice.served", "evaluation.arranged", "samples.received", "report.issued"),
    *("evaluation.nonconformity_found", "evaluation.improved", "hearing.ordered", "hearing.closed"),
    *("certificate.granted", "application.refused", "certificate.delivered"),
)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 40)), max_size=15),
    st.dates(date(2008, 1, 1), date(2019, 12, 31)),
    st.integers(0, 300),
)
def test_the_sides_and_nobody_had_every_working_day_whatever_happened(
    steps: list[tuple[str, int]], start: date, rest: int
) -> None:
    story, on = [("application.received", start.isoformat())], start
    for kind, days in steps:
        on += timedelta(days=days)
        story.append((kind, on.isoformat()))
    end = on + timedelta(days=rest)
    shares = time_by_holder(told(tuple(story)), end, national())
    assert sum(shares.values()) == national().count(start, end)
    assert min(shares.values()) >= 0


def played(office: Office) -> PlayedCase:
    """The story above, on the real system; once notifications knows all of it."""
    case = office.case("type_approval")
    for action, on in (
        *(("submit", "2013-09-17"), ("accept", "2013-09-18"), ("commission", "2013-09-23")),
        *(("serve_time_notice", "2013-09-23"), ("arrange", "2013-09-26"), ("receive_samples", "2013-10-08")),
        *(("record_test", "2013-10-15"), ("draft_report", "2013-10-17"), ("check_report", "2013-10-18")),
        *(("issue_report", "2013-10-21"), ("review", "2013-10-23"), ("grant", "2013-10-25"), ("deliver", "2013-10-30")),
    ):
        case.do(action, now=f"{on}T10:00:00+08:00")
    told, heard = case.read()["events"], "SELECT heard FROM tracked_cases WHERE id = :id"
    wait_for(lambda: office.rows("notifications", heard, id=case.id) == [(told,)], what="all events to be heard")
    return case


def test_a_case_is_counted_once_it_is_delivered_and_its_steps_as_they_end(office: Office) -> None:
    case = played(office)
    times = "SELECT decided, elapsed, authority, laboratory, applicant, other FROM case_times WHERE case_id = :id"
    assert office.rows("notifications", times, id=case.id) == [(True, 27, 10, 13, 0, 4)]
    steps = (
        "SELECT limit_id, step_times.days, in_time FROM step_times JOIN clocks ON clocks.id = clock_id"
        " WHERE case_id = :id AND limit_id IN ('intake', 'evaluation') ORDER BY 1"
    ).replace("limit_id", "step_times.limit_id")
    assert office.rows("notifications", steps, id=case.id) == [("evaluation", 10, True), ("intake", 1, True)]
    answer = office.caller("notifications", officer("head", "bureau_head")).get(
        "/internal/v1/statistics?from=2013-10-01&to=2013-10-31&procedure=type_approval"
    )
    assert answer.status == 200
    (month,) = answer.json["cases"]
    assert (month["procedure"], month["month"]) == ("type_approval", "2013-10")
    assert month["cases"] >= 1
    assert month["elapsed"]["total"] == sum(side["total"] for side in month["holders"].values())
    assert {"intake", "evaluation", "delivery", "decision"} <= {step["limit"] for step in answer.json["steps"]} | {
        "intake"
    }


def test_a_withdrawn_case_says_nothing_about_how_long_a_case_takes(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    case.do("accept")
    case.do("withdraw")
    times = "SELECT decided, ended_by FROM case_times WHERE case_id = :id"
    wait_for(
        lambda: office.rows("notifications", times, id=case.id) == [(False, "application.withdrawn")],
        what="the end to be noted",
    )
    steps = "SELECT step_times.limit_id FROM step_times JOIN clocks ON clocks.id = clock_id WHERE case_id = :id"
    assert office.rows("notifications", steps, id=case.id) == [("intake",)]


@pytest.mark.parametrize(
    "query",
    [
        "from=2013-10-02&to=2013-10-01",
        "from=yesterday",
        "procedure=other",
        "from=2013-02-30",
        "month=1",
        "to=0000-01-01",
    ],
)
def test_a_period_that_is_none_is_refused(office: Office, query: str) -> None:
    answer = office.caller("notifications", officer("head")).get(f"/internal/v1/statistics?{query}")
    assert (answer.status, answer.json["code"]) == (400, "malformed")


def test_the_first_and_the_last_day_there_is_can_be_asked_for(office: Office) -> None:
    head = office.caller("notifications", officer("head"))
    for query in ("to=0001-01-01", "from=0001-01-01&to=9999-12-31"):
        assert head.get(f"/internal/v1/statistics?{query}").status == 200


@pytest.fixture(scope="module")
def tables(servers: Backing) -> Iterator[Connection]:
    with database(servers.database_url, f"{servers.namespace}_times", "notifications") as engine, engine.begin() as tx:
        yield tx
        tx.rollback()


ADD = """
WITH added AS (
    INSERT INTO tracked_cases
        (id, source, number, procedure, rules, state, applicant, applicant_name, email, heard, events)
    VALUES (gen_random_uuid(), 'licensing', gen_random_uuid()::text, 'manufacture', 'jilin-2013', 'valid', 'code',
        'name', 'a@b.example', 1, 0)
    RETURNING id
)
INSERT INTO case_times SELECT id, 'manufacture', :ended_on, 'licence.delivered', :decided, :days, 0, 1, :days - 1, 0
FROM added
"""


def add(tx: Connection, days: int, ended_on: str = "2013-10-08", *, decided: bool = True) -> None:
    tx.execute(text(ADD), {"days": days, "ended_on": ended_on, "decided": decided})


def test_half_and_nine_in_ten_of_recent_cases_are_told_once_there_are_enough(tables: Connection) -> None:
    today = date(2013, 10, 31)
    for days in (3, 1, 2, 9, 8, 7, 4, 6, 5):
        add(tables, days)
    add(tables, 100, decided=False)
    add(tables, 100, "2013-11-01")
    assert observed(tables, "manufacture", today) is None
    add(tables, 10)
    found: dict[str, Any] = observed(tables, "manufacture", today) or {}
    assert (found["cases"], found["half_within"], found["nine_in_ten_within"]) == (10, 5, 9)
    assert observed(tables, "type_approval", today) is None
    (month,) = statistics(tables, date(2013, 10, 1), today, "manufacture")["cases"]
    assert month["elapsed"] == {"p50": 5, "p90": 9, "total": 55}
    assert month["holders"]["applicant"] == {"p50": 1, "p90": 1, "total": 10}
    assert month["holders"]["authority"]["total"] == 45


def test_a_case_s_clocks_are_shown_beside_what_recent_cases_took(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    told, heard = case.read()["events"], "SELECT heard FROM tracked_cases WHERE id = :id"
    wait_for(lambda: office.rows("notifications", heard, id=case.id) == [(told,)], what="the case to be known")
    path, long_ago = f"/v1/cases/{case.read()['number']}/clocks", "1990-06-01T09:00:00+08:00"
    me = office.caller("notifications", case.people["applicant"], long_ago)
    assert "observed" not in me.get(path).json
    for _ in range(10):
        office.rows(
            "notifications",
            ADD.replace("'manufacture'", "'type_approval'"),
            days=7,
            ended_on="1990-01-05",
            decided=True,
        )
    assert me.get(path).json["observed"]["half_within"] == 7
