"""Holiday notices in the form in which they are published."""

from __future__ import annotations

import json
from typing import Any

PAPER = "https://www.gov.cn/zhengce/content/2027.htm"
DAYS_2027: list[tuple[str, str, bool]] = [
    *(("元旦", f"2027-01-0{day}", True) for day in (1, 2, 3)),
    *(("春节", f"2027-02-{day:02}", True) for day in range(5, 13)),
    ("春节", "2027-02-20", False),
    *(("清明节", f"2027-04-0{day}", True) for day in (3, 4, 5)),
    *(("劳动节", f"2027-05-0{day}", True) for day in range(1, 6)),
    ("劳动节", "2027-05-08", False),
    *(("国庆节", f"2027-10-0{day}", True) for day in range(1, 8)),
    ("国庆节", "2027-10-09", False),
]


def file(days: list[tuple[str, str, bool]] = DAYS_2027, /, **changes: Any) -> bytes:
    """A file in the style of holiday-cn, changed by `changes`; what is None is left out."""
    content = {
        "$schema": "https://example.org/schema.json",
        "$id": "https://example.org/2027.json",
        "year": 2027,
        "papers": [PAPER],
        "days": [{"name": name, "date": on, "isOffDay": off} for name, on, off in days],
        **changes,
    }
    return json.dumps({key: value for key, value in content.items() if value is not None}).encode()
