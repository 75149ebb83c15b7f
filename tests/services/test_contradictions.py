"""What contradicts what is known already is refused or asked about, whenever it is said: also what was true when the
application was made and is not any more."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.licensing.experts.book import EXPERTS, OWNER
from services.type_approval.registers.books import LABORATORIES
from shared.messaging.envelope import new_id
from shared.problems import Problem
from shared.registers import changes, store
from shared.registers.store import Said
from tests.registered import expert_entry, laboratory_entry
from tests.services.licensing.parts import learn
from tests.shared.casework.parts import NOW, PROCEDURES, RULES, Desk, adding, licensed, marked, renewing
from tests.support import WAYS, database, officer
from tests.support.forms import DROPPED, OIML, line_of
from tests.support.office import LAB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing
    from shared.registers.register import Register

NEW_PLACE = [{"address": "吉林省长春市新试验路9号", "postcode": "130000"}]
LATE, NEXT = datetime(2016, 9, 1, 1, tzinfo=UTC), datetime(2016, 9, 18, 1, tzinfo=UTC)
"""In the last days of a licence granted at NOW, and the day after the last."""


@pytest.fixture(scope="module")
def engines(servers: Backing) -> Iterator[dict[str, Engine]]:
    with ExitStack() as stack:
        named = f"{servers.namespace}_contradictions"
        yield {one: stack.enter_context(database(servers.database_url, f"{named}_{one}", one)) for one in PROCEDURES}


def rolled_back(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as tx:
        yield tx
        tx.rollback()


@pytest.fixture
def types(engines: dict[str, Engine]) -> Iterator[Connection]:
    yield from rolled_back(engines["type_approval"])


@pytest.fixture
def licences(engines: dict[str, Engine]) -> Iterator[Connection]:
    yield from rolled_back(engines["licensing"])


@pytest.fixture
def marks(engines: dict[str, Engine]) -> Iterator[Connection]:
    yield from rolled_back(engines["c_mark"])


def refused(desk: Desk, action: str, **said: Any) -> dict[str, str]:
    """What is wrong with it, or to be confirmed: codes by the names of fields."""
    with pytest.raises(Problem) as caught, desk.tx.begin_nested():
        desk.attempt(action, **said)
    return {one.name: one.code for one in caught.value.violations}


def says(tx: Connection, register: Register, owner: str, content: dict[str, Any], since: datetime) -> None:
    """The register says something else of an entry from a day on."""
    held = store.get(tx, register, owner, content["code"], lock=True)
    body = {"since": since.date()}
    changes.act(tx, held, "change", body, content, Said(officer("keeper", "section_head"), NOW), RULES)


def test_a_renewal_of_a_mark_stays_one_and_falls_with_what_it_renews(marks: Connection) -> None:
    first = marked(marks)
    number = first.case.data["mark"]
    renewal = Desk(marks, "c_mark", first.code, renews=number)
    renewal.do("submit")
    # Who is barred may renew, and not apply for more.
    turned = {name: value for name, value in renewal.form.items() if name != "renews"}
    assert refused(renewal, "correct", form=turned) == {"renews": "another_permit"}
    renewal.do("accept", "serve_time_notice", "assess", "review")
    first.do("revoke")
    assert refused(renewal, "grant") == {"renews": "mark_ended"}
    first.do("restore")
    renewal.do("refuse")
    later = Desk(marks, "c_mark", first.code, renews=number)
    later.do("submit")
    assert refused(renewal, "recall_decision") == {"renews": "renewal_running"}
    later.do(*WAYS["c_mark"][1:])
    again = Desk(marks, "c_mark", first.code, renews=later.case.data["mark"])
    assert refused(again, "submit") == {"renews": "renewed_already"}


def test_a_contract_is_reported_once_and_not_from_before_the_licence(licences: Connection) -> None:
    desk = licensed(licences)
    assert refused(desk, "report_contract", on="2013-09-16") == {"on": "before_step"}
    desk.do("report_contract")
    assert refused(desk, "report_contract", contract="委托３号", client_name="别名") == {"contract": "twice"}
    desk.do("end_contract", "report_contract")


def test_goods_are_the_same_in_whatever_unit(marks: Connection) -> None:
    desk = Desk(marks, "c_mark")
    desk.form["lines"].append({**desk.form["lines"][0], "least": "2500 g", "most": "25000 g"})
    desk.do("edit")
    assert refused(desk, "submit") == {"lines.1.name": "twice"}


def test_the_time_told_for_an_acceptance_goes_with_it(marks: Connection) -> None:
    desk = Desk(marks, "c_mark")
    desk.do("submit", "accept", "serve_time_notice", "revoke_acceptance")
    assert "time_notice" not in desk.case.data
    desk.do("accept", "serve_time_notice")


def test_another_place_is_for_every_item_of_the_licence(licences: Connection) -> None:
    added = adding(licences)
    added.do(*WAYS["licensing"][:-1])
    about: dict[str, Any] = {"kind": "changed_conditions", "amends": added.form["amends"]}
    # What it makes at the place that it has may be assessed by itself.
    Desk(licences, "licensing", added.code, **about).do("submit", "withdraw")
    moved = Desk(licences, "licensing", added.code, **about, production_sites=NEW_PLACE)
    assert refused(moved, "submit") == {"lines": "line_left_out"}
    both = [*moved.form["lines"], *added.form["lines"]]
    Desk(licences, "licensing", added.code, **about, production_sites=NEW_PLACE, lines=both).do("submit")


def test_what_a_licence_in_force_covers_is_applied_for_anew_only_if_that_is_meant(licences: Connection) -> None:
    first = licensed(licences)
    assert refused(Desk(licences, "licensing", first.code), "submit", confirmed=["no_type_approval"]) == {
        "lines.0": "licensed_already"
    }
    Desk(licences, "licensing", first.code, production_sites=NEW_PLACE).do("submit", confirmed=["no_type_approval"])


def test_whoever_makes_in_another_province_is_asked_whether_to_apply_here(licences: Connection) -> None:
    desk = Desk(licences, "licensing", region="110101")
    assert refused(desk, "submit") == {"region": "another_province"}
    desk.do("submit", confirmed=["another_province", "no_type_approval"])


@pytest.mark.parametrize("region", ["220901", "220001", "222301"])
def test_a_region_in_no_city_of_the_province_is_asked_about(licences: Connection, region: str) -> None:
    desk = Desk(licences, "licensing", region=region)
    assert refused(desk, "submit") == {"region": "unknown_region"}
    desk.do("submit", confirmed=["unknown_region", "no_type_approval"])
    assert desk.case.office == "provincial"


def test_a_licence_is_renewed_once_for_the_term_after_its_own(licences: Connection) -> None:
    renewal = renewing(licences)
    renewal.do(*WAYS["licensing"][:-1])
    again = Desk(licences, "licensing", renewal.code, kind="renewal", renews=renewal.form["renews"])
    assert refused(again, "submit") == {"renews": "renewed_already"}


def test_what_a_late_renewal_lacks_is_supplemented_after_the_end_of_the_term_too(licences: Connection) -> None:
    first = licensed(licences)
    renewal = Desk(licences, "licensing", first.code, now=LATE, kind="renewal", renews=first.case.data["licence"])
    renewal.do("submit", confirmed=["late_renewal"])
    renewal.do("request_supplement")
    first.do("expire", now=NEXT)
    assert renewal.do("supplement", now=NEXT, confirmed=["late_renewal"]).state == "received"
    other = Desk(licences, "licensing", first.code, now=NEXT, kind="renewal", renews=first.case.data["licence"])
    assert refused(other, "submit") == {"renews": "licence_ended"}


def test_a_team_assesses_on_days_after_it_was_drawn_and_as_long_as_nothing_stands_against_it(
    licences: Connection,
) -> None:
    desk = Desk(licences, "licensing")
    desk.approve()
    desk.do("submit", "accept")
    desk.now += timedelta(days=10)
    assert refused(desk, "plan_assessment", planned_from="2013-09-26") == {"planned_from": "before_step"}
    desk.do("plan_assessment")
    code = desk.case.data["assessment_plan"]["team"][0]["code"]
    of_applicant = expert_entry(code, interests=[{"code": desk.code, "kind": "holding"}])
    says(licences, EXPERTS, OWNER, of_applicant, desk.now)
    assert refused(desk, "confirm_assessors") == {"assessors": "unfit_assessor"}
    says(licences, EXPERTS, OWNER, expert_entry(code), desk.now)
    desk.do("confirm_assessors")
    says(licences, EXPERTS, OWNER, expert_entry(code, valid_until="2019-11-03"), desk.now)
    assert refused(desk, "report_assessment") == {"assessors": "unfit_assessor"}
    desk.do("replace_assessor", assessor=code)
    desk.do("confirm_assessors", "report_assessment", "give_feedback")


def test_whoever_decides_confirms_that_an_order_is_in_force_on_the_certificate(licences: Connection) -> None:
    desk, approval = Desk(licences, "licensing"), new_id()
    learn(licences, approval, "application.received", applicant={"code": desk.code}, lines=desk.form["lines"])
    learn(licences, approval, "certificate.granted", certificate="2013F999-22", lines=desk.form["lines"])
    desk.do(*WAYS["licensing"][:-2])
    ordered = {"act": "吉质监责改〔2013〕3号", "zh": "停止制造", "en": "stop making"}
    learn(licences, approval, "certificate.order_issued", **ordered)
    assert refused(desk, "grant") == {"lines.0": "under_order"}
    learn(licences, approval, "certificate.order_lifted", **{**ordered, "act": "吉质监责改[２０１３]3号"})
    desk.do("grant")


def test_a_changed_type_is_of_the_kind_of_a_certificate_in_force(types: Connection) -> None:
    first = Desk(types)
    first.do(*WAYS["type_approval"])
    number = first.case.data["certificate"]
    other = Desk(types, code=first.code, replaces_certificate=number, **DROPPED)
    assert refused(other, "submit") == {"replaces_certificate": "another_kind"}
    changed = Desk(types, code=first.code, replaces_certificate=number, lines=[line_of("ACS-15A")])
    first.do("revoke")
    assert refused(changed, "submit") == {"replaces_certificate": "certificate_ended"}


def test_a_declared_change_and_an_order_are_of_the_certificate_and_said_once(types: Connection) -> None:
    desk = Desk(types)
    desk.do(*WAYS["type_approval"])
    wrong = refused(desk, "declare_change", models=["ａｃｓ-15", "ACS-30"], on="2013-09-16")
    assert wrong == {"models.1": "another_model", "on": "before_step"}
    desk.do("issue_order")
    assert refused(desk, "issue_order", act="吉质监责改[2013]３号") == {"act": "twice"}
    desk.do("lift_order", "issue_order", "correct_document")
    assert refused(desk, "correct_document") == {"address": "unchanged"}
    assert refused(desk, "report_change", name="试验衡器有限公司") == {"name": "unchanged"}


def test_an_improved_prototype_is_not_tested_before_it_came(types: Connection) -> None:
    desk = Desk(types)
    desk.do(*WAYS["type_approval"][:7], "find_nonconformity")
    desk.now += timedelta(days=7)
    desk.do("deliver_improved")
    assert refused(desk, "record_test", serial="S-2", on="2013-09-23") == {"on": "before_step"}
    desk.do("record_test", serial="S-2")


def test_what_was_found_of_an_oiml_certificate_goes_with_the_form_that_named_it(types: Connection) -> None:
    desk = Desk(types, oiml_certificate=OIML)
    desk.do("submit", "accept", "examine_oiml", "revoke_acceptance")
    desk.form["oiml_certificate"] = "R76/2006-A-NL1-13.02"
    desk.do("correct", "accept")
    assert refused(desk, "commission") == {"oiml_certificate": "not_examined"}


def test_a_laboratory_whose_authorisation_ended_since_is_asked_about(types: Connection) -> None:
    desk = Desk(types)
    desk.do(*WAYS["type_approval"][:10])
    ended = {**laboratory_entry(LAB, "试验计量院"), "valid_until": "2013-09-16"}
    says(types, LABORATORIES, LAB, ended, NOW)
    assert refused(desk, "review") == {"lab": "not_authorised"}
    desk.do("review", confirmed=["left_out", "not_authorised"])
    desk.do("grant", "deliver", "declare_change")
    assert refused(desk, "assess_change") == {"lab": "not_authorised"}
    desk.do("assess_change_by_office")


def test_words_of_a_place_are_corrected_and_no_place_is_added_so(licences: Connection) -> None:
    desk = licensed(licences)
    place = desk.form["production_sites"][0]["address"]
    more = [place, NEW_PLACE[0]["address"]]
    assert refused(desk, "correct_document", places_of_manufacture=more) == {
        "places_of_manufacture": "needs_assessment"
    }
    desk.do("correct_document", places_of_manufacture=[f"{place}院内"])
