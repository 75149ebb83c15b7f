"""Runs a service as `python -m services` does, but makes it die or fail at a named point.

    python -m tests.faults.runner SERVICE [--role ROLE …]      FAULT=kill@POINT:N or FAULT=fail@POINT:N

`kill` ends the process with SIGKILL at its N-th pass of the point; `fail` raises there what a database raises that
cannot be used just now, the first N times. The product's functions are wrapped here, from outside: it has no hooks.
"""

from __future__ import annotations

from services.registry import REGISTRY
from shared.runtime import command
from tests.faults.registered import WITNESS

KNOWN = {**REGISTRY, WITNESS.name: WITNESS}
told = command.read(KNOWN)
command.enter(told)

import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

from sqlalchemy.exc import OperationalError  # noqa: E402

from shared.runtime.database import Store  # noqa: E402
from shared.runtime.process import run  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Fault:
    """What happens at the point, and when."""

    def __init__(self, text: str) -> None:
        self._kind, _, rest = text.partition("@")
        self.fails = self._kind == "fail"
        self.point, _, count = rest.partition(":")
        self._count = int(count)
        self._passes = 0

    def strike(self) -> None:
        self._passes += 1
        if self._kind == "kill" and self._passes == self._count:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fails and self._passes <= self._count:
            raise OperationalError("fault", {}, Exception("the database cannot be used just now"))

    def before(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.strike()
            return real(*args, **kwargs)

        return wrapped

    def after(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            self.strike()
            return result

        return wrapped


def arm(fault: Fault) -> None:
    """Wrap the function that the fault's point names, where this process has it."""
    if not told.in_greenthreads:
        if fault.point == "before_answer":
            # The request's fact is committed, the caller has no answer.
            _wrap(Store, "transaction", lambda opens: _after_commit(opens, fault))
        return
    from shared.messaging import entrypoints, relay  # noqa: PLC0415 - nameko

    if fault.fails:
        # Many failures in a row are to take seconds, not minutes.
        entrypoints.MAX_BACKOFF_SECONDS = 0.1
    service = sys.modules[KNOWN[told.service].events().__module__]
    points: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
        # A fact is committed and its event is not published yet; a batch may be published in part.
        "before_publish": (relay.ConfirmingChannel, "publish", fault.before),
        "before_confirm": (relay.ConfirmingChannel, "confirmed", fault.before),
        # The broker has confirmed, the rows are still in the outbox.
        "after_publish": (relay.ConfirmingChannel, "confirmed", fault.after),
        # The service's handler has done its work, nothing is committed.
        "after_handling": (service, "take", lambda take: _with_handler(take, fault)),
        # The effect is committed, the messages are not acknowledged.
        "before_ack": (entrypoints._Reader, "settle", fault.before),
        "after_ack": (entrypoints._Reader, "settle", fault.after),
    }
    if fault.point in points:
        _wrap(*points[fault.point])


def _wrap(owner: Any, name: str, wrapper: Callable[[Any], Any]) -> None:
    setattr(owner, name, wrapper(getattr(owner, name)))


def _with_handler(take: Any, fault: Fault) -> Callable[..., Any]:
    def wrapped(engine: Any, handler: Any, *rest: Any) -> None:
        take(engine, fault.after(handler), *rest)

    return wrapped


def _after_commit(opens: Any, fault: Fault) -> Callable[..., Any]:
    @contextmanager
    def wrapped(*args: Any, **kwargs: Any) -> Iterator[Any]:
        with opens(*args, **kwargs) as tx:
            yield tx
        fault.strike()

    return wrapped


if text := os.environ.get("FAULT"):
    arm(Fault(text))
run(told, KNOWN[told.service], program="tests.faults.runner")
