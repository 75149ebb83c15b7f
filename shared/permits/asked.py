"""Work that is asked of others about a permit in force: what becomes of it when what asked for it is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.casework.procedure import Effect, nothing
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.casework.procedure import Step

PERMIT_ENDED, REPORT_WITHDRAWN, CHANGE_REFUSED = "permit_ended", "report_withdrawn", "change_refused"
CAUSES = {
    PERMIT_ENDED: Text("许可已终止", "the permit ended"),
    REPORT_WITHDRAWN: Text("持证单位撤回了变更报告", "the holder withdrew the report of the change"),
    CHANGE_REFUSED: Text("变更不予办理", "the change was refused"),
}


def _none(_step: Step, _cause: str) -> Effect:
    return Effect()


@dataclass(frozen=True)
class Asked:
    """`dropped` takes the work off and is told why, by one of CAUSES; `again` asks for it anew, once the permit counts
    as never ended. Their events tell what it is (`asked`)."""

    dropped: Callable[[Step, str], Effect] = _none
    again: Callable[[Step], Effect] = nothing


NOTHING = Asked()
