"""The schemas of notifications: requests, responses and event payloads."""

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
    sub,
    text,
)

LANGUAGES = ("zh", "en", "both")
DELIVERIES = ("digest", "at_once")

# Field metadata used by several responses.
NUMBER = {"description": "申请编号 application number", "example": "TA-2013-00001"}
SERVICE = {"description": "案件所在服务 service that holds the case", "example": "type_approval"}
HREF = {"description": "案件路径 path of the case at that service", "example": "/v1/applications/TA-2013-00001"}
PROCEDURE = {
    "description": "许可种类: type_approval 型式批准 type approval, manufacture 制造许可 licence to manufacture",
    "example": "type_approval",
}
CASE_STATE = {"description": "案件状态 state of the case", "example": "received"}
HOLDER = {
    "description": "期限承担方: authority 行政机关, applicant 申请人, laboratory 技术机构 who must act in time",
    "example": "authority",
}
LIMIT = {"description": "期限代码 id of the limit in the law data", "example": "intake"}
CLOCK_STATE = {
    "description": "期限状态: running 计时, paused 暂停, stopped 停止, expired 届满 state of the clock",
    "example": "running",
}
KIND = {
    "description": (
        "counted 计入, make_up 调休上班计入 make-up working day, weekend 周末, holiday 节假日, paused 暂停,"
        " rolled 顺延 moved to the next working day, overrun 逾期 after the due date"
    ),
    "example": "counted",
}
PROVISIONAL = {
    "description": "暂定，所涉年份放假安排未公布 depends on a year whose holidays are not yet published",
    "example": False,
}
CALENDAR = {
    "description": "日历版本 version of the calendar used",
    "example": "cn-2004-2026+chinesecalendar-1.11.0+law-2025",
}
RECIPIENT = {
    "description": "收件方: applicant 申请人, laboratory 技术机构, else 行政机关 the role or post in the office",
    "example": "applicant",
}
ADDRESS = {"description": "收件地址 e-mail address of the recipient", "example": "metrology@example.com"}
TEMPLATE = {"description": "模板 template of the message", "example": "application.received"}
ATTEMPTS = {"description": "已尝试发送次数 delivery attempts so far", "example": 1}
LANGUAGE = {
    "description": "语言: zh 中文 Chinese, en 英文 English, both 中英文 Chinese followed by English",
    "example": "both",
}
MONTH = {"description": "月份 month in which they ended, as year-month", "example": "2013-10"}


class Lawful(EventData):
    """A legal effect of the passing of time, in words, with its legal basis."""

    zh = fields.String(required=True)
    en = fields.String(required=True)
    basis = fields.String(required=True)


class OfClock(Lawful):
    clock = fields.UUID(required=True)
    limit = fields.String(required=True)
    holder = fields.String(required=True)
    due_on = fields.Date(required=True)


class ClockFired(OfClock):
    """A rung of a clock's ladder fired: a reminder, the last day, or the breach.

    `weight` distinguishes a statutory limit from a promise of the office. `why` explains a clock started by silence.
    """

    rung = fields.String(required=True)
    weight = fields.String(required=True, validate=validate.OneOf(["statutory", "promised", "internal", "window"]))
    why = fields.Nested(Bilingual)


class ClockExpired(OfClock):
    """A limit ran out without an act, which has a legal effect; the service that owns the case applies it."""

    effect = fields.String(required=True)
    started_on = fields.Date(required=True)


class ClockMoved(OfClock):
    """A newer calendar moves the last day of an open clock. A recorded breach stays."""

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
    """A holiday notice was published. It belongs to no case: its sequence numbers the notices."""

    version = fields.Integer(required=True)
    id = fields.UUID(required=True)
    year = fields.Integer(required=True)
    area = fields.String(required=True)
    days = fields.List(fields.Nested(CalendarDay), required=True)
    sources = fields.List(fields.String(), required=True)
    published_by = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)


class LawChanged(Lawful):
    """A change of the law has come into force; published once per open case."""

    change = fields.String(required=True)
    kind = fields.String(required=True)
    effective_on = fields.Date(required=True)


