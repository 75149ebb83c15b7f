"""What applicants apply for about what they hold: the draft is written, looked through and submitted, not typed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from services.c_mark.queries import REGISTER as OF_MARKS
from services.licensing.queries import REGISTER as OF_LICENCES
from services.portal.held import AHEAD_DAYS
from services.portal.papers import IN_FORCE, LIVE, REGISTERS, STATUSES
from services.type_approval.queries import REGISTER as OF_CERTIFICATES
from shared.law import load, national
from shared.law.rows import Before
from tests.services.licensing.parts import known_as
from tests.services.portal.test_cases import NOW, known
from tests.services.portal.test_lists import calls
from tests.services.test_historic import LICENCES, keeper, take
from tests.support import applicant, credit_code

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser
    from tests.support import Office

IN_TIME = "2016-05-16T09:00:00+08:00"
"""More than three months before the licence ends."""


def test_a_renewal_is_offered_from_the_first_reminder_of_the_end_on() -> None:
    ladder = [rung.at for rung in load().ladder("licence_term", date(2013, 9, 17)) if isinstance(rung.at, Before)]
    ends = (date(2016, 1, 1) + timedelta(day) for day in range(366))
    assert max((end - rung.day(end, national())).days for end in ends for rung in ladder) == AHEAD_DAYS


def test_the_states_in_which_permits_live_are_those_of_their_registers() -> None:
    registers = {"type_approval": OF_CERTIFICATES, "licensing": OF_LICENCES, "c_mark": OF_MARKS}
    for service, register in registers.items():
        # What a mark is while it is to be corrected is a status of its own.
        own = IN_FORCE & {*STATUSES[REGISTERS[service]]} - {register.in_force}
        assert {*LIVE[service]} == {*register.live, *own}


def test_who_holds_no_certificate_is_told_that_nothing_was_filled_in(browser: Browser) -> None:
    browser.sign_in(applicant(credit_code())).at(NOW)
    assert "请自行填写" in browser.send(browser.get("/my/apply"), "written").main.text


def test_a_licence_is_applied_for_from_certificates_and_renewed_without_typing(
    browser: Browser, office: Office
) -> None:
    approval = office.case("type_approval")
    approval.until("grant")
    known_as(office, approval, "in_force")
    browser.sign_in(approval.people["applicant"]).at(NOW)
    first = browser.send(browser.get("/my/apply"), "written")
    assert first.url.endswith("/draft")
    assert approval.read()["certificate"] in browser.get(f"{first.url}/check").main.text
    licence = office.case("licensing", approval.code)
    licence.until("deliver")
    page = f"/my/licensing/{licence.read()['number']}"
    browser.at(IN_TIME).sign_in(approval.people["applicant"])
    renewal = browser.send(browser.get(page), "renewals")
    tags = {one.text for one in renewal.main.all("span", class_="tag")}
    assert not any("还有" in tag or "未开始" in tag for tag in tags), tags
    answers = browser.get(f"{renewal.url}/check")
    assert licence.read()["licence"] in answers.main.text
    link = next(one["href"] for one in answers.main.all("a") if one["href"].endswith("/actions/submit"))
    done = browser.send(browser.get(link), "do")
    assert "已办理：提交申请" in done.main.text
    refused = browser.send(browser.get(page), "renewals")
    assert (refused.status, "正在办理" in refused.main.text) == (422, True)
    moved = browser.send(browser.get(page), "changed_conditions")
    assert "条件变化" in browser.get(f"{moved.url}/check").main.text


def test_the_start_page_shows_what_is_held_until_when_and_what_can_be_done(browser: Browser, office: Office) -> None:
    approval = office.case("type_approval")
    approval.until("grant")
    known_as(office, approval, "in_force")
    licence = office.case("licensing", approval.code)
    licence.until("deliver")
    number, certificate = licence.read()["licence"], approval.read()["certificate"]
    held = browser.sign_in(approval.people["applicant"]).at(NOW).get("/my").main.one(aria_labelledby="held")
    rows = {row.all("a")[0].text: row for row in held.all("tr")[1:]}
    assert [*rows] == [number, certificate], "what ends first comes first"
    model = approval.read()["form"]["lines"][0]["model"]
    said = [cell.text for cell in rows[certificate].all("td")]
    assert (model in said[1], said[2:4], said[4]) == (True, ["长期", "–"], f"变更等事项 {certificate}")
    said = [cell.text for cell in rows[number].all("td")]
    assert (model in said[1], said[2:4]) == (True, ["2016年9月17日", "还有1096天"])
    assert "复查换证" not in said[4], "years before the end nobody is led to a renewal"
    page = f"/my/licensing/{licence.read()['number']}#actions"
    assert rows[number].all("a")[-1]["href"] == page
    assert [one["href"] for one in browser.get("/my").main.all("a") if one.text == licence.read()["number"]] == []
    soon = browser.at(IN_TIME).get("/my")
    assert "还有124天" in soon.main.text
    assert browser.send(soon, "renewals").url.endswith("/draft")


def test_of_very_many_permits_those_that_end_first_are_listed_and_each_once(browser: Browser, office: Office) -> None:
    maker = applicant(credit_code())
    reader = browser.sign_in(maker).at(NOW)
    most = calls(reader.get("/my"))
    # The first that were entered end first; those before them have ended, which nobody had recorded.
    lines = [
        f"吉制0000{4000 + number}号,长春老厂,{maker.organisation},吉林省长春市示例大街1号,,non_automatic_scale,"
        f"电子计价秤=ACS-{number},长春市质量技术监督局,2010-10-01,{date(2013, 9, 17) + timedelta(number)},,"
        for number in range(130)
    ]
    headings = "证号,单位名称,单位代码,住所,生产地址,类别,器具,发证机关,发证日期,有效期至,失效日期,失效原因"
    done = take(keeper(office, "licensing"), LICENCES, *lines, headings=headings)
    assert (done.status, done.json["add"]) == (200, len(lines)), done.body
    known(office)
    seen = reader.get("/my")
    assert calls(seen) == most
    rows = seen.main.one(aria_labelledby="held").all("tr")[1:]
    assert [row.all("a")[0].text for row in rows] == [f"吉制0000{4000 + number}号" for number in range(25)]
    assert "全部制造计量器具许可证" in seen.main.text
    (more,) = (one["href"] for one in seen.main.all("a") if one["href"].startswith("/register?"))
    assert "有效" in reader.get(more).main.text
    assert "没有正在办理的事项" in seen.main.text
    assert ("由他方办理" in seen.main.text, "其他事项" in seen.main.text) == (False, False)


def test_what_has_ended_is_not_held_and_what_others_hold_is_not_shown(english: Browser, office: Office) -> None:
    case, other = office.case("type_approval"), office.case("type_approval")
    for one in (case, other):
        one.until("grant")
    english.sign_in(case.people["applicant"]).at(NOW)
    seen = english.get("/my").main.text
    assert case.read()["certificate"] in seen
    assert other.read()["certificate"] not in seen
    case.do("deliver")
    case.do("cancel")
    assert "Permits you hold" not in english.get("/my").main.text


def test_a_contract_is_marked_by_what_it_is_today(browser: Browser, office: Office) -> None:
    approval = office.case("type_approval")
    approval.until("grant")
    known_as(office, approval, "in_force")
    licence = office.case("licensing", approval.code)
    licence.until("deliver")
    licence.do("report_contract", until="2014-09-16")
    case, client = licence.read(), "试验商贸有限公司"

    def page(who: str, path: str, now: str) -> str:
        return browser.at(now).sign_in(licence.people[who]).get(path).main.text

    for who, home in (("applicant", "my"), ("examiner", "office")):
        path = f"/{home}/licensing/{case['number']}"
        assert client in page(who, path, NOW)
        assert "已到期" not in page(who, path, NOW)
        assert "已到期" in page(who, path, IN_TIME)
    public = f"/licences/{case['licence']}"
    assert client in page("applicant", public, NOW)
    assert client not in page("applicant", public, IN_TIME)
