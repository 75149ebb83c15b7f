"""Parked events are listed, retried, or discarded with a reason; both are logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.messaging.inbox import take
from shared.messaging.parked import discard, get_parked, list_parked, redrive
from shared.problems import Problem
from tests.shared.messaging.parts import Handler, attempt_all, effects, give, rows, story

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.messaging.envelope import Event


@pytest.fixture
def parked(engine: Engine) -> list[Event]:
    """The events of a case whose second is parked; the third waits behind it."""
    rows(engine, "TRUNCATE parked_log")
    events = story(3)
    handler = Handler(events[1])
    give(engine, handler, *events)
    attempt_all(engine, handler)
    return events


def only(engine: Engine) -> int:
    with engine.connect() as tx:
        (event,) = list_parked(tx)
    return int(event["id"])


def test_a_parked_event_is_shown_with_its_error_and_its_bytes(engine: Engine, parked: list[Event]) -> None:
    with engine.connect() as tx:
        shown = get_parked(tx, only(engine))
    assert (shown["subject"], shown["case_seq"]) == (parked[1].subject, 2)
    assert "cannot digest 2" in shown["error"]
    assert shown["body"] == parked[1].encode()


def test_a_redriven_event_takes_effect_and_those_behind_it_follow(engine: Engine, parked: list[Event]) -> None:
    with engine.begin() as tx:
        assert redrive(tx, "li", held_id=only(engine)) == 1
    attempt_all(engine, Handler())
    assert effects(engine) == {(parked[0].source, parked[0].case_id): [1, 2, 3]}
    assert rows(engine, "SELECT action, actor, case_seq FROM parked_log") == [("redriven", "li", 2)]


@pytest.mark.parametrize(("subject", "tried"), [("mine", 1), ("X-none", 0), (None, 1)])
def test_all_of_a_case_or_all_are_redriven_at_once(
    engine: Engine, parked: list[Event], subject: str | None, tried: int
) -> None:
    with engine.begin() as tx:
        assert redrive(tx, "li", subject=parked[0].subject if subject == "mine" else subject) == tried


def test_a_discarded_event_never_takes_effect_and_those_behind_it_follow(engine: Engine, parked: list[Event]) -> None:
    with engine.begin() as tx:
        discard(tx, "li", only(engine), "sent by mistake")
    attempt_all(engine, Handler())
    assert effects(engine) == {(parked[0].source, parked[0].case_id): [1, 3]}
    assert rows(engine, "SELECT action, actor, reason, case_seq FROM parked_log") == [
        ("discarded", "li", "sent by mistake", 2)
    ]
    give(engine, Handler(), *parked)
    assert effects(engine) == {(parked[0].source, parked[0].case_id): [1, 3]}, "it stays given up when it comes again"


def test_bytes_that_are_no_text_are_shown_and_can_only_be_discarded(engine: Engine) -> None:
    take(engine, Handler(), [b"\xff\xfe{"])
    held_id = only(engine)
    with engine.begin() as tx:
        assert get_parked(tx, held_id)["body"].endswith("{")
        assert redrive(tx, "li") == 0
        discard(tx, "li", held_id, "noise")
    with engine.connect() as tx:
        assert list_parked(tx) == []


def test_what_is_not_parked_cannot_be_discarded(engine: Engine) -> None:
    with engine.begin() as tx, pytest.raises(Problem, match="not_found"):
        discard(tx, "li", 0, "no reason")
