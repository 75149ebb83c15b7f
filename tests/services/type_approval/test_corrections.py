"""A laboratory's wrong record is corrected, and stays readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import weighing_test

if TYPE_CHECKING:
    from tests.support import Office

WRONG = weighing_test("10.020 kg")["points"]


def test_a_record_is_superseded_with_a_reason_and_counts_no_more(office: Office) -> None:
    case = office.case("type_approval")
    case.until("receive_samples")
    assert case.do("record_test", points=WRONG)["tests"][0]["verdict"] == "fail"
    with office.unchanged():
        assert case.attempt("record_test", supersedes=1).faults == {"reason": "missing"}
        assert case.attempt("record_test", supersedes=2, reason="读数抄错").faults == {"supersedes": "unknown_record"}
    tests = case.do("record_test", supersedes=1, reason="读数抄错", now="2013-09-20T09:00:00+08:00")["tests"]
    assert [record["verdict"] for record in tests] == ["fail", "pass"]
    assert [tests[1][name] for name in ("number", "supersedes", "reason")] == [2, 1, "读数抄错"]
    assert (tests[1]["on"], tests[1]["corrected_on"]) == ("2013-09-17", "2013-09-20"), "the test was on its own day"
    with office.unchanged():
        assert case.attempt("record_test", supersedes=1, reason="再改").faults == {"supersedes": "unknown_record"}
    report = case.do("draft_report")
    assert (report["report"]["conclusion"], report["tests"]) == ("pass", tests)


def test_a_correction_is_of_the_day_of_the_test(office: Office) -> None:
    case = office.case("type_approval")
    case.until("receive_samples")
    equipment = [{"asset": "M1", "calibrated_until": "2013-09-17"}]
    case.do("record_test", equipment=equipment)
    later = "2013-09-18T09:00:00+08:00"
    refused = case.attempt("record_test", now=later, equipment=equipment)
    assert refused.faults == {"equipment.0.calibrated_until": "out_of_calibration"}
    case.do("record_test", now=later, equipment=equipment, supersedes=1, reason="环境条件抄错")


def test_a_record_that_no_other_corrects_is_void(office: Office) -> None:
    case = office.case("type_approval")
    case.until("record_test")
    with office.unchanged():
        assert case.attempt("record_test", occasion="initial").faults == {"occasion": "repeated"}
    case.do("record_test", points=WRONG)
    voided = case.do("void_test", number=2, reason="非本样机")
    assert len(voided["tests"]) == 2
    (void,) = voided["voided_tests"]
    assert (void["number"], void["reason"], void["on"]) == (2, "非本样机", "2013-09-17")
    with office.unchanged():
        assert case.attempt("void_test", number=2).faults == {"number": "unknown_record"}
        assert case.attempt("record_test", supersedes=2, reason="改").faults == {"supersedes": "unknown_record"}
    case.do("void_test", number=1)
    with office.unchanged():
        assert case.attempt("draft_report").faults == {"conclusion": "incomplete"}
    case.do("record_test")
    assert case.do("draft_report")["state"] == "report_drafted"
