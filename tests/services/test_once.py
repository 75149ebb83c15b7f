"""Of one maker there is one application under way for the same, whatever the permit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.support import NOW, line_of

if TYPE_CHECKING:
    from tests.support import Office

AGAIN, DECLARED = "applied_for_already", "2020-03-02T09:00:00+08:00"


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


@pytest.mark.parametrize(
    ("service", "now"), [("type_approval", NOW), ("licensing", NOW), ("c_mark", NOW), ("c_mark", DECLARED)]
)
def test_of_two_at_the_same_time_one_is_received(office: Office, service: str, now: str) -> None:
    first = office.case(service)
    cases = [first, *(office.case(service, first.code) for _ in range(3))]
    with ThreadPoolExecutor(len(cases)) as pool:
        answers = list(pool.map(lambda case: case.attempt("submit", now=now), cases))
    assert sorted(answer.status for answer in answers) == [200, 422, 422, 422]
    (number,) = (answer.json["number"] for answer in answers if answer.status == 200)
    for answer in answers:
        if answer.status != 200:
            assert {*answer.faults.values()} == {AGAIN}
            assert number in answer.json["invalid_params"][0]["reason"]


def test_goods_are_declared_once_while_a_declaration_of_them_is_in_force(office: Office) -> None:
    first = office.case("c_mark")
    first.do("submit", now=DECLARED)
    again = office.case("c_mark", first.code)
    assert again.attempt("submit", now=DECLARED).faults == {"lines.0.name": AGAIN}
    first.do("amend", now=DECLARED)
    first.do("withdraw_declaration", now=DECLARED)
    assert again.do("submit", now=DECLARED)["state"] == "declared"
    again.do("strike_off", now=DECLARED)
    later = office.case("c_mark", first.code)
    later.do("submit", now=DECLARED)
    assert again.attempt("restore", now=DECLARED).faults == {"lines.0.name": AGAIN}
    later.do("withdraw_declaration", now=DECLARED)
    assert again.do("restore", now=DECLARED)["state"] == "declared"


def test_a_certificate_of_goods_is_not_taken_up_beside_a_later_application(office: Office) -> None:
    first = office.case("c_mark")
    first.do("submit")
    first.do("not_required")
    later = office.case("c_mark", first.code)
    later.do("submit")
    assert first.attempt("reopen").faults == {"lines.0.name": AGAIN}
    later.do("withdraw")
    assert first.do("reopen")["state"] == "received"
