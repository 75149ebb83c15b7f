"""What is due on which day: the page, and the file that calendar programs read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from services.portal.calendar import calendar
from shared.messaging.envelope import new_id
from tests.services.portal.test_cases import NOW, known
from tests.support import applicant, credit_code, officer

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser
    from tests.support import Office


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
    assert not listed(browser, "/office/calendar", number), "nobody handles it yet"
    assert listed(browser, "/office/calendar?whose=all", number)


def test_a_maker_sees_on_which_days_who_comes_to_assess_where(
    browser: Browser, english: Browser, office: Office
) -> None:
    case = office.case("licensing")
    case.until("accept")
    later = office.case("licensing", case.code, lines=[{**case.form["lines"][0], "model": "ACS-30"}])
    later.until("accept")
    later.do("plan_assessment", planned_from="2013-10-28", planned_to="2013-10-28")
    case.do("plan_assessment", planned_from="2013-10-21", planned_to="2013-10-22")
    known(office)
    plan, place = case.read()["assessment_plan"], case.form["production_sites"][0]["address"]
    come = [(one["name"], one["employer"]) for one in plan["team"]]
    maker = case.people["applicant"]
    caller = office.caller("licensing", maker, NOW)
    first = caller.get("/v1/assessments?limit=1").json
    (told,) = first["items"]
    assert (told["number"], told["planned_from"], told["planned_to"]) == (
        *(case.read()["number"], "2013-10-21", "2013-10-22"),
    )
    assert ([*told["team"][0].values()], told["places"]) == ([*come[0]], [place])
    assert [one["number"] for one in caller.get(first["next"]).json["items"]] == [later.read()["number"]]
    other = office.caller("licensing", applicant(credit_code()), NOW)
    assert other.get("/v1/assessments").json["items"] == []
    for reader, name, days in (
        (browser, "现场考核", "2013年10月21日至2013年10月22日"),
        (english, "On-site assessment", "21 October 2013 to 22 October 2013"),
    ):
        seen = reader.sign_in(maker).at(NOW).get("/my/calendar").main
        agenda = seen.one("ol", aria_labelledby="assessments").text
        assert name in seen.text
        for part in (case.read()["number"], place, days, *come[0]):
            assert part in agenda, agenda
    file = browser.raw("GET", "/my/calendar.ics").text.replace("\r\n ", "")
    for line in ("DTSTART;VALUE=DATE:20131021", "DTEND;VALUE=DATE:20131023", f"LOCATION:{place}"):
        assert line in file
    assert come[0][0] in file
    # Whoever has the address reads the days, but not who comes.
    program = english.raw("GET", made(browser, "/my")).text.replace("\r\n ", "")
    assert "DTSTART;VALUE=DATE:20131021" in program
    assert [one for one in (*come[0], place) if one in program] == []
    case.do("replan_assessment", planned_from="2013-10-24", planned_to="2013-10-24", reason="企业停产检修")
    known(office)
    first_days = [one["planned_from"] for one in caller.get("/v1/assessments").json["items"]]
    assert first_days == ["2013-10-24", "2013-10-28"]
    over = office.caller("licensing", maker, "2013-10-25T09:00:00+08:00")
    assert [one["planned_from"] for one in over.get("/v1/assessments").json["items"]] == ["2013-10-28"]


def test_the_office_sees_each_day_once_whoever_acts(browser: Browser, office: Office) -> None:
    ours, theirs = office.case("type_approval"), office.case("type_approval")
    for case, last in ((ours, "review"), (theirs, "commission")):
        case.until(last)
    known(office)
    for seen in browser.sign_in(officer("head")).at(NOW).pages("/office/calendar?whose=all"):
        days = [one["datetime"] for one in seen.main.one("ol", class_="agenda").all("time")]
        assert days == sorted(set(days))


def test_a_calendar_program_reads_a_secret_address_until_it_is_renewed_or_revoked(
    browser: Browser, english: Browser, office: Office
) -> None:
    case = office.case("type_approval")
    case.until("submit")
    case.do("claim", "intake")
    known(office)
    number = case.read()["number"]
    program = english.at(NOW)
    for who, home in (("applicant", "/my"), ("intake", "/office")):
        browser.sign_in(case.people[who]).at(NOW)
        first = made(browser, home)
        told = program.raw("GET", first)
        assert told.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert f"SUMMARY:{number} 受理" in told.text.replace("\r\n ", "")
        assert f"{home}/type-approval/{number}" in told.text.replace("\r\n ", "")
        assert case.form["applicant_name"] not in told.text
        second = made(browser, home)
        assert [program.raw("GET", one).status_code for one in (first, second)] == [404, 200]
        assert second not in browser.get(f"{home}/calendar").text, "shown once"
        browser.send(browser.get(f"{home}/calendar"), "revoke")
        assert program.raw("GET", second).status_code == 404
    kept = office.rows("notifications", "SELECT encode(digest, 'escape') FROM calendar_keys")
    assert not [one for (one,) in kept if second.rpartition("/")[2].partition(".")[0] in one]


def test_a_key_of_staff_opens_nothing_at_the_public_port_and_none_may_be_tried_for_ever(office: Office) -> None:
    staff = office.caller("notifications", officer(f"p-{new_id()}"), NOW)
    key = staff.post("/internal/v1/calendar-key").json["key"]
    anybody = office.caller("notifications", None, NOW)
    assert anybody.get(f"/v1/calendars?key={key}").status == 404
    answers = [anybody.get(f"/internal/v1/calendars?key={key}") for _ in range(61)]
    assert (answers[0].status, answers[0].json["side"], answers[-1].status) == (200, "staff", 429)


def listed(browser: Browser, path: str, number: str) -> bool:
    """Whether one of the pages of the calendar has the case."""
    return any(seen.main.all("a", href=f"/office/type-approval/{number}") for seen in browser.pages(path))


def made(browser: Browser, home: str) -> str:
    """A new address, as its path."""
    seen = browser.send(browser.get(f"{home}/calendar"), "make")
    return seen.main.one("code", class_="address").text.removeprefix(browser.portal.url)
