"""Private servers, in a folder separate from this machine's servers and from those of the test run."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import amqp
import psycopg2
import pytest

from deploy.local import packages
from deploy.local.backing import Backing, ensure
from deploy.local.errors import BackingError
from deploy.local.postgres import DATABASES, PostgreSQL
from deploy.local.process import wait_until
from deploy.local.rabbitmq import RabbitMQ

NAMESPACE = "quanheng_test"
OTHER = "quanheng_test_other"
THIRD = "quanheng_test_third"

pytestmark = [pytest.mark.servers, pytest.mark.long]

# Wants the namespace fresh, tells where it is, and waits to be ended.
HOLDER = f"""
import signal, time
# Whatever runs in the background of a shell would ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
from deploy.local.backing import ensure
with ensure({NAMESPACE!r}, fresh=True) as backing:
    print(backing.amqp_url, backing.database_url, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not pytest's own: PostgreSQL's account must be able to enter it when the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="quanheng-test-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module", autouse=True)
def private_only(folder: Path) -> Iterator[None]:
    try:
        packages.provide({server.package: server.installed for server in (RabbitMQ(folder), PostgreSQL(folder))})
    except BackingError as error:
        pytest.skip(f"the tests run on servers elsewhere: {error}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUANHENG_RUN_DIR", str(folder))
        patch.setenv("QUANHENG_BACKING", "private")
        patch.delenv("QUANHENG_AMQP_URL", raising=False)
        patch.delenv("QUANHENG_DATABASE_URL", raising=False)
        yield


