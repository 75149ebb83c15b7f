"""The manager's figures: the page says what the service counts, in words beside each bar, and as a file."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from services.portal.times import bar, by_limit, by_month
from tests.services.portal.test_cases import NOW
from tests.support import wait_for
from tests.support.people import officer

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser
    from tests.support import Office


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 500)), max_size=6), st.integers(0, 500))
def test_a_bar_has_its_parts_beside_each_other(parts: list[tuple[str, float]], more: int) -> None:
    longest = sum(amount for _, amount in parts) + more
    pieces = bar(parts, longest)
    assert len(pieces) == sum(amount > 0 for _, amount in parts)
    assert all(one.start >= 0 and one.start + one.width <= 100.1 for one in pieces)


def test_days_are_those_of_a_case_on_average_and_the_worst_kept_limit_comes_first() -> None:
    sides = {"authority": {"total": 6}, "applicant": {"total": 0}, "laboratory": {"total": 9}, "other": {"total": 3}}
    (row,) = by_month([{"procedure": "manufacture", "month": "2013-09", "cases": 3, "holders": sides}])
    assert row["days"] == {"authority": 2, "applicant": 0, "laboratory": 3, "other": 1}
    steps = [
        {"procedure": "p", "limit": limit, "count": 2, "in_time": kept}
        for limit, kept in (("a", 2), ("b", 1), ("b", 2))
    ]
    assert [(one["limit"], one["count"], one["share"]) for one in by_limit(steps)] == [("b", 4, 75), ("a", 2, 100)]


def test_the_page_and_the_file_say_what_the_service_counts(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("deliver")
    office.case("type_approval").until("submit")
    wait_for(office.settled, what="all events to arrive")
    told = office.caller("notifications", officer("head-1"), NOW).get("/internal/v1/statistics?backlog=true").json
    browser.sign_in(officer("head-1")).at(NOW)
    seen = browser.get("/office/times")
    (months, limits, backlog) = [one.one("tbody").all("tr") for one in seen.main.all("table")]
    assert len(months) == len(told["cases"]) > 0
    assert re.fullmatch(r"\d{4}年\d{1,2}月", months[0].one("th").text)
    assert len(limits) == len({(one["procedure"], one["limit"]) for one in told["steps"]})
    assert [one.all("td")[1].text for one in backlog] == [str(one["cases"]) for one in told["backlog"]]
    file = browser.raw("GET", "/office/times.csv")
    rows = list(csv.DictReader(file.content.decode("utf-8-sig").splitlines()))
    assert len(rows) == 5 * len(told["cases"]) + len(told["steps"]) + len(told["backlog"])
    assert "不是日期" in browser.get("/office/times?from=gestern").main.text
