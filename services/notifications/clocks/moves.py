"""What to report about clocks whose last day moves with a newer calendar. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.text import Text, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from shared.law import Clock, Notice, RuleSet


def moved(rules: RuleSet, was: Clock, clock: Clock, notices: Sequence[Notice]) -> dict[str, Any] | None:
    """The data of `schemas.ClockMoved` for a clock counted before the `notices`; None if its last day stays."""
    due, before = clock.projection.due_on, was.projection.due_on
    if due is None or before is None or due == before:
        return None
    rule, why = clock.rule, _reason(notices)
    ladder = rules.ladder(rule.id, clock.law_on)
    sources = dict.fromkeys(source for notice in notices for source in notice.sources)
    return {
        "clock": clock.id,
        "limit": rule.id,
        "holder": rule.holder,
        **rule.name._asdict(),
        **basis(rule.basis),
        "was": before.isoformat(),
        "due_on": due.isoformat(),
        "provisional": clock.projection.provisional,
        "breach_recorded": any(rung.kind == "breach" and (rung.id, before) in clock.fired for rung in ladder),
        "calendar": clock.calendar.version,
        "why": {"zh": why.zh, "en": why.en},
        "sources": list(sources) or [clock.calendar.version],
    }


def basis(told: Text) -> dict[str, str]:
    """The legal basis as events have it."""
    return {"basis": told.en, "basis_zh": told.zh}


def _reason(notices: Sequence[Notice]) -> Text:
    """Why the calendar changed. Without notices, because the library is newer."""
    if not notices:
        return Text("工作日历更新", "a new edition of the working calendar")
    names = dict.fromkeys(notice.name for notice in notices)
    return Text("、".join(name.zh for name in names), " and ".join(name.en for name in names))


def hearers(moves: Iterable[Mapping[str, Any]]) -> Collection[str]:
    """Who is told that a case's clocks moved: the applicant, and every holder of a moved clock."""
    return dict.fromkeys(("applicant", *(move["holder"] for move in moves)))


def told_of(moves: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The text fields of one message about all moves of a case; reasons and sources of the move with the most
    sources."""
    widest = max(moves, key=lambda move: len(move["sources"]))
    return {
        **widest["why"],
        "sources": widest["sources"],
        "moves_zh": [_told(move, "zh", "（已记录的逾期不变）") for move in moves],
        "moves": [_told(move, "en", " (the recorded breach stays)") for move in moves],
    }


def _told(move: Mapping[str, Any], language: str, breach: str) -> str:
    was, due_on = (shown(move[day]).told(language) for day in ("was", "due_on"))
    return f"{move[language]} {was} → {due_on}{breach if move['breach_recorded'] else ''}"
