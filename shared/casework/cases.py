"""A case as code sees it: a snapshot, never changed in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

from shared.casework.facts import ASSIGNEE, CHECKER, FORM, TEAM_IN
from shared.identity import Role
from shared.identity.uscc import party
from shared.law import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.casework.facts import Assignee, Fact
    from shared.identity import Actor

DISCARDED = "discarded"
"""The state of a draft that its applicant has thrown away."""
UNSUBMITTED = frozenset({"draft", DISCARDED})
"""States in which a case is its applicant's alone."""
ASSESSING = ("assessment_planned", "rectifying", "assessed", "reviewed", "hearing")
"""The states in which a team has work with its case, or may yet have it again. In no other do experts see a case."""
_T = TypeVar("_T")
_D = TypeVar("_D")


@dataclass(frozen=True, slots=True)
class Case:
    """One application and what became of it. The fields are the columns of `models.cases`, but `assignee`, which
    is in `data`."""

    id: str
    number: str | None
    procedure: str
    state: str
    version: int
    entries: int
    events: int
    applicant: str
    lab: str | None
    rules: str | None
    done_by: Mapping[str, str]
    data: Mapping[str, Any]
    head: bytes
    created_at: datetime
    updated_at: datetime
    office: str = PROVINCE
    """The id of the office that decides it."""

    def __contains__(self, fact: Fact[Any]) -> bool:
        return fact.name in self.data

    def __getitem__(self, fact: Fact[_T]) -> _T:
        """What the fact says; raises KeyError if the case does not have it."""
        return fact.read(self.data[fact.name])

    @overload
    def get(self, fact: Fact[_T]) -> _T | None: ...
    @overload
    def get(self, fact: Fact[_T], missing: _D) -> _T | _D: ...
    def get(self, fact: Fact[Any], missing: Any = None) -> Any:
        """What the fact says; `missing` if the case does not have it."""
        found = fact.of(self.data)
        return missing if found is None else found

    @property
    def form(self) -> Mapping[str, Any]:
        """What the applicant filled in."""
        return self.get(FORM, {})

    @property
    def assignee(self) -> Assignee | None:
        """Who handles the case, if anybody does."""
        return self.get(ASSIGNEE)

    @property
    def ref(self) -> str:
        """What the case is called: its number, or its id while it is a draft."""
        return self.number or self.id

    @property
    def team(self) -> tuple[str, ...]:
        """The experts who assess on site, as Actor.party calls them, the leader first. Of teams of earlier releases
        that were not drawn, nobody has a code. The database function `team` says the same (see migrations)."""
        planned = self.data.get(TEAM_IN, {}).get("team", ())
        return tuple(party(one["code"]) for one in planned if "code" in one)

    @property
    def labs(self) -> tuple[str, ...]:
        """The laboratories that may see the case: the one that evaluates, and the one that the office named."""
        return tuple(lab for lab in (self.lab, self.checker) if lab)

    @property
    def checker(self) -> str | None:
        """The laboratory that does what is asked once a permit is granted: the one that the office named, else the one
        that evaluated."""
        named = self.get(CHECKER)
        return named.lab if named else self.lab

    def is_named(self, actor: Actor) -> bool:
        """Whether `actor`, who sees the case, is of a laboratory that the office named and that did not evaluate."""
        return actor.role is Role.LAB and (self.lab is None or party(self.lab) != actor.party)

    def visible_to(self, actor: Actor) -> bool:
        """Whether `actor` may see the case: see Actor.may_see."""
        draft = self.state in UNSUBMITTED
        team = self.team if actor.role is Role.EXPERT and self.state in ASSESSING else ()
        return actor.may_see(applicant=self.applicant, labs=self.labs, office=self.office, draft=draft, team=team)
