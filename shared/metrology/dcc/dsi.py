r"""Units as D-SI writes them, after siunitx: kg is \\kilogram, m3/h is \\metre\\tothe{3}\\hour\\tothe{-1}."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from shared.metrology import units

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES: Mapping[str, str] = {
    "1": "one",
    "%": "percent",
    "[ppm]": "ppm",
    "g": "gram",
    "kg": "kilogram",
    "t": "tonne",
    "m": "metre",
    "L": "litre",
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "Pa": "pascal",
    "bar": "bar",
    "N": "newton",
    "J": "joule",
    "W": "watt",
    "V": "volt",
    "A": "ampere",
    "Ohm": "ohm",
    "Hz": "hertz",
    "K": "kelvin",
    "Cel": "degreecelsius",
    "mol": "mole",
    "Gy": "gray",
    "Sv": "sievert",
    "Bq": "becquerel",
    "deg": "degree",
    "'": "arcminute",
    "''": "arcsecond",
    "dB": "decibel",
}
_PREFIXES: Mapping[str, str] = {
    "u": "micro",
    "m": "milli",
    "c": "centi",
    "d": "deci",
    "h": "hecto",
    "k": "kilo",
    "M": "mega",
    "G": "giga",
}
_OTHERS: Mapping[str, str] = {"[diop]": r"\metre\tothe{-1}", "gon": "|gon"}
_PART = re.compile(r"([^0-9]+?|1)([0-9]*)")
OUTSIDE = "|"
"""Before the name of a unit that D-SI does not have."""
_WRITTEN_ELSEWHERE = {
    r"\kilo\gram": "kg",
    r"\degreeCelsius": "Cel",
    r"\celsius": "Cel",
    r"\liter": "L",
    r"\milli\liter": "mL",
    r"\meter": "m",
    r"\metre\cubed": "m3",
}


@cache
def written(code: str) -> str:
    """The D-SI unit of a UCUM code; what D-SI does not have follows a bar: |CNY."""
    if code in _OTHERS:
        return _OTHERS[code]
    made = ""
    for number, divided in enumerate(code.split("/")):
        for part in divided.split("."):
            match = _PART.fullmatch(part)
            name = match and _named(match[1])
            if match is None or not name:
                return f"{OUTSIDE}{code}"
            power = int(match[2] or "1") * (-1 if number else 1)
            made += name if power == 1 else f"{name}\\tothe{{{power}}}"
    return made


def _named(symbol: str) -> str:
    if symbol in _NAMES:
        return f"\\{_NAMES[symbol]}"
    prefix, rest = symbol[:1], symbol[1:]
    if prefix in _PREFIXES and rest in _NAMES:
        return f"\\{_PREFIXES[prefix]}\\{_NAMES[rest]}"
    return ""


def code(unit: str) -> str | None:
    """The UCUM code of a D-SI unit; None for one that this program does not know."""
    plain = re.sub(r"\\per(\\[a-z]+)", r"\1\\tothe{-1}", unit.strip())
    return _codes().get(plain, _WRITTEN_ELSEWHERE.get(plain))


@cache
def _codes() -> Mapping[str, str]:
    """The first of the codes that are written alike."""
    found: dict[str, str] = {}
    for one in units.every():
        found.setdefault(written(one), one)
    return found
