"""What is read about the C mark, and what a case gathers and the register shows."""

from __future__ import annotations

from marshmallow import fields

from services.c_mark.facts import FACTS, NUMBER, Ordered
from services.c_mark.form import Goods
from services.permits import Permit, PermitSummary
from shared.casework.facts import gathers
from shared.documents.facts import ANSWERED
from shared.http.lists import path_of
from shared.labels import labelled
from shared.permits import facts
from shared.schemas import Answer, Bilingual, choice
from shared.text import Text

_UNTIL = fields.Date(metadata=labelled("有效期至", "valid until", hint=Text("有则填写", "if it has one")))
STATUS = choice(
    *("valid", "to_correct", "expired", "revoked", "mark_withdrawn", "struck_off", "declaration_withdrawn"),
    "cancelled",
    metadata=labelled(
        "现状",
        "status",
        choices={
            "valid": Text("有效", "in force"),
            "to_correct": Text("责令改正中", "in force, to be corrected"),
            "expired": Text("届满", "expired"),
            "revoked": Text("撤销", "revoked"),
            "mark_withdrawn": Text("撤回", "withdrawn"),
            "struck_off": Text("声明被取消", "struck off"),
            "declaration_withdrawn": Text("声明已撤回", "withdrawn by its maker"),
            "cancelled": Text("注销", "cancelled"),
        },
        example="valid",
    ),
)


class Mark(Permit):
    """C标志。 A C mark, granted or declared, as anybody may read it, with what it is now."""

    class Meta(Permit.Meta):
        exclude = ("legend",)

    number = fields.String(required=True, metadata=NUMBER)
    rule = choice(
        *("assessed_certificate", "self_declaration"),
        metadata=labelled(
            "取得方式",
            "how it is obtained",
            choices={
                "assessed_certificate": Text("考核发证", "on an assessment"),
                "self_declaration": Text("自我声明", "by declaration"),
            },
            example="assessed_certificate",
        ),
    )
    lines = fields.List(
        fields.Nested(Goods), required=True, metadata=labelled("商品", "goods", hint=Text("每种一行", "a line each"))
    )
    renews = fields.String(metadata=labelled("所延续的证书", "the certificate that it renews", example=None))
    valid_until = _UNTIL
    valid = fields.Nested(
        Bilingual,
        metadata=labelled("有效期", "validity", hint=Text("用文字说明", "in words"), example=None),
    )
    status = STATUS
    correction_order = fields.Nested(
        Ordered.schema, metadata=labelled("责令改正", "what is to be corrected", example=None)
    )


class MarkSummary(PermitSummary):
    """C标志摘要。 What the register shows of a mark; the whole of it is at `href`."""

    number = fields.String(required=True, metadata=NUMBER)
    valid_until = _UNTIL
    status = STATUS
    href = path_of("/v1/marks/%E5%90%89C20130001")


@gathers(*facts.FACTS, ANSWERED, *FACTS)
class Gathered(Answer):
    """C标志申请或者声明: an application for the C mark or a declaration, and what became of it."""
