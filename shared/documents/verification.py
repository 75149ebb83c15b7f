"""Whether a document is genuine, found out without a network: from the file and the office's published keys alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from shared.anchors.proof import proven
from shared.documents import jws, pdf_signature, status
from shared.documents.canonical import read_canonical
from shared.documents.issues import NOTICE_SCHEMA, PERMIT_SCHEMAS
from shared.documents.keys import Purpose, other_purpose, told
from shared.documents.pages import UnprintableError, printer
from shared.documents.pdf_signature import PdfFault
from shared.documents.typefaces import TypefaceMissingError
from shared.problems import said_by
from shared.text import Text

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
    detail: Text | None = None

    @property
    def title(self) -> Text:
        return CHECKS[self.name]


CHECKS = {
    "keys": Text("公布的密钥", "the published keys"),
    "readable": Text("文件可读", "the file can be read"),
    "files": Text("档案所列文件", "the files are those that the archive lists"),
    "chain": Text("日志相接", "each entry of the journal follows from the one before"),
    "documents": Text("申请材料", "the documents that were sent"),
    "papers": Text("文书与证书", "what the office gave out"),
    "whole": Text("签名覆盖全文", "the signature covers the whole file"),
    "signature": Text("PDF签名", "the signature of the PDF"),
    "key": Text("签名密钥", "the key is the office's, and good"),
    "signed_data": Text("签名数据", "the signed data"),
    "data": Text("数据一致", "the JSON is what was signed"),
    "page": Text("版面一致", "the page shows the data"),
    "report": Text("型式评价报告", "the evaluation report"),
    "log": Text("日志存证", "the document is in the office's log"),
    "status": Text("现时状态", "the status now"),
}
"""All checks, in the order in which they are made."""


_PARTY = {**dict.fromkeys(PERMIT_SCHEMAS, "holder"), NOTICE_SCHEMA: "addressee"}
"""Whom a document of each kind is for."""


def of_keys(keys: IssuerKeys, root: str | None) -> Check:
    """Whether `root`, as the office hands it out, signed the published keys; not done without one."""
    by = keys.root.kid if keys.root else None
    signed = f"{by}, {told(keys.signed_at)}" if keys.signed_at else ""
    if root is None and signed:
        said = Text(
            f"由{signed}签名：请与发证机关告知的根密钥核对，--root KID",
            f"signed by {signed}: compare that with the key that the office hands out, --root KID",
        )
        return Check("keys", Outcome.NOT_DONE, said)
    if root is None:
        return Check(
            "keys",
            Outcome.NOT_DONE,
            Text("没有签名：请从发证机关直接获取", "not signed: get them from the office itself"),
        )
    if by != root:
        zh, en = (f"由{by}签名", f"signed by {by}") if by else ("没有签名", "not signed")
        return Check("keys", Outcome.FAILED, Text(f"{zh}，不是{root}", f"{en}, not by {root}"))
    return Check("keys", Outcome.PASSED, Text.plain(signed))


class _Failed(Exception):  # noqa: N818 - what is found, not what went wrong
    def __init__(self, name: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.check = Check(name, Outcome.FAILED, Text(zh, en))


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
            raise _Failed(fault.check, *fault.told) from None
        self._pass("readable", Text.plain("PDF"))
        self._pass("whole")
        self._pass("signature")
        key = self._trusted(self._keys.by_certificate(pdf.certificate), pdf.signed_at)
        data, text = _attached(pdf)
        try:
            signed = jws.read(text)
        except ValueError as error:
            raise _Failed("signed_data", *said_by(error)) from None
        if signed.kid != key.kid:
            raise _Failed(
                "signed_data",
                f"数据用密钥{signed.kid}签名，PDF用{key.kid}",
                f"the data were signed with the key {signed.kid}, the PDF with {key.kid}",
            )
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
            raise _Failed("readable", *said_by(error)) from None
        self._pass("readable", Text.plain("JWS"))
        key = self._trusted(self._keys.find(signed.kid), signed.signed_at)
        return self._signed(signed, key), signed.payload

    def of_json(self, file: bytes, signed: str | None) -> dict[str, Any]:
        if signed is None:
            raise _Failed(
                "signed_data",
                "只有JSON不能证明什么：请一并提供签名数据，--jws FILE",
                "JSON alone proves nothing: give the signed data too, --jws FILE",
            )
        content, payload = self.of_jws(signed)
        self._same(file, payload)
        return content

    def of_report(self, content: Mapping[str, Any], report: bytes | None) -> None:
        bound = content.get("report", {}).get("sha256")
        if report is None:
            said = (
                Text(f"未提供；其SHA-256为{bound}", f"not given; its SHA-256 is {bound}")
                if bound
                else Text("本文件没有对应的报告", "none is bound to this document")
            )
            self.made.append(Check("report", Outcome.NOT_DONE, said))
            return
        found = sha256(report).hexdigest()
        if found != bound:
            raise _Failed(
                "report",
                f"其SHA-256为{found}，文件所对应的为{bound}",
                f"its SHA-256 is {found}, and the document is bound to {bound}",
            )
        self._pass("report", Text.plain(found))

    def of_proof(self, content: Mapping[str, Any], file: bytes, proof: bytes) -> None:
        name = f"{content['number']}/{content['issue']}"
        try:
            checkpoint = proven(proof, name, sha256(file).hexdigest(), self._keys)
        except ValueError as error:
            raise _Failed("log", *said_by(error)) from None
        if checkpoint.key:
            self._effective("log", checkpoint.key)
        size, origin = checkpoint.size, checkpoint.origin
        self._pass("log", Text(f"在{origin}的{size}条之中", f"among the {size} entries of {origin}"))

    def of_status(self, content: Mapping[str, Any], listed: str | None) -> None:
        """Whether the permit had ended when the list was signed; of notices no list tells."""
        if listed is None or content["schema"] not in PERMIT_SCHEMAS:
            where = content["check"]
            asked = Text(
                f"签名不能说明许可现在是否有效：请查询{where}",
                f"no signature says whether the permit still holds: ask {where}",
            )
            self.made.append(Check("status", Outcome.NOT_DONE, asked))
            return
        try:
            known, key = status.read(listed, self._keys)
            ended = status.ended_on(known, content)
        except ValueError as error:
            raise _Failed("status", *said_by(error)) from None
        self._effective("status", key)
        as_of = told(known.as_of)
        if ended:
            on, ground = ended
            said = Text(f"已于{on}失效（{ground}），截至{as_of}", f"ended on {on} ({ground}), as of {as_of}")
            self.made.append(Check("status", Outcome.ENDED, said))
        else:
            said = Text(f"不在失效清单中，截至{as_of}", f"not among those that have ended, as of {as_of}")
            self._pass("status", said)

    def _trusted(self, key: IssuerKey | None, signed_at: datetime) -> IssuerKey:
        if key is None:
            raise _Failed(
                "key",
                "签名所用的密钥不在公布的密钥之中",
                "the signature is by a key that is not among the published ones",
            )
        self._effective("key", key)
        if Purpose.DOCUMENTS not in key.signs:
            raise _Failed("key", *other_purpose(key).told)
        if fault := key.fault(signed_at, self._logged_at):
            raise _Failed("key", *fault)
        zh = en = ""
        if key.revoked_from and self._logged_at:
            revoked, logged = told(key.revoked_from), told(self._logged_at)
            zh = f"；密钥自{revoked}起撤销，文件最迟在{logged}已入日志"
            en = f"; revoked from {revoked}, and in the log since {logged} at the latest"
        said = f"{key.kid}, {told(signed_at)}"
        self._pass("key", Text(f"{said}{zh}", f"{said}{en}"))
        return key

    def _effective(self, name: str, key: IssuerKey) -> None:
        """That the key is not a development key, unless one may count."""
        if key.development and not self._allow_development:
            raise _Failed(
                name,
                f"{key.kid}是开发用密钥：所签内容没有法律效力",
                f"{key.kid} is a development key: what it signs has no legal effect",
            )

    def _signed(self, signed: Signed, key: IssuerKey) -> dict[str, Any]:
        if not signed.proves(key):
            raise _Failed(
                "signed_data",
                "数据不是签名时的数据：签名不符",
                "the data are not those that were signed: the signature does not fit",
            )
        try:
            content: dict[str, Any] = read_canonical(signed.payload)
            schema = content["schema"]
            what = f"{content['number']}, {content[_PARTY.get(schema, 'holder')]['name']}"
        except (ValueError, KeyError, TypeError) as error:
            raise _Failed(
                "signed_data",
                f"数据不是发证机关的文件：{error!r}",
                f"the data are no document of the office: {error!r}",
            ) from None
        if schema not in _PARTY:
            known = ", ".join(sorted(_PARTY))
            raise _Failed(
                "signed_data",
                f"数据的种类为{schema}，本程序识别{known}",
                f"the data are of the kind {schema}, and this program knows {known}",
            )
        self._pass("signed_data", Text.plain(what))
        return content

    def _same(self, data: bytes, payload: bytes) -> None:
        if data != payload:
            raise _Failed("data", "JSON不是签名时的内容", "the JSON is not what was signed")
        self._pass("data")

    def _page(self, file: bytes, signed: Signed, made: str) -> None:
        """Draws the page again; with another template, Typst or typeface than it was made with, that says nothing."""
        try:
            here = printer()
            same = here.made == made and file.startswith(here.draw(signed.payload, signed.text))
        except TypefaceMissingError as error:
            self.made.append(Check("page", Outcome.NOT_DONE, error.told))
            return
        except UnprintableError as error:
            raise _Failed("page", f"不能重新绘制：{error}", f"it cannot be drawn again: {error}") from None
        if same:
            self._pass("page", Text("重新绘制，逐字节相同", "drawn again, the same byte for byte"))
        elif here.made == made:
            raise _Failed(
                "page", "版面与按数据重新绘制的不同", "the page is not what the data give when it is drawn again"
            )
        else:
            said = Text(f"制作时的条件与此处不同：{made}", f"it was made with other means than are here: {made}")
            self.made.append(Check("page", Outcome.NOT_DONE, said))

    def _pass(self, name: str, detail: Text | None = None) -> None:
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
        attached = ", ".join(pdf.attachments)
        raise _Failed(
            "signed_data",
            f"PDF所附的是{attached or '空的'}：应为JSON和JWS",
            f"the PDF has {attached or 'nothing'} attached: not JSON and JWS",
        )
    return found["json"], found["jws"].decode("ascii", "replace")
