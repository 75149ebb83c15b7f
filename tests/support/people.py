"""Actors for tests, one function per role."""

from __future__ import annotations

from shared.identity import STAFF_POSTS, Actor, Role
from shared.law import PROVINCE


def applicant(organisation: str, subject: str = "applicant-1") -> Actor:
    """Somebody who acts for the manufacturer with this credit code."""
    return Actor(f"{organisation}/{subject}", subject, Role.APPLICANT, organisation)


def expert(code: str) -> Actor:
    """The expert of that code in the register."""
    return Actor(f"expert/{code}", code, Role.EXPERT, code)


def laboratory(organisation: str = "LAB-01", subject: str = "tester-1") -> Actor:
    """A member of the laboratory `organisation`."""
    return Actor(f"{organisation}/{subject}", subject, Role.LAB, organisation)


def officer(subject: str, *posts: str, office: str = PROVINCE) -> Actor:
    """A staff member of the office with these posts, or with all."""
    return Actor(subject, subject, Role.STAFF, posts=frozenset(posts or STAFF_POSTS), office=office)
