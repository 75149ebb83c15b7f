"""Who reads what of a case, and from when. The office reads all; what is not said to be for others is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.casework.cases import Case
    from shared.casework.journal import Entry
    from shared.identity import Actor


def never(_case: Case) -> bool:
    return False


def always(_case: Case) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Readers:
    """Since when each side outside the office reads something of a case."""

    applicant: Callable[[Case], bool] = never
    lab: Callable[[Case], bool] = never

    def since(self, role: Role) -> Callable[[Case], bool]:
        """From when that side reads it."""
        return {Role.APPLICANT: self.applicant, Role.LAB: self.lab}.get(role, always)


OFFICE = Readers()
APPLICANT = Readers(applicant=always)
EVERYBODY = Readers(applicant=always, lab=always)


def reads_content(actor: Actor, entry: Entry) -> bool:
    """Whether `actor` reads what a journal entry says besides that something was done, when and by whom.

    Outside the office one reads what one's own side said and what the law did. What the office wants others to know is
    in the case.
    """
    return actor.role not in {Role.APPLICANT, Role.LAB} or entry.role in {actor.role, Role.SYSTEM}
