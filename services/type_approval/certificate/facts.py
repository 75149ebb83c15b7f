"""What a case gathers once a certificate is granted."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.type_approval.certificate.standing import Assessed, Declared, KeptOrder
from shared.casework.facts import Fact, one, some
from shared.casework.readers import APPLICANT, EVERYBODY
from shared.permits import changing
from shared.permits.facts import CANCELLED_ON, END, ENTERED

CERTIFICATE = Fact(
    "certificate", fields.String(), EVERYBODY, description="证书编号 number of the certificate", example="2013F101-22"
)
DECLARED_CHANGE = Fact(
    "declared_change", one(Declared), EVERYBODY, description="微小改动申报 small change to be assessed", example=None
)
ASSESSED_CHANGES = Fact(
    "assessed_changes", some(Assessed), EVERYBODY, description="已评定的微小改动 small changes assessed", example=None
)
ORDERS = Fact(
    "orders", some(KeptOrder), APPLICANT, description="责令 orders on the certificate, first to last", example=None
)
FACTS: tuple[Fact[Any], ...] = (
    *changing.FACTS,
    CERTIFICATE,
    END,
    ENTERED,
    DECLARED_CHANGE,
    ASSESSED_CHANGES,
    ORDERS,
    CANCELLED_ON,
)
"""What a case gathers once a certificate is granted."""
