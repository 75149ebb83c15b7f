"""`make pictures`: the pictures in the documents, cut from what `make test-browser` left in `out/screens`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.browser.people import SCREENS

PICTURES = Path(__file__).parents[2] / "docs/pictures"
TAKEN = {
    "case": ("case-office-zh-1280", 1180),
    "desk": ("bench-fails-zh-1280", 1900),
    "assessment": ("report-assessment-form-zh-1280", 1180),
    "certificate": ("paper-certificates-zh-1280", 900),
}
"""By the name in the documents: the page, and how much of it is shown, in pixels from the top."""
COLOURS = 64


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    for name, (page, height) in TAKEN.items():
        with Image.open(SCREENS / f"{page}.png") as seen:
            shown = seen.convert("RGB").crop((0, 0, seen.width, min(height, seen.height)))
        shown.quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
