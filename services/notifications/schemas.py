"""What notifications reads, answers and tells: requests, answers, event payloads."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from shared.http.paging import AN_ID, BY_ID, Cursor, PageQuery
from shared.identity import STAFF_POSTS
from shared.schemas import Answer, Bilingual, EventData, Strict, choice, instance, text

LANGUAGES = ("zh", "en", "both")
DELIVERIES = ("digest", "at_once")


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
    """The arithmetic, a step a line."""

    zh = fields.List(fields.String(), required=True, metadata={"example": ["自2013-09-17起5个工作日，当日不计"]})
    en = fields.List(fields.String(), required=True, metadata={"example": ["5 working days from 2013-09-17"]})


class Run(Strict):
    """Days of one kind, one after the other, and why they count or not."""

    first = fields.Date(required=True, data_key="from", metadata={"example": "2013-09-19"})
    last = fields.Date(required=True, data_key="to", metadata={"example": "2013-09-21"})
    kind = choice("counted", "make_up", "weekend", "holiday", "paused", "rolled", "overrun")
    days = fields.Integer(required=True, metadata={"example": 3})
    working_days = fields.Integer(required=True, metadata={"description": "among them, counted or not", "example": 0})
    counted = fields.Integer(required=True, metadata={"description": "of the budget", "example": 0})
    why = fields.Nested(Bilingual, required=True)
    article = fields.String(metadata={"example": "行政许可法第八十二条 Administrative Licensing Law Art. 82"})
    provisional = fields.Boolean(required=True, metadata={"example": False})


class ClockExplanation(Strict):
    """Why the last day of a clock is what it is: `counted` is the sum over the segments, up to the last day."""

    number = fields.String(required=True, metadata={"example": "TA-2013-00001"})
    clock = fields.UUID(required=True)
    limit = fields.String(required=True, metadata={"example": "intake"})
    name = fields.Nested(Bilingual, required=True)
    basis = fields.Nested(Bilingual, required=True)
    verified = fields.Boolean(required=True, metadata={"description": "false: 未核实", "example": True})
    state = fields.String(required=True, metadata={"example": "running"})
    started_on = fields.Date(required=True, metadata={"example": "2013-09-17"})
    as_of = fields.Date(required=True, metadata={"example": "2013-09-18"})
    last_day = fields.Date(metadata={"description": "absent while a pause leaves it open", "example": "2013-09-25"})
    budget = fields.Integer(required=True, metadata={"description": "days, with extensions", "example": 5})
    counted = fields.Integer(required=True, metadata={"example": 5})
    overrun = fields.Integer(required=True, metadata={"example": 0})
    provisional = fields.Boolean(
        required=True, metadata={"description": "leans on a year whose holidays are not published", "example": False}
    )
    calendar = fields.String(
        required=True,
        metadata={"description": "日历版本 the version that counts", "example": "cn-2004-2026+chinesecalendar-1.11.0"},
    )
    segments = fields.List(fields.Nested(Run), required=True)
    arithmetic = fields.Nested(Steps, required=True)


BY_SUBJECT = "subject"


class StaffQuery(PageQuery):
    """Which part of the directory."""

    cursor = Cursor({BY_SUBJECT: [text()]})


class FeedQuery(Strict):
    """`after` is the `sequence` of the last event you have."""

    limit = fields.Integer(
        load_default=100, validate=validate.Range(1, 100), metadata={"description": "events at most", "example": 100}
    )
    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 2**63 - 1),
        metadata={"description": "the `sequence` of the last event you have", "example": 0},
    )


class FeedData(Strict):
    """Enough to know whether to look, and where."""

    state = fields.String(required=True, metadata={"description": "of the case, then", "example": "accepted"})
    service = fields.String(required=True, metadata={"description": "whose case it is", "example": "type_approval"})
    href = fields.String(
        required=True,
        metadata={"description": "the case, at that service", "example": "/v1/applications/TA-2013-00001"},
    )


class FeedEvent(Strict):
    """CloudEvents 1.0, JSON."""

    specversion = fields.Constant("1.0")
    id = fields.UUID(required=True)
    source = fields.String(required=True, metadata={"description": "who told it", "example": "type_approval"})
    type = fields.String(required=True, metadata={"example": "application.accepted"})
    subject = fields.String(required=True, metadata={"description": "case number", "example": "TA-2013-00001"})
    time = fields.AwareDateTime(required=True, metadata={"example": "2013-09-22T02:00:00+00:00"})
    sequence = fields.String(required=True, metadata={"description": "its place in the feed", "example": "42"})
    datacontenttype = fields.Constant("application/json")
    data = fields.Nested(FeedData, required=True)


class FeedPage(Strict):
    """`next` is always there: ask it again at once while events come, and after a while when none did."""

    items = fields.List(fields.Nested(FeedEvent), required=True)
    next = fields.String(required=True, metadata={"example": "/v1/events?after=42&limit=100"})


def _email() -> fields.Email:
    return fields.Email(required=True, validate=validate.Length(max=200), metadata={"example": "li@metrology.example"})


def _language() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "of messages: Chinese, English, or Chinese with English below", "example": "both"},
    )


class PersonRecord(Strict):
    """A member of staff, as the directory knows them: where messages go, for which posts, how and in which language."""

    name = text(maximum=60, metadata={"example": "李承办"})
    email = _email()
    posts = fields.List(
        fields.String(validate=validate.OneOf(STAFF_POSTS)), required=True, metadata={"example": ["examiner"]}
    )
    language = _language()
    delivery = choice(
        *DELIVERIES,
        required=False,
        load_default="digest",
        metadata={"description": "不急的通知 what is not urgent: once a day, or at once", "example": "digest"},
    )


class Person(PersonRecord):
    subject = fields.String(required=True, metadata={"description": "the `sub` of their token", "example": "li"})


class PersonList(Strict):
    items = fields.List(fields.Nested(Person), required=True)
    next = fields.String()


class AbsenceRecord(Strict):
    """Somebody is away, both days included; `cover` gets what is for them."""

    first = fields.Date(required=True, data_key="from", metadata={"example": "2013-10-08"})
    last = fields.Date(required=True, data_key="to", metadata={"example": "2013-10-18"})
    cover = text(maximum=200, metadata={"description": "subject of who stands in", "example": "wang"})


class Absence(AbsenceRecord):
    id = fields.UUID(required=True)


class PersonWithAbsences(Person):
    absences = fields.List(fields.Nested(Absence), required=True)
    covered_by = fields.String(metadata={"description": "今日由谁代理 who stands in today", "example": "wang"})


class Contact(Strict):
    """Where an organisation reads its messages, and in which language."""

    email = _email()
    language = _language()


def shown(schema: type[Strict], found: object) -> dict[str, Any]:
    """`found` as the schema writes it, without what is missing."""
    written: dict[str, Any] = instance(schema).dump(found)
    return {key: value for key, value in written.items() if value is not None}


class Budget(Bilingual):
    """How long, as the law has it: `5wd` is five working days."""

    text = fields.String(required=True, metadata={"example": "5wd"})


class Segment(Answer):
    """Days in a row that count or do not count for the same reason."""

    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)
    kind = fields.String(required=True, metadata={"example": "counted"})
    counted = fields.Integer(required=True)
    why = fields.Nested(Bilingual, required=True)


class Fired(Answer):
    """A rung of the ladder that fired: a reminder, the last day, the breach."""

    rung = fields.String(required=True, metadata={"example": "reminder_80"})
    kind = fields.String(required=True, metadata={"example": "reminder"})
    due_on = fields.Date(required=True)
    fired_at = fields.AwareDateTime(required=True)


class Clock(Answer):
    """期限: a limit that the law sets in this case, how it stands, and every day it counted or left out and why."""

    id = fields.UUID(required=True)
    limit = fields.String(required=True, metadata={"example": "intake"})
    name = fields.Nested(Bilingual, required=True)
    holder = fields.String(required=True, metadata={"description": "谁的期限 whose time it is", "example": "authority"})
    weight = fields.String(required=True, metadata={"example": "statutory"})
    budget = fields.Nested(Budget, required=True)
    basis = fields.Nested(Bilingual, required=True)
    verified = fields.Boolean(required=True, metadata={"description": "已核实: the rule was read in its source"})
    state = choice("running", "paused", "stopped", "expired")
    started_on = fields.Date(required=True)
    due_on = fields.Date(metadata={"description": "届满日; absent while it does not run"})
    deadline = fields.Date(metadata={"description": "届满日 its last day, running or not"})
    stopped_on = fields.Date()
    met = fields.Boolean(metadata={"description": "是否按期 once stopped"})
    consumed = fields.Integer(metadata={"description": "已用天数"})
    remaining = fields.Integer(metadata={"description": "剩余天数"})
    overrun = fields.Integer(metadata={"description": "超期天数", "example": 0})
    provisional = fields.Boolean(metadata={"description": "当年日历未公布 the calendar of that year is not yet out"})
    calendar = fields.String(
        required=True,
        metadata={"description": "日历版本 the version that counts", "example": "cn-2004-2026+chinesecalendar-1.11.0"},
    )
    segments = fields.List(fields.Nested(Segment), required=True)
    fired = fields.List(fields.Nested(Fired), required=True)


class Observed(Answer):
    """实际用时: what recent cases really took, in working days from receipt to delivery; no legal limit."""

    cases = fields.Integer(required=True, metadata={"description": "近期办结件数 how many", "example": 200})
    half_within = fields.Integer(required=True, metadata={"description": "半数 of half of them", "example": 23})
    nine_in_ten_within = fields.Integer(required=True, metadata={"description": "九成 of 90 %", "example": 41})
    zh = fields.String(required=True, metadata={"example": "近期办结的200件：半数在23个工作日内办结"})
    en = fields.String(required=True, metadata={"example": "Of the last 200 cases, half took 23 working days at most"})


class Clocks(Answer):
    """The clocks of a case; `heard` counts the events of the case that are taken into account."""

    number = fields.String(required=True, metadata={"example": "TA-2013-00001"})
    state = fields.String(required=True, metadata={"example": "received"})
    heard = fields.Integer(required=True)
    items = fields.List(fields.Nested(Clock), required=True)
    observed = fields.Nested(Observed, metadata={"description": "实际用时; absent while there are too few cases"})


class MessageText(Answer):
    """The text as it was sent."""

    id = fields.UUID(required=True)
    recipient = fields.String(required=True, metadata={"example": "applicant"})
    template = fields.String(required=True, metadata={"example": "application.received"})
    template_version = fields.Integer(required=True)
    language = fields.String(required=True, validate=validate.OneOf(LANGUAGES), metadata={"example": "both"})
    subject = fields.String(required=True, metadata={"example": "TA-2013-00001 已收件 TA-2013-00001 received"})
    body = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    read_at = fields.AwareDateTime(metadata={"description": "阅读时间; absent until it is read"})


class Message(MessageText):
    """通知, as it was sent, and what became of its mail: kept only in the inbox, waiting for the day's digest, told
    of in that digest, queued, sent, or failed for good. How it went is for the office to know."""

    address = fields.String(metadata={"example": "metrology@example.com"})
    state = choice("kept", "waiting", "digested", "queued", "sent", "failed")
    sent_at = fields.AwareDateTime()
    inbox = fields.String(metadata={"description": "谁的通知 whose it is", "example": "staff:li"})
    attempts = fields.Integer(metadata={"description": "已试次数", "example": 1})
    next_try_at = fields.AwareDateTime(metadata={"description": "下次重试", "example": None})
    error = fields.String(metadata={"description": "why the last try failed", "example": None})
    digest = fields.UUID(metadata={"description": "汇总通知 the message that told of it", "example": None})


class Messages(Answer):
    """The messages of a case that the caller may read."""

    number = fields.String(required=True, metadata={"example": "TA-2013-00001"})
    items = fields.List(fields.Nested(Message), required=True)


class InboxQuery(PageQuery):
    """Which messages, newest first."""

    cursor = Cursor({BY_ID: [AN_ID]})

    unread = fields.Boolean(load_default=False, metadata={"description": "只看未读 unread ones only", "example": False})
    case = fields.String(
        validate=validate.Length(1, 60), metadata={"description": "案件编号 of one case", "example": "TA-2013-00001"}
    )


class InboxMessage(MessageText):
    """通知: a message to the caller."""

    number = fields.String(metadata={"description": "案件编号", "example": "TA-2013-00001"})
    href = fields.String(
        metadata={"description": "the case, at its service", "example": "/v1/applications/TA-2013-00001"}
    )


class Inbox(Answer):
    """收件箱: a page of the caller's messages."""

    unread = fields.Integer(required=True, metadata={"description": "未读件数; 1000: as many or more", "example": 3})
    items = fields.List(fields.Nested(InboxMessage), required=True)
    next_ = fields.String(data_key="next", metadata={"description": "下一页 the page after this, if there is one"})


