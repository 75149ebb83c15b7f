"""How a case, and what a step writes of it, is stored: one by one statement, or thousands by a few."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from shared.casework import summaries
from shared.casework.journal import JournalEntry
from shared.casework.models import case_summaries, cases, journal
from shared.messaging import outbox
from shared.sql import Statement, insert_all, update_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.casework.cases import Case
    from shared.messaging.envelope import Event


class Written(NamedTuple):
    """A case as it is after a step, the entries that its journal gets, with their hashes, and the event to be told."""

    case: Case
    entries: Sequence[JournalEntry]
    event: Event | None


def create(tx: Connection, case: Case, entry: JournalEntry) -> None:
    """Store a new case, and the first entry of its journal."""
    _CREATE(tx, **_case_columns(case), **_journal_columns(entry))


def move(tx: Connection, written: Written) -> None:
    """Store a case as it is now, the one entry that its journal gets, and the event that tells of it."""
    (entry,) = written.entries
    outgoing = outbox.row(written.event) if written.event else _NO_EVENT
    MOVE(tx, **_case_columns(written.case), **_journal_columns(entry), **outgoing)


def summarise(tx: Connection, case: Case) -> None:
    """Store what lists show of the case, and what it is found by."""
    summaries.keep(tx, case_summaries, case.id, _summary(case))


def create_all(tx: Connection, written: Sequence[Written]) -> None:
    """Store new cases, summarised, with their journals and events, in so many statements however many there are."""
    insert_all(tx, cases, [_case_row(one.case) for one in written])
    summaries.keep_all(tx, case_summaries, [(one.case.id, _summary(one.case)) for one in written])
    _add(tx, written)


def move_all(tx: Connection, written: Sequence[Written]) -> None:
    """Store cases as they are now, in the same way."""
    update_all(tx, cases, [_case_row(one.case) for one in written])
    _add(tx, written)


def _add(tx: Connection, written: Sequence[Written]) -> None:
    insert_all(tx, journal, [_journal_row(entry) for one in written for entry in one.entries])
    outbox.add(tx, [one.event for one in written if one.event])


def as_json(data: Any) -> str:
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()


def _summary(case: Case) -> summaries.Summary:
    return summaries.of_case(case.number, case.applicant, case.data)


def _case_row(case: Case) -> dict[str, Any]:
    """By column, as data of JSON but for the hash and the times."""
    return {**_case_columns(case), "done_by": case.done_by, "data": case.data}


def _journal_row(entry: JournalEntry) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in fields(JournalEntry)}


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
        "done_by": as_json(case.done_by),
        "data": as_json(case.data),
        "head": case.head,
        "created_at": case.created_at,
        "updated_at": case.updated_at,
        "assignee": case.assignee.subject if case.assignee else None,
        "office": case.office,
    }


def _journal_columns(entry: JournalEntry) -> dict[str, Any]:
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
MOVE = Statement(
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
