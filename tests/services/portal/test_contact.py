"""Where messages go: set by one's organisation on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import credit_code
from tests.support.people import applicant

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser
    from tests.support import Office


def test_an_organisation_sets_its_address_and_language(browser: Browser, english: Browser, office: Office) -> None:
    maker = applicant(credit_code())
    caller = office.caller("notifications", maker)
    browser.sign_in(maker)
    page = next(one["href"] for one in browser.get("/my/messages").main.all("a") if one["href"].endswith("/contact"))
    wrong = browser.send(browser.get(page), "keep", email="nobody", language="en")
    assert wrong.status == 422
    assert {one["href"] for one in wrong.page.one(id="errors").all("a")} == {"#f-email"}
    assert caller.get("/v1/contact").status == 404
    done = browser.send(wrong, "keep", email="sun@maker.example")
    assert "已保存" in done.main.one("div", role="status").text
    assert done.main.one("input", name="email")["value"] == "sun@maker.example"
    assert caller.get("/v1/contact").json == {"email": "sun@maker.example", "language": "en"}
    switched = english.sign_in(maker).post(
        page, {**done.main.one("form", id="typed").typed(), "email": "x", "_lang": "zh"}
    )
    assert switched.main.one("input", name="email")["value"] == "x", "the switch of the language keeps what was typed"
