"""A file that somebody chose in a form: previewed, and then sent again from the page without being chosen again."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TYPE_CHECKING, NamedTuple

from starlette.datastructures import UploadFile

from services.portal.guard import MAX_LIST_BYTES
from services.portal.trouble import TroubleError

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from services.portal.posting import Sent

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Chosen(NamedTuple):
    """The file; empty if there is none. `again` where it is the one that was previewed."""

    content: bytes
    again: bool

    @property
    def media(self) -> str:
        return _XLSX if self.content.startswith(b"PK") else "text/csv"

    @property
    def carried(self) -> str:
        """As the page of the preview keeps it: five thousand lines are a megabyte of CSV, and a twentieth packed."""
        return base64.b64encode(zlib.compress(self.content)).decode()


async def chosen_file(sent: FormData) -> Chosen:
    """The file of the field `file`, or the one that the page has carried: that alone where it is to be taken, whatever
    was chosen since."""
    file = None if sent.get("_step") == "take" else sent.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if content:
        return Chosen(content, again=False)
    try:
        packed = base64.b64decode(str(sent.get("_content", "")), validate=True)
        return Chosen(zlib.decompressobj().decompress(packed, MAX_LIST_BYTES), again=True)
    except (binascii.Error, zlib.error):
        return Chosen(b"", again=False)


class Import(NamedTuple):
    """A file whose lines are to be entered, or previewed first; `told` is what was typed beside it."""

    chosen: Chosen
    preview: bool
    told: str


async def import_of(sent: Sent, beside: str) -> Import:
    """What is to be done with the file of the form; `beside` is the field that goes with it. Raises TroubleError."""
    chosen, switched = await chosen_file(sent.form), "_lang" in sent.form
    preview = switched or sent.step != "take"
    if not chosen.content:
        raise TroubleError("bench.no_file")
    # What was previewed is taken, whatever was typed for another file since.
    previewed = chosen.again and (switched or not preview)
    return Import(chosen, preview, sent.told(f"_{beside}" if previewed else beside).strip())
