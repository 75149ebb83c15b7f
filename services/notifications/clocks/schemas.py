"""What is asked and answered about clocks."""

from __future__ import annotations

from marshmallow import fields

from services.notifications.fields import (
    BEGINS,
    CALENDAR,
    CASE_STATE,
    HOLDER,
    KIND,
    LIMIT,
    NUMBER,
    PROVISIONAL,
    UNSERVED,
    Unserved,
)
from shared.http.views import CLOCK_STATE
from shared.labels import labelled
from shared.schemas import Answer, Bilingual, Strict, choice
from shared.text import Text


class Steps(Strict):
    """计算过程。 The arithmetic, one step per line."""

    zh = fields.List(
        fields.String(),
        required=True,
        metadata=labelled("中文", "in Chinese", example=["自2013-09-17起5个工作日，当日不计"]),
    )
    en = fields.List(
        fields.String(),
        required=True,
        metadata=labelled("英文", "in English", example=["5 working days from 2013-09-17"]),
    )


class Run(Strict):
    """连续的同类日期。 Consecutive days of one kind, and why they count or not."""

    first = fields.Date(required=True, data_key="from", metadata=labelled("起", "first day", example="2013-09-19"))
    last = fields.Date(required=True, data_key="to", metadata=labelled("止", "last day", example="2013-09-21"))
    kind = choice("counted", "make_up", "weekend", "holiday", "paused", "rolled", "overrun", metadata=KIND)
    days = fields.Integer(required=True, metadata=labelled("天数", "number of days", example=3))
    working_days = fields.Integer(
        required=True,
        metadata=labelled(
            "其中工作日", "working days among them", hint=Text("不论是否计入", "counted or not"), example=0
        ),
    )
    counted = fields.Integer(required=True, metadata=labelled("计入天数", "days that use up the budget", example=0))
    why = fields.Nested(Bilingual, required=True, metadata=labelled("理由", "why they count or not"))
    basis = fields.Nested(Bilingual, metadata=labelled("依据", "legal basis"))
    provisional = fields.Boolean(required=True, metadata=PROVISIONAL)


class ClockExplanation(Strict):
    """期限说明。 Why the last day of a clock is what it is. `counted` is the sum over the segments up to the last
    day."""

    number = fields.String(required=True, metadata=NUMBER)
    clock = fields.UUID(required=True, metadata=labelled("期限的标识", "id of the clock"))
    limit = fields.String(required=True, metadata=LIMIT)
    name = fields.Nested(Bilingual, required=True, metadata=labelled("期限名称", "name of the limit"))
    basis = fields.Nested(Bilingual, required=True, metadata=labelled("依据", "provision that sets it"))
    verified = fields.Boolean(
        required=True,
        metadata=labelled("已核实", "whether the rule was checked against its source", example=True),
    )
    state = fields.String(required=True, metadata=CLOCK_STATE)
    started_on = fields.Date(
        required=True,
        metadata=labelled(
            "起算日", "day of the start", hint=Text("当日不计", "not counted itself"), example="2013-09-17"
        ),
    )
    as_of = fields.Date(required=True, metadata=labelled("截至日", "day of this view", example="2013-09-18"))
    last_day = fields.Date(
        metadata=labelled(
            "届满日",
            "last day",
            hint=Text("暂停期间不能确定的没有", "absent while a pause leaves it open"),
            example="2013-09-25",
        )
    )
    budget = fields.Integer(
        required=True,
        metadata=labelled("期限天数", "days allowed", hint=Text("含延长", "including extensions"), example=5),
    )
    counted = fields.Integer(required=True, metadata=labelled("计入天数", "days counted up to the last day", example=5))
    overrun = fields.Integer(required=True, metadata=labelled("逾期天数", "days past the last day", example=0))
    provisional = fields.Boolean(required=True, metadata=PROVISIONAL)
    calendar = fields.String(
        required=True,
        metadata=CALENDAR,
    )
    segments = fields.List(
        fields.Nested(Run), required=True, metadata=labelled("连续的同类日期", "consecutive days of one kind")
    )
    arithmetic = fields.Nested(Steps, required=True, metadata=labelled("计算过程", "the arithmetic"))


