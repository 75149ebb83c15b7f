"""Every prototype is accounted for, and the archive is kept for three years."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from services.type_approval.evaluation.archive import due
from shared.problems import Problem
from tests.services.notices import tell
from tests.shared.casework.parts import RULES, Desk
from tests.support import WAYS, wait_for

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
    desk.do("record_test", serial="S-2", occasion="retest_after_modification")


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
