"""Files of keys: the private ones, and the one that the office publishes, which one of its keys signs."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64encode

from shared.documents import jws, tokens
from shared.documents.canonical import canonical
from shared.documents.keys import BOTH, IssuerKey, IssuerKeys, Purpose, public_jwk, told
from shared.problems import ToldError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shared.documents.keys import SigningKey

_PRIVATE = re.compile(rb"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\n?|^pkcs11:\S+", re.DOTALL | re.MULTILINE)
_KIND = "quanheng-keys+jws"


def read_private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """A P-256 key from PEM (PKCS #8) without a password. Raises ValueError."""
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise ValueError(f"the private key cannot be read: {error}") from None
    if not (isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)):
        raise ValueError("the private key is not of the curve P-256: make one with quanheng keys new")  # noqa: TRY004
    return key


def read_private_keys(file: bytes) -> list[ec.EllipticCurvePrivateKey]:
    """The keys of a file with one or several, one after the other: PEM, or the URI of a key in a token on a line of its
    own. Raises ValueError, and OSError where the file of a PIN cannot be read."""
    blocks = _PRIVATE.findall(file)
    if not blocks:
        raise ValueError("the file has no private key: make one with quanheng keys new")
    return [read_private_key(block) if block.startswith(b"-") else tokens.find(block.decode()) for block in blocks]


def write_private_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The key as PEM (PKCS #8), without a password."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_keys(text: bytes) -> IssuerKeys:
    """The published file, signed by one of its keys if one is for that. Raises ValueError saying what is wrong."""
    try:
        file = json.loads(text)
        keys = IssuerKeys(tuple(_key(entry) for entry in file["keys"]))
        signature = file.get("signature")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is not a file of published keys: {error!r}") from None
    return _signed(keys, file["keys"], signature) if signature or _has_root(keys) else keys


def write_keys(keys: IssuerKeys, root: SigningKey | None = None, at: datetime | None = None) -> bytes:
    """The file as it is published, signed with `root` at that instant.

    Raises ValueError where there is a key to sign it and none is given.
    """
    found: dict[str, Any] = {"keys": [_entry(key) for key in keys.keys]}
    if root and at:
        head, _, signature = jws.sign(canonical(found["keys"]), root, at, _KIND).split(".")
        found["signature"] = f"{head}..{signature}"
    elif _has_root(keys):
        raise ValueError("these keys are signed with one for keys: give its private key, --root FILE")
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()


def _has_root(keys: IssuerKeys) -> bool:
    return any(Purpose.KEYS in key.signs for key in keys.keys)


def _signed(keys: IssuerKeys, entries: Any, signature: Any) -> IssuerKeys:
    """The keys with who signed them; the JWS leaves its data out (RFC 7515, appendix F). Raises ValueError."""
    head, _, rest = str(signature).partition(".")
    signed = jws.read(f"{head}.{urlsafe_b64encode(canonical(entries)).decode()}{rest}", _KIND)
    root = keys.find(signed.kid)
    if root is None or Purpose.KEYS not in root.signs or not signed.proves(root):
        raise ToldError("公布的密钥与其签名不符", "the published keys are not those that were signed")
    if fault := root.fault(signed.signed_at):
        raise ToldError(*fault)
    return replace(keys, root=root, signed_at=signed.signed_at)


def _key(entry: Mapping[str, Any]) -> IssuerKey:
    try:
        jwk = {name: entry[name] for name in ("kty", "crv", "x", "y", "kid", "use", "alg")}
        (chain,) = entry["x5c"]
        der = x509.load_der_x509_certificate(b64decode(chain, validate=True))
        certified = der.public_key()
        imported = ECKey.import_key(jwk)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"key {entry.get('kid')}: {error!r}") from None
    if not isinstance(certified, ec.EllipticCurvePublicKey) or public_jwk(certified) != jwk or imported.is_private:
        raise ValueError(f"key {entry['kid']}: public key, thumbprint and certificate do not belong together")
    times = {name: _instant(entry[name]) for name in ("not_before", "retired_at", "revoked_from") if name in entry}
    return IssuerKey(
        jwk,
        der.public_bytes(serialization.Encoding.DER),
        reason=entry.get("reason"),
        development=entry.get("development", False),
        signs=frozenset(map(Purpose, entry["signs"])) if "signs" in entry else BOTH,
        **times,
    )


def _entry(key: IssuerKey) -> dict[str, Any]:
    times = {"not_before": key.not_before, "retired_at": key.retired_at, "revoked_from": key.revoked_from}
    return {
        **key.jwk,
        "x5c": [b64encode(key.certificate).decode()],
        **{name: told(instant) for name, instant in times.items() if instant},
        **({"reason": key.reason} if key.reason else {}),
        **({"development": True} if key.development else {}),
        **({"signs": sorted(key.signs)} if key.signs != BOTH else {}),
    }


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Seal:
    """What documents are signed with: files that are read for each, so that a changed one needs no restart."""

    private: Path
    """One key or several, as `read_private_keys` takes them: the one that is to sign at the time does."""
    published: Path
    development: bool
    """Whether development keys may sign."""
    checkpoints: Path | None = None
    """Keys as in `private`, for checkpoints; None: they are in that file too."""

    def key(self, at: datetime, purpose: Purpose = Purpose.DOCUMENTS) -> SigningKey:
        """The key that signs this at that instant. Raises ValueError, OSError."""
        file = (purpose is Purpose.CHECKPOINTS and self.checkpoints) or self.private
        privates, published = read_private_keys(file.read_bytes()), read_keys(self.published.read_bytes())
        return published.signing_one(privates, at, purpose, development=self.development)
