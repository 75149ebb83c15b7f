"""Runs a real process with something else in place of a service's own API or entry points."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def stand_in(module: str, **members: Any) -> None:
    """Have whoever imports the module find one with these members."""
    made = ModuleType(module)
    vars(made).update(members)
    sys.modules[module] = made
