"""Runs notifications with a handler that does what the peers' handlers do, and nothing else of notifications.

`python -m tests.bench.light notifications --role consume`: the service's class is replaced, all else is the real
process.
"""

# nameko's decorators are untyped.
# mypy: disable-error-code=untyped-decorator
from __future__ import annotations

from services.registry import REGISTRY
from shared.runtime import command

told = command.read(REGISTRY)
# As in `services.__main__`: before anything else is imported.
command.enter(told)

from typing import TYPE_CHECKING  # noqa: E402

from services.catalogue import TOPOLOGY  # noqa: E402
from shared.messaging.entrypoints import consume  # noqa: E402
from shared.messaging.inbox import take  # noqa: E402
from shared.runtime.dependencies import Database  # noqa: E402
from shared.runtime.process import run  # noqa: E402
from tests.bench.reaction import react  # noqa: E402
from tests.stand_in import stand_in  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence


class Service:
    name = "notifications"
    store = Database()

    @consume(TOPOLOGY)
    def take(self, bodies: Sequence[bytes]) -> None:
        take(self.store.engine, react, bodies)


stand_in("services.notifications.service", Service=Service)
run(told, REGISTRY[told.service])
