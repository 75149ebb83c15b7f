"""What applicants are told: what happens after a submission, what to supplement by when, why a date is what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.services.portal.test_cases import NOW, known, page

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser
    from tests.support import Office


def test_the_page_after_a_submission_names_number_day_and_law(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    browser.sign_in(case.people["applicant"]).at(NOW)
    done = browser.send(browser.get(f"/my/type-approval/{case.id}/actions/submit"), "do")
    assert "现在没有须在期限内办理" not in done.main.text, "they are counted, or will be in a moment"
    known(office)
    seen = browser.get(done.url).main.text
    said = (
        case.read()["number"],
        "已办理：提交申请",
        "2013年9月25日",
        "行政许可法第三十二条",
        "自收到申请材料之日起即为受理",
    )
    assert [one for one in said if one not in seen] == [], seen


def test_a_supplement_is_answered_item_by_item_with_the_days_left_in_sight(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    items = ["说明书缺第3章", "总装图未签字"]
    case.do("request_supplement", items=items)
    known(office)
    browser.sign_in(case.people["applicant"]).at("2013-09-18T09:00:00+08:00")
    seen = browser.get(page(case))
    asked = seen.main.one("section", class_="missing").text
    assert "请您办理：申请人补正" in seen.main.one("p", class_="lede").text.replace(" ", "")
    assert [one for one in (*items, "还有29天") if one not in asked + seen.main.text] == []
    form = browser.get(f"{page(case)}/actions/supplement")
    told = form.main.one("section", class_="notice")
    assert [one.text for one in told.all("li")] == items, "in sight of whoever answers"
    assert [one for one in ("2013年10月17日", "还有29天") if one not in told.text] == [], told.text
    assert told.one("a")["href"] == f"{page(case)}/documents"
    onward = browser.get(f"{page(case)}/documents").main.one("p", class_="onward").all("a")
    assert [one["href"] for one in onward] == [f"{page(case)}/actions/supplement", page(case)]
    preview = browser.send(form, "preview", form__description="说明书第3章已补，总装图已签字")
    assert case.read()["state"] == "supplement"
    done = browser.send(preview, "do")
    assert (done.status, case.read()["state"]) == (200, "received")
    assert case.read()["form"]["description"] == "说明书第3章已补，总装图已签字"


def test_a_paused_and_a_provisional_date_say_why(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("serve_time_notice")
    known(office)
    browser.sign_in(case.people["applicant"]).at("2013-10-08T09:00:00+08:00")
    seen = browser.get(page(case))
    boxes = {one.one("h3").text.partition(" ")[0]: one for one in seen.main.all("section", class_="clock")}
    decision = next(box for name, box in boxes.items() if name.startswith("行政许可决定"))
    assert "已暂停" in decision.text
    explained = browser.get(decision.one("a")["href"]).main.text
    assert [one for one in ("10个工作日不计", "第四十五条") if one not in explained] == [], explained
    case.do("arrange")
    known(office)
    lede = browser.at(NOW).get(page(case)).main.one("p", class_="lede").text
    assert lede == "请您办理：送交样机和资料，最迟 2013年10月17日。行政许可决定的期限在此期间暂停。"
    later = browser.get("/due?start=2027-12-20&days=20").main.text
    assert "暂定" in later, "no holidays of 2028 are published yet"


def test_a_draft_is_discarded_after_a_look_and_restored(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    home = f"/my/type-approval/{case.id}"
    browser.sign_in(case.people["applicant"]).at(NOW)
    draft = browser.get(f"{home}/draft")
    preview = browser.get(next(one["href"] for one in draft.main.all("a") if one["href"].endswith("discard")))
    assert "30天内可以恢复" in preview.main.text
    assert case.read()["state"] == "draft"
    assert "草稿已作废" in browser.send(preview, "do").main.text
    assert case.read()["state"] == "discarded"
    assert home not in {one["href"] for one in browser.get("/my").main.all("a")}
    (kept,) = (one for one in browser.get("/my/apply").main.one("details").all("a"))
    back = browser.get(kept["href"])
    restored = browser.send(browser.get(back.main.one("a", class_="button")["href"]), "do")
    assert urlsplit(restored.url).path == f"{home}/draft"
    assert "草稿已恢复" in restored.main.text
    assert case.read()["form"] == case.form
