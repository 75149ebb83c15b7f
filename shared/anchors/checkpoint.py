"""Checkpoints: what a log was at some size, signed, in the form of C2SP `tlog-checkpoint` and `signed-note`.

They are signed with the key that signs documents (signature type 0x02, ECDSA over P-256), so whoever can check a
certificate can check them.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from shared.documents.keys import IssuerKey, IssuerKeys, SigningKey

_ALGORITHM = ec.ECDSA(hashes.SHA256())
_KEY_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The first `size` leaves of the log `origin` have this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    def signed(self, key: SigningKey) -> str:
        """The signed note."""
        signature = key.private.sign(self.text.encode(), _ALGORITHM)
        told = b64encode(_key_id(key.published) + signature).decode()
        return f"{self.text}\n— {self.origin} {told}\n"


def read(note: str, keys: IssuerKeys | None) -> Checkpoint:
    """The checkpoint of a note; its signature is checked if keys are given. Raises ValueError saying what is wrong."""
    text, _, lines = note.partition("\n\n")
    try:
        origin, size, root = text.split("\n")
        found = Checkpoint(origin, int(size), b64decode(root, validate=True))
    except ValueError:
        raise ValueError("this is no checkpoint: it has three lines, origin, size and root") from None
    if found.text != f"{text}\n":
        raise ValueError("the checkpoint is not written in the one way that a checkpoint has")
    if keys is None:
        return found
    for line in lines.splitlines():
        mark, name, told = [*line.split(" "), "", ""][:3]
        if (mark, name) != ("—", origin):
            continue
        signature = b64decode(told)
        for key in keys.keys:
            if _key_id(key) == signature[:_KEY_ID_BYTES] and _proves(key, signature[_KEY_ID_BYTES:], found.text):
                return found
    raise ValueError("no published key of the office signed this checkpoint")


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
