"""The registers as somebody reads them: where each is, and who may write in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from shared.identity import Role

if TYPE_CHECKING:
    from services.portal.web import Visit

KEEPER = "section_head"
"""The post that keeps the registers of the office."""
TYPED = frozenset({"devices", "mandates"})
"""Registers that are taken from no file."""
_OFFICES = {"laboratories": "type_approval", "experts": "licensing"}
"""The registers of the office, by the service that has them."""


@dataclass(frozen=True, slots=True)
class Book:
    """A register as somebody reads it: where it is in the portal and at the service."""

    register: str
    lab: str
    page: str
    path: str
    mine: bool
    """Whether the reader may write in it."""
    service: str = "type_approval"

    @property
    def loads(self) -> bool:
        """Whether it is taken from files too."""
        return self.mine and self.register not in TYPED

    def entry(self, code: str) -> str:
        return f"{self.page}/{quote(code, safe='')}"

    def path_of(self, code: str) -> str:
        if self.path == "/v1/lab/laboratory":
            return self.path
        return f"{self.path}/{quote(code, safe='')}"

    @property
    def add(self) -> str:
        """The page on which an entry is begun."""
        home, _, register = self.page.rpartition("/")
        return f"{home}/add/{register}"

    @property
    def load(self) -> str:
        home, _, register = self.page.rpartition("/")
        return f"{home}/import/{register}"


def book_of(visit: Visit, register: str) -> Book:
    """The register that the address means. Raises HTTPException."""
    lab = visit.request.path_params.get("lab", "")
    if visit.side is Role.LAB:
        path = "/v1/lab/laboratory" if register == "laboratories" else f"/v1/lab/{register}"
        return Book(register, "", f"/lab/{register}", path, register != "laboratories")
    if visit.side is Role.APPLICANT:
        return Book(register, "", f"/my/{register}", f"/v1/{register}", mine=True)
    if register in _OFFICES:
        posts = visit.actor.posts if visit.actor else frozenset()
        path, service = f"/internal/v1/{register}", _OFFICES[register]
        return Book(register, "", f"/office/{register}", path, KEEPER in posts, service)
    at = f"laboratories/{quote(lab, safe='')}/{register}"
    return Book(register, lab, f"/office/{at}", f"/internal/v1/{at}", mine=False)
