"""nameko's container, corrected where it would lose work, and cut down to the roles a process takes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from greenlet import GreenletExit
from nameko.containers import ServiceContainer

from shared.observability import get_logger
from shared.runtime.time import time_source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from shared.runtime.config import Settings
    from shared.runtime.database import Store
    from shared.runtime.roles import ProcessRole
    from shared.runtime.time import TimeSource

log = get_logger(__name__)


class Container(ServiceContainer):
    """Hosts one service class in the given roles. Entry points say in `role` to which they belong."""

    def __init__(self, service_cls: type, settings: Settings, roles: Collection[ProcessRole]) -> None:
        self.settings = settings
        self.roles = frozenset(roles)
        self.time: TimeSource = time_source(settings)
        super().__init__(service_cls)
        unwanted = {entrypoint for entrypoint in self.entrypoints if entrypoint.role not in self.roles}
        self.entrypoints -= unwanted

    @property
    def store(self) -> Store:
        """The service's database, for the extensions that work outside a service method."""
        return next(  # type: ignore[no-any-return]
            provider.store for provider in self.dependencies if provider.attr_name == "store"
        )

    @property
    def busy(self) -> int:
        """How many workers are running now."""
        return int(self._worker_pool.running())

    def _run_worker(self, worker_ctx: Any, handle_result: Callable[..., Any] | None) -> None:
        """Run a worker so that its entry point hears of every outcome.

        nameko reports only what derives from Exception and is raised inside the service method. A timeout
        (BaseException) or a dependency that fails to set up would leave a request without an answer and a message
        without acknowledgement.
        """
        reported = False

        def report_once(*outcome: Any) -> Any:
            nonlocal reported
            reported = True
            return handle_result(*outcome) if handle_result else outcome[1:]

        try:
            super()._run_worker(worker_ctx, report_once)
        except GreenletExit:
            raise
        except BaseException as error:
            log.exception("worker_escaped", error=repr(error))
            if not reported:
                report_once(worker_ctx, None, sys.exc_info())
