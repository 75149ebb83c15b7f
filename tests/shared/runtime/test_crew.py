"""The crew of background workers: bounded concurrency, failures, and a clean end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eventlet
import pytest

from shared.runtime.crew import Crew

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def crew() -> Iterator[Crew]:
    found = Crew(size=2)
    found.setup()
    yield found
    found.stop()


def turn() -> None:
    """Let the hands do what can be done without time passing."""
    for _ in range(50):
        eventlet.sleep(0)


def test_work_is_done_until_there_is_none_by_so_many_hands_at_once(crew: Crew) -> None:
    waiting, at_once, most = [None] * 7, 0, 0

    def step() -> bool:
        nonlocal at_once, most
        if not waiting:
            return False
        waiting.pop()
        at_once += 1
        most = max(most, at_once)
        eventlet.sleep(0)
        at_once -= 1
        return True

    crew.work(5, step)
    assert crew.free == 0
    crew.work(1, step)
    turn()
    assert (waiting, most, crew.free) == ([], 2, 2)


def test_what_fails_frees_its_hands(crew: Crew) -> None:
    def fail() -> bool:
        raise ValueError("no good")

    crew.work(2, fail)
    turn()
    assert crew.free == 2


def test_at_the_end_what_is_in_hand_is_finished_and_nothing_new_begun(crew: Crew) -> None:
    done: list[str] = []

    def step() -> bool:
        eventlet.sleep(0.01)
        done.append("one")
        return True

    crew.work(2, step)
    turn()
    crew.stop()
    assert done == ["one", "one"]
    crew.work(1, step)
    turn()
    assert done == ["one", "one"]
