"""What every service answers of cases and parked events, and what every command may say, for documents and checks."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from shared.casework.decision import Delivery, Review, TimeNotice
from shared.casework.intake import SupplementNotice
from shared.identity import Role
from shared.schemas import Answer, Bilingual, Strict, choice, dated, text

if TYPE_CHECKING:
    from shared.casework import Transition


class NextAction(Answer):
    """Something the caller may do next: POST to `href`, with a `reason` where one is needed."""

    action = fields.String(required=True, metadata={"example": "submit"})
    label = fields.Nested(Bilingual, required=True)
    needs_reason = fields.Boolean(required=True)
    href = fields.String(required=True, metadata={"example": "/v1/applications/TA-2013-00001/actions/submit"})


class Decision(Answer):
    """决定: granted, or refused with reasons, norms and the right to review and suit."""

    outcome = choice("granted", "refused")
    on = fields.Date(required=True)
    reason = fields.String(metadata={"example": None})
    norms = fields.List(fields.String(), metadata={"example": None})
    rights = fields.String(metadata={"example": None})


class Case(Answer):
    """A case as the caller may read it. `version` is its ETag; what it has gathered so far stands beside."""

    id = fields.UUID(required=True)
    number = fields.String(metadata={"description": "申请编号 given when submitted", "example": "TA-2013-00001"})
    procedure = fields.String(required=True)
    state = fields.String(required=True)
    state_name = fields.Nested(Bilingual, required=True)
    version = fields.Integer(required=True, validate=validate.Range(min=1))
    events = fields.Integer(required=True, validate=validate.Range(min=0), metadata={"description": "events told"})
    applicant = fields.String(
        required=True, metadata={"description": "统一社会信用代码 credit code", "example": "91220101MA0Y000086"}
    )
    lab = fields.String(metadata={"description": "受委托技术机构 the laboratory commissioned", "example": "LAB-01"})
    rules = fields.String(metadata={"description": "适用规则 the law it is under", "example": "jilin-2013"})
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    next_actions = fields.List(fields.Nested(NextAction), required=True)
    received_on = fields.Date(metadata={"description": "收件日期"})
    supplement_notice = fields.Nested(dated(SupplementNotice))
    referred_to = fields.String(metadata={"description": "有权机关", "example": None})
    time_notice = fields.Nested(dated(TimeNotice))
    review = fields.Nested(dated(Review))
    decision = fields.Nested(Decision)
    delivery = fields.Nested(dated(Delivery))


class CaseListQuery(Strict):
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=100),
        metadata={"description": "每页条数 how many at most; 50 if not said", "example": 20},
    )
    cursor = fields.UUID(
        metadata={"description": "取自 next taken from `next`", "example": "0197f3a0-0000-7000-8000-000000000001"}
    )


class StaffCaseListQuery(CaseListQuery):
    assignee = text(
        required=False,
        maximum=200,
        metadata={"description": "承办人 only cases of this member of staff (`sub` of their token)", "example": "li"},
    )


@cache
def case_query_of(role: Role, states: tuple[str, ...]) -> type[Schema]:
    """What a list of cases in these states may be asked for. Who handles a case is for the office to ask."""
    asked = StaffCaseListQuery if role is Role.STAFF else CaseListQuery
    state = choice(*states, required=False, metadata={"description": "状态 only cases in this state"})
    return type(asked.__name__, (asked,), {"__module__": asked.__module__, "state": state})


class JournalEntry(Answer):
    """办理记录: what was done, by whom, when and why; `hash` covers it and everything before it."""

    seq = fields.Integer(required=True, validate=validate.Range(min=1))
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True, metadata={"example": "王收件"})
    role = fields.String(required=True, metadata={"example": "staff"})
    action = fields.String(required=True, metadata={"example": "accept"})
    from_ = fields.String(required=True, data_key="from", metadata={"example": "received"})
    to = fields.String(required=True, metadata={"example": "accepted"})
    reason = fields.String(metadata={"example": "材料齐全"})
    data = fields.Dict(required=True, metadata={"description": "as it was sent"})
    hash = fields.String(required=True, metadata={"example": "9f86d081884c7d659a2feaa0c55ad015…"})


class Journal(Answer):
    """All entries, oldest first; `intact` is false if any was changed or left out."""

    items = fields.List(fields.Nested(JournalEntry), required=True)
    intact = fields.Boolean(required=True)


class Said(Strict):
    """What goes with any action, beside its own fields."""

    reason = fields.String(metadata={"description": "理由 why; kept in the journal", "example": None})
    confirmed = fields.List(
        fields.String(), metadata={"description": "已确认的提示 codes of warnings you confirm", "example": None}
    )


@cache
def case_of(schema: type[Schema], procedure: str, states: tuple[str, ...]) -> type[Schema]:
    """`schema`, a Case, with the procedure and the states it can be in."""
    known = {
        "procedure": fields.String(required=True, validate=validate.Equal(procedure), metadata={"example": procedure}),
        "state": choice(*states),
    }
    return type(schema.__name__, (schema,), {"__module__": schema.__module__, "__doc__": schema.__doc__, **known})


def content_of(row: Transition, form: type[Schema]) -> type[Schema]:
    """The whole body of an action: its own fields, a reason, and what is confirmed. A `form` is the permit's own."""
    if "form" not in row.body._declared_fields:  # noqa: SLF001 - no other way
        return _content(row.action, row.body, None, needs_reason=row.needs_reason)
    return _content(row.action, row.body, form, needs_reason=row.needs_reason)


@cache
def _content(action: str, body: type[Schema], form: type[Schema] | None, *, needs_reason: bool) -> type[Schema]:
    own: dict[str, Any] = {"__module__": body.__module__, "__doc__": body.__doc__}
    if form is not None:
        own |= {"form": fields.Nested(form, required=True), "__module__": form.__module__}
    if needs_reason:
        own["reason"] = text(metadata={"description": "理由 why; kept in the journal", "example": "不在目录内"})
    name = "".join(word.capitalize() for word in action.split("_"))
    return type(f"{name}Content", (body, Said), own)
