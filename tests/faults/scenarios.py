"""What goes wrong, scenario by scenario. Each plays its load and leaves the system whole."""

from __future__ import annotations

from tests.faults.crashes import CRASHES
from tests.faults.messages import MESSAGES
from tests.faults.outages import OUTAGES

SCENARIOS = (*CRASHES, *MESSAGES, *OUTAGES)
