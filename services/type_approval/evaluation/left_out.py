"""What is sent of the items of the programme that a report leaves out."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from shared.labels import labelled
from shared.schemas import Strict, several, text
from shared.text import Text


class LeftOut(Strict):
    """未做项目。 An item of the programme that was not examined."""

    item = text(
        maximum=60,
        metadata=labelled(
            "项目",
            "item of the programme",
            written=Text("或其条款", "or its clause"),
            example="r76.vehicle",
        ),
    )
    reason = text(maximum=500, metadata=labelled("理由", "why it is left out", example="不由车载电源供电"))


def left_out() -> fields.List[Any]:
    return several(
        fields.Nested(LeftOut),
        minimum=0,
        maximum=200,
        required=False,
        metadata=labelled(
            "未做项目",
            "items of the programme without a test record",
            hint=Text("大纲中没有试验记录的项目，逐项说明理由", "each with the reason; needed where it concludes pass"),
        ),
    )
