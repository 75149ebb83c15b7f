"""The laboratory gives a verdict on each technical document; a report waits for them, and passes none that is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, insert

from services.type_approval.evaluation.review import DocumentVerdict
from shared.messaging.envelope import new_id
from shared.problems import Problem
from shared.schemas import load
from shared.testing import WAYS
from shared.uploads.models import uploads
from tests.shared.casework.parts import NOW, Desk

WAY = WAYS["type_approval"]
MANUAL, DRAWINGS = "user_manual", "drawings"
FAULT = {"verdict": "not_conform", "remark": "无封印位置"}


@pytest.fixture
def desk(tx: Connection) -> Desk:
    """A case with a user manual, drawings and more, tested."""
    desk = Desk(tx)
    for kind in (MANUAL, DRAWINGS, "business_licence", "other"):
        made = {
            "id": new_id(),
            "case_id": desk.case.id,
            "kind": kind,
            "name": f"{kind}.pdf",
            "media": "application/pdf",
        }
        more = {"size": 1, "sha256": kind, "added_at": NOW, "added_by": "钱联系"}
        tx.execute(insert(uploads).values(**made, **more))
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
    assert told["data"]["items"][1] == "使用说明书 user manual: 不符合 does not conform (无封印位置)"
    assert refusal(desk, "draft_report") == {"conclusion": "conclusion_contradicts_records"}
    desk.attempt("draft_report", conclusion="fail")
    desk.do("return_report")
    assert refusal(desk, "review_documents", documents=[one(MANUAL)]) == {"documents.0.document": "reviewed_already"}
    desk.do("change_document_review", documents=[one(MANUAL)], reason="已补正")
    assert [each["document"] for each in desk.case.data["document_reviews"]] == [DRAWINGS, MANUAL]
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
