"""The laboratory writes a programme, its technical head approves it, and the case is tested by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.type_approval.evaluation.progress import progress
from services.type_approval.registers import books
from shared.casework import Cause, apply
from shared.problems import Problem
from shared.registers import store
from shared.registers.store import Said
from tests.shared.casework.parts import NOW, RULES, Desk
from tests.support import WAYS
from tests.support.office import LAB

if TYPE_CHECKING:
    from sqlalchemy import Connection

WAY = WAYS["type_approval"]
WEIGHING = {"item": "A.4.4", "requirement": "不超过最大允许误差", "prototypes": 2}
WARMTH = {"item": "7.2", "clause": "DG 7.2", "name": "机壳温升", "requirement": "不超过20 °C", "prototypes": 1}
LOOK = {"item": "5.1", "clause": "DG 5.1", "name": "封印", "kind": "observation", "requirement": "有", "prototypes": 1}
ITEMS = [WEIGHING, WARMTH, LOOK]
TWO = [{"serial": serial, "model": "ACS-15", "seals": "完好"} for serial in ("S-1", "S-2")]
WARM = {"reference": "0 Cel", "indication": "18 Cel", "upper": "20 Cel", "clause": "DG 7.2"}


def refusal(desk: Desk, action: str, **content: Any) -> dict[str, str]:
    with pytest.raises(Problem) as caught:
        desk.attempt(action, **content)
    return {violation.name: violation.code for violation in caught.value.violations}


def planned(tx: Connection, *, named: bool = True) -> Desk:
    """A case of two prototypes, received; with a programme `named` by the office or not."""
    desk = Desk(tx)
    desk.do(*WAY[:2])
    if named:
        desk.do("commission")
    else:
        examiner, cause = desk.people["examiner"], Cause("correlation", "cause")
        about = {"lab": LAB}
        desk.case = apply(
            tx, desk.procedure, desk.case.id, "commission", about, actor=examiner, now=NOW, rules=RULES, cause=cause
        )
    desk.do("serve_time_notice")
    desk.do("arrange", samples=2)
    desk.do("receive_samples", samples=TWO)
    return desk


def test_a_case_is_tested_by_the_programme_that_the_technical_head_approved(tx: Connection) -> None:
    desk = planned(tx)
    desk.do("write_programme", items=ITEMS)
    assert refusal(desk, "record_test", item="lab.7.2") == {"item": "unknown_item"}
    with pytest.raises(Problem, match="four_eyes"):
        desk.attempt("approve_programme", "tester")
    desk.do("approve_programme")
    assert desk.outbox()[-1]["data"]["programme"] == "DG-012:2013"
    desk.do("record_test", serial="S-1")
    desk.do("record_test", item="DG 7.2", points=[WARM])
    shown = progress(desk.case)
    assert (shown["programme"], shown["done"], shown["of"]) == ("DG-012:2013", 2, 4)
    assert [(one["id"], one["kind"], one["of"]) for one in shown["items"]] == [
        ("r76.weighing", "test", 2),
        ("lab.7.2", "test", 1),
        ("lab.5.1", "observation", 1),
    ]
    assert shown["items"][1]["requirement"] == "不超过20 °C"
    assert [one["zh"] for one in shown["lacking"]] == [
        "A.4.4 称量性能应试验2台样机，已试验1台",
        "DG 5.1 封印应试验1台样机，已试验0台",
    ]
    assert refusal(desk, "draft_report") == {"conclusion": "incomplete"}
    desk.do("record_test", serial="S-2")
    desk.do("record_test", item="lab.5.1", points=[{"requirement": "有封印位置", "answer": "yes", "clause": "DG 5.1"}])
    *_, record = desk.case.data["tests"]
    assert (record["edition"], record["limits"], record["verdict"]) == ("DG-012:2013", "computed", "pass")
    desk.do(*WAY[7:])
    assert desk.case.data["report"]["programme"] == "DG-012:2013"
    [(content,)] = desk.rows("SELECT content FROM certificates WHERE case_id = CAST(:id AS uuid)")
    assert content["report"]["programme"] == "DG-012:2013"
    assert "DG 7.2 机壳温升" in content["report"]["items"]


def test_a_programme_is_changed_as_a_draft_and_taken_back_while_no_test_rests_on_it(tx: Connection) -> None:
    desk = planned(tx)
    nameless = {"item": "7.3", "requirement": "有", "prototypes": 3}
    assert refusal(desk, "write_programme", items=[WEIGHING, nameless]) == {
        "items.1.prototypes": "number_of_prototypes",
        "items.1.clause": "missing",
        "items.1.name": "missing",
    }
    assert refusal(desk, "write_programme", items=[WEIGHING, {**WEIGHING, "item": "r76.weighing"}]) == {
        "items.1.item": "twice"
    }
    desk.do("write_programme", items=ITEMS)
    desk.do("change_programme", items=ITEMS[1:])
    desk.do("approve_programme")
    desk.do("record_test", item="lab.7.2", points=[{**WARM, "indication": "21 Cel"}])
    assert desk.case.data["tests"][0]["verdict"] == "fail"
    assert refusal(desk, "withdraw_programme") == {"items": "not_in_programme"}
    # A second edition is approved only with the items of the tests that count.
    desk.do("write_programme", edition="2014", items=ITEMS[:1])
    assert refusal(desk, "approve_programme") == {"items": "not_in_programme"}
    desk.do("void_test", "withdraw_programme", "withdraw_programme")
    assert not {"programme", "programme_draft"} & desk.case.data.keys()


def test_where_the_office_names_no_programme_nothing_is_tested_before_there_is_one(tx: Connection) -> None:
    desk = planned(tx, named=False)
    assert refusal(desk, "record_test") == {"item": "no_programme"}
    desk.do("write_programme", "approve_programme", "record_test")


def test_nobody_but_a_technical_head_approves(tx: Connection) -> None:
    desk = planned(tx)
    held = store.get(tx, books.PEOPLE, LAB, "signatory-1", lock=True)
    today = held.on(NOW.date())
    assert today is not None
    content = {**today.content, "technical_head": False}
    said = Said(desk.people["tester"], NOW)
    store.write(tx, books.PEOPLE, LAB, held, ("change", NOW.date(), False, None, content), said)
    desk.do("write_programme")
    assert refusal(desk, "approve_programme") == {"by": "not_technical_head"}
