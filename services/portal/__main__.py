"""`python -m services.portal` runs the portal; `… migrate` prepares its database."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop
from starlette.applications import Starlette

from services.portal import settings as portal_settings
from services.portal.application import application, probes
from shared.observability import configure, get_logger
from shared.runtime import migrations
from shared.runtime.config import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.portal.settings import Settings

log = get_logger(__name__)

STOP_SECONDS = 10
SCRIPTS = Path(__file__).with_name("migrations")


class _Server(uvicorn.Server):
    """Signals are for all servers of the process alike: `serve` takes them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m services.portal")
    parser.add_argument("command", nargs="?", choices=("serve", "migrate"), default="serve")
    arguments = parser.parse_args(argv)
    configure(service="portal")
    try:
        settings = portal_settings.read(os.environ)
    except ConfigurationError as error:
        sys.exit("\n".join(f"portal: {line}" for line in str(error).splitlines()))
    if arguments.command == "migrate":
        migrate(settings)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))


def migrate(settings: Settings) -> None:
    """Bring the database of the sessions to the newest schema."""
    try:
        migrations.apply(SCRIPTS, settings.database_url, settings.owner_url)
    except ConfigurationError as error:
        sys.exit(f"portal: {error}")


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT, then finish what is in hand and return."""
    made = application(settings)
    apps = [(made, settings.http_port)]
    if settings.internal_http_port is not None:
        apps.append((Starlette(routes=probes(made.state.portal)), settings.internal_http_port))
    servers = [
        _Server(
            uvicorn.Config(
                app,
                host=settings.http_address,
                port=port,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        for app, port in apps
    ]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stop)
    log.info("started", face=str(settings.face), ports=[port for _, port in apps])
    await asyncio.gather(*(server.serve() for server in servers))
    log.info("stopped")


if __name__ == "__main__":
    main()
