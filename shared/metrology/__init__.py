"""Measured values, maximum permissible errors and verdicts, in exact arithmetic; families of instruments as data."""

from shared.metrology.family import Family
from shared.metrology.limits import FamilyError, Mpe, Verdict, judge
from shared.metrology.parts import Fault, Programme
from shared.metrology.quantity import Quantity
from shared.metrology.registry import family, family_of, is_kind, knowing, known_families, programme
from shared.metrology.units import QuantityError

__all__ = [
    "Family",
    "FamilyError",
    "Fault",
    "Mpe",
    "Programme",
    "Quantity",
    "QuantityError",
    "Verdict",
    "family",
    "family_of",
    "is_kind",
    "judge",
    "knowing",
    "known_families",
    "programme",
]
