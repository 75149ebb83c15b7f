"""The work queue: who must act, by when, and for whom; fast for any number of cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from services.notifications.office.work import asked, days_left, list_work
from shared.law import Unit, national
from tests.plans import rows_read
from tests.support import Office, PlayedCase, applicant, credit_code, database, laboratory, officer, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from deploy.local.backing import Backing
    from shared.identity import Actor

LATER = "2013-09-18T09:00:00+08:00"


def queue(office: Office, case: PlayedCase, query: str = "", who: Any = None, now: str = LATER) -> list[dict[str, Any]]:
    """What the queue says of the case, once notifications knows where it stands; every page of it is read."""
    told = case.read()["events"]
    heard = "SELECT heard FROM tracked_cases WHERE id = :id"
    wait_for(lambda: office.rows("notifications", heard, id=case.id) == [(told,)], what=f"event {told} to be heard")
    number = case.read().get("number")
    caller = office.caller("notifications", who or officer("wang"), now)
    return [item for item in caller.items(f"/internal/v1/work?limit=100{query}") if item["number"] == number]


def test_a_received_case_waits_for_the_office(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    (item,) = queue(office, case)
    assert item == {
        "number": case.read()["number"],
        "service": "type_approval",
        "procedure": "type_approval",
        "state": "received",
        "applicant_name": item["applicant_name"],
        "clock": "running",
        "holder": "authority",
        "limit": {"id": "intake", "zh": item["limit"]["zh"], "en": item["limit"]["en"]},
        "due_on": "2013-09-25",
        "days_left": 4,
        "unit": "working_days",
        "provisional": False,
        "href": f"/internal/v1/applications/{case.read()['number']}",
    }


def test_filters_find_the_case_or_leave_it_out(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    case.do("claim", "intake")
    assert [item["assignee"] for item in queue(office, case, "&assignee=me", case.people["intake"])] == ["intake-1"]
    for query, found in {
        "&assignee=intake-1": 1,
        "&assignee=none": 0,
        "&assignee=me_or_none": 0,
        "&assignee=somebody": 0,
        "&holder=authority": 1,
        "&holder=laboratory": 0,
        "&procedure=type_approval&state=received": 1,
        "&procedure=manufacture": 0,
        "&state=accepted": 0,
        "&overdue=false": 1,
        "&overdue=true": 0,
        "&clock=none": 0,
        "&clock=paused": 0,
    }.items():
        assert len(queue(office, case, query)) == found, query
    assert len(queue(office, case, "&overdue=true", now="2013-09-26T09:00:00+08:00")) == 1
    case.do("release")
    assert len(queue(office, case, "&assignee=none")) == len(queue(office, case, "&assignee=me_or_none")) == 1


def test_my_work_is_also_that_of_the_absent_for_whom_i_stand_in(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    li, wang = f"li-{case.id}", f"wang-{case.id}"
    case.do("assign", to={"subject": li, "name": "李"})
    head = office.caller("notifications", officer("head", "section_head"))
    for subject in (li, wang):
        record = {"name": "李", "email": "li@office.example", "posts": ["intake"], "language": "zh"}
        assert head.put(f"/internal/v1/staff/{subject}", record).status == 200
    away = {"from": "2013-09-18", "to": "2013-09-22", "cover": wang}
    assert head.post(f"/internal/v1/staff/{li}/absences", away).status == 201

    def mine(subject: str, day: str) -> list[bool]:
        now, both = f"{day}T09:00:00+08:00", ("&assignee=me", "&assignee=me_or_none")
        found, again = (queue(office, case, query, officer(subject, "intake"), now) for query in both)
        assert found == again
        return [item.get("standing_in", False) for item in found]

    assert mine(wang, "2013-09-18") == mine(wang, "2013-09-22") == [True]
    assert mine(wang, "2013-09-17") == mine(wang, "2013-09-23") == []
    assert mine(li, "2013-09-18") == [False]


def test_a_case_is_with_each_side_whose_clock_runs_and_leads_with_the_first_due(office: Office) -> None:
    case = office.case("type_approval")
    case.until("commission")
    (item,) = queue(office, case)
    assert (item["holder"], item["limit"]["id"]) == ("laboratory", "lab_contact")
    assert item["unserved"]["en"] == "Notice of the time needed", "until it is served, the time for the decision runs"
    assert [one["limit"]["id"] for one in queue(office, case, "&holder=authority")] == ["decision_promised"]
    case.do("serve_time_notice")
    assert queue(office, case, "&holder=authority") == []
    assert [one["clock"] for one in queue(office, case, "&holder=authority&clock=paused")] == ["paused"]
    case.do("arrange")
    assert queue(office, case) == [], "samples are on their way: no clock runs"
    (item,) = queue(office, case, "&clock=paused")
    assert {"due_on", "days_left", "unit"}.isdisjoint(item)
    case.do("receive_samples")
    (item,) = queue(office, case)
    assert (item["limit"]["id"], item["unit"]) == ("evaluation", "calendar_days")
    assert 89 <= item["days_left"] <= 92, "three months"
    assert "unserved" not in item
    case.do("withdraw_time_notice")
    (item,) = queue(office, case)
    assert (item["holder"], item["unserved"]["zh"]) == ("authority", "行政许可所需时间告知书")
    tester = office.caller("notifications", case.people["tester"], LATER)
    (own,) = [one for one in tester.items("/v1/lab/work?limit=100") if one["number"] == item["number"]]
    assert own["limit"]["id"] == "evaluation", "each side sees its own limit before those of others"
    assert "unserved" not in own
    clocks = office.caller("notifications", officer("wang"), LATER).get(f"/internal/v1/cases/{own['number']}/clocks")
    waiting = {one["limit"] for one in clocks.json["items"] if "unserved" in one}
    assert waiting == {"decision", "decision_promised"}


@pytest.mark.parametrize("last", ["withdraw", "not_accept"])
def test_a_case_that_is_over_is_nobody_s_work(office: Office, last: str) -> None:
    case = office.case("type_approval")
    case.do("submit")
    if last == "withdraw":
        case.do("accept")
    case.do(last)
    assert not [one for clock in ("running", "paused", "none") for one in queue(office, case, f"&clock={clock}")]


def test_a_delivered_certificate_is_nobody_s_work(office: Office) -> None:
    case = office.case("type_approval")
    case.until("grant")
    assert [one["limit"]["id"] for one in queue(office, case)] == ["delivery"]
    case.do("deliver")
    assert not [one for clock in ("running", "paused", "none") for one in queue(office, case, f"&clock={clock}")]


def test_staff_do_not_find_the_cases_of_their_own_organisation(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    assert queue(office, case, who=replace(officer("insider"), organisation=case.code)) == []
    assert queue(office, case, who=replace(officer("outsider"), organisation=credit_code()))


@pytest.mark.parametrize(
    "query",
    [
        *("cursor=x", "cursor=%00", "cursor=5b2x", "limit=0", "limit=101", "clock=late", "holder=nobody", "sort=name"),
        *("overdue=perhaps", "assignee=", "colour=red", "clock=none&cursor=MjAxMy0wOS0yNSBUQS0x", "cursor=IFRBLTE"),
    ],
)
def test_a_question_that_is_none_is_refused(office: Office, query: str) -> None:
    answer = office.caller("notifications", officer("wang")).get(f"/internal/v1/work?{query}")
    assert (answer.status, answer.json["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    ("today", "due_on", "working", "calendar"),
    [
        (date(2013, 9, 18), date(2013, 9, 25), 4, 7),  # 19 to 21 September are a holiday, Sunday the 22nd works
        (date(2013, 9, 25), date(2013, 9, 25), 0, 0),
        (date(2013, 9, 27), date(2013, 9, 25), -2, -2),
        (date(2013, 9, 28), date(2013, 9, 27), -1, -1),  # the day after is a Saturday: late, if by no working day yet
    ],
)
def test_days_left_are_those_of_the_limit(today: date, due_on: date, working: int, calendar: int) -> None:
    assert days_left(today, due_on, national()) == working
    assert days_left(today, due_on, national(), Unit.CALENDAR_DAYS) == calendar


MANY = 20_000
TODAY = date(2013, 9, 18)
ME = officer("s7")
MAKER, LAB = applicant("code"), laboratory()
FILTERS: dict[str, Mapping[str, Any]] = {
    "all": {},
    "a maker's": {"who": MAKER},
    "a maker's paused": {"who": MAKER, "clock": "none"},
    "a laboratory's own": {"who": LAB},
    "mine": {"assignee": "me"},
    "nobody's": {"assignee": "none"},
    "laboratory's": {"holder": "laboratory"},
    "overdue": {"overdue": True},
    "in a state": {"procedure": "manufacture", "state": "rare"},
    "without a clock": {"clock": "none"},
}


CASES = """
INSERT INTO tracked_cases
    (id, source, number, procedure, rules, state, applicant, applicant_name, email, heard, events, lab)
