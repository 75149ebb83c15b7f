"""What a case of type approval gathers."""

from __future__ import annotations

from services.type_approval.certificate.schemas import OfCertificate
from services.type_approval.evaluation.schemas import OfEvaluation
from services.type_approval.intake.schemas import OfIntake
from shared.http import views


class Gathered(OfIntake, OfEvaluation, OfCertificate, views.Gathered):
    """型式批准申请: an application for type approval, and what became of it."""
