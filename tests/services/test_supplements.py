"""A supplement corrects its application, and is checked like the submission."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import credit_code, wrong_check_digit

if TYPE_CHECKING:
    from tests.support import Office


@pytest.mark.parametrize("service", ["type_approval", "licensing"])
def test_a_supplement_does_not_hand_the_application_to_somebody_else(office: Office, service: str) -> None:
    case = office.case(service)
    case.do("submit")
    case.do("request_supplement")
    with office.unchanged():
        answer = case.attempt("supplement", form={**case.form, "credit_code": credit_code()})
        assert answer.status == 422
        assert answer.faults == {"credit_code": "not_yours"}
        answer = case.attempt("supplement", form={**case.form, "credit_code": wrong_check_digit(case.code)})
        assert answer.status in {409, 422}


def test_a_supplement_does_not_change_to_an_instrument_outside_the_catalogue(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    case.do("request_supplement")
    with office.unchanged():
        answer = case.attempt("supplement", form={**case.form, "category": "sundial"})
        assert answer.status == 422
        assert answer.faults == {"category": "not_in_catalogue"}


def test_a_day_before_there_was_a_law_is_told_as_such(office: Office) -> None:
    case = office.case("licensing")
    answer = case.attempt("submit", now="1990-01-01T09:00:00+08:00")
    assert answer.status == 422
