"""Days, times and quantities as people write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from services.portal.texts import text
from shared.text import shown as dated
from shared.text import written_month

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.portal.texts import Language

ZONE = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_DAY = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})")
_TIME = re.compile(r"(.+?)\s+(\d{1,2})[:时](\d{2})分?")
UNITS = (
    *("kg", "g", "mg", "t", "L", "mL", "m3", "m3/h", "L/min", "m", "mm", "cm"),
    *("A", "V", "W", "kW.h", "Hz", "Cel", "%", "1"),
)
"""Offered while a quantity is typed; any other may be typed."""
_SPOKEN_UNITS = {"Cel": "°C", "Ohm": "Ω", "kOhm": "kΩ", "MOhm": "MΩ", "1": "", "deg": "°", "W.h": "W·h", "kW.h": "kW·h"}


def day(written: str | date, language: Language) -> str:
    """2013年9月25日 or 25 September 2013."""
    return dated(written).told(language)


def month(written: str, language: Language) -> str:
    """2013年9月 or September 2013."""
    return written_month(written).told(language)


def due(limit: Mapping[str, Any], language: Language) -> str:
    """The last day or, of days that are planned, the first and the last."""
    first, last = limit.get("begins_on", limit["due_on"]), limit["due_on"]
    shown = day(last, language)
    return shown if first == last else text("days.span", language, first=day(first, language), last=shown)


def weekday(written: str | date, language: Language) -> str:
    on = date.fromisoformat(written) if isinstance(written, str) else written
    return _WEEKDAYS[language][on.weekday()]


def instant(written: str, language: Language) -> str:
    """The day and the time of Beijing."""
    at = datetime.fromisoformat(written).astimezone(ZONE)
    return f"{day(at.date(), language)} {at:%H:%M}"


def with_instants(told: str, language: Language) -> str:
    """The text with each instant in it as people write it."""
    return _INSTANT.sub(lambda found: instant(found[0], language), told)


def measure(value: Mapping[str, Any]) -> str:
    """15 kg: the number as it was measured, with the unit as it is written on instruments."""
    unit = str(value.get("unit", ""))
    return f"{value.get('value', '')} {_SPOKEN_UNITS.get(unit, unit)}".strip()


def size(number: int) -> str:
    """12.3 MB: bytes as people count them."""
    amount, unit = float(number), "B"
    for unit in ("B", "KB", "MB"):
        if amount < 1000 or unit == "MB":  # noqa: PLR2004 - units of SI
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


def days_left(left: int, language: Language, *, working: bool) -> str:
    """How many days are left, or how late it is."""
    unit = text("days.working" if working else "days.calendar", language)
    if left < 0:
        return text(
            "days.over", language, days=-left, unit=unit if left != -1 or language == "zh" else unit.rstrip("s")
        )
    if left == 0:
        return text("days.last", language)
    return text("days.left", language, days=left, unit=unit if left != 1 or language == "zh" else unit.rstrip("s"))


def read_day(typed: str) -> str:
    """A day typed in any usual way, as 2013-09-17; anything else as it was typed, for the service to refuse."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    match = _DAY.fullmatch(plain)
    if match is None:
        return typed
    year, month, of_month = (int(part) for part in match.groups() if part)
    try:
        return date(year, month, of_month).isoformat()
    except ValueError:
        return typed


def read_instant(typed: str) -> str:
    """A day and a time of Beijing as 2013-09-17T09:10:00+08:00; anything else as it was typed."""
    match = _TIME.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    written = f"{read_day(match[1])}T{match[2]:0>2}:{match[3]}:00+08:00" if match else ""
    return written if typed_instant(written) != written else typed


def typed_instant(written: str) -> str:
    """An instant as it would be typed: 2013-09-17 09:10. What is none stays as it is."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return written
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}" if at.tzinfo else written


def read_number(typed: str) -> str:
    """A number typed with full-width digits or a comma for thousands, in ASCII digits."""
    plain = unicodedata.normalize("NFKC", typed).strip().replace("−", "-")
    return re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", plain)