SELECT gen_random_uuid(), 'licensing', 'ML-' || lpad(n::text, 7, '0'), 'manufacture', 'jilin-2013', 'received', 'code',
    'name', 'a@b.example', 1, 0, 'LAB-01'
FROM generate_series(1, :many) AS n
"""
WORK = """
INSERT INTO work
SELECT id, h, CASE WHEN n % 10 = 0 THEN 'none' ELSE 'running' END, h = 'authority', 'intake', '2013-09-17',
    CASE WHEN n % 10 > 0 THEN DATE '2013-06-01' + (n * 7 % 200)::integer END, false, source, number, procedure, rules,
    CASE WHEN n % 50 = 1 THEN 'rare' ELSE state END, applicant, applicant_name,
    CASE WHEN n % 3 > 0 THEN 's' || n % 50 END, office, lab,
    h = CASE WHEN n % 10 > 0 AND n % 4 = 1 THEN 'applicant' ELSE 'authority' END,
    h = CASE WHEN n % 10 > 0 THEN 'laboratory' ELSE 'authority' END
FROM (SELECT *, row_number() OVER () AS n FROM tracked_cases) AS numbered,
    (VALUES ('authority'), ('laboratory'), ('applicant')) AS holders (h)
WHERE h = 'authority' OR n % 10 > 0 AND (h = 'laboratory' OR n % 4 = 1)
"""


@pytest.fixture(scope="module")
def full(servers: Backing) -> Iterator[Connection]:
    """A queue with very many open cases of one maker at one laboratory, 1 in 10 of them waiting, 1 in 50 in a rare
    state, 50 people at work; 1 in 4 waits for the maker."""
    name = f"{servers.namespace}_work"
    with database(servers.database_url, name, "notifications") as engine, engine.begin() as tx:
        tx.execute(text(CASES), {"many": MANY})
        tx.execute(text(WORK))
        tx.execute(text("ANALYZE work"))
        yield tx
        tx.rollback()


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS.keys())
def test_a_page_is_read_along_an_index_however_many_cases_there_are(
    full: Connection, filters: Mapping[str, Any]
) -> None:
    wanted = {"clock": "running", "limit": 50, **filters}
    who = wanted.pop("who", ME)
    for page in range(3):
        query = asked(who, wanted, TODAY).limit(51)
        assert rows_read(full, query) < 2000, page
        items, cursor = list_work(full, who, wanted, TODAY)
        assert len(items) == 50
        assert cursor
        wanted["cursor"] = cursor


@pytest.mark.parametrize(("who", "side", "own"), [(ME, "", 0), (MAKER, "applicant", 200), (LAB, "laboratory", 400)])
def test_pages_show_every_case_once_first_what_waits_for_the_reader(
    full: Connection, who: Actor, side: str, own: int
) -> None:
    wanted: dict[str, Any] = {"clock": "running", "limit": 100, "procedure": "manufacture", "state": "rare"}
    seen: list[tuple[bool, str, str]] = []
    while True:
        items, cursor = list_work(full, who, wanted, TODAY)
        seen += [(item["holder"] != side, str(item["due_on"]), item["number"]) for item in items]
        if cursor is None:
            break
        wanted["cursor"] = cursor
    assert seen == sorted(seen)
    assert len({number for *_, number in seen}) == len(seen) == MANY // 50
    assert sum(not others for others, *_ in seen) == own
