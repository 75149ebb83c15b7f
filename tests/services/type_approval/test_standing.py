"""What is attached to a certificate in force: declared changes with the opinion on them, and orders."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.type_approval.queries import find_certificates
from services.type_approval.registers import books
from shared.problems import Problem
from shared.registers import store
from shared.registers.store import Said
from tests.shared.casework.parts import MOVED, NOW, Desk, entered
from tests.support import WAYS, laboratory
from tests.support.office import LAB

if TYPE_CHECKING:
    from sqlalchemy import Connection


@pytest.fixture
def desk(tx: Connection) -> Desk:
    desk = Desk(tx)
    desk.do(*WAYS["type_approval"])
    return desk


def test_a_small_change_is_declared_and_the_laboratory_says_what_it_affects(desk: Desk) -> None:
    desk.do("declare_change")
    with pytest.raises(Problem, match="wrong_state"):
        desk.attempt("declare_change")
    desk.do("assess_change", affects=True, opinion="传感器不同，灵敏度改变")
    assert desk.outbox()[-1]["data"]["zh"] == "影响计量性能，须重新申请型式批准"
    desk.do("withdraw_opinion")
    desk.do("assess_change", who="checker")
    desk.do("declare_change", change="外壳颜色")
    desk.do("assess_change")
    kept = desk.case.data["assessed_changes"]
    assert [(one["change"], one["affects"], one["assessed_by"]) for one in kept] == [
        ("显示屏换为同规格产品", False, desk.people["checker"].name),
        ("外壳颜色", False, desk.people["signatory"].name),
    ]
    assert desk.case.state == "effective"


def test_who_is_no_metrologist_of_the_laboratory_gives_no_opinion(desk: Desk) -> None:
    desk.do("declare_change")
    desk.people["guest"] = laboratory("LAB-01", "guest")
    with pytest.raises(Problem) as caught:
        desk.attempt("assess_change", "guest")
    assert [one.code for one in caught.value.violations] == ["not_on_staff"]


def test_the_office_says_it_where_no_laboratory_can(tx: Connection, desk: Desk) -> None:
    desk.do("declare_change")
    with pytest.raises(Problem) as caught:
        desk.attempt("assess_change_by_office")
    assert [one.code for one in caught.value.violations] == ["laboratory_assesses"]
    entered_one = next(one for one in entered(tx, "type_approval") if one.case.state == "effective")
    assert entered_one.case.lab is None
    entered_one.do("declare_change", "assess_change_by_office", "withdraw_office_opinion", "assess_change_by_office")
    (kept,) = entered_one.case.data["assessed_changes"]
    assert (kept["by_office"], kept["assessed_by"]) == (True, entered_one.people["examiner"].name)
    # A laboratory whose authorisation has run out says nothing any more.
    held = store.get(tx, books.LABORATORIES, LAB, LAB, lock=True)
    today = held.on(NOW.date())
    assert today is not None
    content = {**today.content, "valid_until": "2013-09-16"}
    said = Said(desk.people["head"], NOW)
    store.write(tx, books.LABORATORIES, LAB, held, ("change", NOW.date(), False, None, content), said)
    desk.do("assess_change_by_office")
    with pytest.raises(Problem, match="wrong_state"):
        desk.attempt("withdraw_opinion")


def test_a_new_place_is_not_entered_before_its_conformity_check(desk: Desk) -> None:
    def refused(action: str, **changes: Any) -> list[str]:
        with pytest.raises(Problem) as caught:
            desk.attempt(action, **changes)
        return [one.code for one in caught.value.violations]

    desk.do("report_change")
    assert refused("request_conformity_check") == []
    desk.do("withdraw_change_report")
    desk.do("report_change", **MOVED)
    desk.do("request_conformity_check")
    assert refused("enter_change") == ["check_under_way"]
    assert refused("request_conformity_check") == []
    # What asked for the check is gone: it leaves the laboratory's desk, which is told.
    undone, before = desk.tx.begin_nested(), desk.case
    desk.do("decline_conformity_check")
    assert desk.case.data["conformity_checks"][0]["dropped"]["cause"] == "declined"
    desk.do("request_conformity_check")
    undone.rollback()
    desk.case = before
    for gone, cause in (("withdraw_change_report", "report_withdrawn"), ("refuse_change", "change_refused")):
        undone, before = desk.tx.begin_nested(), desk.case
        desk.do(gone)
        assert desk.case.data["conformity_checks"][0]["dropped"]["cause"] == cause
        assert desk.outbox()[-1]["data"]["asked"] == ["conformity_check"]
        assert refused("report_conformity") == []
        # The next report asks for nothing by itself, nor does the end of the certificate take a check back.
        desk.do("report_change", **MOVED)
        desk.do("cancel", "restore", "enter_change")
        assert "dropped" in desk.case.data["conformity_checks"][0]
        undone.rollback()
        desk.case = before
    assert refused("report_conformity", on=str(NOW.date() - timedelta(days=1))) == ["outside_period"]
    desk.do("report_conformity", conforms=False)
    assert refused("enter_change") == ["does_not_conform"]
    # Reporting the same places again does not lead past the check; other places have not been checked.
    desk.do("withdraw_change_report")
    assert refused("withdraw_conformity_report") == []
    desk.do("report_change", places_of_manufacture=["吉林省长春市别路1号"])
    undone = desk.tx.begin_nested()
    desk.attempt("enter_change")
    undone.rollback()
    desk.do("withdraw_change_report")
    desk.do("report_change", **MOVED)
    assert refused("enter_change") == ["does_not_conform"]
    undone = desk.tx.begin_nested()
    desk.attempt("set_conformity_check_aside")
    desk.attempt("enter_change")
    undone.rollback()
    desk.do("withdraw_conformity_report")
    photo, record = (desk.upload(kind, "a" * 64, filed=True) for kind in ("custody_photo", "conformity_record"))
    assert refused("report_conformity", report_files=[{"document": photo, "sha256": "a" * 64}]) == ["unknown_document"]
    desk.do("report_conformity", report_files=[{"document": record, "sha256": "a" * 64}])
    desk.do("enter_change")
    (check,) = desk.case.data["conformity_checks"]
    assert [one["document"] for one in check["report"]["report_files"]] == [record]
    assert (check["places"], check["report"]["conforms"]) == (MOVED["places_of_manufacture"], True)


def test_the_office_names_another_laboratory_for_what_is_asked_about_a_certificate(tx: Connection, desk: Desk) -> None:
    def refused(action: str, who: str | None = None, **changes: Any) -> str | list[str]:
        with pytest.raises(Problem) as caught:
            desk.attempt(action, who, **changes)
        return [one.code for one in caught.value.violations] or caught.value.kind

    assert refused("name_laboratory", lab=LAB) == ["unchanged"]
    assert refused("name_laboratory", lab="LAB-99") == ["unknown_laboratory"]
    held = store.get(tx, books.LABORATORIES, "LAB-02", "LAB-02", lock=True)
    today = held.on(NOW.date())
    assert today is not None
    for faulty, code in (
        ({"valid_until": "2013-09-16"}, "not_authorised"),
        ({"interests": [{"code": desk.code, "relation": "控股"}]}, "own_product"),
    ):
        undone = tx.begin_nested()
        content = {**today.content, **faulty}
        said = Said(desk.people["head"], NOW)
        store.write(tx, books.LABORATORIES, "LAB-02", held, ("change", NOW.date(), False, None, content), said)
        assert refused("name_laboratory") == [code]
        undone.rollback()
    desk.do("report_change", **MOVED)
    desk.do("request_conformity_check")
    assert refused("report_conformity", "named") == "not_found"
    # What the first was asked is withdrawn first, and told anew to the other.
    assert refused("name_laboratory") == ["check_under_way"]
    desk.do("withdraw_conformity_check", "name_laboratory", "request_conformity_check")
    assert refused("withdraw_named_laboratory") == "wrong_state"
    lost: tuple[dict[str, Any], ...] = ({"valid_until": "2013-09-16"}, {"scope": []})
    for faults in lost:
        undone = tx.begin_nested()
        content = {**today.content, **faults}
        said = Said(desk.people["head"], NOW)
        store.write(tx, books.LABORATORIES, "LAB-02", held, ("change", NOW.date(), False, None, content), said)
        assert refused("report_conformity", "named") == ["not_authorised"]
        desk.attempt("withdraw_conformity_check")
        assert refused("request_conformity_check") == ["not_authorised"]
        undone.rollback()
    assert refused("report_conformity", "signatory") == refused("decline_conformity_check", "signatory") == "forbidden"
    assert refused("release_archive", "named", disposed="移交") == refused("dispose_of_samples", "named") == "forbidden"
    desk.do("report_conformity", who="named")
    (check,) = desk.case.data["conformity_checks"]
    assert (check["report"]["lab"], check["report"]["lab_name"]) == ("LAB-02", "另一计量院")
    # Whoever is named later, what it said is its own.
    desk.do("name_laboratory", lab=LAB)
    assert "checker" not in desk.case.data
    assert refused("withdraw_conformity_report", "signatory") == "forbidden"
    desk.do("name_laboratory")
    desk.do("withdraw_conformity_report", who="named")
    desk.do("withdraw_conformity_check", "withdraw_change_report")
    # A declared change goes along, and comes back with the name.
    desk.do("withdraw_named_laboratory", "declare_change", "name_laboratory")
    assert desk.outbox()[-1]["type"].endswith("opinion_referred")
    assert refused("assess_change", "signatory") == "forbidden"
    desk.do("assess_change", who="named")
    assert desk.case.data["assessed_changes"][0]["lab"] == "LAB-02"
    desk.do("withdraw_opinion", who="named")
    desk.do("name_laboratory", lab=LAB)
    desk.do("assess_change", who="signatory")
    assert "lab" not in desk.case.data["assessed_changes"][0]


def test_a_laboratory_may_be_named_where_none_evaluated_the_type(tx: Connection) -> None:
    desk = next(one for one in entered(tx, "type_approval") if one.case.state == "effective")
    desk.do("report_change", **MOVED)
    desk.do("declare_change", "name_laboratory")
    desk.do("request_conformity_check")
    desk.do("report_conformity", "assess_change", who="named")
    desk.do("enter_change", "withdraw_named_laboratory")


def test_a_naming_is_taken_back_after_the_certificate_has_ended_too(desk: Desk) -> None:
    """The laboratory would see the case for good; what a restored certificate asks for goes to the one before."""
    desk.do("report_change", **MOVED)
    desk.do("name_laboratory", "declare_change", "request_conformity_check", "revoke")
    assert desk.case.labs == (LAB, "LAB-02")
    desk.do("withdraw_named_laboratory")
    assert desk.case.labs == (LAB, LAB)
    told = desk.outbox()[-1]
    assert (told["type"].rsplit(".", 1)[-1], told["data"]["former"]) == ("laboratory_withdrawn", "LAB-02")
    desk.do("restore")
    assert desk.outbox()[-1]["data"]["asked"] == ["conformity_check", "change_opinion"]
    desk.do("report_conformity", "assess_change")
    assert "lab" not in desk.case.data["conformity_checks"][0]["report"]
    assert "lab" not in desk.case.data["assessed_changes"][0]


def test_what_nobody_is_asked_any_more_once_a_certificate_is_restored_goes_on(tx: Connection) -> None:
    desk = next(one for one in entered(tx, "type_approval") if one.case.state == "effective")
    desk.do("report_change", **MOVED)
    desk.do("name_laboratory", "declare_change", "request_conformity_check")
    desk.do("revoke", "withdraw_named_laboratory", "restore")
    assert desk.case.checker is None
    desk.do("assess_change_by_office", "withdraw_conformity_check", "name_laboratory", "request_conformity_check")
    desk.do("report_conformity", who="named")


def test_orders_stay_until_they_are_lifted_and_the_certificate_stays_in_force(desk: Desk) -> None:
    desk.do("issue_order")
    desk.do("issue_order", measures=["stop_selling", "seal"], act="吉质监封〔2013〕8号")
    number = desk.case.data["certificate"]
    shown = find_certificates(desk.tx, [number], NOW.date())[number]
    assert shown["status"] == "in_force"
    assert [order["measures"] for order in shown["orders"]] == [["stop_making"], ["stop_selling", "seal"]]
    desk.do("lift_order")
    with pytest.raises(Problem) as caught:
        desk.attempt("lift_order")
    assert [one.code for one in caught.value.violations] == ["unknown_order"]
    assert [order["number"] for order in find_certificates(desk.tx, [number], NOW.date())[number]["orders"]] == [2]
    # An order outlasts the certificate: it is lifted after the end too.
    desk.do("cancel")
    desk.do("lift_order", number=2)
    assert "orders" not in find_certificates(desk.tx, [number], NOW.date())[number]
    assert [event["type"] for event in desk.outbox() if "order" in event["type"]] == [
        *("certificate.order_issued", "certificate.order_issued"),
        *("certificate.order_lifted", "certificate.order_lifted"),
    ]


def test_an_error_in_the_document_is_corrected_after_the_end_too_and_it_stays_ended(desk: Desk) -> None:
    newest = "SELECT content FROM issues WHERE case_id = :id AND notice IS NULL ORDER BY issue DESC LIMIT 1"
    desk.do("revoke", "cancel_ended")
    ((ended,),) = desk.rows(newest)
    desk.do("correct_document")
    ((corrected,),) = desk.rows(newest)
    number, new = desk.case.data["certificate"], desk.case.data["changes"][0]["after"]["address"]
    assert (corrected["occasion"]["kind"], corrected["holder"]["address"]) == ("corrected", new)
    assert [corrected[part] for part in ("ended", "cancelled_on")] == [
        ended[part] for part in ("ended", "cancelled_on")
    ]
    assert find_certificates(desk.tx, [number], NOW.date())[number]["status"] == "cancelled"
    desk.do("take_change_back")
    ((back,),) = desk.rows(newest)
    assert (back["holder"], back["ended"]) == (ended["holder"], ended["ended"])
    desk.do("withdraw_cancellation", "restore")
    ((restored,),) = desk.rows(newest)
    assert "ended" not in restored
