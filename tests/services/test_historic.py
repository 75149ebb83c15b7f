"""Permits from before this system: entered from the office's register, and then like any other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook
from sqlalchemy import text

from deploy.local.registers import EXAMPLES
from services.type_approval.certificate.historic import CERTIFICATES as KIND
from shared.casework import Cause
from shared.historic import loads
from shared.historic.kinds import Told
from shared.law import load
from shared.problems import Problem
from tests.support import officer, wait_for
from tests.support.forms import credit_code

if TYPE_CHECKING:
    from tests.support import Answer, Caller, Office

NOW = "2013-09-17T09:00:00+08:00"
CERTIFICATES, LICENCES = "/internal/v1/certificates/historic", "/internal/v1/licences/historic"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = "证号,单位名称,单位代码,住所,类别,器具,特性,发证机关,发证日期,失效日期,失效原因"
ALONE = text("SELECT pg_advisory_xact_lock(hashtext('historic permits'))")
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
OFFICE = "吉林省质量技术监督局"


def keeper(office: Office, service: str, now: str = NOW) -> Caller:
    return office.caller(service, officer("chu", "section_head"), now)


def line(number: str, holder: str, day: str = "2006-05-08", *, models: str = "ACS-15", ended: str = ",") -> str:
    stated = '"class=III，max=15 kg，e=5 g"'
    address = "吉林省长春市示例大街1号"
    kind = "non_automatic_scale"
    return f"{number},长春老厂,{holder},{address},{kind},电子计价秤={models},{stated},{OFFICE},{day},{ended}"


def take(office: Caller, path: str, *lines: str, headings: str = HEADINGS, preview: bool = False) -> Answer:
    data = "\n".join((headings, *lines)).encode()
    asked = f"source=2005—2012年台账{'&preview=true' if preview else ''}"
    return office.send("POST", f"{path}?{asked}", data, Content_Type="text/csv")


def said(answer: Answer, place: int) -> dict[str, Any]:
    (found,) = (one for one in answer.json["lines"] if one["line"] == place)
    return {**found, "faults": {fault["name"]: fault["code"] for fault in found["faults"]}}


def test_a_preview_names_every_fault_by_line_and_every_gap_and_writes_nothing(office: Office) -> None:
    holder, caller = credit_code(), keeper(office, "type_approval")
    lines = [
        line("CPA ２００６Ｆ２０１－２２", holder),
        line("2006F202-22", holder, "2006-02-30"),
        line("2006F201-22", holder, "2006-05-09"),
        line("2006G17-22", holder),
        line("2006F204-22", holder, "2007-01-04"),
        line("2006F205-22", "91220101MA0Y00008", ended="2005-01-01,REVOKED"),
        line("2006F205-22", holder, ended="2005-01-01,REVOKED"),
        line("2006F207-22", holder, ended="2010-01-01,"),
        line("CPA 99-F166", holder, "1999-06-01"),
        line("2006F208-22", holder).replace("non_automatic_scale", "sundial"),
        line("2006F209-22", holder).replace("max=15 kg", "max=15 m"),
    ]
    with office.unchanged():
        answer = take(caller, CERTIFICATES, *lines, preview=True)
    assert answer.status == 200, answer.body
    assert [said(answer, place)["faults"] for place in range(2, 13)] == [
        {},
        {"granted_on": "invalid"},
        {"number": "twice"},
        {"number": "form"},
        {"number": "differs"},
        {"holder_code": "form"},
        {"ended_on": "outside_period"},
        {"ground": "missing"},
        {},
        {"category": "not_in_catalogue"},
        {"characteristics.max": "impossible"},
    ]
    first, legacy = said(answer, 2), said(answer, 10)
    assert (first["code"], first["outcome"]) == ("2006F201-22", "add")
    assert "full-width" in first["remarks"][0]["en"]
    assert [one["code"] for one in legacy["remarks"]] == ["respelled", "no_format"]
    assert {"first": "2006F101-22", "last": "2006F200-22", "count": 100} in answer.json["gaps"]
    # What is wrong stops the whole.
    with office.unchanged():
        assert take(caller, CERTIFICATES, *lines).status == 422
        assert (
            take(office.caller("type_approval", officer("li", "examiner"), NOW), CERTIFICATES, line("A", "B")).status
            == 403
        )
        assert take(caller, CERTIFICATES, headings="证号,颜色").status == 422


@pytest.mark.parametrize(("service", "path"), [("type_approval", CERTIFICATES), ("licensing", LICENCES)])
def test_the_examples_of_historic_registers_are_taken_as_they_are(office: Office, service: str, path: str) -> None:
    headings, *lines = (EXAMPLES / f"historic-{path.split('/')[3]}.csv").read_text(encoding="utf-8").splitlines()
    seen = take(keeper(office, service), path, *lines, headings=headings, preview=True)
    assert seen.status == 200, seen.body
    assert (seen.json["add"], seen.json["wrong"]) == (len(lines), 0), seen.json


def test_an_entered_certificate_is_found_checked_applied_with_and_ended_like_any_other(office: Office) -> None:
    holder = credit_code()
    caller, anybody = keeper(office, "type_approval"), office.caller("type_approval", None, NOW)
    done = take(
        caller,
        CERTIFICATES,
        line("2006F301-22", holder, models="ACS-15、ACS-30"),
        line("2006F303-22", holder, ended="2010-03-01,REVOKED"),
    )
    assert done.status == 200, done.body
    assert (done.json["add"], done.json["wrong"]) == (2, 0)
    assert {"first": "2006F302-22", "last": "2006F302-22", "count": 1} in done.json["gaps"]
    shown = anybody.get("/v1/certificates/cpa 2006f301-22").json
    assert (shown["status"], shown["granted_on"], shown["register"]) == ("in_force", "2006-05-08", "2005—2012年台账")
    assert [one["model"] for one in shown["lines"]] == ["ACS-15", "ACS-30"]
    assert (shown["issues"], shown["covers"]) == ([], [{"from": "2006-05-08"}])
    ended = anybody.get("/v1/certificates/2006F303-22").json
    assert (ended["status"], ended["since"], ended["ended"]["ground"]) == ("revoked", "2010-03-01", "REVOKED")
    assert "2006F301-22" in {one["number"] for one in anybody.get(f"/v1/certificates?q={holder}").json["items"]}
    later = office.caller("type_approval", None, "2014-06-17T09:00:00+08:00")
    assert b"2006F301-22" in later.get("/v1/certificates/data.jsonl?limit=10000").body
    # The next number of the series follows the highest.
    series = "SELECT next FROM number_series WHERE series = 'certificate/2006/F'"
    assert office.rows("type_approval", series)[0][0] > 303
    again = take(caller, CERTIFICATES, line("2006F301-22", holder, models="ACS-15、ACS-30"), preview=True)
    assert again.json["same"] == 1
    other = take(caller, CERTIFICATES, line("2006F301-22", holder, models="ACS-60"), preview=True)
    assert said(other, 2)["faults"] == {"number": "differs"}
    # Licensing knows it.
    wait_for(office.settled, what="all events to arrive")
    known = "SELECT status, ended ->> 'on' FROM type_approvals WHERE certificate = ANY(:numbers) ORDER BY certificate"
    numbers = ["2006F301-22", "2006F303-22"]
    assert office.rows("licensing", known, numbers=numbers) == [("in_force", None), ("ended", "2010-03-01")]
    (ref,) = office.rows("type_approval", "SELECT case_id::text FROM certificates WHERE number = '2006F301-22'")[0]
    case = caller.get(f"/internal/v1/applications/{ref}")
    assert case.json["entered"]["source"] == "2005—2012年台账"
    decider = office.caller("type_approval", officer("wang", "decider"), NOW)
    body = {"reason": "评价依据有误", "fault": "authority"}
    revoked = decider.post(f"/internal/v1/applications/{ref}/actions/revoke", body, If_Match=case.headers["ETag"])
    assert revoked.status == 200, revoked.body
    assert [one["kind"] for one in revoked.json["notices"]] == ["revocation"]
    assert anybody.get("/v1/certificates/2006F301-22").json["status"] == "revoked"
    # Now that something was done to one, the import is not taken back whole.
    refused = caller.post(f"{CERTIFICATES}/{done.json['batch']}/take_back", {"reason": "误"})
    assert (refused.status, "TR-2013-" in refused.json["detail"]) == (409, True)


def test_an_import_is_taken_back_whole_and_its_numbers_can_be_entered_again(office: Office) -> None:
    holder, caller = credit_code(), keeper(office, "licensing")
    anybody = office.caller("licensing", None, NOW)
    headings = "证号,单位名称,单位代码,住所,器具,标准,发证机关,发证日期,有效期至"
    rows = [
        f"吉制0000{serial}号,长春老厂,{holder},某街1号,电子计价秤=ACS-15,GB/T 7722-2005,{OFFICE},2010-10-01,{until}"
        for serial, until in (("7001", "2013-09-30"), ("7002", "2013-09-16"))
    ]
    done = take(caller, LICENCES, *rows, headings=headings)
    assert done.status == 200, done.body
    valid, expired = (anybody.get(f"/v1/licences/吉制0000700{serial}号").json for serial in (1, 2))
    assert (valid["status"], valid["terms"][0]["until"]) == ("valid", "2013-09-30")
    assert (expired["status"], expired["ended"]["on"]) == ("expired", "2013-09-16")
    wait_for(office.settled, what="all events to arrive")
    clocks = (
        "SELECT clocks.state FROM clocks JOIN tracked_cases ON tracked_cases.id = case_id"
        " WHERE applicant = :holder AND limit_id = 'licence_term'"
    )
    assert office.rows("notifications", clocks, holder=holder) == [("running",)]
    work = "SELECT number FROM work WHERE applicant = :holder"
    assert office.rows("notifications", work, holder=holder) == [], "nobody applies for what was entered"
    (listed,) = (one for one in caller.items(LICENCES) if one["batch"] == done.json["batch"])
    assert (listed["entered"], listed["standing"]) == (2, 2)
    with office.unchanged():
        assert caller.post(f"{LICENCES}/{done.json['batch']}/take_back").faults == {"reason": "missing"}
    back = caller.post(f"{LICENCES}/{done.json['batch']}/take_back", {"reason": "台账版本有误"})
    assert back.json == {"taken_back": 2}
    assert anybody.get("/v1/licences/吉制00007001号").status == 404
    assert anybody.get(f"/v1/licences?q={holder}").json["items"] == []
    wait_for(office.settled, what="all events to arrive")
    assert office.rows("notifications", clocks, holder=holder) == [("stopped",)]
    mended = take(caller, LICENCES, rows[0].replace("2013-09-30", "2013-12-31"), headings=headings)
    assert mended.status == 200, mended.body
    shown = anybody.get("/v1/licences/吉制00007001号").json
    assert (shown["valid_until"], len(shown["terms"])) == ("2013-12-31", 1)


def test_the_office_in_the_number_of_a_licence_is_compared_with_the_one_that_is_named(office: Office) -> None:
    holder, caller = credit_code(), keeper(office, "licensing")
    headings = "证号,单位名称,单位代码,住所,器具,发证机关,发证日期,有效期至"
    rows = [
        f"吉制{digits}8001号,长春老厂,{holder},某街1号,电子计价秤=ACS-15,{authority},2010-10-01,2013-09-30"
        for digits, authority in (
            ("0901", "某局"),
            ("0100", OFFICE),
            ("0000", OFFICE),
            ("0181", "九台区质量技术监督局"),
            ("0122", "农安县质量技术监督局"),
        )
    ]
    answer = take(caller, LICENCES, *rows, headings=headings, preview=True)
    lines = [said(answer, place) for place in range(2, 7)]
    assert {one["outcome"] for one in lines} == {"add"}, answer.body
    told = [[remark["code"] for remark in one.get("remarks", ())] for one in lines]
    assert told == [["unknown_region"], ["differs"], [], [], []]


def test_a_second_file_waits_for_its_turn_or_is_told_when_to_come_again(office: Office) -> None:
    caller, engine = keeper(office, "type_approval"), office.engines["type_approval"]
    row = line("2006F501-22", credit_code())
    told = Told(officer("chu"), datetime.fromisoformat(NOW), load(), "台账", Cause("0197a1b2", ""))
    with engine.connect() as first, ThreadPoolExecutor(1) as pool:
        first.execute(ALONE)
        with engine.begin() as tx:
            tx.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(Problem) as refused:
                loads.take(tx, KIND, f"{HEADINGS}\n{row}".encode(), told, preview=False)
        assert (refused.value.kind, refused.value.extra) == ("busy", {"retry_after": loads.AGAIN_AFTER})
        assert take(caller, CERTIFICATES, row, preview=True).status == 200, "to look takes no turn"
        second = pool.submit(take, caller, CERTIFICATES, row)
        wait_for(lambda: office.rows("type_approval", WAITING) == [(1,)], what="the second file to wait")
        first.rollback()
    assert second.result().status == 200
    again = take(caller, CERTIFICATES, row)
    assert (again.status, again.json["same"]) == (200, 1), again.body


def test_a_workbook_is_read_as_a_text_is(office: Office) -> None:
    book, holder = Workbook(), credit_code()
    page: Any = book.active
    for row in (HEADINGS.split(","), line("2006F401-22", holder).replace('"', "").split(",")):
        page.append(row)
    out = BytesIO()
    book.save(out)
    caller = keeper(office, "type_approval")
    answer = caller.send("POST", f"{CERTIFICATES}?source=台账&preview=true", out.getvalue(), Content_Type=XLSX)
    assert [one["outcome"] for one in answer.json["lines"]] == ["add"], answer.body
