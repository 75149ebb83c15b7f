"""What is read and kept of the application."""

from __future__ import annotations

from marshmallow import fields

from services.type_approval.intake.form import Form
from services.type_approval.intake.oiml import OimlExamined
from shared.casework.readers import EVERYBODY
from shared.schemas import Answer, drafted


class OfIntake(Answer):
    """What a case gathers until its evaluation."""

    form = fields.Nested(drafted(Form), required=True, metadata={"readers": EVERYBODY})
    oiml = fields.Nested(
        OimlExamined,
        metadata={
            "readers": EVERYBODY,
            "description": "OIML证书审查 examination of the OIML certificate",
            "example": None,
        },
    )
