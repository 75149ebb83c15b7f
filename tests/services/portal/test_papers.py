"""What stands behind a paper, in a browser: the pages that QR codes lead to, and files to fetch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import pytest

from shared.anchors.checkpoint import read
from shared.documents import jws
from tests.pressing import log_documents, permits_with_papers

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser
    from tests.support import Office, PlayedCase

ENDED = "2014-03-05T10:00:00+08:00"


@pytest.fixture(scope="module")
def cases(office: Office) -> dict[str, PlayedCase]:
    """A certificate, and a licence that was taken away; their documents but the last are made."""
    played = permits_with_papers(office)
    played["licensing"].do("penalise", now=ENDED)
    return played


def signed(case: PlayedCase, path: str, who: str | None = None) -> Any:
    caller = case.caller(who) if who else case.office.caller(case.service, None)
    return orjson.loads(jws.read(caller.get(path).body.decode()).payload)


def paper(case: PlayedCase) -> str:
    """Where the first paper of the permit leads."""
    permits = {"type_approval": "certificate", "licensing": "licence"}[case.service]
    content = signed(case, f"/v1/{permits}s/{case.read()[permits]}/document.jws?issue=1")
    return str(urlsplit(content["check"]).path)


def test_the_paper_of_a_certificate_shows_what_it_is_now(
    browser: Browser, english: Browser, cases: dict[str, PlayedCase]
) -> None:
    case = cases["type_approval"]
    seen = browser.get(paper(case))
    told = case.office.caller(case.service, None).get(f"/v1/certificates/{case.read()['certificate']}").json
    wanted = (
        *("有效", "自 2013年9月17日", "2013年9月17日起制造的下列计量器具", "ACS-15", "准予许可", "最新的一份"),
        *(told["number"], told["holder"]["name"], told["issues"][0]["sha256"], told["report"]["sha256"]),
    )
    assert [item for item in wanted if item not in seen.main.text] == []
    assert not seen.page.all("script")
    tag = seen.headers["ETag"]
    assert browser.raw("GET", paper(case), headers={"If-None-Match": tag}).status_code == 304
    assert english.get(paper(case)).headers["ETag"] != tag
    people = {actor.name for actor in case.people.values()}
    assert not [name for name in people if name in seen.text]
    words = english.get(paper(case)).main.text
    assert [item for item in ("In force", "made from 17 September 2013 on", "Granted") if item not in words] == []
    # What the data have in both languages is in the reader's.
    authority, (item, *_) = told["authority_name"], told["report"]["items"]
    assert [code for code in (told["office"], item["id"]) if code in words or code in seen.main.text] == []
    assert [name["en"] for name in (authority, item) if name["en"] not in words or name["zh"] in words] == []
    assert [name["zh"] for name in (authority, item) if name["zh"] not in seen.main.text] == []


def test_the_case_leads_to_what_was_granted_and_names_all_that_was_done(
    browser: Browser, cases: dict[str, PlayedCase]
) -> None:
    case = cases["type_approval"]
    number = case.read()["certificate"]
    seen = browser.sign_in(case.people["applicant"]).get(f"/my/type-approval/{case.read()['number']}")
    assert browser.get(seen.main.one("a", href=f"/certificates/{number}")["href"]).main.one("h1").text == number
    history = seen.main.one("ol", class_="timeline").text
    assert [one for one in ("文书制成：申请材料收件凭证", "电子证照制成") if one not in history] == []


def test_the_paper_of_a_licence_that_ended_says_until_when_instruments_are_covered(
    browser: Browser, english: Browser, cases: dict[str, PlayedCase]
) -> None:
    seen = browser.get(paper(cases["licensing"]))
    wanted = ("吊销", "2013年9月17日至2014年3月4日制造的", "失效日期： 2014年3月5日", "更新的一份", "制作中")
    assert [item for item in wanted if item not in seen.main.text] == []
    assert "made from 17 September 2013 to 4 March 2014" in english.get(paper(cases["licensing"])).main.text


def test_an_unknown_number_and_a_wrong_code_are_the_same_page(browser: Browser, cases: dict[str, PlayedCase]) -> None:
    number, code = paper(cases["type_approval"]).rsplit("/", 2)[-2:]
    wrong = ("0" if code[0] != "0" else "1") + code[1:]
    pages = [browser.get(path) for path in (f"/p/{number}/{wrong}", f"/p/{number}9/{code}", f"/n/{number}/{code}")]
    assert [seen.status for seen in pages] == [404, 404, 404]
    assert len({seen.main.text for seen in pages}) == 1
    assert "没有签发过这份文件" in pages[0].main.text
    assert browser.get(f"/certificates/{number}9").status == 404
    assert f"没有编号为“{number}9”" in browser.get(f"/certificates/{number}9").main.text


def test_the_files_of_a_permit_are_fetched_from_its_page(browser: Browser, cases: dict[str, PlayedCase]) -> None:
    case = cases["type_approval"]
    seen = browser.get(paper(case))
    (link,) = (one["href"] for one in seen.main.all("a") if "document.pdf" in one["href"])
    fetched = browser.raw("GET", link)
    assert fetched.headers["Content-Type"] == "application/pdf"
    assert fetched.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    number = case.read()["certificate"]
    direct = case.office.caller(case.service, None).get(f"/v1/certificates/{number}/document.pdf").body
    assert fetched.content == direct
    assert browser.raw("GET", link.replace(".pdf", ".exe")).status_code == 404
    (told,) = (one["href"] for one in seen.main.all("a") if "metadata.json" in one["href"])
    assert browser.raw("GET", told).json()["number"] == number


def test_a_file_is_checked_and_of_a_changed_one_the_page_says_what_failed(
    browser: Browser, english: Browser, cases: dict[str, PlayedCase]
) -> None:
    number = cases["type_approval"].read()["certificate"]
    pdf = browser.raw("GET", f"/certificates/{number}/document.pdf").content
    jws_ = browser.raw("GET", f"/certificates/{number}/document.jws").content
    for file in (pdf, jws_):
        seen = browser.send_file("/verify", {}, file)
        assert (seen.status, seen.main.one("h2").text) == (200, "真实，没有改动"), seen.main.text
    changed = bytearray(pdf)
    changed[len(pdf) // 2] ^= 1
    wrong = browser.send_file("/verify", {}, bytes(changed))
    assert "没有通过核验" in wrong.main.text
    assert "未通过的一项" in wrong.main.text
    told = english.send_file("/verify", {}, jws_[:-2]).main.text
    assert "What failed: The signed data" in told
    assert "the signature does not fit" in told
    assert "签名不符" in browser.send_file("/verify", {}, jws_[:-2]).main.text
    assert browser.send_file("/verify", {}, b"").status == 422
    assert "核验电子文件" in browser.get("/check").main.text


def test_a_case_lists_its_notices_and_their_files(browser: Browser, cases: dict[str, PlayedCase]) -> None:
    case = cases["type_approval"]
    browser.sign_in(case.people["applicant"])
    seen = browser.get(f"/my/type-approval/{case.read()['number']}")
    table = seen.main.one("section", aria_labelledby="notices")
    found = case.read()["notices"]
    assert [one for one in found if one["printed"] not in table.text or one["zh"] not in table.text] == []
    assert "乙联系 · 送-1" in table.text
    links = [one["href"] for one in table.all("a") if one["href"].endswith(".pdf")]
    assert len(links) == len(found)
    for link in links:
        fetched = browser.raw("GET", link)
        assert (fetched.content[:5], fetched.headers["Cache-Control"]) == (b"%PDF-", "no-store")


def test_who_may_not_read_a_case_gets_none_of_its_notices(
    browser: Browser, office: Office, cases: dict[str, PlayedCase]
) -> None:
    case = cases["type_approval"]
    notice = case.read()["notices"][0]["number"]
    path = f"/my/type-approval/{case.read()['number']}/notices/{notice}/document.pdf"
    assert browser.raw("GET", path).status_code == 303, "sign in first"
    browser.sign_in(office.case("type_approval").people["applicant"])
    assert browser.raw("GET", path).status_code == 404


def test_the_paper_of_a_notice_says_whether_it_stands(
    browser: Browser, english: Browser, cases: dict[str, PlayedCase]
) -> None:
    case = cases["type_approval"]
    notice = case.read()["notices"][0]
    address = urlsplit(signed(case, notice["jws"], "applicant")["check"]).path
    seen = browser.get(address)
    assert notice["printed"] in seen.main.one("h1").text
    assert "真实，未被撤回" in seen.main.text
    assert case.form["applicant_name"] not in seen.text
    assert "Genuine, and not taken back" in english.get(address).main.text


def test_whether_a_permit_is_needed_depends_on_the_day(browser: Browser, english: Browser) -> None:
    needed = english.get("/need?kind=water_meter&on=2013-09-17").main.text
    assert needed.count("Needed") == 2, needed
    later = browser.get("/need?kind=water_meter&on=2018-06-01").main
    assert "已经取消" in later.text
    other = browser.get("/need?kind=&on=2013-09-17").main
    assert [one.text for one in other.one("dl").all("span", class_="tag")] == ["不需要", "不需要"]
    assert browser.get("/need?on=gestern").status == 400


def test_anybody_counts_a_limit_across_a_sunday_that_works(browser: Browser, office: Office) -> None:
    seen = browser.get("/due?start=2013年9月17日&days=5&unit=wd")
    assert seen.main.one("h2").text == "最后一日：2013年9月25日（周三）"
    assert "调休" in seen.main.text
    assert "行政许可法第八十二条" in seen.main.one("tbody").text
    assert "Administrative" not in seen.main.text, "a legal basis is named in the reader's language"
    assert browser.raw("GET", seen.main.one("img")["src"]).text.startswith("<svg")
    wrong = browser.get("/due?start=2013-09-17&days=0")
    assert (wrong.status, bool(wrong.main.one(id="days-error").text)) == (400, True)
    assert wrong.main.one("input", id="start")["value"] == "2013-09-17"
    anybody = office.caller("notifications", None)
    told = anybody.get("/v1/days?start=2013-09-17&days=5").json
    assert (told["last_day"], sum(run["counted"] for run in told["segments"])) == ("2013-09-25", 5)
    assert "2013-09-22" in {run["from"] for run in told["segments"] if run["kind"] == "make_up"}
    assert anybody.get("/v1/days?start=9999-12-01&days=300").status == 400


def test_open_data_are_fetched_whole(browser: Browser, cases: dict[str, PlayedCase]) -> None:
    links = [one["href"] for one in browser.get("/register").main.all("a") if one["href"].startswith("/published/")]
    assert len(links) == 12
    browser.at("2014-06-17T09:00:00+08:00")
    case = cases["type_approval"]
    shown = case.read()
    for link in links[:4]:
        fetched = browser.raw("GET", link)
        assert fetched.status_code == 200
        assert shown["certificate"] in fetched.text
    rows = browser.raw("GET", links[0]).content.splitlines()
    assert (rows[0][:3], len({*rows})) == ("\ufeff".encode(), len(rows))
    assert browser.raw("GET", "/published/certificates/people.csv").status_code == 404


def test_checkpoints_are_there_to_be_kept(browser: Browser, english: Browser, office: Office) -> None:
    log_documents(office, "type_approval")
    seen = english.get("/check").main
    assert "Whether records were changed" in seen.text
    (link,) = (one["href"] for one in seen.all("a") if one["href"].startswith("/published/certificates/"))
    kept = browser.raw("GET", link)
    assert kept.text.splitlines()[0] in seen.text
    assert read(kept.text, None).size > 0
    assert browser.raw("GET", link.replace("certificates", "people")).status_code == 404