class UndeliveredQuery(PageQuery):
    """Which part of the messages that could not be delivered."""

    cursor = Cursor({BY_ID: [AN_ID]})


class Undelivered(Answer):
    """A message that no mail server took: to whom it was to go, and what went wrong."""

    id = fields.UUID(required=True)
    number = fields.String(metadata={"description": "案件编号", "example": "TA-2013-00001"})
    recipient = fields.String(required=True, metadata={"example": "applicant"})
    address = fields.String(required=True, metadata={"example": "metrology@example.com"})
    template = fields.String(required=True, metadata={"example": "application.received"})
    at = fields.AwareDateTime(required=True)
    attempts = fields.Integer(required=True, metadata={"description": "已试次数", "example": 1})
    error = fields.String(metadata={"example": "550 no such mailbox"})


class Retried(Answer):
    """How many are tried again."""

    retried = fields.Integer(required=True)


class Swept(Answer):
    """How many rungs fired, and how many clocks a new calendar moved."""

    fired = fields.Integer(required=True)
    moved = fields.Integer(required=True)


class WorkQuery(PageQuery):
    """Which open cases, and which part of them."""

    order_by = "clock"

    clock = choice(
        *("running", "paused", "none"),
        required=False,
        load_default="running",
        metadata={"description": "期限状态: of the holder asked for, else of anybody", "example": "running"},
    )
    assignee = fields.String(
        validate=validate.Length(1, 200),
        metadata={"description": "承办人: `me` (and whom you stand in for), `none`, or a `sub`", "example": "me"},
    )
    holder = choice(
        *("authority", "applicant", "laboratory"),
        required=False,
        metadata={"description": "谁的期限 whose clock it is", "example": "authority"},
    )
    procedure = choice(
        *("type_approval", "manufacture"),
        required=False,
        metadata={"description": "许可种类 of which permit", "example": "type_approval"},
    )
    state = fields.String(
        validate=validate.Length(1, 60), metadata={"description": "案件状态 of the case", "example": "received"}
    )
    overdue = fields.Boolean(metadata={"description": "是否超期 past its last day", "example": False})
    sort = choice(
        *("due_on",),
        required=False,
        load_default="due_on",
        metadata={"description": "先到期者在前 due first comes first; what does not run, by number"},
    )
    cursor = Cursor({"running": [fields.Date(), text()], "paused": [text()], "none": [text()]})


