"""Everybody who acts in a story, each at a window of their own, on the day that it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.identity import Actor
    from tests.browser.people import Person, Way
    from tests.support import Office


@dataclass(frozen=True, slots=True)
class Filed:
    """A case that was submitted."""

    service: str
    id: str
    number: str

    @classmethod
    def of(cls, office: Office, service: str, number: str) -> Filed:
        ((found,),) = office.rows(service, "SELECT id::text FROM cases WHERE number = :number", number=number)
        return cls(service, found, number)

    def page(self, home: str) -> str:
        return f"/{home}/{self.service.replace('_', '-')}/{self.number}"

    def data(self, office: Office) -> dict[str, Any]:
        """What is kept of the case."""
        query = "SELECT data FROM cases WHERE id = CAST(:id AS uuid)"
        return office.rows(self.service, query, id=self.id)[0][0]  # type: ignore[no-any-return]

    def permit(self, office: Office) -> str:
        """The number of the certificate or licence that was granted."""
        query = "SELECT coalesce(data->>'certificate', data->>'licence') FROM cases WHERE id = CAST(:id AS uuid)"
        return str(office.rows(self.service, query, id=self.id)[0][0])


@dataclass
class Cast:
    """The people of a story; whoever is called comes to their window and signs in."""

    open: Callable[..., Person]
    office: Office
    way: Way
    actors: Mapping[str, Actor]
    now: str = "2013-09-17T09:00:00+08:00"
    here: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, who: str) -> Person:
        """Somebody as they are now: signed in unless they are `anybody`."""
        if who not in self.here:
            opened = self.open(self.way, self.now)
            self.here[who] = opened.sign_in(self.actors[who]) if who in self.actors else opened
        self.here[who].at(self.now)
        return self.here[who]

    def on(self, day: str) -> None:
        """It is another day, once everybody has heard of what was done."""
        wait_for(self.office.settled, what="all events to arrive")
        self.now = f"{day}T09:00:00+08:00"

    def elsewhere(self, who: str) -> Person:
        """The same person at another computer."""
        self.here.pop(who, None)
        return self[who]
