"""What notifications reads, answers and tells: requests, answers, event payloads."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, validate

from shared.http.paging import AN_ID, BY_ID, Cursor, PageQuery
from shared.identity import STAFF_POSTS
from shared.mail import MailAddress
from shared.schemas import (
    NEXT_PAGE,
    Answer,
    Bilingual,
    Day,
    Digits,
    EventData,
    Flag,
    Strict,
    choice,
    instance,
    several,
    text,
)

LANGUAGES = ("zh", "en", "both")
DELIVERIES = ("digest", "at_once")

# What fields of several answers say of themselves.
NUMBER = {"description": "申请编号 number of the application", "example": "TA-2013-00001"}
SERVICE = {"description": "案件所在服务 service that has the case", "example": "type_approval"}
HREF = {"description": "案件路径 path of the case at that service", "example": "/v1/applications/TA-2013-00001"}
PROCEDURE = {
    "description": "许可种类: type_approval 型式批准 type approval, manufacture 制造许可 licence to manufacture",
    "example": "type_approval",
}
CASE_STATE = {"description": "案件状态 state of the case", "example": "received"}
HOLDER = {
    "description": "谁的期限: authority 行政机关, applicant 申请人, laboratory 技术机构 whose time it is",
    "example": "authority",
}
LIMIT = {"description": "期限代码 the limit that it counts, as the law data name it", "example": "intake"}
CLOCK_STATE = {
    "description": "期限状态: running 计时, paused 暂停, stopped 停止, expired 届满 state of the clock",
    "example": "running",
}
KIND = {
    "description": (
        "counted 计入, make_up 调休上班计入 a weekend day that works, weekend 周末, holiday 节假日, paused 暂停,"
        " rolled 顺延 moved on to the next working day, overrun 超期"
    ),
    "example": "counted",
}
PROVISIONAL = {"description": "当年日历未公布 leans on a year whose holidays are not yet published", "example": False}
CALENDAR = {
    "description": "日历版本 version of the calendar that it counts by",
    "example": "cn-2004-2026+chinesecalendar-1.11.0+law-2025",
}
RECIPIENT = {
    "description": "收件一方: applicant 申请人, laboratory 技术机构, else 行政机关 whoever of the office it is for",
    "example": "applicant",
}
ADDRESS = {"description": "收件地址 e-mail address it goes to", "example": "metrology@example.com"}
TEMPLATE = {"description": "模板 template it was written from", "example": "application.received"}
ATTEMPTS = {"description": "已试次数 times its mail was tried", "example": 1}
LANGUAGE = {
    "description": "语言: zh 中文 Chinese, en 英文 English, both 中英文 Chinese with English below",
    "example": "both",
}
MONTH = {"description": "月份 month in which they ended: year-month", "example": "2013-10"}


class Lawful(EventData):
    """What the law says comes of the passing of time, in words, and where it says so."""

    zh = fields.String(required=True)
    en = fields.String(required=True)
    basis = fields.String(required=True)


class OfClock(Lawful):
    clock = fields.UUID(required=True)
    limit = fields.String(required=True)
    holder = fields.String(required=True)
    due_on = fields.Date(required=True)


class ClockFired(OfClock):
    """A rung of a clock's ladder: a reminder, the last day, or the breach.

    `weight` tells a limit of the law from a promise of the office; `why`, how a clock began that silence began.
    """

    rung = fields.String(required=True)
    weight = fields.String(required=True, validate=validate.OneOf(["statutory", "promised", "internal", "window"]))
    why = fields.Nested(Bilingual)


class ClockExpired(OfClock):
    """A limit ran out without an act, and the law makes something of it: whoever owns the case applies the effect."""

    effect = fields.String(required=True)
    started_on = fields.Date(required=True)


class ClockMoved(OfClock):
    """The last day of an open clock is another one by a newer calendar. A breach that is recorded stays."""

    was = fields.Date(required=True)
    provisional = fields.Boolean(required=True)
    breach_recorded = fields.Boolean(required=True)
    calendar = fields.String(required=True)
    why = fields.Nested(Bilingual, required=True)
    sources = fields.List(fields.String(), required=True)


class CalendarDay(Bilingual):
    date = fields.Date(required=True)
    off = fields.Boolean(required=True)


class CalendarPublished(EventData):
    """A notice of holidays, for whoever counts days. It is of no case: its sequence is that of the notices."""

    version = fields.Integer(required=True)
    id = fields.UUID(required=True)
    year = fields.Integer(required=True)
    area = fields.String(required=True)
    days = fields.List(fields.Nested(CalendarDay), required=True)
    sources = fields.List(fields.String(), required=True)
    published_by = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)


class LawChanged(Lawful):
    """A change of the law has come into force, told once for each case that is open."""

    change = fields.String(required=True)
    kind = fields.String(required=True)
    effective_on = fields.Date(required=True)


class Steps(Strict):
    """算式。 The arithmetic, a step a line."""

    zh = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "中文 in Chinese", "example": ["自2013-09-17起5个工作日，当日不计"]},
    )
    en = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "英文 in English", "example": ["5 working days from 2013-09-17"]},
    )


class Run(Strict):
    """连续的同类日期。 Days of one kind, one after the other, and why they count or not."""

    first = fields.Date(
        required=True, data_key="from", metadata={"description": "起 first day", "example": "2013-09-19"}
    )
    last = fields.Date(required=True, data_key="to", metadata={"description": "止 last day", "example": "2013-09-21"})
    kind = choice("counted", "make_up", "weekend", "holiday", "paused", "rolled", "overrun", metadata=KIND)
    days = fields.Integer(required=True, metadata={"description": "日数 how many days", "example": 3})
    working_days = fields.Integer(
        required=True, metadata={"description": "其中工作日 working days among them, counted or not", "example": 0}
    )
    counted = fields.Integer(
        required=True, metadata={"description": "计入天数 days that use up the budget", "example": 0}
    )
    why = fields.Nested(Bilingual, required=True, metadata={"description": "理由 why they count or not"})
    article = fields.String(
        metadata={
            "description": "依据 provision it rests on",
            "example": "行政许可法第八十二条 Administrative Licensing Law Art. 82",
        }
    )
    provisional = fields.Boolean(required=True, metadata=PROVISIONAL)


class ClockExplanation(Strict):
    """期限说明。 Why the last day of a clock is what it is: `counted` is the sum over the segments, up to the last
    day."""

    number = fields.String(required=True, metadata=NUMBER)
    clock = fields.UUID(required=True, metadata={"description": "期限的标识 id of the clock"})
    limit = fields.String(required=True, metadata=LIMIT)
    name = fields.Nested(Bilingual, required=True, metadata={"description": "期限名称 name of the limit"})
    basis = fields.Nested(Bilingual, required=True, metadata={"description": "依据 provision that sets it"})
    verified = fields.Boolean(
        required=True,
        metadata={"description": "已核实 whether the rule was read in its source; false: 未核实", "example": True},
    )
    state = fields.String(required=True, metadata=CLOCK_STATE)
    started_on = fields.Date(
        required=True, metadata={"description": "起算日 day it began; not counted itself", "example": "2013-09-17"}
    )
    as_of = fields.Date(
        required=True, metadata={"description": "截至 day on which it is looked at", "example": "2013-09-18"}
    )
    last_day = fields.Date(
        metadata={"description": "届满日 last day; absent while a pause leaves it open", "example": "2013-09-25"}
    )
    budget = fields.Integer(
        required=True, metadata={"description": "期限天数 days it allows, with extensions", "example": 5}
    )
    counted = fields.Integer(
        required=True, metadata={"description": "计入天数 days counted up to the last day", "example": 5}
    )
    overrun = fields.Integer(required=True, metadata={"description": "超期天数 days past its last day", "example": 0})
    provisional = fields.Boolean(required=True, metadata=PROVISIONAL)
    calendar = fields.String(
        required=True,
        metadata=CALENDAR,
    )
    segments = fields.List(fields.Nested(Run), required=True)
    arithmetic = fields.Nested(Steps, required=True)


BY_SUBJECT = "subject"


class StaffQuery(PageQuery):
    """Which part of the directory."""

    cursor = Cursor({BY_SUBJECT: [fields.String()]})


class FeedQuery(Strict):
    """`after` is the `sequence` of the last event you have."""

    limit = Digits(
        load_default=100,
        validate=validate.Range(1, 100),
        metadata={"description": "每次条数 events at most", "example": 100},
    )
    after = Digits(
        load_default=0,
        validate=validate.Range(0, 2**63 - 1),
        metadata={"description": "已取得的最后序号 `sequence` of the last event you have", "example": 0},
    )


class FeedData(Strict):
    """只说明到哪里看。 Enough to know whether to look, and where."""

    state = fields.String(
        required=True, metadata={"description": "当时案件状态 state of the case then", "example": "accepted"}
    )
    service = fields.String(required=True, metadata=SERVICE)
    href = fields.String(
        required=True,
        metadata=HREF,
    )


class FeedEvent(Strict):
    """事件。 What happened, as CloudEvents 1.0, JSON."""

    specversion = fields.Constant("1.0", metadata={"description": "CloudEvents版本 version of CloudEvents"})
    id = fields.UUID(required=True, metadata={"description": "事件的标识 id of the event"})
    source = fields.String(
        required=True, metadata={"description": "来源服务 service that told it", "example": "type_approval"}
    )
    type = fields.String(
        required=True, metadata={"description": "事件类型 kind of event", "example": "application.accepted"}
    )
    subject = fields.String(required=True, metadata=NUMBER)
    time = fields.AwareDateTime(
        required=True,
        metadata={"description": "时刻 instant at which it happened, UTC", "example": "2013-09-22T02:00:00+00:00"},
    )
    sequence = fields.String(
        required=True,
        metadata={
            "description": "序号，定长，可按文本排序 its place in the feed, of fixed length: sorts as text",
            "example": "0000000000000000042",
        },
    )
    datacontenttype = fields.Constant("application/json", metadata={"description": "内容格式 media type of `data`"})
    data = fields.Nested(FeedData, required=True)


class FeedPage(Strict):
    """事件流的一页。 `next` is always there: ask it again at once while events come, and after a while when none
    did."""

    items = fields.List(fields.Nested(FeedEvent), required=True, metadata={"description": "事件 events, in order"})
    next = fields.String(
        required=True, metadata={"description": "下一页 path to ask next", "example": "/v1/events?after=42&limit=100"}
    )


def _email() -> MailAddress:
    return MailAddress(
        validate=validate.Length(max=200),
        metadata={"description": "电子邮箱 e-mail, to which messages go", "example": "li@metrology.example"},
    )


def _language() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(LANGUAGES),
        metadata=LANGUAGE,
    )


class PersonRecord(Strict):
    """工作人员。 A member of staff, as the directory knows them: where messages go, for which posts, how and in
    which language."""

    name = text(maximum=60, metadata={"description": "姓名 name", "example": "李承办"})
    email = _email()
    posts = several(
        choice(*STAFF_POSTS),
        minimum=0,
        maximum=len(STAFF_POSTS),
        metadata={
            "description": (
                "岗位: intake 受理窗口, examiner 承办人, decider 行政机关负责人, section_head 处室负责人,"
                " bureau_head 局负责人, supervision 监督检查, operator 运维 posts held"
            ),
            "example": ["examiner"],
        },
    )
    language = _language()
    delivery = choice(
        *DELIVERIES,
        required=False,
        load_default="digest",
        metadata={
            "description": "不急的通知 what is not urgent: digest 每日汇总 once a day, at_once 随时 at once",
            "example": "digest",
        },
    )


class Person(PersonRecord):
    """工作人员。 A member of staff, with their subject."""

    subject = fields.String(
        required=True, metadata={"description": "人员标识 the `sub` of their token", "example": "li"}
    )


class AbsenceRecord(Strict):
    """不在岗。 Somebody is away, both days included; `cover` gets what is for them."""

    first = Day(required=True, data_key="from", metadata={"description": "起 first day away", "example": "2013-10-08"})
    last = Day(required=True, data_key="to", metadata={"description": "止 last day away", "example": "2013-10-18"})
    cover = text(
        maximum=200, metadata={"description": "代理人 who stands in: the `sub` of their token", "example": "wang"}
    )


class Absence(AbsenceRecord):
    """不在岗记录。 An absence, with its id."""

    id = fields.UUID(required=True, metadata={"description": "不在岗记录的标识 id of the absence"})


class PersonWithAbsences(Person):
    """工作人员及其不在岗记录。 A member of staff, with when they are away."""

    absences = fields.List(fields.Nested(Absence), required=True)
    covered_by = fields.String(
        metadata={"description": "今日代理人 who stands in today: the `sub` of their token", "example": "wang"}
    )


class Contact(Strict):
    """联系方式。 Where an organisation reads its messages, and in which language."""

    email = _email()
    language = _language()


def shown(schema: type[Strict], found: object) -> dict[str, Any]:
    """`found` as the schema writes it, without what is missing."""
    written: dict[str, Any] = instance(schema).dump(found)
    return {key: value for key, value in written.items() if value is not None}


class Budget(Bilingual):
    """期限长短。 How long, as the law has it: `5wd` is five working days."""

    text = fields.String(
        required=True,
        metadata={
            "description": "简写 short form: wd 工作日 working days, d 日 days, mo 月 months",
            "example": "5wd",
        },
    )


class Segment(Answer):
    """连续的同类日期。 Days in a row that count or do not count for the same reason."""

    from_ = fields.Date(required=True, data_key="from", metadata={"description": "起 first day"})
    to = fields.Date(required=True, metadata={"description": "止 last day"})
    kind = fields.String(required=True, metadata=KIND)
    counted = fields.Integer(required=True, metadata={"description": "计入天数 days that use up the budget"})
    why = fields.Nested(Bilingual, required=True, metadata={"description": "理由 why they count or not"})


class Fired(Answer):
    """已发出的提醒。 A rung of the ladder that fired: a reminder, the last day, the breach."""

    rung = fields.String(
        required=True, metadata={"description": "档次代码 the rung, as the law data name it", "example": "reminder_80"}
    )
    kind = fields.String(
        required=True,
        metadata={
            "description": (
                "reminder 提醒 reminder, due 届满当日 last day, breach 逾期 breach, escalation 升级 told to those above"
            ),
            "example": "reminder",
        },
    )
    due_on = fields.Date(required=True, metadata={"description": "所依据的届满日 last day that it was about"})
    fired_at = fields.AwareDateTime(required=True, metadata={"description": "时刻 instant at which it fired, UTC"})
    withdrawn = fields.Boolean(
        metadata={"description": "已撤销 that the act had been done in time after all; only then", "example": None}
    )


class WithoutEffect(Answer):
    """未起作用的延长。 An extension that came after the last day."""

    event = fields.String(
        required=True, metadata={"description": "事件类型 kind of event", "example": "decision.extended"}
    )
    on = fields.Date(required=True, metadata={"description": "日期 day of the extension"})
    working_days = fields.Integer(required=True, metadata={"description": "工作日数 working days it would have added"})


class Clock(Answer):
    """期限: a limit that the law sets in this case, how it stands, and every day it counted or left out and why."""

    id = fields.UUID(required=True, metadata={"description": "期限的标识 id of the clock"})
    limit = fields.String(required=True, metadata=LIMIT)
    name = fields.Nested(Bilingual, required=True, metadata={"description": "期限名称 name of the limit"})
    holder = fields.String(required=True, metadata=HOLDER)
    weight = fields.String(
        required=True,
        metadata={
            "description": (
                "statutory 法定 of the law, promised 承诺 of the office, internal 内部 only reminds, window"
                " 可用时段 a time that may be used"
            ),
            "example": "statutory",
        },
    )
    budget = fields.Nested(Budget, required=True)
    basis = fields.Nested(Bilingual, required=True, metadata={"description": "依据 provision that sets it"})
    verified = fields.Boolean(required=True, metadata={"description": "已核实 whether the rule was read in its source"})
    state = choice("running", "paused", "stopped", "expired", metadata=CLOCK_STATE)
    started_on = fields.Date(required=True, metadata={"description": "起算日 day it began; not counted itself"})
    due_on = fields.Date(metadata={"description": "届满日 last day; absent while it does not run"})
    deadline = fields.Date(metadata={"description": "届满日 last day, running or not"})
    stopped_on = fields.Date(metadata={"description": "停止日 day on which the act was done"})
    met = fields.Boolean(metadata={"description": "是否按期 whether in time, once stopped"})
    consumed = fields.Integer(metadata={"description": "已用天数 days counted so far"})
    remaining = fields.Integer(metadata={"description": "剩余天数 days left of the budget"})
    overrun = fields.Integer(metadata={"description": "超期天数 days past its last day", "example": 0})
    provisional = fields.Boolean(metadata=PROVISIONAL)
    calendar = fields.String(
        required=True,
        metadata=CALENDAR,
    )
    segments = fields.List(
        fields.Nested(Segment), required=True, metadata={"description": "逐段日期 its days, run by run"}
    )
    without_effect = fields.List(fields.Nested(WithoutEffect), metadata={"example": None})
    fired = fields.List(
        fields.Nested(Fired), required=True, metadata={"description": "已发出的提醒 reminders and breaches so far"}
    )


class Observed(Answer):
    """实际用时: what recent cases really took, in working days from receipt to delivery; no legal limit."""

    cases = fields.Integer(
        required=True, metadata={"description": "近期办结件数 how many recent cases", "example": 200}
    )
    half_within = fields.Integer(
        required=True, metadata={"description": "半数用时 working days within which half of them ended", "example": 23}
    )
    nine_in_ten_within = fields.Integer(
        required=True, metadata={"description": "九成用时 working days within which 90 % of them ended", "example": 41}
    )
    zh = fields.String(
        required=True, metadata={"description": "中文 in Chinese", "example": "近期办结的200件：半数在23个工作日内办结"}
    )
    en = fields.String(
        required=True,
        metadata={
            "description": "英文 in English",
            "example": "Of the last 200 cases, half took 23 working days at most",
        },
    )


class Clocks(Answer):
    """案件的期限。 The clocks of a case; `heard` counts the events of the case that are taken into account."""

    number = fields.String(required=True, metadata=NUMBER)
    state = fields.String(required=True, metadata=CASE_STATE)
    heard = fields.Integer(
        required=True,
        metadata={"description": "已计入的事件数 events of the case taken into account; compare `events` of the case"},
    )
    items = fields.List(fields.Nested(Clock), required=True, metadata={"description": "期限 its clocks"})
    observed = fields.Nested(
        Observed, metadata={"description": "实际用时 what cases really took; absent while there are too few"}
    )


class MessageHead(Answer):
    """通知摘要。 A message without its text."""

    id = fields.UUID(required=True, metadata={"description": "通知的标识 id of the message"})
    recipient = fields.String(required=True, metadata=RECIPIENT)
    template = fields.String(required=True, metadata=TEMPLATE)
    template_version = fields.Integer(required=True, metadata={"description": "模板版本 version of the template"})
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES), metadata=LANGUAGE)
    subject = fields.String(
        required=True,
        metadata={"description": "标题 subject", "example": "TA-2013-00001 已收件 TA-2013-00001 received"},
    )
    at = fields.AwareDateTime(required=True, metadata={"description": "时刻 instant at which it was written, UTC"})
    read_at = fields.AwareDateTime(
        metadata={"description": "阅读时刻 instant at which it was read, UTC; absent until then"}
    )


class MessageText(MessageHead):
    """通知原文。 The text as it was sent."""

    body = fields.String(required=True, metadata={"description": "正文 text"})


class Message(MessageText):
    """通知, as it was sent, and what became of its mail: kept only in the inbox, waiting for the day's digest, told
    of in that digest, queued, sent, or failed for good. How it went is for the office to know."""

    address = fields.String(metadata=ADDRESS)
    state = choice(
        "kept",
        "waiting",
        "digested",
        "queued",
        "sent",
        "failed",
        metadata={
            "description": (
                "kept 仅存收件箱, waiting 待汇总, digested 已汇总, queued 待发, sent 已发, failed 未送达 what"
                " became of its mail"
            )
        },
    )
    sent_at = fields.AwareDateTime(metadata={"description": "发出时刻 instant at which the mail server took it, UTC"})
    inbox = fields.String(metadata={"description": "收件箱 whose inbox it is in", "example": "staff:li"})
    attempts = fields.Integer(metadata=ATTEMPTS)
    next_try_at = fields.AwareDateTime(
        metadata={"description": "下次重试时刻 instant of the next try, UTC", "example": None}
    )
    error = fields.String(metadata={"description": "末次错误 why the last try failed", "example": None})
    digest = fields.UUID(metadata={"description": "汇总通知 id of the message that told of it", "example": None})


class Messages(Answer):
    """案件的通知。 The messages of a case that the caller may read."""

    number = fields.String(required=True, metadata=NUMBER)
    items = fields.List(
        fields.Nested(Message), required=True, metadata={"description": "通知 the messages, oldest first"}
    )


class InboxQuery(PageQuery):
    """Which messages, newest first."""

    cursor = Cursor({BY_ID: [AN_ID]})

    unread = Flag(
        asked=True, load_default=False, metadata={"description": "只看未读 unread ones only", "example": False}
    )
    case = text(
        required=False,
        maximum=60,
        metadata={"description": "申请编号 of this application only", "example": "TA-2013-00001"},
    )


class InboxItem(MessageHead):
    """收件箱条目。 A message to the caller, in a list; its text is to be read by its id."""

    number = fields.String(metadata=NUMBER)
    href = fields.String(metadata=HREF)


class InboxMessage(InboxItem, MessageText):
    """通知: a message to the caller."""


class Inbox(Answer):
    """收件箱: a page of the caller's messages."""

    unread = fields.Integer(
        required=True, metadata={"description": "未读件数 unread messages; 1000: as many or more", "example": 3}
    )
    items = fields.List(fields.Nested(InboxItem), required=True)
    next_ = fields.String(data_key="next", metadata=NEXT_PAGE)


