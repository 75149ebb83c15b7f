"""The keys that verify tokens: a fixed set, or the key set that an issuer publishes and rotates."""

from __future__ import annotations

import json
import time
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

import urllib3
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, RSAKey

from shared.identity.tokens import ALGORITHMS
from shared.observability import get_logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwk import Key

log = get_logger(__name__)

MAX_AGE_SECONDS = 300.0
"""A key set older than this is fetched again, so a revoked key stays valid at most this long."""
PAUSE_SECONDS = 10.0
"""Minimum interval between two fetches, whatever keys the tokens name."""
PATIENCE_SECONDS = 5.0
"""How long a request waits for a fetch."""
_TIMEOUT = urllib3.Timeout(connect=2.0, read=3.0)
_MAX_BYTES = 1 << 18
_MIN_RSA_BITS = 2048


class KeysUnavailableError(Exception):
    """The issuer's keys are unavailable, so the token cannot be verified now."""


class FixedKeys:
    """A fixed JSON Web Key Set (RFC 7517)."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        self._set = usable(jwks)

    def current(self) -> KeySet:
        return self._set

    def having(self, _kid: object) -> KeySet:
        return self._set


class IssuerKeys:
    """The keys that an issuer publishes (OpenID Connect Discovery 1.0). They are fetched when first needed, when they
    are old, and when a token names an unknown key.

    A background thread fetches: requests with known keys never wait, others wait at most `PATIENCE_SECONDS`. While the
    issuer is unreachable, the known keys stay valid. `secure` requires https.
    """

    def __init__(
        self, issuer: str, *, secure: bool = True, max_age: float = MAX_AGE_SECONDS, pause: float = PAUSE_SECONDS
    ) -> None:
        self._issuer, self._secure, self._max_age, self._pause = issuer, secure, max_age, pause
        self._http = urllib3.PoolManager(num_pools=2, retries=False)
        self._set = KeySet([])
        self._fetched_at = self._tried_at = float("-inf")
        self._lock = Lock()
        self._under_way: Event | None = None

    def current(self) -> KeySet:
        """The known keys, without waiting; the same object as long as the keys are the same."""
        if time.monotonic() - self._fetched_at > self._max_age:
            self._refresh()
        return self._set

    def having(self, kid: object) -> KeySet:
        """The keys, fetched again if they do not contain `kid`. Raises KeysUnavailableError."""
        if not self._knows(kid):
            if under_way := self._refresh():
                under_way.wait(PATIENCE_SECONDS)
            if not self._knows(kid) and self._fetched_at < self._tried_at:
                raise KeysUnavailableError(f"the keys of {self._issuer} could not be read")
        return self._set

    def _knows(self, kid: object) -> bool:
        return any(key.kid == kid for key in self._set)

    def _refresh(self) -> Event | None:
        """Start a fetch unless one is running or was just done; returns the event that signals its end."""
        with self._lock:
            if self._under_way is None and time.monotonic() - self._tried_at >= self._pause:
                self._tried_at = time.monotonic()
                self._under_way = Event()
                Thread(target=self._fetch, args=(self._under_way,), name="issuer-keys", daemon=True).start()
            return self._under_way

    def _fetch(self, done: Event) -> None:
        try:
            found = self._published()
            if found.as_dict() != self._set.as_dict():
                log.info("issuer_keys_changed", issuer=self._issuer, kids=[key.kid for key in found])
                self._set = found
            self._fetched_at = time.monotonic()
        except Exception as error:  # noqa: BLE001 - keep the known keys and try again later
            log.warning("issuer_keys_unavailable", issuer=self._issuer, error=repr(error))
        finally:
            with self._lock:
                self._under_way = None
            done.set()

    def _published(self) -> KeySet:
        configuration = self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if configuration.get("issuer") != self._issuer:
            raise ValueError(f"the configuration belongs to the issuer {configuration.get('issuer')!r}")
        return usable(self._get(str(configuration.get("jwks_uri"))))

    def _get(self, address: str) -> dict[str, Any]:
        if self._secure and not address.startswith("https://"):
            raise ValueError(f"{address} is not https")
        response = self._http.request("GET", address, redirect=False, timeout=_TIMEOUT, preload_content=False)
        try:
            body = response.read(_MAX_BYTES + 1)
        finally:
            response.release_conn()
        if response.status != 200 or len(body) > _MAX_BYTES:  # noqa: PLR2004 - OK
            raise ValueError(f"{address} answered {response.status} with {len(body)} bytes")
        found = json.loads(body)
        if not isinstance(found, dict):
            raise ValueError(f"{address} did not return a JSON object")  # noqa: TRY004 - a fault of the response, not of an argument
        return found


def usable(jwks: Mapping[str, Any]) -> KeySet:
    """The keys of a JSON Web Key Set that may verify signatures. Others are skipped (RFC 7517 §5): a set may contain
    keys for other uses and of unknown kinds. Raises ValueError if it is not a key set."""
    entries = jwks.get("keys")
    if not isinstance(entries, list):
        raise ValueError("not a key set: the list `keys` is missing")  # noqa: TRY004 - a fault of foreign JSON
    found = []
    for entry in entries:
        try:
            found.append(_signing_key(entry))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("issuer_key_left_out", error=repr(error))
    return KeySet(found)


def _signing_key(entry: Mapping[str, Any]) -> Key:
    if entry.get("use", "sig") != "sig" or entry.get("alg", ALGORITHMS[0]) not in ALGORITHMS:
        raise ValueError(f"{entry.get('kid')} is for {entry.get('use')} {entry.get('alg')}")
    key = JWKRegistry.import_key(dict(entry))
    if not isinstance(key, (ECKey, RSAKey)) or key.is_private:
        raise ValueError(f"{entry.get('kid')} is not a supported public key: {key.key_type}")
    if isinstance(key, RSAKey) and key.raw_value.key_size < _MIN_RSA_BITS:
        raise ValueError(f"{entry.get('kid')} has less than {_MIN_RSA_BITS} bits")
    return key
