"""What is asked and answered about people, work and figures."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, validate

from services.notifications.fields import (
    BEGINS,
    CASE_STATE,
    DAYS,
    DELIVERIES,
    HOLDER,
    HOLDERS,
    KIND_OF_DAYS,
    LANGUAGE,
    LANGUAGES,
    LIMIT,
    MONTH,
    NUMBER,
    PROCEDURE,
    PROVISIONAL,
    SERVICE,
    UNSERVED,
    Unserved,
)
from shared.http.paging import Cursor, PageQuery
from shared.identity import POSTS
from shared.labels import labelled
from shared.law import PERMIT_IDS, load
from shared.mail import MailAddress
from shared.schemas import NEXT_PAGE, Answer, Bilingual, Day, Flag, Strict, choice, several, sub, text
from shared.text import Text

_OFFICES = load().offices(date.max)

BY_SUBJECT = "subject"


class StaffQuery(PageQuery):
    """Paging of the directory."""

    cursor = Cursor({BY_SUBJECT: [fields.String()]})


def _email() -> MailAddress:
    return MailAddress(
        validate=validate.Length(max=200),
        metadata=labelled("电子邮箱", "e-mail address for messages", example="li@metrology.example"),
    )


def _language() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(LANGUAGES),
        metadata=LANGUAGE,
    )


class PersonRecord(Strict):
    """工作人员。 A staff member in the directory: mail address, posts, delivery and language."""

    name = text(maximum=60, metadata=labelled("姓名", "name", example="李承办"))
    email = _email()
    posts = several(
        choice(*POSTS),
        minimum=0,
        maximum=len(POSTS),
        unique_by=(),
        metadata=labelled(
            "岗位",
            "posts held",
            choices=POSTS,
            example=["examiner"],
        ),
    )
    office = choice(
        *_OFFICES,
        required=False,
        metadata=labelled(
            "所在机关",
            "the office",
            hint=Text("不填则不变", "if not given, it stays as it is"),
            choices={office: row.name for office, row in _OFFICES.items()},
            example="provincial",
        ),
    )
    language = _language()
    delivery = choice(
        *DELIVERIES,
        required=False,
        load_default="digest",
        metadata=labelled(
            "非紧急通知",
            "non-urgent messages",
            choices={"digest": Text("每日汇总", "once a day"), "at_once": Text("即时发送", "at once")},
            example="digest",
        ),
    )


class Named(Strict):
    """The path of a staff member's record."""

    subject = sub()


class Person(PersonRecord):
    """工作人员。 A staff member, with their subject."""

    subject = fields.String(required=True, metadata=labelled("登录标识", "login", example="li"))


class Colleague(Person):
    """工作人员及今日代理人。 A staff member, and who stands in today."""

    covered_by = fields.String(
        metadata=labelled(
            "今日代理人",
            "who stands in today",
            hint=Text("令牌中的`sub`；无需代理则没有", "the `sub` of their token; absent: nobody needs to"),
            example="wang",
        )
    )


class AbsenceRecord(Strict):
    """不在岗。 An absence, both days included; `cover` gets the messages."""

    first = Day(required=True, data_key="from", metadata=labelled("起", "first day away", example="2013-10-08"))
    last = Day(required=True, data_key="to", metadata=labelled("止", "last day away", example="2013-10-18"))
    cover = sub(metadata=labelled("代理人", "who stands in", written=Text("其登录标识", "their login"), example="wang"))


class Absence(AbsenceRecord):
    """不在岗记录。 An absence, with its id."""

    id = fields.UUID(required=True, metadata=labelled("不在岗记录的标识", "id of the absence"))


class PersonWithAbsences(Colleague):
    """工作人员及其不在岗记录。 A staff member, with absences."""

    absences = fields.List(fields.Nested(Absence), required=True, metadata=labelled("不在岗记录", "absences"))


class Contact(Strict):
    """联系方式。 An organisation's address for messages, and its language."""

    email = _email()
    language = _language()


def _place(*running: fields.Field[Any]) -> Cursor:
    return Cursor({"running": running, "paused": [fields.String()], "none": [fields.String()]})


_HELD = {name: told for name, told in HOLDERS.items() if name != "experts"}


