"""What the law asks for no longer is not decided on. Pure."""

from __future__ import annotations

from shared.problems import Violation
from shared.text import Text

LAW_CHANGED = "LAW_CHANGED"
"""The ground on which a case is then terminated."""


def nothing_to_decide(why: Text | None, name: str) -> list[Violation]:
    """Under rules that have ended nothing is granted and nothing refused: the case is to be terminated. `why` says why
    no permit is needed on the day, None if one is; `name` is the field that this depends on."""
    if why is None:
        return []
    told = Text(f"{why.zh}：请依法终止，事由{LAW_CHANGED}", f"{why.en}: terminate the case, ground {LAW_CHANGED}")
    return [Violation(name, "not_needed", told)]
