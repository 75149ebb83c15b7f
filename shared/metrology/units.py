"""Legal units of measurement 法定计量单位 by UCUM code, each with its exact factor to the base unit of its dimension.

The table is our own: pint and its like keep their factors as floats, or offer exact numbers as an option that a
single float constant undoes, and a verdict must not depend on that. Radians are left out: a degree is not a rational
part of one.
"""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from shared.problems import ToldError
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class QuantityError(ToldError):
    """A value or unit that cannot be read, or units that do not go together."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A value x of this unit is x · `factor` + `zero` of the base unit of its dimension.

    A unit with a zero point, as Cel, tells a point on a scale. Differences of such points are in the base unit, K.
    """

    code: str
    dimension: str
    factor: Fraction
    zero: Fraction = Fraction(0)


# By dimension: code and factor. The first unit with factor 1 is the base.
_FACTORS: Mapping[str, Mapping[str, str]] = {
    "mass": {"g": "1", "ug": "1e-6", "mg": "1e-3", "kg": "1e3", "t": "1e6"},
    "length": {"m": "1", "um": "1e-6", "mm": "1e-3", "cm": "1e-2", "km": "1e3"},
    "volume": {"L": "1", "uL": "1e-6", "mL": "1e-3", "dm3": "1", "cm3": "1e-3", "m3": "1e3"},
    "time": {"s": "1", "us": "1e-6", "ms": "1e-3", "min": "60", "h": "3600", "d": "86400", "wk": "604800"},
    "volume flow": {
        "m3/h": "1",
        "m3/s": "3600",
        "m3/min": "60",
        "L/h": "1e-3",
        "L/min": "0.06",
        "L/s": "3.6",
        "mL/min": "6e-5",
        "mL/h": "1e-6",
    },
    "mass flow": {"kg/h": "1", "kg/min": "60", "kg/s": "3600", "g/s": "3.6", "g/min": "0.06", "t/h": "1e3"},
    "speed": {"m/s": "1", "mm/s": "1e-3", "km/h": "5/18"},
    "acceleration": {"m/s2": "1"},
    "force": {"N": "1", "mN": "1e-3", "kN": "1e3", "MN": "1e6"},
    "torque": {"N.m": "1", "kN.m": "1e3"},
    "pressure": {"Pa": "1", "hPa": "100", "kPa": "1e3", "MPa": "1e6", "mbar": "100", "bar": "1e5"},
    "density": {
        "kg/m3": "1",
        "g/L": "1",
        "kg/L": "1e3",
        "g/cm3": "1e3",
        "mg/L": "1e-3",
        "mg/m3": "1e-6",
        "ug/m3": "1e-9",
    },
    "viscosity": {"mPa.s": "1", "Pa.s": "1e3"},
    "energy": {"J": "1", "kJ": "1e3", "MJ": "1e6", "GJ": "1e9", "W.h": "3600", "kW.h": "3.6e6", "MW.h": "3.6e9"},
    "power": {"W": "1", "uW": "1e-6", "mW": "1e-3", "kW": "1e3", "MW": "1e6"},
    "voltage": {"V": "1", "uV": "1e-6", "mV": "1e-3", "kV": "1e3"},
    "current": {"A": "1", "uA": "1e-6", "mA": "1e-3", "kA": "1e3"},
    "resistance": {"Ohm": "1", "mOhm": "1e-3", "kOhm": "1e3", "MOhm": "1e6", "GOhm": "1e9"},
    "frequency": {"Hz": "1", "kHz": "1e3", "MHz": "1e6", "GHz": "1e9"},
    "field strength": {"V/m": "1", "mV/m": "1e-3", "uV/m": "1e-6"},
    "magnetic field": {"A/m": "1", "kA/m": "1e3"},
    "temperature": {"K": "1", "mK": "1e-3"},
    "ratio": {
        "1": "1",
        "%": "1e-2",
        "[ppm]": "1e-6",
        "L/m3": "1e-3",
        "mm/m": "1e-3",
        "mm/km": "1e-6",
        "umol/mol": "1e-6",
    },
    "temperature coefficient": {"%/K": "1"},
    "bridge output": {"mV/V": "1", "uV/V": "1e-3"},
    "plane angle": {"deg": "1", "'": "1/60", "''": "1/3600", "gon": "0.9"},
    "level": {"dB": "1"},
    "optical power": {"[diop]": "1"},
    "acidity": {"[pH]": "1"},
    "number concentration": {"10*9/L": "1", "10*12/L": "1e3"},
    "absorbed dose": {"Gy": "1", "uGy": "1e-6", "mGy": "1e-3"},
    "dose equivalent": {"Sv": "1", "uSv": "1e-6", "mSv": "1e-3"},
    "activity": {"Bq": "1", "kBq": "1e3", "MBq": "1e6", "GBq": "1e9"},
    "pulses": {"{imp}": "1"},
    "pulses per length": {"{imp}/km": "1", "{imp}/m": "1e3"},
    "pulses per volume": {"{imp}/L": "1", "{imp}/m3": "1e-3"},
    "pulses per energy": {"{imp}/(kW.h)": "1"},
    "money": {"CNY": "1"},  # ISO 4217; UCUM has no currencies
}
_UNITS: Mapping[str, Unit] = {
    code: Unit(code, dimension, Fraction(factor))
    for dimension, units in _FACTORS.items()
    for code, factor in units.items()
} | {"Cel": Unit("Cel", "temperature", Fraction(1), Fraction("273.15"))}
POINTS = frozenset(code for code, one in _UNITS.items() if one.zero)
"""The units of points on a scale."""

