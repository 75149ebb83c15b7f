"""What a process of a service does, as its command line says. Only what it needs is imported."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING

from shared.observability import configure, get_logger
from shared.runtime.companion import Companion
from shared.runtime.config import ConfigurationError, read
from shared.runtime.law_in_use import LawMissingError
from shared.runtime.machine import end_with
from shared.runtime.roles import ProcessRole

if TYPE_CHECKING:
    from shared.runtime.command import Told
    from shared.runtime.config import Settings
    from shared.runtime.service import Service

log = get_logger(__name__)


def run(told: Told, service: Service, program: str = "services") -> None:
    """Do what the command line says, until the process ends. `program` is the module that calls this."""
    configure(service=told.service)
    if told.parent is not None:
        end_with(told.parent)
    try:
        settings = read(told.service, os.environ)
        if told.command == "migrate":
            from shared.runtime import migrations  # noqa: PLC0415 - each process imports what it needs

            migrations.upgrade(settings, service)
        elif told.in_greenthreads:
            _serve_events(settings, service, told)
        elif told.roles == {ProcessRole.PRESS}:
            _make_documents(settings, service, told)
        else:
            _serve_requests(settings, service, told, program)
    except (ConfigurationError, LawMissingError) as error:
        sys.exit("\n".join(f"{told.service}: {line}" for line in str(error).splitlines()))


def _serve_events(settings: Settings, service: Service, told: Told) -> None:
    probes = _probes(told)
    from shared.runtime.events import serve  # noqa: PLC0415 - nameko

    serve(settings, service, told.roles, probes)


def _make_documents(settings: Settings, service: Service, told: Told) -> None:
    probes = _probes(told)
    if not service.gives_documents:
        raise ConfigurationError("this service gives out no documents, so it has no role press")
    from shared.runtime.press import serve  # noqa: PLC0415 - only here

    serve(settings, service.permits(), probes)


def _probes(told: Told) -> socket.socket | None:
    """The socket for its probes, where the process that started this one has opened it."""
    return None if told.probes_fd is None else socket.socket(fileno=told.probes_fd)


def _serve_requests(settings: Settings, service: Service, told: Told, program: str) -> None:
    groups = [
        told.roles - {ProcessRole.API, ProcessRole.PRESS},
        {ProcessRole.PRESS} if _presses(settings, service, told) else set(),
    ]
    companions = [Companion(program, settings.service, roles) for roles in groups if roles]
    statuses = [0]
    try:
        from shared.http.server import serve  # noqa: PLC0415 - uvicorn

        serve(settings, service, companions)
    finally:
        for companion in companions:
            companion.end()
        statuses += [companion.stop() for companion in companions]
    sys.exit(max(statuses))


def _presses(settings: Settings, service: Service, told: Told) -> bool:
    """Whether documents are made. Where no roles were named, this one is left out if there is no key to sign with."""
    if told.role is not None:
        return ProcessRole.PRESS in told.roles
    if not service.gives_documents:
        return False
    if settings.signing_key is None:
        log.warning("no_documents", reason="QUANHENG_SIGNING_KEY_FILE is not set")
    return settings.signing_key is not None
