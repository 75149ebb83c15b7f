"""Runs the test procedure as a real process: `python -m tests.shared.http.trial_process type_approval`.

The class of the service is replaced, all else is as in any other.
"""

# nameko's decorators are untyped.
# mypy: disable-error-code=untyped-decorator
from __future__ import annotations

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet  # noqa: E402

# As in shared.runtime: before anything else is imported.
eventlet.monkey_patch()

from typing import TYPE_CHECKING  # noqa: E402

from shared.http.server import respond  # noqa: E402
from shared.runtime.database import Database  # noqa: E402
from shared.runtime.dependencies import Rules  # noqa: E402
from tests.shared.http.trial import AFTER  # noqa: E402
from tests.stand_in import run  # noqa: E402

if TYPE_CHECKING:
    from shared.http import Call, Problem, Reply


class Service:
    name = "type_approval"
    store = Database()
    rules = Rules()

    @respond(AFTER)
    def answer(self, call: Call) -> Reply | Problem:
        call.store, call.rules = self.store, self.rules
        return call.answered()


if __name__ == "__main__":
    run(Service)
