"""Certificates as XML: parsed only when nothing in them can expand or load anything, and built element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.metrology.limits import FamilyError
from shared.metrology.plain_xml import unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DCC, SI = "https://ptb.de/dcc", "https://ptb.de/si"
VERSION = "3.3.0"
"""The version that is written. Read are those that begin with one of `READ`."""
READ = ("3.0.", "3.1.", "3.2.", "3.3.")
MOST_BYTES = 10 << 20
"""Size of a certificate that is read, attached files among it."""
_NAMES = {"dcc": DCC, "si": SI}
LANGUAGES = ("zh", "en")


class CertificateError(FamilyError):
    """Why a certificate cannot be read, or a report not be written as one."""


def _etree() -> Any:
    """lxml, loaded when a certificate is first read or written: few processes ever do."""
    from lxml import etree  # noqa: PLC0415 - at first use

    return etree


def parse(data: bytes) -> Any:
    """The root of a certificate. Raises CertificateError: too large, not XML, with a document type, no DCC 3."""
    if len(data) > MOST_BYTES:
        raise CertificateError(
            f"证书过大（{len(data)}字节），最多{MOST_BYTES >> 20} MiB：请去掉附带的文件",
            f"the certificate has {len(data)} bytes; at most {MOST_BYTES >> 20} MiB are read: leave out attached files",
        )
    if why := unfit(data):
        raise CertificateError(f"证书{why.zh}", f"the certificate {why.en}")
    etree = _etree()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise CertificateError(f"证书不是有效的XML：{error.msg}", f"the certificate is not XML: {error.msg}") from None
    version = root.get("schemaVersion", "")
    if root.tag != f"{{{DCC}}}digitalCalibrationCertificate" or not version.startswith(READ):
        told = f"{etree.QName(root).localname} {version}".strip()
        raise CertificateError(f"不是DCC 3.0至3.3：{told}", f"not a digital calibration certificate 3.0 to 3.3: {told}")
    return root


def write(root: Any) -> bytes:
    found: bytes = _etree().tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return found


def root_of() -> Any:
    place = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
    root = _etree().Element(f"{{{DCC}}}digitalCalibrationCertificate", nsmap=_NAMES, schemaVersion=VERSION)
    root.set(place, f"{DCC} {DCC}/v{VERSION}/dcc.xsd")
    return root


def add(parent: Any, name: str, text: str | None = None, *, ref: str = "") -> Any:
    """An element of `parent`: `dcc:` or `si:` before its name, text inside, `ref` its refType."""
    space, _, local = name.rpartition(":")
    made = _etree().SubElement(parent, f"{{{_NAMES[space or 'dcc']}}}{local}")
    if text is not None:
        made.text = text
    if ref:
        made.set("refType", ref)
    return made


def add_text(parent: Any, name: str, zh: str, en: str = "") -> Any:
    """A text in both languages, as one certificate has all of its texts; the same in both if only one is given."""
    made = add(parent, name)
    for language, text in zip(LANGUAGES, (zh, en or zh), strict=True):
        add(made, "content", text).set("lang", language)
    return made


def find(element: Any, path: str) -> Any:
    """The first element at a path like `dcc:coreData/dcc:uniqueIdentifier`, or None."""
    return element.find(path, _NAMES)


def find_all(element: Any, path: str) -> Iterator[Any]:
    yield from element.iterfind(path, _NAMES)


def text_at(element: Any, path: str) -> str:
    """The text at a path; empty if there is none."""
    found = find(element, path)
    return "" if found is None or found.text is None else str(found.text).strip()


def contents(element: Any) -> str:
    """A text in several languages: Chinese if it is among them, then English, else the first."""
    texts = {one.get("lang", ""): (one.text or "").strip() for one in find_all(element, "dcc:content")}
    return next((texts[one] for one in (*LANGUAGES, *texts) if texts.get(one)), "")


def refs(element: Any) -> Sequence[str]:
    """The words of its refType."""
    words: list[str] = element.get("refType", "").split()
    return words


def local(element: Any) -> str:
    return str(_etree().QName(element).localname)
