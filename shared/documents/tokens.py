"""A private key in a token, a device or program with the interface PKCS #11: it signs, and its key never leaves it.

A key is named by a URI (RFC 7512):
`pkcs11:token=quanheng;object=documents-2026?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/run/secrets/pin`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self
from urllib.parse import unquote

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEME = "pkcs11:"
_CURVE = "secp256r1"
_TELLING = frozenset({"token", "object", "id"})
"""By which a key is found."""
_BESIDE = frozenset({"type", "serial", "model", "manufacturer"})
"""What other programs write into a URI too."""
_ASKED = frozenset({"module-path", "pin-value", "pin-source"})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a key is, and with what it is opened."""

    token: str
    key: dict[str, Any]
    """Its label, its number, or both."""
    module: str
    pin: str | None = field(repr=False)

    @classmethod
    def of(cls, uri: str) -> Self:
        """Raises ValueError, which names no PIN; OSError where the file of the PIN cannot be read."""
        path, _, query = uri.strip().removeprefix(SCHEME).partition("?")
        said = {name: unquote(value) for name, _, value in (one.partition("=") for one in path.split(";") if one)}
        asked = {name: unquote(value) for name, _, value in (one.partition("=") for one in query.split("&") if one)}
        if unknown := sorted((said.keys() - _TELLING - _BESIDE) | (asked.keys() - _ASKED)):
            raise ValueError(f"the URI of a key in a token has {', '.join(unknown)}, which is not known here")
        key: dict[str, Any] = {"label": said["object"]} if said.get("object") else {}
        if said.get("id"):
            key["id"] = said["id"].encode("latin-1", "replace")
        if not (said.get("token") and key and asked.get("module-path")):
            raise ValueError("the URI of a key in a token names token, object or id, and module-path")
        source = asked.get("pin-source", "").removeprefix("file:")
        pin = Path(source).read_text(encoding="utf-8").strip() if source else asked.get("pin-value")
        return cls(said["token"], key, asked["module-path"], pin)

    def __str__(self) -> str:
        named = self.key.get("label") or self.key["id"].hex()
        return f"the key {named} of the token {self.token}"

    @contextmanager
    def opened(self, *, writing: bool = False) -> Iterator[Any]:
        """A session with the token. Raises ValueError where that cannot be had, or what is done in it fails."""
        try:
            import pkcs11  # noqa: PLC0415 - an extra that only offices with tokens install
        except ImportError:
            raise ValueError(f"{self}: python-pkcs11 is not installed: pip install 'quanheng[pkcs11]'") from None
        try:
            found = pkcs11.lib(self.module).get_token(token_label=self.token)
            with found.open(user_pin=self.pin, rw=writing) as session:
                yield session
        except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
            raise ValueError(f"{self}: {type(error).__name__} {error}".rstrip()) from None


class TokenKey(ec.EllipticCurvePrivateKey):
    """Signs as a key in memory does. Each signature logs in again, so that a token that was away needs no restart."""

    def __init__(self, place: _Place) -> None:
        self._place = place
        with place.opened() as session:
            self._public = _public(session, place)

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """ECDSA with SHA-256, in DER. Raises ValueError where the token cannot."""
        if not isinstance(signature_algorithm.algorithm, hashes.SHA256):
            raise TypeError("a key in a token signs with SHA-256")
        with self._place.opened() as session:
            import pkcs11  # noqa: PLC0415 - as in `opened`

            key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, **self._place.key)
            raw = key.sign(sha256(bytes(data)).digest(), mechanism=pkcs11.Mechanism.ECDSA)
        half = len(raw) // 2
        return utils.encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))

    def exchange(self, *_: Any) -> NoReturn:
        raise TypeError("a key in a token only signs")

    def private_numbers(self) -> NoReturn:
        raise TypeError("a key in a token stays there")

    def private_bytes(self, *_: Any) -> NoReturn:
        raise TypeError("a key in a token stays there")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: Any) -> Self:
        return self


def find(uri: str) -> ec.EllipticCurvePrivateKey:
    """The key that the URI names. Raises ValueError and OSError."""
    return TokenKey(_Place.of(uri))


def make(uri: str) -> ec.EllipticCurvePrivateKey:
    """A new key in the token, named as the URI says. Raises ValueError where there is one of that name; OSError."""
    place = _Place.of(uri)
    with place.opened(writing=True) as session:
        import pkcs11  # noqa: PLC0415 - as in `opened`
        from pkcs11.util.ec import encode_named_curve_parameters  # noqa: PLC0415

        named = {getattr(pkcs11.Attribute, name.upper()): value for name, value in place.key.items()}
        if list(session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY, **named})):
            raise ValueError(f"{place} is there already: a private key is never overwritten")
        curve = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(_CURVE)}
        domain = session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
        domain.generate_keypair(store=True, **place.key)
    return TokenKey(place)


def _public(session: Any, place: _Place) -> ec.EllipticCurvePublicKey:
    import pkcs11  # noqa: PLC0415 - as in `opened`
    from pkcs11.util.ec import encode_ec_public_key  # noqa: PLC0415

    key = session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, **place.key)
    public = serialization.load_der_public_key(encode_ec_public_key(key))
    if not (isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1)):
        raise ValueError(f"{place} is not of the curve P-256")  # noqa: TRY004 - as of a file
    return public
