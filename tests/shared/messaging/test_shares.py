"""Processes share the partitions: never two on one, none left over, a dead process's taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.envelope import new_id
from shared.messaging.shares import Share
from tests.drawing import few
from tests.shared.messaging.parts import rows
from tests.support import wait_for

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PARTITIONS = 4


class Member:
    """A process that holds a share, on a session of its own."""

    def __init__(self, engine: Engine, group: str) -> None:
        self._engine = engine
        self.connection: Connection = engine.connect()
        self.pid = self.connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        self.share = Share(self.connection, group, PARTITIONS)

    @property
    def held(self) -> set[int]:
        return self.share.held

    def round(self) -> None:
        self.share.give(self.share.rebalance())

    def leave(self) -> None:
        """As a crash leaves: the session ends, nothing is given back."""
        self.connection.close()
        wait_for(
            lambda: not rows(self._engine, "SELECT 1 FROM pg_stat_activity WHERE pid = :pid", pid=self.pid),
            what="the session to end",
        )


def settle(*members: Member) -> None:
    for _ in range(2):
        for member in members:
            member.round()


def test_one_alone_holds_all(engine: Engine) -> None:
    only = Member(engine, new_id())
    settle(only)
    assert only.held == {0, 1, 2, 3}
    only.leave()


def test_a_second_gets_half_once_the_first_gave_it(engine: Engine) -> None:
    group = new_id()
    first = Member(engine, group)
    settle(first)
    second = Member(engine, group)
    second.round()
    assert second.held == set(), "nothing is taken from who still works on it"
    excess = first.share.rebalance()
    assert len(excess) == 2
    second.round()
    assert second.held == set(), "to be told to give is not to have given"
    first.share.give(excess)
    second.round()
    assert (len(first.held), len(second.held)) == (2, 2)
    assert first.held | second.held == {0, 1, 2, 3}
    first.leave()
    second.leave()


def test_the_share_of_a_dead_one_is_taken_over(engine: Engine) -> None:
    group = new_id()
    first, second = Member(engine, group), Member(engine, group)
    settle(first, second)
    assert len(second.held) == 2
    second.leave()
    settle(first)
    assert first.held == {0, 1, 2, 3}
    first.leave()


def test_who_begins_again_in_the_same_process_is_not_kept_out_by_itself(engine: Engine) -> None:
    group = new_id()
    before = Member(engine, group)
    settle(before)
    with engine.connect(), engine.connect():
        pass
    before.connection.close()
    after = Member(engine, group)
    wait_for(lambda: settle(after) or after.held == {0, 1, 2, 3}, what="the partitions")  # type: ignore[func-returns-value]
    after.leave()


def test_groups_do_not_disturb_each_other(engine: Engine) -> None:
    one, other = Member(engine, new_id()), Member(engine, new_id())
    settle(one, other)
    assert one.held == other.held == {0, 1, 2, 3}
    one.leave()
    other.leave()


@few(15)
@given(st.lists(st.sampled_from(["join", "leave", "round"]), max_size=14), st.randoms(use_true_random=False))
def test_no_partition_has_two_holders_and_in_the_end_each_has_one(
    engine: Engine, script: list[str], random: object
) -> None:
    group = new_id()
    members = [Member(engine, group)]
    choose = random.choice  # type: ignore[attr-defined]
    for move in script:
        if move == "join" and len(members) < 5:
            members.append(Member(engine, group))
        elif move == "leave" and len(members) > 1:
            members.pop(members.index(choose(members))).leave()
        else:
            choose(members).round()
        held = [partition for member in members for partition in member.held]
        assert len(held) == len(set(held))
    settle(*members)
    held = [partition for member in members for partition in member.held]
    assert sorted(held) == [0, 1, 2, 3]
    assert max(len(member.held) for member in members) <= -(-PARTITIONS // len(members))
    for member in members:
        member.leave()