class WorkLimit(Bilingual):
    """The limit that the clock counts."""

    id = fields.String(required=True, metadata={"example": "intake"})


class WorkItem(Answer):
    """待办: an open case and, of its clocks, the one that is due first."""

    number = fields.String(required=True, metadata={"example": "TA-2013-00001"})
    service = fields.String(required=True, metadata={"description": "whose case it is", "example": "type_approval"})
    procedure = fields.String(required=True, metadata={"example": "type_approval"})
    state = fields.String(required=True, metadata={"example": "received"})
    applicant_name = fields.String(required=True, metadata={"example": "吉林示例衡器有限公司"})
    assignee = fields.String(metadata={"description": "承办人 `sub` of who has it in hand", "example": "li"})
    standing_in = fields.Boolean(
        metadata={"description": "代办: its assignee is absent today, and you stand in; only then, and for `me`"}
    )
    clock = choice("running", "paused", "none")
    holder = fields.String(metadata={"description": "谁的期限; absent without a clock", "example": "authority"})
    limit = fields.Nested(WorkLimit, metadata={"description": "absent without a clock"})
    due_on = fields.Date(metadata={"description": "届满日; absent while it does not run"})
    days_left = fields.Integer(metadata={"description": "剩余工作日, negative once it is late", "example": 4})
    provisional = fields.Boolean(metadata={"description": "当年日历未公布 the calendar of that year is not yet out"})
    href = fields.String(
        required=True,
        metadata={"description": "the case, at that service", "example": "/internal/v1/applications/TA-2013-00001"},
    )


