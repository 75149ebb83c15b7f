"""A file that somebody chose in a form: previewed, and then sent again from the page without being chosen again."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

from starlette.datastructures import UploadFile

from services.portal.trouble import TroubleError

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from services.portal.posting import Sent

_CARRIED = 500_000
"""A file of so many bytes is kept in the page of its preview; a larger one is chosen again."""
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
        """What the page of the preview keeps of it."""
        return base64.b64encode(self.content).decode() if len(self.content) <= _CARRIED else ""


async def chosen_file(sent: FormData) -> Chosen:
    """The file of the field `file`, or the one that the page has carried: that alone where it is to be taken, whatever
    was chosen since."""
    file = None if sent.get("_step") == "take" else sent.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    if content:
        return Chosen(content, again=False)
    try:
        return Chosen(base64.b64decode(str(sent.get("_content", "")), validate=True), again=True)
    except binascii.Error:
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
