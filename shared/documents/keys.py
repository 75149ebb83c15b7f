"""The keys that the office signs with, and what became of each: a file that is published whole.

The file is a JSON Web Key Set (RFC 7517). Each key has four more members: `signs`, what it signs; `not_before`, from
when; `retired_at`, from when the next one signs instead; `revoked_from`, from when it may be in the wrong hands, with a
`reason`. A retired key goes on proving what it signed. A revoked one proves nothing by itself, since the moment of a
signature is only what the signer says it is; but what is in the log under an earlier checkpoint of another key was
signed before. Neither ends a permit: that is the register's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey

from shared.problems import ToldError
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_YEARS = 30
"""How long the X.509 certificate of a key runs: signatures are to be read for decades. The file says when it signs."""
DEVELOPMENT_SINCE = datetime(1999, 1, 1, tzinfo=UTC)
"""From when a development key signs unless somebody says otherwise: on any day that a story may be played on."""


class Purpose(StrEnum):
    """What a key signs. In different hands: whoever has the one for documents cannot change what was logged."""

    DOCUMENTS = "documents"
    CHECKPOINTS = "checkpoints"
    """Checkpoints of the logs, and lists of what has ended: what the office says of its register."""
    KEYS = "keys"
    """The published file itself. It is used a few times in a decade and lies in a safe until then."""


BOTH = frozenset({Purpose.DOCUMENTS, Purpose.CHECKPOINTS})
"""Keys that were published before there were purposes sign both."""


@dataclass(frozen=True)
class IssuerKey:
    """A public key of the office, with its certificate and its dates (UTC)."""

    jwk: Mapping[str, Any]
    certificate: bytes
    """X.509, DER; by it readers of PDF know the key. Self-signed: what makes it the office's is the published file."""
    not_before: datetime
    retired_at: datetime | None = None
    revoked_from: datetime | None = None
    reason: str | None = None
    development: bool = False
    """Made for trials: what it signs has no legal effect."""
    signs: frozenset[Purpose] = BOTH

    @property
    def kid(self) -> str:
        """The key's thumbprint (RFC 7638)."""
        return str(self.jwk["kid"])

    @cached_property
    def public(self) -> ECKey:
        return ECKey.import_key(dict(self.jwk))

    def fault(self, signed_at: datetime, logged_at: datetime | None = None) -> Text | None:
        """Why a signature that says it was made at `signed_at` proves nothing, if so.

        `logged_at` is when what is signed was in the log, if that is proven.
        """
        if self.revoked_from and not (logged_at and logged_at < self.revoked_from):
            since = told(self.revoked_from)
            zh, en = (f"（{self.reason}）", f" ({self.reason})") if self.reason else ("", "")
            return Text(
                f"密钥{self.kid}自{since}起撤销{zh}，没有证据表明签名早于此时：请提供日志存证，或者请发证机关重新出具",
                f"key {self.kid} was revoked from {since}{en}, and nothing proves that "
                "the signature is older: give its proof from the office's log, or ask the office for a new issue",
            )
        if signed_at < self.not_before:
            since = told(self.not_before)
            return Text(
                f"签名时间为{told(signed_at)}，密钥{self.kid}自{since}起才用于签名",
                f"the signature says {told(signed_at)}, and key {self.kid} signs from {since}",
            )
        if self.retired_at and signed_at >= self.retired_at:
            since = told(self.retired_at)
            return Text(
                f"签名时间为{told(signed_at)}，密钥{self.kid}已于{since}停用",
                f"the signature says {told(signed_at)}, and key {self.kid} retired at {since}",
            )
        return None


def other_purpose(key: IssuerKey) -> ToldError:
    """That the key signs other things."""
    purposes = ", ".join(sorted(key.signs))
    return ToldError(f"{key.kid}是发证机关的密钥，用途为{purposes}", f"{key.kid} is a key of the office for {purposes}")


@dataclass(frozen=True)
class SigningKey:
    """A private key (P-256), in memory or in a token, with the published key it belongs to."""

    private: ec.EllipticCurvePrivateKey
    published: IssuerKey


