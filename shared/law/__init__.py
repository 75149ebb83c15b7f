"""The law of the two permits as dated data, and the arithmetic of its limits. Pure: no clock of its own, no network."""

from shared.law.calendar import CalendarError, Day, DayKind, Name, WorkingCalendar, national
from shared.law.clock import (
    ClockState,
    Entry,
    EntryKind,
    LedgerError,
    Projection,
    project,
    rung_date,
    rung_dates,
    status,
)
from shared.law.counting import CountedDay, Due, Limit, LimitError, Mark, Unit, add_days, add_months, before, due
from shared.law.docket import Clock, Told, entry, hear
from shared.law.numbers import NumberFormat, ParsedNumber
from shared.law.reading import RuleError
from shared.law.rows import Authority, CatalogueItem, LawError, LimitRule, Procedure, Regime, Row, Rung, ValidityRule
from shared.law.ruleset import RuleSet, load
from shared.law.segments import Segment, SegmentKind, segments
from shared.law.uscc import Finding, Severity
from shared.law.uscc import check as check_uscc

__all__ = [
    "Authority",
    "CalendarError",
    "CatalogueItem",
    "Clock",
    "ClockState",
    "CountedDay",
    "Day",
    "DayKind",
    "Due",
    "Entry",
    "EntryKind",
    "Finding",
    "LawError",
    "LedgerError",
    "Limit",
    "LimitError",
    "LimitRule",
    "Mark",
    "Name",
    "NumberFormat",
    "ParsedNumber",
    "Procedure",
    "Projection",
    "Regime",
    "Row",
    "RuleError",
    "RuleSet",
    "Rung",
    "Segment",
    "SegmentKind",
    "Severity",
    "Told",
    "Unit",
    "ValidityRule",
    "WorkingCalendar",
    "add_days",
    "add_months",
    "before",
    "check_uscc",
    "due",
    "entry",
    "hear",
    "load",
    "national",
    "project",
    "rung_date",
    "rung_dates",
    "segments",
    "status",
]
