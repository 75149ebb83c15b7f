"""The life of a case: a procedure is a table of transitions, and `apply` is the only code that moves a case."""

from shared.casework.cases import Case
from shared.casework.engine import apply, create, note, tell
from shared.casework.procedure import (
    Cause,
    ConnectedStep,
    Effect,
    FollowUp,
    Guard,
    Informed,
    Procedure,
    Step,
    Transition,
)
from shared.casework.queries import evaluated_case, find_case, get_case, journal_of, list_cases, visible_case

__all__ = [
    "Case",
    "Cause",
    "ConnectedStep",
    "Effect",
    "FollowUp",
    "Guard",
    "Informed",
    "Procedure",
    "Step",
    "Transition",
    "apply",
    "create",
    "evaluated_case",
    "find_case",
    "get_case",
    "journal_of",
    "list_cases",
    "note",
    "tell",
    "visible_case",
]