class WorkPage(Answer):
    """A page of the queue."""

    items = fields.List(fields.Nested(WorkItem), required=True)
    next_ = fields.String(data_key="next", metadata={"example": "/internal/v1/work?limit=50&cursor=MjAxMy0wOS0yNQ"})


class StatisticsQuery(Strict):
    """Of which days, both included; without them, the year up to today, from the first of its month."""

    first = fields.Date(data_key="from", metadata={"description": "first day", "example": "2013-01-01"})
    last = fields.Date(data_key="to", metadata={"description": "last day", "example": "2013-12-31"})
    procedure = choice(
        *("type_approval", "manufacture"),
        required=False,
        metadata={"description": "许可种类 of which permit", "example": "type_approval"},
    )


class Figures(Answer):
    """Working days."""

    p50 = fields.Integer(required=True, metadata={"description": "半数不超过 of half at most", "example": 12})
    p90 = fields.Integer(required=True, metadata={"description": "九成不超过 of 90 % at most", "example": 31})
    total = fields.Integer(required=True, metadata={"description": "合计 of all together", "example": 240})


class ByHolder(Answer):
    """Whose days: each working day is one side's, the one whose clock ran, or nobody's; so they add up."""

    authority = fields.Nested(Figures, required=True)
    applicant = fields.Nested(Figures, required=True)
    laboratory = fields.Nested(Figures, required=True)
    other = fields.Nested(Figures, required=True)


