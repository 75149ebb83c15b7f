"""RabbitMQ: one virtual host for each namespace."""

import http.client
import json
import os
import secrets
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from signal import SIGTERM
from typing import Protocol
from urllib.parse import SplitResult, quote, unquote, urlsplit

import amqp
from amqp.exceptions import AMQPError, NotAllowed

from deploy.local.errors import BackingError, UnusableError
from deploy.local.process import Process, free_ports, listening, wait_until
from deploy.local.server import Private, Server

_USUAL_PORTS = {"amqp": 5672, "amqps": 5671}
_USUAL_MANAGEMENT_PORT = 15672
_DEBIAN = Path("/usr/lib/rabbitmq/bin")
_CTL_SECONDS = 60
_LOGIN_SECONDS = 20
"""A busy broker on a busy machine takes seconds; where none listens, the answer comes at once."""
_CTL_PORTS = range(32000, 32768)  # for rabbitmqctl, apart from the ports of servers
_FILES = 16384
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class _Administrator(Protocol):
    def make(self, vhost: str, user: str, *, fresh: bool) -> bool:
        """Create the virtual host, emptied first if `fresh`, and grant the user access; False if that is not
        allowed."""

    def remove(self, vhost: str) -> bool:
        """Delete the virtual host; False if there is none or that is not allowed."""


class RabbitMQ(Server):
    title = "RabbitMQ"
    variable = "QUANHENG_AMQP_URL"
    schemes = ("amqp", "amqps")
    package = "rabbitmq-server"
    _stop_politely = SIGTERM  # the same orderly shutdown as `rabbitmqctl stop`, without starting another Erlang

    def usual_urls(self) -> Iterator[str]:
        yield "amqp://guest:guest@127.0.0.1:5672"

    def prepare(self, url: str, namespace: str, *, fresh: bool) -> str:
        target = urlsplit(url)._replace(path=f"/{namespace}")
        user = unquote(target.username or "guest")
        there = _admits(target)
        if fresh or not there:
            for administrator in self._administrators(target):
                if administrator.make(namespace, user, fresh=there) and _admits(target):
                    break
            else:
                raise UnusableError(
                    f"user {user} can neither make nor empty the virtual host {namespace} at {_place(target)}, "
                    f"because the management plugin on port {_management_port(target)} refuses that user; "
                    f"ask an administrator of the broker to run: "
                    f"rabbitmq-plugins enable rabbitmq_management && rabbitmqctl set_user_tags {user} administrator"
                )
        return target.geturl()

    def remove(self, url: str, namespace: str) -> None:
        # Each queue holds file descriptors of the broker, used or not: what is left behind ends in a broker that
        # accepts no connection.
        with suppress(UnusableError):
            any(administrator.remove(namespace) for administrator in self._administrators(urlsplit(url)))

    def installed(self) -> bool:
        return _programs() is not None

    def knock(self, url: str) -> None:
        _admits(urlsplit(url))

    def _start(self) -> Private:
        programs = _programs()
        if programs is None:
            raise BackingError(
                f"RabbitMQ: the programs rabbitmq-server and rabbitmqctl are neither in {_DEBIAN} nor in PATH"
            )
        amqp_port, distribution, epmd = free_ports(3)
        password = secrets.token_hex(16)
        self.home.mkdir()
        config = self.home / "rabbitmq.conf"
        config.touch(mode=0o600)
        config.write_text(
            f"listeners.tcp.default = 127.0.0.1:{amqp_port}\ndefault_user = quanheng\ndefault_pass = {password}\n"
        )
        (self.home / "enabled_plugins").write_text("[].\n")
        (self.home / "rabbitmq-env.conf").touch()
        ports = {"epmd": epmd, "distribution": distribution}
        # Each queue holds file descriptors: the usual 1,024 suffice for two systems. Erlang reserves memory for each.
        more = f'ulimit -n {_FILES} 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$0"'
        command = ["/bin/sh", "-c", more, str(programs / "rabbitmq-server")]
        process = Process.spawn(command, env=_environment(self.home, ports), log=self.folder / "output.log")
        return Private(process, f"amqp://quanheng:{password}@127.0.0.1:{amqp_port}/", ports)

    def _end(self, private: Private) -> None:
        super()._end(private)
        # Erlang leaves its name server running; it stops only once no node is registered.
        port = private.ports["epmd"]

        def gone() -> bool:
            if listening(port):
                command = ["epmd", "-port", str(port), "-kill"]
                subprocess.run(command, env=_environment(self.home, private.ports), check=False, capture_output=True)
            return not listening(port)

        wait_until(gone, 5)

    def _administrators(self, target: SplitResult) -> Iterator[_Administrator]:
        private = self._private(alive=True)
        if private and urlsplit(private.url).netloc == target.netloc:
            yield _Ctl(str((_programs() or _DEBIAN) / "rabbitmqctl"), _environment(self.home, private.ports))
            return
        yield _Management(target)
        # Root may administer the machine's own broker with this command, whatever its plugins.
        command = shutil.which("rabbitmqctl")
        if command and os.geteuid() == 0 and target.hostname in _LOOPBACK and _listens(command, _port(target)):
            yield _Ctl(command, dict(os.environ))


