"""A draft may be incomplete until it is submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import applicant, credit_code, licence_form

if TYPE_CHECKING:
    from tests.support import Office


@pytest.mark.parametrize("kept", [set(), {"kind"}, {"kind", "lines"}])
def test_what_it_lacks_is_asked_for_all_at_once(office: Office, kept: set[str]) -> None:
    case = office.case("licensing")
    form = {name: value for name, value in licence_form(case.code).items() if name in kept}
    draft = case.caller("applicant").post("/v1/applications", form).json
    with office.unchanged():
        answer = case.caller("applicant").post(f"/v1/applications/{draft['id']}/actions/submit", If_Match="*")
    assert answer.status == 422
    # Which parts a form has beside those that each has depends on the kind of application.
    of_a_kind = set() if "kind" in kept else {"procedures", "self_assessed"}
    assert answer.faults == dict.fromkeys(set(case.form) - kept - of_a_kind, "missing")


def test_a_line_that_lacks_something_is_named_though_a_type_approval_runs(office: Office) -> None:
    case = office.case("licensing")
    office.case("type_approval", case.code).do("submit")
    case.form["lines"] = [{"name": "电子计价秤"}]
    assert case.caller("applicant").put(case.path("applicant"), case.form, If_Match="*").status == 200
    answer = case.attempt("submit")
    assert answer.status == 422
    assert set(answer.faults) == {f"lines.0.{name}" for name in ("category", "model", "characteristics", "standard")}


def test_characteristics_may_be_missing_and_are_asked_for_in_place_when_submitted(office: Office) -> None:
    case = office.case("licensing")
    case.form["lines"][0]["characteristics"] = {"class": "III"}
    assert case.caller("applicant").put(case.path("applicant"), case.form, If_Match="*").status == 200
    answer = case.attempt("submit")
    assert answer.status == 422
    assert answer.faults == {f"lines.0.characteristics.{name}": "missing" for name in ("max", "e")}
    assert "15 kg" in answer.json["invalid_params"][0]["reason"]


@pytest.mark.parametrize("name", ["technical", "inspection"])
def test_there_are_no_more_of_some_than_of_all(office: Office, name: str) -> None:
    staff = {"total": 5, "technical": 5, "inspection": 5}
    assert office.case("licensing", staff=staff).read()["form"]["staff"] == staff
    caller = office.caller("licensing", applicant(credit_code()))
    for query in ("", "?dry_run=true"):
        answer = caller.post(f"/v1/applications{query}", {"staff": {**staff, name: 6}})
        assert answer.faults == {f"staff.{name}": "contradictory"}


def test_a_self_assessment_goes_through_every_chapter_and_is_shown_to_the_assessors(office: Office) -> None:
    case = office.case("licensing")
    chapters = [f"4.{number}" for number in range(1, 11)]
    found = case.form.pop("self_assessed")
    procedures = case.form.pop("procedures")
    assert case.caller("applicant").put(case.path("applicant"), case.form, If_Match="*").status == 200
    answer = case.attempt("submit")
    assert answer.faults == {"procedures": "missing", "self_assessed": "missing"}
    case.form["procedures"] = procedures
    case.form["self_assessed"] = [*found[:-1], {"clause": "9.9", "result": "conform"}]
    assert case.caller("applicant").put(case.path("applicant"), case.form, If_Match="*").status == 200
    answer = case.attempt("submit")
    assert answer.faults == {"self_assessed.9.clause": "unknown_clause", "self_assessed": "incomplete"}
    case.form["self_assessed"] = found
    assert case.caller("applicant").put(case.path("applicant"), case.form, If_Match="*").status == 200
    case.do("submit")
    checklist = case.caller("examiner").get(f"{case.path('examiner')}/checklist").json["items"]
    own = {one["code"]: one["self_assessed"]["result"] for one in checklist if "self_assessed" in one}
    assert own == dict.fromkeys(chapters, "conform")