def start_holder(**variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", HOLDER],
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(holder: subprocess.Popen[str], how: signal.Signals) -> tuple[str, str]:
    holder.send_signal(how)
    return holder.communicate(timeout=60)


def processes_of(folder: Path) -> list[str]:
    """Those that name the folder in their command or environment, except the tests themselves."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_text(errors="replace")
            known = command + (process / "environ").read_text(errors="replace")
            if str(folder / "rabbitmq") in known or str(folder / "postgresql") in known:
                found.append(command)
    return found


@pytest.fixture(scope="module")
def killed_run(folder: Path) -> list[str]:
    """The URLs of a run that was killed and left its servers behind."""
    holder = start_holder()
    assert holder.stdout
    urls = holder.stdout.readline().split()
    _, said = end(holder, signal.SIGKILL)
    assert urls, said
    assert processes_of(folder)
    return urls


@pytest.fixture(scope="module")
def backing(folder: Path, killed_run: list[str]) -> Iterator[Backing]:  # noqa: ARG001  comes after it
    with ensure(NAMESPACE, fresh=True) as backing:
        yield backing
    assert not processes_of(folder)
    assert {entry.name for entry in folder.iterdir()} == {"gate", "users"}


def databases(backing: Backing) -> set[str]:
    session = psycopg2.connect(backing.database_url)
    with session.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        names = {name for (name,) in cursor}
    session.close()
    return names


def execute(url: str, statement: str) -> None:
    session = psycopg2.connect(url)
    session.autocommit = True
    with session.cursor() as cursor:
        cursor.execute(statement)
    session.close()


def broker(backing: Backing, vhost: str) -> amqp.Connection:
    url = urlsplit(backing.amqp_url)
    session = amqp.Connection(url.netloc.partition("@")[2], url.username, url.password, virtual_host=vhost)
    session.connect()
    return session


def test_servers_of_a_killed_run_are_used_again_and_stopped_in_the_end(backing: Backing, killed_run: list[str]) -> None:
    assert [backing.amqp_url, backing.database_url] == killed_run


def test_a_namespace_has_a_virtual_host_and_a_database_for_each_service(backing: Backing) -> None:
    assert urlsplit(backing.amqp_url).path == f"/{NAMESPACE}"
    assert databases(backing) >= {f"{NAMESPACE}_{service}" for service in DATABASES}
    broker(backing, NAMESPACE).close()


def test_fresh_empties_its_own_namespace_and_no_other(backing: Backing) -> None:
    with ensure(OTHER) as other:
        execute(other.database_url.replace("/postgres", f"/{OTHER}_licensing"), "CREATE TABLE kept ()")
        session = broker(other, OTHER)
        session.channel().queue_declare("kept", durable=True, auto_delete=False)
        session.close()
        with ensure(THIRD, fresh=True) as third:
            assert databases(third) >= {f"{THIRD}_{service}" for service in DATABASES}
            broker(third, THIRD).close()
        assert not databases(other) & {f"{THIRD}_{service}" for service in DATABASES}, "it leaves nothing behind"
        with pytest.raises(amqp.NotAllowed):
            broker(other, THIRD)

        session = broker(other, OTHER)
        session.channel().queue_declare("kept", passive=True)
        session.close()
        execute(other.database_url.replace("/postgres", f"/{OTHER}_licensing"), "TABLE kept")
        with ensure(OTHER, fresh=True):
            session = broker(other, OTHER)
            with pytest.raises(amqp.NotFound):
                session.channel().queue_declare("kept", passive=True)
            session.close()
            with pytest.raises(psycopg2.errors.UndefinedTable):
                execute(other.database_url.replace("/postgres", f"/{OTHER}_licensing"), "TABLE kept")
    assert databases(backing) >= {f"{NAMESPACE}_{service}" for service in DATABASES}


def test_a_namespace_wanted_fresh_by_another_run_is_waited_for(backing: Backing) -> None:
    waiting = start_holder()
    assert waiting.stderr
    said = waiting.stderr.readline()
    while said and "Waiting for another run" not in said:
        said = waiting.stderr.readline()
    out, _ = end(waiting, signal.SIGTERM)
    assert f"finish with {NAMESPACE}" in said
    assert out == ""
    assert NAMESPACE + "_licensing" in databases(backing)


def test_urls_from_the_environment_come_first(
    backing: Backing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Made through the run that owns the broker: from another one its user may not make a virtual host.
    ensure(OTHER).close()
    for name, value in backing.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QUANHENG_RUN_DIR", str(tmp_path))
    with ensure(OTHER) as found:
        assert urlsplit(found.amqp_url).netloc == urlsplit(backing.amqp_url).netloc
        assert found.database_url == backing.database_url
    assert not (tmp_path / "rabbitmq").exists()


def test_the_machines_own_servers_come_before_private_ones(
    backing: Backing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("QUANHENG_BACKING")
    monkeypatch.setenv("QUANHENG_RUN_DIR", str(tmp_path))
    monkeypatch.setattr(RabbitMQ, "usual_urls", lambda _: iter([backing.amqp_url]))
    monkeypatch.setattr(
        PostgreSQL, "usual_urls", lambda _: iter(["postgresql://nobody@127.0.0.1:1/postgres", backing.database_url])
    )
    with ensure(NAMESPACE) as found:
        assert (found.amqp_url, found.database_url) == (backing.amqp_url, backing.database_url)
    assert capsys.readouterr().err == "RabbitMQ: using this machine's own\nPostgreSQL: using this machine's own\n"


def test_a_server_that_lets_us_make_no_database_is_passed_over(
    backing: Backing, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(backing.database_url, "CREATE ROLE visitor LOGIN PASSWORD 'x'")
    address = urlsplit(backing.database_url).netloc.partition("@")[2]
    monkeypatch.delenv("QUANHENG_BACKING")
    monkeypatch.setattr(RabbitMQ, "usual_urls", lambda _: iter([backing.amqp_url]))
    monkeypatch.setattr(PostgreSQL, "usual_urls", lambda _: iter([f"postgresql://visitor:x@{address}/postgres"]))
    with ensure("quanheng_test_fourth") as found:
        assert found.database_url == backing.database_url


@pytest.mark.parametrize(
    ("variable", "url", "complaint"),
    [
        (
            "QUANHENG_AMQP_URL",
            "amqp://guest:secret@127.0.0.1:1/",
            "cannot log in to a broker at 127.0.0.1:1: [Errno 111]",
        ),
        ("QUANHENG_AMQP_URL", "127.0.0.1:5672", "not a URL of the form amqp://"),
        (
            "QUANHENG_DATABASE_URL",
            "postgresql://app:secret@127.0.0.1:1/postgres",
            'server at "127.0.0.1", port 1 failed',
        ),
        ("QUANHENG_DATABASE_URL", "mysql://127.0.0.1/", "not a URL of the form postgresql://"),
    ],
)
def test_a_url_that_does_not_serve_is_an_error_that_names_its_variable(variable: str, url: str, complaint: str) -> None:
    command = [sys.executable, "-m", "deploy.local.backing", "up", "--namespace", NAMESPACE]
    env = os.environ | {variable: url}
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603  as above
    assert result.returncode == 1
    assert result.stderr.startswith(f"{variable}: ")
    assert complaint in result.stderr
    assert "secret" not in result.stderr
    assert "starting" not in result.stderr


@pytest.mark.parametrize("namespace", ["Quanheng", "quanheng-test", "1st", "x" * 41, ""])
def test_a_namespace_that_could_not_name_a_database_is_refused(namespace: str) -> None:
    with pytest.raises(BackingError, match="at most 40 small letters"):
        ensure(namespace)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_ended_while_its_servers_boot_leaves_no_process(how: signal.Signals, tmp_path: Path) -> None:
    holder = start_holder(QUANHENG_RUN_DIR=str(tmp_path))
    try:
        assert wait_until((tmp_path / "rabbitmq" / "server.json").exists, 30)
        time.sleep(1)
        assert processes_of(tmp_path)
        data = (tmp_path / "postgresql" / "home").resolve()
        assert data.is_dir()
    finally:
        end(holder, how)
    # Erlang's own helper of a moment may outlive the server that called it.
    assert wait_until(lambda: not processes_of(tmp_path), 30)
    assert not (tmp_path / "rabbitmq").exists()
    assert not (tmp_path / "postgresql").exists()
    assert not data.exists()


def test_the_management_of_a_broker_is_looked_for_beside_it_and_not_at_another_one(
    backing: Backing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in backing.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QUANHENG_RUN_DIR", str(tmp_path))
    beside = (urlsplit(backing.amqp_url).port or 0) + 10_000
    with (
        pytest.raises(BackingError, match=f"management plugin on port {beside} refuses"),
        ensure("quanheng_test_unknown", fresh=True),
    ):
        pass
