"""Who reads what of a case, and from when. The office reads all; what is not said to be for others is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.casework.journal import JournalEntry
    from shared.identity import Actor


class Gathered(Protocol):
    """A case, as far as who reads a fact depends on the others."""

    def __contains__(self, fact: Any, /) -> bool: ...

    def get(self, fact: Any, /) -> Any: ...


def never(_case: Gathered) -> bool:
    return False


def always(_case: Gathered) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Readers:
    """Since when each side outside the office reads something of a case."""

    applicant: Callable[[Gathered], bool] = never
    lab: Callable[[Gathered], bool] = never
    expert: Callable[[Gathered], bool] = never
    named: bool = False
    """Whether a laboratory that did not evaluate reads it too, when the office has named it."""

    def since(self, role: Role) -> Callable[[Gathered], bool]:
        """From when that side reads it."""
        outside = {Role.APPLICANT: self.applicant, Role.LAB: self.lab, Role.EXPERT: self.expert}
        return outside.get(role, always)


OFFICE = Readers()
APPLICANT = Readers(applicant=always)
PARTIES = Readers(applicant=always, lab=always)
ASSESSED = Readers(applicant=always, expert=always)
TEAM = Readers(expert=always)
EVERYBODY = Readers(applicant=always, lab=always, expert=always)
SHOWN = Readers(applicant=always, lab=always, expert=always, named=True)


def reads_content(actor: Actor, entry: JournalEntry, *, named: bool = False) -> bool:
    """Whether `actor` reads what a journal entry says besides that something was done, when and by whom.

    Outside the office one reads what one's own side said and what the law did. What the office wants others to know is
    in the case. Of a laboratory that was `named`, beside the one that evaluated, everybody reads what they said.
    """
    if named and entry.role == Role.LAB:
        return entry.actor == actor.subject
    return actor.role not in {Role.APPLICANT, Role.LAB, Role.EXPERT} or entry.role in {actor.role, Role.SYSTEM}
