"""The action of `docs/how-to/add-an-action.md`: what comes of the blocks of the page, as they stand there."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from shared.casework import Effect, Step, Transition
from shared.casework.facts import Fact, Kept, kept, one
from shared.casework.readers import APPLICANT
from shared.labels import labelled
from shared.problems import Violation
from shared.schemas import EventData, Strict, text
from shared.text import Text, same

if TYPE_CHECKING:
    from marshmallow import Schema

_PAGE = Path(__file__).parents[3] / "docs/how-to/add-an-action.md"
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_BLOCKS = [(kind, dedent(block)) for _, kind, block in _BLOCK.findall(_PAGE.read_text(encoding="utf-8"))]
_KNOWN = (date, Effect, Step, Fact, Kept, kept, one, labelled, Violation, EventData, Strict, text, Text, same)
"""What the files of a stage import already."""


def _run() -> tuple[dict[str, Any], Transition]:
    """What the blocks define, in their order, and the row, with which the last of them ends."""
    made = ModuleType("tests.shared.http.added")
    sys.modules[made.__name__] = made
    found = vars(made)
    found.update({known.__name__: known for known in _KNOWN})
    found |= {"APPLICANT": APPLICANT, "fields": fields, **dict.fromkeys(("schemas", "rules", "acts"), made)}
    *defining, row = [block for kind, block in _BLOCKS if kind == "python"]
    for block in defining:
        exec(block, found)  # noqa: S102 - our own page
    return found, eval(row, found | {"Transition": Transition})  # noqa: S307 - our own page


_MADE, ADDED = _run()
BODY: type[Schema] = _MADE["Weighing"]
EVENT: type[EventData] = _MADE["ScaleWeighed"]
FACT: Fact[Any] = _MADE["WEIGHED"]
LIMITS, TEMPLATES = (block for kind, block in _BLOCKS if kind == "toml")
