"""What officers see of their own steps and of those of others: what is told once, decided by one, or not theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.services.portal.test_cases import NOW, known, page
from tests.support import weighing_test
from tests.support.people import officer

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser
    from tests.support import Office


def test_a_second_supplement_is_refused_with_the_reason(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    for action in ("submit", "request_supplement", "supplement"):
        case.do(action)
    browser.sign_in(case.people["intake"]).at(NOW)
    form = browser.get(f"{page(case, '/office')}/actions/request_supplement")
    again = browser.send(form, "preview", items="还缺总装图")
    assert (again.status, "一次" in again.main.text) == (422, True), again.main.text
    assert case.read()["state"] == "received"


def test_an_acceptance_shows_its_dates_first_and_the_applicant_sees_the_same(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    known(office)
    browser.sign_in(case.people["intake"]).at(NOW)
    preview = browser.get(f"{page(case, '/office')}/actions/accept")
    rows = [[cell.text for cell in row.all("td")] for row in preview.main.one("tbody").all("tr")]
    started = [then for _, change, _, then in rows if change == "起算"]
    assert started, rows
    browser.send(preview, "do")
    known(office)
    seen = browser.sign_in(case.people["applicant"]).get(page(case)).main
    clocks = " ".join(one.text for one in seen.all("section", class_="clock"))
    assert [day for day in started if day.partition(" ")[0] not in clocks] == [], clocks


def test_a_refusal_prints_what_may_be_done_against_it(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("receive_samples")
    case.do("record_test", **weighing_test(indication="10.020 kg"))
    for action in ("draft_report", "check_report", "issue_report", "review"):
        case.do(action, **({"conclusion": "fail"} if action == "draft_report" else {}))
    case.do("refuse")
    known(office)
    browser.sign_in(case.people["applicant"]).at(NOW)
    inbox = browser.get("/my/messages").main
    told = browser.get(next(one["href"] for one in inbox.all("a") if "不予" in one.text)).main.text
    assert [one for one in ("申请行政复议", "提起行政诉讼") if one not in told] == [], told


def test_of_two_who_decide_at_once_the_second_sees_what_the_first_did(
    browser: Browser, english: Browser, office: Office
) -> None:
    case = office.case("type_approval")
    case.until("review")
    decide = f"{page(case, '/office')}/actions/grant"
    first, second = (
        reader.send(reader.sign_in(case.people[who]).at(NOW).get(decide), "preview")
        for reader, who in ((browser, "decider"), (english, "second_decider"))
    )
    assert browser.send(first, "do").status == 200
    late = english.send(second, "do")
    assert late.status == 409
    assert [one for one in ("Grant", "decider-1") if one not in late.main.text] == [], late.main.text
    journal = case.caller("decider").get(f"{case.path('decider')}/journal").json["items"]
    assert [one["action"] for one in journal].count("grant") == 1


def test_a_case_of_the_reader_s_own_organisation_is_not_found(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    known(office)
    place, number = page(case, "/office"), case.read()["number"]
    related = replace(officer("zhou", "intake", "examiner"), organisation=case.code)
    assert browser.sign_in(related).at(NOW).get(place).status == 404
    for path in (f"{place}/actions/accept", f"{place}/documents/{case.id}", f"/office/cases/{number}"):
        assert browser.raw("GET", path).status_code == 404, path
    assert number not in browser.get(f"/office/search?q={number}").main.text.replace(f"“{number}”", "")
    assert browser.sign_in(officer("zhou", "intake", "examiner")).get(place).status == 200
