"""What is read and kept of the application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.licensing.intake.form import Form
from shared.casework.facts import FORM, FORM_LABEL, Fact, Kept, kept, some
from shared.casework.readers import ASSESSED
from shared.labels import labelled
from shared.permits.facts import LODGED_ON
from shared.schemas import drafted

if TYPE_CHECKING:
    from datetime import date


class Lapsed(Kept):
    """过期的设备或者计量标准。 Equipment or a standard whose calibration or certificate is over."""

    name: str = kept(fields.String(), labelled("名称", "what it is", example="F2级砝码组"))
    until: date = kept(fields.Date(), labelled("有效期至", "last day", example="2013-08-31"))


LAPSED = Fact(
    "lapsed_equipment",
    some(Lapsed),
    ASSESSED,
    labelled(
        "提交时已过有效期的检验设备和计量标准", "equipment and standards that had lapsed when it was sent", example=None
    ),
)
_FORM = FORM.read_by(ASSESSED, fields.Nested(drafted(Form), required=True), label=FORM_LABEL)
FACTS: tuple[Fact[Any], ...] = (_FORM, LODGED_ON, LAPSED)
"""What a case gathers until its assessment."""
