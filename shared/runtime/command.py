"""The command line of a process. It is read before eventlet patches the standard library, so it imports little."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from shared.runtime.roles import ProcessRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Told(argparse.Namespace):
    service: str
    command: str
    role: list[ProcessRole] | None
    probes_fd: int | None
    """The socket for its probes, where another process of the service opened it."""
    parent: int | None
    """The process with which it ends."""

    @property
    def roles(self) -> frozenset[ProcessRole]:
        return frozenset(self.role or ProcessRole)

    @property
    def in_greenthreads(self) -> bool:
        """Whether this process is one of nameko's."""
        return self.command == "serve" and not {ProcessRole.API, ProcessRole.PRESS} & self.roles


def read(services: Iterable[str], argv: Sequence[str] | None = None) -> Told:
    parser = argparse.ArgumentParser(prog="python -m services")
    parser.add_argument("service", choices=tuple(services))
    parser.add_argument("command", nargs="?", choices=("serve", "migrate"), default="serve")
    parser.add_argument(
        "--role", action="append", type=ProcessRole, choices=list(ProcessRole), help="default: all roles"
    )
    for option in ("--probes-fd", "--parent"):
        parser.add_argument(option, type=int, help=argparse.SUPPRESS)
    told = parser.parse_args(argv, Told())
    if ProcessRole.PRESS in told.roles and ProcessRole.API not in told.roles and len(told.roles) > 1:
        parser.error("the role press has a process of its own: name it alone, or with api")
    return told


def enter(told: Told) -> None:
    """Patch sockets, locks and psycopg2 for greenthreads, if this process runs any; call it before other imports."""
    if told.in_greenthreads:
        import warnings  # noqa: PLC0415

        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
        import eventlet  # noqa: PLC0415 - not in the process that answers requests

        eventlet.monkey_patch()
