"""Scenarios in which processes crash: at random moments, at the worst moments, and while replicas come and go."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services import SERVICES
from tests.faults.running import Scenario
from tests.faults.witness import NAME as WITNESS

if TYPE_CHECKING:
    from tests.faults.running import Stage

RATE = 150
RELAYS = ("type_approval", "notifications")
CONSUMERS = ("licensing", "notifications", WITNESS)
POINT_SECONDS = 12
ROUNDS = 2
REPLACEMENTS = 10


def at_random(stage: Stage) -> None:
    with stage.load(RATE):
        for _ in range(2):
            for service in stage.chance.sample((*SERVICES, WITNESS), 4):
                stage.world.pause(stage.chance.uniform(0.5, 2.5))
                stage.world.kill(service)
                stage.world.start(service)


def at_a_point(stage: Stage, point: str, services: tuple[str, ...], passes: int, *, http: bool = False) -> None:
    """All the services die at their own n-th pass of the point, come back, and die there again."""
    with stage.load(RATE, http=http):
        for _ in range(ROUNDS):
            for service in services:
                stage.world.kill(service)
                stage.world.start_one(service, fault=f"kill@{point}:{stage.chance.randint(1, passes)}")
            for service in services:
                # Where the load ended first, there is nothing to pass the point with.
                stage.world.killed_itself(service, POINT_SECONDS)
                stage.world.start_if_gone(service)
    for service in services:
        # It may be armed still.
        stage.world.kill(service)
        stage.world.start(service)


def failing_database(stage: Stage) -> None:
    """The database fails a consumer many more times in a row than the broker delivers a message."""
    consumers = ("licensing", "notifications")
    for service in consumers:
        stage.world.kill(service)
        stage.world.start_one(service, fault="fail@after_handling:30")
    with stage.load(RATE):
        pass
    for service in consumers:
        stage.world.wait_handled(service)
        stage.world.kill(service)
        stage.world.start(service)


def replicas(stage: Stage) -> None:
    """A second relay and a second consumer of each kind; one after the other leaves, in order or killed, and another
    comes in its place."""
    world = stage.world
    running = [(service, role, 0) for service in SERVICES for role in ("relay", "consume")]
    for service, role, number in running:
        world.start_one(f"{service}.{role}.{number}", role)
    with stage.load(RATE):
        for number in range(1, REPLACEMENTS + 1):
            world.pause(stage.chance.uniform(0.5, 2))
            service, role, old = running.pop(stage.chance.randrange(len(running)))
            leave = world.kill if stage.chance.random() < 0.5 else world.stop
            leave(f"{service}.{role}.{old}")
            world.start_one(f"{service}.{role}.{number}", role)
            running.append((service, role, number))
    world.stop(*(f"{service}.{role}.{number}" for service, role, number in running))


CRASHES = (
    Scenario("kill -9 at random moments", at_random),
    Scenario("kill -9 before publish", partial(at_a_point, point="before_publish", services=RELAYS, passes=120)),
    Scenario("kill -9 before confirm", partial(at_a_point, point="before_confirm", services=RELAYS, passes=5)),
    Scenario("kill -9 after publish", partial(at_a_point, point="after_publish", services=RELAYS, passes=5)),
    Scenario("kill -9 after handling", partial(at_a_point, point="after_handling", services=CONSUMERS, passes=5)),
    Scenario("kill -9 after commit, before ack", partial(at_a_point, point="before_ack", services=CONSUMERS, passes=5)),
    Scenario(
        "kill -9 after commit, before answer",
        partial(at_a_point, point="before_answer", services=("type_approval",), passes=60, http=True),
    ),
    Scenario("database fails 30 times in a row", failing_database),
    Scenario("replicas come and go", replicas),
)