@dataclass(frozen=True)
class IssuerKeys:
    """All keys the office ever signed with, oldest first."""

    keys: tuple[IssuerKey, ...] = ()
    root: IssuerKey | None = field(default=None, compare=False)
    """Which of them signed the published file, once that was checked; None: nobody did."""
    signed_at: datetime | None = field(default=None, compare=False)
    """When, as it says."""

    def find(self, kid: str) -> IssuerKey | None:
        return next((key for key in self.keys if key.kid == kid), None)

    def by_certificate(self, certificate: bytes) -> IssuerKey | None:
        return next((key for key in self.keys if key.certificate == certificate), None)

    def get(self, kid: str) -> IssuerKey:
        """Raises ValueError."""
        if key := self.find(kid):
            return key
        known = ", ".join(each.kid for each in self.keys) or "none"
        raise ToldError(f"没有密钥“{kid}”；现有：{known}", f"there is no key {kid!r}; there are: {known}")

    def added(self, key: IssuerKey) -> IssuerKeys:
        """With a key more. Raises ValueError where it is there already."""
        if self.find(key.kid):
            raise ValueError(f"the key {key.kid} is there already")
        return IssuerKeys((*self.keys, key))

    def rotated(self, kid: str, at: datetime) -> IssuerKeys:
        """`kid` signs from `at`, and every other key that signs the same retires then. Raises ValueError."""
        following = self.get(kid)
        if following.retired_at or following.revoked_from:
            raise ValueError(f"the key {kid} was retired or revoked: add a new one")
        if at < following.not_before:
            raise ValueError(f"the key {kid} was published as signing from {told(following.not_before)}, not earlier")
        others = [key for key in self.keys if key.kid != kid and key.signs & following.signs and not key.retired_at]
        able = [key for key in self.keys if key.kid == kid or not (key.retired_at or key.revoked_from or key in others)]
        for key in others:
            if missing := key.signs.difference(*(one.signs for one in able)):
                told_of = " and ".join(sorted(missing))
                raise ValueError(f"the key {key.kid} signs {told_of} too: first make another one for that, keys new")
        changed = {kid: replace(following, not_before=at)} | {one.kid: replace(one, retired_at=at) for one in others}
        return IssuerKeys(tuple(changed.get(key.kid, key) for key in self.keys))

    def revoked(self, kid: str, since: datetime, reason: str) -> IssuerKeys:
        """`kid` may be in the wrong hands from `since`; the earlier of two such instants stays. Raises ValueError."""
        key = self.get(kid)
        if key.revoked_from and key.revoked_from <= since:
            raise ValueError(f"the key {kid} was revoked from {told(key.revoked_from)} already ({key.reason})")
        gone = replace(key, revoked_from=since, reason=reason)
        return IssuerKeys(tuple(gone if each.kid == kid else each for each in self.keys))

    def signing_one(
        self,
        privates: Sequence[ec.EllipticCurvePrivateKey],
        now: datetime,
        purpose: Purpose = Purpose.DOCUMENTS,
        *,
        development: bool,
    ) -> SigningKey:
        """Of several private keys, the one that may sign this at `now`; the newest, where more than one may.

        Raises ValueError saying of each why not.
        """
        able: list[SigningKey] = []
        faults: list[str] = []
        for private in privates:
            try:
                able.append(self.signing(private, now, purpose, development=development))
            except ValueError as error:
                faults.append(str(error))
        if not able:
            raise ValueError("; ".join(faults))
        return max(able, key=lambda key: key.published.not_before)

    def signing(
        self,
        private: ec.EllipticCurvePrivateKey,
        now: datetime,
        purpose: Purpose = Purpose.DOCUMENTS,
        *,
        development: bool,
    ) -> SigningKey:
        """The private key with what is published of it. Raises ValueError where it may not sign this at `now`.

        `development` lets development keys sign.
        """
        kid = public_jwk(private.public_key())["kid"]
        key = self.find(str(kid))
        if key is None:
            raise ValueError(f"the private key {kid} is not among the published ones: publish the file of keys new")
        if key.development and not development:
            raise ValueError(f"the key {kid} is a development key, which production refuses: make one with keys new")
        if purpose not in key.signs:
            raise ValueError(f"the key {kid} signs {', '.join(sorted(key.signs))}, not {purpose}")
        if fault := key.fault(now):
            raise ToldError(f"现在不能签名：{fault.zh}", f"nothing can be signed now: {fault.en}")
        return SigningKey(private, key)


def new_private_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def publish(
    private: ec.EllipticCurvePrivateKey,
    office: str,
    not_before: datetime,
    purpose: Purpose = Purpose.DOCUMENTS,
    *,
    development: bool = False,
) -> IssuerKey:
    """What is published of a key: its public part, and a certificate that names the office."""
    jwk = public_jwk(private.public_key())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, office),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{office} {'开发用 development' if development else '电子印章'}"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    ends = not_before + timedelta(days=366 * (2 * _YEARS if development else _YEARS))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(ends)
        .add_extension(usage, critical=True)
        .sign(private, hashes.SHA256())
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    return IssuerKey(jwk, der, not_before, development=development, signs=frozenset({purpose}))


def public_jwk(public: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """As it is published, named by its thumbprint (RFC 7638)."""
    key = ECKey.import_key(public)
    told = {name: str(value) for name, value in key.as_dict(private=False).items() if name in {"kty", "crv", "x", "y"}}
    return {**told, "kid": key.thumbprint(), "use": "sig", "alg": "ES256"}


def told(instant: datetime) -> str:
    """An instant as it is written and published, UTC."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
