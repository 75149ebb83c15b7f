"""How recorded texts stand in a certificate, so that they come back as they were.

The texts of a column, one a point, are numbers by unit, NaN where a point has none of the unit, and words where they
are no decimal numbers. In words blanks and signs that XML cannot carry are written %20; a lone % is nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from shared.metrology import units
from shared.metrology.dcc import dsi
from shared.metrology.dcc.document import SI, CertificateError, add, add_text, find, local, text_at

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING, EMPTY, NAN = "%", "%%", "NaN"
_NUMBER = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*(\S*)")
_UNWRITABLE = re.compile(r"[%\s\x00-\x20\x7f-\xa0\ud800-\udfff\ufffe\uffff]")

Group = tuple[str | None, list[str]]
"""Values by unit (a UCUM code), or words where it is None."""


def word(text: str | None) -> str:
    """A text as one word."""
    if text is None:
        return NOTHING
    return _UNWRITABLE.sub(_escaped, text) or EMPTY


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def text_of(token: str) -> str | None:
    if token in {NOTHING, EMPTY}:
        return None if token == NOTHING else ""
    return unquote(token, errors="surrogatepass")


def groups(texts: Sequence[str | None], bare: str | None) -> list[Group]:
    """The texts of a column by unit. `bare` is the unit of a number without one; None makes all of them words."""
    found: dict[str | None, list[str]] = {}
    for place, text in enumerate(texts):
        if text is None:
            continue
        unit, token = _read(text, bare)
        nothing = NOTHING if unit is None else NAN
        found.setdefault(unit, [nothing] * len(texts))[place] = token
    return list(found.items())


def _read(text: str, bare: str | None) -> tuple[str | None, str]:
    match = _NUMBER.fullmatch(text) if bare is not None else None
    if match:
        unit = units.code_of(match[2]) if match[2] else bare or "1"
        if unit in units.every():
            return unit, match[1]
    return None, word(text)


def joined(found: Sequence[Group], size: int, where: str) -> list[str | None]:
    """The texts of a column again. Raises CertificateError for lists of another length, or two values of one point."""
    texts: list[str | None] = [None] * size
    for unit, tokens in found:
        if len(tokens) != size:
            raise CertificateError(
                f"{where}：{len(tokens)}个数值，{size}个测量点", f"{where}: {len(tokens)} values of {size} points"
            )
        for place, token in enumerate(tokens):
            text = text_of(token) if unit is None else _measured(token, unit)
            if text is None:
                continue
            if texts[place] is not None:
                raise CertificateError(
                    f"{where}：第{place + 1}点有两个值", f"{where}: point {place + 1} has two values"
                )
            texts[place] = text
    return texts


def _measured(token: str, unit: str) -> str | None:
    if token == NAN:
        return None
    if not _NUMBER.fullmatch(token):
        raise CertificateError(f"“{token}”不是十进制数", f"{token!r} is not a decimal number")
    return token if unit == "1" else f"{token} {unit}"


def write(parent: Any, element: str, group: Group, *, ref: str, zh: str, en: str) -> Any:
    """A quantity with the values of a group, named in both languages."""
    unit, tokens = group
    made = add(parent, element, ref=ref)
    add_text(made, "name", zh, en)
    if unit is None:
        add(made, "charsXMLList", " ".join(tokens))
        return made
    values = add(made, "si:realListXMLList")
    add(values, "si:valueXMLList", " ".join(tokens))
    add(values, "si:unitXMLList", dsi.written(unit))
    return made


def read(quantity: Any) -> Group:
    """The group in a quantity. Raises CertificateError for a unit that is not known, or another kind of value."""
    words = find(quantity, "dcc:charsXMLList")
    if words is not None:
        return None, (words.text or "").split()
    for name, value, unit in (("realListXMLList", "valueXMLList", "unitXMLList"), ("real", "value", "unit")):
        numbers = find(quantity, f"si:{name}")
        if numbers is None:
            continue
        units_told = set(text_at(numbers, f"si:{unit}").split())
        codes = {dsi.code(one) for one in units_told}
        if len(codes) != 1 or None in codes:
            told = " ".join(sorted(units_told)) or "none"
            raise CertificateError(f"单位{told}：应为一个已知单位", f"unit {told}: one unit that is known is required")
        return codes.pop(), text_at(numbers, f"si:{value}").split()
    kinds = [local(one) for one in quantity if one.tag.startswith(f"{{{SI}}}")]
    raise CertificateError(
        f"{' '.join(kinds) or '没有值'}：应为数值或文字列表",
        f"{' '.join(kinds) or 'no value'}: a list of numbers or words is required",
    )
