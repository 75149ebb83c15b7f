"""The journal is append-only, and every change to it is detected."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared.casework import journal_of, note
from shared.casework.journal import GENESIS, JournalEntry, first_broken
from shared.identity import SYSTEM
from tests.shared.casework.parts import NOW, Desk
from tests.support import WAYS

if TYPE_CHECKING:
    from sqlalchemy import Connection

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@st.composite
def chains(draw: st.DrawFn) -> list[JournalEntry]:
    """A journal as the engine writes it."""
    previous, entries = GENESIS, []
    for seq in range(1, draw(st.integers(1, 6)) + 1):
        entry = JournalEntry(
            case_id="01890000-0000-7000-8000-000000000000",
            seq=seq,
            at=datetime(2013, 9, 17, tzinfo=UTC) + timedelta(seconds=draw(st.integers(0, 10**6))),
            actor=draw(words),
            actor_name=draw(words),
            role="staff",
            action=draw(words),
            from_state=draw(words),
            to_state=draw(words),
            reason=draw(st.none() | words),
            data=draw(words),
        )
        previous = entry.chained_to(previous)
        entries.append(replace(entry, hash=previous))
    return entries


@given(chains())
def test_a_chain_that_nobody_touched_is_whole(chain: list[JournalEntry]) -> None:
    assert first_broken(chain) is None


@given(chains(), st.data())
def test_any_changed_field_of_any_entry_is_found(chain: list[JournalEntry], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(chain) - 1))
    name = data.draw(st.sampled_from([field.name for field in fields(JournalEntry)]))
    old = getattr(chain[index], name)
    kinds: dict[type, Any] = {
        int: st.integers(0, 99),
        datetime: st.just(NOW),
        bytes: st.binary(min_size=32, max_size=32),
    }
    new = data.draw(kinds.get(type(old), words).filter(lambda value: value != old))
    chain[index] = replace(chain[index], **{name: new})
    broken = first_broken(chain)
    assert broken is not None
    assert broken >= 1


@given(chains(), st.data())
def test_an_entry_left_out_or_moved_is_found(chain: list[JournalEntry], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(chain) - 1))
    moved = chain.pop(index)
    if index < len(chain):
        assert first_broken(chain) == index + 1
        chain.append(moved)
        assert first_broken(chain) == index + 1


def test_the_journal_of_a_whole_procedure_is_chained_to_the_head_of_its_case(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAYS["type_approval"])
    entries = journal_of(tx, desk.case)
    assert first_broken(entries) is None
    assert len(entries) == desk.case.entries
    assert entries[-1].hash == desk.case.head


def test_a_note_is_an_entry_of_the_same_chain_that_moves_nothing(tx: Connection) -> None:
    desk = Desk(tx)
    before = desk.do("submit")
    noted = note(tx, before, "clock.breached", {"limit": "intake"}, actor=SYSTEM, now=NOW)
    assert (noted.state, noted.version, noted.events) == (before.state, before.version, before.events)
    desk.do("accept")
    entries = journal_of(tx, desk.case)
    assert [entry.action for entry in entries] == ["create", "submit", "clock.breached", "accept"]
    assert first_broken(entries) is None


@pytest.mark.parametrize("statement", ["UPDATE journal SET reason = 'x'", "DELETE FROM journal", "TRUNCATE journal"])
def test_the_database_refuses_to_change_the_journal(tx: Connection, statement: str) -> None:
    Desk(tx)
    with pytest.raises(DBAPIError, match="append-only"):
        tx.execute(text(statement))


def test_an_entry_has_one_place(tx: Connection) -> None:
    desk = Desk(tx)
    columns = "at, actor, actor_name, role, action, from_state, to_state, reason, data, hash"
    with pytest.raises(IntegrityError):
        desk.rows(f"INSERT INTO journal SELECT case_id, seq, {columns} FROM journal WHERE case_id = :id")


@pytest.mark.parametrize("examined", ["review", "reject_preliminarily"])
@pytest.mark.parametrize("decided", ["grant", "refuse"])
def test_the_database_refuses_an_examiner_who_decides(tx: Connection, examined: str, decided: str) -> None:
    desk = Desk(tx)
    change = text("UPDATE cases SET done_by = CAST(:done_by AS jsonb) WHERE id = :id")
    tx.execute(change, {"id": desk.case.id, "done_by": json.dumps({examined: "a", decided: "b"})})
    with pytest.raises(IntegrityError, match="cases_decider_is_not_examiner"):
        tx.execute(change, {"id": desk.case.id, "done_by": json.dumps({examined: "a", decided: "a"})})


def test_the_database_refuses_a_submitted_case_without_a_number(tx: Connection) -> None:
    desk = Desk(tx)
    with pytest.raises(IntegrityError, match="cases_number_when_submitted"):
        tx.execute(text("UPDATE cases SET state = 'received' WHERE id = :id"), {"id": desk.case.id})
