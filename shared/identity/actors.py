"""Actors: the people and programs that act on cases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from shared.identity import uscc
from shared.province import PROVINCE
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection


class Role(StrEnum):
    """The role of an actor; each has its own face of the API."""

    APPLICANT = "applicant"
    """申请人: a manufacturer; `organisation` is its unified social credit code or organisation code."""
    LAB = "lab"
    """技术机构: an authorised evaluation laboratory; `organisation` is the laboratory's id."""
    EXPERT = "expert"
    """考评员: an expert who assesses manufacturers on site; `organisation` is their code in the register of experts."""
    STAFF = "staff"
    """行政机关工作人员: acts by posts in an office; `organisation`, if any, is one to which the person belongs besides
    the office."""
    SYSTEM = "system"
    """The services themselves, when an event or the law changes a case."""


class Scope(StrEnum):
    """What a token may be used for. In the claim: role, colon, scope, for example `lab:read`."""

    READ = "read"
    WRITE = "write"


POSTS = {
    "intake": Text("受理窗口", "intake"),
    "examiner": Text("承办人", "examiner"),
    "decider": Text("行政机关负责人", "decider"),
    "section_head": Text("处室负责人", "section head"),
    "bureau_head": Text("局负责人", "bureau head"),
    "supervision": Text("监督检查", "supervision"),
    "operator": Text("运维", "operator"),
}
"""The posts of staff. An operator keeps the system running and has no part in cases."""
STAFF_POSTS = tuple(POSTS)
_ROLES = {
    Role.APPLICANT: Text("申请单位人员", "person of the applicant"),
    Role.LAB: Text("技术机构人员", "person of the laboratory"),
    Role.EXPERT: Text("考评员", "expert"),
    Role.STAFF: Text("行政机关工作人员", "officer"),
    Role.SYSTEM: Text("系统", "system"),
}


def doer(who: str) -> Text:
    """What those are called whom `Actor.may` admits as `who`."""
    role, _, post = who.partition(":")
    return POSTS[post] if post else _ROLES[Role(role)]


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated person or program. `subject` identifies it, `organisation` is where it belongs."""

    subject: str
    name: str
    role: Role
    organisation: str = ""
    posts: frozenset[str] = frozenset()
    scopes: frozenset[Scope] = frozenset(Scope)
    agent: str = ""
    """The agent's own organisation, where an agent acts for `organisation`."""
    office: str = PROVINCE
    """Of staff: the id of the office they belong to."""

    @property
    def party(self) -> str:
        """The organisation's identity, independent of which of its codes the token has (see uscc.party)."""
        return uscc.party(self.organisation)

    @property
    def account(self) -> str:
        """Identifies the person in this role and for this organisation: someone who acts for two companies has two
        accounts."""
        return f"{self.role} {self.party} {self.subject}"

    def may(self, who: str) -> bool:
        """Whether this actor has the role `who`, or the post in `staff:<post>`."""
        role, _, post = who.partition(":")
        return self.role == role and (not post or post in self.posts)

    @property
    def sees_every_office(self) -> bool:
        """Whether the actor's office sees the cases of all: the province does, of the others each sees its own."""
        return self.role is not Role.STAFF or self.office == PROVINCE

    def may_see(
        self, *, applicant: str, labs: Collection[str], office: str, draft: bool = False, team: Collection[str] = ()
    ) -> bool:
        """Whether this actor may see a case of the organisation `applicant`, which is with the laboratories `labs`,
        assessed by the experts of the `team`, which `office` decides.

        Applicants and laboratories see the cases of their own organisation, experts those whose team they are of. Staff
        see every submitted case of their office, those of the province of any office, except those of an organisation
        they belong to themselves (recusal 回避); that includes the office's internal data of such a case.
        """
        if self.role is Role.APPLICANT:
            return uscc.party(applicant) == self.party
        if self.role is Role.LAB:
            return self.party in map(uscc.party, labs)
        if self.role is Role.EXPERT:
            return self.party in team
        if self.role is Role.SYSTEM:
            return True
        theirs = self.sees_every_office or office == self.office
        return theirs and not draft and uscc.party(applicant) != self.party

    def acts_for(self, office: str) -> bool:
        """Whether this actor may act on a case of that office as far as offices matter: staff act for their own."""
        return self.role is not Role.STAFF or office == self.office


SYSTEM = Actor("system", "系统 system", Role.SYSTEM)
