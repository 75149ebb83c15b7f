"""Signing in at the issuer: OpenID Connect, authorization code with PKCE, the portal proving itself by a signed
assertion (RFC 7523). The protocol is Authlib's; here is what of it the portal uses."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.errors import JoseError

from services.portal.sessions import Tokens
from shared.identity import Actor, InvalidTokenError, Verifier
from shared.identity.keys import FixedKeys, IssuerKeys, KeysUnavailableError
from shared.identity.tokens import ALGORITHMS, LEEWAY_SECONDS

if TYPE_CHECKING:
    from joserfc.jwk import GuestProtocol, KeySet

    from services.portal.settings import Settings

TIMEOUT_SECONDS = 5.0
_DISCOVERED_SECONDS = 600.0
_DEFAULT_LIFETIME_SECONDS = 300


class SigningInError(Exception):
    """Signing in failed; `code` names the text that says why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is remembered between leaving for the issuer and coming back."""

    state: str
    nonce: str
    verifier: str
    next: str

    @classmethod
    def new(cls, next_path: str) -> Attempt:
        return cls(token_urlsafe(32), token_urlsafe(32), token_urlsafe(48), next_path)


class Issuer:
    """The issuer, as the portal deals with it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys = (
            FixedKeys(settings.jwks)
            if settings.jwks is not None
            else IssuerKeys(settings.issuer, secure=not settings.development)
        )
        self._verifier = Verifier(self._keys, settings.issuer, settings.audience)
        # Once: to read whom this machine trusts takes longer than all else that a sign-in computes.
        self._trusted = httpx2.create_ssl_context()
        self._configuration: dict[str, Any] = {}
        self._read_at = float("-inf")
        self.redirect_uri = f"{settings.url}/login/callback"

    async def address(self, attempt: Attempt) -> str:
        """Where to send the browser. Raises SigningInError."""
        async with await self._client() as client:
            url, _ = client.create_authorization_url(
                (await self.configuration())["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )
        return str(url)

    async def signed_in(self, attempt: Attempt, code: str) -> tuple[Actor, Tokens]:
        """Who has come back with `code`, and their tokens. Raises SigningInError."""
        tokens = await self._fetched(grant_type="authorization_code", code=code, code_verifier=attempt.verifier)
        await anyio.to_thread.run_sync(self._check_identity, tokens.identity, attempt.nonce)
        actor = await anyio.to_thread.run_sync(self.actor, tokens)
        return actor, tokens

    async def renewed(self, tokens: Tokens) -> Tokens:
        """New tokens for those. Raises SigningInError."""
        found = await self._fetched(grant_type="refresh_token", refresh_token=tokens.refresh)
        identity = found.identity or tokens.identity
        return Tokens(found.access, found.refresh or tokens.refresh, identity, found.expires_at)

    def actor(self, tokens: Tokens) -> Actor:
        """Whom the access token speaks for, as the services read it. Raises SigningInError."""
        try:
            return self._verifier.actor(tokens.access)
        except InvalidTokenError as error:
            raise SigningInError("login.refused", str(error)) from error
        except KeysUnavailableError as error:
            raise SigningInError("login.unavailable", str(error)) from error

    async def end_address(self) -> str | None:
        """Where one signs out at the issuer, if it has such a page."""
        try:
            return str((await self.configuration())["end_session_endpoint"])
        except (SigningInError, KeyError):
            return None

    async def configuration(self) -> dict[str, Any]:
        """What the issuer says of itself (OpenID Connect Discovery 1.0). Raises SigningInError."""
        if time.monotonic() - self._read_at > _DISCOVERED_SECONDS:
            try:
                async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, verify=self._trusted) as client:
                    answer = await client.get(self._settings.discovery)
                    answer.raise_for_status()
                    found = answer.json()
            except (httpx2.HTTPError, ValueError) as error:
                raise SigningInError("login.unavailable", repr(error)) from error
            if found.get("issuer") != self._settings.issuer:
                raise SigningInError("login.unavailable", f"the configuration is that of {found.get('issuer')!r}")
            self._configuration, self._read_at = found, time.monotonic()
        return self._configuration

    async def _client(self) -> Any:
        settings = self._settings
        client = AsyncOAuth2Client(
            settings.client,
            settings.client_key,
            scope="openid",
            redirect_uri=self.redirect_uri,
            token_endpoint_auth_method="private_key_jwt",  # noqa: S106 - the name of a method
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
            verify=self._trusted,
        )
        endpoint = (await self.configuration())["token_endpoint"]
        headers = {"kid": settings.client_key.kid} if settings.client_key.kid else None
        client.register_client_auth_method(PrivateKeyJWT(endpoint, headers=headers, alg="ES256"))
        return client

    async def _fetched(self, **asked: str) -> Tokens:
        try:
            async with await self._client() as client:
                answer = await client.fetch_token((await self.configuration())["token_endpoint"], **asked)
        except OAuthError as error:
            raise SigningInError("login.refused", str(error)) from error
        except (httpx2.HTTPError, ValueError) as error:
            raise SigningInError("login.unavailable", repr(error)) from error
        lifetime = timedelta(seconds=int(answer.get("expires_in") or _DEFAULT_LIFETIME_SECONDS))
        return Tokens(
            access=str(answer.get("access_token", "")),
            refresh=str(answer.get("refresh_token", "")),
            identity=str(answer.get("id_token", "")),
            expires_at=datetime.now(UTC) + lifetime,
        )

    def _check_identity(self, token: str, nonce: str) -> None:
        """That the identity token is the issuer's, for this portal and for this attempt. Raises SigningInError."""

        def find(unchecked: GuestProtocol) -> KeySet:
            return self._keys.having(unchecked.headers().get("kid"))

        claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims.validate(jwt.decode(token, find, algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError) as error:
            raise SigningInError("login.refused", f"the identity token: {error}") from error
        except KeysUnavailableError as error:
            raise SigningInError("login.unavailable", str(error)) from error