class Steps(Strict):
    """计算过程。 The arithmetic, one step per line."""

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
    """连续的同类日期。 Consecutive days of one kind, and why they count or not."""

    first = fields.Date(
        required=True, data_key="from", metadata={"description": "起 first day", "example": "2013-09-19"}
    )
    last = fields.Date(required=True, data_key="to", metadata={"description": "止 last day", "example": "2013-09-21"})
    kind = choice("counted", "make_up", "weekend", "holiday", "paused", "rolled", "overrun", metadata=KIND)
    days = fields.Integer(required=True, metadata={"description": "天数 number of days", "example": 3})
    working_days = fields.Integer(
        required=True, metadata={"description": "其中工作日 working days among them, counted or not", "example": 0}
    )
    counted = fields.Integer(
        required=True, metadata={"description": "计入天数 days that use up the budget", "example": 0}
    )
    why = fields.Nested(Bilingual, required=True, metadata={"description": "理由 why they count or not"})
    article = fields.String(
        metadata={
            "description": "依据 legal basis",
            "example": "行政许可法第八十二条 Administrative Licensing Law Art. 82",
        }
    )
    provisional = fields.Boolean(required=True, metadata=PROVISIONAL)


class ClockExplanation(Strict):
    """期限说明。 Why the last day of a clock is what it is. `counted` is the sum over the segments up to the last
    day."""

    number = fields.String(required=True, metadata=NUMBER)
    clock = fields.UUID(required=True, metadata={"description": "期限的标识 id of the clock"})
    limit = fields.String(required=True, metadata=LIMIT)
    name = fields.Nested(Bilingual, required=True, metadata={"description": "期限名称 name of the limit"})
    basis = fields.Nested(Bilingual, required=True, metadata={"description": "依据 provision that sets it"})
    verified = fields.Boolean(
        required=True,
        metadata={
            "description": "已核实 whether the rule was checked against its source; false: 未核实",
            "example": True,
        },
    )
    state = fields.String(required=True, metadata=CLOCK_STATE)
    started_on = fields.Date(
        required=True,
        metadata={"description": "起算日，当日不计 day of the start, not counted itself", "example": "2013-09-17"},
    )
    as_of = fields.Date(required=True, metadata={"description": "截至日 day of this view", "example": "2013-09-18"})
    last_day = fields.Date(
        metadata={"description": "届满日 last day; absent while a pause leaves it open", "example": "2013-09-25"}
    )
    budget = fields.Integer(
        required=True, metadata={"description": "期限天数 days allowed, including extensions", "example": 5}
    )
    counted = fields.Integer(
        required=True, metadata={"description": "计入天数 days counted up to the last day", "example": 5}
    )
    overrun = fields.Integer(required=True, metadata={"description": "逾期天数 days past the last day", "example": 0})
    provisional = fields.Boolean(required=True, metadata=PROVISIONAL)
    calendar = fields.String(
        required=True,
        metadata=CALENDAR,
    )
    segments = fields.List(fields.Nested(Run), required=True)
    arithmetic = fields.Nested(Steps, required=True)


BY_SUBJECT = "subject"


class StaffQuery(PageQuery):
    """Paging of the directory."""

    cursor = Cursor({BY_SUBJECT: [fields.String()]})


class FeedQuery(Strict):
    """`after` is the `sequence` of the last event that you have."""

    limit = Digits(
        load_default=100,
        validate=validate.Range(1, 100),
        metadata={"description": "每次条数 maximum number of events", "example": 100},
    )
    after = Digits(
        load_default=0,
        validate=validate.Range(0, 2**63 - 1),
        metadata={"description": "已取得的最后序号 `sequence` of the last event you have", "example": 0},
    )


class FeedData(Strict):
    """事件摘要。 Whether to look at the case, and where."""

    state = fields.String(
        required=True, metadata={"description": "当时案件状态 state of the case at that time", "example": "accepted"}
    )
    service = fields.String(required=True, metadata=SERVICE)
    href = fields.String(
        required=True,
        metadata=HREF,
    )


