"""Broker and databases of the fault tests: the usual ones, or private ones that may be stopped and killed."""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local import backing, rabbitmq
from deploy.local.postgres import PostgreSQL, _account
from deploy.local.process import Process, wait_until
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.system import RUN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.backing import Backing
    from deploy.local.server import Private, Server

NAMESPACE = "quanheng_faults"
END_SECONDS = 30
_SERVERS = ("QUANHENG_AMQP_URL", "QUANHENG_DATABASE_URL", "QUANHENG_BACKING", "QUANHENG_RUN_DIR")


@contextmanager
def usual_servers() -> Iterator[Backing]:
    with backing.ensure(NAMESPACE, fresh=True) as found:
        yield found


@contextmanager
def private_servers() -> Iterator[PrivateServers]:
    """Servers in a folder of their own, so that nobody else's private ones are ever harmed."""
    before = {name: os.environ.pop(name, None) for name in _SERVERS}
    run = RUN / "faults"
    os.environ |= {"QUANHENG_BACKING": "private", "QUANHENG_RUN_DIR": str(run)}
    try:
        with backing.ensure(NAMESPACE, fresh=True) as found:
            yield PrivateServers(found, run)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


class PrivateServers:
    """Stops, kills and starts the broker and the database that were started for us, by their process ids."""

    def __init__(self, found: Backing, run: Path) -> None:
        self.backing = found
        self._broker = RabbitMQ(run)
        self._database = PostgreSQL(run)

    def stop_broker(self, *, kill: bool) -> None:
        process = _private(self._broker).process
        if kill:
            # The start script is one of the group, Erlang's machine another.
            os.killpg(process.pid, signal.SIGKILL)
            _gone(process)
        else:
            process.end(signal.SIGTERM, patience=END_SECONDS)

    def start_broker(self) -> None:
        private = _private(self._broker)
        programs = rabbitmq._programs()
        assert programs is not None
        environment = rabbitmq._environment(self._broker.home, private.ports)
        log = self._broker.folder / "output.log"
        _record(self._broker, Process.spawn([str(programs / "rabbitmq-server")], env=environment, log=log))
        self._broker.await_answer()

    def control_broker(self, *arguments: str) -> None:
        """What an administrator does with rabbitmqctl."""
        environment = rabbitmq._environment(self._broker.home, _private(self._broker).ports)
        programs = rabbitmq._programs()
        assert programs is not None
        done = rabbitmq._Ctl(str(programs / "rabbitmqctl"), environment).run(*arguments)
        if done.returncode:
            raise AssertionError(f"rabbitmqctl {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def restart_database(self, how: signal.Signals) -> None:
        """SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one, after which it recovers from its log."""
        process = _private(self._database).process
        command = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")[:-1]
        os.kill(process.pid, how)
        _gone(process)
        environment = {"PATH": os.environ["PATH"], "HOME": str(self._database.home), "LC_ALL": "C.UTF-8"}
        started = Process.spawn(
            [part.decode() for part in command],
            env=environment,
            log=self._database.folder / "output.log",
            account=_account(),
        )
        _record(self._database, started)
        self._database.await_answer()


def _private(server: Server) -> Private:
    private = server._private()
    assert private is not None
    return private


def _record(server: Server, process: Process) -> None:
    """Write down the new process where the one that ends it looks."""
    private = replace(_private(server), process=process)
    (server.folder / "server.json").write_text(json.dumps(asdict(private)))


def _gone(process: Process) -> None:
    if not wait_until(lambda: not process.alive(), END_SECONDS):
        raise TimeoutError(f"process {process.pid} does not end")
