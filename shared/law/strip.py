"""Draw a clock as an SVG strip: one cell per day, with a colour and a letter for how the day counts. Pure.

Up to half a year, a row is two weeks and a counted day shows its number. Up to four years, a row is a month. Beyond
that, a row is a year and a cell is a month, divided in proportion to its days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from shared.law.segments import SegmentKind
from shared.text import Text, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.law.explanation import DrawnDay, Explanation

WIDTH = 680
_MARGIN = 24
_GUTTER = 52
_TOP = 104
_FORTNIGHT = 14
_LONGEST_BY_WEEK = 190
"""Days."""
_LONGEST_BY_MONTH = 48
"""Months."""
_LEGEND_COLUMNS = 3
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = "一二三四五六日"
_WEEKDAYS_EN = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Look:
    """How a kind of day is drawn: the CSS class of its colours, its letter, and its name."""

    style: str
    letter: str
    name: Text


_START = _Look("start", "起", Text("起算日，不计", "start, not counted"))
_AHEAD = _Look("ahead", "", Text("尚待计入", "yet to be counted"))
_LOOKS = {
    SegmentKind.COUNTED: _Look("counted", "", Text("计入", "counted")),
    SegmentKind.MAKE_UP: _Look("counted", "班", Text("调休上班，计入", "make-up workday")),
    SegmentKind.WEEKEND: _Look("weekend", "", Text("周末", "weekend")),
    SegmentKind.HOLIDAY: _Look("holiday", "休", Text("节假日", "holiday")),
    SegmentKind.PAUSED: _Look("paused", "停", Text("暂停", "paused")),
    SegmentKind.ROLLED: _Look("rolled", "顺", Text("顺延", "moved to a working day")),
    SegmentKind.OVERRUN: _Look("overrun", "逾", Text("逾期", "late")),
}

_LIGHT = {
    "panel": "fill:#ffffff",
    "text": "fill:#1b2430",
    "dim": "fill:#5a6675",
    "rule": "stroke:#d7dde5",
    "counted": "fill:#1f6feb",
    "on": "fill:#ffffff",
    "ahead": "fill:#e3edfd;stroke:#1f6feb",
    "onahead": "fill:#124a9e",
    "weekend": "fill:#eef1f5",
    "holiday": "fill:#fde7e4",
    "onholiday": "fill:#a32116",
    "paused": "fill:url(#hatch)",
    "hatchground": "fill:#f4ecd8",
    "hatchline": "stroke:#dcc184",
    "onpaused": "fill:#684f0a",
    "rolled": "fill:url(#dots)",
    "dotsground": "fill:#e9e4f5",
    "dotsmark": "fill:#9480c9",
    "onrolled": "fill:#4b3691",
    "overrun": "fill:url(#cross)",
    "crossground": "fill:#c6291c",
    "crossline": "stroke:#8f160c",
    "start": "fill:#ffffff;stroke:#5a6675",
    "today": "stroke:#1b2430",
    "todayflag": "fill:#1b2430",
    "due": "stroke:#d4371b",
    "dueflag": "fill:#d4371b",
    "flagtext": "fill:#ffffff",
}
_DARK = {
    "panel": "fill:#161b22",
    "text": "fill:#e6edf3",
    "dim": "fill:#9aa7b5",
    "rule": "stroke:#303843",
    "counted": "fill:#2f81f7",
    "on": "fill:#06121f",
    "ahead": "fill:#12243d;stroke:#2f81f7",
    "onahead": "fill:#a9cdff",
    "weekend": "fill:#222933",
    "holiday": "fill:#43201d",
    "onholiday": "fill:#ffb4ab",
    "hatchground": "fill:#3a3116",
    "hatchline": "stroke:#8a7230",
    "onpaused": "fill:#f3d98b",
    "dotsground": "fill:#2b2545",
    "dotsmark": "fill:#7c69b8",
    "onrolled": "fill:#d3c7ff",
    "crossground": "fill:#e5534b",
    "crossline": "stroke:#a62b24",
    "start": "fill:#161b22;stroke:#9aa7b5",
    "today": "stroke:#e6edf3",
    "todayflag": "fill:#e6edf3",
    "due": "stroke:#ff7b5f",
    "dueflag": "fill:#ff7b5f",
    "flagtext": "fill:#161b22",
}
_ON = {"counted": "on", "ahead": "onahead", "holiday": "onholiday", "paused": "onpaused", "rolled": "onrolled"}
_ON |= {"overrun": "on", "weekend": "dim", "start": "dim"}

_DASHED = ' stroke-dasharray="3 2" stroke="#888888"'
_PATTERNS = (
    '<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hatchground" width="7" height="7"/><path class="hatchline" stroke-width="2" d="M0 0V7"/></pattern>'
    '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="dotsground" width="6"'
    ' height="6"/><circle class="dotsmark" cx="3" cy="3" r="1.2"/></pattern>'
    '<pattern id="cross" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="crossground" width="8"'
    ' height="8"/><path class="crossline" stroke-width="1.4" d="M0 0L8 8M8 0L0 8"/></pattern>'
)


def draw(told: Explanation, title: Text) -> str:
    """The clock as an SVG document; `zh` and `en` name the case and the limit."""
    days = told.days
    months = len({(day.on.year, day.on.month) for day in days})
    if len(days) <= _LONGEST_BY_WEEK:
        body, height = _by_week(told)
    elif months <= _LONGEST_BY_MONTH:
        body, height = _by_month(told)
    else:
        body, height = _by_year(told)
    legend, bottom = _legend(told, _TOP + height + 30)
    total = bottom + _MARGIN
    desc = f"{'；'.join(one.zh for one in told.words)}。 {'; '.join(one.en for one in told.words)}."
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" width="{WIDTH}" height="{total}"',
            'role="img" aria-labelledby="title desc">',
            f'<title id="title">{_safe(str(title))}</title>',
            f'<desc id="desc">{_safe(desc)}</desc>',
            f"<style>{_style()}</style>",
            f"<defs>{_PATTERNS}</defs>",
            f'<rect class="panel" width="{WIDTH}" height="{total}" rx="10"/>',
            *_heading(told, title),
            *body,
            *legend,
            "</svg>",
            "",
        )
    )


def _style() -> str:
    light = "".join(f".{name}{{{look}}}" for name, look in _LIGHT.items())
    dark = "".join(f".{name}{{{look}}}" for name, look in _DARK.items())
    family = "system-ui,'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
    return f"text{{font-family:{family}}}{light}@media(prefers-color-scheme:dark){{{dark}}}"


def _heading(told: Explanation, title: Text) -> Iterator[str]:
    now, end = told.now, told.end
    yield _text(_MARGIN, 34, title.zh, 17, weight=600)
    yield _text(_MARGIN, 54, title.en, 12, "dim")
    if now.met:
        state = ("已办结", "ended in time")
    elif now.ledger.stopped_on:
        state = ("逾期办结", "ended late") if now.breached else ("已届满", "ran out")
    elif now.breached:
        state = (f"逾期 {now.overrun} 日", f"late by {now.overrun} days")
    elif now.due_on is None:
        state = ("暂停中", "paused")
    else:
        state = (f"尚余 {now.remaining} 日", f"{now.remaining} days left")
    last, start = written(end.deadline) if end.deadline else Text.plain("—"), written(told.start)
    doubt = ("（暂定）", " (provisional)") if end.provisional else ("", "")
    yield _text(WIDTH - _MARGIN, 34, f"最后一日 {last.zh}{doubt[0]} · {state[0]}", 14, weight=600, anchor="end")
    yield _text(WIDTH - _MARGIN, 54, f"last day {last.en}{doubt[1]} · {state[1]}", 12, "dim", anchor="end")
    span = f"自{start.zh}起{end.limit.zh} · {end.limit.en} from {start.en}"
    yield _text(_MARGIN, 72, span, 12, "dim")
    yield f'<path class="rule" d="M{_MARGIN} 84H{WIDTH - _MARGIN}"/>'


def _by_week(told: Explanation) -> tuple[list[str], int]:
    """Rows of two weeks from Monday to Sunday."""
    size, gap, pitch, row_height = 36, 4, 40, 50
    monday = told.start - timedelta(days=told.start.weekday())
    drawn: list[str] = []
    marks: list[str] = []
    for place in range(_FORTNIGHT):
        x = _column(place, pitch) + size / 2
        drawn.append(
            _text(x, _TOP + 6, f"{_WEEKDAYS[place % 7]} {_WEEKDAYS_EN[place % 7]}", 10, "dim", anchor="middle")
        )
    rows = 0
    for day in told.days:
        row, place = divmod((day.on - monday).days, _FORTNIGHT)
        x, y = _column(place, pitch), _TOP + 16 + row * row_height
        if row == rows:
            first = max(monday + timedelta(days=row * _FORTNIGHT), told.start)
            drawn.append(_text(_MARGIN, y + 17, f"{first.month}月 {_MONTHS[first.month - 1]}", 11))
            drawn.append(_text(_MARGIN, y + 31, f"{first.year}", 10, "dim"))
            rows += 1
        drawn.append(_cell(told, day, x, y, size))
        date_text = f"{day.on.month}/{day.on.day}" if day.on.day == 1 else f"{day.on.day}"
        look = _look(told, day)
        ink = _ON[look.style]
        drawn.append(_text(x + 4, y + 11, date_text, 9, ink, weight=700 if day.on.day == 1 else 400))
        label = str(day.number) if day.number else look.letter
        if label:
            drawn.append(_text(x + size / 2, y + 28, label, 15, ink, weight=600, anchor="middle"))
        if day.kind is SegmentKind.MAKE_UP:
            drawn.append(_text(x + size - 4, y + 11, look.letter, 9, ink, anchor="end"))
        marks += _marks(told, day, x, y, size)
    return drawn + marks, 16 + rows * row_height - gap


def _column(place: int, pitch: int) -> int:
    return _MARGIN + _GUTTER + place * pitch + (8 if place >= 7 else 0)  # noqa: PLR2004 - days of a week


def _by_month(told: Explanation) -> tuple[list[str], int]:
    """One row per month, one small cell per day."""
    size, pitch, row_height = 15, 18, 19
    left = _MARGIN + 68
    drawn = [
        _text(left + (day - 1) * pitch + size / 2, _TOP + 6, str(day), 9, "dim", anchor="middle")
        for day in (1, 5, 10, 15, 20, 25, 31)
    ]
    marks: list[str] = []
    row = 0
    for (year, month), group in groupby(told.days, key=lambda day: (day.on.year, day.on.month)):
        y = _TOP + 14 + row * row_height
        new_year = row == 0 or month == 1
        name = f"{year}-" * new_year + f"{month:02} {_MONTHS[month - 1]}"
        drawn.append(_text(left - 8, y + 12, name, 10, "text" if new_year else "dim", anchor="end"))
        for day in group:
            x = left + (day.on.day - 1) * pitch
            drawn.append(_cell(told, day, x, y, size))
            look = _look(told, day)
            if look.letter:
                drawn.append(_text(x + size / 2, y + 11, look.letter, 9, _ON[look.style], anchor="middle"))
            marks += _marks(told, day, x, y, size)
        row += 1
    return drawn + marks, 14 + row * row_height


def _by_year(told: Explanation) -> tuple[list[str], int]:
    """One row per year, one cell per month, divided in proportion to its days."""
    width, pitch, size, row_height = 42, 46, 22, 28
    left = _MARGIN + _GUTTER
    drawn = [
        _text(left + month * pitch + width / 2, _TOP + 6, name, 9, "dim", anchor="middle")
        for month, name in enumerate(_MONTHS)
    ]
    first = told.start.year
    rows = told.days[-1].on.year - first + 1
    marks: list[str] = []
    drawn += [_text(_MARGIN, _TOP + 30 + row * row_height, str(first + row), 11) for row in range(rows)]
    for (year, month), group in groupby(told.days, key=lambda day: (day.on.year, day.on.month)):
        days = list(group)
        x, y = left + (month - 1) * pitch, _TOP + 14 + (year - first) * row_height
        for look, run in groupby(days, key=lambda day: _look(told, day)):
            alike = list(run)
            first_x, share = x + width * (alike[0].on.day - 1) / 31, width * len(alike) / 31
            title = _safe(f"{written(alike[0].on)} – {written(alike[-1].on)}: {look.name}")
            drawn.append(
                f'<rect class="{look.style}" data-days="{len(alike)}" x="{first_x:.1f}" y="{y}" width="{share:.1f}"'
                f' height="{size}"><title>{title}</title></rect>'
            )
        for day in days:
            marks += _marks(told, day, x + width * (day.on.day - 1) / 31, y, size, width=2)
    return drawn + marks, 14 + rows * row_height


def _look(told: Explanation, day: DrawnDay) -> _Look:
    if day.kind is None:
        return _START
    look = _LOOKS[day.kind]
    if look.style == "counted" and day.on > told.today:
        return _Look(_AHEAD.style, look.letter, _AHEAD.name)
    return look


def _cell(told: Explanation, day: DrawnDay, x: float, y: float, size: int) -> str:
    number = f" · {day.number}" if day.number else ""
    doubt = " · 暂定 provisional" if day.provisional else ""
    title = f"{written(day.on)} {_WEEKDAYS[day.on.weekday()]}{number} · {day.why}{doubt}"
    dashed = _DASHED if day.provisional else ""
    return (
        f'<rect class="{_look(told, day).style}" data-day="{day.on}" x="{x}" y="{y}" width="{size}" height="{size}"'
        f' rx="{5 if size > 20 else 3}"{dashed}><title>{_safe(title)}</title></rect>'  # noqa: PLR2004 - small cells
    )


def _marks(told: Explanation, day: DrawnDay, x: float, y: float, size: int, width: int | None = None) -> Iterator[str]:
    """The frames around the last day and today, each with its letter."""
    marks = []
    if day.on == told.end.deadline:
        marks.append(("due", "限"))
    if day.on == told.today:
        marks.append(("today", "今"))
    for step, (style, letter) in enumerate(marks):
        out = 2 + 3 * step
        yield (
            f'<rect class="{style}" fill="none" stroke-width="2" x="{x - out}" y="{y - out}"'
            f' width="{(width or size) + 2 * out}" height="{size + 2 * out}" rx="6"/>'
        )
        flag_x = x + (width or size) - 5 - 15 * step
        yield f'<rect class="{style}flag" x="{flag_x}" y="{y + size - 5}" width="13" height="13" rx="3"/>'
        yield _text(flag_x + 6.5, y + size + 5, letter, 9, "flagtext", weight=700, anchor="middle")


def _legend(told: Explanation, top: int) -> tuple[list[str], int]:
    """The legend for the kinds of cell that occur."""
    looks = list(dict.fromkeys(_look(told, day) for day in told.days))
    seen: dict[tuple[str, str], _Look] = {(look.style, look.letter): look for look in looks}
    entries = list(seen.values())
    shown = {day.on for day in told.days}
    if told.end.deadline in shown:
        entries.append(_Look("dueflag", "限", Text("最后一日", "last day")))
    if told.today in shown:
        entries.append(_Look("todayflag", "今", Text("今日", "today")))
    if any(day.provisional for day in told.days):
        entries.append(_Look("panel", "", Text("暂定，放假安排未公布", "provisional")))
    drawn = []
    pitch = (WIDTH - 2 * _MARGIN) // _LEGEND_COLUMNS
    for index, look in enumerate(entries):
        row, column = divmod(index, _LEGEND_COLUMNS)
        x, y = _MARGIN + column * pitch, top + row * 22
        dashed = _DASHED if look.style == "panel" else ""
        drawn.append(f'<rect class="{look.style}" x="{x}" y="{y}" width="15" height="15" rx="3"{dashed}/>')
        if look.letter:
            ink = _ON.get(look.style, "flagtext")
            drawn.append(_text(x + 7.5, y + 11, look.letter, 9, ink, weight=600, anchor="middle"))
        drawn.append(_text(x + 22, y + 12, str(look.name), 11, "dim"))
    rows = -(-len(entries) // _LEGEND_COLUMNS)
    return drawn, top + rows * 22 - 6


def _text(
    x: float, y: float, text: str, size: int, style: str = "text", *, weight: int = 400, anchor: str = "start"
) -> str:
    return (
        f'<text class="{style}" x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}">'
        f"{_safe(text)}</text>"
    )


def _safe(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))