class FeedEvent(Strict):
    """事件。 An event as CloudEvents 1.0 JSON."""

    specversion = fields.Constant("1.0", metadata={"description": "CloudEvents版本 version of CloudEvents"})
    id = fields.UUID(required=True, metadata={"description": "事件的标识 id of the event"})
    source = fields.String(
        required=True, metadata={"description": "来源服务 service that published it", "example": "type_approval"}
    )
    type = fields.String(
        required=True, metadata={"description": "事件类型 type of event", "example": "application.accepted"}
    )
    subject = fields.String(required=True, metadata=NUMBER)
    time = fields.AwareDateTime(
        required=True,
        metadata={"description": "发生时间 time of the event, UTC", "example": "2013-09-22T02:00:00+00:00"},
    )
    sequence = fields.String(
        required=True,
        metadata={
            "description": "序号，定长，可按文本排序 position in the feed, of fixed length, so that it sorts as text",
            "example": "0000000000000000042",
        },
    )
    datacontenttype = fields.Constant("application/json", metadata={"description": "内容格式 media type of `data`"})
    data = fields.Nested(FeedData, required=True)


class FeedPage(Strict):
    """事件流的一页。 `next` is always present: request it at once while there are events, and after a pause when there
    are none."""

    items = fields.List(
        fields.Nested(FeedEvent), required=True, metadata={"description": "事件，按序 events, in order"}
    )
    next = fields.String(
        required=True,
        metadata={"description": "下一页 path of the next request", "example": "/v1/events?after=42&limit=100"},
    )


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

    subject = fields.String(
        required=True, metadata={"description": "人员标识 the `sub` of their token", "example": "li"}
    )


class AbsenceRecord(Strict):
    """不在岗。 An absence, both days included; `cover` gets the messages."""

    first = Day(required=True, data_key="from", metadata={"description": "起 first day away", "example": "2013-10-08"})
    last = Day(required=True, data_key="to", metadata={"description": "止 last day away", "example": "2013-10-18"})
    cover = sub(metadata={"description": "代理人 who stands in: the `sub` of their token", "example": "wang"})


class Absence(AbsenceRecord):
    """不在岗记录。 An absence, with its id."""

    id = fields.UUID(required=True, metadata={"description": "不在岗记录的标识 id of the absence"})


class PersonWithAbsences(Person):
    """工作人员及其不在岗记录。 A staff member, with absences."""

    absences = fields.List(fields.Nested(Absence), required=True)
    covered_by = fields.String(
        metadata={"description": "今日代理人 who stands in today: the `sub` of their token", "example": "wang"}
    )


class Contact(Strict):
    """联系方式。 An organisation's address for messages, and its language."""

    email = _email()
    language = _language()


def shown(schema: type[Strict], found: object) -> dict[str, Any]:
    """`found` as serialised by the schema, without missing values."""
    written: dict[str, Any] = instance(schema).dump(found)
    return {key: value for key, value in written.items() if value is not None}


class Budget(Bilingual):
    """期限长度。 The length of the limit as the law states it: `5wd` is five working days."""

    text = fields.String(
        required=True,
        metadata={
            "description": "简写 short form: wd 工作日 working days, d 日 days, mo 月 months",
            "example": "5wd",
        },
    )


class Segment(Answer):
    """连续的同类日期。 Consecutive days that count, or do not count, for the same reason."""

    from_ = fields.Date(required=True, data_key="from", metadata={"description": "起 first day"})
    to = fields.Date(required=True, metadata={"description": "止 last day"})
    kind = fields.String(required=True, metadata=KIND)
    counted = fields.Integer(required=True, metadata={"description": "计入天数 days that use up the budget"})
    why = fields.Nested(Bilingual, required=True, metadata={"description": "理由 why they count or not"})


class Fired(Answer):
    """已发出的提醒。 A rung of the ladder that fired: a reminder, the last day, or the breach."""

    rung = fields.String(
        required=True, metadata={"description": "提醒级别代码 id of the rung in the law data", "example": "reminder_80"}
    )
    kind = fields.String(
        required=True,
        metadata={
            "description": (
                "reminder 提醒 reminder, due 届满当日 last day, breach 逾期 breach, escalation 升级 escalation"
            ),
            "example": "reminder",
        },
    )
    due_on = fields.Date(required=True, metadata={"description": "所依据的届满日 last day of the clock when it fired"})
    fired_at = fields.AwareDateTime(required=True, metadata={"description": "发出时间 time of firing, UTC"})
    withdrawn = fields.Boolean(
        metadata={
            "description": "已撤销：实际已按期办结 true if the act turned out to be in time; otherwise absent",
            "example": None,
        }
    )


