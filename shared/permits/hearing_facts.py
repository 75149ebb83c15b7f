"""What is read and kept of a hearing: the right to it, the request for it, its notice and its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from shared.casework.facts import Fact, Kept, kept, maybe, one
from shared.casework.readers import APPLICANT
from shared.labels import labelled
from shared.permits.serving import Served, ServedNotice
from shared.schemas import Day, choice, dated, text
from shared.text import Text

if TYPE_CHECKING:
    from datetime import date

ASKING = ("applicant", "interested_party")
"""Who may ask for a hearing (Art. 47)."""


class HearingNotice(Served):
    """听证通知书: when and where (Art. 48)."""

    held_on = Day(required=True, metadata=labelled("举行日期", "day of the hearing", example="2013-10-18"))
    place = text(maximum=200, metadata=labelled("地点", "place", example="政务大厅三楼"))


class Hearing(ServedNotice, schema=dated(HearingNotice)):
    """听证: its notice, the state of the case `from` which it was ordered, and its record once it is closed."""

    held_on: date
    place: str
    asked_by: str = kept(
        choice("authority", *ASKING),
        labelled(
            "由谁提出",
            "at whose instance it is held",
            choices={
                "authority": Text("行政机关依职权", "the authority, on its own motion"),
                "applicant": Text("申请人", "applicant"),
                "interested_party": Text("利害关系人", "interested party"),
            },
            example="applicant",
        ),
    )
    number: str = kept(fields.String(), labelled("文号", "number of the notice", example="吉质监型时字2013第1号"))
    from_: str = kept(
        fields.String(data_key="from"),
        labelled("听证前状态", "state of the case before the hearing", example="reviewed"),
    )
    reason: str = kept(fields.String(), labelled("理由", "why it is held", example="申请人要求听证"))
    record: str | None = maybe(fields.String(), labelled("笔录编号", "number of the record", example="笔录1号"))
    minutes: str | None = maybe(fields.String(), labelled("笔录", "what was said", example="双方陈述了意见"))
    chair: str | None = maybe(fields.String(), labelled("主持人", "who presided", example="冯主持"))
    closed_on: date | None = maybe(fields.Date(), labelled("结束日期", "day on which it was closed"))


class HearingRight(ServedNotice, schema=dated(Served)):
    """听证权利告知。 The notice by which the parties were told of their right to a hearing (Art. 47)."""

    number: str = kept(fields.String(), labelled("文号", "number of the notice", example="吉质监型听告字2013第1号"))


class HearingRequest(Kept):
    """听证申请。 Who asked for a hearing, when and why."""

    on: date = kept(fields.Date(), labelled("提出日期", "day on which it was asked for"))
    asked_by: str = kept(
        choice(*ASKING),
        labelled(
            "由谁提出",
            "who asked for it",
            choices={
                "applicant": Text("申请人", "applicant"),
                "interested_party": Text("利害关系人", "interested party"),
            },
            example="applicant",
        ),
    )
    party: str | None = maybe(fields.String(), labelled("利害关系人", "the interested party", example=None))
    reason: str = kept(fields.String(), labelled("理由", "why", example="对型式评价结论有异议"))


HEARING_RIGHT = Fact(
    "hearing_right", one(HearingRight), APPLICANT, labelled("听证权利告知", "notice of the right to a hearing")
)
HEARING_REQUEST = Fact(
    "hearing_request", one(HearingRequest), APPLICANT, labelled("听证申请", "request for a hearing", example=None)
)
HEARING = Fact("hearing", one(Hearing), APPLICANT, labelled("听证", "hearing"))
