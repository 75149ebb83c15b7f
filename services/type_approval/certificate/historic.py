"""Certificates of type approval from historic registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services import historic
from services.instruments import legend
from services.type_approval.certificate.facts import CERTIFICATE
from services.type_approval.procedure import PROCEDURE
from services.type_approval.queries import REGISTER
from services.type_approval.states import ENDED
from shared.casework.summaries import kind
from shared.historic.kinds import Historic
from shared.labels import labelled
from shared.schemas import choice, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class HistoricLine(historic.HistoricLine):
    """台账的一行：型式批准证书。 A line of a register of certificates of type approval."""

    category = text(maximum=60, metadata=historic.CATEGORY)
    ground = choice(
        *ENDED,
        required=False,
        metadata=labelled(
            "失效原因",
            "ground of the end",
            choices={
                "REVOKED": Text("撤销", "revoked"),
                "WITHDRAWN": Text("撤回", "withdrawn"),
                "CANCELLED": Text("注销", "cancelled"),
                "TYPE_ABOLISHED": Text("型式废除", "the type was abolished"),
            },
            example=None,
        ),
    )


def _content(said: Mapping[str, Any]) -> dict[str, Any]:
    zh, en = kind(said["category"])
    lines = historic.lines(said)
    return {
        "category": {"code": said["category"], "zh": zh, "en": en},
        "legend": legend(lines),
        "valid": {"zh": "长期", "en": "without end"},
    }


CERTIFICATES = Historic(
    permit=CERTIFICATE,
    procedure=PROCEDURE,
    register=REGISTER,
    form=HistoricLine,
    cells=historic.CELLS,
    title=Text("计量器具型式批准证书", "Type approval certificate of a measuring instrument"),
    number="type_approval",
    live="effective",
    ended=ENDED,
    lines=historic.lines,
    content=_content,
    wrong=historic.wrong,
)
