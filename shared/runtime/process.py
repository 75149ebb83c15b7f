"""One process of one service: its settings, its container, its end."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import eventlet
from nameko import config as nameko_config
from psycopg2 import extensions as psycopg2_extensions

from shared.observability import configure, get_logger
from shared.runtime import migrations
from shared.runtime.config import ConfigurationError, read
from shared.runtime.container import Container, Role
from shared.runtime.database import make_engine
from shared.runtime.law_in_use import LawMissingError, check_at_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.runtime.config import Settings

log = get_logger(__name__)

SERVICES = ("licensing", "type_approval", "notifications")
WAKE_SECONDS = 0.5
MAX_WORKERS = 12
"""Service methods running at once in a process; a few less than its database connections."""


def main(argv: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(argv)
    configure(service=arguments.service)
    try:
        settings = read(arguments.service, os.environ)
    except ConfigurationError as error:
        sys.exit(f"{arguments.service}: {error}")
    if arguments.command == "migrate":
        migrations.upgrade(settings)
    else:
        try:
            serve(settings, arguments.role or list(Role))
        except (ConfigurationError, LawMissingError) as error:
            sys.exit(f"{arguments.service}: {error}")


def serve(settings: Settings, roles: Sequence[Role]) -> None:
    """Run until SIGTERM or SIGINT, then finish what is in hand and return."""
    if psycopg2_extensions.get_wait_callback() is None:
        raise RuntimeError("psycopg2 would block every greenthread: call eventlet.monkey_patch() first")
    nameko_config.setup({"max_workers": MAX_WORKERS})
    _check_law(settings)
    service = import_module(f"services.{settings.service}.service")
    container = Container(service.Service, settings, roles)
    stopping: list[Any] = []

    def stop(_signal: int, _frame: object) -> None:
        # A signal handler runs in the hub's greenlet, which must not wait.
        if not stopping:
            stopping.append(eventlet.spawn(container.stop))

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    container.start()
    # What lives now lives as long as the process: the collector need not look at it again, nor so often at the rest.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    log.info("started", roles=[str(role) for role in roles], ports=settings.ports)
    eventlet.spawn(_stay_awake)
    eventlet.spawn(container.wait).wait()
    log.info("stopped")


def _check_law(settings: Settings) -> None:
    engine = make_engine(settings.database_url)
    try:
        check_at_start(engine)
    finally:
        engine.dispose()


def _stay_awake() -> None:
    """A signal is acted on when the hub next wakes, and that of an idle process may sleep for a minute."""
    while True:
        eventlet.sleep(WAKE_SECONDS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shared.runtime")
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("command", nargs="?", choices=("serve", "migrate"), default="serve")
    parser.add_argument("--role", action="append", type=Role, choices=list(Role), help="default: all roles")
    return parser
