"""What changes in a licence within its term: new items, other places of manufacture, another name."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from tests.services.licensing.parts import approve
from tests.services.licensing.test_life import IN_TIME, TO_REVIEW, applied, number_of, renewal_of, shown
from tests.support import PlayedCase, wait_for
from tests.support.forms import line_with

if TYPE_CHECKING:
    from collections.abc import Mapping

EARLIER, LATER = "2015-06-01T09:00:00+08:00", "2016-06-20T09:00:00+08:00"
NEW_PLACE = {"address": "吉林省长春市新试验路9号", "postcode": "130000"}


def approved(held: PlayedCase, model: str, **characteristics: str) -> dict[str, Any]:
    """Another scale of the holder, with its certificate."""
    line = line_with({**deepcopy(held.form["lines"][0]), "model": model}, **characteristics)
    approve(held.office, held.code, line)
    return line


def amending(held: PlayedCase, kind: str, **form: Any) -> PlayedCase:
    return held.office.case("licensing", held.code, kind=kind, amends=number_of(held), **form)


def codes(case: PlayedCase, **changes: Any) -> Mapping[str, str]:
    faults: Mapping[str, str] = case.attempt("submit", now=EARLIER, **changes).faults
    return faults


def test_new_items_are_assessed_alone_and_come_into_the_same_licence_and_term(held: PlayedCase) -> None:
    new, before = approved(held, "ACS-30", max="30 kg", e="10 g"), shown(held)
    drafted = held.caller("applicant", EARLIER).post(
        f"/v1/licences/{number_of(held)}/amendments", {"kind": "additions"}
    )
    assert drafted.status == 201
    form = drafted.json["form"]
    assert (form["amends"], [line["model"] for line in form["lines"]]) == (number_of(held), ["ACS-30"])
    assert form["production_equipment"] == held.form["production_equipment"]
    first = held.caller("applicant", EARLIER).post("/v1/licences/drafts").json["form"]
    assert (first["kind"], [line["model"] for line in first["lines"]]) == ("first", ["ACS-30"])
    assert (first["applicant_name"], first["staff"]) == (held.form["applicant_name"], held.form["staff"])
    addition = amending(held, "additions", lines=[new])
    for action in ("submit", *TO_REVIEW, "grant", "deliver"):
        addition.do(action, now=EARLIER)
    assert addition.read()["state"] == "closed"
    after = shown(held)
    assert [line["model"] for line in after["lines"]] == ["ACS-15", "ACS-30"]
    (scales,) = after["ranges"]
    assert (scales["models"], scales["characteristics"]) == (
        ["ACS-15", "ACS-30"],
        {"class": ["III"], "max": ["15 kg", "30 kg"], "e": ["5 g", "10 g"]},
    )
    assert (after["number"], after["valid_until"], after["terms"]) == (
        *(before["number"], before["valid_until"], before["terms"]),
    )
    assert [issue["kind"] for issue in after["issues"]] == ["granted", "changed"]
    assert [(one["kind"], one["application"]) for one in held.read()["amendments"]] == [
        ("additions", addition.read()["number"])
    ]
    # The form of the first application is older than what the licence has got since.
    renewal = renewal_of(held)
    assert renewal.attempt("submit", now=IN_TIME).faults == {"lines": "line_left_out"}
    assert renewal.do("submit", now=IN_TIME, confirmed=["line_left_out"])["state"] == "received"


def test_an_item_at_a_place_is_applied_for_once(held: PlayedCase) -> None:
    """Whatever the kind of application: what asks for something new is held against the others."""
    new = approved(held, "ACS-30")
    addition = amending(held, "additions", lines=[new])
    addition.do("submit", now=EARLIER)
    lines = [held.form["lines"][0], new]
    first = held.office.case("licensing", held.code, lines=lines)
    assert codes(first) == {"lines.1.model": "applied_for_already"}
    addition.do("not_required", now=EARLIER)
    held.office.case("licensing", held.code, lines=lines, production_sites=[NEW_PLACE]).do("submit", now=EARLIER)
    moving = amending(held, "changed_conditions", production_sites=[*held.form["production_sites"], NEW_PLACE])
    assert codes(moving) == {"lines.0.model": "applied_for_already"}
    assert addition.do("reopen", now=EARLIER)["state"] == "received", "at its own place"
    renewal_of(held).do("submit", now=EARLIER)


def test_what_is_licensed_is_no_new_item_and_what_is_not_has_no_changed_conditions(held: PlayedCase) -> None:
    new = approved(held, "ACS-30")
    assert codes(amending(held, "additions")) == {"lines.0": "licensed_already"}
    assert codes(amending(held, "additions", lines=[new], production_sites=[NEW_PLACE])) == {
        "production_sites.0": "not_licensed"
    }
    assert codes(amending(held, "changed_conditions", lines=[new])) == {"lines.0": "not_licensed"}
    running = amending(held, "additions", lines=[new])
    running.do("submit", now=EARLIER)
    assert codes(amending(held, "changed_conditions")) == {"amends": "amendment_running"}
    other = held.office.case("licensing", kind="additions", amends=number_of(held))
    assert codes(other) == {"amends": "unknown_licence"}
    running.do("withdraw", now=EARLIER)
    assert codes(amending(held, "additions", lines=[new])) == {}


def test_a_move_holds_from_its_decision_and_outlasts_a_renewal_applied_for_before(held: PlayedCase) -> None:
    """Applied for in the order renewal, move, new name; decided in the other: none of them undoes another."""
    old = shown(held)["places_of_manufacture"]
    renewal = applied(held, IN_TIME)
    move = amending(held, "changed_conditions", production_sites=[NEW_PLACE])
    for action in ("submit", *TO_REVIEW):
        move.do(action, now=LATER)
        assert shown(held)["places_of_manufacture"] == old, "until it is decided, the licence holds as it is"
    reported = held.do("report_change", now=LATER, name="试验衡器股份有限公司")["reported_change"]
    assert reported["name"] == "试验衡器股份有限公司"
    held.do("enter_change", now=LATER)
    move.do("grant", now=LATER)
    for action in (*TO_REVIEW, "grant"):
        renewal.do(action, now=LATER)
    renewed = shown(held)
    assert renewed["places_of_manufacture"] == [NEW_PLACE["address"]]
    assert renewed["holder"]["name"] == "试验衡器股份有限公司"
    assert [term["kind"] for term in renewed["terms"]] == ["granted", "renewed"]
    again = held.do("take_change_back", "decider", now=LATER, reason="证明文件有误")
    assert again["reported_change"]["name"] == "试验衡器股份有限公司"
    assert shown(held)["holder"]["name"] == held.form["applicant_name"]


def test_another_place_is_no_change_of_words(held: PlayedCase) -> None:
    places = [*shown(held)["places_of_manufacture"], NEW_PLACE["address"]]
    refused = held.attempt("report_change", now=EARLIER, places_of_manufacture=places)
    assert refused.faults == {"places_of_manufacture": "needs_assessment"}


def test_the_office_has_ten_working_days_for_a_change_that_is_reported(held: PlayedCase) -> None:
    held.do("report_change", now=EARLIER)
    wait_for(held.office.settled, what="the report to be heard of")
    clocks = held.office.caller("notifications", held.people["head"], EARLIER)
    number = held.read()["number"]
    due = {
        clock["limit"]: clock.get("due_on") for clock in clocks.get(f"/internal/v1/cases/{number}/clocks").json["items"]
    }
    assert due["change"] == "2015-06-15"


def test_nothing_is_added_to_a_licence_that_has_ended(held: PlayedCase) -> None:
    addition = amending(held, "additions", lines=[approved(held, "ACS-30")])
    for action in ("submit", *TO_REVIEW):
        addition.do(action, now=EARLIER)
    held.do("revoke", now=EARLIER)
    assert addition.attempt("grant", now=EARLIER).faults == {"amends": "licence_ended"}
    assert codes(renewal_of(held)) == {"renews": "licence_ended"}
