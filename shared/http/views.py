"""What every service answers of cases and parked events, and what every command may say, for documents and checks."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from shared.casework.assignment import Person
from shared.casework.decision import Delivery, HearingNotice, Review, TimeNotice
from shared.casework.intake import SupplementNotice
from shared.casework.readers import APPLICANT, EVERYBODY, OFFICE, ONCE_DECIDED, never
from shared.http.paging import AN_ID, Cursor, PageQuery
from shared.identity import Role
from shared.schemas import Answer, Bilingual, Strict, choice, dated, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.casework import Case as StoredCase
    from shared.casework import Name, Transition
    from shared.identity import Actor


class NextAction(Answer):
    """Something the caller may do next: POST to `href`, with a `reason` where one is needed."""

    action = fields.String(required=True, metadata={"example": "submit"})
    label = fields.Nested(Bilingual, required=True)
    needs_reason = fields.Boolean(required=True)
    href = fields.String(required=True, metadata={"example": "/v1/applications/TA-2013-00001/actions/submit"})


class Decision(Answer):
    """决定: granted, or refused with reasons, norms and the right to review and suit."""

    outcome = choice("granted", "deemed_granted", "refused")
    on = fields.Date(required=True)
    reason = fields.String(metadata={"example": None})
    norms = fields.List(fields.String(), metadata={"example": None})
    rights = fields.String(metadata={"example": None})


class Acceptance(Answer):
    """受理; `deemed` by law, since nobody was told by `due_on` what was missing."""

    on = fields.Date(required=True)
    deemed = fields.Boolean(required=True)
    due_on = fields.Date(metadata={"example": None})


class Extension(Answer):
    """延长决定期限, by working days (Administrative Licensing Law Art. 42)."""

    on = fields.Date(required=True)
    working_days = fields.Integer(required=True, metadata={"example": 10})
    reason = fields.String(required=True, metadata={"example": "技术问题复杂"})
    approver = fields.String(required=True, metadata={"example": "郑局长"})


class Hearing(dated(HearingNotice)):  # type: ignore[misc]
    """听证: its notice, the state of the case `from` which it was ordered, and its record once it is closed."""

    from_ = fields.String(required=True, data_key="from", metadata={"example": "reviewed"})
    reason = fields.String(required=True, metadata={"example": "申请人要求听证"})
    record = fields.String(metadata={"description": "笔录编号", "example": "笔录1号"})
    minutes = fields.String(metadata={"description": "笔录", "example": "双方陈述了意见"})
    chair = fields.String(metadata={"description": "主持人", "example": "冯主持"})
    closed_on = fields.Date()


class End(Answer):
    """How a case ended without a decision, or what it led to, and why."""

    ground = fields.String(required=True, metadata={"example": "APPLICANT_GONE"})
    on = fields.Date(required=True)
    reason = fields.String(metadata={"example": "申请人已注销"})
    basis = fields.String(metadata={"description": "依据", "example": "行政许可法第七十条"})


class Bar(Bilingual):
    """Until when the applicant may not apply for the same permit again, and why."""

    ground = fields.String(required=True, metadata={"example": "FALSE_MATERIALS"})
    until = fields.Date(required=True)
    basis = fields.String(required=True, metadata={"example": "Administrative Licensing Law Art. 78"})
    basis_zh = fields.String(required=True, metadata={"example": "行政许可法第七十八条"})


class SentBack(Answer):
    """Why whoever decides wanted the case examined again."""

    on = fields.Date(required=True)
    reason = fields.String(required=True, metadata={"example": "初审意见与目录不符，应委托型式评价"})
    by = fields.String(required=True, metadata={"example": "郑局长"})


class Assignee(Person):
    """承办人. Outside the office a person is known by name."""

    subject = fields.String(metadata={"readers": OFFICE, "example": "li"})


class Standing(Answer):
    """How a clock stands: `budget` in days of its own kind; without `due_on` it does not run."""

    state = fields.String(required=True, metadata={"example": "running"})
    budget = fields.Integer(required=True, metadata={"example": 20})
    due_on = fields.Date()
    provisional = fields.Boolean(metadata={"example": False})


class ClockChange(Bilingual):
    """A clock that a step would change; one that it starts was not before."""

    limit = fields.String(required=True, metadata={"example": "decision"})
    was = fields.Nested(Standing)
    will_be = fields.Nested(Standing, required=True)


class ClockChanges(Answer):
    """Which clocks a dry run would start, move and stop."""

    started = fields.List(fields.Nested(ClockChange), required=True)
    moved = fields.List(fields.Nested(ClockChange), required=True)
    stopped = fields.List(fields.Nested(ClockChange), required=True)


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
    clocks = fields.Nested(ClockChanges, metadata={"description": "only on a dry run", "example": None})


class Gathered(Answer):
    """What a case gathers under either procedure: what each thing is, and under `readers` who reads it beside the
    office. What is not listed here is shown to nobody."""

    received_on = fields.Date(metadata={"readers": EVERYBODY, "description": "收件日期"})
    supplement_notice = fields.Nested(dated(SupplementNotice), metadata={"readers": APPLICANT})
    supplemented_on = fields.Date(metadata={"readers": APPLICANT, "description": "补正日期"})
    referred_to = fields.String(metadata={"readers": APPLICANT, "description": "有权机关", "example": None})
    accepted = fields.Nested(Acceptance, metadata={"readers": EVERYBODY})
    assignee = fields.Nested(Assignee, metadata={"readers": EVERYBODY})
    time_notice = fields.Nested(dated(TimeNotice), metadata={"readers": EVERYBODY})
    extension = fields.Nested(Extension, metadata={"readers": APPLICANT})
    hearing = fields.Nested(Hearing, metadata={"readers": APPLICANT})
    review = fields.Nested(dated(Review), metadata={"readers": ONCE_DECIDED})
    sent_back = fields.Nested(SentBack, metadata={"readers": OFFICE, "example": None})
    decision = fields.Nested(Decision, metadata={"readers": APPLICANT})
    bar = fields.Nested(Bar, metadata={"readers": APPLICANT, "description": "不得再次申请", "example": None})
    delivery = fields.Nested(dated(Delivery), metadata={"readers": APPLICANT})
    end = fields.Nested(End, metadata={"readers": EVERYBODY, "example": None})


def readable(gathered: type[Schema], case: StoredCase, actor: Actor) -> dict[str, Any]:
    """What `actor` reads now of what the case has gathered."""
    found = {}
    for name, since, parts in _parts(gathered, actor.role):
        value = case.data.get(name)
        if value is not None and since(case):
            found[name] = value if parts is None else {key: value[key] for key in parts if key in value}
    return found


_Part = tuple[str, "Callable[[StoredCase], bool]", tuple[str, ...] | None]


@cache
def _parts(gathered: type[Schema], role: Role) -> tuple[_Part, ...]:
    """What the side ever reads: by name, since when, and which parts of it if not the whole."""
    return tuple(
        (name, since, _parts_of(field, role))
        for name, field in gathered._declared_fields.items()  # noqa: SLF001 - no other way
        if (since := field.metadata.get("readers", OFFICE).since(role)) is not never
    )


def _parts_of(field: fields.Field[Any], role: Role) -> tuple[str, ...] | None:
    inner = field.schema.fields if isinstance(field, fields.Nested) else {}
    kept = tuple(
        name for name, part in inner.items() if part.metadata.get("readers", EVERYBODY).since(role) is not never
    )
    return kept if len(kept) < len(inner) else None


_ORDERS: dict[str, list[fields.Field[Any]]] = {
    "created": [AN_ID],
    "number": [text()],
    "updated": [fields.AwareDateTime(), AN_ID],
}
SORTS = tuple(f"{sign}{name}" for name in _ORDERS for sign in ("", "-"))


class CaseListQuery(PageQuery):
    """Of the cases you may see, those for which all that is asked holds."""

    order_by = "sort"

    number = text(
        required=False,
        maximum=60,
        metadata={"description": "申请编号 how the number begins", "example": "TA-2013-"},
    )
    updated_since = fields.AwareDateTime(
        metadata={
            "description": "自此时刻起有变动 changed at this instant or later",
            "example": "2013-09-17T00:00:00+08:00",
        }
    )
    sort = choice(
        *SORTS,
        required=False,
        load_default="created",
        metadata={"description": "排序 with `-` the last first; by `number` only what has one", "example": "-updated"},
    )
    cursor = Cursor({sort: _ORDERS[sort.removeprefix("-")] for sort in SORTS})


class StaffCaseListQuery(CaseListQuery):
    assignee = text(
        required=False,
        maximum=200,
        metadata={"description": "承办人: `me`, `none`, or the `sub` of a token", "example": "me"},
    )
    applicant = text(
        required=False,
        maximum=60,
        metadata={"description": "申请单位统一社会信用代码 credit code", "example": "91220101MA0Y000086"},
    )


@cache
def case_query_of(role: Role, states: tuple[str, ...]) -> type[Schema]:
    """What a list of cases in these states may be asked for. Who applied and who handles a case is for the office to
    ask."""
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
    data = fields.Dict(metadata={"description": "as it was sent; what others said is the office's to read"})
    hash = fields.String(metadata={"description": "for the office", "example": "9f86d081884c7d659a2feaa0c55ad015…"})


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
def case_of(
    gathered: type[Schema],
    role: Role,
    procedure: str,
    states: tuple[tuple[str, Name], ...],
    first: Transition,
    path: str,
) -> type[Schema]:
    """A Case of the procedure, with the states it can be in and what that side ever reads of what it gathers.

    Its example is a case, among those at `path`, in which that side may make its `first` move.
    """
    read = {name for name, *_ in _parts(gathered, role)}
    known = {
        "__module__": gathered.__module__,
        "__doc__": gathered.__doc__,
        "procedure": fields.String(required=True, validate=validate.Equal(procedure), metadata={"example": procedure}),
        "state": choice(*dict(states), metadata={"example": first.source}),
        "shown": _shown(gathered, role, dict(states)[first.source], first, path),
        "Meta": type("Meta", (Case.Meta,), {"exclude": tuple(gathered._declared_fields.keys() - read)}),  # noqa: SLF001
    }
    return type("Case", (gathered, Case), known)


def _shown(gathered: type[Schema], role: Role, state: Name, first: Transition, path: str) -> dict[str, Any]:
    """What of the example does not follow from the fields; what the case has not yet by then is None."""
    later = gathered._declared_fields.keys() - {"form", "received_on"}  # noqa: SLF001 - no other way
    missing = {Role.APPLICANT: ("number", "rules", "lab", "received_on"), Role.STAFF: ("lab",)}.get(role, ())
    ref = "0197f3a0-0000-7000-8000-000000000001" if role is Role.APPLICANT else "TA-2013-00001"
    return {
        **dict.fromkeys((*later, *missing)),
        "state_name": state._asdict(),
        "events": 0 if role is Role.APPLICANT else 1,
        "next_actions": [next_action(first, f"{path}/{ref}")],
    }


def next_action(row: Transition, case: str) -> dict[str, Any]:
    """What the caller may do to the case at the path `case`, as a NextAction."""
    return {
        "action": row.action,
        "label": {"zh": row.name.zh, "en": row.name.en},
        "needs_reason": row.needs_reason,
        "href": f"{case}/actions/{row.action}",
    }


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
    # What goes with any action comes after what is the action's own.
    return type(f"{name}Content", (Said, body), own)
