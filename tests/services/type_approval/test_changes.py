"""A certificate in force goes on under another name, at another place, or with an error corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support import NOW, wait_for

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase

OCTOBER = "2013-10-20T09:00:00+08:00"
RENAMED = "试验衡器股份有限公司"


def shown(case: PlayedCase) -> Any:
    anybody = case.office.caller("type_approval", None)
    return anybody.get(f"/v1/certificates/{case.read()['certificate']}").json


def test_a_reported_change_is_entered_taken_back_and_refused_and_the_number_stays(office: Office) -> None:
    case = office.case("type_approval")
    case.until("grant")
    before = shown(case)
    with office.unchanged():
        assert case.attempt("report_change", on="2013-09-18").faults == {"on": "future"}
        assert case.attempt("report_change", name=None).faults.keys() == {"name"}
        assert case.attempt("enter_change").json["code"] == "wrong_state"
    reported = case.do("report_change", now=OCTOBER)["reported_change"]
    assert (reported["reported_on"], reported["late"]) == (OCTOBER[:10], True)
    assert case.attempt("report_change").json["code"] == "wrong_state"
    assert shown(case) == before
    wait_for(office.settled, what="the report to be known")
    queue = office.caller("notifications", case.people["head"], OCTOBER)
    clocks = queue.get(f"/internal/v1/cases/{case.read()['number']}/clocks").json["items"]
    assert [(clock["limit"], clock["due_on"]) for clock in clocks if clock["limit"] == "change"] == [
        ("change", "2013-11-01")
    ]
    (change,) = case.do("enter_change", now=OCTOBER)["changes"]
    assert (change["on"], change["before"]["name"], change["after"]["name"]) == (
        *("2013-09-02", before["holder"]["name"]),
        RENAMED,
    )
    found = shown(case)
    assert (found["number"], found["granted_on"], found["holder"]["name"]) == (before["number"], NOW[:10], RENAMED)
    assert [issue["kind"] for issue in found["issues"]] == ["granted", "changed"]
    listed = office.caller("type_approval", None).get(f"/v1/certificates?q={found['number']}").json["items"]
    assert listed[0]["holder"]["name"] == RENAMED
    again = case.do("take_change_back", now=OCTOBER)
    assert (again["reported_change"], "changes" in again) == (reported, False)
    assert shown(case)["holder"] == before["holder"]
    assert case.do("refuse_change", now=OCTOBER)["refused_change"]["reason"] == "证明文件不符"
    corrected = case.do("correct_document", now=OCTOBER)["changes"][0]
    assert (corrected["kind"], corrected["after"]) == ("corrected", {"address": "吉林省长春市试验路11号"})
    assert shown(case)["holder"]["address"] == "吉林省长春市试验路11号"
    case.do("take_change_back", now=OCTOBER)
    assert shown(case)["holder"] == before["holder"]
    moved = ["吉林省长春市新试验路9号"]
    case.do("report_change", now=OCTOBER, places_of_manufacture=moved)
    case.do("enter_change", now=OCTOBER)
    assert (shown(case)["places_of_manufacture"], shown(case)["number"]) == (moved, before["number"])
