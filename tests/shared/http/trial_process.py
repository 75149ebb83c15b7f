"""Runs the test procedure as a real process.

`python -m tests.shared.http.trial_process type_approval --role api`: the service's routes are replaced, all else is as
in any other.
"""

from __future__ import annotations

from services.registry import REGISTRY
from shared.runtime import command
from shared.runtime.process import run
from tests.shared.http.trial import AFTER
from tests.stand_in import stand_in

stand_in("services.type_approval.api", OFFER=AFTER)
told = command.read(REGISTRY)
run(told, REGISTRY[told.service])