class OwnWorkQuery(PageQuery):
    """Filters and paging of the open cases of one's own organisation."""

    order_by = "clock"

    clock = choice(
        *("running", "paused", "none"),
        required=False,
        load_default="running",
        metadata=labelled(
            "期限状态",
            "state of the clocks",
            hint=Text("填写期限承担方时为其期限", "of the holder, if given"),
            choices={
                "running": Text("计时", "running"),
                "paused": Text("暂停", "paused"),
                "none": Text("无期限", "none"),
            },
            example="running",
        ),
    )
    holder = choice(
        *_HELD,
        required=False,
        metadata=labelled("期限承担方", "who must act in time", choices=_HELD, example="authority"),
    )
    procedure = choice(*PERMIT_IDS, required=False, metadata=PROCEDURE)
    state = text(required=False, maximum=60, metadata=CASE_STATE)
    overdue = Flag(asked=True, metadata=labelled("是否逾期", "whether it is past its last day", example=False))
    sort = choice(
        *("due_on",),
        required=False,
        load_default="due_on",
        metadata=labelled(
            "排序",
            "order",
            hint=Text(
                "按届满日，申请人和技术机构以待其自己办理的为先；没有计时的案件按编号",
                "by due date, to applicants and laboratories first what waits for them; cases without a running clock"
                " by number",
            ),
        ),
    )
    cursor = _place(fields.Boolean(), fields.Date(), fields.String())


class WorkQuery(OwnWorkQuery):
    """Filters and paging of open cases."""

    assignee = sub(
        required=False,
        metadata=labelled(
            "承办人",
            "assignee",
            hint=Text(
                "`me`（含您代理的人员）、`none`、`me_or_none`或令牌中的`sub`",
                "`me` (with people you stand in for), `none`, `me_or_none`, or the `sub` of a token",
            ),
            example="me",
        ),
    )
    cursor = _place(fields.Date(), fields.String())


class WorkLimit(Bilingual):
    """期限。 The limit that the clock counts."""

    id = fields.String(required=True, metadata=LIMIT)


class WorkItem(Answer):
    """待办: an open case with the limit that is due first; to applicants and laboratories their own goes before."""

    number = fields.String(required=True, metadata=NUMBER)
    service = fields.String(required=True, metadata=SERVICE)
    procedure = fields.String(required=True, metadata=PROCEDURE)
    state = fields.String(required=True, metadata=CASE_STATE)
    applicant_name = fields.String(
        required=True, metadata=labelled("申请单位", "name of the applicant", example="吉林示例衡器有限公司")
    )
    assignee = fields.String(
        metadata=labelled("承办人", "assignee", hint=Text("令牌中的`sub`", "the `sub` of their token"), example="li")
    )
    standing_in = fields.Boolean(
        metadata=labelled(
            "代办", "true if you stand in today for the absent assignee", hint=Text("否则没有此项", "else absent")
        )
    )
    clock = choice(
        "running",
        "paused",
        "none",
        metadata=labelled(
            "期限状态",
            "state of the clocks",
            choices={
                "running": Text("计时", "running"),
                "paused": Text("暂停", "paused"),
                "none": Text("无期限", "none"),
            },
        ),
    )
    holder = fields.String(metadata=HOLDER)
    limit = fields.Nested(
        WorkLimit,
        metadata=labelled(
            "期限", "the limit that is due first", hint=Text("没有期限的无此项", "absent without a clock")
        ),
    )
    begins_on = fields.Date(metadata=BEGINS)
    due_on = fields.Date(
        metadata=labelled("届满日", "last day", hint=Text("不计时的没有", "absent while it does not run"))
    )
    days_left = fields.Integer(
        metadata=labelled("剩余天数", "days left", hint=Text("逾期后为负数", "negative once it is late"), example=4)
    )
    unit = choice(*DAYS, required=False, metadata=KIND_OF_DAYS)
    provisional = fields.Boolean(metadata=PROVISIONAL)
    unserved = fields.Nested(Unserved, metadata=UNSERVED)
    href = fields.String(
        required=True,
        metadata=labelled(
            "案件路径", "path of the case at that service", example="/internal/v1/applications/TA-2013-00001"
        ),
    )


class WorkPage(Answer):
    """待办的一页。 A page of the work queue."""

    items = fields.List(fields.Nested(WorkItem), required=True)
    next_ = fields.String(data_key="next", metadata=NEXT_PAGE)


