"""The people and programs that act on cases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.identity import uscc


class Role(StrEnum):
    """The side on which somebody stands; each has its own face of the API."""

    APPLICANT = "applicant"
    """申请人: a manufacturer; its organisation is its unified social credit code or organisation code."""
    LAB = "lab"
    """技术机构: an authorised evaluation laboratory; its organisation is the laboratory's id."""
    STAFF = "staff"
    """行政机关工作人员: acts by posts; the organisation, if any, is one the person belongs to besides the office."""
    SYSTEM = "system"
    """The services themselves, when an event or the law moves a case."""


class Scope(StrEnum):
    """What a token may be used for, whoever it speaks for. In a token: the role, a colon and this, as `lab:read`."""

    READ = "read"
    WRITE = "write"


STAFF_POSTS = ("intake", "examiner", "decider", "section_head", "bureau_head", "supervision", "operator")
"""受理窗口, 承办人, 行政机关负责人, 处室负责人, 局负责人, 监督检查, 运维: what a member of staff may do. An
operator keeps the system running and decides on no case."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts. `subject` identifies the person, `organisation` what they belong to."""

    subject: str
    name: str
    role: Role
    organisation: str = ""
    posts: frozenset[str] = frozenset()
    scopes: frozenset[Scope] = frozenset(Scope)

    @property
    def party(self) -> str:
        """What the organisation is known by, whichever of its codes the token has (see uscc.party)."""
        return uscc.party(self.organisation)

    @property
    def account(self) -> str:
        """What is this person's own on the side and for the organisation that they act for now: who acts for two
        companies has two."""
        return f"{self.role} {self.party} {self.subject}"

    def may(self, who: str) -> bool:
        """Whether this actor is `who`: a role, or `staff:` and a post."""
        role, _, post = who.partition(":")
        return self.role == role and (not post or post in self.posts)

    def may_see(self, *, applicant: str, lab: str | None, draft: bool = False) -> bool:
        """Whether a case of the organisation `applicant`, evaluated by `lab`, is this actor's to see.

        Own organisation only: the applicant's, the commissioned laboratory's. Staff see every submitted case but those
        of an organisation they belong to themselves: they stand aside (回避), and what is kept for the office of such
        a case is not theirs to read either.
        """
        if self.role is Role.APPLICANT:
            return uscc.party(applicant) == self.party
        if self.role is Role.LAB:
            return lab is not None and uscc.party(lab) == self.party
        return self.role is Role.SYSTEM or (not draft and uscc.party(applicant) != self.party)


SYSTEM = Actor("system", "系统 system", Role.SYSTEM)
