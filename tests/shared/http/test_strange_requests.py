"""Deliberately strange requests get responses as clear as those to ordinary mistakes."""

from __future__ import annotations

from hashlib import sha512
from typing import TYPE_CHECKING

import pytest

from tests.shared.http.parts import draft, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support import Office, PlayedCase


@pytest.fixture
def case(office: Office) -> PlayedCase:
    return office.case("type_approval")


@pytest.fixture(autouse=True)
def _nothing_is_written(office: Office, case: PlayedCase) -> Iterator[None]:
    assert case.id
    with office.unchanged():
        yield


@pytest.mark.parametrize("value", ["1e999999 kg", f"{'1' * 60} kg", f"0.{'0' * 60}1 kg"])
def test_a_value_with_absurdly_many_digits_is_refused(office: Office, value: object) -> None:
    answer = draft(office, lines=[{"characteristics": {"max": value}}])
    refused(answer, 422, "invalid")
    assert list(answer.faults) == ["lines.0.characteristics.max"]


@pytest.mark.parametrize("value", [0.1, 15])
def test_a_value_is_never_a_number_of_json(office: Office, value: object) -> None:
    answer = draft(office, lines=[{"characteristics": {"max": value}}])
    refused(answer, 422, "invalid")
    assert list(answer.faults) == ["lines.0.characteristics.max"]


@pytest.mark.parametrize("ref", ["%00", "TA%00"])
def test_a_case_called_by_no_text_is_refused(case: PlayedCase, ref: str) -> None:
    refused(case.caller("applicant").get(f"/v1/applications/{ref}"), 400, "malformed")


@pytest.mark.parametrize("query", ["cursor=x", "cursor=%00", "limit=²", "state=%00", "state=nonsense"])
def test_a_list_asked_for_strangely_is_refused(case: PlayedCase, query: str) -> None:
    refused(case.caller("applicant").get(f"/v1/applications?{query}"), 400, "malformed")


@pytest.mark.parametrize("length", [256, 4000])
def test_an_idempotency_key_that_is_too_long_is_refused(case: PlayedCase, length: int) -> None:
    key = sha512(b"seed").hexdigest() * 32
    answer = case.caller("applicant").post("/v1/applications", case.form, Idempotency_Key=key[:length])
    refused(answer, 400, "malformed")


@pytest.mark.parametrize("form", [{"lines": []}, {"lines": 7}, {"nonsense": True}])
def test_a_draft_is_checked_by_whatever_way_it_is_changed(case: PlayedCase, form: object) -> None:
    refused(case.attempt("edit", form=form), 422, "invalid")