_ALIASES: Mapping[str, str] = {
    "公斤": "kg",
    "°C": "Cel",
    "ppm": "[ppm]",
    "l": "L",
    "ml": "mL",
    "kWh": "kW.h",
    "Wh": "W.h",
    "MWh": "MW.h",
    "°": "deg",
    "′": "'",
    "″": "''",
    "元": "CNY",
    "pH": "[pH]",
    **{code.replace("{imp}", "imp"): code for code in _UNITS if "{imp}" in code},
    "imp/kW.h": "{imp}/(kW.h)",
    "imp/kWh": "{imp}/(kW.h)",
}
# The names that the State Council's order of 1984 gives them, and 公里. No name is part of one further down.
_NAMES: Mapping[str, str] = {
    "千克": "kg",
    "毫克": "mg",
    "微克": "ug",
    "克": "g",
    "吨": "t",
    "立方分米": "dm3",
    "立方厘米": "cm3",
    "立方米": "m3",
    "毫升": "mL",
    "微升": "uL",
    "升": "L",
    "千米": "km",
    "公里": "km",
    "厘米": "cm",
    "毫米": "mm",
    "微米": "um",
    "米": "m",
    "千瓦时": "kW.h",
    "千瓦": "kW",
    "毫瓦": "mW",
    "瓦": "W",
    "千牛": "kN",
    "牛": "N",
    "兆帕": "MPa",
    "千帕": "kPa",
    "百帕": "hPa",
    "帕": "Pa",
    "千伏": "kV",
    "毫伏": "mV",
    "伏": "V",
    "毫安": "mA",
    "安": "A",
    "摄氏度": "Cel",
    "小时": "h",
    "分钟": "min",
    "秒": "s",
}
_NOT_LEGAL = frozenset(
    {"斤", "市斤", "两", "市两", "钱", "担", "尺", "寸", "亩", "lb", "oz", "gal", "ft", "in", "psi", "mmHg"}
)


def unit(code: str, dimension: str = "") -> Unit:
    """The unit of a UCUM code; raises QuantityError with the codes there are, of a dimension if one is wanted."""
    found = _UNITS.get(code)
    if found is None:
        raise QuantityError(*_refusal(code, known(dimension) if dimension else every()))
    return found


@cache
def ratio(code: str, to: str) -> Fraction:
    """How many of the unit `to` one of `code` is, both of one dimension; raises QuantityError for others."""
    one, other = unit(code), unit(to)
    if one.dimension != other.dimension:
        raise QuantityError(
            f"{code}与{to}不是同一种量的单位；请用 {' '.join(known(one.dimension))}",
            f"{code} measures {one.dimension}, {to} {other.dimension}; use like units, for {one.dimension}"
            f" {' '.join(known(one.dimension))}",
        )
    return one.factor / other.factor


def code_of(text: str) -> str:
    """The UCUM code of a unit as people write it: 公斤, 千克, 立方米/小时, ℃, m³/h, kΩ, kW·h."""
    plain = unicodedata.normalize("NFKC", text)
    if plain in _NOT_LEGAL or plain in _ALIASES:
        return _ALIASES.get(plain, plain)
    for name, code in _NAMES.items():
        plain = plain.replace(name, code)
    for sign, code in (("μ", "u"), ("·", "."), ("⋅", "."), ("Ω", "Ohm")):
        plain = plain.replace(sign, code)
    return _ALIASES.get(plain, plain)


def known(dimension: str) -> tuple[str, ...]:
    """The codes of a dimension; raises QuantityError for one that has none."""
    found = tuple(one.code for one in _UNITS.values() if one.dimension == dimension)
    if not found:
        raise QuantityError(
            f"没有名为“{dimension}”的量；可用{', '.join(_FACTORS)}",
            f"there is no dimension {dimension!r}; use one of {', '.join(_FACTORS)}",
        )
    return found


def every() -> tuple[str, ...]:
    """The codes of all units."""
    return tuple(_UNITS)


def base(dimension: str) -> str:
    """The unit in which differences of a dimension are told when their own unit has a zero point."""
    return known(dimension)[0]


def _refusal(code: str, among: Sequence[str]) -> Text:
    if code in _NOT_LEGAL:
        return Text(
            f"“{code}”不是法定计量单位（计量法第三条），请换算为：{' '.join(among)}",
            f"unit {code!r} is not a legal unit of measurement (Metrology Law Art. 3); "
            f"convert to one of: {' '.join(among)}",
        )
    like = difflib.get_close_matches(code, among, n=3, cutoff=0.5)
    hint = Text(f"（是否为{'或'.join(like)}？）", f" (is it {' or '.join(like)}?)") if like else Text.plain("")
    return Text(
        f"未知计量单位“{code}”{hint.zh}，请用法定计量单位（计量法第三条）：{' '.join(among)}",
        f"unit {code!r} is not known{hint.en}; use a legal unit (Metrology Law Art. 3): {' '.join(among)}",
    )