class CaseFigures(Answer):
    """办结: the cases of a procedure that were decided and delivered in a month."""

    procedure = fields.String(required=True, metadata={"example": "type_approval"})
    month = fields.String(required=True, metadata={"example": "2013-10"})
    cases = fields.Integer(required=True, metadata={"example": 14})
    elapsed = fields.Nested(Figures, required=True)
    holders = fields.Nested(ByHolder, required=True)


class StepFigures(Answer):
    """环节: the clocks of one limit that ended in a month with the act they are set for."""

    procedure = fields.String(required=True, metadata={"example": "type_approval"})
    limit = fields.String(required=True, metadata={"example": "intake"})
    name = fields.Nested(Bilingual)
    holder = fields.String(required=True, metadata={"example": "authority"})
    month = fields.String(required=True, metadata={"example": "2013-10"})
    count = fields.Integer(required=True, metadata={"example": 20})
    p50 = fields.Integer(required=True, metadata={"example": 3})
    p90 = fields.Integer(required=True, metadata={"example": 5})
    in_time = fields.Integer(required=True, metadata={"description": "按期件数", "example": 19})
    share_in_time = fields.String(required=True, metadata={"description": "按期率", "example": "0.950"})


class Statistics(Answer):
    """用时统计."""

    from_ = fields.Date(required=True, data_key="from", metadata={"example": "2013-01-01"})
    to = fields.Date(required=True, metadata={"example": "2013-12-31"})
    cases = fields.List(fields.Nested(CaseFigures), required=True)
    steps = fields.List(fields.Nested(StepFigures), required=True)
