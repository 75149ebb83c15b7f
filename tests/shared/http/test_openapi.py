"""An action added to a table appears in the OpenAPI documents without further code."""

from __future__ import annotations

from typing import Any

from shared.http import faces, openapi
from tests.shared.http.trial import AFTER


def paths(face: faces.Face) -> dict[str, Any]:
    return openapi.document(face, [AFTER])["paths"]  # type: ignore[no-any-return]


def test_a_new_action_is_an_operation_with_its_body_its_example_and_its_refusals() -> None:
    document = openapi.document(faces.INTERNAL_FACE, [AFTER])
    operation = document["paths"]["/internal/v1/applications/{ref}/actions/weigh"]["post"]
    assert operation["operationId"] == "applications_weigh"
    assert operation["summary"] == "称量 Weigh"
    assert "staff:examiner" in operation["description"]
    body = document["components"]["schemas"]["WeighContent"]
    assert body["required"] == ["by", "reason"]
    assert document["components"]["examples"]["WeighContent"]["value"] == {"by": "卫考评", "reason": "不在目录内"}
    assert "four_eyes" in operation["responses"]["403"]["$ref"]
    assert {"409", "412", "428"} <= set(operation["responses"])


def test_an_action_stands_on_the_face_of_who_does_it_and_no_other() -> None:
    assert "/v1/applications/{ref}/actions/weigh" not in paths(faces.PUBLIC_FACE)
    assert "/v1/lab/applications/{ref}/actions/weigh" not in paths(faces.LAB_FACE)


def test_a_draft_requires_nothing() -> None:
    schemas = openapi.document(faces.PUBLIC_FACE, [AFTER])["components"]["schemas"]
    assert "required" not in schemas["FormDraft"]