class WithoutEffect(Answer):
    """未起作用的延长。 An extension dated after the last day."""

    event = fields.String(
        required=True, metadata={"description": "事件类型 type of event", "example": "decision.extended"}
    )
    on = fields.Date(required=True, metadata={"description": "日期 day of the extension"})
    working_days = fields.Integer(required=True, metadata={"description": "工作日数 working days it would have added"})


class Limit(Answer):
    """期限。 A limit that a case of a permit may have to meet."""

    limit = fields.String(required=True, metadata=LIMIT)
    name = fields.Nested(Bilingual, required=True, metadata={"description": "期限名称 name of the limit"})
    holder = fields.String(required=True, metadata=HOLDER)
    weight = fields.String(
        required=True,
        metadata={
            "description": (
                "性质: statutory 法定 set by law, promised 承诺 promised by the office, internal 内部 reminder only,"
                " window 可办理期间 period in which somebody may act"
            ),
            "example": "statutory",
        },
    )
    budget = fields.Nested(Budget, required=True)
    basis = fields.Nested(Bilingual, required=True, metadata={"description": "依据 provision that sets it"})
    verified = fields.Boolean(
        required=True,
        metadata={"description": "已核实 whether the rule was checked against its source", "example": True},
    )


class Clock(Limit):
    """期限: a limit of this case, its present state, and every day counted or left out, with the reason."""

    id = fields.UUID(required=True, metadata={"description": "期限的标识 id of the clock"})
    state = choice("running", "paused", "stopped", "expired", metadata=CLOCK_STATE)
    started_on = fields.Date(
        required=True, metadata={"description": "起算日，当日不计 day of the start, not counted itself"}
    )
    due_on = fields.Date(metadata={"description": "届满日 last day; absent while it does not run"})
    deadline = fields.Date(metadata={"description": "届满日 last day, running or not"})
    stopped_on = fields.Date(metadata={"description": "停止日 day of the act that stopped the clock"})
    met = fields.Boolean(metadata={"description": "是否按期 whether in time, once stopped"})
    consumed = fields.Integer(metadata={"description": "已用天数 days counted so far"})
    remaining = fields.Integer(metadata={"description": "剩余天数 days left of the budget"})
    overrun = fields.Integer(metadata={"description": "逾期天数 days past the last day", "example": 0})
    provisional = fields.Boolean(metadata=PROVISIONAL)
    calendar = fields.String(
        required=True,
        metadata=CALENDAR,
    )
    segments = fields.List(
        fields.Nested(Segment), required=True, metadata={"description": "逐段日期 runs of days, in order"}
    )
    without_effect = fields.List(fields.Nested(WithoutEffect), metadata={"example": None})
    fired = fields.List(
        fields.Nested(Fired), required=True, metadata={"description": "已发出的提醒 reminders and breaches so far"}
    )


