"""The checklist of the on-site assessment, what its findings come to, and the rectification."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from services.licensing.assessment import rules as assessment_rules
from services.licensing.assessment.rules import wrong_clauses
from shared.law import load
from tests.registered import EXPERTS
from tests.services.notices import tell
from tests.shared.casework.rights import verdict
from tests.shared.http.test_rights import crowd, current
from tests.shared.uploads.files import PNG, pdf
from tests.shared.uploads.test_http import send, unpacked
from tests.support import NOW, Office, PlayedCase, expert, officer
from tests.support.forms import findings

if TYPE_CHECKING:
    from deploy.local.backing import Backing

LAW, ON, EARLIER = load("jilin-2013"), date(2013, 9, 17), date(2009, 1, 1)
CLAUSES = LAW.requirements_on(ON, ["non_automatic_scale"])


@pytest.mark.parametrize(
    ("results", "conclusion", "why"),
    [
        ({}, "pass", "none"),
        ({"c4_9": "not_applicable"}, "pass", "none"),
        ({"c4_2": "minor"}, "rectify", "minor"),
        ({"c4_2": "minor", "c4_6": "major"}, "fail", "major"),
        ({"cM_NAWI_1": "minor"}, "fail", "must_have_missing"),
        ({"cM_NAWI_1": "not_applicable", "c4_10": "minor"}, "rectify", "minor"),
    ],
)
def test_the_findings_make_the_conclusion(results: dict[str, str], conclusion: str, why: str) -> None:
    rule = assessment_rules.conclusion(findings(None, **results), CLAUSES, LAW.conclusions_on(ON))
    assert rule is not None
    assert (rule.conclusion, rule.id) == (conclusion, why)


def test_each_clause_of_the_kinds_that_are_made_has_a_finding() -> None:
    assert {"4.1", "4.10", "M-NAWI-1"} <= {one.id for one in CLAUSES}
    assert "M-WM-1" in {one.id for one in LAW.requirements_on(ON, ["Water_meter"])}
    assert wrong_clauses(findings(), CLAUSES) == []
    strange, missing = wrong_clauses([*findings()[1:], {"clause": "4.11"}], CLAUSES)
    assert (strange.name, strange.code) == (f"findings.{len(CLAUSES) - 1}.clause", "unknown_clause")
    assert (missing.name, missing.code, missing.about) == ("findings", "incomplete", "4.1")
    assert "4.1 总则" in str(missing.reason)
    # Before there was a checklist, anything was a clause.
    assert wrong_clauses([{"clause": "三、(二)"}], LAW.requirements_on(EARLIER, ["water_meter"])) == []


def test_what_is_not_rectified_in_time_is_failed_unless_it_was(office: Office, servers: Backing) -> None:
    case = office.case("licensing")
    sent = send(case, "self_assessment", pdf(b"1"), now=NOW).json["id"]
    case.until("confirm_assessors")
    minor = [{**one, "documents": [sent]} for one in findings(c4_2="minor")]
    strange = [{**minor[0], "documents": [sent, case.id]}, *minor[1:]]
    wrong = case.attempt("report_assessment", findings=strange)
    assert wrong.faults == {
        "findings.0.documents.1": "unknown_document",
        "conclusion": "conclusion_contradicts_findings",
    }
    assessed = case.do("report_assessment", findings=minor, conclusion="rectify")["assessment"]
    assert {tuple(one["documents"]) for one in assessed["findings"]} == {(sent,)}
    told = {
        "effect": "fail_rectification",
        "limit": "rectification",
        "started_on": "2013-09-17",
        "due_on": "2013-12-17",
    }
    # Over is over, also before the case has been told.
    assert case.attempt("verify_rectification", now="2013-12-18T09:00:00+08:00").faults == {"verified_on": "too_late"}
    tell(servers, case, "clock.expired", "2013-12-18T00:00:00+08:00", **told)
    failed = case.read()
    assert (failed["state"], failed["assessment"]["conclusion"]) == ("assessed", "fail")
    later = "2013-12-20T09:00:00+08:00"
    late = case.attempt("verify_rectification", reason="补登", now=later)
    assert late.faults == {"verified_on": "too_late"}
    done = case.do("verify_rectification", reason="补登", verified_on="2013-12-16", how="on_site", now=later)
    assert (done["assessment"]["conclusion"], done["assessment"]["rectification"]["on"]) == ("pass", "2013-12-16")
    assert "failed_on" not in done["assessment"]


def test_the_applicant_reports_what_was_rectified_and_shows_it(office: Office) -> None:
    case = office.case("licensing")
    case.until("confirm_assessors")
    refused = send(case, "rectification", pdf(b"1"), now=NOW)
    assert refused.status == 409
    case.do("report_assessment", findings=findings(c4_2="minor"), conclusion="rectify")
    assert send(case, "self_assessment", pdf(b"1"), now=NOW).status == 409
    case.do("report_rectification")
    # What the office is looking at stays as it is.
    assert send(case, "rectification", pdf(b"1"), now=NOW).status == 409
    case.do("withdraw_rectification_report")
    sent = send(case, "rectification", pdf(b"1"), now=NOW).json["id"]
    assert sent not in [one["id"] for one in documents(case, "examiner")["items"]]
    wrong = case.attempt("report_rectification", documents=[sent, case.id])
    assert wrong.faults == {"documents.1": "unknown_document"}
    case.do("report_rectification", documents=[sent])
    shown = documents(case, "examiner")
    assert sent in [one["id"] for one in shown["items"]]
    assert "rectification" in [one["kind"] for one in shown["kinds"]]
    done = case.do("verify_rectification")["assessment"]
    assert (done["conclusion"], done["rectification_report"]["documents"]) == ("pass", [sent])


def test_experts_assess_under_their_own_names_and_see_nothing_else(office: Office) -> None:
    case = office.case("licensing")
    case.until("plan_assessment")
    lead, second = (one["code"] for one in case.read()["assessment_plan"]["team"])
    idle = next(code for code in EXPERTS if code not in {lead, second})
    case.people |= {code: expert(code) for code in EXPERTS}
    for code in (lead, second, idle):
        listed = {one["id"] for one in case.caller(code).items("/v1/expert/applications")}
        assert (case.id in listed) == (code != idle)
    assert case.caller(idle).get(case.path(idle)).status == 404
    assert not {"draw", "recusals", "notices"} & case.read(lead).keys()
    assert case.caller(lead).get(f"{case.path(lead)}/checklist").json["items"]
    assert case.attempt("agree_to_assess", second, no_interest=False).status == 422
    case.do("agree_to_assess", lead)
    agreed = [one for one in case.do("agree_to_assess", second)["assessment_plan"]["team"] if "confirmed_on" in one]
    assert [one["code"] for one in agreed] == [lead, second]
    case.do("request_recusal", assessor=second)
    assert case.attempt("replace_assessor", assessor=second).faults == {"assessor": "recusal_undecided"}
    case.do("stand_aside", second)
    assert [one["outcome"] for one in case.read()["recusals"]] == ["stood_aside"]
    case.do("reinstate_assessor", assessor=second)
    assert "outcome" not in case.read()["recusals"][0]
    case.do("stand_aside", second)
    assert case.caller(second).get(case.path(second)).status == 404
    instead = case.read()["assessment_plan"]["team"][1]["code"]
    one = {"clause": "4.2", "finding": "未见期间核查记录", "result": "minor"}
    assert case.attempt("record_findings", instead, findings=[one]).faults == {"assessors": "not_confirmed"}
    case.do("agree_to_assess", instead)
    photo = evidence(case, who=instead).json["id"]
    wrong = case.attempt(
        "record_findings", instead, findings=[{**one, "clause": "9.9"}, {**one, "documents": [case.id]}]
    )
    assert wrong.faults == {"findings.0.clause": "unknown_clause", "findings.1.documents.0": "unknown_document"}
    case.do("record_findings", instead, findings=[one])
    # An assessment that begins on another day is another one; one that lasts longer goes on.
    for last in ("2013-09-25", "2013-09-26"):
        case.do("replan_assessment", planned_from="2013-09-24", planned_to=last)
        for code in (lead, instead):
            case.do("agree_to_assess", code)
        assert ("recorded_findings" in case.read(lead)) == (last == "2013-09-26")
        case.do("record_findings", instead, findings=[{**one, "documents": [photo]}])
    assert "recorded_findings" not in case.read()
    rest = [each for each in findings() if each["clause"] != "4.2"]
    assert case.attempt("report_assessment", instead, findings=rest, conclusion="rectify").status == 403
    twice = [*rest, {**one, "assessor": instead}]
    assert case.attempt("report_assessment", lead, findings=twice).faults == {
        f"findings.{len(rest)}.clause": "twice",
        "conclusion": "conclusion_contradicts_findings",
    }
    # What is recorded stands, whoever files the report.
    assert case.attempt("report_assessment", findings=rest).faults == {"conclusion": "conclusion_contradicts_findings"}
    case.do("report_assessment", lead, findings=rest, conclusion="rectify")
    (found,) = (one for one in case.read()["assessment"]["findings"] if one["clause"] == "4.2")
    assert (found["assessor"], found["documents"]) == (f"考评员{instead}", [photo])
    assert photo in [one["id"] for one in documents(case, "applicant")["items"]]
    case.do("report_rectification")
    assert case.do("verify_rectification", lead)["state"] == "assessed"
    case.do("give_feedback")
    assert "feedback" not in case.read(lead)
    roles = {
        one["action"]: one["role"]
        for one in case.caller("examiner").get(f"{case.path('examiner')}/journal").json["items"]
    }
    assert [roles[action] for action in ("record_findings", "report_assessment", "plan_assessment")] == [
        *("expert", "expert", "staff"),
    ]


def test_a_team_sees_its_case_until_it_has_ended_and_again_if_that_is_taken_back(office: Office) -> None:
    case = office.case("licensing")
    lead = case.until("plan_assessment")["assessment_plan"]["team"][0]["code"]
    case.people[lead] = expert(lead)
    for action, seen in (("terminate", False), ("reopen", True)):
        case.do(action)
        listed = {one["id"] for one in case.caller(lead).items("/v1/expert/applications")}
        assert (case.id in listed, case.caller(lead).get(case.path(lead)).status) == (seen, 200 if seen else 404)


def documents(case: PlayedCase, who: str) -> Any:
    """The documents of the case that somebody reads."""
    return case.caller(who).get(f"{case.path(who)}/documents").json


def test_a_draft_has_no_documents_of_the_rectification(office: Office) -> None:
    case = office.case("licensing")
    assert "rectification" not in [one["kind"] for one in documents(case, "applicant")["kinds"]]
    assert send(case, "rectification", pdf(b"1"), now=NOW).faults == {"kind": "unknown_kind"}


def evidence(case: PlayedCase, content: bytes = PNG, who: str = "examiner", name: str = "a.png") -> Any:
    """What the office sends of what the team found."""
    path = f"{case.path(who)}/documents?kind=assessment_evidence&name={name}"
    return case.caller(who).send("POST", path, content, Content_Type="application/octet-stream")


def test_the_office_uploads_what_findings_rest_on_and_the_applicant_reads_it_with_the_report(office: Office) -> None:
    case = office.case("licensing")
    case.until("accept")
    assert evidence(case).json["code"] == "wrong_state"
    case.do("plan_assessment")
    case.do("confirm_assessors")
    photo, slip = evidence(case).json, evidence(case, pdf(b"slip"), name="b.pdf").json
    assert "filed_at" not in photo
    shown = documents(case, "examiner")
    assert (shown["open_kinds"], [one["sender"] for one in shown["kinds"]][-1]) == (["assessment_evidence"], "staff")
    assert case.caller("examiner").send("DELETE", slip["href"], None).status == 204
    # Until the report rests on it, it is the office's.
    assert (documents(case, "applicant")["items"], documents(case, "intake")["open"]) == ([], False)
    theirs = f"{case.path('applicant')}/documents/{photo['id']}"
    assert case.caller("applicant").get(theirs).status == 404
    assert send(case, "assessment_evidence", PNG, name="a.png", now=NOW).status == 409
    found = [{**one, "documents": [photo["id"]]} for one in findings()]
    office.rows("licensing", "UPDATE uploads SET scan = 'infected' WHERE id = :id", id=photo["id"])
    assert {*case.attempt("report_assessment", findings=found).faults.values()} == {"infected"}
    office.rows("licensing", "UPDATE uploads SET scan = NULL WHERE id = :id", id=photo["id"])
    case.do("report_assessment", findings=found)
    assert case.caller("applicant").get(theirs).body == PNG
    for who in ("applicant", "head"):
        whole = unpacked(case.caller(who).get(f"{case.path(who)}/export.zip"))
        assert whole["data/documents/assessment_evidence/001-a.png"] == PNG
    # What the report rests on stays; a report that was taken back may rest on more.
    assert evidence(case, pdf(b"late")).json["code"] == "wrong_state"
    case.do("withdraw_assessment_report")
    path = f"{case.path('examiner')}/documents/{photo['id']}"
    assert case.caller("examiner").send("DELETE", path, None).json["state"] == "filed"
    second = case.caller("examiner").send("PUT", f"{path}?name=b.pdf", pdf(b"2"), Content_Type="application/pdf").json
    assert [one["id"] for one in documents(case, "applicant")["items"]] == [photo["id"]]
    found = [{**one, "documents": [second["id"]]} for one in findings(c4_2="minor")]
    case.do("report_assessment", findings=found, conclusion="rectify")
    assert [one["id"] for one in documents(case, "applicant")["items"]] == [photo["id"], second["id"]]
    again = evidence(case, pdf(b"3"), name="c.pdf").json["id"]
    case.do("report_rectification")
    assert again not in [one["id"] for one in documents(case, "applicant")["items"]]
    assert case.attempt("verify_rectification", documents=[case.id]).faults == {"documents.0": "unknown_document"}
    done = case.do("verify_rectification", documents=[again])["assessment"]["rectification"]
    assert done["documents"] == [again]
    assert again in [one["id"] for one in documents(case, "applicant")["items"]]


def test_whoever_may_report_the_assessment_uploads_its_evidence_and_nobody_else(office: Office) -> None:
    played = office.case("licensing")
    played.until("confirm_assessors")
    case = current(office, played)
    seen = set()
    for actor in crowd(played):
        if actor.role != "staff":
            continue
        path = f"/internal/v1/applications/{case.id}/documents?kind=assessment_evidence&name=a.png&dry_run=true"
        answer = office.caller("licensing", actor).send("POST", path, PNG, Content_Type="image/png")
        expected = verdict("licensing", case, "report_assessment", {"staff:examiner"}, actor)
        assert answer.json.get("code") == expected, (actor, answer.body)
        seen.add(expected)
    assert seen == {None, "forbidden", "not_found", "conflict_of_interest"}


def test_what_a_manufacturer_says_of_the_team_goes_to_the_office(office: Office) -> None:
    case = office.case("licensing")
    case.until("confirm_assessors")
    assert case.attempt("report_assessment", samples=[]).faults == {"samples": "sample_missing"}
    other = [{"model": "X-1", "serial": "1", "tested_to": "JJG 539", "result": "conform"}]
    assert case.attempt("report_assessment", samples=other).faults == {"samples.0.model": "another_model"}
    failed = [{**other[0], "model": case.form["lines"][0]["model"], "result": "not_conform"}]
    assert case.attempt("report_assessment", samples=failed).faults == {"samples.0.result": "sample_contradicts"}
    elsewhere = findings(c4_2="minor")
    wrong = case.attempt("report_assessment", samples=failed, findings=elsewhere, conclusion="rectify")
    assert wrong.faults == {"samples.0.result": "sample_contradicts"}
    case.do("report_assessment", samples=failed, findings=findings(c4_10="minor"), conclusion="rectify")
    case.do("withdraw_assessment_report")
    case.do("report_assessment")
    assert case.do("give_feedback")["feedback"]["fairness"] == 5
    case.do("change_feedback", fairness=3)
    assert case.read("head")["feedback"]["fairness"] == 3
    # The event says that it was said, not what.
    (told,) = office.rows(
        "licensing", "SELECT count(*) FROM journal WHERE case_id = :id AND told LIKE '%fairness%'", id=case.id
    )
    assert told == (0,)
    leader = case.read("head")["assessment_plan"]["team"][0]["code"]
    path = f"/internal/v1/experts/{leader}/record"
    record = office.caller("licensing", officer("chu", "section_head")).get(path).json
    assert record["rated"] >= 1
    assert 1 <= float(record["fairness"]) <= 5
    assert office.caller("licensing", officer("li", "examiner")).get(path).status == 403
