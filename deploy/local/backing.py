"""Where the system finds RabbitMQ and PostgreSQL on one machine, and how it gets them where there are none.

For each of the two, the first of these that serves:

1. the URL in QUANHENG_AMQP_URL or QUANHENG_DATABASE_URL; one that does not serve is an error, never passed over
2. this machine's own server at its usual address, if it lets us make what we need
3. a private one under `.run/`, on free ports of 127.0.0.1, from installed programs
4. the same, once apt-get has installed them

QUANHENG_BACKING=private leaves out the second; QUANHENG_RUN_DIR names another folder than `.run/`.

A private server is shared by all that run from this checkout. It ends when the last of them ends, and its data with it;
`up` keeps it until `down`. One that a killed run left behind serves the next run, and ends with that.
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
from deploy.local.postgres import PostgreSQL
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.server import Server
from deploy.local.signals import end_in_order, uninterrupted
from deploy.local.turns import alone, gate

_ROOT = Path(__file__).parents[2]


class Backing:
    """A broker and a database that hold everything one namespace needs.

    The broker's URL ends in the namespace's virtual host, the database's in its maintenance database.
    """

    amqp_url: str
    database_url: str

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
        """Stops the private servers, unless they are kept or somebody else uses them."""
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
        # Told before anything is made or started.
        for server in servers:
            if given := _given(server):
                with _named(server):
                    server.knock(given)
        urls = {server.title: self._find(server, fresh=fresh) for server in servers}
        private = [server for server in servers if urls[server.title] is None]
        if private:
            packages.provide(
                {server.package: server.installed for server in private},
                {server.package: server.variable for server in private},
            )
            # All are launched before any is awaited, since the broker takes ten seconds to come up.
            self._launch(private, keep=keep)
            for server in private:
                urls[server.title] = self._prepare(server, server.await_answer(), fresh=fresh)
        self.amqp_url, self.database_url = str(urls[broker.title]), str(urls[database.title])

    def _find(self, server: Server, *, fresh: bool) -> str | None:
        """The URL of a server that runs already, its namespace prepared; None where only a private one will do."""
        if given := _given(server):
            with _named(server):
                return self._prepare(server, given, fresh=fresh)
        if _private_only():
            return None
        for url in server.usual_urls():
            try:
                prepared = self._prepare(server, url, fresh=fresh)
            except UnusableError:
                continue
            say(f"{server.title}: using this machine's own")
            return prepared
        return None

    def _prepare(self, server: Server, url: str, *, fresh: bool) -> str:
        if fresh:
            self._held.enter_context(alone(urlsplit(url), self.namespace))
        return server.prepare(url, self.namespace, fresh=fresh)

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
    """A broker and a database with everything this namespace needs, and nothing of an earlier run if `fresh`.

    `keep` leaves private servers running after `close`, until `release`. A second caller that wants the same namespace
    fresh waits for the first to close. Raises BackingError, whose text is for the user.
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
    """Ends what `keep` kept for this namespace, or for all; servers that somebody uses end with their last user."""
    for server in _servers():
        server.let_go(namespace or "*")
    _leave((_run() / "users").open("w"))


def _servers() -> tuple[Server, Server]:
    return RabbitMQ(_run()), PostgreSQL(_run())


def _run() -> Path:
    folder = Path(os.environ.get("QUANHENG_RUN_DIR", _ROOT / ".run")).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "gate").touch()
    except OSError as error:
        raise BackingError(
            f"cannot write to {folder} ({error.strerror}): remove it, or set QUANHENG_RUN_DIR"
        ) from error
    return folder


def _given(server: Server) -> str | None:
    """The URL in the environment, if there is one. Raises BackingError where it is none of this kind."""
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
    """An error with a server from the environment tells which variable to mend."""
    try:
        yield
    except UnusableError as error:
        raise BackingError(
            f"{server.variable}: {error}\n"
            f"Correct the variable or see to that server; without it, {server.title} is found or started here."
        ) from error


def _private_only() -> bool:
    choice = os.environ.get("QUANHENG_BACKING", "")
    if choice not in ("", "private"):
        raise BackingError(
            f"QUANHENG_BACKING={choice}: the only value is private; unset it to use this machine's servers"
        )
    return choice == "private"


def _leave(users: IO[str]) -> None:
    """The last user turns off the lights. A user that was killed has left too: the kernel drops its lock."""
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
    commands.choices["down"].add_argument("--all", action="store_true", help="whatever the namespace")
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
    "up": "see that broker and database run and hold the namespace",
    "env": "the same, and print the variables that name them, for a shell to evaluate",
    "down": "stop what `up` started",
}


if __name__ == "__main__":
    sys.exit(main())
