"""Conditional requests (RFC 9110, 13): entity tags, If-Match and If-None-Match."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from werkzeug.http import parse_etags

from shared.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = re.compile(r"[0-9]{1,9}")
_ALTERED = re.compile(r"([0-9]{1,9})[-;:+. ]{1,2}[A-Za-z][A-Za-z0-9_.-]*")
"""A version with the suffix of a compressing proxy: `1-gzip`, `1--gzip`, `1;br`."""


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


def versions_matched(headers: Mapping[str, str]) -> frozenset[int] | None:
    """The versions that `If-Match` names; None for any (`*`).

    Raises Problem: malformed; stale if no tag can match, because all are weak (RFC 9110, 8.8.3.2) or a proxy's own.
    """
    given = headers["If-Match"]
    tags = parse_etags(given)
    if tags.star_tag:
        return None
    strong = tags.as_set()
    altered = [match for tag in strong if tag is not None and (match := _ALTERED.fullmatch(tag))]
    if altered and len(altered) == len(strong):
        plain = ", ".join(f'"{match[1]}"' for match in altered)
        raise Problem(
            "stale",
            f"If-Match: {given} is the tag of a copy that a proxy compressed: send If-Match: "
            f"{plain}, or read again with Accept-Encoding: identity and send the ETag of that response",
        )
    # werkzeug turns malformed tags into None.
    if not tags or not all(tag is not None and _VERSION.fullmatch(tag) for tag in strong):
        raise Problem("malformed", f'If-Match: {given!r} is not a version; send the ETag that you received, as "3"')
    if not strong:
        raise Problem("stale", f'If-Match: {given} is a weak tag, which never matches: send the ETag as "3"')
    return frozenset(map(int, strong))


def is_known(tag: str, given: str | None) -> bool:
    """Whether `given`, an If-None-Match header, contains the entity tag; by weak comparison."""
    return given is not None and parse_etags(given).contains_weak(tag.strip('"'))
