"""What goes wrong in front of a browser: no connection, the back button, a service that does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, expect

from deploy.local.process import free_ports
from tests.browser.people import Way
from tests.support import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.people import Person
    from tests.support import Office


def test_what_was_typed_is_sent_once_the_connection_is_there_again(
    person: Callable[..., Person], office: Office
) -> None:
    case = office.case("type_approval")
    maker = person().sign_in(case.people["applicant"])
    page = maker.page
    page.goto(f"/my/type-approval/{case.id}/draft/contact")
    page.locator("#f-phone").fill("0431-7654321")
    maker.context.set_offline(True)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"), page.expect_navigation():
        page.locator("main button[value=next]").click()
    maker.context.set_offline(False)
    page.reload()
    expect(page.locator("h1")).to_be_visible()
    assert case.read()["form"]["phone"] == "0431-7654321"


def test_the_back_button_does_nothing_twice(person: Callable[..., Person], office: Office) -> None:
    case = office.case("type_approval")
    maker = person(Way("en", script=False)).sign_in(case.people["applicant"])
    page = maker.page
    page.goto(f"/my/type-approval/{case.id}/actions/submit")
    maker.press("do")
    expect(page.locator(".notice.good")).to_be_visible()
    number = page.locator("h1").inner_text().split()[0]
    page.go_back()
    maker.see("back-after-submit")
    expect(page.locator("main")).to_contain_text("The case is now")
    page.go_forward()
    expect(page.locator("h1")).to_contain_text(number)
    done = case.caller("applicant").get(f"{case.path('applicant')}/journal").json["items"]
    assert [one["action"] for one in done].count("submit") == 1


def test_with_a_service_down_pages_say_so_and_go_on(
    person: Callable[..., Person], office: Office, beside: Callable[..., str]
) -> None:
    case = office.case("type_approval")
    case.until("submit")
    wait_for(office.settled, what="all events to arrive")
    maker = person().sign_in(case.people["applicant"])
    # Cookies are those of the address, whatever the port.
    (nobody,) = free_ports(1)
    lame = beside(QUANHENG_NOTIFICATIONS_URL=f"http://127.0.0.1:{nobody}")
    maker.open(f"{lame}/my", "mine-down")
    expect(maker.page.locator(".notice.warn")).to_contain_text("期限与通知")
    maker.open(f"{lame}/my/type-approval/{case.read()['number']}", "case-down")
    expect(maker.page.locator("#asked")).to_be_visible()
    maker.open(f"{lame}/my/messages", "messages-down", 503)
