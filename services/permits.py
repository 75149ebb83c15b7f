"""What registers and answers show of a permit, whichever it is."""

from __future__ import annotations

from marshmallow import fields

from services.instruments import LEGEND
from shared.documents.schemas import Issue, Span
from shared.http.lists import Summary
from shared.labels import labelled
from shared.permits.facts import PermitEnd
from shared.schemas import Answer, Bilingual
from shared.text import Text


class NamedHolder(Answer):
    """持证单位。 Whose permit it is."""

    name = fields.String(required=True, metadata=labelled("名称", "name of the holder", example="长春示例衡器有限公司"))
    code = fields.String(
        required=True,
        metadata=labelled("统一社会信用代码", "unified social credit code", example="91220101MA0Y000086"),
    )


class Holder(NamedHolder):
    """持证单位。 Whose permit it is, and where."""

    address = fields.String(
        required=True, metadata=labelled("住所", "registered address", example="吉林省长春市示例大街1号")
    )


class PermitSummary(Summary):
    """What permits have in common in their registers."""

    case = fields.String(
        required=True,
        metadata=labelled("案件编号", "number of the case in which it is kept", example="TA-2013-00001"),
    )
    holder = fields.Nested(NamedHolder, required=True, metadata=labelled("持证单位", "holder"))
    granted_on = fields.Date(required=True, metadata=labelled("发证日期", "date of grant"))
    ended = fields.Nested(
        PermitEnd,
        metadata=labelled(
            "终结", "how and why it ended", hint=Text("届时已失效的才有", "if it did by then"), example=None
        ),
    )


class Permit(Answer):
    """What permits have in common."""

    title = fields.Nested(Bilingual, required=True, metadata=labelled("证书名称", "title of the document"))
    holder = fields.Nested(Holder, required=True, metadata=labelled("持证单位", "holder"))
    places_of_manufacture = fields.List(
        fields.String(metadata={"example": "吉林省长春市示例大街1号"}),
        required=True,
        metadata=labelled("生产地址", "places of manufacture"),
    )
    legend = LEGEND
    authority = fields.String(
        required=True,
        metadata=labelled(
            "发证机关",
            "issuing authority",
            hint=Text("证书所载", "as the document names it"),
            example="吉林省质量技术监督局",
        ),
    )
    office = fields.String(
        metadata=labelled(
            "机关代码",
            "id of the office that issued it",
            hint=Text("以往证书可能没有", "not known of some earlier permits"),
            example="provincial",
        )
    )
    authority_name = fields.Nested(
        Bilingual,
        required=True,
        metadata=labelled("发证机关", "issuing authority", hint=Text("中英文名称", "in both languages")),
    )
    granted_on = fields.Date(required=True, metadata=labelled("发证日期", "date of grant"))
    application = fields.String(metadata=labelled("申请编号", "number of the application", example="TA-2013-00001"))
    register = fields.String(
        metadata=labelled(
            "历史台账",
            "historic register from which it was entered",
            hint=Text(
                "本系统启用前批准，本系统未制作其证书", "granted before this system, which made no document of it"
            ),
            example=None,
        )
    )
    since = fields.Date(required=True, metadata=labelled("现状起始日期", "since when its status is what it is"))
    covers = fields.List(
        fields.Nested(Span),
        required=True,
        metadata=labelled("涵盖的制造日期", "instruments made in these times are covered"),
    )
    ended = fields.Nested(
        PermitEnd, metadata=labelled("终结", "how it ended", hint=Text("已失效的才有", "if it did"), example=None)
    )
    cancelled_on = fields.Date(
        metadata=labelled("注销日期", "day on which the register was closed on it", example=None)
    )
    issues = fields.List(
        fields.Nested(Issue),
        required=True,
        metadata=labelled("签发记录", "its documents", hint=Text("按先后", "first to last")),
    )
