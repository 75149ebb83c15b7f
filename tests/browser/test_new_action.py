"""A row that is added to a table of transitions has its button and its form in a browser, errors and preview too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE, Way
from tests.services.portal.test_new_action import SAID
from tests.shared.http.test_new_action import case, engine, maker, url
from tests.support.people import officer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.people import Person
    from tests.support import Caller

__all__ = ["case", "engine", "maker", "url"]


@pytest.mark.parametrize("way", [Way("zh", width=PHONE), Way("en", script=False)], ids=lambda way: way.name)
def test_a_new_action_is_found_filled_in_tried_and_done(
    person: Callable[..., Person], beside: Callable[..., str], url: str, maker: Caller, case: str, way: Way
) -> None:
    action, label, weighed = SAID[way.language]
    place = f"/office/type-approval/{maker.get(f'/v1/applications/{case}').json['number']}"
    examiner = person(way).sign_in(officer("examiner", "examiner"))
    page = examiner.page
    page.goto(beside(QUANHENG_TYPE_APPROVAL_URL=url) + place)
    examiner.see()
    examiner.follow(f"a[href='{place}/actions/weigh']")
    expect(page.locator("h1")).to_have_text(action)
    expect(page.locator("label[for=f-by]")).to_contain_text(label)
    examiner.see("new-action")
    examiner.press("preview")
    page.locator("#errors a[href='#f-by']").click()
    expect(page.locator("#f-by")).to_be_focused()
    examiner.see("new-action-refused")
    examiner.fill({"by": "卫考评", "reason": "首次称量"})
    examiner.press("preview")
    expect(page.locator("main")).to_contain_text(weighed)
    examiner.see("new-action-preview")
    assert maker.get(f"/v1/applications/{case}").json["state"] == "received"
    examiner.press("do")
    expect(page.locator(".notice.good")).to_contain_text(action)
    examiner.see("new-action-done")
    assert maker.get(f"/v1/applications/{case}").json["state"] == "weighed"
