"""The systems compared, each as three processes (HTTP, relay, consumer) on databases of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.local.process import free_ports
from deploy.local.system import System, development_key
from services.catalogue import TOPOLOGY
from shared.identity import Actor, Role, issue
from shared.messaging import topology
from shared.messaging.envelope import PARTITIONS
from tests.bench import prepare
from tests.bench.servers import ROOT
from tests.bench.stack import Member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.servers import Servers

PEERS = ROOT / "tests" / "bench" / "peers"
PEERS_VENV = ROOT / ".run" / "peers-venv"
SOURCE, READER = "type_approval", "notifications"
ISSUER = "https://issuer.bench.localhost"
"""Measured is what production runs, and that believes no development issuer."""
ENGINEER = Actor("engineer-1", "张工", Role.LAB, prepare.LAB)


@dataclass(frozen=True, slots=True)
class Contestant:
    """A system under measurement. `consumed` counts on `consumer` what has been consumed ever."""

    name: str
    producer: str
    consumer: str
    consumed: str
    queues: tuple[str, ...]
    exchange: str
    members: tuple[Member, ...]
    port: int

    def member(self, role: str) -> Member:
        return next(member for member in self.members if member.name.endswith(role))


class Contest:
    """Prepares the databases and queues of every contestant, once, and knows how each is started."""

    def __init__(self, servers: Servers, wanted: Sequence[str]) -> None:
        self.servers = servers
        self.system = System(servers.backing, given_time=False)
        self.system.migrate()
        self.system.leave()
        prepare.fill(servers)
        self.token = issue(development_key(), ENGINEER, issuer=ISSUER)
        self.peers = tuple(wanted)
        self.contestants = [self._ours("quanheng"), *(self._peer(name) for name in wanted)]

    def _ours(self, name: str) -> Contestant:
        roles = {"api": SOURCE, "relay": SOURCE, "consume": READER}
        ports = dict(zip(roles, free_ports(len(roles)), strict=True))
        members = tuple(
            self.process(f"{name}.{role}", service, ports[role], "--role", role) for role, service in roles.items()
        )
        queues = tuple(topology.queue_name(READER, SOURCE, partition) for partition in range(PARTITIONS))
        unread = tuple(queue.name for queue in TOPOLOGY.queues_from(SOURCE) if queue.name not in queues)
        consumed = f"SELECT sum(last_seq) - {prepare.CASES * prepare.EVENTS} FROM inbox"
        return Contestant(
            name,
            self.servers.producer,
            self.servers.consumer,
            consumed,
            queues + unread,
            f"{SOURCE}.events",
            members,
            ports["api"],
        )

    def process(self, name: str, service: str, port: int, *options: str) -> Member:
        return process(self.system, name, service, port, *options)

    def _peer(self, name: str) -> Contestant:
        producer, consumer = prepare.copy(self.servers, name)
        exchange, queue, unread = f"{name}.events", f"{name}.notifications", f"{name}.licensing"
        with self.servers.broker() as session:
            channel = session.channel()
            channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
            # As many queues per event as with ours: a second service reads the same events.
            for one in (queue, unread):
                channel.queue_declare(one, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
                channel.queue_bind(one, exchange, "#")
        (port,) = free_ports(1)
        env = self._peer_environment(name, producer, consumer, exchange, queue)
        members = tuple(
            Member(f"{name}.{role}", command, env, PEERS / f"{name}_peer", port if role == "api" else None)
            for role, command in _commands(name, port).items()
        )
        return Contestant(
            name,
            producer,
            consumer,
            "SELECT count(*) FROM received",
            (queue, unread),
            exchange,
            members,
            port,
        )

    def _peer_environment(self, name: str, producer: str, consumer: str, exchange: str, queue: str) -> dict[str, str]:
        told = self.system.environment(SOURCE)
        driver = "asyncpg" if name == "faststream" else "psycopg2"
        urls = [self.servers.database_url(database) for database in (producer, consumer)]
        producer_url, consumer_url = (url.replace("postgresql:", f"postgresql+{driver}:", 1) for url in urls)
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PEERS),
            "PYTHONUNBUFFERED": "1",
            "PEER_AMQP_URL": self.servers.amqp_url,
            "PEER_PRODUCER_URL": producer_url,
            "PEER_CONSUMER_URL": consumer_url,
            "PEER_EXCHANGE": exchange,
            "PEER_QUEUE": queue,
            "PEER_ISSUER": ISSUER,
            **{f"PEER_{name}": told[f"QUANHENG_{name}"] for name in ("JWKS", "AUDIENCE")},
        }


def process(system: System, name: str, service: str, port: int, *options: str) -> Member:
    """A process of ours, in all roles or those told in `options`."""
    command = [sys.executable, "-m", "services", service, *options]
    return Member(name, command, environment(system, service, port), ROOT, port)


def environment(system: System, service: str, port: int) -> dict[str, str]:
    """What a process of ours is told in production."""
    told = system.environment(service) | {
        "QUANHENG_HTTP_PORT": str(port),
        "QUANHENG_PROFILE": "production",
        "QUANHENG_ISSUER": ISSUER,
        "PYTHONWARNINGS": "ignore",
    }
    # What only development allows or asks for.
    for name in ("QUANHENG_WEBHOOK_PRIVATE", "QUANHENG_DATABASE_POOL"):
        told.pop(name)
    return told


def install_peers() -> None:
    """The peers' own environment, from their lock file, at first use."""
    lock = PEERS / "requirements.lock"
    mark = PEERS_VENV / "ready"
    if mark.exists() and mark.stat().st_mtime >= lock.stat().st_mtime:
        return
    print("Installing the peers", file=sys.stderr)  # noqa: T201 - a program's output
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEERS_VENV)], check=True)  # noqa: S603
    pip = [str(PEERS_VENV / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(lock)]
    subprocess.run(pip, check=True)  # noqa: S603
    mark.touch()


def _commands(peer: str, port: int) -> dict[str, list[str]]:
    programs = PEERS_VENV / "bin"
    python = str(programs / "python")
    if peer == "faststream":
        uvicorn = [str(programs / "uvicorn"), "api:app", "--host", "127.0.0.1", "--port", str(port)]
        return {"api": uvicorn, "relay": [python, "relay.py"], "consume": [python, "consume.py"]}
    gunicorn = [str(programs / "gunicorn"), "api:app", "--bind", f"127.0.0.1:{port}", "--access-logfile", "-"]
    celery = [str(programs / "celery"), "-A", "consume", "worker", "--pool", "threads", "--concurrency", "16"]
    return {
        "api": [*gunicorn, "--worker-class", "gthread", "--workers", "1", "--threads", "16"],
        "relay": [python, "relay.py"],
        "consume": [*celery, "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"],
    }
