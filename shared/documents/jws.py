"""A document as signed data: a JSON Web Signature (RFC 7515, compact, ES256) over its canonical JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.registry import HeaderParameter
from joserfc.util import json_b64encode, urlsafe_b64decode, urlsafe_b64encode

from shared.problems import ToldError

if TYPE_CHECKING:
    from shared.documents.keys import IssuerKey, SigningKey

_TYPE = "quanheng-document+jws"
_ALGORITHM = "ES256"
_HALF_BYTES = 32
"""Of a signature: it is two numbers (RFC 7518, 3.4)."""


class _Registry(jws.JWSRegistry):
    max_payload_length = 1 << 22  # a series of a hundred instruments; the library's own limit is for tokens


_REGISTRY = _Registry({"iat": HeaderParameter("Issued At", "int")}, [_ALGORITHM])


@dataclass(frozen=True)
class Signed:
    """A JWS as it was read; `proves` says whether it is genuine."""

    text: str
    payload: bytes
    kid: str
    signed_at: datetime
    """What the signer says."""

    def proves(self, key: IssuerKey) -> bool:
        """Whether the key made it."""
        try:
            jws.deserialize_compact(self.text, key.public, registry=_REGISTRY)
        except (JoseError, ValueError):
            return False
        return True


def sign(payload: bytes, key: SigningKey, at: datetime, kind: str = _TYPE) -> str:
    """`payload` with the key's signature, which says that it was made at `at` (header `iat`, RFC 7519's term)."""
    header = {"alg": _ALGORITHM, "kid": key.published.kid, "typ": kind, "iat": int(at.timestamp())}
    signed = b".".join([json_b64encode(header), urlsafe_b64encode(payload)])
    # By the key itself: the library wants a copy of it, and what is in a token has none.
    numbers = decode_dss_signature(key.private.sign(signed, ec.ECDSA(hashes.SHA256())))
    signature = b"".join(number.to_bytes(_HALF_BYTES) for number in numbers)
    return b".".join([signed, urlsafe_b64encode(signature)]).decode()


def read(text: str, kind: str = _TYPE) -> Signed:
    """Raises ToldError for what is not a JWS of ours of that kind; whether it is genuine is not looked at."""
    try:
        found = jws.extract_compact(text.encode(), registry=_REGISTRY)
        header = found.headers()
        _REGISTRY.check_header(header)
        signed = Signed(text, found.payload, header["kid"], datetime.fromtimestamp(header["iat"], UTC))
    except (JoseError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise ToldError(f"不是签名文件：{error!r}", f"this is not a signed document: {error!r}") from None
    if header.get("typ") != kind or header.get("alg") != _ALGORITHM:
        other = f"{header.get('typ')} {header.get('alg')}"
        raise ToldError(f"是另一种签名数据：{other}", f"this is signed data of another kind: {other}")
    # Base64 can be written in ways that decode to the same bytes: only one of them is the document.
    segments = text.split(".")
    if urlsafe_b64encode(found.payload).decode() != segments[1] or not _exact(segments[2]):
        raise ToldError(
            "签名数据不是base64url的唯一写法", "the signed data are not written in the one way that base64url has"
        )
    return signed


def _exact(segment: str) -> bool:
    try:
        return urlsafe_b64encode(urlsafe_b64decode(segment.encode())).decode() == segment
    except ValueError:
        return False
