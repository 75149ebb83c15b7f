"""What service methods are given: the database, the law they run under, the settings and the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nameko.extensions import DependencyProvider

from shared.law import load
from shared.messaging.doorbell import Doorbell, RemoteDoorbell
from shared.runtime.database import Store, make_engine
from shared.runtime.roles import ProcessRole

if TYPE_CHECKING:
    from shared.law import RuleSet
    from shared.runtime.config import Settings
    from shared.runtime.time import TimeSource


class Database(DependencyProvider):
    """Injects a Store."""

    def setup(self) -> None:
        settings = self.container.settings
        engine = make_engine(settings.database_url, pool=settings.database_pool)
        self.bell = Doorbell() if ProcessRole.RELAY in self.container.roles else RemoteDoorbell(engine)
        self.store = Store(engine, self.bell)

    def start(self) -> None:
        self.bell.start()

    def stop(self) -> None:
        self.bell.stop()
        self.store.engine.dispose()

    def get_dependency(self, worker_ctx: Any) -> Store:  # noqa: ARG002 - nameko's signature
        return self.store


class Rules(DependencyProvider):
    """Injects the rule set that this deployment runs."""

    def setup(self) -> None:
        self.rules = load(self.container.settings.rules)

    def get_dependency(self, worker_ctx: Any) -> RuleSet:  # noqa: ARG002 - nameko's signature
        return self.rules


class Config(DependencyProvider):
    """Injects the settings of this process."""

    def get_dependency(self, worker_ctx: Any) -> Settings:  # noqa: ARG002 - nameko's signature
        return self.container.settings  # type: ignore[no-any-return]


class Time(DependencyProvider):
    """Injects where the time comes from."""

    def get_dependency(self, worker_ctx: Any) -> TimeSource:  # noqa: ARG002 - nameko's signature
        return self.container.time  # type: ignore[no-any-return]
