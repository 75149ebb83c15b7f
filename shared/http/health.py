"""What the probes tell: whether a process can do its work, and how much of it is waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.http.routes import Page, Reply
from shared.observability import metrics

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Engine
    from werkzeug.wrappers import Request

FIGURES_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OK = "ok"
_PING = text("SELECT 1")
_BACKLOG = text(
    "SELECT (SELECT count(*) FROM outbox) AS depth,"
    " (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(committed_at)), 0) FROM outbox) AS age,"
    " (SELECT count(*) FROM held WHERE parked_at IS NULL) AS held,"
    " (SELECT count(*) FROM held WHERE parked_at IS NOT NULL) AS parked"
)


class Report(NamedTuple):
    """An answer of `/readyz`."""

    status: int
    body: dict[str, Any]


class Health(Protocol):
    """What a process tells of itself."""

    def report(self) -> Report:
        """Whether it can do its work."""

    def figures(self) -> bytes:
        """Its metrics, as Prometheus reads them."""


def probes(health: Health) -> list[Page]:
    def alive(_: Request) -> Reply:
        return Reply({"status": "alive"})

    def ready(_: Request) -> Reply:
        status, body = health.report()
        return Reply(body, status)

    def figures(_: Request) -> Reply:
        return Reply(health.figures(), headers={"Content-Type": FIGURES_TYPE})

    return [Page("/livez", alive), Page("/readyz", ready), Page("/metrics", figures)]


def report(parts: Mapping[str, str], needed: Collection[str], *, draining: bool = False) -> Report:
    """How each part of the process is, and whether those that are `needed` are OK."""
    ready = not draining and all(parts[name] == OK for name in needed)
    return Report(200 if ready else 503, {"status": "ready" if ready else "not ready", **parts})


def measure_backlog(engine: Engine) -> None:
    """Bring the gauges of what waits in the database up to date; without a database they keep their last values."""
    try:
        with engine.connect() as connection:
            found = connection.execute(_BACKLOG).one()
    except SQLAlchemyError:
        return
    metrics.outbox_depth.set(found.depth)
    metrics.outbox_age.set(float(found.age))
    metrics.held.set(found.held)
    metrics.parked.set(found.parked)


def database(engine: Engine) -> str:
    """How the database is."""
    try:
        with engine.connect() as connection:
            connection.execute(_PING)
    except SQLAlchemyError as error:
        return f"cannot be used: {type(error).__name__}"
    return OK
