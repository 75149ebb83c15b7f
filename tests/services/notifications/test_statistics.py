"""Durations of cases: every working day belongs to one side or to nobody, and only decided cases count."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text

from services.messages.templates import templates
from services.notifications.clocks.book import Book
from services.notifications.messages.collected import Messages
from services.notifications.office.statistics import (
    ENDED,
    HOLDERS,
    OTHER,
    Counted,
    counts,
    observed,
    statistics,
    step_days,
    time_by_holder,
)
from services.notifications.reactions import react
from shared.calendars import publish
from shared.law import Clock, Notice, Told, hear, load, national
from shared.messaging.envelope import Event, new_id
from shared.text import Text
from tests.drawing import few
from tests.support import Office, PlayedCase, database, officer, wait_for
from tests.support.time_counts import rebuild

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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


@given(st.lists(st.integers(0, 300), min_size=1), st.sampled_from((50, 90)))
def test_so_many_per_cent_took_as_many_days_at_most(taken: list[int], percent: int) -> None:
    counted = Counted()
    counted.days.update(taken)
    within = counted.within(percent)
    assert 100 * sum(days <= within for days in taken) >= percent * len(taken)
    assert 100 * sum(days < within for days in taken) < percent * len(taken)


HEARD = (
    *KINDS,
    *("application.withdrawn", "application.terminated", "refusal.delivered", "decision.extended"),
    *(row.id for row in RULES.undoings if not row.id.startswith(("licence.", "assessment."))),
)
TAKES_AN_END_BACK = ("application.reopened", "refusal.revoked", "delivery.cancelled")
DEEMED = "deemed"
"""An acceptance by silence: it ends a clock that a notice served in time takes back."""
WORDS = dict.fromkeys({name for template in templates().values() for name in template.names} - {"applicant"}, "…")
"""What messages say of events."""
STEPS = st.tuples(
    st.integers(0, 3), st.sampled_from((*HEARD, DEEMED, "holiday")), st.integers(-3, 40), st.integers(0, 2)
)


@few(15)
@given(st.lists(STEPS, min_size=5, max_size=25), st.dates(date(2013, 1, 1), date(2014, 6, 1)), st.integers(0, 200))
@example([(0, DEEMED, 10, 0), (0, "application.supplement_requested", -7, 0)], date(2013, 1, 1), 200)
@example([(0, "refusal.delivered", 9, 0), (0, "refusal.revoked", 9, 0)], date(2013, 1, 1), 200)
@example(
    [(0, "refusal.delivered", 9, 1), (0, "refusal.revoked", 0, 1), (0, "refusal.delivered", 9, 0)],
    *(date(2013, 1, 1), 200),
)
@example([(0, DEEMED, 10, 1), (0, "application.withdrawn", -7, 0)], date(2013, 1, 1), 200)
def test_what_is_counted_as_cases_end_is_what_would_be_counted_from_scratch(
    tables: Connection, steps: list[tuple[int, str, int, int]], first: date, span: int
) -> None:
    """Four cases, with calendars published in between, acts that are heard of late, and acts that are taken back."""
    undone = tables.begin_nested()
    try:
        before = _over(tables)
        assert _play(tables, steps) == _over(tables) - before
        last = first + timedelta(days=span)
        for days in ((date(2013, 1, 1), date(2015, 12, 31)), (first, last)):
            for procedure in (None, "type_approval"):
                assert statistics(tables, *days, procedure) == from_scratch(tables, *days, procedure)
        kept = tables.execute(COUNTED).all()
        rebuild(tables)
        assert tables.execute(COUNTED).all() == kept
    finally:
        undone.rollback()


def _over(tx: Connection) -> set[str]:
    return {*tx.execute(text("SELECT case_id::text FROM case_times")).scalars()}


def _play(tx: Connection, steps: Sequence[tuple[int, str, int, int]]) -> set[str]:
    """Have it all told; the cases that are over then."""
    over: set[str] = set()
    cases = [(new_id(), ["application.received"]) for _ in range(4)]
    on, batch, notices = date(2013, 1, 4), [], 0
    for case_id, heard in cases:
        batch.append(_event(case_id, heard, "application.received", on))
    for number, kind, days, together in steps:
        on += timedelta(days=days)
        if kind == "holiday":
            react(tx, batch, mail=False)
            batch, notices = [], notices + 1
            off = {on + timedelta(days=ahead): Text("停", "off") for ahead in range(1, 6)}
            notice = Notice(0, on.year, f"area {notices}", off, {}, ("https://notices.example/1",))
            publish(tx, notice, "notifications", "wang", _instant(on))
            book = Book(Messages(mail=False))
            for case in list(book.claim_outdated(tx)):
                book.reproject(case, _instant(on), new_id())
            book.store(tx)
            continue
        case_id, heard = cases[number]
        heard.append(kind)
        if kind in ENDED:
            over.add(case_id)
        elif kind in TAKES_AN_END_BACK:
            over.discard(case_id)
        batch.append(_event(case_id, heard, kind, on))
        if not together:
            react(tx, batch, mail=False)
            batch = []
    react(tx, batch, mail=False)
    return over


def _instant(on: date) -> datetime:
    return datetime.combine(on, time(4), UTC)


def _event(case_id: str, heard: Sequence[str], kind: str, on: date) -> Event:
    applicant = {"code": "91220101MA0Y1X2Y3X", "name": "衡器厂", "email": "office@example.com"}
    known = {"procedure": "type_approval", "rules": RULES.name, "applicant": applicant}
    told: Mapping[str, Any] = {
        "notice": "告知-1",
        "items": ["企业标准"],
        "working_days": 10,
        "deemed": kind == DEEMED,
        **(known if kind == "application.received" else {}),
    }
    return Event(
        id=new_id(),
        source="type_approval",
        type="application.accepted" if kind == DEEMED else kind,
        version=1,
        subject=f"TA-{case_id}",
        time=_instant(on),
        actor="wang",
        case_id=case_id,
        case_seq=len(heard),
        correlation_id=new_id(),
        causation_id="",
        data={**WORDS, **told, "on": on.isoformat(), "state": "under_way"},
    )


COUNTED = text(
    "SELECT grain, starts_on, procedure, step, side, counts, in_time FROM time_counts WHERE counts <> '{}'"
    " ORDER BY 1, 2, 3, 4, 5"
)


def _figures(name: str) -> str:
    return (
        f"json_build_object('p50', percentile_disc(0.5) WITHIN GROUP (ORDER BY {name}),"
        f" 'p90', percentile_disc(0.9) WITHIN GROUP (ORDER BY {name}), 'total', sum({name})) AS {name}"
    )


_WHEN = "ended_on BETWEEN :first AND :last AND procedure = coalesce(:procedure, procedure)"
SCRATCH_CASES = text(
    "SELECT procedure, to_char(ended_on, 'YYYY-MM') AS month, count(*) AS cases,"
    f" {', '.join(_figures(name) for name in ('elapsed', *HOLDERS, OTHER))}"
    f" FROM case_times WHERE decided AND {_WHEN} GROUP BY 1, 2 ORDER BY 1, 2"
)
SCRATCH_STEPS = text(
    "SELECT procedure, limit_id AS limit, holder, to_char(ended_on, 'YYYY-MM') AS month, count(*) AS count,"
    " percentile_disc(0.5) WITHIN GROUP (ORDER BY days) AS p50,"
    " percentile_disc(0.9) WITHIN GROUP (ORDER BY days) AS p90,"
    " count(*) FILTER (WHERE in_time) AS in_time,"
    " round(count(*) FILTER (WHERE in_time) / count(*)::numeric, 3)::text AS share_in_time"
    f" FROM step_times WHERE {_WHEN} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)


def from_scratch(tx: Connection, first: date, last: date, procedure: str | None) -> dict[str, Any]:
    """The figures as PostgreSQL makes them of the facts."""
    asked = {"first": first, "last": last, "procedure": procedure}
    names = {rule.id: rule.name._asdict() for rule in RULES.limits}
    cases = []
    for row in tx.execute(SCRATCH_CASES, asked).mappings():
        sides = {side: row[side] for side in (*HOLDERS, OTHER)}
        cases.append({**{name: row[name] for name in row if name not in sides}, "holders": sides})
    steps = [{**row, "name": names[row["limit"]]} for row in tx.execute(SCRATCH_STEPS, asked).mappings()]
    return {"from": first, "to": last, "cases": cases, "steps": steps}


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
    rebuild(tables)
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
