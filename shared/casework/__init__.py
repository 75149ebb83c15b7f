"""The life of a case: a procedure is a table of transitions, and `apply` is the only code that moves a case."""

from shared.casework.cases import Case
from shared.casework.engine import Cause, apply, create, note
from shared.casework.procedure import Effect, FollowUp, Name, Procedure, Step, Transition
from shared.casework.queries import find_case, get_case, journal_of, list_cases, visible_case

__all__ = [
    "Case",
    "Cause",
    "Effect",
    "FollowUp",
    "Name",
    "Procedure",
    "Step",
    "Transition",
    "apply",
    "create",
    "find_case",
    "get_case",
    "journal_of",
    "list_cases",
    "note",
    "visible_case",
]
