"""Signed tokens (JWT, RFC 7519): checked by the services, issued here only for development."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from shared.identity.actors import STAFF_POSTS, Actor, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS = ["ES256", "RS256"]
"""Asymmetric only: a service that checks tokens cannot make them."""
DEVELOPMENT_ISSUER = "https://issuer.quanheng.localhost"
"""Who signs the tokens that `issue` makes."""
AUDIENCE = "quanheng"
LEEWAY_SECONDS = 30
_CACHE_SIZE = 4096


class InvalidTokenError(Exception):
    """The token was refused; the text says why and is fit for the caller."""


class Verifier:
    """Turns a token into an Actor. A token once found good is remembered until it expires, since checking an
    elliptic-curve signature costs more than the rest of a light request."""

    def __init__(self, jwks: Mapping[str, Any], issuer: str, audience: str) -> None:
        # A deployment without keys yet lets nobody in, but starts.
        self._keys = KeySet.import_key_set(dict(jwks)) if jwks.get("keys") else KeySet([])  # type: ignore[arg-type]
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._known: OrderedDict[str, tuple[float, Actor]] = OrderedDict()

    def actor(self, token: str) -> Actor:
        """Who the token speaks for. Raises InvalidTokenError."""
        known = self._known.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        try:
            claims = jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims
            self._claims.validate(claims)
        except (JoseError, ValueError) as error:
            raise InvalidTokenError(f"the token was refused: {error}") from None
        actor = _actor(claims)
        self._known[token] = (float(claims["exp"]) + LEEWAY_SECONDS, actor)
        while len(self._known) > _CACHE_SIZE:
            self._known.popitem(last=False)
        return actor


def _actor(claims: Mapping[str, Any]) -> Actor:
    try:
        role = Role(claims.get("role", ""))
    except ValueError:
        raise InvalidTokenError("the token's claim `role` must be applicant, lab or staff") from None
    if role is Role.SYSTEM:
        raise InvalidTokenError("the role system is not given to callers")
    organisation = str(claims.get("org", ""))
    if role is not Role.STAFF and not organisation:
        raise InvalidTokenError(f"a token of role {role} needs the claim `org`, the organisation it acts for")
    return Actor(
        subject=str(claims["sub"]),
        name=str(claims.get("name", claims["sub"])),
        role=role,
        organisation=organisation,
        posts=frozenset(claims.get("posts", ())) & frozenset(STAFF_POSTS),
    )


def new_key() -> dict[str, Any]:
    """A fresh signing key (private JSON Web Key) for a development issuer."""
    return dict(ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True))


def public_keys(key: Mapping[str, Any]) -> dict[str, Any]:
    """The key set that services need to check what `key` signs."""
    return {"keys": [ECKey.import_key(dict(key)).as_dict(private=False)]}


def issue(key: Mapping[str, Any], actor: Actor, *, lifetime_seconds: int = 12 * 3600) -> str:
    """A token that says its bearer is `actor`, signed with the development issuer's `key`."""
    signing = ECKey.import_key(dict(key))
    issued = int(time.time())
    claims = {
        "iss": DEVELOPMENT_ISSUER,
        "aud": AUDIENCE,
        "sub": actor.subject,
        "name": actor.name,
        "role": str(actor.role),
        "org": actor.organisation,
        "posts": sorted(actor.posts),
        "iat": issued,
        "exp": issued + lifetime_seconds,
    }
    return jwt.encode({"alg": "ES256", "kid": signing.kid}, claims, signing)
