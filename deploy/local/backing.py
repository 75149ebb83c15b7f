"""Find or start RabbitMQ and PostgreSQL on one machine.

For each of the two, use the first of these that works:

1. the URL in QUANHENG_AMQP_URL or QUANHENG_DATABASE_URL; if it does not work, that is an error
2. this machine's own server at its usual address, if it lets us create what we need
3. a private server under `.run/`, on free ports of 127.0.0.1, from installed programs
4. the same, after installing the programs with apt-get

QUANHENG_BACKING=private skips the second; QUANHENG_RUN_DIR replaces the folder `.run/`.

All runs from this checkout share a private server. It stops when the last run ends, and its data is deleted; after `up`
it runs until `down`. A server left behind by a killed run serves the next run, and stops with it.
"""

import argparse
import fcntl
import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlsplit

from deploy.local import packages
from deploy.local.errors import BackingError, UnusableError, say
from deploy.local.folders import run_folder
from deploy.local.postgres import PostgreSQL
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.server import Server
from deploy.local.signals import end_in_order, uninterrupted
from deploy.local.turns import alone, gate


class Backing:
    """A broker and a database prepared for one namespace.

    The broker URL ends in the namespace's virtual host, the database URLs in the maintenance database: that of the
    account that owns the databases, and that of the one that processes run as.
    """

    amqp_url: str
    database_url: str
    runner_url: str

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self._held = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the private servers, unless they are kept or another run uses them."""
        with uninterrupted():
            self._held.close()

    def environment(self) -> dict[str, str]:
        return {
            "QUANHENG_AMQP_URL": self.amqp_url,
            "QUANHENG_DATABASE_URL": self.database_url,
            "QUANHENG_NAMESPACE": self.namespace,
        }

    def open(self, *, fresh: bool, keep: bool) -> None:
        broker, database = servers = _servers()
        # Report these before anything is created or started.
        for server in servers:
            if given := _given(server):
                with _named(server):
                    server.knock(given)
        urls = {server.title: self._find(server, fresh=fresh, keep=keep) for server in servers}
        private = [server for server in servers if urls[server.title] is None]
        if private:
            packages.provide(
                {server.package: server.installed for server in private},
                {server.package: f"set {server.variable} to the URL of a running server" for server in private},
            )
            # Launch all before waiting for any, because the broker takes ten seconds to start.
            self._launch(private, keep=keep)
            for server in private:
                urls[server.title] = self._prepare(server, server.await_answer(), fresh=fresh, keep=keep)
        self.amqp_url, self.database_url = str(urls[broker.title]), str(urls[database.title])
        self.runner_url = database.runner(self.database_url)

    def _find(self, server: Server, *, fresh: bool, keep: bool) -> str | None:
        """The URL of a running server with the namespace prepared; None if a private server is needed."""
        if given := _given(server):
            with _named(server):
                return self._prepare(server, given, fresh=fresh, keep=keep)
        if _private_only():
            return None
        for url in server.usual_urls():
            try:
                prepared = self._prepare(server, url, fresh=fresh, keep=keep)
            except UnusableError:
                continue
            say(f"{server.title}: using this machine's own")
            return prepared
        return None

    def _prepare(self, server: Server, url: str, *, fresh: bool, keep: bool) -> str:
        if fresh:
            self._held.enter_context(alone(urlsplit(url), self.namespace))
        prepared = server.prepare(url, self.namespace, fresh=fresh)
        if fresh and not keep:
            self._held.callback(server.remove, url, self.namespace)
        return prepared

    def _launch(self, private: Sequence[Server], *, keep: bool) -> None:
        with gate(_run()):
            users = (_run() / "users").open("w")
            fcntl.flock(users, fcntl.LOCK_SH)
            self._held.callback(_leave, users)
            for server in private:
                server.launch()
                if keep:
                    server.keep(self.namespace)


def ensure(namespace: str, *, fresh: bool = False, keep: bool = False) -> Backing:
    """Provide a broker and a database for this namespace; `fresh` empties them first, and `close` removes them.

    `keep` leaves them after `close`, and private servers running until `release`. A second caller that asks for the
    same namespace with `fresh` waits until the first has closed. Raises BackingError with a text for the user.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", namespace):
        raise BackingError(f"namespace {namespace!r}: at most 40 small letters, digits and underscores, a letter first")
    end_in_order()
    backing = Backing(namespace)
    try:
        backing.open(fresh=fresh, keep=keep)
    except BaseException:
        backing.close()
        raise
    return backing


def release(namespace: str | None = None) -> None:
    """Stop what `keep` kept for this namespace, or for all; servers in use stop with their last user."""
    for server in _servers():
        server.let_go(namespace or "*")
    _leave((_run() / "users").open("w"))


def _servers() -> tuple[RabbitMQ, PostgreSQL]:
    return RabbitMQ(_run()), PostgreSQL(_run())


def _run() -> Path:
    folder = run_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "gate").touch()
    except OSError as error:
        raise BackingError(
            f"cannot write to {folder} ({error.strerror}): remove it, or set QUANHENG_RUN_DIR"
        ) from error
    return folder


def _given(server: Server) -> str | None:
    """The URL in the environment, if there is one. Raises BackingError if it is not a URL for this server."""
    url = os.environ.get(server.variable)
    if not url:
        return None
    try:
        parts = urlsplit(url)
        proper = parts.scheme.partition("+")[0] in server.schemes and parts.port != 0
    except ValueError:
        proper = False
    if not proper:
        raise BackingError(f"{server.variable}: not a URL of the form {next(server.usual_urls())}")
    return url


@contextmanager
def _named(server: Server) -> Iterator[None]:
    """Add the environment variable's name to errors of a server that it names."""
    try:
        yield
    except UnusableError as error:
        raise BackingError(
            f"{server.variable}: {error}\n"
            f"Correct the variable or fix that server; without the variable, {server.title} is found or started here."
        ) from error


def _private_only() -> bool:
    choice = os.environ.get("QUANHENG_BACKING", "")
    if choice not in ("", "private"):
        raise BackingError(
            f"QUANHENG_BACKING={choice}: the only value is private; unset it to use this machine's servers"
        )
    return choice == "private"


def _leave(users: IO[str]) -> None:
    """Stop the servers if this was the last user. A killed user counts as gone, because the kernel drops its lock."""
    with gate(_run()), users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for server in _servers():
            if not server.kept():
                server.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local.backing", description=__doc__, formatter_class=_AsWritten
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command, purpose in _COMMANDS.items():
        command_parser = commands.add_parser(command, help=purpose)
        command_parser.add_argument("--namespace", default=os.environ.get("QUANHENG_NAMESPACE", "quanheng"))
    commands.choices["down"].add_argument("--all", action="store_true", help="for all namespaces")
    options = parser.parse_args(arguments)
    try:
        if options.command == "down":
            release(None if options.all else options.namespace)
            return 0
        backing = ensure(options.namespace, keep=True)
    except BackingError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    if options.command == "env":
        print(*(f"export {name}={shlex.quote(value)}" for name, value in backing.environment().items()), sep="\n")
    backing.close()
    return 0


_AsWritten = argparse.RawDescriptionHelpFormatter
_COMMANDS = {
    "up": "start broker and database if needed, and prepare the namespace",
    "env": "the same, and print the environment variables for a shell to evaluate",
    "down": "stop what `up` started",
}


if __name__ == "__main__":
    sys.exit(main())
