"""What a case of the manufacturing licence gathers."""

from __future__ import annotations

from services.licensing.assessment import facts as assessment
from services.licensing.intake import facts as intake
from services.licensing.intake.transferring import TRANSFERRED
from services.licensing.licence import facts as licence
from shared.casework.facts import gathers
from shared.documents.facts import ANSWERED
from shared.permits import facts
from shared.schemas import Answer


@gathers(*facts.FACTS, ANSWERED, *licence.FACTS, *assessment.FACTS, *intake.FACTS, TRANSFERRED)
class Gathered(Answer):
    """制造计量器具许可申请: an application for a licence, and what became of it."""
