"""A type that the national authority abolished ends for every holder: one act of the office ends all its certificates.

Each ends by `abolish_type` like any other, with its own event, message, notice and way back. Done again, the act ends
what is left: a certificate that has ended is none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields
from sqlalchemy import select

from services.instruments import CATEGORY
from services.type_approval.certificate.schemas import TypeAbolition
from services.type_approval.models import certificates
from services.type_approval.procedure import PROCEDURE
from services.type_approval.states import LIVE
from shared.casework import Cause
from shared.casework.engine import apply_to_all
from shared.casework.models import cases
from shared.casework.queries import locked_cases
from shared.http.routes import Call, Reply, Route
from shared.labels import labelled
from shared.problems import Violation
from shared.runtime.time import legal_date
from shared.schemas import Answer, choice, invalid, several, text
from shared.text import Text, comparable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from shared.identity import Actor

ACTION = "abolish_type"
MOST = 200
"""So many certificates are ended by one call; `remaining` says how many another would end."""
ENDS, BARRED, ELSEWHERE, PARTLY, LATER = "ends", "barred", "another_office", "partly", "later"
OUTCOMES = {
    ENDS: Text("废除", "it ends"),
    BARRED: Text("由他人办理", "another person must do it"),
    ELSEWHERE: Text("由其他机关办理", "another office must do it"),
    PARTLY: Text("还有其他型号", "it has other models too"),
    LATER: Text("废除之后批准", "granted later"),
}


class AbolitionOfType(TypeAbolition):
    """型式废除: of all certificates of a kind, or of the models that are named."""

    category = text(maximum=60, metadata=CATEGORY)
    models = several(
        text(maximum=100),
        maximum=100,
        required=False,
        unique_by=(),
        metadata=labelled(
            "型号", "models", hint=Text("不填即该类全部", "all of the kind if not said"), example=["TGT-500Z"]
        ),
    )
    reason = text(maximum=1000, metadata=labelled("理由", "why", example="技术落后，国家已废除该型式"))


class ConcernedCertificate(Answer):
    """所涉证书。 A certificate in force that is of the type, and what becomes of it."""

    certificate = fields.String(required=True, metadata=labelled("证书编号", "its number", example="2013F101-22"))
    application = fields.String(
        required=True, metadata=labelled("申请编号", "number of its case", example="TA-2013-00001")
    )
    holder = fields.String(required=True, metadata=labelled("持证单位", "holder", example="试验衡器有限公司"))
    models = fields.List(
        fields.String(metadata={"example": "ACS-15"}), required=True, metadata=labelled("型号", "its models")
    )
    outcome = choice(*OUTCOMES, metadata=labelled("结果", "what becomes of it", choices=OUTCOMES, example=ENDS))


class AbolitionReport(Answer):
    """型式废除结果。 What ends, or would; done again, it goes on with what remains."""

    items = fields.List(
        fields.Nested(ConcernedCertificate), required=True, metadata=labelled("所涉证书", "certificates concerned")
    )
    ended = fields.Integer(required=True, metadata=labelled("废除件数", "how many end", example=12))
    remaining = fields.Integer(
        required=True, metadata=labelled("未办件数", "how many are left for another call", example=0)
    )


def abolish(call: Call) -> Reply:
    """End them."""
    body, today = call.body(AbolitionOfType()), legal_date(call.now)
    if body["on"] > today:
        reason = Text(
            f"今天是{today}：废除之日起登记", f"today is {today}: register it from the day of the abolition on"
        )
        raise invalid([Violation("on", "outside_period", reason)])
    with call.transaction() as tx:
        found = _concerned(tx, body, call.actor)
        able, remaining = _able(tx, found, call.actor)
        if able:
            content = {"act": body["act"], "on": body["on"].isoformat(), "reason": body["reason"]}
            how: dict[str, Any] = {"actor": call.actor, "now": call.now, "rules": call.rules}
            apply_to_all(tx, PROCEDURE, able, ACTION, content, **how, cause=Cause(call.correlation_id, ""))
    shown = [{name: value for name, value in one.items() if name != "id"} for one in found.values()]
    return Reply({"items": shown, "ended": len(able), "remaining": remaining})


def _concerned(tx: Connection, body: Mapping[str, Any], actor: Actor) -> dict[str, dict[str, Any]]:
    """The certificates in force with a model of the type, by the ids of their cases, each with what stands in the way
    of ending it."""
    named = {comparable(model) for model in body.get("models", ())}
    content = certificates.c.content
    query = (
        select(
            cases.c.id,
            cases.c.number,
            cases.c.office,
            certificates.c.number.label("certificate"),
            certificates.c.granted_on,
            content["holder"]["name"].astext.label("holder"),
            content["lines"].label("lines"),
        )
        .join_from(certificates, cases, cases.c.id == certificates.c.case_id)
        .where(cases.c.state.in_(LIVE), content["category"]["code"].astext == body["category"])
        .order_by(certificates.c.granted_on, certificates.c.number)
    )
    found = {}
    for row in tx.execute(query):
        models = list(dict.fromkeys(line["model"] for line in row.lines))
        of_type = [model for model in models if not named or comparable(model) in named]
        if of_type:
            whole = len(of_type) == len(models)
            found[str(row.id)] = {
                "id": str(row.id),
                "certificate": row.certificate,
                "application": row.number,
                "holder": row.holder,
                "models": models,
                "outcome": _outcome(actor, row.office, row.granted_on, body["on"], whole=whole),
            }
    return found


def _outcome(actor: Actor, office: str, granted_on: date, on: date, *, whole: bool) -> str:
    if granted_on > on:
        return LATER
    if not whole:
        return PARTLY
    return ENDS if actor.acts_for(office) else ELSEWHERE


def _able(tx: Connection, found: dict[str, dict[str, Any]], actor: Actor) -> tuple[list[str], int]:
    """The cases of those that this person ends now, and how many are left; those that another person must end are
    marked."""
    ending = [case for case, one in found.items() if one["outcome"] == ENDS]
    able = []
    for case in locked_cases(tx, ending[:MOST]):
        rows = [row for row in PROCEDURE.rows(case) if row.action == ACTION]
        if rows and PROCEDURE.bars(rows[0], case, actor) is None:
            able.append(case.id)
        else:
            found[case.id]["outcome"] = BARRED
    for left in ending[MOST:]:
        del found[left]
    return able, len(ending[MOST:])


ROUTES = [
    Route(
        "POST",
        "/internal/v1/certificates/abolitions",
        abolish,
        "staff:decider",
        Text("登记型式废除（全部证书）", "End every certificate of an abolished type"),
        takes=AbolitionOfType,
        gives=AbolitionReport,
        problems=("invalid",),
        about=(
            f"逐件登记，每件有自己的事件、通知和文书；每次最多{MOST}件，可重复办理。先以`dry_run=true`试算。"
            f" Each has its own event, message and notice; at most {MOST} a call, and it may be repeated. Try it with"
            " `dry_run=true`."
        ),
    ),
]