class Observed(Answer):
    """实际用时: how long recent cases took, in working days from receipt to delivery; not a legal limit."""

    cases = fields.Integer(
        required=True, metadata={"description": "近期办结件数 number of recent cases", "example": 200}
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
    """案件的期限。 The clocks of a case; `heard` is the number of events of the case taken into account."""

    number = fields.String(required=True, metadata=NUMBER)
    state = fields.String(required=True, metadata=CASE_STATE)
    heard = fields.Integer(
        required=True,
        metadata={
            "description": "已计入的事件数 events of the case taken into account; compare with `events` of the case"
        },
    )
    items = fields.List(fields.Nested(Clock), required=True, metadata={"description": "期限 the clocks"})
    observed = fields.Nested(
        Observed, metadata={"description": "实际用时 how long cases took; absent if there are too few"}
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
    at = fields.AwareDateTime(required=True, metadata={"description": "写成时间 time of writing, UTC"})
    read_at = fields.AwareDateTime(metadata={"description": "阅读时间 time of reading, UTC; absent if unread"})


class MessageText(MessageHead):
    """通知原文。 A message with its text as sent."""

    body = fields.String(required=True, metadata={"description": "正文 text"})


class Message(MessageText):
    """通知: the message as sent, and the state of its mail: kept only in the inbox, waiting for the daily digest,
    included in a digest, queued, sent, or failed for good. Only the office sees the delivery details."""

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
                "kept 仅存收件箱, waiting 待汇总, digested 已汇总, queued 待发, sent 已发, failed 未送达 state"
                " of its mail"
            )
        },
    )
    sent_at = fields.AwareDateTime(metadata={"description": "发出时间 time at which the mail server accepted it, UTC"})
    inbox = fields.String(metadata={"description": "收件箱 owner of the inbox", "example": "staff:li"})
    attempts = fields.Integer(metadata=ATTEMPTS)
    next_try_at = fields.AwareDateTime(
        metadata={"description": "下次重试时间 time of the next attempt, UTC", "example": None}
    )
    error = fields.String(metadata={"description": "最近一次错误 why the last attempt failed", "example": None})
    digest = fields.UUID(metadata={"description": "汇总通知的标识 id of the digest that included it", "example": None})


class Messages(Answer):
    """案件的通知。 The messages of a case that the caller may read."""

    number = fields.String(required=True, metadata=NUMBER)
    items = fields.List(
        fields.Nested(Message), required=True, metadata={"description": "通知 the messages, oldest first"}
    )


class InboxQuery(PageQuery):
    """Filters and paging; newest first."""

    cursor = Cursor({BY_ID: [AN_ID]})

    unread = Flag(
        asked=True, load_default=False, metadata={"description": "只看未读 unread messages only", "example": False}
    )
    case = text(
        required=False,
        maximum=60,
        metadata={"description": "申请编号 messages about this application only", "example": "TA-2013-00001"},
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
        required=True, metadata={"description": "未读件数 unread messages; 1000 means 1000 or more", "example": 3}
    )
    items = fields.List(fields.Nested(InboxItem), required=True)
    next_ = fields.String(data_key="next", metadata=NEXT_PAGE)


class UndeliveredQuery(PageQuery):
    """Paging of the undelivered messages."""

    cursor = Cursor({BY_ID: [AN_ID]})


class Undelivered(Answer):
    """未送达通知。 A message that could not be mailed: its address, and the reason."""

    id = fields.UUID(required=True, metadata={"description": "通知的标识 id of the message"})
    number = fields.String(metadata=NUMBER)
    recipient = fields.String(required=True, metadata=RECIPIENT)
    address = fields.String(required=True, metadata=ADDRESS)
    template = fields.String(required=True, metadata=TEMPLATE)
    at = fields.AwareDateTime(required=True, metadata={"description": "写成时间 time of writing, UTC"})
    attempts = fields.Integer(required=True, metadata=ATTEMPTS)
    error = fields.String(
        metadata={"description": "最近一次错误 why the last attempt failed", "example": "550 no such mailbox"}
    )


class Retried(Answer):
    """重发件数。 How many messages are queued again."""

    retried = fields.Integer(required=True, metadata={"description": "件数 number of messages"})


class Swept(Answer):
    """到期扫描结果。 How many rungs fired, and how many clocks a new calendar moved."""

    fired = fields.Integer(required=True, metadata={"description": "发出的提醒数 number of rungs fired"})
    moved = fields.Integer(
        required=True, metadata={"description": "变动的期限数 number of clocks moved by a new calendar"}
    )


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
        *("type_approval", "manufacture"),
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
            "description": "承办人 assignee: `me` (includes people you stand in for), `none`, or the `sub` of a token",
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
        *("type_approval", "manufacture"),
        required=False,
        metadata=PROCEDURE,
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


class Statistics(Answer):
    """用时统计。 How long cases and their steps took."""

    from_ = fields.Date(
        required=True, data_key="from", metadata={"description": "起 first day", "example": "2013-01-01"}
    )
    to = fields.Date(required=True, metadata={"description": "止 last day", "example": "2013-12-31"})
    cases = fields.List(fields.Nested(CaseFigures), required=True)
    steps = fields.List(fields.Nested(StepFigures), required=True)
