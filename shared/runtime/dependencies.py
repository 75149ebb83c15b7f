"""What service methods are given besides the database: the law they run under, and the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nameko.extensions import DependencyProvider

from shared.law import load

if TYPE_CHECKING:
    from shared.law import RuleSet
    from shared.runtime.config import Settings
    from shared.runtime.time import Clock


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
    """Injects the clock."""

    def get_dependency(self, worker_ctx: Any) -> Clock:  # noqa: ARG002 - nameko's signature
        return self.container.clock  # type: ignore[no-any-return]
