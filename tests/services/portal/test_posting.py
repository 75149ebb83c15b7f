"""What may go wrong with any form: it comes too late, twice with other content, or to a service that is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.local.process import free_ports
from services.portal.application import PAGES
from services.portal.posting import FormPage
from services.portal.texts import text
from tests.services.portal.conftest import another
from tests.services.portal.pages import parse
from tests.services.portal.test_cases import NOW
from tests.support import credit_code
from tests.support.people import applicant

if TYPE_CHECKING:
    from deploy.local.portal import Portal
    from tests.services.portal.browsing import Browser
    from tests.support import Office

WITHOUT = {"/logout", "/given-time", "/verify"}
"""What is sent there asks no service to do anything."""


def test_every_form_is_taken_by_what_says_in_one_way_what_went_wrong() -> None:
    posts = [page for page in PAGES if "POST" in page.methods]
    others = {page.path for page in posts if not isinstance(getattr(page.answer, "__self__", None), FormPage)}
    assert others == WITHOUT
    shown = {page.path for page in PAGES if "GET" in page.methods}
    assert [page.path for page in posts if page.path not in WITHOUT and (page.form or page.path) not in shown] == []


def test_a_form_that_comes_too_late_comes_back_with_what_was_typed(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    browser.sign_in(case.people["applicant"]).at(NOW)
    for page, name, value in (
        (f"/my/type-approval/{case.id}/draft/contact", "phone", "0431-7654321"),
        ("/my/contact", "email", "sun@maker.example"),
        ("/my/add/mandates", "name", "某代理公司"),
    ):
        late = browser.post(page, {**browser.get(page).main.one("form", id="typed").typed(), name: value, "_key": "x"})
        assert text("form.expired", "zh") in late.main.text, page
        assert late.main.one("form", id="typed").typed()[name] == [value], page


def test_a_form_that_was_sent_before_with_other_content_says_so(browser: Browser) -> None:
    browser.sign_in(applicant(credit_code()))
    form = browser.get("/my/contact")
    browser.send(form, "keep", email="sun@maker.example", language="zh")
    other = browser.send(form, "keep", email="li@maker.example", language="zh")
    assert text("form.sent_before", "zh") in other.main.text
    assert "li@maker.example" in browser.send(other, "keep").main.one("input", name="email")["value"]


def test_with_the_service_down_a_form_waits_for_its_writer(browser: Browser, portal: Portal) -> None:
    browser.sign_in(applicant(credit_code()))
    form = browser.get("/my/contact").main.one("form", id="typed").typed()
    typed = {**form, "email": "sun@maker.example", "language": "zh", "_step": "keep"}
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}"
    with another(portal, QUANHENG_NOTIFICATIONS_URL=nobody) as lame:
        down = lame.post("/my/contact", data=typed, headers={"Cookie": cookies, "Origin": portal.url})
    assert down.status_code == 503
    back = browser.get(parse(down.text).one("main").one("a", class_="button")["href"])
    assert back.main.one("input", name="email")["value"] == "sun@maker.example"
    # It is the same form: whatever the service had done of it is not done again.
    key = back.main.one("input", name="_key")["value"]
    assert key.partition(".")[0] == form["_key"][0].partition(".")[0]
