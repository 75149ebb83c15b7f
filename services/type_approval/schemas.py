"""What a case of type approval gathers."""

from __future__ import annotations

from services.type_approval.certificate import facts as certificate
from services.type_approval.evaluation import facts as evaluation
from services.type_approval.intake import facts as intake
from shared.casework.facts import gathers
from shared.documents.facts import ANSWERED
from shared.permits import facts
from shared.schemas import Answer


@gathers(*facts.FACTS, ANSWERED, *certificate.FACTS, *evaluation.FACTS, *intake.FACTS)
class Gathered(Answer):
    """型式批准申请: an application for type approval, and what became of it."""
