"""Signed tokens (JWT, RFC 7519): verified by the services; issued here only for development."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from shared.identity import uscc
from shared.identity.actors import STAFF_POSTS, Actor, Role, Scope
from shared.province import PROVINCE
from shared.text import is_visible, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwk import GuestProtocol

ALGORITHMS = ("ES256", "RS256", "PS256")
"""Asymmetric only: a service that verifies tokens cannot issue them."""
DEVELOPMENT_ISSUER = "https://issuer.quanheng.localhost"
"""The issuer of tokens made by `issue`."""
AUDIENCE = "quanheng"
LEEWAY_SECONDS = 30
REMEMBERED_SECONDS = 600
_CACHE_SIZE = 4096
_TYPES = ("jwt", "at+jwt", "application/at+jwt")


class InvalidTokenError(Exception):
    """The token was refused. The text says why and may be shown to the caller."""


class Keys(Protocol):
    """The keys of an issuer. Raises KeysUnavailableError while they are not known."""

    def current(self) -> KeySet:
        """Those known now."""

    def having(self, kid: object) -> KeySet:
        """Those among which one has this name, if the issuer publishes it."""


class Verifier:
    """Turns a token into an Actor. Valid tokens are cached, because verifying an elliptic-curve signature costs more
    than the rest of a light request; never beyond their expiry, nor beyond that of the keys that verified them."""

    def __init__(self, keys: Keys, issuer: str, audience: str) -> None:
        self._keys = keys
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._known: OrderedDict[str, tuple[float, KeySet, Actor]] = OrderedDict()

    def actor(self, token: str) -> Actor:
        """The actor of the token. Raises InvalidTokenError, or KeysUnavailableError if it cannot be verified now."""
        known = self._known.get(token)
        if known is not None and known[0] > time.time() and known[1] is self._keys.current():
            return known[2]
        checked_with = KeySet([])

        def find(unchecked: GuestProtocol) -> KeySet:
            nonlocal checked_with
            checked_with = self._keys.having(unchecked.headers().get("kid"))
            return checked_with

        try:
            found = jwt.decode(token, find, algorithms=ALGORITHMS)
            self._claims.validate(found.claims)
        except (JoseError, ValueError, RecursionError) as error:
            raise InvalidTokenError(f"the token was refused: {error}") from None
        if str(found.header.get("typ", "JWT")).lower() not in _TYPES or found.claims.get("typ", "Bearer") != "Bearer":
            raise InvalidTokenError("this is not an access token: send that, not the identity or refresh token")
        actor = _actor(found.claims)
        until = min(found.claims["exp"] + LEEWAY_SECONDS, time.time() + REMEMBERED_SECONDS)
        self._known[token] = (until, checked_with, actor)
        while len(self._known) > _CACHE_SIZE:
            self._known.popitem(last=False)
        return actor


def _actor(claims: Mapping[str, Any]) -> Actor:
    """The actor described by the claims. Raises InvalidTokenError for an invalid claim."""
    role = _role(claims)
    return Actor(
        subject=_subject(claims),
        name=_text(claims, "name", "") or _text(claims, "sub"),
        role=role,
        organisation=_organisation(claims, role),
        posts=frozenset(_held(claims, role)),
        scopes=_scopes(claims, role),
        **({"office": _text(claims, "office")} if role is Role.STAFF else {}),
    )


def _held(claims: Mapping[str, Any], role: Role) -> set[str]:
    """The posts. Those of other systems that the issuer may list are ignored, and who operates the system is of the
    province."""
    if role is not Role.STAFF:
        return set()
    return {*_posts(claims)} & {*STAFF_POSTS} - ({"operator"} if claims.get("office") != PROVINCE else set())


def _subject(claims: Mapping[str, Any]) -> str:
    subject = _text(claims, "sub")
    if subject != subject.strip():
        raise InvalidTokenError("the token's claim `sub` must not begin or end with a blank")
    return subject


def _role(claims: Mapping[str, Any]) -> Role:
    given = claims.get("role")
    if given not in (Role.APPLICANT, Role.LAB, Role.EXPERT, Role.STAFF):
        raise InvalidTokenError("the token's claim `role` must be applicant, lab, expert or staff")
    return Role(given)


def _organisation(claims: Mapping[str, Any], role: Role) -> str:
    organisation = _text(claims, "org", "")
    if role is not Role.STAFF and not organisation:
        raise InvalidTokenError(f"a token of role {role} needs the claim `org`, the organisation it acts for")
    if role is Role.APPLICANT:
        for finding in uscc.check(organisation):
            if finding.severity is uscc.Severity.BLOCK:
                raise InvalidTokenError(f"the token's claim `org`: {finding.reason.en}")
    return uscc.written(organisation)


def _posts(claims: Mapping[str, Any]) -> list[str]:
    posts = claims.get("posts", [])
    if not isinstance(posts, list) or not all(isinstance(post, str) for post in posts):
        raise InvalidTokenError("the token's claim `posts` must be a list of texts")
    for post in posts:
        _legible("posts", post)
    return posts


def _scopes(claims: Mapping[str, Any], role: Role) -> frozenset[Scope]:
    """A token with our scopes is limited to them. Without any, a person may do everything, a service account
    nothing."""
    service = claims.get("service", False)
    if not isinstance(service, bool):
        raise InvalidTokenError("the token's claim `service` must be true or false")
    named = set(_text(claims, "scope", "", maximum=4000).split())
    limited = service or any(f"{any_role}:{scope}" in named for any_role in Role for scope in Scope)
    return frozenset(scope for scope in Scope if not limited or f"{role}:{scope}" in named)


def _text(claims: Mapping[str, Any], name: str, default: str | None = None, maximum: int = 255) -> str:
    value = claims.get(name, default)
    if not isinstance(value, str) or (not is_visible(value) and (value or default is None)):
        raise InvalidTokenError(f"the token's claim `{name}` must be a text")
    if len(value) > maximum:
        raise InvalidTokenError(f"the token's claim `{name}` must have {maximum} characters at most")
    _legible(name, value)
    return value


def _legible(name: str, value: str) -> None:
    if why := refused(value):
        raise InvalidTokenError(f"the token's claim `{name}` has {why}")


def new_key() -> dict[str, Any]:
    """A new signing key (private JSON Web Key) for a development issuer."""
    return dict(ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True))


def public_keys(key: Mapping[str, Any]) -> dict[str, Any]:
    """The public key set that verifies what `key` signs."""
    return {"keys": [ECKey.import_key(dict(key)).as_dict(private=False)]}


def issue(
    key: Mapping[str, Any], actor: Actor, *, lifetime_seconds: int = 12 * 3600, issuer: str = DEVELOPMENT_ISSUER
) -> str:
    """A token for `actor`, signed with the issuer's `key`."""
    signing = ECKey.import_key(dict(key))
    issued = int(time.time())
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": actor.subject,
        "name": actor.name,
        "role": str(actor.role),
        "org": actor.organisation,
        "posts": sorted(actor.posts),
        **({"office": actor.office} if actor.role is Role.STAFF else {}),
        "iat": issued,
        "exp": issued + lifetime_seconds,
    }
    if actor.scopes != frozenset(Scope):
        claims |= {"service": True, "scope": " ".join(f"{actor.role}:{scope}" for scope in sorted(actor.scopes))}
    return jwt.encode({"alg": "ES256", "kid": signing.kid}, claims, signing)
