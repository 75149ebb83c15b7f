"""Notices as each side finds them in a case, and what the paper's QR code leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import pytest

from shared.documents import jws
from shared.documents.key_files import read_keys
from shared.documents.verification import Outcome, verify
from tests.pressing import make_documents

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase
    from tests.support.calling import Answer

SERVICES = ("type_approval", "licensing")


@pytest.fixture(scope="module", params=SERVICES)
def case(office: Office, request: pytest.FixtureRequest) -> PlayedCase:
    """One with three notices, made: receipt, acceptance, time notice."""
    played = office.case(request.param)
    played.until("serve_time_notice")
    make_documents(office, played)
    return played


def notices(case: PlayedCase, who: str = "applicant") -> Any:
    return case.read(who).get("notices", [])


def fetch(case: PlayedCase, path: str, who: str | None = "applicant") -> Answer:
    caller = case.caller(who) if who else case.office.caller(case.service, None)
    return caller.get(path)


def content(case: PlayedCase, notice: Any) -> Any:
    return orjson.loads(jws.read(fetch(case, notice["jws"]).body.decode()).payload)


def test_a_case_lists_its_notices_with_where_to_fetch_them(case: PlayedCase) -> None:
    found = notices(case)
    assert [notice["kind"] for notice in found] == ["receipt", "acceptance", "time_notice"]
    keys = read_keys(fetch(case, "/.well-known/quanheng/keys.json", None).body)
    for notice in found:
        page = fetch(case, notice["pdf"])
        assert (page.status, page.headers["Content-Type"]) == (200, "application/pdf")
        assert "private" in page.headers["Cache-Control"]
        checks = verify(page.body, keys, allow_development=True)
        assert [check for check in checks if check.outcome is Outcome.FAILED] == []
        said = content(case, notice)
        assert (said["number"], said["kind"]) == (notice["number"], notice["kind"])
        assert said["application"] == case.read()["number"]
    assert found[-1]["served"] == {"on": "2013-09-17", "received_by": "乙联系"}
    assert found[-1]["number"] == case.read()["time_notice"]["number"]


def test_a_notice_is_read_by_who_reads_the_case(case: PlayedCase, office: Office) -> None:
    assert [notice["number"] for notice in notices(case, "intake")] == [notice["number"] for notice in notices(case)]
    staff = notices(case, "intake")[0]
    assert staff["pdf"].startswith("/internal/v1/applications/")
    assert fetch(case, staff["pdf"], "intake").status == 200
    other = office.case(case.service)
    assert fetch(other, notices(case)[0]["pdf"]).status == 404
    own = f"/v1/applications/{other.id}/notices/{notices(case)[0]['number']}/document.pdf"
    assert fetch(other, own).status == 404, "the notice of another case"
    assert fetch(case, notices(case)[0]["pdf"], None).status == 401


def test_the_laboratory_reads_how_long_its_tests_may_take_and_no_other_notice(office: Office) -> None:
    case = office.case("type_approval")
    case.until("serve_time_notice")
    make_documents(office, case)
    (notice,) = notices(case, "tester")
    assert notice["kind"] == "time_notice"
    assert fetch(case, notice["pdf"], "tester").status == 200
    receipt = notices(case)[0]["number"]
    assert fetch(case, notice["pdf"].replace("/notices/", "/notices/x"), "tester").status == 404
    assert fetch(case, f"/v1/lab/applications/{case.id}/notices/{receipt}/document.pdf", "tester").status == 404


def test_until_a_notice_is_made_it_says_to_ask_again(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    answer = fetch(case, notices(case)[0]["pdf"])
    assert (answer.status, "ask again" in answer.json["detail"]) == (404, True)


def test_the_qr_code_tells_whether_a_notice_still_stands_and_nothing_of_the_case(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    case.do("request_supplement")
    make_documents(office, case)
    notice = notices(case)[-1]
    address = urlsplit(content(case, notice)["check"])
    found = fetch(case, address.path, None).json
    assert (found["number"], found["stands"], found["issued_on"]) == (notice["number"], True, "2013-09-17")
    assert found.keys() == {"number", "printed", "kind", "title", "authority", "issued_on", "sha256", "stands"}
    case.do("withdraw_supplement_notice")
    after = fetch(case, address.path, None).json
    assert (after["stands"], after["taken_back_on"]) == (False, "2013-09-17")
    assert notices(case)[-2]["taken_back"]["by"] == notices(case)[-1]["number"]


def test_an_unknown_notice_and_a_wrong_code_are_answered_alike(case: PlayedCase) -> None:
    number, code = urlsplit(content(case, notices(case)[0])["check"]).path.rsplit("/", 2)[-2:]
    wrong = ("0" if code[0] != "0" else "1") + code[1:]
    paths = (f"/n/{number}/{wrong}", f"/n/{number}9/{code}", f"/p/{number}/{code}")
    answers = [fetch(case, path, None) for path in paths]
    told = [{**answer.json, "instance": "", "correlation_id": ""} for answer in answers]
    assert [answer.status for answer in answers] == [404, 404, 404]
    assert told[0] == told[1] == told[2]


def test_a_dry_run_takes_no_number(case: PlayedCase) -> None:
    other = case.office.case(case.service)
    other.do("submit")
    tried = other.attempt("accept", query="?dry_run=true").json["notices"][-1]["number"]
    assert other.do("accept")["notices"][-1]["number"] == tried
