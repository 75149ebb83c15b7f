"""What the API tells of the laboratories that might evaluate a case."""

from __future__ import annotations

from marshmallow import fields

from shared.labels import labelled
from shared.schemas import Answer, Bilingual, choice
from shared.text import Text


class FitReason(Bilingual):
    """理由。 A reason for or against a laboratory."""

    code = fields.String(required=True, metadata=labelled("代码", "kind of reason", example="in_scope"))
    weight = choice(
        "fits",
        "confirm",
        "refuses",
        metadata=labelled(
            "作用",
            "weight",
            choices={
                "fits": Text("适合", "for it"),
                "confirm": Text("须确认", "to be confirmed"),
                "refuses": Text("不得委托", "against it"),
            },
            example="fits",
        ),
    )


class Candidate(Answer):
    """候选技术机构。 A laboratory that might evaluate the case, with the reasons for and against."""

    code = fields.String(required=True, metadata=labelled("技术机构代码", "code", example="JL-LAB-01"))
    name = fields.String(required=True, metadata=labelled("技术机构名称", "name", example="吉林示例计量检测研究院"))
    fits = fields.Boolean(required=True, metadata=labelled("可以委托", "whether it can be commissioned"))
    running = fields.Integer(required=True, metadata=labelled("在办数量", "evaluations it has", example=3))
    capacity = fields.Integer(required=True, metadata=labelled("可承担数量", "how many it can have", example=20))
    programmes = fields.List(
        fields.String(metadata={"example": "R 76-1:2006"}),
        required=True,
        metadata=labelled(
            "授权的大纲", "programmes of its scope for this kind of instrument", hint=Text("为空即不限", "empty: any")
        ),
    )
    reasons = fields.List(fields.Nested(FitReason), required=True, metadata=labelled("理由", "reasons"))


class Candidates(Answer):
    """候选技术机构。 Every laboratory of the register, those that can be commissioned first."""

    items = fields.List(fields.Nested(Candidate), required=True, metadata=labelled("技术机构", "laboratories"))