class UndeliveredQuery(PageQuery):
    """Which part of the messages that could not be delivered."""

    cursor = Cursor({BY_ID: [AN_ID]})


class Undelivered(Answer):
    """未送达通知。 A message that no mail server took: to whom it was to go, and what went wrong."""

    id = fields.UUID(required=True, metadata={"description": "通知的标识 id of the message"})
    number = fields.String(metadata=NUMBER)
    recipient = fields.String(required=True, metadata=RECIPIENT)
    address = fields.String(required=True, metadata=ADDRESS)
    template = fields.String(required=True, metadata=TEMPLATE)
    at = fields.AwareDateTime(required=True, metadata={"description": "时刻 instant at which it was written, UTC"})
    attempts = fields.Integer(required=True, metadata=ATTEMPTS)
    error = fields.String(
        metadata={"description": "末次错误 why the last try failed", "example": "550 no such mailbox"}
    )


class Retried(Answer):
    """重发件数。 How many are tried again."""

    retried = fields.Integer(required=True, metadata={"description": "件数 how many messages"})


class Swept(Answer):
    """到期扫描结果。 How many rungs fired, and how many clocks a new calendar moved."""

    fired = fields.Integer(required=True, metadata={"description": "发出的提醒数 rungs that fired"})
    moved = fields.Integer(required=True, metadata={"description": "变动的期限数 clocks that a new calendar moved"})


