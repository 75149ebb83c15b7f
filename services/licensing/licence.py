"""The licence, as the register shows it."""

from __future__ import annotations

from marshmallow import fields

from services.fields import Permit, PermitSummary
from services.licensing.schemas import LicensedLine, Term
from shared.http.lists import path_of
from shared.schemas import choice

_NUMBER = fields.String(
    required=True, metadata={"description": "许可证编号 number of the licence", "example": "吉制00000001号"}
)

_VALID_UNTIL = fields.Date(required=True, metadata={"description": "有效期至 last day of the term"})

_STATUS = choice(
    *("valid", "expired", "abolished_by_law", "revoked", "licence_withdrawn", "taken_away", "cancelled"),
    metadata={
        "description": (
            "现状: valid 有效 in force, expired 届满 expired, abolished_by_law 依法取消 abolished by law,"
            " revoked 撤销 revoked, licence_withdrawn 撤回 withdrawn, taken_away 吊销 taken away as a penalty,"
            " cancelled 注销 cancelled"
        ),
        "example": "valid",
    },
)


class Licence(Permit):
    """制造计量器具许可证 as anybody may read it, with what it is now."""

    number = _NUMBER
    lines = fields.List(
        fields.Nested(LicensedLine),
        required=True,
        metadata={"description": "许可的计量器具 instruments licensed, a line each"},
    )
    valid_until = _VALID_UNTIL
    terms = fields.List(
        fields.Nested(Term), required=True, metadata={"description": "历次有效期 its terms, first to last"}
    )
    status = _STATUS


class LicenceSummary(PermitSummary):
    """制造许可证摘要。 What the register shows of a licence; the whole of it is at `href`."""

    number = _NUMBER
    valid_until = _VALID_UNTIL
    status = _STATUS
    href = path_of("/v1/licences/%E5%90%89%E5%88%B600000001%E5%8F%B7")
