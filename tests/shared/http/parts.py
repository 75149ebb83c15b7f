"""What a refusal looks like, and a request to refuse."""

from __future__ import annotations

from typing import Any

from shared.testing import Answer, Office, applicant, credit_code, type_approval_form


def refused(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """The problem document, which must be one."""
    assert answer.status == status, answer.body.decode()
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, f"/problems/{code}")
    assert problem["detail"]
    assert problem["correlation_id"] == answer.headers["X-Request-Id"]
    return problem


def draft(office: Office, **changes: Any) -> Answer:
    code = credit_code()
    return office.caller("type_approval", applicant(code)).post("/v1/applications", type_approval_form(code, **changes))