class WorkQuery(PageQuery):
    """Which open cases, and which part of them."""

    order_by = "clock"

    clock = choice(
        *("running", "paused", "none"),
        required=False,
        load_default="running",
        metadata={
            "description": "期限状态: running 计时, paused 暂停, none 无期限; of the holder asked for, else of anybody",
            "example": "running",
        },
    )
    assignee = text(
        required=False,
        maximum=200,
        metadata={
            "description": "承办人 who handles it: `me` (and whom you stand in for), `none`, or the `sub` of a token",
            "example": "me",
        },
    )
    holder = choice(
        *("authority", "applicant", "laboratory"),
        required=False,
        metadata={
            "description": "谁的期限: authority 行政机关, applicant 申请人, laboratory 技术机构 whose time it is",
            "example": "authority",
        },
    )
    procedure = choice(
        *("type_approval", "manufacture"),
        required=False,
        metadata=PROCEDURE,
    )
    state = text(required=False, maximum=60, metadata=CASE_STATE)
    overdue = Flag(asked=True, metadata={"description": "是否超期 whether it is past its last day", "example": False})
    sort = choice(
        *("due_on",),
        required=False,
        load_default="due_on",
        metadata={"description": "排序 order: what is due first comes first; what does not run, by number"},
    )
    cursor = Cursor(
        {"running": [fields.Date(), fields.String()], "paused": [fields.String()], "none": [fields.String()]}
    )


