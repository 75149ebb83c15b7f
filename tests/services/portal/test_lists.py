"""Lists of cases: bounded in calls and rows however many cases there are, and every case is found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.services.portal.test_cases import NOW, known
from tests.support.people import officer

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser, Seen
    from tests.support import Office, PlayedCase

MOST = 14
"""Calls to services of a list."""
OURS = ("/my", "/my/messages", "/my/calendar", "/my/search?q=ACS")
OFFICE = ("/office", "/office?assignee=me", "/office/search?q=ACS", "/office/calendar", "/office/people")


def calls(seen: Seen) -> int:
    found = re.match(r"calls;desc=(\d+)", seen.headers["Server-Timing"])
    assert found
    return int(found[1])


def another_model(office: Office, case: PlayedCase, number: int) -> PlayedCase:
    """A further application of the same maker."""
    other = office.case("type_approval", case.code, lines=[{**case.form["lines"][0], "model": f"ACS-X{number}"}])
    other.until("submit")
    return other


def test_a_list_makes_as_many_calls_with_many_cases_as_with_few(
    browser: Browser, english: Browser, office: Office
) -> None:
    case = office.case("type_approval")
    case.until("submit")
    known(office)
    maker, intake = browser.sign_in(case.people["applicant"]).at(NOW), english.sign_in(officer("li", "intake")).at(NOW)
    pages = [*((maker, path) for path in OURS), *((intake, path) for path in OFFICE), (maker, "/register?q=ACS")]
    few = {path: calls(reader.get(path)) for reader, path in pages}
    assert {path: count for path, count in few.items() if count > MOST} == {}
    for number in range(3):
        another_model(office, case, number)
    known(office)
    assert {path: calls(reader.get(path)) for reader, path in pages} == few


def test_a_case_that_waits_for_another_is_listed_though_nobody_holds_a_limit(browser: Browser, office: Office) -> None:
    approval = office.case("type_approval")
    number = approval.until("submit")["number"]
    known(office)
    ahead = office.case("licensing", approval.code)
    ahead.form["lines"][0]["type_approval"] = number
    assert ahead.caller("applicant").put(ahead.path("applicant"), ahead.form, If_Match="*").status == 200
    assert ahead.do("submit")["state"] == "lodged"
    known(office)
    seen = browser.sign_in(ahead.people["applicant"]).at(NOW).get("/my")
    assert seen.status == 200
    assert ahead.read()["number"] in seen.main.text
    assert "现在没有等您办理的事项" in seen.main.text


def test_of_many_cases_what_waits_for_the_reader_comes_first_then_what_is_due_first(
    browser: Browser, office: Office
) -> None:
    first = office.case("type_approval")
    unsent = office.case("type_approval", first.code)
    numbers = [first.until("submit")["number"]]
    others = [another_model(office, first, number) for number in range(27)]
    others[-1].do("request_supplement")
    *more, mine = (str(other.read()["number"]) for other in others)
    numbers += more
    known(office)
    browser.sign_in(first.people["applicant"]).at(NOW)
    seen = browser.get("/my")
    assert numbers[0] in seen.main.text, "due like the others, and first by its number"
    own, theirs = seen.main.all("table")
    assert [one.text for one in own.all("a")] == [mine], "though due later"
    assert numbers[-1] not in theirs.text
    assert [one for one in seen.main.all("a") if unsent.id in one["href"]], "older than all of them, and still there"
    shown = [row for page in browser.pages("/my") for table in page.main.all("table") for row in table.all("a")]
    assert [one.text for one in shown] == [mine, *sorted(numbers)]
    by_model = [one["href"] for page in browser.pages("/my/search?q=ACS-X") for one in page.main.all("a")]
    assert {f"/my/type-approval/{number}" for number in (*numbers[1:], mine)} <= set(by_model), (
        "more than a page of them"
    )
    found = browser.get(f"/my/search?q={numbers[-1]}")
    assert [one["href"] for one in found.main.all("a") if numbers[-1] in one.text] == [
        f"/my/type-approval/{numbers[-1]}"
    ]
