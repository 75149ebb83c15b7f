"""Registers that an office or a laboratory keeps: people, laboratories, standards, experts.

An entry is never overwritten: each change is a version that holds from a day, with who recorded it, when and why. So
what was true on a day stays readable.
"""

from shared.registers.register import Contradictions, Fields, Names, Register, in_order, one_part
from shared.registers.versions import ENDED, LAPSED, STATUSES, VALID, Version

__all__ = [
    "ENDED",
    "LAPSED",
    "STATUSES",
    "VALID",
    "Contradictions",
    "Fields",
    "Names",
    "Register",
    "Version",
    "in_order",
    "one_part",
]
