"""What is read and kept of the application."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.type_approval.intake.form import Form
from services.type_approval.intake.oiml import OIML
from shared.casework.facts import FORM, FORM_LABEL, Fact
from shared.casework.readers import SHOWN
from shared.schemas import drafted

_FORM = FORM.read_by(SHOWN, fields.Nested(drafted(Form), required=True), label=FORM_LABEL)
FACTS: tuple[Fact[Any], ...] = (_FORM, OIML)
"""What a case gathers until its evaluation."""
