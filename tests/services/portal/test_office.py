"""The office's own pages: who is away, and what waits for an operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.messaging.envelope import new_id
from tests.services.broker import say
from tests.services.portal.test_cases import NOW
from tests.services.test_consumers import event
from tests.support import credit_code, wait_for
from tests.support.people import officer

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from tests.services.portal.browsing import Browser
    from tests.support import Office

JUNK = (
    "INSERT INTO held (type, subject, body, error, parked_at)"
    " VALUES ('', :subject, convert_to(:subject, 'UTF8'), 'not JSON', now()) RETURNING id"
)
PLACE = (
    "INSERT INTO type_approvals (case_id, application, holder, status, lines)"
    " VALUES (:id, :application, :holder, 'running', '[]')"
)


def test_an_absence_is_entered_and_taken_out(browser: Browser, office: Office) -> None:
    subject, cover = directory(office), directory(office)
    browser.sign_in(officer(subject, "examiner")).at(NOW)
    page = browser.get(f"/office/people/{subject}")
    wrong = browser.post(f"/office/people/{subject}", {**one_key(page), "from": "2013-10-8", "to": "2013-10-1"})
    assert wrong.status == 422
    assert wrong.page.one("input", id="f-from")["value"] == "2013-10-8"
    other = browser.post(f"/office/people/{subject}", {**one_key(wrong), "from": "2013-10-8", "_lang": "en"})
    assert other.page.one("html")["lang"] == "en"
    assert other.page.one("input", id="f-from")["value"] == "2013-10-8", "the switch keeps what was typed"
    wrong = browser.post(f"/office/people/{subject}", {**one_key(other), "_lang": "zh"})
    kept_form = {**one_key(wrong), "from": "2013年10月8日", "to": "20131018", "cover": cover}
    saved = browser.post(f"/office/people/{subject}", kept_form)
    assert "2013年10月8日至2013年10月18日" in saved.main.text
    assert f"{cover}代办" in saved.main.text
    delete = saved.main.one("button", name="delete")["value"]
    assert "没有登记的外出" in browser.post(f"/office/people/{subject}", {**one_key(saved), "delete": delete}).main.text


def test_a_head_gives_the_cases_of_an_absent_colleague_to_others_and_sees_what_became_of_each(
    browser: Browser, office: Office
) -> None:
    away, cover = directory(office), directory(office)
    absence = {"from": "2013-09-17", "to": "2013-10-18", "cover": cover}
    head = officer("chu", "section_head")
    assert office.caller("notifications", head, NOW).post(f"/internal/v1/staff/{away}/absences", absence).status == 201
    cases = [office.case("type_approval") for _ in range(2)]
    for case in cases:
        case.until("submit")
        case.do("assign", to={"subject": away, "name": away})
    wait_for(office.settled, what="all events to arrive")
    browser.sign_in(head).at(NOW)
    seen = browser.get(f"/office?assignee={away}")
    assert f"{away} （今日外出，{cover}代办）" in {one.text for one in seen.main.all("option")}
    boxes = [one["value"] for one in seen.main.all("input", name="case")]
    assert boxes == [f"type_approval {case.read()['number']}" for case in cases]
    nobody = browser.send(seen, "assign", case=boxes)
    assert (nobody.status, len([one for one in nobody.main.all("input") if "checked" in one.attributes])) == (422, 2)
    cases[1].do("withdraw")
    given = browser.send(nobody, "assign", case=boxes, to=cover)
    told = [one.text for one in given.main.one("div", role="status").all("li")]
    assert told[0] == f"{cases[0].read()['number']} ：由{cover}承办"
    assert "未变更" in told[1]
    assert cases[0].read("head")["assignee"]["subject"] == cover


def test_a_case_is_given_to_a_colleague_chosen_by_name(browser: Browser, office: Office) -> None:
    subject, case = directory(office), office.case("type_approval")
    case.until("submit")
    browser.sign_in(case.people["head"]).at(NOW)
    form = browser.get(f"/office/type-approval/{case.read()['number']}/actions/assign")
    assert form.main.all("input", name="to.name") == []
    browser.send(browser.send(form, "preview", to__subject=subject), "do")
    assert case.read("head")["assignee"] == {"subject": subject, "name": subject}


def directory(office: Office) -> str:
    """A new colleague who examines; their login, which is their name."""
    subject = f"p-{new_id()}"
    record = {"name": subject, "posts": ["examiner"], "language": "zh", "email": "li@example.com"}
    kept = office.caller("notifications", officer(subject, "examiner"), NOW).put(
        f"/internal/v1/staff/{subject}", record
    )
    assert kept.status == 200
    return subject


def test_an_operator_discards_an_event_for_a_reason(browser: Browser, english: Browser, office: Office) -> None:
    subject = f"TA-{new_id()}"
    ((held,),) = office.rows("licensing", JUNK, subject=subject)
    english.sign_in(officer("zhao", "decider")).at(NOW)
    assert english.get("/office/system").status == 403, "for operators alone"
    assert "/office/system" not in english.get("/office").text
    browser.sign_in(officer("operator", "operator")).at(NOW)
    told = browser.get("/office").main.one("a", href="/office/system#parked").text
    page = browser.get("/office/system")
    assert told == f"搁置的事件：{page.main.one(id='parked').one(class_='tag').text}件"
    assert subject in page.main.text
    assert not page.main.all("button", value=f"redrive licensing {held}"), "it is not an event"
    assert "不能重试" in page.main.text
    discard, reason = f"discard licensing {held}", f"reason.licensing.{held}"
    refused = browser.send(page, discard)
    assert refused.status == 422
    typed = refused.main.one("form", id="typed").typed()
    other = browser.post("/office/system", {**typed, reason: "试验", "_lang": "en"})
    assert other.page.one("html")["lang"] == "en"
    assert other.main.one("input", name=reason)["value"] == "试验"
    browser.post("/office/system", {**other.main.one("form", id="typed").typed(), "_lang": "zh"})
    done = browser.send(browser.get("/office/system"), discard, **{reason: "试验"})
    assert "已放弃" in done.main.text
    assert subject not in done.main.text


def test_an_operator_has_a_parked_event_tried_again_and_it_takes_effect(
    browser: Browser, servers: Backing, office: Office
) -> None:
    """A certificate that licensing could not place when it heard of it."""
    case_id, code = new_id(), credit_code()
    granted = event(case_id, 1, "certificate.granted", certificate=f"C-{code}", holder=code, lines=[])
    say(servers, "type_approval", granted.encode().encode(), partition=granted.partition)
    held = "SELECT id FROM held WHERE case_id = :id"
    ((which,),) = wait_for(lambda: office.rows("licensing", held, id=case_id), what="the event to be held")
    given_up = "UPDATE held SET parked_at = now(), next_try_at = NULL WHERE id = :id"
    office.rows("licensing", given_up, id=which)
    office.rows("licensing", PLACE, id=case_id, application=granted.subject, holder=code)
    browser.sign_in(officer("operator")).at(NOW)
    page = browser.get("/office/system")
    assert (granted.subject in page.main.text, "NoResultFound" in page.main.text) == (True, True)
    assert "准予许可" in next(one.text for one in page.main.all("h3") if granted.subject in one.text)
    done = browser.send(page, f"redrive licensing {which}")
    assert "已安排重试" in done.main.one("div", role="status").text
    assert granted.subject not in done.main.text
    status = "SELECT status FROM type_approvals WHERE case_id = :id"
    wait_for(lambda: office.rows("licensing", status, id=case_id) == [("in_force",)], what="the event's effect")


def one_key(page: object) -> dict[str, str]:
    """A key of a form on the page."""
    return {"_key": page.main.all("input", name="_key")[0]["value"]}  # type: ignore[attr-defined]


def test_a_case_is_handed_over_to_an_office_chosen_by_its_name(browser: Browser, office: Office) -> None:
    case = office.case("licensing")
    case.do("submit")
    case.do("accept")
    browser.sign_in(officer("zheng", "decider")).at(NOW)
    page = f"/office/licensing/{case.read()['number']}"
    form = browser.get(f"{page}/actions/transfer")
    assert "长春市市场监督管理局" in {one.text for one in form.main.all("option")}
    own = browser.send(form, "preview", office="provincial", reason="误收")
    assert (own.status, "本案即由" in own.main.text) == (422, True)
    shown = browser.send(form, "preview", office="changchun", reason="生产地址属长春市")
    done = browser.send(shown, "do")
    assert "已办理：移送有权机关" in done.main.text
    assert "长春市质量技术监督局" in done.main.text
    assert case.read()["office"]["id"] == "changchun"


def test_the_service_of_a_notice_is_registered_with_its_proof(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    browser.sign_in(case.people["intake"]).at("2013-09-19T09:00:00+08:00")
    place = f"/office/type-approval/{case.read()['number']}"
    link = next(one["href"] for one in browser.get(place).main.all("a") if one["href"].endswith("/service"))
    wrong = browser.send(browser.get(link), "keep", served_on="2013-09-18")
    assert (wrong.status, [one["href"] for one in wrong.main.one(id="errors").all("a")]) == (422, ["#f-receipt"])
    done = browser.send(wrong, "keep", receipt="送-1", received_by="钱联系")
    assert [one for one in ("已办理：登记文书送达", "2013年9月18日送达", "送-1") if one not in done.main.text] == []
    assert "更正或者撤回登记须说明理由" in browser.get(link).main.text
