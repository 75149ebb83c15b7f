"""A draft is refused for what a submission would be refused for, unless that is only missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import applicant, credit_code
from tests.support.office import FORMS

if TYPE_CHECKING:
    from tests.support import Office

SUNDIAL: dict[str, dict[str, Any]] = {
    "type_approval": {"category": "sundial"},
    "licensing": {"lines": [{"category": "sundial"}]},
}
PLACES = {"type_approval": "category", "licensing": "lines.0.category"}


@pytest.mark.parametrize("service", SUNDIAL)
def test_a_draft_is_of_ones_own_organisation_and_of_the_catalogue(office: Office, service: str) -> None:
    case = office.case(service)
    other, maker = credit_code(), case.caller("applicant")
    wrong: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"credit_code": other}, {"credit_code": "not_yours"}),
        (SUNDIAL[service], {PLACES[service]: "not_in_catalogue"}),
        ({"credit_code": other, **SUNDIAL[service]}, {"credit_code": "not_yours", PLACES[service]: "not_in_catalogue"}),
    ]
    with office.unchanged():
        for form, faults in wrong:
            for query in ("", "?dry_run=true"):
                assert maker.post(f"/v1/applications{query}", form).faults == faults
                assert maker.put(case.path("applicant") + query, form, If_Match="*").faults == faults
                assert case.attempt("edit", form=form, query=query).faults == faults


@pytest.mark.parametrize("service", FORMS)
def test_ones_own_organisation_is_named_in_any_spelling_or_not_yet(office: Office, service: str) -> None:
    code = credit_code()
    maker = office.caller(service, applicant(code))
    for form in ({}, {"credit_code": code.lower()}, {"credit_code": f" {code[:8]} {code[8:]} "}):
        assert maker.post("/v1/applications", form).status == 201
