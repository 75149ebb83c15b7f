"""What `GET /v1/permits` asks and answers."""

from __future__ import annotations

from datetime import date

from marshmallow import fields

from services.notifications.clocks.schemas import Budget, Limit, Observed
from services.notifications.fields import PROCEDURE
from shared.labels import labelled
from shared.schemas import Answer, Bilingual, Day, Strict
from shared.text import Text


class PermitsQuery(Strict):
    """On which day; today if not said."""

    on = Day(
        date.min,
        date.max,
        required=False,
        metadata=labelled("日期", "day", hint=Text("不填即为今天", "today if not said"), example="2013-09-17"),
    )


_VERIFIED = labelled("已核实", "whether it was read in its source", example=True)


class PermitDocument(Answer):
    """申请材料: a kind of document that belongs to an application."""

    kind = fields.String(required=True, metadata=labelled("材料种类", "its code", example="user_manual"))
    name = fields.Nested(Bilingual, required=True, metadata=labelled("名称", "name"))
    applications = fields.List(
        fields.String(),
        metadata=labelled(
            "适用的申请",
            "to which applications it belongs",
            hint=Text("没有即为全部", "absent: to all"),
            choices={
                "first": Text("首次", "first"),
                "renewal": Text("复查换证", "renewal"),
                "change": Text("变更", "change"),
                "additions": Text("增项", "new items"),
                "changed_conditions": Text("条件变化", "changed conditions"),
            },
            example=None,
        ),
    )
    required = fields.Boolean(
        required=True,
        metadata=labelled(
            "须在线提交",
            "whether nothing is submitted without it",
            hint=Text("false：可用纸质", "false: paper will do"),
            example=False,
        ),
    )
    basis = fields.Nested(Bilingual, required=True, metadata=labelled("依据", "provision that asks for it"))
    verified = fields.Boolean(required=True, metadata=_VERIFIED)


class Permit(Answer):
    """许可事项: what it is run under on the day, what to bring, its limits, and how long cases really took."""

    procedure = fields.String(required=True, metadata=PROCEDURE)
    rule = fields.Nested(Bilingual, required=True, metadata=labelled("适用规定", "the rule it is run under"))
    basis = fields.Nested(Bilingual, required=True, metadata=labelled("依据", "provisions it rests on"))
    verified = fields.Boolean(required=True, metadata=_VERIFIED)
    abolished = fields.Boolean(
        required=True, metadata=labelled("已取消", "that there is no such permit any more", example=False)
    )
    documents = fields.List(
        fields.Nested(PermitDocument),
        required=True,
        metadata=labelled("申请材料", "documents that belong to an application"),
    )
    limits = fields.List(fields.Nested(Limit), required=True, metadata=labelled("期限", "its limits"))
    observed = fields.Nested(
        Observed,
        metadata=labelled(
            "实际用时", "what cases really took", hint=Text("案件太少时没有", "absent while there are too few")
        ),
    )


class Instrument(Answer):
    """目录中的计量器具: a kind of instrument in the catalogue of the day, and what it needs."""

    category = fields.String(
        required=True,
        metadata=labelled(
            "目录代码", "its code", hint=Text("申请中的写法", "as applications name it"), example="water_meter"
        ),
    )
    name = fields.Nested(Bilingual, required=True, metadata=labelled("名称", "name"))
    type_approval = fields.Boolean(
        required=True, metadata=labelled("须型式批准", "needs a type approval", example=True)
    )
    licence = fields.Boolean(
        required=True, metadata=labelled("须制造许可", "needs a licence to manufacture", example=True)
    )
    basis = fields.Nested(Bilingual, required=True, metadata=labelled("依据", "the catalogue that lists it"))
    verified = fields.Boolean(required=True, metadata=_VERIFIED)


class PermitRemedy(Answer):
    """救济途径: what an applicant may do against a decision, or when the office does not act."""

    against = fields.String(
        required=True,
        metadata=labelled(
            "针对",
            "against what",
            choices={"decision": Text("行政许可决定", "decision"), "silence": Text("逾期不作为", "not acting in time")},
            example="decision",
        ),
    )
    name = fields.Nested(Bilingual, required=True, metadata=labelled("救济途径", "what may be done"))
    within = fields.Nested(
        Budget,
        metadata=labelled(
            "期限，自知道之日起", "time for it from the day one knows", hint=Text("没有则见名称", "absent: see name")
        ),
    )
    basis = fields.Nested(Bilingual, required=True, metadata=labelled("依据", "provision that gives it"))
    verified = fields.Boolean(required=True, metadata=_VERIFIED)


class Permits(Answer):
    """许可事项和目录 on a day. What the catalogue does not list needs none of them."""

    on = fields.Date(required=True, metadata=labelled("日期", "the day"))
    permits = fields.List(fields.Nested(Permit), required=True, metadata=labelled("许可事项", "the permits"))
    catalogue = fields.List(
        fields.Nested(Instrument), required=True, metadata=labelled("目录", "instruments that need a permit")
    )
    remedies = fields.List(
        fields.Nested(PermitRemedy),
        required=True,
        metadata=labelled("救济途径", "what applicants may do against decisions and silence of that day"),
    )