@dataclass(frozen=True)
class _Ctl:
    """Administers with rabbitmqctl; needs read access to the broker's Erlang cookie."""

    command: str
    env: dict[str, str]

    def make(self, vhost: str, user: str, *, fresh: bool) -> bool:
        if fresh:
            self.remove(vhost)
        made = self.run("add_vhost", vhost).returncode == 0
        return made and self.run("set_permissions", "-p", vhost, user, ".*", ".*", ".*").returncode == 0

    def remove(self, vhost: str) -> bool:
        return self.run("delete_vhost", vhost).returncode == 0

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self.command, "--quiet", *arguments]
        try:
            return subprocess.run(
                command, env=self.env, cwd="/", capture_output=True, text=True, check=False, timeout=_CTL_SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise UnusableError(
                f"rabbitmqctl {arguments[0]} got no response in {_CTL_SECONDS} s: see the broker's log; "
                "a broker without free file descriptors does not respond"
            ) from error


@cache
def _listens(command: str, port: int) -> bool:
    """Whether rabbitmqctl controls the broker on this port, and not another one on this machine. Asked once, since each
    call starts an Erlang machine."""
    status = _Ctl(command, dict(os.environ)).run("status", "--formatter", "json")
    return status.returncode == 0 and port in {entry["port"] for entry in json.loads(status.stdout)["listeners"]}


@dataclass(frozen=True)
class _Management:
    """Administers with the management plugin, with the broker's login."""

    target: SplitResult

    def make(self, vhost: str, user: str, *, fresh: bool) -> bool:
        if fresh:
            self.remove(vhost)
        rights = '{"configure": ".*", "write": ".*", "read": ".*"}'
        return self._call("PUT", f"/api/vhosts/{vhost}") and self._call(
            "PUT", f"/api/permissions/{vhost}/{quote(user, safe='')}", rights
        )

    def remove(self, vhost: str) -> bool:
        return self._call("DELETE", f"/api/vhosts/{vhost}")

    def _call(self, method: str, path: str, body: str = "") -> bool:
        login = f"{unquote(self.target.username or 'guest')}:{unquote(self.target.password or 'guest')}"
        headers = {
            "Authorization": f"Basic {b64encode(login.encode()).decode()}",
            "Content-Type": "application/json",
        }
        session = http.client.HTTPConnection(
            self.target.hostname or "127.0.0.1", _management_port(self.target), timeout=5
        )
        try:
            session.request(method, path, body, headers)
            return session.getresponse().status < http.client.BAD_REQUEST
        except (OSError, OverflowError, http.client.HTTPException):  # OverflowError: no such port
            return False
        finally:
            session.close()


def _admits(target: SplitResult) -> bool:
    """Whether the virtual host in the URL exists and its user may access it.

    Raises UnusableError if no broker responds or the login is refused.
    """
    session = amqp.Connection(
        host=_place(target),
        userid=unquote(target.username or "guest"),
        password=unquote(target.password or "guest"),
        virtual_host=unquote(target.path[1:]) or "/",
        ssl=target.scheme == "amqps",
        connect_timeout=_LOGIN_SECONDS,
        read_timeout=_LOGIN_SECONDS,
        write_timeout=_LOGIN_SECONDS,
    )
    try:
        session.connect()
    except NotAllowed:
        return False
    except (OSError, AMQPError) as error:
        raise UnusableError(f"cannot log in to a broker at {_place(target)}: {error}") from error
    else:
        return True
    finally:
        session.close()


def _place(target: SplitResult) -> str:
    return f"{target.hostname}:{_port(target)}"


def _port(target: SplitResult) -> int:
    return target.port or _USUAL_PORTS[target.scheme]


def _management_port(target: SplitResult) -> int:
    """Offset from the plugin's usual port like the broker's from its own: the usual port may belong to another
    broker."""
    return _USUAL_MANAGEMENT_PORT + _port(target) - _USUAL_PORTS[target.scheme]


def _programs() -> Path | None:
    """The folder of the real programs; Debian's wrappers in PATH work only for root and its own broker."""
    on_path = shutil.which("rabbitmq-server")
    folders = [_DEBIAN, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "rabbitmq-env").exists()), None)


def _environment(home: Path, ports: dict[str, int]) -> dict[str, str]:
    """The broker's environment, isolated from other brokers and their files."""
    loopback_only = "-kernel inet_dist_use_interface {127,0,0,1}"
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),  # Erlang makes its cookie here
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "RABBITMQ_NODENAME": "quanheng@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(ports["distribution"]),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback_only,
        "RABBITMQ_CTL_ERL_ARGS": loopback_only,
        # By default only eleven rabbitmqctl calls can run on a machine at the same time.
        "RABBITMQ_CTL_DIST_PORT_MIN": str(_CTL_PORTS.start),
        "RABBITMQ_CTL_DIST_PORT_MAX": str(_CTL_PORTS.stop - 1),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(home / "data"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_SCHEMA_DIR": str(home / "schema"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
    }
