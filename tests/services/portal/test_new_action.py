"""A row added to a table of transitions is a button of the portal with a page of its own, without code there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.portal.browsing import Browser
from tests.services.portal.conftest import another
from tests.services.portal.test_cases import NOW
from tests.shared.http.test_new_action import case, engine, maker, url
from tests.support.people import officer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deploy.local.portal import Portal
    from tests.support import Caller

__all__ = ["case", "engine", "maker", "url"]


SAID: Mapping[str, tuple[str, str, str]] = {
    "zh": ("称量", "称量人", "已称量"),
    "en": ("Weigh", "Who weighed", "Weighed"),
}
"""What the action, its field and the state after it are called."""


@pytest.mark.parametrize("language", SAID)
def test_it_is_offered_asked_for_tried_and_done(
    portal: Portal, browser: Browser, url: str, maker: Caller, case: str, language: str
) -> None:
    action, label, weighed = SAID[language]
    page = f"/office/type-approval/{maker.get(f'/v1/applications/{case}').json['number']}"
    browser.sign_in(officer("examiner", "examiner")).at(NOW)
    with another(portal, QUANHENG_TYPE_APPROVAL_URL=url) as client:
        examiner = Browser(portal, language, client)
        examiner.cookies = browser.cookies
        offered = {one["href"]: one.text for one in examiner.get(page).main.all("a")}
        assert offered[f"{page}/actions/weigh"] == action
        form = examiner.get(f"{page}/actions/weigh")
        assert any(label in one.text for one in form.main.all("label"))
        wrong = examiner.send(form, "preview", by=" ")
        assert {one["href"] for one in wrong.page.one(id="errors").all("a")} == {"#f-by", "#f-reason"}
        preview = examiner.send(wrong, "preview", by="卫考评", reason="首次称量")
        assert weighed in preview.main.text
        assert maker.get(f"/v1/applications/{case}").json["state"] == "received"
        done = examiner.send(preview, "do")
        assert action in done.main.one("div", role="status").text
    assert maker.get(f"/v1/applications/{case}").json["state"] == "weighed"
