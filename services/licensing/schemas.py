"""What a case of the manufacturing licence gathers."""

from __future__ import annotations

from services.licensing.assessment.schemas import OfAssessment
from services.licensing.intake.schemas import OfIntake
from services.licensing.licence.schemas import OfLicence
from shared.http import views


class Gathered(OfIntake, OfAssessment, OfLicence, views.Gathered):
    """制造计量器具许可申请: an application for a licence, and what became of it."""
