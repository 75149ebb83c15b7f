"""What is due on which day: the page, and the file that calendar programs read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from services.portal.calendar import calendar
from tests.services.portal.test_cases import NOW, known

if TYPE_CHECKING:
    from shared.testing import Office
    from tests.services.portal.browsing import Browser


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=120))
def test_lines_are_short_and_say_what_was_given(text: str) -> None:
    made = calendar([{"SUMMARY": text}], datetime(2013, 9, 17, tzinfo=UTC))
    lines = made.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    whole = made.replace(b"\r\n ", b"").decode().split("\r\n")
    (said,) = [line.removeprefix("SUMMARY:") for line in whole if line.startswith("SUMMARY:")]
    plain = said.replace("\\\\", "\0").replace("\\n", "\n").replace("\\;", ";").replace("\\,", ",")
    assert plain.replace("\0", "\\") == text


def test_each_side_has_its_days_and_a_file_of_them(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    known(office)
    number = case.read()["number"]
    browser.sign_in(case.people["applicant"]).at(NOW)
    seen = browser.get("/my/calendar")
    assert "2013年9月25日" in seen.main.text
    assert number in seen.main.text
    file = browser.raw("GET", "/my/calendar.ics")
    assert file.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert b"DTSTART;VALUE=DATE:20130925" in file.content
    browser.sign_in(case.people["intake"]).at(NOW)
    assert number not in browser.get("/office/calendar").main.text, "nobody handles it yet"
    assert number in browser.get("/office/calendar?whose=all").main.text
