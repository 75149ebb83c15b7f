"""The laboratory gives a verdict on each technical document; a report waits for them, and passes none that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.type_approval.evaluation.review import corrected
from services.type_approval.evaluation.schemas import DocumentVerdict
from shared.problems import Problem
from shared.schemas import load
from tests.shared.casework.parts import Desk
from tests.shared.uploads.files import pdf
from tests.support import WAYS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.support import Office

WAY = WAYS["type_approval"]
MANUAL, DRAWINGS = "user_manual", "drawings"
FAULT = {"verdict": "not_conform", "remark": "无封印位置"}


@pytest.fixture
def desk(tx: Connection) -> Desk:
    """A case with a user manual, drawings and more, tested."""
    desk = Desk(tx)
    for kind in (MANUAL, DRAWINGS, "business_licence", "other"):
        desk.upload(kind)
    desk.do(*WAY[:7])
    return desk


def one(document: str, **more: str) -> dict[str, str]:
    return {"document": document, "verdict": "conform", **more}


def refusal(desk: Desk, action: str, **content: Any) -> dict[str, str]:
    with pytest.raises(Problem) as caught:
        desk.attempt(action, **content)
    return {violation.name: violation.code for violation in caught.value.violations}


def test_each_document_of_the_application_has_a_verdict_before_there_is_a_report(desk: Desk) -> None:
    assert refusal(desk, "draft_report") == dict.fromkeys(
        (f"documents.{MANUAL}", f"documents.{DRAWINGS}"), "not_reviewed"
    )
    desk.do("review_documents", documents=[one(MANUAL)])
    assert refusal(desk, "draft_report", conclusion="fail") == {f"documents.{DRAWINGS}": "not_reviewed"}
    desk.do("review_documents", documents=[one(DRAWINGS, verdict="not_applicable", remark="软件产品")])
    assert [(each["document"], each["name"]["zh"], each["by"]) for each in desk.case.data["document_reviews"]] == [
        (MANUAL, "使用说明书", desk.people["tester"].name),
        (DRAWINGS, "总装图、电路图和主要零部件图", desk.people["tester"].name),
    ]
    desk.do(*WAY[7:])


def test_with_a_document_that_does_not_conform_the_report_says_fail_until_it_is_mended(desk: Desk) -> None:
    desk.do("review_documents", documents=[one(DRAWINGS), one(MANUAL, **FAULT)])
    told = desk.outbox()[-1]
    assert told["type"].endswith("documents.faulted")
    assert told["data"]["items_zh"][1] == "使用说明书：不符合（无封印位置）"
    assert told["data"]["items_en"][1] == "user manual: does not conform (无封印位置)"
    assert told["data"]["items"][1] == "使用说明书：不符合（无封印位置） user manual: does not conform (无封印位置)"
    assert refusal(desk, "draft_report") == {"conclusion": "conclusion_contradicts_records"}
    desk.attempt("draft_report", conclusion="fail")
    desk.do("return_report")
    assert refusal(desk, "review_documents", documents=[one(MANUAL)]) == {"documents.0.document": "reviewed_already"}
    desk.do("change_document_review", documents=[one(MANUAL)], reason="已补正")
    assert [each["document"] for each in desk.case.data["document_reviews"]] == [DRAWINGS, MANUAL]
    desk.do("draft_report")


def test_the_applicant_sends_a_new_version_of_a_faulty_document_and_the_laboratory_reviews_that(desk: Desk) -> None:
    desk.do("review_documents", documents=[one(DRAWINGS), one(MANUAL, **FAULT)])
    assert [each["versions"] for each in desk.case.data["document_reviews"]] == [[DRAWINGS], [MANUAL]]
    assert corrected(desk.case) == {MANUAL}
    assert refusal(desk, "correct_documents") == {"documents": "unchanged"}
    [(old,)] = desk.rows("SELECT id::text FROM uploads WHERE case_id = CAST(:id AS uuid) AND kind = 'user_manual'")
    desk.upload(MANUAL, "mended", replacing=old)
    # Until it is submitted, it is the applicant's own.
    assert refusal(desk, "draft_report") == {"conclusion": "conclusion_contradicts_records"}
    desk.do("correct_documents")
    told = desk.outbox()[-1]["data"]
    assert (told["items_zh"], told["items_en"]) == (["使用说明书：user_manual.pdf"], ["user manual: user_manual.pdf"])
    assert refusal(desk, "draft_report", conclusion="fail") == {f"documents.{MANUAL}": "not_reviewed"}
    desk.do("review_documents", documents=[one(MANUAL)])
    assert [each["versions"] for each in desk.case.data["document_reviews"]] == [[DRAWINGS], ["mended"]]
    assert corrected(desk.case) == frozenset()
    desk.do("draft_report")


def test_only_documents_of_the_case_that_laboratories_read_are_reviewed(desk: Desk) -> None:
    named = [one(MANUAL), one("business_licence"), one("custody_photo")]
    assert refusal(desk, "review_documents", documents=named) == {
        "documents.1.document": "unknown_document",
        "documents.2.document": "unknown_document",
    }
    desk.do("review_documents", documents=[one(MANUAL)])
    assert refusal(desk, "change_document_review", documents=[one(DRAWINGS)]) == {
        "documents.0.document": "not_reviewed"
    }


def test_what_does_not_conform_says_why() -> None:
    with pytest.raises(Problem) as caught:
        load(DocumentVerdict(), one(MANUAL, verdict="not_conform"))
    assert [each.name for each in caught.value.violations] == ["remark"]


def test_a_cancelled_receipt_takes_the_review_with_it(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:6], "review_documents", "cancel_receipt")
    assert "document_reviews" not in desk.case.data


def test_what_is_corrected_takes_its_place_beside_the_earlier_version_which_stays_readable(office: Office) -> None:
    case = office.case("type_approval")
    mine, theirs = case.caller("applicant"), case.caller("tester")
    path, name = f"{case.path('applicant')}/documents", {"Content_Type": "application/pdf"}
    sent = {
        kind: mine.send("POST", f"{path}?kind={kind}&name=a.pdf", pdf(kind.encode()), **name)
        for kind in (MANUAL, DRAWINGS)
    }
    case.until("receive_samples")
    assert mine.get(path).json["open"] is False
    case.do("review_documents", documents=[one(MANUAL, **FAULT), one(DRAWINGS)])
    told = mine.get(path).json
    assert (told["open"], told["open_kinds"]) == (True, [MANUAL])
    old = sent[MANUAL].json
    assert mine.send("PUT", f"{sent[DRAWINGS].json['href']}?name=b.pdf", pdf(b"2"), **name).status == 409
    newer = mine.send("PUT", f"{old['href']}?name=b.pdf", pdf(b"2"), **name)
    assert (newer.status, newer.json["replaces"]) == (201, old["id"])

    def seen() -> list[str]:
        listed = theirs.get(f"{case.path('tester')}/documents").json["items"]
        return [each["id"] for each in listed if each["kind"] == MANUAL]

    assert seen() == [old["id"]]
    case.do("correct_documents")
    assert seen() == [old["id"], newer.json["id"]]
    assert theirs.get(f"{case.path('tester')}/documents/{old['id']}").body == pdf(MANUAL.encode())
    reviewed = case.do("review_documents", documents=[one(MANUAL)])
    assert [each["versions"] for each in reviewed["document_reviews"] if each["document"] == MANUAL] == [
        [newer.json["sha256"]]
    ]
    assert mine.get(path).json["open"] is False
