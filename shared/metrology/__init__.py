"""Measured values, maximum permissible errors and verdicts, in exact arithmetic."""

from shared.metrology.engines import ENGINES, EngineError, engine
from shared.metrology.limits import Engine, Mpe, Verdict, judge
from shared.metrology.quantity import Quantity, QuantityError
from shared.metrology.r76 import R76, R76Error, Violation, check_class, corrected_error, digital_error

__all__ = [
    "ENGINES",
    "R76",
    "Engine",
    "EngineError",
    "Mpe",
    "Quantity",
    "QuantityError",
    "R76Error",
    "Verdict",
    "Violation",
    "check_class",
    "corrected_error",
    "digital_error",
    "engine",
    "judge",
]
