"""Checkpoints: what a log was at some size, signed, in the form of C2SP `tlog-checkpoint` and `signed-note`.

They are signed with a key of the office for checkpoints (signature type 0x02, ECDSA over P-256), so whoever has the
published keys can check them. An extension line, `time SECONDS`, says when, as in C2SP `tlog-cosignature`.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.documents.keys import Purpose
from shared.problems import ToldError

if TYPE_CHECKING:
    from shared.documents.keys import IssuerKey, IssuerKeys, SigningKey
    from shared.text import Text

_ALGORITHM = ec.ECDSA(hashes.SHA256())
_KEY_ID_BYTES = 4
_TIME = "time "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first `size` leaves of the log `origin` have this root."""

    origin: str
    size: int
    root: bytes
    at: datetime | None = None
    """When it was signed, as the signer says; older ones do not say."""
    key: IssuerKey | None = field(default=None, compare=False)
    """Who signed it, once that was checked."""

    @property
    def text(self) -> str:
        time = f"{_TIME}{int(self.at.timestamp())}\n" if self.at else ""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n{time}"

    @property
    def fault(self) -> Text | None:
        """Why its signature proves nothing, if so."""
        return self.key.fault(self.at or self.key.not_before) if self.key else None

    def signed(self, key: SigningKey) -> str:
        """The signed note."""
        signature = key.private.sign(self.text.encode(), _ALGORITHM)
        told = b64encode(_key_id(key.published) + signature).decode()
        return f"{self.text}\n— {self.origin} {told}\n"


def read(note: str, keys: IssuerKeys | None) -> Checkpoint:
    """The checkpoint of a note. Raises ToldError saying what is wrong.

    If keys are given, one of them made the signature; whether that key is still good, `fault` says.
    """
    text, _, lines = note.partition("\n\n")
    try:
        origin, size, root, *more = text.split("\n")
        at = datetime.fromtimestamp(int(more[0].removeprefix(_TIME)), UTC) if more else None
        found = Checkpoint(origin, int(size), decoded(root), at)
    except (ValueError, OverflowError):
        raise ToldError(
            "不是检查点：应有三行，即来源、条数和根",
            "this is not a checkpoint: it has three lines, origin, size and root",
        ) from None
    if found.text != f"{text}\n":
        raise ToldError(
            "检查点的写法不是规定的写法", "the checkpoint is not written in the one way that a checkpoint has"
        )
    if keys is None:
        return found
    for line in lines.removesuffix("\n").split("\n"):
        mark, name, told = [*line.split(" "), "", ""][:3]
        if (mark, name) != ("—", origin):
            continue
        signature = decoded(told)
        for key in keys.keys:
            if (
                Purpose.CHECKPOINTS in key.signs
                and _key_id(key) == signature[:_KEY_ID_BYTES]
                and _proves(key, signature[_KEY_ID_BYTES:], found.text)
            ):
                return replace(found, key=key)
    raise ToldError("检查点不是由发证机关公布的密钥签名的", "no published key of the office signed this checkpoint")


def decoded(base64: str) -> bytes:
    """What is written in base64, in the one way in which it is written. Raises ToldError."""
    try:
        found = b64decode(base64, validate=True)
    except ValueError:
        found = b""
    if b64encode(found).decode() != base64:
        raise ToldError(f"“{base64}”不是base64的规定写法", f"{base64!r} is not base64 as it is written")
    return found


def _proves(key: IssuerKey, signature: bytes, text: str) -> bool:
    try:
        _public(key).verify(signature, text.encode(), _ALGORITHM)
    except InvalidSignature:
        return False
    return True


def _key_id(key: IssuerKey) -> bytes:
    spki = _public(key).public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return sha256(spki).digest()[:_KEY_ID_BYTES]


def _public(key: IssuerKey) -> ec.EllipticCurvePublicKey:
    public = x509.load_der_x509_certificate(key.certificate).public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise TypeError(f"the key {key.kid} is of another kind")
    return public
