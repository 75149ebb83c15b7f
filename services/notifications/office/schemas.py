"""What is asked and answered about people, work and figures."""

from __future__ import annotations

from datetime import date

from marshmallow import fields, validate

from services.notifications.fields import (
    CASE_STATE,
    DELIVERIES,
    HOLDER,
    LANGUAGE,
    LANGUAGES,
    LIMIT,
    MONTH,
    NUMBER,
    PROCEDURE,
    PROVISIONAL,
    SERVICE,
)
from shared.http.paging import Cursor, PageQuery
from shared.identity import STAFF_POSTS
from shared.law import PERMIT_IDS, load
from shared.mail import MailAddress
from shared.schemas import NEXT_PAGE, Answer, Bilingual, Day, Flag, Strict, choice, several, sub, text

_OFFICES = load().offices(date.max)

BY_SUBJECT = "subject"


class StaffQuery(PageQuery):
    """Paging of the directory."""

    cursor = Cursor({BY_SUBJECT: [fields.String()]})


def _email() -> MailAddress:
    return MailAddress(
        validate=validate.Length(max=200),
        metadata={"description": "电子邮箱 e-mail address for messages", "example": "li@metrology.example"},
    )


def _language() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(LANGUAGES),
        metadata=LANGUAGE,
    )


class PersonRecord(Strict):
    """工作人员。 A staff member in the directory: mail address, posts, delivery and language."""

    name = text(maximum=60, metadata={"description": "姓名 name", "example": "李承办"})
    email = _email()
    posts = several(
        choice(*STAFF_POSTS),
        minimum=0,
        maximum=len(STAFF_POSTS),
        unique_by=(),
        metadata={
            "description": (
                "岗位: intake 受理窗口, examiner 承办人, decider 行政机关负责人, section_head 处室负责人,"
                " bureau_head 局负责人, supervision 监督检查, operator 运维 posts held"
            ),
            "example": ["examiner"],
        },
    )
    office = choice(
        *_OFFICES,
        required=False,
        metadata={
            "description": "所在机关，不填则不变 the office; if not given, it stays as it is: "
            + ", ".join(f"{office} {row.zh} {row.en}" for office, row in _OFFICES.items()),
            "example": "provincial",
        },
    )
    language = _language()
    delivery = choice(
        *DELIVERIES,
        required=False,
        load_default="digest",
        metadata={
            "description": "非紧急通知 non-urgent messages: digest 每日汇总 once a day, at_once 即时发送 at once",
            "example": "digest",
        },
    )


class Named(Strict):
    """The path of a staff member's record."""

    subject = sub()


class Person(PersonRecord):
    """工作人员。 A staff member, with their subject."""

    subject = fields.String(required=True, metadata={"description": "登录标识 login", "example": "li"})


class Colleague(Person):
    """工作人员及今日代理人。 A staff member, and who stands in today."""

    covered_by = fields.String(
        metadata={
            "description": "今日代理人 who stands in today: the `sub` of their token; absent: nobody needs to",
            "example": "wang",
        }
    )


class AbsenceRecord(Strict):
    """不在岗。 An absence, both days included; `cover` gets the messages."""

    first = Day(required=True, data_key="from", metadata={"description": "起 first day away", "example": "2013-10-08"})
    last = Day(required=True, data_key="to", metadata={"description": "止 last day away", "example": "2013-10-18"})
    cover = sub(metadata={"description": "代理人 who stands in: their login", "example": "wang"})


class Absence(AbsenceRecord):
    """不在岗记录。 An absence, with its id."""

    id = fields.UUID(required=True, metadata={"description": "不在岗记录的标识 id of the absence"})


class PersonWithAbsences(Colleague):
    """工作人员及其不在岗记录。 A staff member, with absences."""

    absences = fields.List(fields.Nested(Absence), required=True)


class Contact(Strict):
    """联系方式。 An organisation's address for messages, and its language."""

    email = _email()
    language = _language()


class OwnWorkQuery(PageQuery):
    """Filters and paging of the open cases of one's own organisation."""

    order_by = "clock"

    clock = choice(
        *("running", "paused", "none"),
        required=False,
        load_default="running",
        metadata={
            "description": "期限状态: running 计时, paused 暂停, none 无期限; of the holder, if given",
            "example": "running",
        },
    )
    holder = choice(
        *("authority", "applicant", "laboratory"),
        required=False,
        metadata={
            "description": "期限承担方: authority 行政机关, applicant 申请人, laboratory 技术机构 who must act in time",
            "example": "authority",
        },
    )
    procedure = choice(
        *PERMIT_IDS,
        required=False,
        metadata=PROCEDURE,
    )
    state = text(required=False, maximum=60, metadata=CASE_STATE)
    overdue = Flag(asked=True, metadata={"description": "是否逾期 whether it is past its last day", "example": False})
    sort = choice(
        *("due_on",),
        required=False,
        load_default="due_on",
        metadata={"description": "排序 order: by due date; cases without a running clock by number"},
    )
    cursor = Cursor(
        {"running": [fields.Date(), fields.String()], "paused": [fields.String()], "none": [fields.String()]}
    )


class WorkQuery(OwnWorkQuery):
    """Filters and paging of open cases."""

    assignee = sub(
        required=False,
        metadata={
            "description": (
                "承办人 assignee: `me` (with people you stand in for), `none`, `me_or_none`, or the `sub` of a token"
            ),
            "example": "me",
        },
    )


class WorkLimit(Bilingual):
    """期限。 The limit that the clock counts."""

    id = fields.String(required=True, metadata=LIMIT)


