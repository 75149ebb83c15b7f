"""Authentication and access rights."""

from shared.identity.actors import POSTS, STAFF_POSTS, SYSTEM, Actor, Role, Scope, doer
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
    "POSTS",
    "STAFF_POSTS",
    "SYSTEM",
    "Actor",
    "InvalidTokenError",
    "Role",
    "Scope",
    "Verifier",
    "doer",
    "issue",
    "new_key",
    "public_keys",
]
