"""What a process of a service does, as its command line says. Only what it needs is imported."""

from __future__ import annotations

import os
import socket
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from shared.observability import configure
from shared.runtime.companion import Companion
from shared.runtime.config import ConfigurationError, read
from shared.runtime.law_in_use import LawMissingError
from shared.runtime.machine import end_with
from shared.runtime.roles import Role

if TYPE_CHECKING:
    from shared.runtime.command import Told
    from shared.runtime.config import Settings


def run(told: Told, program: str = "shared.runtime") -> None:
    """Do what the command line says, until the process ends. `program` is the module that calls this."""
    configure(service=told.service)
    try:
        settings = read(told.service, os.environ)
        if told.command == "migrate":
            from shared.runtime import migrations  # noqa: PLC0415 - each process imports what it needs

            migrations.upgrade(settings)
        elif told.in_greenthreads:
            _serve_events(settings, told)
        else:
            _serve_requests(settings, told, program)
    except (ConfigurationError, LawMissingError) as error:
        sys.exit(f"{told.service}: {error}")


def _serve_events(settings: Settings, told: Told) -> None:
    if told.parent is not None:
        end_with(told.parent)
    from shared.runtime.events import serve  # noqa: PLC0415 - nameko

    probes = None if told.probes_fd is None else socket.socket(fileno=told.probes_fd)
    serve(settings, import_module(f"services.{settings.service}.service").Service, told.roles, probes)


def _serve_requests(settings: Settings, told: Told, program: str) -> None:
    others = told.roles - {Role.API}
    companion = Companion(program, settings.service, others) if others else None
    status = 0
    try:
        from shared.http.server import serve  # noqa: PLC0415 - uvicorn

        serve(settings, import_module(f"services.{settings.service}.api").OFFER, companion)
    finally:
        if companion:
            status = companion.stop()
    sys.exit(status)
