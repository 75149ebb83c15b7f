"""The signature in a PDF: PAdES B-B (ETSI EN 319 142-1), certifying, after which nothing may change."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.validation import SignatureCoverageLevel
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from shared.problems import ToldError

if TYPE_CHECKING:
    from datetime import datetime

    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    from shared.documents.keys import SigningKey

_FIELD = "Issuer"
_TITLE = "发证机关签名 signature of the office"
_OUTSIDE = (-1, -1, -1, -1)
_LONGEST = 72
"""Bytes of a signature in DER."""


class _Writer(IncrementalPdfFileWriter):
    """Leaves metadata and version alone: what pyHanko would write there is not sure to be PDF/A."""

    def _update_meta(self) -> None:
        pass

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        """PDF/A-3 is PDF 1.7, and every reader of today knows this signature in it."""


class _Signer(PdfSigner):
    """Signs at the instant it is told."""

    signs_at: datetime

    def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
        session = super().init_signing_session(*arguments, **options)
        session.system_time = self.signs_at
        return session


class _Key(Signer):
    """The office's key, wherever it is."""

    def __init__(self, key: SigningKey) -> None:
        super().__init__(signing_cert=asn1_x509.Certificate.load(key.published.certificate))
        self._private = key.private

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002 - sha256, which `sign` says
        return bytes(_LONGEST) if dry_run else self._private.sign(data, ec.ECDSA(hashes.SHA256()))


def sign(pdf: bytes, key: SigningKey, at: datetime) -> bytes:
    """`pdf` with a signature by `key` appended that says it was made at `at`; what was there stays byte for byte."""
    metadata = PdfSignatureMetadata(
        field_name=_FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    # Not visible: the seal is drawn on the page. What lies outside of that needs no tag (PDF/UA-1, 7.18.4).
    field = SigFieldSpec(_FIELD, box=_OUTSIDE, readable_field_name=_TITLE)
    pdf_signer = _Signer(metadata, _Key(key), new_field_spec=field)
    pdf_signer.signs_at = at
    output = io.BytesIO()
    # An object begins a line (PDF/A-3, 6.1.9), and Typst ends its last one with the file.
    pdf_signer.sign_pdf(_Writer(io.BytesIO(pdf + b"\n")), output=output)
    return output.getvalue()


@dataclass(frozen=True)
class SignedPdf:
    """A PDF whose one signature covers all of it."""

    certificate: bytes
    """Of the signer, X.509, DER."""
    signed_at: datetime
    """What the signer says."""
    attachments: dict[str, bytes]
    """By file name."""
    made: str
    """What the page was made with, as its keywords say."""


class PdfFault(ToldError):  # noqa: N818 - what is found, not what went wrong
    """Why a PDF is not as it was signed; `check` names the check that failed."""

    def __init__(self, check: str, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.check = check


def read(pdf: bytes) -> SignedPdf:
    """A PDF that has exactly one signature, certifying, over the whole file, and that was not changed after it.

    Whose signature it is has not been looked at. Raises PdfFault for the checks readable, whole and signature.
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        signatures = list(reader.embedded_signatures)
    except Exception as error:  # noqa: BLE001 - over bytes that are no PDF the reader may raise anything
        raise PdfFault("readable", f"PDF已损坏：{error!r}", f"the PDF is broken: {error!r}") from None
    if len(signatures) != 1:
        number = len(signatures)
        raise PdfFault(
            "whole",
            f"PDF有{number}个签名，发证机关的文件只有一个",
            f"the PDF has {number} signatures, and a document of the office has one",
        )
    (signature,) = signatures
    try:
        _covers_all(signature, pdf)
        _check(signature)
        made = str(reader.trailer_view["/Info"].get("/Keywords", ""))
        return SignedPdf(signature.signer_cert.dump(), signature.self_reported_timestamp, _attachments(reader), made)
    except PdfFault:
        raise
    except Exception as error:  # noqa: BLE001 - over bytes that are no PDF the reader may raise anything
        raise PdfFault(
            "signature", f"签名与文件不符：{error!r}", f"the signature does not fit the file: {error!r}"
        ) from None


def _covers_all(signature: EmbeddedPdfSignature, pdf: bytes) -> None:
    """All bytes of the file are signed but the signature itself, which is written in one way alone."""
    start, before, after, rest = (int(number) for number in signature.byte_range)
    if start != 0 or after + rest != len(pdf) or not before < after:
        raise PdfFault(
            "whole",
            "签名没有覆盖整个文件：签名之后有添加",
            "the signature does not cover the whole file: something was added after it",
        )
    certificate, info = signature.signer_cert, signature.signer_info
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            {"issuer_and_serial_number": {"issuer": certificate.issuer, "serial_number": certificate.serial_number}}
        ),
        "digest_algorithm": {"algorithm": "sha256"},
        "signed_attrs": info["signed_attrs"],
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": info["signature"],
    }
    message = {
        "content_type": "signed_data",
        "content": {
            "version": "v1",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "data"},
            "certificates": [certificate],
            "signer_infos": [signer],
        },
    }
    hexadecimal = cms.ContentInfo(message).dump().hex().upper().encode()
    if pdf[before:after] != b"<" + hexadecimal.ljust(after - before - 2, b"0") + b">":
        raise PdfFault("signature", "签名的写法不是规定的写法", "the signature is not written in the one way it is")


def _check(signature: EmbeddedPdfSignature) -> None:
    signature.compute_integrity_info()  # type: ignore[no-untyped-call]
    if signature.coverage is not SignatureCoverageLevel.ENTIRE_FILE or signature.docmdp_level is not MDPPerm.NO_CHANGES:
        raise PdfFault(
            "whole",
            "签名没有覆盖整个文件，或者允许签名后修改",
            "the signature does not cover the whole file, or allows changes after it",
        )
    certificate, digest = signature.signer_cert, signature.compute_digest()
    intact, valid = validate_sig_integrity(signature.signer_info, certificate, "data", digest)
    if not (intact and valid):
        raise PdfFault(
            "signature",
            "PDF不是签名时的文件：字节摘要不同",
            "the PDF is not the one that was signed: its bytes have another digest",
        )


def _attachments(reader: PdfFileReader) -> dict[str, bytes]:
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    # The keys are bytes; a file's name as text is its own entry.
    files = [names[at + 1] for at in range(0, len(names), 2)]
    return {str(file["/UF"]): file["/EF"]["/F"].data for file in files}
