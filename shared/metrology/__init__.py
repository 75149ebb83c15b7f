"""Measured values, maximum permissible errors and verdicts, in exact arithmetic."""

from shared.metrology.engines import ENGINES, EngineError, engine
from shared.metrology.limits import Engine, Mpe, Verdict, judge
from shared.metrology.quantity import Quantity, QuantityError
from shared.metrology.r76 import (
    CLASSES,
    R76,
    R76Error,
    Reading,
    Violation,
    check_class,
    check_reading,
    corrected_error,
    error_of_indication,
)

__all__ = [
    "CLASSES",
    "ENGINES",
    "R76",
    "Engine",
    "EngineError",
    "Mpe",
    "Quantity",
    "QuantityError",
    "R76Error",
    "Reading",
    "Verdict",
    "Violation",
    "check_class",
    "check_reading",
    "corrected_error",
    "engine",
    "error_of_indication",
    "judge",
]
