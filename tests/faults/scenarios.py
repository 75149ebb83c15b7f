"""The list of fault scenarios. Each runs its load and leaves the system intact."""

from __future__ import annotations

from tests.faults.crashes import CRASHES
from tests.faults.messages import MESSAGES
from tests.faults.outages import OUTAGES

SCENARIOS = (*CRASHES, *MESSAGES, *OUTAGES)
