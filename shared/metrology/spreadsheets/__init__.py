"""Test records in spreadsheets: templates per test item, and filled ones read back, all or nothing.

What a cell means is told by a hidden first column and by rows of keys, never by labels or positions, so that labels
may change and rows be added. `forms` has the sheets as data, `writing` and `reading` turn them into xlsx and back,
`records` joins them with reports.
"""

from shared.metrology.spreadsheets.archive import MOST_BYTES
from shared.metrology.spreadsheets.lists import read_lines
from shared.metrology.spreadsheets.records import MOST_POINTS, POINTS, family_named, read, read_one, template
from shared.metrology.spreadsheets.sheets import SheetFault, SpreadsheetError

__all__ = [
    "MOST_BYTES",
    "MOST_POINTS",
    "POINTS",
    "SheetFault",
    "SpreadsheetError",
    "family_named",
    "read",
    "read_lines",
    "read_one",
    "template",
]