class StatisticsQuery(Strict):
    """The period, both days included; by default the year up to today, from the first of its month."""

    first = Day(date.min, date.max, data_key="from", metadata=labelled("起", "first day", example="2013-01-01"))
    last = Day(date.min, date.max, data_key="to", metadata=labelled("止", "last day", example="2013-12-31"))
    procedure = choice(*PERMIT_IDS, required=False, metadata=PROCEDURE)
    backlog = Flag(
        asked=True,
        metadata=labelled(
            "在办案件",
            "count the open cases too",
            hint=Text("越多耗时越长", "the more of them, the longer it takes"),
            example=False,
        ),
    )


class Figures(Answer):
    """工作日数。 Working days."""

    p50 = fields.Integer(required=True, metadata=labelled("半数不超过", "at most, for half of the cases", example=12))
    p90 = fields.Integer(required=True, metadata=labelled("九成不超过", "at most, for 90 % of the cases", example=31))
    total = fields.Integer(required=True, metadata=labelled("合计", "total of all cases", example=240))


class ByHolder(Answer):
    """各方用时。 Working days by side. Each day belongs to the side whose clock ran, or to nobody, so they add up."""

    authority = fields.Nested(Figures, required=True, metadata=labelled("行政机关", "the authority's working days"))
    applicant = fields.Nested(Figures, required=True, metadata=labelled("申请人", "the applicant's working days"))
    laboratory = fields.Nested(Figures, required=True, metadata=labelled("技术机构", "the laboratory's working days"))
    other = fields.Nested(
        Figures,
        required=True,
        metadata=labelled(
            "其他", "nobody's working days", hint=Text("如样机在途期间", "for example while samples are in transit")
        ),
    )


class CaseFigures(Answer):
    """办结: the cases of a procedure that were decided and delivered in a month."""

    procedure = fields.String(required=True, metadata=PROCEDURE)
    month = fields.String(required=True, metadata=MONTH)
    cases = fields.Integer(required=True, metadata=labelled("件数", "number of cases", example=14))
    elapsed = fields.Nested(
        Figures, required=True, metadata=labelled("总用时", "working days from receipt to delivery")
    )
    holders = fields.Nested(ByHolder, required=True, metadata=labelled("各方用时", "working days by side"))


class StepFigures(Answer):
    """环节: the clocks of one limit that ended in a month with the act they are set for."""

    procedure = fields.String(required=True, metadata=PROCEDURE)
    limit = fields.String(required=True, metadata=LIMIT)
    name = fields.Nested(Bilingual, metadata=labelled("期限名称", "name of the limit"))
    holder = fields.String(required=True, metadata=HOLDER)
    month = fields.String(required=True, metadata=MONTH)
    count = fields.Integer(required=True, metadata=labelled("件数", "number of clocks", example=20))
    p50 = fields.Integer(required=True, metadata=labelled("半数不超过", "days at most, for half of them", example=3))
    p90 = fields.Integer(required=True, metadata=labelled("九成不超过", "days at most, for 90 % of them", example=5))
    in_time = fields.Integer(required=True, metadata=labelled("按期件数", "number that ended in time", example=19))
    share_in_time = fields.String(
        required=True,
        metadata=labelled(
            "按期率", "share that ended in time", hint=Text("0至1的小数", "a decimal from 0 to 1"), example="0.950"
        ),
    )


class Backlog(Answer):
    """在办案件。 Open cases by who is to act first, as of today."""

    procedure = fields.String(required=True, metadata=PROCEDURE)
    holder = fields.String(required=True, metadata=HOLDER)
    cases = fields.Integer(required=True, metadata=labelled("件数", "number of cases", example=31))
    overdue = fields.Integer(required=True, metadata=labelled("已超期", "of them late today", example=2))


class Statistics(Answer):
    """用时统计。 How long cases and their steps took."""

    from_ = fields.Date(required=True, data_key="from", metadata=labelled("起", "first day", example="2013-01-01"))
    to = fields.Date(required=True, metadata=labelled("止", "last day", example="2013-12-31"))
    cases = fields.List(fields.Nested(CaseFigures), required=True, metadata=labelled("办结", "cases that ended"))
    steps = fields.List(fields.Nested(StepFigures), required=True, metadata=labelled("环节", "limits that ended"))
    backlog = fields.List(
        fields.Nested(Backlog),
        metadata=labelled("在办", "cases that are open today", hint=Text("请求时才有", "if asked"), example=[]),
    )
