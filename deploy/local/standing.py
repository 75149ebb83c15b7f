"""`make up` and `make down`: run the system in the background."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.local import backing, registers
from deploy.local.errors import BackingError, say
from deploy.local.portal import ISSUER, PORTAL, Portal
from deploy.local.process import free_ports
from deploy.local.system import RUN, STOP_SECONDS, System
from services import SERVICES
from shared.runtime.time import WallTime, legal_date

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = os.environ.get("QUANHENG_NAMESPACE", "quanheng")
STATE = RUN / "up.json"
USUAL_PORTS = {
    "type_approval": 8001,
    "licensing": 8002,
    "notifications": 8003,
    PORTAL: 8000,
    ISSUER: 8004,
    "c_mark": 8005,
}
PROGRAMS = (b"-m\0services\0", b"services.portal", b"deploy.local.issuer")


def up() -> None:
    """Start the system unless it is running, and print its addresses; one of another namespace is stopped first.

    Raises BackingError.
    """
    if (running := _running()) and _standing().get("namespace") == NAMESPACE:
        say("already up")
    else:
        _stop(running)
        given_time = os.environ.get("QUANHENG_TIME", "given") == "given"
        with backing.ensure(NAMESPACE, keep=True) as found:
            ports = _ports()
            of_services = {service: ports[service] for service in SERVICES}
            pages = f"http://127.0.0.1:{ports[PORTAL]}"
            system = System(
                found, given_time=given_time, ports=of_services, documents=True, papers=pages, outlives=True
            )
            portal = Portal(system, (ports[PORTAL], ports[ISSUER]))
            try:
                system.migrate()
                portal.migrate()
                system.start()
                portal.start()
                registers.fill(system)
                registers.prolong(system, legal_date(WallTime(accepts_given=False).now()))
            except BaseException:
                system.stop()
                backing.release(NAMESPACE)
                raise
            pids = {service: process.pid for service, process in system.processes.items()}
            STATE.write_text(json.dumps({"namespace": NAMESPACE, "pids": pids, "ports": ports}), encoding="utf-8")
            system.leave()
    ports = _standing()["ports"]
    print(f"in a browser:   http://127.0.0.1:{ports[PORTAL]}")
    for service in SERVICES:
        print(f"{service:15} http://127.0.0.1:{ports[service]}")
    print("a token:        .venv/bin/quanheng token --help")
    print(f"logs:           {RUN / NAMESPACE}/")


def down() -> None:
    """Stop what `up` started, and private servers that it or the demo left running."""
    _stop(_running())
    backing.release()


def _stop(running: Mapping[str, int]) -> None:
    for pid in running.values():
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while any(map(_is_ours, running.values())) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in filter(_is_ours, running.values()):
        os.kill(pid, signal.SIGKILL)
    STATE.unlink(missing_ok=True)


def _ports() -> dict[str, int]:
    """The usual ports, or others if one of them is in use."""
    if all(map(_is_free, USUAL_PORTS.values())):
        return USUAL_PORTS
    return dict(zip(USUAL_PORTS, free_ports(len(USUAL_PORTS)), strict=True))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Like the services: sockets lingering from an earlier run do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _running() -> dict[str, int]:
    """The services started by `up` that are still running, with their process ids."""
    if not STATE.exists():
        return {}
    return {service: pid for service, pid in _standing()["pids"].items() if _is_ours(pid)}


def _standing() -> dict[str, Any]:
    """What `up` noted of the system it started: its namespace, process ids and ports."""
    noted: dict[str, Any] = json.loads(STATE.read_text(encoding="utf-8"))
    return noted


def _is_ours(pid: int) -> bool:
    """Whether the process is one of ours: the process id may have been reused."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return any(program in command for program in PROGRAMS)


def main() -> None:
    commands = {"up": up, "down": down}
    if sys.argv[1:] not in [[name] for name in commands]:
        sys.exit("usage: python -m deploy.local.standing up|down")
    try:
        commands[sys.argv[1]]()
    except BackingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
