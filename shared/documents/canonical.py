"""Canonical JSON (RFC 8785): the same data give the same bytes, wherever and whenever they are written."""

from __future__ import annotations

from typing import Any

import orjson

_LARGEST = 2**53 - 1
"""Integers beyond this are not the same number to every reader (RFC 7493 §2.2)."""


def canonical(data: Any) -> bytes:
    """`data` as canonical JSON in UTF-8.

    Of RFC 8785 this takes objects with ASCII keys, arrays, texts, whole numbers, true, false and null. A measured value
    is a text, so there are no floats, and their many ways to be written. Raises ValueError naming what cannot be.
    """
    _check(data, "$")
    try:
        return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:  # half a character: a lone surrogate
        raise ValueError(str(error)) from None


def read_canonical(text: bytes) -> Any:
    """The data in `text`. Raises ValueError where it is not JSON, or JSON written in another way."""
    data = orjson.loads(text)
    if canonical(data) != text:
        raise ValueError("the JSON is not written in canonical form")
    return data


def _check(data: Any, path: str) -> None:
    match data:
        case bool() | None | str():
            pass
        case int():
            if abs(data) > _LARGEST:
                raise ValueError(f"{path}: {data} is beyond 2^53: write it as a text")
        case dict():
            for key, value in data.items():
                # Keys are sorted by UTF-16 units in the RFC and by characters here: the same for ASCII.
                if not (isinstance(key, str) and key.isascii()):
                    raise ValueError(f"{path}: the key {key!r} is not ASCII")
                _check(value, f"{path}.{key}")
        case list():
            for index, value in enumerate(data):
                _check(value, f"{path}[{index}]")
        case _:
            raise ValueError(f"{path}: {data!r} is not text, whole number, list or object")
