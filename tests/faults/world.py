"""The system under test: service processes that can be killed and restarted, with broker and databases."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from deploy.local.folders import ROOT
from deploy.local.process import free_ports, wait_until
from deploy.local.system import System
from services import SERVICES
from shared.runtime.config import amqp_url
from tests import registered  # noqa: F401 - what the databases have from the start
from tests.faults import witness
from tests.support import Caller, engine_of
from tests.support.databases import SEEDS

if TYPE_CHECKING:
    from types import TracebackType

    from deploy.local.backing import Backing

ALL = (*SERVICES, witness.NAME)
START_SECONDS = 60
STOP_SECONDS = 20


class World:
    """`kills` counts the processes that ended by a SIGKILL, ours or their own; `deaths` tells of those that ended
    without being told to."""

    def __init__(self, backing: Backing) -> None:
        self.backing = backing
        self.namespace = backing.namespace
        self._system = System(backing, given_time=True, ports=dict(zip(ALL, free_ports(len(ALL)), strict=True)))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._open = ExitStack()
        self.kills = 0
        self.deaths: list[str] = []
        self.broker_url = amqp_url(backing.amqp_url, self.namespace)
        """Where services look for the broker."""
        self.engines = {name: engine_of(backing.database_url, f"{self.namespace}_{name}") for name in ALL}
        for engine in self.engines.values():
            self._open.callback(engine.dispose)

    def __enter__(self) -> Self:
        self._system.migrate()
        for service, fill in SEEDS.items():
            with self.engines[service].begin() as tx:
                fill(tx)
        witness.make_database(self.backing.database_url, self.namespace)
        # Its queues are there from the first event on: the witness declares them, and then everybody starts.
        self.start(witness.NAME)
        self.wait(self._witness_reads, "the witness's queues", START_SECONDS)
        self.start(*SERVICES)
        self.await_connected()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()
        self._system.stop()
        self._open.close()
        with suppress(SQLAlchemyError):
            witness.remove_database(self.backing.database_url, self.namespace)

    def url(self, service: str) -> str:
        return self._system.url(service)

    def start(self, *services: str) -> None:
        for service in services:
            self.start_one(service)

    def start_one(self, name: str, *roles: str, fault: str = "") -> None:
        """Start a process called `name`: a service, or a replica such as `licensing.2`, which has a port of its own."""
        service = name.partition(".")[0]
        options = [f"--role={role}" for role in roles or (("consume",) if name == witness.NAME else ())]
        environment = {**self._system.environment(service), "QUANHENG_AMQP_URL": self.broker_url, "FAULT": fault}
        if name != service:
            environment["QUANHENG_HTTP_PORT"] = str(free_ports(1)[0])
        with (self._system.directory / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "tests.faults.runner", service, *options],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_loader(self, *arguments: str) -> subprocess.Popen[bytes]:
        name = "loader"
        with (self._system.directory / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "tests.faults.loader", *arguments],
                cwd=ROOT,
                env=self._system.environment("type_approval"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes[name] = process
        return process

    def end_loader(self) -> None:
        """At its end by itself, or now: nothing is told any more while the tables are judged."""
        process = self._processes.pop("loader")
        process.kill()
        process.wait()

    def kill(self, name: str) -> None:
        """As a crash ends it."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()
        self.kills += 1

    def stop(self, *names: str) -> None:
        """Ask processes to leave in order; one that does not in time is reported."""
        processes = {name: self._processes.pop(name) for name in names}
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        for name, process in processes.items():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                self.deaths.append(f"{name} did not stop in {STOP_SECONDS} s")

    def killed_itself(self, name: str, seconds: float) -> bool:
        """Whether an armed process died at its point in time."""
        process = self._processes[name]
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        del self._processes[name]
        # Its own, or that of the other process of the service.
        if status in {-signal.SIGKILL, 128 + signal.SIGKILL}:
            self.kills += 1
        else:
            self.deaths.append(f"{name} ended with status {status}")
        return True

    def await_connected(self) -> None:
        """Until every service has broker and database in all its roles."""
        for service in SERVICES:
            self.wait(lambda service=service: self._connected(service), f"{service} to be connected", START_SECONDS)
        self.wait(self._witness_reads, "the witness to be connected", START_SECONDS)

    def _connected(self, service: str) -> bool:
        try:
            report = Caller(self.url(service)).get("/readyz").json
        except (OSError, ValueError):
            return False
        return all(report.get(part) == "ok" for part in ("database", "relay", "consume"))

    def start_if_gone(self, name: str) -> None:
        if name not in self._processes:
            self.start_one(name)

    def wait_handled(self, service: str) -> None:
        """Until what the other services told has reached this one, or is put aside there."""
        query = "SELECT coalesce(sum(last_seq), 0) FROM inbox WHERE source = 'type_approval'"

        def handled() -> bool:
            self.revive()
            ((told,),) = self.rows("type_approval", "SELECT sum(events) FROM cases")
            return bool(self.rows(service, query)[0][0] == told)

        self.wait(handled, f"{service} to have heard all", START_SECONDS)

    def revive(self) -> None:
        """Start again what ended by itself, as a supervisor does, and take note of it."""
        for name, process in list(self._processes.items()):
            status = process.poll()
            if status is not None and name in ALL:
                self.deaths.append(f"{name} ended by itself with status {status}")
                self.start_one(name)

    def rows(self, service: str, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.engines[service].begin() as tx:
            result = tx.execute(text(query), parameters)
            return [tuple(row) for row in result] if result.returns_rows else []

    def wait(self, true: Any, what: str, seconds: float) -> None:
        """Raises TimeoutError."""
        if not wait_until(true, seconds):
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")

    def pause(self, seconds: float) -> None:
        """Let a fault last; whatever ends by itself meanwhile is started again."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.revive()
            time.sleep(min(0.2, left))

    def _witness_reads(self) -> bool:
        """Whether the witness takes part in the sharing of partitions, which it does once its queues are declared."""
        try:
            return bool(
                self.rows(
                    witness.NAME,
                    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid <> 4294967295"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                )
            )
        except SQLAlchemyError:
            return False
