"""`python -m shared.runtime SERVICE [--role ROLE …]` runs a service; `… SERVICE migrate` prepares its database."""

from __future__ import annotations

import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet  # noqa: E402

# Before anything else is imported: sockets, locks and psycopg2 must be the cooperative ones from the start.
eventlet.monkey_patch()

from shared.runtime.process import main  # noqa: E402

main()