class Budget(Bilingual):
    """期限长度。 The length of the limit as the law states it: `5wd` is five working days."""

    text = fields.String(
        required=True,
        metadata=labelled(
            "简写",
            "short form",
            hint=Text("wd为工作日，d为日，mo为月", "wd working days, d days, mo months"),
            example="5wd",
        ),
    )


class Segment(Answer):
    """连续的同类日期。 Consecutive days that count, or do not count, for the same reason."""

    from_ = fields.Date(required=True, data_key="from", metadata=labelled("起", "first day"))
    to = fields.Date(required=True, metadata=labelled("止", "last day"))
    kind = fields.String(required=True, metadata=KIND)
    counted = fields.Integer(required=True, metadata=labelled("计入天数", "days that use up the budget"))
    why = fields.Nested(Bilingual, required=True, metadata=labelled("理由", "why they count or not"))


class Fired(Answer):
    """已发出的提醒。 A rung of the ladder that fired: a reminder, the last day, or the breach."""

    rung = fields.String(
        required=True, metadata=labelled("提醒级别代码", "id of the rung in the law data", example="reminder_80")
    )
    kind = fields.String(
        required=True,
        metadata=labelled(
            "种类",
            "kind",
            choices={
                "reminder": Text("提醒", "reminder"),
                "due": Text("届满当日", "last day"),
                "breach": Text("逾期", "breach"),
                "escalation": Text("升级", "escalation"),
            },
            example="reminder",
        ),
    )
    due_on = fields.Date(required=True, metadata=labelled("所依据的届满日", "last day of the clock when it fired"))
    fired_at = fields.AwareDateTime(
        required=True, metadata=labelled("发出时间", "time of firing", hint=Text("UTC", "UTC"))
    )
    withdrawn = fields.Boolean(
        metadata=labelled(
            "已撤销：实际已按期办结",
            "true if the act turned out to be in time",
            hint=Text("否则没有此项", "otherwise absent"),
            example=None,
        )
    )


class WithoutEffect(Answer):
    """未起作用的延长。 An extension dated after the last day."""

    event = fields.String(required=True, metadata=labelled("事件类型", "type of event", example="decision.extended"))
    on = fields.Date(required=True, metadata=labelled("日期", "day of the extension"))
    working_days = fields.Integer(required=True, metadata=labelled("工作日数", "working days it would have added"))


class Silence(Bilingual):
    """逾期的法律后果。 What the law makes of the end of a limit by which nothing was done."""

    basis = fields.Nested(Bilingual, required=True, metadata=labelled("依据", "provision that says so"))
    verified = fields.Boolean(
        required=True,
        metadata=labelled("已核实", "whether the rule was checked against its source", example=True),
    )


class Limit(Answer):
    """期限。 A limit that a case of a permit may have to meet."""

    limit = fields.String(required=True, metadata=LIMIT)
    name = fields.Nested(Bilingual, required=True, metadata=labelled("期限名称", "name of the limit"))
    holder = fields.String(required=True, metadata=HOLDER)
    weight = fields.String(
        required=True,
        metadata=labelled(
            "性质",
            "nature",
            choices={
                "statutory": Text("法定", "set by law"),
                "promised": Text("承诺", "promised by the office"),
                "internal": Text("内部", "reminder only"),
                "window": Text("可办理期间", "period in which somebody may act"),
            },
            example="statutory",
        ),
    )
    budget = fields.Nested(
        Budget,
        required=True,
        metadata=labelled("期限长度", "length of the limit", hint=Text("法律规定的写法", "as the law states it")),
    )
    basis = fields.Nested(Bilingual, required=True, metadata=labelled("依据", "provision that sets it"))
    verified = fields.Boolean(
        required=True,
        metadata=labelled("已核实", "whether the rule was checked against its source", example=True),
    )
    silence = fields.Nested(
        Silence,
        metadata=labelled(
            "逾期的法律后果",
            "what follows if nothing is done by then",
            hint=Text("没有即为无法定后果", "absent: nothing by itself"),
        ),
    )


