"""What every page has: languages, headers, sign-in, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from deploy.local.issuer import PEOPLE
from shared.identity import Role
from tests.support import credit_code
from tests.support.people import applicant, laboratory, officer

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser
    from tests.support import Office


def test_anybody_finds_the_pages_for_everybody_in_both_languages(browser: Browser, english: Browser) -> None:
    for path in ("/", "/check", "/help"):
        zh, en = browser.get(path), english.get(path)
        assert (zh.status, en.status) == (200, 200)
        assert (zh.page.one("html")["lang"], en.page.one("html")["lang"]) == ("zh-CN", "en")
        assert zh.main.text != en.main.text


def test_the_language_switch_keeps_the_page_and_is_remembered(browser: Browser) -> None:
    zh = browser.get("/help")
    en = browser.get(next(one["href"] for one in zh.page.all("a") if one.text == "English"))
    assert (en.page.one("html")["lang"], en.page.one("h1").text) == ("en", "Help")
    assert browser.get("/check").page.one("html")["lang"] == "en"


def test_headers_keep_out_scripts_frames_and_guessing(browser: Browser) -> None:
    headers = browser.get("/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Request-Id"]


def test_the_issuer_reads_the_public_half_of_the_portal_s_key(browser: Browser) -> None:
    (key,) = json.loads(browser.get("/.well-known/jwks.json").text)["keys"]
    assert (key["kty"], key["crv"]) == ("EC", "P-256")
    assert "d" not in key


def test_somebody_of_every_side_can_be_signed_in_as() -> None:
    assert {actor.role for actor in PEOPLE.values()} == {*Role} - {Role.SYSTEM}


@pytest.mark.parametrize(
    "actor", [applicant(credit_code()), laboratory(), officer("intake-1", "intake")], ids=lambda actor: str(actor.role)
)
def test_each_side_signs_in_at_the_issuer_and_out_again(browser: Browser, actor: object) -> None:
    browser.sign_in(actor)  # type: ignore[arg-type]
    assert "__Host-session" in browser.cookies
    seen = browser.get("/")
    assert any(one.get("action") == "/logout" for one in seen.page.all("form"))
    assert seen.headers["Cache-Control"] == "no-store"
    out = browser.post("/logout", {})
    assert out.status == 200
    assert "__Host-session" not in browser.cookies


def test_signing_out_ends_the_session_also_for_who_kept_the_cookie(browser: Browser) -> None:
    browser.sign_in(applicant(credit_code()))
    kept = dict(browser.cookies)
    browser.post("/logout", {})
    browser.cookies = kept
    assert not any(one.get("action") == "/logout" for one in browser.get("/").page.all("form"))


def test_no_token_reaches_the_browser(browser: Browser) -> None:
    browser.sign_in(applicant(credit_code()))
    seen = browser.get("/")
    assert "eyJ" not in seen.text
    assert not any("eyJ" in value for value in browser.cookies.values())


def test_every_sign_in_has_a_session_of_its_own(browser: Browser) -> None:
    person = applicant(credit_code())
    first = browser.sign_in(person).cookies["__Host-session"]
    assert browser.sign_in(person).cookies["__Host-session"] != first


def test_who_did_not_begin_the_sign_in_cannot_end_it(browser: Browser, english: Browser) -> None:
    away = browser.raw("GET", "/login")
    english.raw("GET", "/login")
    seen = english.answer_issuer(away.headers["Location"], applicant(credit_code()))
    assert seen.status == 400
    assert "__Host-session" not in english.cookies


def test_a_sign_in_counts_once(browser: Browser) -> None:
    browser.sign_in(applicant(credit_code()))
    assert browser.last
    again = browser.raw("GET", "/login/callback?code=x&state=y")
    assert again.status_code == 400


def test_who_tries_again_to_sign_in_comes_to_the_page_that_was_asked_for(browser: Browser) -> None:
    away = browser.raw("GET", "/login?next=/my/messages")
    state = parse_qs(urlsplit(away.headers["Location"]).query)["state"][0]
    refused = browser.get(f"/login/callback?error=access_denied&state={state}")
    assert refused.status == 403
    (again,) = (one["href"] for one in refused.main.all("a"))
    assert again == "/login?next=%2Fmy%2Fmessages"


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "/%0d%0aX: y"])
def test_nobody_is_sent_elsewhere_after_signing_in(browser: Browser, path: str) -> None:
    away = browser.raw("GET", f"/login?next={path}")
    seen = browser.answer_issuer(away.headers["Location"], applicant(credit_code()))
    assert seen.url.startswith(browser.portal.url)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_post_from_elsewhere_is_refused(browser: Browser, headers: dict[str, str]) -> None:
    browser.sign_in(applicant(credit_code()))
    assert browser.raw("POST", "/logout", headers=headers).status_code == 403
    assert any(one.get("action") == "/logout" for one in browser.get("/").page.all("form"))


def test_too_large_a_body_is_refused_before_it_is_read(browser: Browser) -> None:
    answer = browser.raw("POST", "/logout", headers={"Origin": browser.portal.url}, content=b"x" * (1 << 20 | 1))
    assert answer.status_code == 413
    whole = {"headers": {"Origin": browser.portal.url}, "content": b"x" * (2 << 20)}
    assert browser.raw("POST", "/office/historic/certificates", **whole).status_code == 401, "a list may be longer"


def test_what_is_not_there_is_said_in_a_page(browser: Browser, english: Browser) -> None:
    assert browser.get("/nowhere").status == 404
    assert english.get("/nowhere").page.one("h1").text == "Page not found"


def test_checking_a_number_needs_no_sign_in(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    number = case.until("grant")["certificate"]
    seen = browser.get(f"/check?number={number.lower().replace('-', '–')} ")
    assert seen.status == 200
    assert number in seen.main.text
    assert "有效" in seen.main.text
    assert seen.url.endswith(f"/certificates/{number}")


def test_a_number_that_nobody_gave_is_said_so_beside_the_field(english: Browser) -> None:
    seen = english.get("/check?number=2013F999-22/../x")
    assert seen.status == 404
    assert seen.page.one("title").text.startswith("Error: ")
    field = seen.page.one("input", id="number")
    assert field["aria-invalid"] == "true"
    assert "2013F999-22/../x" in seen.page.one(id="number-error").text
