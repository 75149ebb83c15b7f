"""Test records that a device signs: the key of the device is in the laboratory's register, and the record says so.

A signature is a detached JSON Web Signature (RFC 7515, Appendix F; ES256) over the canonical JSON (RFC 8785) of the
record as it is sent, with `case`, the number of the case, and without `signature`. Its header names the device (`kid`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64encode

from services.type_approval.registers.books import DEVICES
from shared.documents.canonical import canonical
from shared.problems import Violation
from shared.registers import VALID, store
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shared.casework import ConnectedStep, Step

ALGORITHM, TYPE = "ES256", "quanheng-record+jws"
_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM])


def payload(case: str, record: Mapping[str, Any]) -> bytes:
    """What a device signs of a record for a case."""
    return canonical({**{name: value for name, value in record.items() if name != "signature"}, "case": case})


def sign(case: str, record: Mapping[str, Any], device: str, key: ECKey) -> str:
    """The signature of a device, as it is sent with the record."""
    header = {"alg": ALGORITHM, "kid": device, "typ": TYPE}
    head, _, signature = jws.serialize_compact(header, payload(case, record), key, registry=_REGISTRY).split(".")
    return f"{head}..{signature}"


def signer(step: ConnectedStep) -> store.Held | None:
    """The device that signed a record, in the register of the laboratory; None of one that was typed."""
    if "signature" not in step.body:
        return None
    return store.find(step.tx, DEVICES, step.case.lab or "", _named(step.body["signature"]))


def wrong_signature(step: Step, signer: store.Held | None, on: date) -> list[Violation]:
    """The signature is that of a device whose key was registered on the day of the test, and is not revoked today: what
    a lost key signs proves nothing of when it was signed."""
    if "signature" not in step.body:
        return []
    for day in (on, step.today):
        found = signer.on(day) if signer else None
        if found is None or DEVICES.status(found, day) != VALID:
            reason = Text(f"名册在{day}没有该设备的有效密钥", f"the register has no valid key of this device on {day}")
            return [Violation("signature", "unknown_device", reason)]
        if not _proves(step, found.content):
            reason = Text("签名与本案的这份记录不符", "it is not the signature of this device for this record and case")
            return [Violation("signature", "wrong_signature", reason)]
    return []


def signed_by(step: ConnectedStep, on: date) -> dict[str, Any]:
    """What is kept of the device that signed a record; nothing of one that was typed."""
    held = signer(step)
    found = held.on(on) if held else None
    return {"device": {"code": found.content["code"], "name": found.content["name"]}} if found else {}


def _named(signature: str) -> str:
    """The device that the header names; empty if it names none."""
    try:
        header = jws.extract_compact(signature.replace("..", ".e30.").encode(), registry=_REGISTRY).headers()
    except (JoseError, ValueError, KeyError, TypeError):
        return ""
    known = header.get("typ") == TYPE and header.get("alg") == ALGORITHM
    return str(header["kid"]) if known and "kid" in header else ""


def _proves(step: Step, device: Mapping[str, Any]) -> bool:
    head, _, signature = step.body["signature"].partition("..")
    signed = urlsafe_b64encode(payload(step.case.ref, step.raw)).decode()
    key = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": device["x"], "y": device["y"]})
    try:
        jws.deserialize_compact(f"{head}.{signed}.{signature}", key, registry=_REGISTRY)
    except (JoseError, ValueError):
        return False
    return True
