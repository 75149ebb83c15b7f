"""Every prototype is accounted for, and the archive is kept for three years."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from services.type_approval.evaluation.archive import due
from shared.problems import Problem
from tests.services.notices import tell
from tests.shared.casework.parts import RULES, Desk
from tests.support import WAYS, wait_for, weighing_test

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from deploy.local.backing import Backing
    from tests.support import Office

WAY = WAYS["type_approval"]
TWO = [{"serial": serial, "model": "ACS-15", "seals": "完好"} for serial in ("S-1", "S-2")]


def refusal(desk: Desk, action: str, **content: Any) -> dict[str, str]:
    with pytest.raises(Problem) as caught:
        desk.attempt(action, **content)
    return {violation.name: violation.code for violation in caught.value.violations}


def test_handovers_are_kept_and_one_entered_by_mistake_is_taken_back(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:6])
    desk.do("hand_over_samples")
    assert refusal(desk, "hand_over_samples", serials=["S-1", "S-7"]) == {"serials.1": "unknown_prototype"}
    desk.do("hand_over_samples", place="耐久试验室", to="吴批准")
    desk.do("cancel_handover")
    [kept] = desk.case.data["handovers"]
    assert (kept["place"], kept["to"], kept["by"]) == ("环境试验室", "周核验", desk.people["tester"].name)


def test_prototypes_go_back_or_stay_with_an_explanation(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:5])
    desk.do("receive_samples", samples=TWO, confirmed=["number_of_prototypes"])
    for serial in ("S-1", "S-2"):
        desk.do("record_test", serial=serial)
    desk.do(*WAY[7:])
    # The last day, a Saturday, moved to the make-up Sunday after it.
    late = datetime(2016, 9, 19, 1, tzinfo=UTC)
    assert refusal(desk, "release_archive", now=late) == {"serials": "samples_left"}
    assert refusal(desk, "dispose_of_samples", outcome="retained", received_by=None) != {}
    # Also once the certificate has ended.
    undone, before = tx.begin_nested(), desk.case
    desk.do("cancel", "dispose_of_samples", "cancel_disposal")
    undone.rollback()
    desk.case = before
    desk.do("dispose_of_samples")
    assert refusal(desk, "dispose_of_samples") == {"serials.0": "unknown_prototype"}
    kept = {"serials": ["S-2"], "outcome": "retained", "explanation": "作为比对样机留存"}
    desk.do("dispose_of_samples", **{**kept, "received_by": "乙联系"})
    assert refusal(desk, "release_archive") == {"disposed": "too_early"}
    assert refusal(desk, "release_archive", now=datetime(2016, 9, 18, 1, tzinfo=UTC)) == {"disposed": "too_early"}
    [task] = due(tx, "LAB-01", RULES, date(2016, 9, 19))
    assert (task["number"], task["samples_left"]) == (desk.case.number, [])
    assert due(tx, "LAB-01", RULES, date(2016, 9, 18)) == due(tx, "LAB-02", RULES, date(2016, 9, 19)) == []
    desk.do("release_archive", now=late)
    assert due(tx, "LAB-01", RULES, date(2016, 9, 19)) == []
    assert desk.case.data["archive_released"]["on"] == "2016-09-19"


def test_a_design_that_failed_is_improved_on_all_prototypes(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:5])
    desk.do("receive_samples", samples=TWO, confirmed=["number_of_prototypes"])
    desk.do("record_test", "find_nonconformity")
    assert refusal(desk, "deliver_improved", samples=TWO[:1]) == {"samples": "not_all_improved"}
    desk.do("deliver_improved", samples=TWO)


def test_a_repetition_after_an_incident_is_no_test_after_a_modification(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:7])
    assert refusal(desk, "record_test", occasion="retest_after_modification") == {"occasion": "not_modified"}
    desk.do("record_test", occasion="repeat_incident")
    desk.do("find_nonconformity", "deliver_improved")
    assert refusal(desk, "record_test", serial="S-2", occasion="initial") == {"occasion": "repeated"}
    assert refusal(desk, "record_test", serial="S-2", occasion="repeat_incident") == {"occasion": "not_repeated"}
    desk.do("record_test", serial="S-2", occasion="retest_after_modification")
    desk.do("record_test", serial="S-2", occasion="repeat_incident")
    assert [one["occasion"] for one in desk.case.data["tests"]] == [
        *("initial", "repeat_incident", "retest_after_modification", "repeat_incident")
    ]


def test_a_first_test_repeats_nothing_whatever_its_record_says(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:6])
    assert refusal(desk, "record_test", occasion="repeat_incident") == {"occasion": "not_repeated"}
    desk.do("record_test")
    wrong = {"supersedes": 1, "reason": "读数抄错", "occasion": "repeat_incident"}
    assert refusal(desk, "record_test", **wrong) == {"occasion": "not_repeated"}
    desk.do("void_test")
    assert refusal(desk, "record_test", occasion="repeat_incident") == {"occasion": "not_repeated"}


RUN = {"started": "2013-09-17T08:10:00+08:00", "ended": "2013-09-17T08:55:00+08:00"}
LOW = {"temperature": "19.5 Cel", "humidity": "48 %", "pressure": "101.2 kPa"}
HIGH = {"temperature": "20.4 Cel", "humidity": "52 %", "pressure": "101.4 kPa"}


def test_a_record_says_when_in_which_surroundings_and_from_which_files(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:6])
    raw, photo = desk.upload("raw_data", "a" * 64, filed=True), desk.upload("custody_photo", "b" * 64, filed=True)
    contents: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
        ({"ended": RUN["ended"]}, {"started": "missing"}),
        ({"started": RUN["ended"], "ended": RUN["started"]}, {"ended": "before_start"}),
        ({**RUN, "ended": "2013-09-17T09:00:01+08:00"}, {"ended": "future"}),
        ({"started": "2013-09-16T23:59:59+08:00", "ended": RUN["ended"]}, {"on": "before_step"}),
        ({"conditions_lowest": {"temperature": "20.1 Cel"}}, {"conditions_lowest.temperature": "contradictory"}),
        ({"conditions_highest": {"pressure": "101299 Pa"}}, {"conditions_highest.pressure": "contradictory"}),
        ({"raw_files": [{"document": photo, "sha256": "b" * 64}]}, {"raw_files.0.document": "unknown_document"}),
        ({"raw_files": [{"document": raw, "sha256": "b" * 64}]}, {"raw_files.0.sha256": "another_content"}),
    )
    for content, wrong in contents:
        assert refusal(desk, "record_test", **content) == wrong, content
    later = datetime(2013, 9, 18, 1, tzinfo=UTC)
    assert refusal(desk, "record_test", now=later, on="2013-09-18", **RUN) == {"started": "contradictory"}
    said: dict[str, Any] = {**RUN, "conditions_lowest": LOW, "conditions_highest": HIGH}
    said["raw_files"] = [{"document": raw, "sha256": "a" * 64}]
    desk.do("record_test", **said)
    [kept] = desk.case.data["tests"]
    assert {name: kept[name] for name in said} == said
    assert (kept["on"], kept["run"], kept["occasion"]) == ("2013-09-17", 1, "initial")


def test_standards_and_people_are_those_of_the_last_day_of_a_long_test_too(tx: Connection) -> None:
    """The standards are in calibration until the end of 2014."""
    desk = Desk(tx)
    desk.do(*WAY[:6])
    long = {"started": "2014-12-30T08:00:00+08:00", "ended": "2015-01-02T08:00:00+08:00"}
    found = refusal(desk, "record_test", now=datetime(2015, 1, 5, 1, tzinfo=UTC), **long)
    assert "equipment.0.calibrated_until" in found


def test_each_prototype_is_kept_with_its_place_its_software_and_its_photographs(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:5])
    photo = desk.upload("custody_photo", "c" * 64, filed=True)
    shown = [{"document": photo, "sha256": "c" * 64}]
    software = {"version": "V1.02", "checksum": "8F3A"}
    first = {**TWO[0], "place": "样品室3号柜", "software": software, "photos": shown}
    confirmed = ["number_of_prototypes"]
    wrong = [{**first, "photos": [{"document": photo, "sha256": "d" * 64}]}, TWO[1]]
    found = refusal(desk, "receive_samples", samples=wrong, confirmed=confirmed)
    assert found == {"samples.0.photos.0.sha256": "another_content"}
    desk.do("receive_samples", samples=[first, {**TWO[1], "place": "恒温室"}], confirmed=confirmed)
    assert [one.get("place") for one in desk.case.data["samples"]] == ["样品室3号柜", "恒温室"]
    assert (desk.case.data["samples"][0]["software"], desk.case.data["samples"][0]["photos"]) == (software, shown)
    unknown = [{"document": desk.case.id, "sha256": "c" * 64}]
    assert refusal(desk, "hand_over_samples", photos=unknown) == {"photos.0.document": "unknown_document"}
    desk.do("hand_over_samples", photos=shown)
    assert desk.case.data["handovers"][0]["photos"] == shown


def test_once_the_archive_was_kept_for_three_years_its_release_is_a_task_of_the_laboratory(
    office: Office, servers: Backing
) -> None:
    case = office.case("type_approval")
    case.until("issue_report")
    lab = office.caller("notifications", case.people["tester"])

    def tasks() -> list[str]:
        wait_for(office.settled, what="all events to arrive")
        number = case.read()["number"]
        return [
            one["limit"]["id"]
            for one in lab.items("/v1/lab/work?limit=100")
            if one["number"] == number and "limit" in one
        ]

    assert "archive" not in tasks()
    case.do("withdraw")
    told = {"limit": "archive", "effect": "end_archive", "started_on": "2013-09-17", "due_on": "2016-09-18"}
    tell(servers, case, "clock.expired", "2016-09-19T00:00:00+08:00", **told)
    assert case.read("tester")["archive_due"] == "2016-09-18"
    assert tasks() == ["archive_release"]
    late = "2016-09-20T09:00:00+08:00"
    case.do("dispose_of_samples", now=late)
    case.do("release_archive", now=late)
    assert tasks() == []


def test_all_that_failed_is_told_at_once(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:5])
    desk.do("receive_samples", samples=TWO, confirmed=["number_of_prototypes"])
    fails = weighing_test("10.020 kg")["points"]
    for serial in ("S-1", "S-2"):
        desk.do("record_test", serial=serial, points=fails)
    told = {"item": "A.4.4", "finding": "示值超差"}
    for items in ([{**told, "serial": "S-1"}], [{"item": "A.4.7", "finding": "偏载超差"}]):
        assert refusal(desk, "find_nonconformity", items=items) == {"items": "failed_untold"}
    desk.do("void_test", number=2)
    desk.do("find_nonconformity", items=[{**told, "serial": "S-1"}])


def test_nobody_checks_or_signs_the_report_on_their_own_tests(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:6])
    for who in ("checker", "signatory", "tester"):
        desk.do("record_test", who=who)
    desk.do("draft_report")
    assert refusal(desk, "check_report") == {"checker": "tested_themselves"}
    desk.do("return_report")
    # Corrected by somebody else, or void, it is not a test of theirs.
    desk.do("record_test", supersedes=1, reason="读数抄错")
    desk.do("draft_report", "check_report")
    assert refusal(desk, "issue_report") == {"signatory": "tested_themselves"}
    desk.do("return_report")
    desk.do("void_test", number=2)
    desk.do("draft_report", "check_report", "issue_report")
