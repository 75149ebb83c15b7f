"""What the probes tell: whether the process can do its work, and how much of it is waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.http.routes import Page, Reply
from shared.observability import metrics
from shared.runtime.container import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request

    from shared.runtime.container import Container

_PING = text("SELECT 1")
_BACKLOG = text(
    "SELECT (SELECT count(*) FROM outbox),"
    " (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(committed_at)), 0) FROM outbox),"
    " (SELECT count(*) FROM held WHERE parked_at IS NULL), (SELECT count(*) FROM held WHERE parked_at IS NOT NULL)"
)


def probes(container: Container, draining: Callable[[], bool]) -> list[Page]:
    def alive(_: Request) -> Reply:
        return Reply({"status": "alive"})

    def ready(_: Request) -> Reply:
        status, report = readiness(container, draining=draining())
        return Reply(report, status)

    def figures(_: Request) -> Reply:
        measure_backlog(container)
        return Reply(metrics.exposition(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    return [Page("/livez", alive), Page("/readyz", ready), Page("/metrics", figures)]


def readiness(container: Container, *, draining: bool) -> tuple[int, dict[str, Any]]:
    """Status code and report. A broker outage alone does not take the API away: the outbox keeps what it says."""
    report: dict[str, Any] = {"database": _database(container)}
    for entrypoint in container.entrypoints:
        if entrypoint.role is not Role.API:
            report[str(entrypoint.role)] = "ok" if entrypoint.connected else "no broker"
    needed = ["database"] if Role.API in container.roles else list(report)
    ready = not draining and all(report[name] == "ok" for name in needed)
    return (200 if ready else 503), {"status": "ready" if ready else "not ready", **report}


def measure_backlog(container: Container) -> None:
    """Bring the gauges of what waits in the database up to date; without a database they keep their last values."""
    try:
        with container.store.engine.connect() as connection:
            depth, age, held, parked = connection.execute(_BACKLOG).one()
    except SQLAlchemyError:
        return
    metrics.outbox_depth.set(depth)
    metrics.outbox_age.set(float(age))
    metrics.held.set(held)
    metrics.parked.set(parked)


def _database(container: Container) -> str:
    try:
        with container.store.engine.connect() as connection:
            connection.execute(_PING)
    except SQLAlchemyError as error:
        return f"cannot be used: {type(error).__name__}"
    return "ok"
