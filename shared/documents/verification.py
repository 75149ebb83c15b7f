"""Whether a document is genuine, found out without a network: from the file and the office's published keys alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from shared.anchors.proof import proven
from shared.documents import jws, pdf_signature, status
from shared.documents.canonical import read_canonical
from shared.documents.issues import NOTICE_SCHEMA, PERMIT_SCHEMA
from shared.documents.keys import Purpose, told
from shared.documents.pages import UnprintableError, printer
from shared.documents.pdf_signature import PdfFault
from shared.documents.typefaces import TypefaceMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.anchors.checkpoint import Checkpoint
    from shared.documents.jws import Signed
    from shared.documents.keys import IssuerKey, IssuerKeys
    from shared.documents.pdf_signature import SignedPdf


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    ENDED = "ended"
    """The document is genuine, and the permit has no effect any more."""
    NOT_DONE = "not done"


@dataclass(frozen=True)
class Check:
    """One check and how it came out; `detail` says what was found."""

    name: str
    outcome: Outcome
    detail: str = ""

    @property
    def title(self) -> str:
        return CHECKS[self.name]


CHECKS = {
    "readable": "文件可读 the file can be read",
    "whole": "签名覆盖全文 the signature covers the whole file",
    "signature": "PDF签名 the signature of the PDF",
    "key": "签名密钥 the key is the office's, and good",
    "signed_data": "签名数据 the signed data",
    "data": "数据一致 the JSON is what was signed",
    "page": "版面一致 the page shows the data",
    "report": "型式评价报告 the evaluation report",
    "log": "日志存证 the document is in the office's log",
    "status": "现时状态 the status now",
}
"""All checks, in the order in which they are made."""


_PARTY = {PERMIT_SCHEMA: "holder", NOTICE_SCHEMA: "addressee"}
"""Whom a document of each kind is for."""


class _Failed(Exception):  # noqa: N818 - what is found, not what went wrong
    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.check = Check(name, Outcome.FAILED, detail)


def verify(
    file: bytes,
    keys: IssuerKeys,
    *,
    signed: str | None = None,
    report: bytes | None = None,
    proof: bytes | None = None,
    listed: str | None = None,
    allow_development: bool = False,
    drawn: bool = True,
) -> list[Check]:
    """All checks of `file` up to the first that fails: a PDF, a JWS, or JSON with the JWS `signed`.

    `report` is the evaluation report as data, whose digest the document holds; `proof` says that a PDF is in the log;
    `listed` is the signed list of what has ended.
    `allow_development` lets a development key count. Unless it is to be `drawn`, the page is not made again: that takes
    typefaces and hundreds of megabytes, and whatever was changed in it shows in the signature too.
    """
    verification = _Verification(keys, _logged(file, proof, keys), allow_development=allow_development, drawn=drawn)
    try:
        if file.startswith(b"%PDF-"):
            content = verification.of_pdf(file)
        elif file.lstrip().startswith(b"{"):
            content = verification.of_json(file, signed)
        else:
            content, _ = verification.of_jws(file.decode("ascii", "replace"))
        verification.of_report(content, report)
        if proof is not None:
            verification.of_proof(content, file, proof)
        verification.of_status(content, listed)
    except _Failed as failed:
        verification.made.append(failed.check)
    return verification.made


class _Verification:
    """The checks made so far. Its methods raise _Failed."""

    def __init__(self, keys: IssuerKeys, logged: Checkpoint | None, *, allow_development: bool, drawn: bool) -> None:
        self.made: list[Check] = []
        self._logged_at = logged.at if logged else None
        self._keys, self._allow_development, self._drawn = keys, allow_development, drawn

    def of_pdf(self, file: bytes) -> dict[str, Any]:
        try:
            pdf = pdf_signature.read(file)
        except PdfFault as fault:
            raise _Failed(fault.check, str(fault)) from None
        self._pass("readable", "PDF")
        self._pass("whole")
        self._pass("signature")
        key = self._trusted(self._keys.by_certificate(pdf.certificate), pdf.signed_at)
        data, text = _attached(pdf)
        try:
            signed = jws.read(text)
        except ValueError as error:
            raise _Failed("signed_data", str(error)) from None
        if signed.kid != key.kid:
            raise _Failed("signed_data", f"the data were signed with the key {signed.kid}, the PDF with {key.kid}")
        content = self._signed(signed, key)
        self._same(data, signed.payload)
        if self._drawn:
            self._page(file, signed, pdf.made)
        return content

    def of_jws(self, text: str) -> tuple[dict[str, Any], bytes]:
        """The content, and as it is written."""
        try:
            signed = jws.read(text.rstrip("\r\n"))
        except ValueError as error:
            raise _Failed("readable", str(error)) from None
        self._pass("readable", "JWS")
        key = self._trusted(self._keys.find(signed.kid), signed.signed_at)
        return self._signed(signed, key), signed.payload

    def of_json(self, file: bytes, signed: str | None) -> dict[str, Any]:
        if signed is None:
            raise _Failed("signed_data", "JSON alone proves nothing: give the signed data too, --jws FILE")
        content, payload = self.of_jws(signed)
        self._same(file, payload)
        return content

    def of_report(self, content: Mapping[str, Any], report: bytes | None) -> None:
        bound = content.get("report", {}).get("sha256")
        if report is None:
            said = f"not given; its SHA-256 is {bound}" if bound else "none is bound to this document"
            self.made.append(Check("report", Outcome.NOT_DONE, said))
            return
        found = sha256(report).hexdigest()
        if found != bound:
            raise _Failed("report", f"its SHA-256 is {found}, and the document is bound to {bound}")
        self._pass("report", found)

    def of_proof(self, content: Mapping[str, Any], file: bytes, proof: bytes) -> None:
        try:
            name = f"{content['number']}/{content['issue']}"
            checkpoint = proven(proof, name, sha256(file).hexdigest(), self._keys)
        except ValueError as error:
            raise _Failed("log", str(error)) from None
        if checkpoint.key and checkpoint.key.development and not self._allow_development:
            raise _Failed("log", f"{checkpoint.key.kid} is a development key: what it signs has no legal effect")
        self._pass("log", f"among the {checkpoint.size} entries of {checkpoint.origin}")

    def of_status(self, content: Mapping[str, Any], listed: str | None) -> None:
        """Whether the permit had ended when the list was signed; of notices no list tells."""
        if listed is None or content["schema"] != PERMIT_SCHEMA:
            asked = f"no signature says whether the permit still holds: ask {content['check']}"
            self.made.append(Check("status", Outcome.NOT_DONE, asked))
            return
        try:
            known, key = status.read(listed, self._keys)
            ended = status.ended_on(known, content)
        except ValueError as error:
            raise _Failed("status", str(error)) from None
        if key.development and not self._allow_development:
            raise _Failed("status", f"{key.kid} is a development key: what it signs has no legal effect")
        as_of = f"as of {told(known.as_of)}"
        if ended:
            self.made.append(Check("status", Outcome.ENDED, f"ended on {ended[0]} ({ended[1]}), {as_of}"))
        else:
            self._pass("status", f"not among those that have ended, {as_of}")

    def _trusted(self, key: IssuerKey | None, signed_at: datetime) -> IssuerKey:
        if key is None:
            raise _Failed("key", "the signature is by a key that is not among the published ones")
        if key.development and not self._allow_development:
            raise _Failed("key", f"{key.kid} is a development key: what it signs has no legal effect")
        if Purpose.DOCUMENTS not in key.signs:
            raise _Failed("key", f"{key.kid} is a key of the office for {', '.join(sorted(key.signs))}")
        if fault := key.fault(signed_at, self._logged_at):
            raise _Failed("key", fault)
        said = f"{key.kid}, {told(signed_at)}"
        if key.revoked_from and self._logged_at:
            said += (
                f"; revoked from {told(key.revoked_from)}, and in the log since {told(self._logged_at)} at the latest"
            )
        self._pass("key", said)
        return key

    def _signed(self, signed: Signed, key: IssuerKey) -> dict[str, Any]:
        if not signed.proves(key):
            raise _Failed("signed_data", "the data are not those that were signed: the signature does not fit")
        try:
            content: dict[str, Any] = read_canonical(signed.payload)
            schema = content["schema"]
            what = f"{content['number']}, {content[_PARTY.get(schema, 'holder')]['name']}"
        except (ValueError, KeyError, TypeError) as error:
            raise _Failed("signed_data", f"the data are no document of the office: {error!r}") from None
        if schema not in _PARTY:
            raise _Failed(
                "signed_data", f"the data are of the kind {schema}, and this program knows {', '.join(_PARTY)}"
            )
        self._pass("signed_data", what)
        return content

    def _same(self, data: bytes, payload: bytes) -> None:
        if data != payload:
            raise _Failed("data", "the JSON is not what was signed")
        self._pass("data")

    def _page(self, file: bytes, signed: Signed, made: str) -> None:
        """Draws the page again; with another template, Typst or typeface than it was made with, that says nothing."""
        try:
            here = printer()
            same = here.made == made and file.startswith(here.draw(signed.payload, signed.text))
        except TypefaceMissingError as error:
            self.made.append(Check("page", Outcome.NOT_DONE, str(error)))
            return
        except UnprintableError as error:
            raise _Failed("page", str(error)) from None
        if same:
            self._pass("page", "drawn again, the same byte for byte")
        elif here.made == made:
            raise _Failed("page", "the page is not what the data give when it is drawn again")
        else:
            self.made.append(Check("page", Outcome.NOT_DONE, f"it was made with other means than are here: {made}"))

    def _pass(self, name: str, detail: str = "") -> None:
        self.made.append(Check(name, Outcome.PASSED, detail))


def _logged(file: bytes, proof: bytes | None, keys: IssuerKeys) -> Checkpoint | None:
    """What proves that the file was in the log, if something does; a wrong proof is told of by its own check."""
    if proof is None:
        return None
    try:
        return proven(proof, None, sha256(file).hexdigest(), keys)
    except ValueError:
        return None


def _attached(pdf: SignedPdf) -> tuple[bytes, str]:
    found = {name.rpartition(".")[2]: content for name, content in pdf.attachments.items()}
    if sorted(name.rpartition(".")[2] for name in pdf.attachments) != ["json", "jws"]:
        raise _Failed(
            "signed_data", f"the PDF has {', '.join(pdf.attachments) or 'nothing'} attached: not JSON and JWS"
        )
    return found["json"], found["jws"].decode("ascii", "replace")
