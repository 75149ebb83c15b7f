"""The page of a document: PDF/A-3a, accessible (PDF/UA-1), drawn by Typst from the data alone.

The same data, template, typefaces and version of Typst give the same bytes, so a page can be checked against its data.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import segno
import typst

from shared.documents.canonical import read_canonical
from shared.documents.issues import NOTICE_SCHEMA, PERMIT_SCHEMAS
from shared.documents.typefaces import Typeface, found

_TEMPLATES = Path(__file__).with_name("templates")
_TEMPLATE = {**dict.fromkeys(PERMIT_SCHEMAS, "permit.typ"), NOTICE_SCHEMA: "notice.typ"}
_STANDARDS: list[Any] = ["a-3a", "ua-1"]


class UnprintableError(ValueError):
    """The page cannot be drawn: most often a character that no typeface here has. The text says which."""


@dataclass(frozen=True)
class Printer:
    """Draws pages with these typefaces, which are read once."""

    typefaces: tuple[Typeface, ...]
    fonts: typst.Fonts
    made: str
    """What decides how a page comes out, besides its data: template, Typst and typefaces, by version or digest."""

    def draw(self, data: bytes, jws: str) -> bytes:
        """The page of `data`, canonical JSON, as PDF; both are attached to it. Raises UnprintableError."""
        try:
            pdf: bytes = typst.compile(**self._options(data, jws), format="pdf", pdf_standards=_STANDARDS)
        except typst.TypstError as error:
            raise UnprintableError(f"{error.message} {' '.join(error.hints)}".strip()) from error
        return pdf

    def picture(self, data: bytes, jws: str, dots_per_inch: float) -> bytes:
        """The page as a picture, PNG; the first, where there are several."""
        drawn: Any = typst.compile(**self._options(data, jws), format="png", ppi=dots_per_inch)
        picture: bytes = drawn[0] if isinstance(drawn, list) else drawn
        return picture

    def _options(self, data: bytes, jws: str) -> dict[str, Any]:
        content = read_canonical(data)
        told = {
            "data": data.decode(),
            "jws": jws,
            # A sample is not there to be checked.
            "qr": _qr(content["check"]) if "check" in content else "",
            "cjk": ",".join(face.family for face in self.typefaces),
            "made": self.made,
        }
        template = _TEMPLATES / _TEMPLATE[content["schema"]]
        return {"input": template, "font_paths": self.fonts, "ignore_system_fonts": True, "sys_inputs": told}


@cache
def printer() -> Printer:
    """A printer with the typefaces of this machine. Raises TypefaceMissingError."""
    typefaces = found()
    fonts = typst.Fonts(include_system_fonts=False, font_paths=sorted({face.folder for face in typefaces}))
    template = sha256(b"".join(file.read_bytes() for file in sorted(_TEMPLATES.glob("*.typ")))).hexdigest()[:12]
    faces = ", ".join(f"{face.family} {face.digest()}" for face in typefaces)
    return Printer(typefaces, fonts, f"template {template}; Typst {version('typst')}; {faces}")


def _qr(address: str) -> str:
    """A QR code of level Q, which may lose a quarter of itself, as SVG."""
    picture = io.BytesIO()
    segno.make(address, error="q", micro=False).save(picture, kind="svg", border=2, xmldecl=False)
    return picture.getvalue().decode()
