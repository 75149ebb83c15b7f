"""The faces of the API, one for each kind of caller, and what each service offers on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from shared.http.routes import Route
    from shared.identity import Actor


@dataclass(frozen=True, slots=True)
class Face:
    """A part of the API for one kind of caller; `prefix` is the prefix of its paths."""

    name: str
    prefix: str
    title: Text


PUBLIC_FACE = Face("public", "/v1", Text("公众与申请人", "public and applicants"))
LAB_FACE = Face("lab", "/v1/lab", Text("技术机构", "laboratories"))
EXPERT_FACE = Face("expert", "/v1/expert", Text("考评员", "experts"))
INTERNAL_FACE = Face("internal", "/internal/v1", Text("行政机关工作人员", "staff"))
FACES = (LAB_FACE, EXPERT_FACE, INTERNAL_FACE, PUBLIC_FACE)


Parameter = Mapping[str, Any]
"""What a parameter of a path is called, with an example (see shared.labels)."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A service and its routes; `start` is its getting-started guide in CommonMark.

    `faults` are the codes of `invalid_params` that only this service uses.
    """

    service: str
    title: Text
    routes: Sequence[Route]
    start: str = ""
    faults: Mapping[str, Text] = field(default_factory=dict)
    topics: Mapping[str, Text] = field(default_factory=dict)
    """The headings of operations, in order: actions on a case by role, others by the first segment of their path."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    """What the parameters of paths are: by the segment before it and its name, or by its name alone."""
    acting_for: Callable[[Connection, Actor, str, date], Actor] | None = None
    """An agent as who acts for a holder on a day (see ON_BEHALF). Raises Problem without a mandate."""

    @property
    def faces(self) -> tuple[Face, ...]:
        """The faces on which it has routes."""
        offered = {face_of(route) for route in self.routes}
        return tuple(face for face in FACES if face in offered)


_ANYBODYS = ("/p/", "/n/", "/.well-known/")
"""Prefixes of public paths without a version: those printed on documents, and those of RFC 8615."""


def face_of(route: Route) -> Face:
    """The face of a route. Raises ValueError if it has none."""
    for face in FACES:
        if route.path.startswith(f"{face.prefix}/"):
            return face
    if route.path.startswith(_ANYBODYS):
        return PUBLIC_FACE
    raise ValueError(f"{route.path} is on no face of the API")
