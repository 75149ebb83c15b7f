"""The people and programs that act on cases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The side on which somebody stands; each has its own face of the API."""

    APPLICANT = "applicant"
    """申请人: a manufacturer; its organisation is its unified social credit code."""
    LAB = "lab"
    """技术机构: an authorised evaluation laboratory; its organisation is the laboratory's id."""
    STAFF = "staff"
    """行政机关工作人员: acts by posts."""
    SYSTEM = "system"
    """The services themselves, when an event or the law moves a case."""


STAFF_POSTS = ("intake", "examiner", "decider")
"""受理窗口, 承办人, 行政机关负责人: what a member of staff may do."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts. `subject` identifies the person, `organisation` what they belong to."""

    subject: str
    name: str
    role: Role
    organisation: str = ""
    posts: frozenset[str] = frozenset()

    def may(self, who: str) -> bool:
        """Whether this actor is `who`: a role, or `staff:` and a post."""
        role, _, post = who.partition(":")
        return self.role == role and (not post or post in self.posts)


SYSTEM = Actor("system", "系统 system", Role.SYSTEM)
