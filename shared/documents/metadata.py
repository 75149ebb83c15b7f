"""What a permit says as an electronic licence 电子证照 after GB/T 36903, which all kinds of licences have in common.

The elements, their names and their codes are data of the law (`metadata.toml`): a correction is made there. What has no
code, and the last day of what has no end, is not told: an empty field would look like a value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shared.law import RuleSet

_ROOT = "1.2.156.3005.2"
"""Of all identifiers of electronic licences."""
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def metadata(content: Mapping[str, Any], issue: int, permit: str, rules: RuleSet, on: date) -> dict[str, str]:
    """What the document of `content`, which is for that kind of `permit`, says in its `issue`, by the elements in force
    on a day."""
    elements = {row.id: row.codes for row in rules.metadata if row.in_force(on)}

    def code(element: str, of: str) -> str:
        return elements.get(element, {}).get(of, "")

    number, holder = content["number"], content["holder"]["code"]
    kind = code("licence_code", content.get("rule", permit))
    issuer = code("issuer_code", content.get("office", ""))
    said = {
        "licence_name": content["title"]["zh"],
        "licence_code": kind,
        "number": number,
        "identifier": identifier(kind, issuer, number, issue) if kind and issuer else "",
        "issuer": content["authority"],
        "issuer_code": issuer,
        "issued_on": content.get("issued_on", content["granted_on"]),
        "valid_from": content.get("valid_from", content["granted_on"]),
        "valid_until": content.get("valid_until", ""),
        "holder": content["holder"]["name"],
        "holder_code_type": code("holder_code_type", str(len(holder))),
        "holder_code": holder,
    }
    return {name: said[name] for name in elements if said[name]}


def identifier(kind: str, issuer: str, number: str, issue: int) -> str:
    """证照标识 after GB/T 36904 (unverified): root, kind of licence, issuer, the number without other characters,
    version, check character."""
    parts = (kind, issuer, re.sub("[^0-9A-Z]", "", number), f"{issue:03}")
    return ".".join((_ROOT, *parts, check_character("".join(parts))))


def check_character(text: str) -> str:
    """By ISO 7064 MOD 37,36 (GB/T 17710). Raises ValueError for a character that is no capital or digit."""
    product = 36
    for character in text:
        product = ((product + _ALPHABET.index(character)) % 36 or 36) * 2 % 37
    return _ALPHABET[(37 - product) % 36]
