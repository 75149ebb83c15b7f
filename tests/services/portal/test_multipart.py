"""A form with a file is taken apart as it arrives, whatever pieces it arrives in."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.portal.multipart import Sent, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTENT = b"%PDF-1.7\r\n--b\r\n" + bytes(range(256)) + b"\r\n--bound"
BODY = (
    b'--bound\r\nContent-Disposition: form-data; name="kind"\r\n\r\nphotos\r\n'
    + '--bound\r\nContent-Disposition: form-data; name="file"; filename="样机.pdf"\r\n'.encode()
    + b"Content-Type: application/pdf\r\n\r\n%b\r\n"
    b'--bound\r\nContent-Disposition: form-data; name="file"; filename="other"\r\n\r\nsecond\r\n'
    b'--bound\r\nContent-Disposition: form-data; name="last"\r\n\r\nx\r\n--bound--\r\n' % CONTENT[:-9]
)


def arrived(pieces: Sequence[bytes], most: int = 1000) -> tuple[Sent, bytes]:
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Any:
        return messages.pop(0)

    async def run() -> tuple[Sent, bytes]:
        headers = [(b"content-type", b"multipart/form-data; boundary=bound")]
        sent = await Sent.read(Request({"type": "http", "method": "POST", "headers": headers}, receive))
        return sent, b"".join([piece async for piece in sent.content(most)])

    return asyncio.run(run())


@given(st.lists(st.integers(0, len(BODY)), max_size=8))
def test_the_file_is_what_was_chosen(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(BODY)]
    sent, content = arrived([BODY[start:end] for start, end in pairwise(places)])
    assert (sent.name, sent.media, content) == ("样机.pdf", "application/pdf", CONTENT[:-9])
    assert sent.fields == {"kind": "photos", "last": "x"}


def test_what_is_too_large_or_no_form_is_refused() -> None:
    with pytest.raises(TooLargeError):
        arrived([BODY], most=10)
    with pytest.raises(HTTPException):
        arrived([b"--another\r\n\r\n"])
    sent, content = arrived([b"--bound--\r\n"])
    assert (sent.name, content) == ("", b"")
