"""Authentication and access rights."""

from shared.identity.actors import STAFF_POSTS, SYSTEM, Actor, Role, Scope
from shared.identity.tokens import (
    AUDIENCE,
    DEVELOPMENT_ISSUER,
    InvalidTokenError,
    Verifier,
    issue,
    new_key,
    public_keys,
)

__all__ = [
    "AUDIENCE",
    "DEVELOPMENT_ISSUER",
    "STAFF_POSTS",
    "SYSTEM",
    "Actor",
    "InvalidTokenError",
    "Role",
    "Scope",
    "Verifier",
    "issue",
    "new_key",
    "public_keys",
]
