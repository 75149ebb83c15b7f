"""What the portal is told from outside, read once from the environment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey

from services import SERVICES
from shared.identity import AUDIENCE, Role
from shared.runtime.config import (
    UNKNOWN,
    ConfigurationError,
    Profile,
    Reading,
    Timekeeping,
    choice,
    database_url,
    issuer_of,
    jwks_of,
    owner_url,
    ports_of,
    profile_of,
    rate_of,
    required,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from limits import RateLimitItem

_K = TypeVar("_K", ECKey, OctKey)


class Face(StrEnum):
    """For whom a process has pages. The office has a door of its own, which the public network does not reach."""

    PUBLIC = "public"
    OFFICE = "office"
    BOTH = "both"

    @property
    def sides(self) -> frozenset[Role]:
        """Who signs in here."""
        outside = frozenset({Role.APPLICANT, Role.LAB, Role.EXPERT})
        return {Face.PUBLIC: outside, Face.OFFICE: frozenset({Role.STAFF})}.get(self, outside | {Role.STAFF})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a process of the portal is told."""

    profile: Profile
    timekeeping: Timekeeping
    face: Face
    url: str
    """Its own address, as browsers know it, without a path."""
    services: Mapping[str, str]
    """The address of each service; the office's face calls their internal ports."""
    database_url: str
    owner_url: str | None
    """The database for the account that migrates it, as of the services."""
    http_address: str
    http_port: int
    internal_http_port: int | None
    """The port of probes and figures; None: all is on the one port."""
    issuer: str
    discovery: str
    """Where the issuer's configuration is read."""
    audience: str
    jwks: Mapping[str, Any] | None
    """The issuer's keys, as for the services; None: those that the issuer publishes."""
    client: str
    """What the issuer calls this face."""
    client_key: ECKey
    """Proves to the issuer that the portal is the portal (private_key_jwt): no secret is shared."""
    session_key: OctKey
    """What the portal keeps of people is encrypted with it."""
    rate_limit: RateLimitItem | None
    """How often a visitor who is not signed in may ask; None: as often as they like."""
    visitor_header: str
    """The header in which a proxy tells a visitor's address; empty: it is that of the connection."""
    contact: str
    """Whom to tell of what cannot be used, as people read it; empty: the office is not named."""

    @property
    def development(self) -> bool:
        return self.profile is Profile.DEVELOPMENT

    @property
    def given_time(self) -> bool:
        return self.timekeeping is Timekeeping.GIVEN


def read(environ: Mapping[str, str]) -> Settings:
    """The settings from environment variables named `QUANHENG_*`. Raises ConfigurationError with everything that
    is wrong."""
    told = Reading(environ)
    profile, timekeeping = told(profile_of) or UNKNOWN
    face = told(_face, "QUANHENG_PORTAL_FACE", profile)
    jwks = told(jwks_of, "QUANHENG_JWKS")
    issuer = told(issuer_of, "QUANHENG_ISSUER", profile, fetched=jwks is None) or ""
    port, internal_port = told(ports_of) or (0, None)
    database = f"{environ.get('QUANHENG_NAMESPACE', 'quanheng')}_portal"
    settings = Settings(
        profile=profile,
        timekeeping=timekeeping,
        face=face,
        url=told(_address, "QUANHENG_PORTAL_URL", profile, bare=True),
        services={name: told(_service, name) for name in SERVICES},
        database_url=database_url(told(required, "QUANHENG_DATABASE_URL") or "", database),
        owner_url=told(owner_url, database),
        http_address=environ.get("QUANHENG_HTTP_ADDRESS", "0.0.0.0"),  # noqa: S104 - a container's own network
        http_port=port,
        internal_http_port=internal_port,
        issuer=issuer,
        discovery=told(_discovery, issuer, profile),
        audience=environ.get("QUANHENG_AUDIENCE", AUDIENCE),
        jwks=jwks,
        client=environ.get("QUANHENG_PORTAL_CLIENT")
        or ("quanheng-office" if face is Face.OFFICE else "quanheng-portal"),
        client_key=told(_key, "QUANHENG_PORTAL_CLIENT_KEY", ECKey.import_key),
        session_key=told(_key, "QUANHENG_PORTAL_SESSION_KEY", OctKey.import_key),
        rate_limit=told(rate_of, "QUANHENG_RATE_LIMIT"),
        visitor_header=environ.get("QUANHENG_PORTAL_VISITOR_HEADER", "").strip(),
        contact=environ.get("QUANHENG_PORTAL_CONTACT", "").strip(),
    )
    told.end()
    return settings


def _face(environ: Mapping[str, str], name: str, profile: Profile) -> Face:
    face = choice(environ, name, Face, Face.PUBLIC)
    if profile is Profile.PRODUCTION and face is Face.BOTH:
        raise ConfigurationError(f"{name}=both is for development: run a public and an office process")
    return face


def _address(environ: Mapping[str, str], name: str, profile: Profile, *, bare: bool) -> str:
    text = required(environ, name).rstrip("/")
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or (bare and parts.path):
        raise ConfigurationError(f"{name}={text!r} is no address of a site: write for example https://portal.example")
    if profile is Profile.PRODUCTION and parts.scheme != "https":
        raise ConfigurationError(f"{name}={text!r}: production needs an https:// address")
    return text


def _service(environ: Mapping[str, str], service: str) -> str:
    # Inside a cluster the services are reached by plain HTTP, also in production.
    return _address(environ, f"QUANHENG_{service.upper()}_URL", Profile.DEVELOPMENT, bare=True)


def _discovery(environ: Mapping[str, str], issuer: str, profile: Profile) -> str:
    name = "QUANHENG_PORTAL_DISCOVERY"
    if not environ.get(name, "").strip():
        return f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    return _address(environ, name, profile, bare=False)


def _key(environ: Mapping[str, str], name: str, read: Callable[[dict[str, Any]], _K]) -> _K:
    text = required(environ, name)
    try:
        key = read(json.loads(text))
    except (ValueError, JoseError, TypeError, KeyError):
        raise ConfigurationError(f"{name} is no JSON Web Key of the kind that docs/reference/portal.md names") from None
    if isinstance(key, OctKey) and len(key.raw_value) * 8 != 256:  # noqa: PLR2004 - what A256GCM needs
        raise ConfigurationError(f"{name} must have 256 bits")
    if isinstance(key, ECKey) and not key.is_private:
        raise ConfigurationError(f"{name} must be a private key")
    return key
