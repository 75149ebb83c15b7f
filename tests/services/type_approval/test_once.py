"""Of one maker there is one application under way for a model of a kind of instrument."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.support import line_of

if TYPE_CHECKING:
    from tests.support import Office

AGAIN = "applied_for_already"


def test_a_second_application_for_the_same_is_refused_with_the_number_of_the_first(office: Office) -> None:
    first = office.case("type_approval")
    number = first.do("submit")["number"]
    again = office.case(
        "type_approval", first.code, lines=[line_of("ACS-20"), line_of(" ａｃｓ－15")], series_basis="同"
    )
    with office.unchanged():
        answer = again.attempt("submit")
        assert (answer.status, answer.faults) == (422, {"lines.1.model": AGAIN})
        assert number in answer.json["invalid_params"][0]["reason"]
    assert office.case("type_approval").do("submit")["state"] == "received", "another maker's"
    another = office.case("type_approval", first.code, lines=[line_of("ACS-20")])
    another.do("submit")
    assert another.attempt("correct", form={**another.form, "lines": first.form["lines"]}).faults == {
        "lines.0.model": AGAIN
    }
    first.do("not_required")
    later = office.case("type_approval", first.code)
    later.do("submit")
    assert first.attempt("reopen").faults == {"lines.0.model": AGAIN}
    later.do("withdraw")
    assert first.do("reopen")["state"] == "received"


def test_of_two_at_the_same_time_one_is_received(office: Office) -> None:
    first = office.case("type_approval")
    cases = [first, *(office.case("type_approval", first.code) for _ in range(3))]
    with ThreadPoolExecutor(len(cases)) as pool:
        answers = list(pool.map(lambda case: case.attempt("submit"), cases))
    assert sorted(answer.status for answer in answers) == [200, 422, 422, 422]
