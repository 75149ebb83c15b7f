"""An agent in a browser: chooses the holder it acts for, and sees that holder's cases and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.services.portal.test_cases import NOW
from tests.support import applicant, credit_code, wait_for

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser
    from tests.support import Office

DAYS = {"valid_from": "2013-09-01", "valid_until": "2013-10-31"}


def test_an_agent_applies_for_a_holder_and_goes_back_to_its_own(browser: Browser, office: Office) -> None:
    case, code = office.case("type_approval"), credit_code()
    case.until("submit")
    mandate = {"code": code, "name": "某代理公司", "scope": "act", **DAYS}
    assert case.caller("applicant").post("/v1/mandates", mandate).status == 201
    wait_for(office.settled, what="the mandate to be known")
    number, agent = case.read()["number"], applicant(code, "agent")
    browser.sign_in(agent).at(NOW)
    assert number not in browser.get("/my").main.text
    choose = browser.get("/my/acting")
    name = case.form["applicant_name"]
    assert choose.main.one("label", for_="f-holder-0").text == f"{name}（{case.code}）：可以办理，委托至2013年10月31日"
    assert browser.send(choose, "act").main.one(id="errors").text.endswith("请选择单位")
    stranger = browser.send(choose, "act", holder=credit_code())
    assert (stranger.status, "没有" in stranger.main.one(id="errors").text) == (422, True)
    mine = browser.send(stranger, "act", holder=case.code)
    assert number in mine.main.text
    assert f"正在代理{case.code}" in mine.page.text
    for page in ("/my/calendar", "/my/messages", f"/my/type-approval/{number}", "/my/apply"):
        assert browser.get(page).status == 200, page
    draft = browser.send(browser.get("/my/apply"), "type-approval")
    applicants = browser.get(f"{draft.url.removeprefix(browser.portal.url)}/applicant")
    assert applicants.page.one("input", name="credit_code")["value"] == case.code
    kept = browser.get("/my/acting").main.one("input", name="holder")
    assert "checked" in kept.attributes, "for whom one acts now"
    own = browser.send(browser.get("/my/acting"), "own")
    assert number not in own.main.text
    browser.send(browser.get("/my/acting"), "act", holder=case.code)
    browser.sign_in(agent)
    assert number not in browser.get("/my").main.text, "who signs in begins with what is their own"
