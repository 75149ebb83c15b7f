"""Runs a real process with another class in place of the service's own."""

from __future__ import annotations

import sys
from types import ModuleType

from shared.runtime.process import main


def run(service: type) -> None:
    """As `python -m shared.runtime` does, with `service` for the one whose name it has."""
    module = ModuleType(f"services.{service.name}.service")  # type: ignore[attr-defined]
    module.Service = service  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    main()
