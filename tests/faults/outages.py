"""Scenarios in which the broker, the database or the network between them fails."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.faults.proxy import Proxy
from tests.faults.running import Scenario
from tests.faults.verdict import Quiet
from tests.faults.world import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.running import Stage
    from tests.faults.servers import PrivateServers

RATE = 120
NOTICE_SECONDS = 120
"""Two missed heartbeats of 30 s, at most, and what it takes to begin again."""


@contextmanager
def through_a_proxy(stage: Stage) -> Iterator[Proxy]:
    """All services reach the broker through a proxy, within."""
    world, direct = stage.world, stage.world.broker_url
    parts = urlsplit(direct)
    with Proxy(parts.hostname or "127.0.0.1", parts.port or 5672) as proxy:
        netloc = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{proxy.port}"
        world.broker_url = parts._replace(netloc=netloc).geturl()
        try:
            world.stop(*ALL)
            world.start(*ALL)
            world.await_connected()
            yield proxy
            # Who still has a connection that went silent must be able to leave all the same.
            world.stop(*ALL)
        finally:
            world.broker_url = direct
        world.start(*ALL)


def cut(stage: Stage) -> None:
    """Short cuts, and one of 30 s."""
    with through_a_proxy(stage) as proxy, stage.load(RATE):
        for seconds in (0.1, 1, 30):
            stage.world.pause(stage.chance.uniform(1, 3))
            proxy.cut()
            stage.world.pause(seconds)
            proxy.mend()


def stalled(stage: Stage) -> None:
    """For a while not a byte passes, and then all of it does."""
    with through_a_proxy(stage) as proxy, stage.load(RATE):
        for seconds in (2, 20):
            stage.world.pause(stage.chance.uniform(1, 3))
            proxy.stall()
            stage.world.pause(seconds)
            proxy.mend()


def abandoned(stage: Stage) -> None:
    """Every connection goes silent for good, as when a machine or a firewall between is gone; new ones work."""
    with through_a_proxy(stage) as proxy:
        with stage.load(RATE, alone=True):
            stage.world.pause(stage.chance.uniform(1, 3))
            proxy.abandon()
        stage.world.wait(Quiet(stage.world), "everybody to begin again", NOTICE_SECONDS)


def _servers(stage: Stage) -> PrivateServers:
    assert stage.servers is not None
    return stage.servers


def broker_restarts(stage: Stage, *, kill: bool) -> None:
    with stage.load(RATE):
        stage.world.pause(stage.chance.uniform(2, 4))
        _servers(stage).stop_broker(kill=kill)
        stage.world.pause(stage.chance.uniform(0, 2))
        _servers(stage).start_broker()


def database_restarts(stage: Stage, how: signal.Signals) -> None:
    with stage.load(RATE):
        for _ in range(2):
            stage.world.pause(stage.chance.uniform(1, 4))
            _servers(stage).restart_database(how)


def disk_alarm(stage: Stage) -> None:
    """The broker takes nothing more in until its disk has room again."""
    with stage.load(RATE):
        stage.world.pause(stage.chance.uniform(1, 3))
        _servers(stage).control_broker("set_disk_free_limit", str(10**15))
        stage.world.pause(20)
        _servers(stage).control_broker("set_disk_free_limit", str(10**7))


OUTAGES = (
    Scenario("broker unreachable for 30 s", cut),
    Scenario("broker silent for 20 s", stalled),
    Scenario("connections silent for good", abandoned),
    Scenario("RabbitMQ stopped and started", partial(broker_restarts, kill=False), private=True),
    Scenario("RabbitMQ killed and started", partial(broker_restarts, kill=True), private=True),
    Scenario("PostgreSQL restarted, fast", partial(database_restarts, how=signal.SIGINT), private=True),
    Scenario("PostgreSQL restarted, immediate", partial(database_restarts, how=signal.SIGQUIT), private=True),
    Scenario("broker's disk is full", disk_alarm, private=True),
)
