"""Run scenarios one after the other: load, fault, quiet, verdict."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.local.process import wait_until
from services import SERVICES
from tests.faults.servers import private_servers, usual_servers
from tests.faults.verdict import Faults, Quiet, judge, longest_stall, totals
from tests.faults.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from deploy.local.backing import Backing
    from tests.faults.servers import PrivateServers

QUIET_SECONDS = 120
LOADER_SECONDS = 240
BEGIN_SECONDS = 60
_HEADINGS = ("cases", "events", "kills", "duplicates", "held", "parked", "stall", "seconds")


@dataclass
class Stage:
    """What a scenario has to work with. `servers` is there only where broker and database may be harmed."""

    world: World
    chance: random.Random
    cases: int
    servers: PrivateServers | None

    @contextmanager
    def load(self, rate: float, *, http: bool = False, alone: bool = False) -> Iterator[None]:
        """Cases are played within, and all played at the end. Raises TimeoutError.

        `alone`: none that waits for an event to arrive.
        """
        options = [f"--seed={self.chance.randrange(1 << 32)}", f"--cases={self.cases}", f"--rate={rate}"]
        if http:
            options += [f"--url={service}={self.world.url(service)}" for service in SERVICES]
        if alone:
            options.append("--alone")
        told = totals(self.world).events
        loader = self.world.start_loader(*options)
        try:
            # Faults are to meet a load that is under way.
            self.world.wait(lambda: totals(self.world).events > told, "the load to begin", BEGIN_SECONDS)
            yield
        except BaseException:
            self.world.end_loader()
            raise

        def ended() -> bool:
            self.world.revive()
            return loader.poll() is not None

        try:
            self.world.wait(ended, "the load to be played", LOADER_SECONDS)
        finally:
            self.world.end_loader()
        if loader.returncode:
            raise AssertionError(f"the loader failed: see .run/{self.world.namespace}/loader.log")


@dataclass(frozen=True)
class Scenario:
    """`fault` plays the load and does the harm; `private` says that it harms the broker or the database itself."""

    name: str
    fault: Callable[[Stage], None]
    private: bool = False


class Runs:
    """Keeps a system from one scenario to the next, as long as none of them found anything."""

    def __init__(self, seed: int, cases: int) -> None:
        self._seed, self._cases = seed, cases
        self._open = ExitStack()
        self._world: World | None = None
        self._private: bool | None = None
        self._servers: PrivateServers | None = None
        self.sum = Faults()
        self.events = self.kills = self.duplicates = 0
        self.deaths: list[str] = []

    def close(self) -> None:
        self._world = None
        self._open.close()

    def play(self, scenario: Scenario) -> None:
        world = self._prepare(private=scenario.private)
        began, kills, before = time.monotonic(), world.kills, totals(world)
        chance = random.Random(f"{self._seed} {scenario.name}")  # noqa: S311 - to be repeated, not to be secret
        broken = ""
        try:
            scenario.fault(Stage(world, chance, self._cases, self._servers))
            world.wait(Quiet(world), "everything to come to rest", QUIET_SECONDS)
        except (TimeoutError, AssertionError) as error:
            broken = f"{type(error).__name__}: {error}"
        wait_until(lambda: _readable(world), 30)
        after = totals(world)
        share = after.since(before)
        kills = world.kills - kills
        faults = judge(world)
        stall = longest_stall(world, before.seen)
        numbers = (share.cases, share.events, kills, share.duplicates, max(0, share.held), share.parked)
        _row(scenario.name, *numbers, f"{stall:.1f}", f"{time.monotonic() - began:.0f}")
        self._tell(faults, world, broken)
        self.events += share.events
        self.kills += kills
        self.duplicates += share.duplicates
        if faults.texts or broken:
            # What went wrong once must not be counted again.
            self.close()

    def _tell(self, faults: Faults, world: World, broken: str) -> None:
        if broken:
            print(f"    {broken}")  # noqa: T201
            if not faults.texts:
                faults.add("lost", 1, "something never came to rest")
        for text in [*faults.texts[:8], *([f"… {len(faults.texts)} findings"] if len(faults.texts) > 8 else [])]:
            print(f"    {text}")  # noqa: T201
        for death in world.deaths:
            print(f"    {death}")  # noqa: T201
        self.deaths += world.deaths
        world.deaths = []
        self.sum.lost += faults.lost
        self.sum.doubled += faults.doubled
        self.sum.out_of_order += faults.out_of_order

    def _prepare(self, *, private: bool) -> World:
        if self._world is None or private != self._private:
            self.close()
            backing: Backing
            if private:
                self._servers = self._open.enter_context(private_servers())
                backing = self._servers.backing
            else:
                self._servers = None
                backing = self._open.enter_context(usual_servers())
            self._private = private
            self._world = self._open.enter_context(World(backing))
        return self._world


def run(scenarios: Sequence[Scenario], seed: int, cases: int) -> int:
    """Play the scenarios; the exit status."""
    print(f"seed {seed}: SEED={seed} plays the same load and faults again", flush=True)  # noqa: T201
    _row("scenario", *_HEADINGS)
    runs = Runs(seed, cases)
    try:
        for scenario in scenarios:
            runs.play(scenario)
    finally:
        runs.close()
    found = runs.sum
    print(  # noqa: T201
        f"faults: events={runs.events} kills={runs.kills} duplicates_absorbed={runs.duplicates}"
        f" lost={found.lost} doubled={found.doubled} out_of_order={found.out_of_order}"
    )
    return 1 if found.lost or found.doubled or found.out_of_order else 0


def _readable(world: World) -> bool:
    try:
        totals(world)
    except Exception:  # noqa: BLE001 - whatever it is, it is asked again
        return False
    return True


def _row(name: str, *columns: object) -> None:
    print(f"{name:<34}" + "".join(f"{column!s:>11}" for column in columns), flush=True)  # noqa: T201
