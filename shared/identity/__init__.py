"""Who is calling, and what they may do."""

from shared.identity.actors import STAFF_POSTS, SYSTEM, Actor, Role
from shared.identity.tokens import InvalidTokenError, Verifier, issue, new_key, public_keys

__all__ = [
    "STAFF_POSTS",
    "SYSTEM",
    "Actor",
    "InvalidTokenError",
    "Role",
    "Verifier",
    "issue",
    "new_key",
    "public_keys",
]
