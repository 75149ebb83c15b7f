"""The draw of a team, as it stands in the case."""

from __future__ import annotations

from marshmallow import fields

from shared.labels import labelled
from shared.schemas import Answer, Bilingual
from shared.text import Text


class Ground(Bilingual):
    """不参加抽取的理由。 Why an expert is not drawn."""

    cause = fields.String(required=True, metadata=labelled("代码", "kind of ground", example="employer"))


class Drawable(Answer):
    """名册中的考评员。 An expert in the register on the day of the draw."""

    code = fields.String(required=True, metadata=labelled("人员编号", "code", example="E-1"))
    may_lead = fields.Boolean(metadata=labelled("可任组长", "whether the expert may lead"))
    excluded = fields.List(fields.Nested(Ground), metadata=labelled("不参加抽取的理由", "why not drawn", example=None))


class DrawChange(Answer):
    """递补。 Somebody stood aside and the next took the seat, or took it again."""

    aside = fields.String(metadata=labelled("退出者", "who stood aside", example="E-1"))
    instead = fields.String(metadata=labelled("递补者", "who took the seat", example="E-3"))
    back = fields.String(metadata=labelled("恢复者", "who took the seat again", example=None))
    leaves = fields.String(metadata=labelled("让位者", "who left it to them", example=None))
    unfit = fields.List(
        fields.Nested(Drawable), metadata=labelled("当日不能递补者", "who was unfit by then", example=[])
    )
    cause = fields.String(metadata=labelled("原因", "kind of reason", example="recused"))
    reason = fields.String(required=True, metadata=labelled("理由", "why", example="曾任职"))
    on = fields.Date(required=True, metadata=labelled("日期", "day"))


class Draw(Answer):
    """抽取记录。 The draw, from which anybody draws the same team: in the order of the SHA-256 of `seed:code`."""

    seed = fields.String(
        required=True, metadata=labelled("随机种子", "seed", example="6f1c0d9be7a2435f8d0b1c2a3e4f5061")
    )
    on = fields.Date(required=True, metadata=labelled("抽取日期", "day of the draw"))
    size = fields.Integer(required=True, metadata=labelled("人数", "how many", example=2))
    pool = fields.List(
        fields.Nested(Drawable), required=True, metadata=labelled("名册", "everybody in the register that day")
    )
    team = fields.List(
        fields.String(metadata={"example": "E-1"}),
        required=True,
        metadata=labelled("抽取结果", "who was drawn", hint=Text("组长在先", "the leader first")),
    )
    changes = fields.List(
        fields.Nested(DrawChange),
        required=True,
        metadata=labelled("递补", "changes", hint=Text("按时间先后", "in order of time")),
    )
