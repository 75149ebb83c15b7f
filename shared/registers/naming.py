"""Kinds of instruments that a file names in words, by their codes: who writes a list by hand knows the words. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.law import RuleSet

FIELDS = frozenset({"kinds", "scope", "category"})
"""Whose cells name kinds of instruments."""
_BETWEEN = re.compile(r"([；;、,，\n])(?![^（(]*[）)])")
_WITH_MORE = re.compile(r"(?P<kind>.*?)(?P<more>\s*[（(][^（(]*[）)]\s*)", re.DOTALL)
_LONGEST = 3
"""Parts between separators that one name has at most: 烟尘、粉尘测量仪."""


def codes_of(rules: RuleSet) -> dict[str, str]:
    """The codes of kinds by what they are called in either language, as `comparable`; not what several are called."""
    called: dict[str, set[str]] = {}
    for row in rules.catalogue:
        for name in (row.name.zh, row.name.en):
            called.setdefault(comparable(name), set()).add(row.code)
    return {name: code for name, (code, *others) in called.items() if not others}


def in_codes(cell: str, codes: Mapping[str, str]) -> str:
    """The cell with the code of each kind that it names in words; what is no name of a kind stays as it is."""
    parts, found = _BETWEEN.split(cell), []
    while parts:
        # A name may have a separator in itself: the longest that is known counts.
        for length in range(min(2 * _LONGEST, len(parts) + 1) - 1, 0, -2):
            whole = "".join(parts[:length])
            if (coded := _coded(whole, codes)) or length == 1:
                found.append(coded or whole)
                del parts[:length]
                break
        found += parts[:1]
        del parts[:1]
    return "".join(found)


def _coded(part: str, codes: Mapping[str, str]) -> str:
    """The code of the kind that the part names, with what stands in brackets behind; empty if it names none."""
    if code := codes.get(comparable(part)):
        return code
    found = _WITH_MORE.fullmatch(part)
    code = codes.get(comparable(found["kind"])) if found else None
    return f"{code}{found['more']}" if found and code else ""
