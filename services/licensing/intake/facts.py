"""What is read and kept of the application."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.licensing.intake.form import Form
from shared.casework.facts import FORM, Fact
from shared.casework.readers import APPLICANT
from shared.permits.facts import LODGED_ON
from shared.schemas import drafted

_FORM = FORM.read_by(APPLICANT, fields.Nested(drafted(Form), required=True))
FACTS: tuple[Fact[Any], ...] = (_FORM, LODGED_ON)
"""What a case gathers until its assessment."""