class Clock(Limit):
    """期限: a limit of this case, its present state, and every day counted or left out, with the reason."""

    id = fields.UUID(required=True, metadata=labelled("期限的标识", "id of the clock"))
    state = choice("running", "paused", "stopped", "expired", metadata=CLOCK_STATE)
    unserved = fields.Nested(Unserved, metadata=UNSERVED)
    started_on = fields.Date(
        required=True, metadata=labelled("起算日", "day of the start", hint=Text("当日不计", "not counted itself"))
    )
    begins_on = fields.Date(metadata=BEGINS)
    due_on = fields.Date(
        metadata=labelled("届满日", "last day", hint=Text("不计时的没有", "absent while it does not run"))
    )
    deadline = fields.Date(metadata=labelled("届满日", "last day", hint=Text("不论是否计时", "running or not")))
    stopped_on = fields.Date(metadata=labelled("停止日", "day of the act that stopped the clock"))
    met = fields.Boolean(metadata=labelled("是否按期", "whether in time", hint=Text("停止后才有", "once stopped")))
    consumed = fields.Integer(metadata=labelled("已用天数", "days counted so far"))
    remaining = fields.Integer(metadata=labelled("剩余天数", "days left of the budget"))
    overrun = fields.Integer(metadata=labelled("逾期天数", "days past the last day", example=0))
    provisional = fields.Boolean(metadata=PROVISIONAL)
    calendar = fields.String(
        required=True,
        metadata=CALENDAR,
    )
    segments = fields.List(
        fields.Nested(Segment),
        required=True,
        metadata=labelled("逐段日期", "runs of days", hint=Text("按顺序", "in order")),
    )
    without_effect = fields.List(
        fields.Nested(WithoutEffect),
        metadata=labelled("未起作用的延长", "extensions dated after the last day", example=None),
    )
    fired = fields.List(
        fields.Nested(Fired), required=True, metadata=labelled("已发出的提醒", "reminders and breaches so far")
    )


class Observed(Answer):
    """实际用时: how long recent cases took, in working days from receipt to delivery; not a legal limit."""

    cases = fields.Integer(required=True, metadata=labelled("近期办结件数", "number of recent cases", example=200))
    half_within = fields.Integer(
        required=True, metadata=labelled("半数用时", "working days within which half of them ended", example=23)
    )
    nine_in_ten_within = fields.Integer(
        required=True, metadata=labelled("九成用时", "working days within which 90 % of them ended", example=41)
    )
    zh = fields.String(
        required=True, metadata=labelled("中文", "in Chinese", example="近期办结的200件：半数在23个工作日内办结")
    )
    en = fields.String(
        required=True,
        metadata=labelled("英文", "in English", example="Of the last 200 cases, half took 23 working days at most"),
    )


class Clocks(Answer):
    """案件的期限。 The clocks of a case; `heard` is the number of events of the case taken into account."""

    number = fields.String(required=True, metadata=NUMBER)
    state = fields.String(required=True, metadata=CASE_STATE)
    heard = fields.Integer(
        required=True,
        metadata=labelled(
            "已计入的事件数",
            "events of the case taken into account",
            hint=Text("与案件的`events`对照", "compare with `events` of the case"),
        ),
    )
    items = fields.List(fields.Nested(Clock), required=True, metadata=labelled("期限", "the clocks"))
    observed = fields.Nested(
        Observed,
        metadata=labelled(
            "实际用时", "how long cases took", hint=Text("案件太少则没有", "absent if there are too few")
        ),
    )


class Swept(Answer):
    """到期扫描结果。 How many rungs fired, and how many clocks a new calendar moved."""

    fired = fields.Integer(required=True, metadata=labelled("发出的提醒数", "number of rungs fired"))
    moved = fields.Integer(required=True, metadata=labelled("变动的期限数", "number of clocks moved by a new calendar"))
