"""Conditional requests (RFC 9110, 13): entity tags, If-Match and If-None-Match."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from werkzeug.http import parse_etags

from shared.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = re.compile(r"[0-9]{1,9}")
_ALTERED = re.compile(r"([0-9]{1,9})[-;:+._/ ]{0,2}[A-Za-z][A-Za-z0-9_.-]*")
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
    strong, weak = tags.as_set(), tags.as_set(include_weak=True)
    # werkzeug turns malformed tags into None.
    known = [_VERSION.fullmatch(tag) or _ALTERED.fullmatch(tag) if tag is not None else None for tag in weak]
    if not tags or None in known:
        raise Problem("malformed", f'If-Match: {given!r} is not a version; send the ETag that you received, as "3"')
    if versions := frozenset(int(tag) for tag in strong if _VERSION.fullmatch(tag)):
        return versions
    plain = ", ".join(sorted(f'"{match[match.lastindex or 0]}"' for match in known if match))
    if strong:
        raise Problem(
            "stale",
            f"If-Match: {given} is the tag of a copy that a proxy compressed: send If-Match: "
            f"{plain}, or read again with Accept-Encoding: identity and send the ETag of that response",
        )
    raise Problem("stale", f"If-Match: {given} is a weak tag, which never matches: send If-Match: {plain}")


def is_known(tag: str, given: str | None) -> bool:
    """Whether `given`, an If-None-Match header, contains the entity tag; by weak comparison."""
    return given is not None and parse_etags(given).contains_weak(tag.strip('"'))
