"""The only code that moves a case. In one transaction: state, role, version, four-eyes and guards are checked; the case
moves; the journal gets its entry and the outbox its event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from shared.casework import rows, summaries
from shared.casework.cases import Case
from shared.casework.facts import FORM
from shared.casework.journal import GENESIS, JournalEntry
from shared.casework.procedure import (
    Cause,
    ConnectedStep,
    Effect,
    Procedure,
    Step,
    Transition,
    answered,
)
from shared.casework.queries import locked_cases, visible_case
from shared.casework.rows import Written, as_json
from shared.casework.sent import Said, sent_with
from shared.identity import SYSTEM
from shared.law import LawError
from shared.law import load as load_rules
from shared.messaging.envelope import Event, new_id
from shared.problems import Problem
from shared.runtime import law_in_use
from shared.runtime.time import legal_date
from shared.schemas import instance, invalid, load
from shared.text import Text, in_each

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from shared.identity import Actor
    from shared.law import RuleSet

CLOCK_FIELDS = (
    *("on", "notice", "working_days", "valid_until", "barred_until", "planned_from", "planned_to"),
    *("request", "deemed", "ground"),
)
"""What an event may tell that moves clocks: days, of which matter, and whether silence or the law brought it about."""


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


@dataclass(frozen=True, slots=True)
class Entering:
    """A case that begins in a later state: what it is, what its journal keeps of that, and the event told of it."""

    number: str
    state: str
    applicant: str
    data: Mapping[str, Any]
    noted: Mapping[str, Any]
    event: str
    told: Mapping[str, Any]


def enter(
    tx: Connection,
    procedure: Procedure,
    entering: Iterable[Entering],
    *,
    action: str,
    rules: RuleSet,
    actor: Actor,
    now: datetime,
    cause: Cause,
) -> list[Case]:
    """New cases, in which nothing was done here yet; their journals call the entry `action`."""
    written = [_entered(procedure, one, action, rules, actor, now, cause) for one in entering]
    rows.create_all(tx, written)
    return [one.case for one in written]


def _entered(
    procedure: Procedure, one: Entering, action: str, rules: RuleSet, actor: Actor, now: datetime, cause: Cause
) -> Written:
    known = {"number": one.number, "state": one.state, "applicant": one.applicant, "rules": rules.name}
    case = _new(procedure, now, done_by={}, data=one.data, **known)
    entry = _entry(case, actor, now, action, case.state, None, one.noted)
    begun = replace(case, entries=1, head=entry.hash)
    told = _told(procedure, begun, one.event, one.told, actor=actor, now=now, cause=cause)
    return told._replace(entries=(entry, *told.entries))


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


def _begin(tx: Connection, case: Case, entry: JournalEntry) -> Case:
    begun = replace(case, entries=1, head=entry.hash)
    rows.create(tx, begun, entry)
    rows.summarise(tx, begun)
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
    (warnings the caller confirms). What the law says is given as Text, and kept and told in each language.
    `versions` are those the caller believes the case to have one of, if they said so.

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
    step, row, effect = _decided(tx, procedure, case, action, content, actor, now, rules, cause)
    written = _moved(step, row, effect)
    rows.move(tx, written)
    return _after(step, effect, written.case, rules)


def apply_to_all(
    tx: Connection,
    procedure: Procedure,
    refs: Sequence[str],
    action: str,
    content: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    rules: RuleSet,
    cause: Cause,
) -> None:
    """Do `action` to each of the cases with these ids, or raise Problem. Each step is decided before any is written."""
    found = locked_cases(tx, refs)
    steps = [_decided(tx, procedure, case, action, content, actor, now, rules, cause) for case in found]
    written = [_moved(*one) for one in steps]
    rows.move_all(tx, written)
    for (step, _, effect), one in zip(steps, written, strict=True):
        _after(step, effect, one.case, rules)


def _decided(
    tx: Connection,
    procedure: Procedure,
    case: Case,
    action: str,
    content: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    rules: RuleSet,
    cause: Cause,
) -> tuple[ConnectedStep, Transition, Effect]:
    """The step, the row that it takes and what comes of it; `case` is locked. Raises Problem."""
    rows_of = procedure.choose(action, case, actor)
    said = {name: told for name, told in content.items() if isinstance(told, Text)}
    raw = {**content, **{name: str(told) for name, told in said.items()}}
    reason, confirmed, body = _read(raw, rows_of[0])
    step = ConnectedStep(
        procedure=procedure,
        case=case,
        body=body,
        raw=raw,
        reason=reason,
        said=said,
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
        row = next(row for row in rows_of if row.when is None or answered(row.when, step))
        violations = answered(row.guard, step) if row.guard is not None else ()
        if violations:
            raise invalid([*violations])
        if row.office is not None:
            step = replace(step, case=replace(case, office=row.office(step)))
        return step, row, row.effect(step)
    except LawError as error:
        # There was no such permit, number or rule on that day: the step cannot be taken then, by anybody.
        raise Problem("invalid", error.told) from None


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
    entry = _entry(case, actor, now, action, case.state, None, data)
    noted = replace(case, entries=case.entries + 1, head=entry.hash, updated_at=now)
    rows.move(tx, Written(noted, (entry,), None))
    return noted


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
    written = _told(procedure, case, kind, data, actor=actor, now=now, cause=cause)
    rows.move(tx, written)
    return written.case


def _told(
    procedure: Procedure, case: Case, kind: str, data: Mapping[str, Any], *, actor: Actor, now: datetime, cause: Cause
) -> Written:
    if kind not in procedure.notices:
        raise ValueError(f"{kind} is not a notice of {procedure.id}")
    told = {"on": legal_date(now).isoformat(), "state": case.state, **data}
    entry = _entry(case, actor, now, kind, case.state, None, data, _kept(kind, told))
    noted = replace(case, entries=case.entries + 1, events=case.events + 1, head=entry.hash, updated_at=now)
    return Written(noted, (entry,), _event(procedure, noted, kind, told, actor=actor, now=now, cause=cause))


def _read(raw: dict[str, Any], row: Transition) -> tuple[str | None, frozenset[str], dict[str, Any]]:
    """The reason and what is confirmed, taken out of what was sent, and the row's own fields of it.

    Raises Problem with every fault at once.
    """
    body = load(instance(sent_with(row.body, needs_reason=row.needs_reason)), raw)
    for name in Said._declared_fields:  # noqa: SLF001 - no other way
        raw.pop(name, None)
    return body.pop("reason", None), frozenset(body.pop("confirmed", ())), body


def _moved(step: Step, row: Transition, effect: Effect) -> Written:
    case, procedure = step.case, step.procedure
    told = {"on": legal_date(step.now).isoformat(), "state": row.target, **step.in_each(effect.event)}
    kept = _kept(row.emits, told) if row.emits else None
    # Who confirmed which warning, and when, stays on record.
    said = {**step.raw, **({"confirmed": sorted(step.confirmed)} if step.confirmed else {}), **effect.noted}
    # What the law says is in each language too; the reason in both has a place of its own.
    said |= {name: one for text in step.said.items() for name, one in in_each(*text).items() if name != "reason"}
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
        head=entry.hash,
        updated_at=step.now,
    )
    event = None
    if row.emits:
        event = _event(procedure, moved, row.emits, told, actor=step.actor, now=step.now, cause=step.cause)
    return Written(moved, (entry,), event)


def _after(step: ConnectedStep, effect: Effect, moved: Case, rules: RuleSet) -> Case:
    """Do what follows from a step beside its case, and the steps that follow it; the case as it is then."""
    if effect.rules:
        law_in_use.note(step.tx, "regime", [(effect.rules, step.procedure.id, legal_date(step.now))])
    if effect.number or not summaries.SOURCES.isdisjoint(effect.data):
        rows.summarise(step.tx, moved)
    for next_ in effect.then:
        after = apply(step.tx, step.procedure, *next_, actor=SYSTEM, now=step.now, rules=rules, cause=step.cause)
        moved = after if after.id == moved.id else moved
    return moved


def _entry(
    case: Case,
    actor: Actor,
    now: datetime,
    action: str,
    target: str,
    reason: str | None,
    data: Mapping[str, Any],
    told: str | None = None,
) -> JournalEntry:
    """The next entry of the case's journal, chained to those before it."""
    entry = JournalEntry(
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
        data=as_json(data),
        told=told,
    )
    return replace(entry, hash=entry.chained_to(case.head))


def _kept(kind: str, told: Mapping[str, Any]) -> str:
    """What the journal keeps of an event: what clocks depend on, no more (see `preview`)."""
    return as_json({"type": kind, **{name: told[name] for name in CLOCK_FIELDS if name in told}})


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
