"""Chinese typefaces of this machine: too large for a repository, so they are taken from the packages of Debian."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from shared.problems import ToldError

ROOT = Path("/usr/share/fonts")


class TypefaceMissingError(ToldError):
    """No Chinese typeface is installed; the text says what to install."""


@dataclass(frozen=True)
class Typeface:
    """A family, in files of one folder."""

    family: str
    package: str
    files: tuple[str, ...]
    """Below `ROOT`; the first is its regular weight."""
    rare: bool = False
    """Only for characters that a usual typeface lacks."""

    @property
    def folder(self) -> Path:
        return (ROOT / self.files[0]).parent

    @property
    def installed(self) -> bool:
        return (ROOT / self.files[0]).exists()

    def digest(self) -> str:
        """Of the regular weight, which changes with each edition."""
        return sha256((ROOT / self.files[0]).read_bytes()).hexdigest()[:12]


TYPEFACES = (
    Typeface(
        "Noto Serif CJK SC",
        "fonts-noto-cjk",
        ("opentype/noto/NotoSerifCJK-Regular.ttc", "opentype/noto/NotoSerifCJK-Bold.ttc"),
    ),
    Typeface("WenQuanYi Micro Hei", "fonts-wqy-microhei", ("truetype/wqy/wqy-microhei.ttc",)),
    Typeface("Droid Sans Fallback", "fonts-droid-fallback", ("truetype/droid/DroidSansFallbackFull.ttf",)),
    Typeface("HanaMinA", "fonts-hanazono", ("truetype/hanazono/HanaMinA.ttf",), rare=True),
    Typeface("HanaMinB", "fonts-hanazono", ("truetype/hanazono/HanaMinB.ttf",), rare=True),
)
"""Best first."""
SMALLEST = "fonts-wqy-microhei"
"""The package that a machine without any needs least for: 1.6 MB."""


def found() -> tuple[Typeface, ...]:
    """The best usual typeface that is installed, and those for rare characters. Raises TypefaceMissingError."""
    usual = [face for face in TYPEFACES if face.installed and not face.rare][:1]
    if not usual:
        packages = ", ".join(face.package for face in TYPEFACES if not face.rare)
        raise TypefaceMissingError(
            f"{ROOT}下没有中文字体：请安装{packages}之一",
            f"no Chinese typeface is installed below {ROOT}: install one of {packages}",
        )
    return (*usual, *(face for face in TYPEFACES if face.installed and face.rare))
