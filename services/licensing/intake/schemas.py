"""What is read and kept of the application."""

from __future__ import annotations

from marshmallow import fields

from services.licensing.intake.form import Form
from shared.casework.readers import APPLICANT
from shared.schemas import Answer, drafted


class OfIntake(Answer):
    """What a case gathers until its assessment."""

    form = fields.Nested(drafted(Form), required=True, metadata={"readers": APPLICANT})
    lodged_on = fields.Date(
        metadata={
            "readers": APPLICANT,
            "description": "预先提交日期 day on which it was lodged ahead of its type approval",
        }
    )
