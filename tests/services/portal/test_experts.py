"""What experts do who assess on site: the pages come from what the service lets them do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.services.portal.test_calendar import made
from tests.services.portal.test_cases import NOW
from tests.support import wait_for
from tests.support.people import expert

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser, Seen
    from tests.support import Office


def done(browser: Browser, form: Seen, **typed: str) -> Seen:
    """The page after the form was sent, looked at first where it has effects to look at."""
    step = form.main.all("button", name="_step")[0]["value"]
    sent = browser.send(form, step, **typed)
    assert sent.status == 200, sent.main.text
    return browser.send(sent, "do") if step == "preview" else sent


def event_of(number: str, file: bytes) -> bytes:
    """The event of the case in a file for calendar programs."""
    (event,) = (one for one in file.split(b"BEGIN:VEVENT") if number.encode() in one)
    return event


def test_an_expert_agrees_records_what_they_found_and_stands_aside(browser: Browser, office: Office) -> None:
    case = office.case("licensing")
    case.until("accept")
    # Before those of other tests, which the calendar of the same expert has too.
    case.do("plan_assessment", planned_from="2013-09-17", planned_to="2013-09-19")
    query = "SELECT id::text FROM messages WHERE case_id = :id AND template = 'assessment.planned.team'"
    wait_for(lambda: office.rows("notifications", query, id=case.id), what="messages to the team")
    lead = case.read()["assessment_plan"]["team"][0]["code"]
    browser.sign_in(expert(lead)).at(NOW)
    here = f"/expert/licensing/{case.read()['number']}"
    # Their own page begins with the newest, which may be those of other tests.
    assert browser.get("/expert").main.all("a")
    found = browser.get(f"/expert/search?q={case.read()['number']}").main
    assert here in [one["href"] for one in found.all("a")]
    assert case.form["applicant_name"] in found.text
    (told,) = (one for one in browser.get("/expert/messages").main.all("a") if case.read()["number"] in one.text)
    assert "您被抽取为申请" in browser.get(told["href"]).main.text
    assert browser.get("/expert/contact").status == 200
    shown = browser.get(here).main.text
    assert [one for one in ("考评员确认", "登记", "期限正在更新", "没有须在期限内") if one in shown] == [], shown
    assert "现场考核：" in shown
    number = case.read()["number"]
    days = b"DTSTART;VALUE=DATE:20130917\r\nDTEND;VALUE=DATE:20130920\r\n"
    for file in ("/expert/calendar.ics", made(browser, "/expert")):
        assert days in event_of(number, browser.raw("GET", file).content)
    for now in (NOW, "2013-09-19T09:00:00+08:00"):
        seen = browser.at(now).get("/expert/calendar").main
        assert f"{number} 现场考核 2013年9月17日至2013年9月19日" in seen.text, "until it is over"
    browser.at(NOW)
    form = browser.get(f"{here}/actions/agree_to_assess")
    done(browser, form, no_interest=form.main.one("input", name="no_interest", type="checkbox")["value"])
    assert "confirmed_on" in case.read()["assessment_plan"]["team"][0]
    form = browser.get(f"{here}/actions/record_findings")
    said = {"findings__0__clause": "4.2", "findings__0__finding": "未见期间核查记录", "findings__0__result": "minor"}
    assert done(browser, form, **said).status == 200
    assert [one["result"] for one in case.read("examiner")["recorded_findings"]] == ["minor"]
    lead_name = case.read("examiner")["assessment_plan"]["team"][0]["name"]
    for reader, home in ((expert(lead), "/expert"), (case.people["examiner"], "/office")):
        seen = browser.sign_in(reader).at(NOW).get(here.replace("/expert", home)).main
        (clause,) = {one.text for one in seen.all("td") if one.text.startswith("4.2")}
        assert clause != "4.2"
    assert f"{lead_name}（{lead}）" in seen.text, "in the draw"
    browser.sign_in(expert(lead))
    assert browser.get(f"{here}/documents").status == 200
    form = browser.get(f"{here}/actions/stand_aside")
    left = done(browser, form, cause="recused", reason="与申请单位有利害关系")
    assert "您已退出考核" in left.main.text
    assert browser.get(here).status == 404