class WorkItem(Answer):
    """待办: an open case, with its clock that is due first."""

    number = fields.String(required=True, metadata=NUMBER)
    service = fields.String(required=True, metadata=SERVICE)
    procedure = fields.String(required=True, metadata=PROCEDURE)
    state = fields.String(required=True, metadata=CASE_STATE)
    applicant_name = fields.String(
        required=True, metadata={"description": "申请单位 name of the applicant", "example": "吉林示例衡器有限公司"}
    )
    assignee = fields.String(metadata={"description": "承办人 assignee: the `sub` of their token", "example": "li"})
    standing_in = fields.Boolean(
        metadata={"description": "代办 true if you stand in today for the absent assignee; else absent"}
    )
    clock = choice(
        "running",
        "paused",
        "none",
        metadata={"description": "期限状态: running 计时, paused 暂停, none 无期限 state of the clocks"},
    )
    holder = fields.String(metadata=HOLDER)
    limit = fields.Nested(
        WorkLimit, metadata={"description": "期限 the limit that is due first; absent without a clock"}
    )
    due_on = fields.Date(metadata={"description": "届满日 last day; absent while it does not run"})
    days_left = fields.Integer(
        metadata={"description": "剩余工作日 working days left; negative once it is late", "example": 4}
    )
    provisional = fields.Boolean(metadata=PROVISIONAL)
    href = fields.String(
        required=True,
        metadata={
            "description": "案件路径 path of the case at that service",
            "example": "/internal/v1/applications/TA-2013-00001",
        },
    )


class WorkPage(Answer):
    """待办的一页。 A page of the work queue."""

    items = fields.List(fields.Nested(WorkItem), required=True)
    next_ = fields.String(data_key="next", metadata=NEXT_PAGE)


class StatisticsQuery(Strict):
    """The period, both days included; by default the year up to today, from the first of its month."""

    first = Day(date.min, date.max, data_key="from", metadata={"description": "起 first day", "example": "2013-01-01"})
    last = Day(date.min, date.max, data_key="to", metadata={"description": "止 last day", "example": "2013-12-31"})
    procedure = choice(
        *PERMIT_IDS,
        required=False,
        metadata=PROCEDURE,
    )
    backlog = Flag(
        asked=True,
        metadata={
            "description": "在办案件 count the open cases too: the more of them, the longer it takes",
            "example": False,
        },
    )


class Figures(Answer):
    """工作日数。 Working days."""

    p50 = fields.Integer(
        required=True, metadata={"description": "半数不超过 at most, for half of the cases", "example": 12}
    )
    p90 = fields.Integer(
        required=True, metadata={"description": "九成不超过 at most, for 90 % of the cases", "example": 31}
    )
    total = fields.Integer(required=True, metadata={"description": "合计 total of all cases", "example": 240})


class ByHolder(Answer):
    """各方用时。 Working days by side. Each day belongs to the side whose clock ran, or to nobody, so they add up."""

    authority = fields.Nested(Figures, required=True, metadata={"description": "行政机关 the authority's working days"})
    applicant = fields.Nested(Figures, required=True, metadata={"description": "申请人 the applicant's working days"})
    laboratory = fields.Nested(
        Figures, required=True, metadata={"description": "技术机构 the laboratory's working days"}
    )
    other = fields.Nested(
        Figures,
        required=True,
        metadata={"description": "其他 nobody's working days, for example while samples are in transit"},
    )


class CaseFigures(Answer):
    """办结: the cases of a procedure that were decided and delivered in a month."""

    procedure = fields.String(required=True, metadata=PROCEDURE)
    month = fields.String(required=True, metadata=MONTH)
    cases = fields.Integer(required=True, metadata={"description": "件数 number of cases", "example": 14})
    elapsed = fields.Nested(
        Figures, required=True, metadata={"description": "总用时 working days from receipt to delivery"}
    )
    holders = fields.Nested(ByHolder, required=True)


class StepFigures(Answer):
    """环节: the clocks of one limit that ended in a month with the act they are set for."""

    procedure = fields.String(required=True, metadata=PROCEDURE)
    limit = fields.String(required=True, metadata=LIMIT)
    name = fields.Nested(Bilingual, metadata={"description": "期限名称 name of the limit"})
    holder = fields.String(required=True, metadata=HOLDER)
    month = fields.String(required=True, metadata=MONTH)
    count = fields.Integer(required=True, metadata={"description": "件数 number of clocks", "example": 20})
    p50 = fields.Integer(
        required=True, metadata={"description": "半数不超过 days at most, for half of them", "example": 3}
    )
    p90 = fields.Integer(
        required=True, metadata={"description": "九成不超过 days at most, for 90 % of them", "example": 5}
    )
    in_time = fields.Integer(
        required=True, metadata={"description": "按期件数 number that ended in time", "example": 19}
    )
    share_in_time = fields.String(
        required=True,
        metadata={"description": "按期率 share that ended in time, a decimal from 0 to 1", "example": "0.950"},
    )


class Backlog(Answer):
    """在办案件。 Open cases by who is to act first, as of today."""

    procedure = fields.String(required=True, metadata=PROCEDURE)
    holder = fields.String(required=True, metadata=HOLDER)
    cases = fields.Integer(required=True, metadata={"description": "件数 number of cases", "example": 31})
    overdue = fields.Integer(required=True, metadata={"description": "已超期 of them late today", "example": 2})


class Statistics(Answer):
    """用时统计。 How long cases and their steps took."""

    from_ = fields.Date(
        required=True, data_key="from", metadata={"description": "起 first day", "example": "2013-01-01"}
    )
    to = fields.Date(required=True, metadata={"description": "止 last day", "example": "2013-12-31"})
    cases = fields.List(fields.Nested(CaseFigures), required=True)
    steps = fields.List(fields.Nested(StepFigures), required=True)
    backlog = fields.List(
        fields.Nested(Backlog), metadata={"description": "在办 cases that are open today, if asked", "example": []}
    )
