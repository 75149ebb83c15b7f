"""The two faces of the portal, and several processes of it: who finds what where."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest

from services.portal import settings
from services.portal.application import PAGES
from services.portal.settings import Face
from shared.identity import Role
from shared.runtime.config import ConfigurationError
from tests.services.portal.conftest import another
from tests.services.portal.pages import parse
from tests.support import credit_code
from tests.support.people import applicant, expert, laboratory, officer

if TYPE_CHECKING:
    from deploy.local.portal import Portal
    from tests.services.portal.browsing import Browser

HOMES = {Role.APPLICANT: "/my", Role.LAB: "/lab", Role.EXPERT: "/expert", Role.STAFF: "/office"}
_PEOPLE = (applicant(credit_code()), laboratory(), expert("E-1"), officer("li", "intake"))
PEOPLE = {person.role: person for person in _PEOPLE}


def cookies(browser: Browser) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()), "Accept-Language": "en"}


@pytest.mark.parametrize("face", [Face.PUBLIC, Face.OFFICE])
def test_a_face_has_its_own_pages_only_and_knows_only_its_own_people(
    portal: Portal, browser: Browser, face: Face
) -> None:
    with another(portal, QUANHENG_PORTAL_FACE=face) as client:
        for role, person in PEOPLE.items():
            browser.sign_in(person)
            here = role in face.sides
            seen = client.get(HOMES[role], headers=cookies(browser))
            assert seen.status_code == (200 if here else 404), (role, seen.text)
            signed_in = bool(parse(client.get("/help", headers=cookies(browser)).text).all("form", action="/logout"))
            assert signed_in is here, role
        others = [page for page in PAGES if page.sides and not page.sides & face.sides]
        assert len(others) > 20
        for page in others:
            found = client.request(page.methods[0], page.path, headers={"Origin": portal.url})
            assert found.status_code == 404, page.path


def test_who_comes_to_the_other_door_is_told_and_not_signed_in(portal: Portal) -> None:
    with another(portal, QUANHENG_PORTAL_FACE="office") as client:
        left = client.get("/login")
        away, attempt = left.headers["Location"], left.headers["Set-Cookie"].partition(";")[0]
        form = parse(httpx2.get(away).text).all("form")[0].typed()
        person = PEOPLE[Role.APPLICANT]
        told = {"asked": form["asked"][0], "subject": person.subject, "name": person.name, "role": "applicant"}
        chosen = httpx2.post(away.partition("?")[0], data={**told, "organisation": person.organisation, "posts": ""})
        back = urlsplit(chosen.headers["Location"])
        answer = client.get(f"{back.path}?{back.query}", headers={"Cookie": attempt, "Accept-Language": "en"})
        assert "elsewhere" in parse(answer.text).one("main").text, answer.text
    assert (answer.status_code, "__Host-session" in answer.headers.get("Set-Cookie", "")) == (403, False)


def test_all_processes_know_who_is_signed_in_and_who_signed_out(portal: Portal, browser: Browser) -> None:
    browser.sign_in(PEOPLE[Role.APPLICANT])
    with another(portal) as second:
        assert second.get("/my", headers=cookies(browser)).status_code == 200
        out = second.post("/logout", headers={**cookies(browser), "Origin": portal.url})
        assert out.status_code == 200
    assert browser.raw("GET", "/my").headers["Location"].startswith("/login")


def test_production_has_one_face_and_no_development_issuer(portal: Portal) -> None:
    told = portal.environment() | {"QUANHENG_PROFILE": "production", "QUANHENG_PORTAL_URL": "https://portal.example"}
    del told["QUANHENG_TIME"]
    with pytest.raises(ConfigurationError) as refused:
        settings.read(told)
    named = str(refused.value)
    assert [one for one in ("QUANHENG_PORTAL_FACE", "QUANHENG_ISSUER") if one not in named] == [], named


def test_who_asks_too_often_waits_and_others_do_not(portal: Portal, browser: Browser) -> None:
    with another(portal, QUANHENG_RATE_LIMIT="3/hour", QUANHENG_PORTAL_VISITOR_HEADER="X-Real-IP") as client:
        asked = [client.get("/check?number=1", headers={"X-Real-IP": "192.0.2.1"}) for _ in range(4)]
        assert [one.status_code for one in asked] == [404, 404, 404, 429]
        assert int(asked[-1].headers["Retry-After"]) > 0
        assert client.get("/login", headers={"X-Real-IP": "192.0.2.1"}).status_code == 429
        assert client.get("/check", headers={"X-Real-IP": "192.0.2.2"}).status_code == 200
        browser.sign_in(PEOPLE[Role.APPLICANT])
        mine = {**cookies(browser), "X-Real-IP": "192.0.2.1"}
        assert client.get("/my", headers=mine).status_code == 200, "whoever is signed in the services count"
