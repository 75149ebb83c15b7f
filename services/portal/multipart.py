"""A form with a file, taken apart as it arrives: the file is passed on piece by piece and is never whole in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

MAX_FIELD_BYTES = 4096
SILENT_SECONDS = 30.0
"""How long a browser may send nothing."""


class TooLargeError(Exception):
    """The file is larger than is taken."""


@dataclass(slots=True)
class Sent:
    """What was sent: the fields before the file, and the file, which can be read once. `name` is empty where none was
    chosen."""

    fields: dict[str, str] = field(default_factory=dict)
    name: str = ""
    media: str = ""
    _pieces: list[bytes] = field(default_factory=list)
    _headers: dict[bytes, bytes] = field(default_factory=dict)
    _header: list[bytes] = field(default_factory=list)
    _field: str = ""
    _in_file: bool = False
    _found: bool = False
    _chunks: AsyncIterator[bytes] | None = None
    _parser: MultipartParser | None = None

    @classmethod
    async def read(cls, request: Request) -> Self:
        """Read the form as far as its file begins. Raises HTTPException."""
        kind, options = parse_options_header(request.headers.get("Content-Type", ""))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise HTTPException(400)
        sent = cls()
        sent._chunks = request.stream()
        sent._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": sent._begin,
                "on_header_field": sent._named,
                "on_header_value": sent._valued,
                "on_header_end": sent._header_ended,
                "on_headers_finished": sent._headers_ended,
                "on_part_data": sent._data,
            },
        )
        while not sent._found and await sent._more():
            pass
        return sent

    async def content(self, most: int) -> AsyncIterator[bytes]:
        """The file. Raises TooLargeError, HTTPException."""
        size = 0
        while True:
            for piece in self._taken():
                size += len(piece)
                if size > most:
                    raise TooLargeError
                yield piece
            if not await self._more():
                return

    async def rest(self, most: int) -> None:
        """Read what is still sent, up to `most` bytes, and keep nothing: a browser looks for an answer only then."""
        size = 0
        while size < most and await self._more():
            size += sum(map(len, self._taken()))

    def _taken(self) -> list[bytes]:
        pieces, self._pieces = self._pieces, []
        return pieces

    async def _more(self) -> bool:
        """Read on; whether there was anything."""
        assert self._chunks is not None  # noqa: S101 - `read` set both
        assert self._parser is not None  # noqa: S101
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                chunk = await anext(self._chunks, None)
        except (TimeoutError, ClientDisconnect):
            raise HTTPException(408) from None
        if chunk is None:
            return False
        try:
            self._parser.write(chunk)
        except MultipartParseError:
            raise HTTPException(400) from None
        return True

    def _begin(self) -> None:
        self._headers, self._header, self._field, self._in_file = {}, [b"", b""], "", False

    def _named(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _valued(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _header_ended(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def _headers_ended(self) -> None:
        _, said = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"filename" in said:
            # The first file is the one that was chosen; the forms have no second one.
            self._in_file, self._found = not self._found, True
            if not self._in_file:
                return
            self.name = said[b"filename"].decode(errors="replace")
            self.media = self._headers.get(b"content-type", b"").decode("latin-1")
        else:
            self._field = said.get(b"name", b"").decode(errors="replace")
            self.fields[self._field] = ""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._pieces.append(data[start:end])
        elif self._field in self.fields and len(self.fields[self._field]) < MAX_FIELD_BYTES:
            self.fields[self._field] += data[start:end].decode(errors="replace")
