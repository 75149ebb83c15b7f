"""One evaluation as a laboratory makes it: every item of R 76, a nonconformity, the improvement, the test made again,
the report, and all of it read back in one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.http.routes import XML
from shared.metrology import dcc, family
from shared.metrology.records import read_report
from tests.shared.metrology.reports import INSTRUMENT, claim, full

if TYPE_CHECKING:
    from tests.support import Office

MODEL = "ACS-15"
FAILS = "r76.eccentricity"
ISSUE = dcc.Issue(number="R-1", laboratory="试验计量院", person="甲检测", customer="试验衡器有限公司")


def recorded_elsewhere() -> bytes:
    """The tests of all items but one, as the laboratory's own program hands them over."""
    report = full(1, {FAILS: "另行记录"})
    for record in report["records"]:
        record |= {"on": "2013-09-17", "equipment": [{"asset": "M1-set", "calibrated_until": "2014-12-31"}]}
    return dcc.export(read_report(claim(report)), ISSUE)


def eccentric(shown: str) -> list[dict[str, str]]:
    """A third of Max on each quarter of the pan, the last of which shows so much."""
    point = {"load": "5 kg", "added": "2 g"}
    return [{**point, "position": str(n), "indication": "5 kg" if n < 4 else shown} for n in range(1, 5)]


def test_a_whole_evaluation_is_read_back_in_one_answer(office: Office) -> None:
    line = {"name": "电子计价秤", "model": MODEL, "characteristics": dict(INSTRUMENT)}
    case = office.case("type_approval", lines=[line])
    for action in ("submit", "accept", "commission", "serve_time_notice", "arrange", "receive_samples"):
        case.do(action)
    sent = {"Content_Type": XML.type, "If_Match": "*"}
    taken = case.caller("tester").send("POST", f"{case.path('tester')}/dcc", recorded_elsewhere(), **sent)
    assert taken.status == 200, taken.body.decode()
    case.do("record_test", item=FAILS, points=eccentric("5.02 kg"))
    case.do("find_nonconformity", items=[{"item": FAILS, "serial": "S-1", "finding": "第4点偏载超差"}])
    improved = {"serial": "S-1", "model": MODEL, "seals": "更换传感器后重新加封"}
    case.do("deliver_improved", samples=[improved])
    assert case.attempt("draft_report").faults == {"conclusion": "conclusion_contradicts_records"}
    case.do("record_test", item=FAILS, points=eccentric("5 kg"))
    for action in ("draft_report", "check_report", "issue_report"):
        case.do(action)

    told = case.read("examiner")
    scales = family("r76")
    exempt = {"r76.sensitivity"}
    tested = {one["item"]: one["verdict"] for one in told["tests"]}
    assert tested == {one.id: "pass" for one in scales.items_of("r76") if one.id not in exempt}
    failed, again = (one for one in told["tests"] if one["item"] == FAILS)
    assert (failed["verdict"], failed["points"][3]["error"], failed["occasion"]) == ("fail", "20.5 g", "initial")
    assert (again["verdict"], again["run"], again["occasion"]) == ("pass", 2, "retest_after_modification")
    assert sum(len(one["points"]) for one in told["tests"]) > 100
    assert all({"error", "mpe", "rule"} <= point.keys() for point in again["points"])
    assert [one["finding"] for one in told["improvement"]["items"]] == ["第4点偏载超差"]
    assert [one["seals"] for one in told["samples"]] == [improved["seals"]]
    assert [(one["item"], one["exempt"]) for one in told["report"]["left_out"]] == [("r76.sensitivity", True)]
    progress = case.caller("examiner").get(f"{case.path('examiner')}/tests").json
    assert (progress["done"], progress["of"], progress["lacking"]) == (len(tested), len(tested), [])
    exported = case.caller("examiner").get(f"{case.path('examiner')}/dcc").body
    assert dcc.read_report_of(dcc.parse(exported))["programme"] == "r76"
    # Nothing is left out that the laboratory had to explain: the office has nothing to confirm.
    case.do("review", confirmed=[])
    assert case.do("grant")["state"] == "granted"
