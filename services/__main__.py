"""`python -m services SERVICE [--role ROLE …]` runs a service; `… SERVICE migrate` prepares its database."""

from __future__ import annotations

from services.registry import REGISTRY
from shared.runtime import command

told = command.read(REGISTRY)
# Before anything else is imported: sockets, locks and psycopg2 must be the cooperative ones from the start.
command.enter(told)

from shared.runtime.process import run  # noqa: E402

run(told, REGISTRY[told.service])
