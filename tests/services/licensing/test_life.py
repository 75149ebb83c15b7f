"""Licences after delivery: renewal, expiry, other ends, and their public status."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from shared.messaging.envelope import new_id
from tests.services.licensing.parts import ABOLITION, law_changed
from tests.services.notices import tell
from tests.support import NOW, PlayedCase, expert
from tests.support.forms import findings, line_with

if TYPE_CHECKING:
    from deploy.local.backing import Backing

ENDS = "2016-09-17"
"""The last day of a licence granted at NOW."""
IN_TIME, TOO_LATE, LAST_DAY, NEXT_DAY = (
    f"{day}T09:00:00+08:00" for day in ("2016-06-17", "2016-06-18", ENDS, "2016-09-18")
)
TO_REVIEW = ("accept", "plan_assessment", "confirm_assessors", "report_assessment", "review")


def number_of(held: PlayedCase) -> str:
    return str(held.read()["licence"])


def shown(held: PlayedCase) -> Any:
    """The licence as anybody sees it."""
    return held.office.caller("licensing", None).get(f"/v1/licences/{number_of(held)}").json


def without_issues(held: PlayedCase) -> Any:
    """The same, but for the list of its documents, which only grows."""
    return {name: value for name, value in shown(held).items() if name != "issues"}


def renewal_of(held: PlayedCase, **form: Any) -> PlayedCase:
    return held.office.case("licensing", held.code, kind="renewal", renews=number_of(held), **form)


def applied(held: PlayedCase, at: str = IN_TIME) -> PlayedCase:
    renewal = renewal_of(held)
    renewal.do("submit", now=at, confirmed=["late_renewal"])
    return renewal


def term_over(servers: Backing, held: PlayedCase, due_on: str = ENDS, at: str = NEXT_DAY) -> None:
    clock = {"clock": new_id(), "limit": "licence_term", "effect": "deem_renewed", "started_on": NOW[:10]}
    name = {"holder": "authority", "zh": "许可证有效期", "en": "term of the licence", "basis": "Order 104"}
    tell(servers, held, "clock.expired", at, due_on=due_on, **clock, **name)


def test_a_renewal_is_prefilled_assessed_by_experts_and_gives_the_licence_its_next_term(held: PlayedCase) -> None:
    number = number_of(held)
    drafted = held.caller("applicant", IN_TIME).post(f"/v1/licences/{number}/renewals")
    assert drafted.status == 201
    assert drafted.json["form"] == {**held.form, "kind": "renewal", "renews": number}
    renewal = renewal_of(held)
    for action in ("submit", "accept", "plan_assessment"):
        renewal.do(action, now=IN_TIME)
    lead, second = (one["code"] for one in renewal.read()["assessment_plan"]["team"])
    renewal.people |= {code: expert(code) for code in (lead, second)}
    for code in (lead, second):
        renewal.do("agree_to_assess", code, now=IN_TIME)
    renewal.do("record_findings", second, now=IN_TIME)
    rest = [one for one in findings() if one["clause"] != "4.2"]
    renewal.do("report_assessment", lead, now=IN_TIME, findings=rest)
    renewal.do("review", now=IN_TIME)
    granted = renewal.do("grant", now=LAST_DAY)
    assert (granted["state"], granted["licence"]) == ("renewed", number)
    found = shown(held)
    assert (found["status"], found["granted_on"], found["valid_until"]) == ("valid", "2013-09-17", "2019-09-17")
    assert found["terms"] == [
        {"kind": "granted", "from": "2013-09-17", "until": ENDS, "application": held.read()["number"]},
        {"kind": "renewed", "from": "2016-09-18", "until": "2019-09-17", "application": granted["number"]},
    ]
    assert held.read()["state"] == "valid"
    assert renewal.do("deliver", now=LAST_DAY)["state"] == "closed"


def test_a_renewal_covers_what_is_licensed_and_no_more(held: PlayedCase) -> None:
    (line,) = held.form["lines"]
    elsewhere = {"address": "吉林省吉林市别处2号", "postcode": "132000"}
    more = renewal_of(held, lines=[line, line_with(line, max="30 kg")], production_sites=[elsewhere])
    answer = more.attempt("submit", now=IN_TIME)
    assert answer.status == 422
    assert answer.faults == {"lines.1": "not_licensed", "production_sites.0": "not_licensed"}


def test_somebody_elses_licence_cannot_be_renewed(held: PlayedCase) -> None:
    stranger = held.office.case("licensing", kind="renewal", renews=number_of(held))
    assert stranger.attempt("submit", now=IN_TIME).faults == {"renews": "unknown_licence"}
    asked = stranger.caller("applicant", IN_TIME).post(f"/v1/licences/{number_of(held)}/renewals")
    assert asked.status == 404


def test_a_form_says_which_licence_it_renews_or_that_it_is_the_first(held: PlayedCase) -> None:
    missing = held.office.case("licensing", held.code, kind="renewal")
    assert missing.attempt("submit").faults == {"renews": "missing"}
    first = held.caller("applicant").post("/v1/applications", {**held.form, "renews": number_of(held)})
    assert first.faults == {"renews": "not_for_first"}


def test_a_late_renewal_is_asked_about_and_may_be_granted_in_time(held: PlayedCase) -> None:
    renewal = renewal_of(held)
    with held.office.unchanged():
        answer = renewal.attempt("submit", now=TOO_LATE)
        assert (answer.status, answer.faults) == (409, {"renews": "late_renewal"})
    renewal.do("submit", now=TOO_LATE, confirmed=["late_renewal"])
    for action in TO_REVIEW:
        renewal.do(action, now=TOO_LATE)
    renewal.do("grant", now=LAST_DAY)
    assert shown(held)["valid_until"] == "2019-09-17"


def test_another_name_or_address_than_that_of_the_licence_is_asked_about(held: PlayedCase) -> None:
    site = {**held.form["registered_site"], "address": "吉林省长春市改名街1号"}
    renewal = renewal_of(held, applicant_name="另名衡器有限公司", registered_site=site)
    answer = renewal.attempt("submit", now=IN_TIME)
    asked = dict.fromkeys(("applicant_name", "registered_site.address"), "held_otherwise")
    assert (answer.status, answer.faults) == (409, asked)
    assert renewal.do("submit", now=IN_TIME, confirmed=["held_otherwise"])["state"] == "received"


def test_after_its_last_day_a_licence_is_applied_for_as_a_first_one(held: PlayedCase) -> None:
    renewal = renewal_of(held)
    with held.office.unchanged():
        answer = renewal.attempt("submit", now=NEXT_DAY)
        assert (answer.status, answer.faults) == (422, {"renews": "licence_ended"})
        assert "first licence" in answer.json["invalid_params"][0]["reason"]
    asked = held.caller("applicant", NEXT_DAY).post(f"/v1/licences/{number_of(held)}/renewals")
    assert asked.faults == {"renews": "licence_ended"}


def test_of_two_renewals_at_the_same_time_one_is_received(held: PlayedCase) -> None:
    renewals = [renewal_of(held) for _ in range(4)]
    with ThreadPoolExecutor(len(renewals)) as pool:
        answers = list(pool.map(lambda renewal: renewal.attempt("submit", now=IN_TIME), renewals))
    assert sorted(answer.status for answer in answers) == [200, 422, 422, 422]
    (received,) = [answer.json["number"] for answer in answers if answer.status == 200]
    for answer in answers:
        assert answer.status == 200 or received in answer.json["invalid_params"][0]["reason"]
    asked = held.caller("applicant", IN_TIME).post(f"/v1/licences/{number_of(held)}/renewals")
    assert asked.faults == {"renews": "renewal_running"}


def test_a_renewal_that_came_to_nothing_leaves_room_for_another(held: PlayedCase) -> None:
    applied(held).do("withdraw", now=IN_TIME)
    assert applied(held).read()["state"] == "received"


@pytest.mark.parametrize("reached", range(len(TO_REVIEW) + 1))
def test_a_renewal_undecided_when_the_term_ends_is_deemed_granted(
    held: PlayedCase, servers: Backing, reached: int
) -> None:
    renewal = applied(held)
    for action in TO_REVIEW[:reached]:
        renewal.do(action, now=IN_TIME)
    term_over(servers, held)
    decided = renewal.read()
    assert (decided["state"], decided["decision"]) == ("renewed", {"outcome": "deemed_granted", "on": ENDS})
    found = shown(held)
    assert (found["status"], found["valid_until"]) == ("valid", "2019-09-17")
    assert found["terms"][1]["kind"] == "deemed_renewed"
    assert renewal.attempt("refuse", now=NEXT_DAY).status == 409
    entry = held.caller("applicant").get(held.path("applicant") + "/journal").json["items"][-1]
    assert (entry["action"], entry["role"], entry["data"]["deemed"]) == ("renew", "system", True)


def test_without_a_renewal_the_licence_expires_and_is_cancelled_in_the_register(
    held: PlayedCase, servers: Backing
) -> None:
    term_over(servers, held)
    found = shown(held)
    assert (found["status"], found["ended"]["ground"], found["ended"]["on"]) == ("expired", "EXPIRED", ENDS)
    held.do("cancel_ended", now=NEXT_DAY)
    found = shown(held)
    assert (found["status"], found["ended"]["ground"], found["cancelled_on"]) == ("cancelled", "EXPIRED", NEXT_DAY[:10])


def test_a_refused_renewal_does_not_keep_the_licence(held: PlayedCase, servers: Backing) -> None:
    renewal = applied(held)
    for action in TO_REVIEW:
        renewal.do(action, now=LAST_DAY)
    # From the next day on the law has renewed it, also before the case has been told.
    for action in ("grant", "refuse"):
        assert renewal.attempt(action, now=NEXT_DAY).faults == {"renews": "renewed_already"}
    renewal.do("refuse", now=LAST_DAY)
    term_over(servers, held)
    assert shown(held)["status"] == "expired"


def test_a_late_renewal_is_not_deemed_granted_but_may_bring_the_licence_back(
    held: PlayedCase, servers: Backing
) -> None:
    renewal = applied(held, TOO_LATE)
    for action in TO_REVIEW:
        renewal.do(action, now=LAST_DAY)
    term_over(servers, held)
    assert shown(held)["status"] == "expired"
    assert held.attempt("cancel_ended", now=NEXT_DAY).faults == {"renewal": "renewal_running"}
    renewal.do("grant", now="2016-10-10T09:00:00+08:00")
    found = shown(held)
    assert (found["status"], found["valid_until"]) == ("valid", "2019-10-10")
    assert "ended" not in found
    assert [term["from"] for term in found["terms"]] == ["2013-09-17", "2016-10-10"]


def test_a_decision_on_the_last_day_wins_over_the_end_of_the_term(held: PlayedCase, servers: Backing) -> None:
    renewal = applied(held)
    for action in TO_REVIEW:
        renewal.do(action, now=IN_TIME)
    renewal.do("grant", now=f"{ENDS}T23:59:59+08:00")
    before = held.read()["version"]
    term_over(servers, held)
    assert held.read()["version"] == before
    assert [term["kind"] for term in shown(held)["terms"]] == ["granted", "renewed"]


@pytest.mark.parametrize(
    ("action", "status", "ground"),
    [
        ("revoke", "revoked", "REVOKED"),
        ("withdraw_licence", "licence_withdrawn", "WITHDRAWN"),
        ("penalise", "taken_away", "PENALTY"),
        ("cancel", "cancelled", "CANCELLED"),
    ],
)
def test_anybody_is_told_how_and_why_a_licence_ended(
    held: PlayedCase, servers: Backing, action: str, status: str, ground: str
) -> None:
    renewal = applied(held)
    held.do(action, now=IN_TIME, reason="依法")
    found = shown(held)
    assert (found["status"], found["ended"]["ground"]) == (status, ground)
    assert (found["ended"]["on"], found["ended"]["reason"]) == (IN_TIME[:10], "依法")
    for step in TO_REVIEW:
        renewal.do(step, now=IN_TIME)
    answer = renewal.attempt("grant", now=IN_TIME)
    assert (answer.status, answer.faults) == (422, {"renews": "licence_ended"}), answer.body.decode()
    term_over(servers, held)
    assert shown(held) == found


@pytest.mark.parametrize("action", ["revoke", "withdraw_licence", "penalise", "cancel"])
def test_an_act_that_ended_a_licence_is_revoked_and_the_licence_never_ended(held: PlayedCase, action: str) -> None:
    before = without_issues(held)
    ended = {"fault": "holder", "bar": "DECEIT"} if action == "revoke" else {}
    held.do(action, now=IN_TIME, **ended)
    restored = held.do("restore", now=IN_TIME)
    assert restored["state"] == "valid"
    assert not {"end", "bar"} & restored.keys()
    assert without_issues(held) == before
    assert applied(held).read()["state"] == "received"


def test_a_register_closed_by_mistake_is_opened_and_then_the_end_itself_may_be_revoked(held: PlayedCase) -> None:
    held.do("revoke", now=IN_TIME)
    ended = without_issues(held)
    held.do("cancel_ended", now=IN_TIME)
    assert shown(held)["status"] == "cancelled"
    assert held.attempt("restore", now=IN_TIME).json["code"] == "wrong_state"
    assert held.do("withdraw_cancellation", now=IN_TIME)["state"] == "revoked"
    assert without_issues(held) == ended
    assert held.do("restore", now=IN_TIME)["state"] == "valid"
    held.do("revoke", now=IN_TIME)
    assert held.attempt("withdraw_cancellation", now=IN_TIME).json["code"] == "wrong_state"


def test_a_renewal_refused_by_mistake_does_not_go_on_beside_a_later_one(held: PlayedCase) -> None:
    refused = applied(held)
    for action in (*TO_REVIEW, "refuse"):
        refused.do(action, now=IN_TIME)
    later = applied(held)
    with held.office.unchanged():
        answer = refused.attempt("recall_decision", now=IN_TIME)
        assert answer.faults == {"renews": "renewal_running"}
        assert later.read()["number"] in answer.json["invalid_params"][0]["reason"]


def test_an_end_needs_a_reason_and_a_revocation_another_decider(held: PlayedCase) -> None:
    assert held.attempt("revoke", reason=" ").status == 422
    assert held.attempt("revoke", "decider").json["code"] == "four_eyes"
    assert held.attempt("penalise", penalty_case="").faults == {"penalty_case": "missing"}


def test_abolished_is_not_expired_whatever_is_heard_first(held: PlayedCase, servers: Backing) -> None:
    """The term would have ended after the abolition."""
    renewal = applied(held)
    for action in (*TO_REVIEW, "grant"):
        renewal.do(action, now=IN_TIME)
    law_changed(servers, held)
    found = shown(held)
    assert (found["status"], found["ended"]["ground"]) == ("abolished_by_law", "ABOLISHED_BY_LAW")
    assert found["ended"]["on"] == "2017-12-28"
    term_over(servers, held, "2019-09-17", "2019-09-18T00:00:00+08:00")
    assert shown(held) == found


def test_what_expired_before_the_abolition_has_expired(held: PlayedCase, servers: Backing) -> None:
    law_changed(servers, held)
    assert shown(held)["status"] == "valid"
    term_over(servers, held, at=ABOLITION)
    assert shown(held)["status"] == "expired"


def test_who_got_the_licence_by_deceit_applies_for_none_in_three_years(held: PlayedCase) -> None:
    assert held.attempt("revoke", fault="authority", bar="DECEIT").faults == {"bar": "not_at_fault"}
    revoked = held.do("revoke", fault="holder", bar="DECEIT", now="2014-03-03T09:00:00+08:00")
    assert (revoked["bar"]["ground"], revoked["bar"]["until"]) == ("DECEIT", "2017-03-03")
    assert "bar" not in revoked["end"]
    assert "bar" not in shown(held)["ended"]
    again = held.office.case("licensing", held.code)
    assert again.attempt("submit", now="2017-03-03T09:00:00+08:00").faults == {"credit_code": "barred"}
    assert again.do("submit", now="2017-03-04T09:00:00+08:00")["state"] == "received"
