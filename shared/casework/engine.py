"""The only code that moves a case. In one transaction: state, role, version, four-eyes and guards are checked; the case
moves; the journal gets its entry and the outbox its event.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from shared.casework import summaries
from shared.casework.cases import Case
from shared.casework.facts import FORM
from shared.casework.journal import GENESIS, Entry
from shared.casework.models import case_summaries
from shared.casework.procedure import Cause, Effect, Procedure, Said, Step, Transition, sent_with
from shared.casework.queries import visible_case
from shared.identity import SYSTEM
from shared.law import LawError
from shared.law import load as load_rules
from shared.messaging import outbox
from shared.messaging.envelope import Event, new_id
from shared.problems import Problem
from shared.runtime import law_in_use
from shared.runtime.time import legal_date
from shared.schemas import instance, invalid, load
from shared.sql import Statement
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from shared.identity import Actor
    from shared.law import RuleSet

CLOCK_FIELDS = ("on", "notice", "working_days", "valid_until", "barred_until", "deemed", "ground")
"""What an event may tell that moves clocks: days, and whether silence or the law brought it about."""


def create(
    tx: Connection,
    procedure: Procedure,
    actor: Actor,
    now: datetime,
    form: Mapping[str, Any],
) -> Case:
    """A new draft of the actor's organisation. Tells no event: a draft is nobody else's business."""
    drafted = {"number": None, "state": procedure.initial, "applicant": actor.organisation, "rules": None}
    case = _new(procedure, now, done_by={"create": actor.subject}, data=FORM.set(form), **drafted)
    return _begin(tx, case, _entry(case, actor, now, "create", case.state, None, form))


def enter(
    tx: Connection,
    procedure: Procedure,
    actor: Actor,
    now: datetime,
    *,
    action: str,
    number: str,
    state: str,
    applicant: str,
    rules: str,
    data: Mapping[str, Any],
    noted: Mapping[str, Any],
) -> Case:
    """A case that begins in a later state, which the journal calls `action` and of which it keeps what is `noted`."""
    known = {"number": number, "state": state, "applicant": applicant, "rules": rules}
    case = _new(procedure, now, done_by={}, data=data, **known)
    return _begin(tx, case, _entry(case, actor, now, action, state, None, noted))


def _new(procedure: Procedure, now: datetime, **more: Any) -> Case:
    return Case(
        id=new_id(),
        procedure=procedure.id,
        version=1,
        entries=0,
        events=0,
        lab=None,
        head=GENESIS,
        created_at=now,
        updated_at=now,
        **more,
    )


def _begin(tx: Connection, case: Case, entry: Entry) -> Case:
    begun = replace(case, entries=1, head=entry.chained_to(case.head))
    _CREATE(tx, **_case_columns(begun), **_journal_columns(entry))
    _summarise(tx, begun)
    return begun


def apply(
    tx: Connection,
    procedure: Procedure,
    ref: str,
    action: str,
    content: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    rules: RuleSet,
    cause: Cause,
    versions: Collection[int] | None = None,
) -> Case:
    """Do `action` to the case called `ref`; the case as it is then.

    `content` is what was sent with it: the action's own fields, and beside them `reason` (a text) and `confirmed`
    (warnings the caller confirms). `versions` are those the caller believes the case to have one of, if they said so.

    Raises Problem; the caller then undoes the transaction, or the savepoint it had set before.
    """
    case = visible_case(tx, ref, actor, lock=True)
    if versions is not None and case.version not in versions:
        sent = ", ".join(map(str, sorted(versions)))
        raise Problem(
            "stale",
            Text(
                f"案件现为第{case.version}版，您发送的是第{sent}版：请重新读取后再决定",
                f"the case is at version {case.version}, you sent {sent}: read it again, then decide again",
            ),
            extra={"version": case.version},
        )
    rows = procedure.choose(action, case, actor)
    raw = dict(content)
    reason, confirmed, body = _read(raw, rows[0])
    step = Step(
        procedure=procedure,
        case=case,
        body=body,
        raw=raw,
        reason=reason,
        confirmed=confirmed,
        actor=actor,
        now=now,
        rules=law_of(case, rules),
        tx=tx,
        cause=cause,
    )
    try:
        # Whatever is done is done under a law of that day; an event of a day without one could not be taken in.
        step.rules.regime(procedure.id, step.today)
        row = next(row for row in rows if row.when is None or row.when(step))
        if row.guard is not None and (violations := list(row.guard(step))):
            raise invalid(violations)
        if row.office is not None:
            step = replace(step, case=replace(case, office=row.office(step)))
        effect = row.effect(step)
    except LawError as error:
        # There was no such permit, number or rule on that day: the step cannot be taken then, by anybody.
        raise Problem("invalid", str(error)) from None
    moved = _write(procedure, step, row, effect)
    for next_ in effect.then:
        after = apply(tx, procedure, *next_, actor=SYSTEM, now=now, rules=rules, cause=cause)
        moved = after if after.id == case.id else moved
    return moved


def law_of(case: Case, rules: RuleSet) -> RuleSet:
    """What a case was received under it is decided under, whatever set `rules` this deployment runs by now."""
    return rules if case.rules in (None, rules.name) else load_rules(case.rules)


def note(
    tx: Connection,
    case: Case,
    action: str,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Case:
    """Put an entry into the journal of a case that stays where it is; `case` must be locked."""
    return _note(tx, case, _entry(case, actor, now, action, case.state, None, data), now, None)


def tell(
    tx: Connection,
    procedure: Procedure,
    case: Case,
    kind: str,
    data: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    cause: Cause,
) -> Case:
    """The same, and tell the event `kind`, one of the procedure's notices. The version stays: no caller's is stale."""
    if kind not in procedure.notices:
        raise ValueError(f"{kind} is no notice of {procedure.id}")
    told = {"on": legal_date(now).isoformat(), "state": case.state, **data}
    entry = _entry(case, actor, now, kind, case.state, None, data, _kept(kind, told))
    event = _event(procedure, replace(case, events=case.events + 1), kind, told, actor=actor, now=now, cause=cause)
    return _note(tx, case, entry, now, event)


def _note(tx: Connection, case: Case, entry: Entry, now: datetime, event: Event | None) -> Case:
    noted = replace(
        case,
        entries=case.entries + 1,
        events=case.events + (1 if event else 0),
        head=entry.chained_to(case.head),
        updated_at=now,
    )
    outgoing = outbox.row(event) if event else _NO_EVENT
    _MOVE(tx, **_case_columns(noted), **_journal_columns(entry), **outgoing)
    return noted


def _read(raw: dict[str, Any], row: Transition) -> tuple[str | None, frozenset[str], dict[str, Any]]:
    """The reason and what is confirmed, taken out of what was sent, and the row's own fields of it.

    Raises Problem with every fault at once.
    """
    body = load(instance(sent_with(row.body, needs_reason=row.needs_reason)), raw)
    for name in Said._declared_fields:  # noqa: SLF001 - no other way
        raw.pop(name, None)
    return body.pop("reason", None), frozenset(body.pop("confirmed", ())), body


def _write(procedure: Procedure, step: Step, row: Transition, effect: Effect) -> Case:
    case = step.case
    told = {"on": legal_date(step.now).isoformat(), "state": row.target, **effect.event}
    kept = _kept(row.emits, told) if row.emits else None
    # Who confirmed which warning, and when, stays on record.
    said = {**step.raw, **({"confirmed": sorted(step.confirmed)} if step.confirmed else {}), **effect.noted}
    entry = _entry(case, step.actor, step.now, row.action, row.target, step.reason, said, kept)
    moved = replace(
        case,
        number=effect.number or case.number,
        state=row.target,
        version=case.version + 1,
        entries=case.entries + 1,
        events=case.events + (1 if row.emits else 0),
        lab=case.lab if effect.lab is None else effect.lab or None,
        office=effect.office or case.office,
        rules=effect.rules or case.rules,
        done_by={**case.done_by, row.action: step.actor.subject},
        data={name: value for name, value in {**case.data, **effect.data}.items() if value is not None},
        head=entry.chained_to(case.head),
        updated_at=step.now,
    )
    outgoing = _NO_EVENT
    if row.emits:
        event = _event(procedure, moved, row.emits, told, actor=step.actor, now=step.now, cause=step.cause)
        outgoing = outbox.row(event)
    if effect.rules:
        law_in_use.note(step.tx, "regime", [(effect.rules, procedure.id, legal_date(step.now))])
    _MOVE(step.tx, **_case_columns(moved), **_journal_columns(entry), **outgoing)
    if effect.number or not summaries.SOURCES.isdisjoint(effect.data):
        _summarise(step.tx, moved)
    return moved


def _summarise(tx: Connection, case: Case) -> None:
    summaries.keep(tx, case_summaries, case.id, summaries.of_case(case.number, case.applicant, case.data))


def _entry(
    case: Case,
    actor: Actor,
    now: datetime,
    action: str,
    target: str,
    reason: str | None,
    data: Mapping[str, Any],
    told: str | None = None,
) -> Entry:
    return Entry(
        case_id=case.id,
        seq=case.entries + 1,
        at=now,
        actor=actor.subject,
        actor_name=actor.name,
        role=str(actor.role),
        action=action,
        from_state=case.state,
        to_state=target,
        reason=reason,
        data=_json(data),
        told=told,
    )


def _kept(kind: str, told: Mapping[str, Any]) -> str:
    """What the journal keeps of an event: what clocks depend on, no more (see `preview`)."""
    return _json({"type": kind, **{name: told[name] for name in CLOCK_FIELDS if name in told}})


def _event(
    procedure: Procedure,
    case: Case,
    kind: str,
    told: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    cause: Cause,
) -> Event:
    """The newest event of the case, which is as after it."""
    return Event(
        id=new_id(),
        source=procedure.source,
        type=kind,
        version=procedure.versions.get(kind, 1),
        subject=case.ref,
        time=now,
        actor=actor.subject,
        case_id=case.id,
        case_seq=case.events,
        correlation_id=cause.correlation_id,
        causation_id=cause.causation_id,
        data=told,
    )


_JOURNAL = (
    "INSERT INTO journal (case_id, seq, at, actor, actor_name, role, action, from_state, to_state, reason, data, hash,"
    " told) VALUES (:id, :entries, :at, :actor, :actor_name, :role, :action, :from_state, :state, :reason, :entry,"
    " :head, :told)"
)

_CREATE = Statement(
    "case_create",
    "WITH made AS (INSERT INTO cases (id, number, procedure, state, version, entries, events, applicant, lab, rules,"
    " done_by, data, head, created_at, updated_at, office) VALUES (:id, :number, :procedure, :state, :version,"
    " :entries, :events, :applicant, :lab, :rules, CAST(:done_by AS jsonb), CAST(:data AS jsonb), :head, :created_at,"
    " :updated_at, :office))"
    f" {_JOURNAL}",
)

# One statement for the three rows a step writes: a round trip costs more than what PostgreSQL does in it.
_MOVE = Statement(
    "case_move",
    "WITH moved AS (UPDATE cases SET number = :number, state = :state, version = :version, entries = :entries,"
    " events = :events, lab = :lab, rules = :rules, done_by = CAST(:done_by AS jsonb), data = CAST(:data AS jsonb),"
    " head = :head, updated_at = :updated_at, assignee = :assignee, office = :office WHERE id = :id),"
    f" noted AS ({_JOURNAL})"
    " INSERT INTO outbox (partition, routing_key, event_id, body)"
    " SELECT CAST(:partition AS smallint), CAST(:routing_key AS text), CAST(:event_id AS uuid),"
    " CAST(:event_body AS text) WHERE CAST(:event_id AS uuid) IS NOT NULL",
)

_NO_EVENT: dict[str, Any] = {"partition": 0, "routing_key": "", "event_id": None, "event_body": ""}


def _case_columns(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.number,
        "procedure": case.procedure,
        "state": case.state,
        "version": case.version,
        "entries": case.entries,
        "events": case.events,
        "applicant": case.applicant,
        "lab": case.lab,
        "rules": case.rules,
        "done_by": _json(case.done_by),
        "data": _json(case.data),
        "head": case.head,
        "created_at": case.created_at,
        "updated_at": case.updated_at,
        "assignee": case.assignee.subject if case.assignee else None,
        "office": case.office,
    }


def _journal_columns(entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "actor": entry.actor,
        "actor_name": entry.actor_name,
        "role": entry.role,
        "action": entry.action,
        "from_state": entry.from_state,
        "reason": entry.reason,
        "entry": entry.data,
        "told": entry.told,
    }


def _json(data: Any) -> str:
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