class WorkLimit(Bilingual):
    """期限。 The limit that the clock counts."""

    id = fields.String(required=True, metadata=LIMIT)


class WorkItem(Answer):
    """待办: an open case and, of its clocks, the one that is due first."""

    number = fields.String(required=True, metadata=NUMBER)
    service = fields.String(required=True, metadata=SERVICE)
    procedure = fields.String(required=True, metadata=PROCEDURE)
    state = fields.String(required=True, metadata=CASE_STATE)
    applicant_name = fields.String(
        required=True, metadata={"description": "申请单位 name of the applicant", "example": "吉林示例衡器有限公司"}
    )
    assignee = fields.String(
        metadata={"description": "承办人 who handles it: the `sub` of their token", "example": "li"}
    )
    standing_in = fields.Boolean(
        metadata={"description": "代办 that its assignee is absent today and you stand in; only then, and for `me`"}
    )
    clock = choice(
        "running",
        "paused",
        "none",
        metadata={"description": "期限状态: running 计时, paused 暂停, none 无期限 state of its clocks"},
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
    """待办的一页。 A page of the queue."""

    items = fields.List(fields.Nested(WorkItem), required=True)
    next_ = fields.String(data_key="next", metadata=NEXT_PAGE)


class StatisticsQuery(Strict):
    """Of which days, both included; without them, the year up to today, from the first of its month."""

    first = Day(date.min, date.max, data_key="from", metadata={"description": "起 first day", "example": "2013-01-01"})
    last = Day(date.min, date.max, data_key="to", metadata={"description": "止 last day", "example": "2013-12-31"})
    procedure = choice(
        *("type_approval", "manufacture"),
        required=False,
        metadata=PROCEDURE,
    )


class Figures(Answer):
    """工作日数。 Working days."""

    p50 = fields.Integer(required=True, metadata={"description": "半数不超过 of half the cases at most", "example": 12})
    p90 = fields.Integer(
        required=True, metadata={"description": "九成不超过 of 90 % of the cases at most", "example": 31}
    )
    total = fields.Integer(required=True, metadata={"description": "合计 of all cases together", "example": 240})


class ByHolder(Answer):
    """各方用时。 Whose days: each working day is one side's, the one whose clock ran, or nobody's; so they add up."""

    authority = fields.Nested(Figures, required=True, metadata={"description": "行政机关 the authority's working days"})
    applicant = fields.Nested(Figures, required=True, metadata={"description": "申请人 the applicant's working days"})
    laboratory = fields.Nested(
        Figures, required=True, metadata={"description": "技术机构 the laboratory's working days"}
    )
    other = fields.Nested(
        Figures,
        required=True,
        metadata={"description": "其他 nobody's working days, such as while samples are on their way"},
    )


class CaseFigures(Answer):
    """办结: the cases of a procedure that were decided and delivered in a month."""

    procedure = fields.String(required=True, metadata=PROCEDURE)
    month = fields.String(required=True, metadata=MONTH)
    cases = fields.Integer(required=True, metadata={"description": "件数 how many cases", "example": 14})
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
    count = fields.Integer(required=True, metadata={"description": "件数 how many clocks", "example": 20})
    p50 = fields.Integer(
        required=True, metadata={"description": "半数不超过 days that half of them took at most", "example": 3}
    )
    p90 = fields.Integer(
        required=True, metadata={"description": "九成不超过 days that 90 % of them took at most", "example": 5}
    )
    in_time = fields.Integer(required=True, metadata={"description": "按期件数 how many ended in time", "example": 19})
    share_in_time = fields.String(
        required=True, metadata={"description": "按期率 share in time, a decimal from 0 to 1", "example": "0.950"}
    )


class Statistics(Answer):
    """用时统计。 How long cases and their steps took."""

    from_ = fields.Date(
        required=True, data_key="from", metadata={"description": "起 first day", "example": "2013-01-01"}
    )
    to = fields.Date(required=True, metadata={"description": "止 last day", "example": "2013-12-31"})
    cases = fields.List(fields.Nested(CaseFigures), required=True)
    steps = fields.List(fields.Nested(StepFigures), required=True)
