"""Read a holiday notice from a JSON file in the format of holiday-cn, with the year, its days and their sources."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson
from marshmallow import ValidationError, fields, validate, validates_schema

from shared.law import Notice, fixed_days
from shared.law.calendar import in_english
from shared.problems import Problem
from shared.schemas import Day, Flag, Strict, instance, is_legible, load, several, text
from shared.text import Text
from shared.validators import Said, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

_FIRST_YEAR, _LAST_YEAR = 1999, 9998
_DECEMBER = 12
_MAX_SOURCE = 1000
_MAX_DAYS = 397
"""The days of a year and of the December before."""


class _Day(Strict):
    name = text(maximum=100)
    name_en = text(required=False, maximum=100)
    on = Day(required=True, data_key="date")
    off = Flag(required=True, data_key="isOffDay")


class _File(Strict):
    """The file. `$schema` and `$id` are metadata of holiday-cn and are ignored."""

    schema_ = text(required=False, lines=False, data_key="$schema")
    id_ = text(required=False, lines=False, data_key="$id")
    year = fields.Integer(required=True, strict=True, validate=validate.Range(_FIRST_YEAR, _LAST_YEAR))
    area = text(required=False, maximum=60)
    papers = several(
        fields.Url(schemes={"http", "https"}, validate=[is_legible, validate.Length(max=_MAX_SOURCE)]),
        minimum=0,
        maximum=20,
        required=False,
        load_default=list,
    )
    days = several(fields.Nested(_Day), minimum=0, maximum=_MAX_DAYS)

    @validates_schema(skip_on_field_errors=False)
    def _check(self, data: dict[str, Any], **_: Any) -> None:
        """Report every fault of every day at once, even if another field is at fault."""
        year, area, days = data.get("year"), data.get("area"), data.get("days")
        if days == []:
            told = "the file has no days, so the year is not published yet; import it once it is"
            raise refusal("not_published", "文件中没有日期，说明该年尚未公布；公布后再导入", told, "days")
        if year is None or days is None:
            return
        by_law = fixed_days(year)
        faults = {index: fault for index, day in enumerate(days) if (fault := _fault(day, year, days, by_law))}
        if faults:
            raise ValidationError({"days": faults})
        named = {day["on"] for day in days if "on" in day}
        missing = {day: name for day, name in by_law.items() if day not in named}
        if missing and not area:
            zh = "、".join(f"{day}（{name.zh}）" for day, name in missing.items())
            en = ", ".join(f"{day} ({name.en})" for day, name in missing.items())
            told = f"{en} must be off by law; give the whole year, or name the `area` it applies to"
            raise refusal("incomplete", f"{zh}为法定节假日；请给出全年，或者以`area`写明适用地区", told, "days")


def _fault(
    day: dict[str, Any], year: int, days: Sequence[dict[str, Any]], by_law: Mapping[date, Text]
) -> dict[str, list[Said]] | None:
    """The faults of a day. A redundant entry is allowed: a weekday that works, a Sunday that is off."""
    on = day.get("on")
    if on is None:
        return None
    found = []
    if on.year != year and (on.year, on.month) != (year - 1, _DECEMBER):
        told = Text(f"{on}既不在{year}年，也不在前一年12月", f"{on} is neither in {year} nor in the December before")
        found.append(Said("wrong_year", told))
    if {other.get("off") for other in days if other.get("on") == on} >= {True, False}:
        told = Text(f"{on}既列为放假又列为上班", f"{on} is listed both as a day off and as a working day")
        found.append(Said("contradictory", told))
    elif day.get("off") is False and on in by_law:
        told = Text(f"{on}是{by_law[on].zh}，为法定节假日", f"{on} is {by_law[on].en}, which is a day off by law")
        found.append(Said("off_by_law", told))
    return {"date": found} if found else None


def read(content: bytes, sources: Sequence[str] = (), area: str = "") -> Notice:
    """The notice in a file. `sources` and `area` are added to those in the file.

    Raises Problem with every fault at once.
    """
    try:
        raw = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Problem("malformed", Text(f"不是JSON（{error}）", f"not JSON: {error}")) from None
    if isinstance(raw, dict) and area:
        raw = {**raw, "area": area}
    found = load(instance(_File), raw)
    named = tuple(dict.fromkeys((*found["papers"], *sources)))
    if not named:
        raise Problem(
            "invalid",
            Text(
                "文件没有出处：请在`papers`中或者另行给出通知的网址",
                "the file has no source: give the URL of the notice in `papers`, or as source",
            ),
        )
    off, work = (_named(day for day in found["days"] if day["off"] is wanted) for wanted in (True, False))
    return Notice(0, found["year"], found.get("area", ""), off, work, named)


def _named(days: Iterable[dict[str, Any]]) -> dict[date, Text]:
    """The days in order; a day listed for two holidays has both names."""
    names: dict[date, dict[Text, None]] = {}
    for day in sorted(days, key=itemgetter("on")):
        zh = day["name"]
        names.setdefault(day["on"], {})[Text(zh, day.get("name_en") or in_english(zh))] = None
    return {
        on: Text("、".join(name.zh for name in found), " and ".join(name.en for name in found))
        for on, found in names.items()
    }
