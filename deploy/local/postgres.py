"""PostgreSQL: one database for each service of a namespace."""

import getpass
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from signal import SIGINT
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import connection
from psycopg2.sql import SQL, Identifier

from deploy.local.errors import BackingError, UnusableError, say
from deploy.local.process import Account, Process, free_ports
from deploy.local.server import Private, Server
from services import SERVICES
from shared.grants import RUNNER_OF_TRIALS

DATABASES = (*SERVICES, "portal")
_SOCKETS = ("/var/run/postgresql", "/tmp")  # noqa: S108  where Debian's and where PostgreSQL's own builds listen


class PostgreSQL(Server):
    title = "PostgreSQL"
    variable = "QUANHENG_DATABASE_URL"
    schemes = ("postgresql", "postgres")
    package = "postgresql"
    _stop_politely = SIGINT  # its "fast" shutdown: open connections are cut, everything committed is kept

    def usual_urls(self) -> Iterator[str]:
        yield "postgresql://postgres@127.0.0.1:5432/postgres"
        user = quote(os.environ.get("PGUSER") or getpass.getuser(), safe="")
        for folder in _SOCKETS:
            yield f"postgresql://{user}@/postgres?host={quote(folder, safe='')}&port=5432"

    def prepare(self, url: str, namespace: str, *, fresh: bool) -> str:
        session = _connect(url)
        try:
            for service in DATABASES:
                _create_database(session, f"{namespace}_{service}", fresh=fresh)
        finally:
            session.close()
        return _plain(url)

    def remove(self, url: str, namespace: str) -> None:
        with suppress(UnusableError), closing(_connect(url)) as session, session.cursor() as cursor:
            for service in DATABASES:
                drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                with suppress(psycopg2.Error):
                    cursor.execute(drop.format(Identifier(f"{namespace}_{service}")))

    def runner(self, url: str) -> str:
        """The URL of a second account, which owns nothing; `url` itself where the server gives only one."""
        parts = urlsplit(url)
        secret = f":{parts.password}" if parts.password else ""
        host = parts.netloc.rpartition("@")[2]
        theirs = urlunsplit(parts._replace(netloc=f"{RUNNER_OF_TRIALS}{secret}@{host}"))
        try:
            _create_role(_connect(url), RUNNER_OF_TRIALS, parts.password)
            self.knock(theirs)
        except (UnusableError, errors.InsufficientPrivilege) as error:
            say(f"PostgreSQL: one account for all, for {' '.join(str(error).split())}")
            return url
        return theirs

    def installed(self) -> bool:
        return _programs() is not None

    def knock(self, url: str) -> None:
        _connect(url).close()

    def _start(self) -> Private:
        programs = _programs()
        if programs is None:
            raise BackingError(
                "PostgreSQL: the programs initdb and postgres are neither in PATH nor under /usr/lib/postgresql"
            )
        account = _account()
        home = self._make_home(account)
        password = secrets.token_hex(16)
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}
        _initialise(programs, home, password, env, account)
        (port,) = free_ports(1)
        command = [str(programs / "postgres"), "-D", str(home / "data"), "-p", str(port)]
        # No unix socket: its path could exceed the kernel's limit.
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        # The default of 100 is too low for a running system and a test run at the same time.
        command += ["-c", "max_connections=300"]
        process = Process.spawn(command, env=env, log=self.folder / "output.log", account=account)
        return Private(process, f"postgresql://quanheng:{password}@127.0.0.1:{port}/postgres")

    def _make_home(self, account: Account | None) -> Path:
        """A folder that the server's account can access: under `folder`, or a temporary one if that is not
        accessible."""
        self.home.mkdir(mode=0o700)
        if account is None:
            return self.home
        self.folder.chmod(0o711)
        os.chown(self.home, account.uid, account.gid)
        if _as(account, ["test", "-w", str(self.home)], {}).returncode:
            self.home.rmdir()
            self.home.symlink_to(tempfile.mkdtemp(prefix="quanheng-postgresql-", dir="/var/tmp"))
            os.chown(self.home, account.uid, account.gid)
        return self.home.resolve()


def _connect(url: str) -> connection:
    try:
        session = psycopg2.connect(_plain(url), connect_timeout=20)
    except psycopg2.Error as error:
        raise UnusableError(" ".join(str(error).split())) from error
    session.autocommit = True
    return session


def _plain(url: str) -> str:
    """The URL without SQLAlchemy's driver suffix."""
    return re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql:", url)


def _create_database(session: connection, name: str, *, fresh: bool) -> None:
    try:
        with session.cursor() as cursor:
            if fresh:
                cursor.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (name,))
            if cursor.rowcount == 0:
                # Not from template1: a cluster with another locale may have an encoding without Chinese.
                create = SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
                cursor.execute(create.format(Identifier(name)))
    except errors.InsufficientPrivilege as error:
        role = session.info.user
        raise UnusableError(
            f"role {role} may not create the database {name} ({error.diag.message_primary}); "
            f'let an administrator run: ALTER ROLE "{role}" CREATEDB'
        ) from error
    except psycopg2.Error as error:
        raise UnusableError(f"database {name}: {' '.join(str(error).split())}") from error


def _create_role(session: connection, name: str, password: str | None) -> None:
    """An account that may log in and nothing else, with this password, written as in a URL."""
    with closing(session), session.cursor() as cursor:
        # Another run may create it at the same moment.
        with suppress(errors.DuplicateObject, errors.UniqueViolation):
            cursor.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(name)))
        if password:
            with suppress(errors.InternalError_):
                cursor.execute(SQL("ALTER ROLE {} PASSWORD %s").format(Identifier(name)), (unquote(password),))


def _programs() -> Path | None:
    """The folder of the newest initdb and postgres; on Debian they are not in PATH."""
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _account() -> Account | None:
    """The account to run PostgreSQL as, because it refuses root; None if we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise BackingError(
        "PostgreSQL: it refuses to run as root, and there is no user postgres or nobody to run it as; "
        "start this as an ordinary user"
    )


def _initialise(programs: Path, home: Path, password: str, env: dict[str, str], account: Account | None) -> None:
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if account:
        os.chown(secret, account.uid, account.gid)
    command = [str(programs / "initdb"), "-D", str(home / "data"), "-U", "quanheng", "--auth=scram-sha-256"]
    command += [f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    result = _as(account, command, env)
    secret.unlink()
    if result.returncode:
        raise BackingError(f"PostgreSQL: initdb failed in {home}:\n{result.stdout}")


def _as(account: Account | None, command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=env,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
