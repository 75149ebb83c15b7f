"""From the content of a document to what is given out: canonical JSON, the same signed, and the page with both."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from shared.documents import jws, pdf_signature
from shared.documents.canonical import canonical
from shared.documents.issues import FIRST_PERMIT_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.documents.keys import SigningKey
    from shared.documents.pages import Printer


@dataclass(frozen=True)
class Made:
    """An issue of a document, as it is kept for ever."""

    json: bytes
    jws: str
    pdf: bytes
    kid: str
    made_with: str
    """Template, Typst and typefaces."""

    @property
    def digest(self) -> str:
        """SHA-256 of the PDF, hexadecimal."""
        return sha256(self.pdf).hexdigest()


def make(content: Mapping[str, Any], issue: int, check: str, key: SigningKey, printer: Printer, at: datetime) -> Made:
    """The document of `content`, in its `issue`-th version, signed at `at`; its status is told at the address `check`.

    Raises UnprintableError, and ValueError for content that canonical JSON cannot hold.
    """
    sample = {"sample": True} if key.published.development else {}
    data = canonical({"schema": FIRST_PERMIT_SCHEMA, **content, "issue": issue, "check": check, **sample})
    signed = jws.sign(data, key, at)
    made = printer.draw(data, signed)
    return Made(data, signed, pdf_signature.sign(made, key, at), key.published.kid, printer.made)
