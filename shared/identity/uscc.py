"""The unified social credit code 统一社会信用代码 (GB 32100-2015) and the older organisation code (GB 11714-1997).

Some early codes issued in Fujian have a wrong check character but are valid. So a person confirms a code with a wrong
check character; only an impossible code is refused.

A credit code contains the organisation code of the same organisation: `party` maps all codes of an organisation, in any
spelling, to one value. The database function of the same name does this for stored codes (see migrations).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from shared.text import Text, comparable

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_CODE = re.compile(rf"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")
_ORGANISATION_CODE = re.compile(r"[0-9A-Z]{8}-?[0-9X]")


class CodeError(ValueError):
    """No check character can be computed for the text."""


class Severity(StrEnum):
    BLOCK = "block"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a code: `block` refuses it, `confirm` asks a person to compare it with the business licence."""

    severity: Severity
    reason: Text


@lru_cache(maxsize=8192)
def written(code: str) -> str:
    """The normal form of a code, or of another key of an organisation such as a laboratory's: capitals, ASCII
    punctuation, no spaces; an organisation code without its hyphen."""
    plain = comparable(code).upper()
    return plain.replace("-", "") if _ORGANISATION_CODE.fullmatch(plain) else plain


def party(code: str) -> str:
    """The identity of an organisation from any of its codes: the organisation code, which is characters 9 to 17 of a
    credit code (GB 32100); any other key in its normal form."""
    plain = written(code)
    return plain[8:17] if _CREDIT_CODE.fullmatch(plain) else plain


def region(code: str) -> str:
    """The GB/T 2260 code of the region whose registrar gave a credit code (places 3 to 8); empty for other codes."""
    plain = written(code)
    return plain[2:8] if _CREDIT_CODE.fullmatch(plain) else ""


def check(code: str) -> tuple[Finding, ...]:
    """Check an 18-character credit code or a 9-character organisation code, in any spelling; empty if it is valid."""
    code = written(code)
    if _CREDIT_CODE.fullmatch(code):
        return _compare(code[-1], check_character(code[:-1]))
    if _ORGANISATION_CODE.fullmatch(code):
        return _compare(code[-1], organisation_check_character(code[:8]))
    return (
        Finding(
            Severity.BLOCK,
            Text(
                f"“{code}”不是统一社会信用代码：应为18位，第3至8位为数字，不含I、O、S、V、Z；2015年10月前可用9位组织机构代码",
                f"{code!r} is not a unified social credit code: give 18 characters, digits in places 3 to 8, "
                "no I, O, S, V, Z; or the 9-character organisation code used before October 2015",
            ),
        ),
    )


def check_character(body: str) -> str:
    """The 18th character for the first 17. Raises CodeError for a wrong length or a character outside the alphabet."""
    if len(body) != len(_WEIGHTS) or not set(body) <= set(_ALPHABET):
        raise CodeError(f"{body!r}: give the first 17 characters of a credit code, without I, O, S, V, Z")
    total = sum(_ALPHABET.index(char) * weight for char, weight in zip(body, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def organisation_check_character(body: str) -> str:
    """The 9th character for the first 8. Raises CodeError for anything but eight digits and capital letters."""
    if re.fullmatch(r"[0-9A-Z]{8}", body) is None:
        raise CodeError(f"{body!r}: give the first 8 characters of an organisation code, digits and capital letters")
    total = sum(int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def _compare(given: str, right: str) -> tuple[Finding, ...]:
    if given == right:
        return ()
    return (
        Finding(
            Severity.CONFIRM,
            Text(
                f"校验码为“{given}”，按标准应为“{right}”，请与营业执照核对后确认",
                f"the check character is {given}, not {right}: compare with the business licence and confirm",
            ),
        ),
    )
