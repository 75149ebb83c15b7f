"""How a type approval ends, and what happens to it afterwards: each by its plain name, with the test that plays it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from services.type_approval.procedure import PROCEDURE
from services.type_approval.states import PENDING

HERE = Path(__file__).parents[1]
ENDINGS = {
    "no approval is needed 不受理": "test_ways_back::test_an_application_turned_away_is_taken_up_again",
    "another office is competent 不予受理": "test_ways_back::test_an_application_turned_away_is_taken_up_again",
    "nobody answers in time: deemed accepted 视为受理": (
        "test_silence::test_an_application_nobody_answered_is_accepted_from_the_day_of_receipt"
    ),
    "the applicant withdraws 撤回申请": (
        "test_beside_the_straight_path::test_an_applicant_withdraws_until_it_is_decided"
    ),
    "rejected on preliminary review 初审不通过": (
        "type_approval/test_improvement::test_a_preliminary_rejection_goes_to_the_decision_of_another_person"
    ),
    "prototypes never come: the laboratory hands the commission back": (
        "type_approval/test_commission::test_prototypes_that_never_come_lead_back_to_the_office_and_to_another_laboratory"
    ),
    "no improved prototype comes in time: failed": (
        "type_approval/test_improvement::test_the_evaluation_fails_when_no_improved_sample_comes_in_time"
    ),
    "a second failure: failed": "type_approval/test_improvement::test_a_second_failure_is_reported_as_such",
    "refused 不予许可": "type_approval/test_api::test_a_failed_test_fails_the_report_and_the_grant",
    "a refusal is delivered 送达": (
        "test_ways_back::test_a_refusal_that_was_served_is_revoked_with_the_time_to_contest_it"
    ),
    "granted and numbered 准予许可": (
        "type_approval/test_api::test_a_certificate_is_public_and_numbered_at_the_decision"
    ),
    "granted and delivered 送达": "test_every_family::test_from_the_application_to_the_licence",
    "terminated: the law changed 法律变更": (
        "test_ending::test_open_approvals_of_a_kind_that_the_catalogue_drops_end_by_law_and_others_go_on"
    ),
    "terminated: the applicant is gone 申请人终止": (
        "test_beside_the_straight_path::test_an_applicant_that_is_gone_ends_the_procedure_wherever_it_stands"
    ),
}
AFTERWARDS = {
    "a structure or material changes that alters the performance: a new approval": (
        "test_beside_the_straight_path::test_a_minor_change_is_declared_and_one_that_affects_the_type_is_applied_for"
    ),
    "a minor change, with an opinion on it": (
        "type_approval/test_standing::test_a_small_change_is_declared_and_the_laboratory_says_what_it_affects"
    ),
    "a minor change where no laboratory can judge it": (
        "type_approval/test_standing::test_the_office_says_it_where_no_laboratory_can"
    ),
    "another name or address of the holder": (
        "type_approval/test_changes::test_a_reported_change_is_entered_taken_back_and_refused_and_the_number_stays"
    ),
    "a new place of manufacture": (
        "type_approval/test_changes::test_a_reported_change_is_entered_taken_back_and_refused_and_the_number_stays"
    ),
    "a new place of manufacture: a laboratory checks it, declines, or need not any more": (
        "type_approval/test_standing::test_a_new_place_is_not_entered_before_its_conformity_check"
    ),
    "the certificate ends while a laboratory owes a check or an opinion, and is restored": (
        "test_ends_of_certificates::test_a_certificate_ends_in_four_ways_and_each_is_taken_back"
    ),
    "the certificate ends while an order stands": (
        "type_approval/test_standing::test_orders_stay_until_they_are_lifted_and_the_certificate_stays_in_force"
    ),
    "the certificate ends while the laboratory has prototypes": (
        "type_approval/test_custody::test_prototypes_go_back_or_stay_with_an_explanation"
    ),
    "another maker makes the same type: an application of its own": (
        "test_beside_the_straight_path::test_a_minor_change_is_declared_and_one_that_affects_the_type_is_applied_for"
    ),
    "an order to stop or to seal instead of a suspension 责令": (
        "test_beside_the_straight_path::test_an_order_stands_at_the_certificate_until_it_is_lifted"
    ),
    "the type is abolished 型式废除, one certificate": (
        "test_ends_of_certificates::test_a_certificate_ends_in_four_ways_and_each_is_taken_back"
    ),
    "the type is abolished 型式废除, all its certificates": (
        "type_approval/test_abolition::test_every_certificate_of_the_type_ends_once_with_its_own_event_and_notice"
    ),
    "withdrawn 撤回": "test_ends_of_certificates::test_a_certificate_ends_in_four_ways_and_each_is_taken_back",
    "revoked 撤销": "test_ends_of_certificates::test_a_certificate_ends_in_four_ways_and_each_is_taken_back",
    "cancelled 注销": "test_ends_of_certificates::test_a_certificate_ends_in_four_ways_and_each_is_taken_back",
    "evaluated again, after a change of the type or of the norm: a new certificate in place of the old": (
        "test_beside_the_straight_path::test_a_minor_change_is_declared_and_one_that_affects_the_type_is_applied_for"
    ),
}


@cache
def names_in(module: str) -> frozenset[str]:
    tree = ast.parse((HERE / f"{module}.py").read_text(encoding="utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


@pytest.mark.parametrize(("happening", "test"), [*ENDINGS.items(), *AFTERWARDS.items()])
def test_what_ends_or_happens_has_a_test(happening: str, test: str) -> None:
    module, _, name = test.partition("::")
    assert name in names_in(module), happening


@pytest.mark.parametrize("action", ["withdraw", "terminate"])
def test_a_case_is_withdrawn_or_terminated_from_every_state_before_the_decision(action: str) -> None:
    assert {row.source for row in PROCEDURE.transitions if row.action == action} == {*PENDING}
