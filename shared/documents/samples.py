"""Samples 样张: the documents that an action would have made, drawn before it is taken.

They have a watermark, and no seal, QR code or signature. Nothing of them is kept.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from marshmallow import validate

from shared.documents.canonical import canonical
from shared.documents.issues import FIRST_PERMIT_SCHEMA, ordered
from shared.documents.pages import UnprintableError, printer
from shared.documents.typefaces import TypefaceMissingError
from shared.http.cases import FACES
from shared.http.routes import Call, Reply, Route
from shared.identity import Role
from shared.labels import labelled
from shared.problems import Problem, said_by
from shared.schemas import Digits, Strict
from shared.text import Text

if TYPE_CHECKING:
    from shared.http.cases import CaseApi


class SampleQuery(Strict):
    """Which of the documents."""

    document = Digits(
        load_default=1,
        validate=validate.Range(min=1, max=20),
        metadata=labelled("第几份", "its place among `documents` of the dry run", example=1),
    )


def sample_routes(cases: CaseApi) -> list[Route]:
    return [
        Route(
            "POST",
            f"{FACES[Role.STAFF]}/<ref>/samples/<action>",
            partial(_sample, cases),
            Role.STAFF,
            Text("样张", "Draw a document that an action would make"),
            asks=SampleQuery,
            media="application/pdf",
            problems=("wrong_state",),
            about="正文同该操作；不办理、不签名、不保存。 The body is the action's. Nothing is done, signed or kept.",
        )
    ]


def _sample(cases: CaseApi, call: Call) -> Reply:
    content, wanted = call.json, call.asked["document"]
    if not isinstance(content, dict):
        raise Problem("invalid", Text("请发送JSON对象", "send a JSON object"))
    with cases.trial(call, call.params["action"], content) as trial:
        found = ordered(trial.tx, trial.correlation_id)
    if len(found) < wanted:
        told = Text(f"该操作制作{len(found)}份文书", f"the action has {len(found)} documents made")
        raise Problem("not_found", told)
    said, issue = found[wanted - 1]
    data = canonical({"schema": FIRST_PERMIT_SCHEMA, **said, "issue": issue, "sample": True, "preview": True})
    try:
        drawn = printer().draw(data, "")
    except (UnprintableError, TypefaceMissingError) as error:
        told = Text(f"样张暂时无法绘制：{said_by(error).zh}", f"the sample cannot be drawn: {said_by(error).en}")
        raise Problem("unavailable", told) from error
    return Reply(drawn, headers={"Content-Type": "application/pdf", "Cache-Control": "no-store"})
