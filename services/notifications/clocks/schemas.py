"""What is asked and answered about clocks."""

from __future__ import annotations

from marshmallow import fields

from services.notifications.fields import CALENDAR, CASE_STATE, CLOCK_STATE, HOLDER, KIND, LIMIT, NUMBER, PROVISIONAL
from shared.schemas import Answer, Bilingual, Strict, choice


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


class Silence(Bilingual):
    """逾期的法律后果。 What the law makes of the end of a limit by which nothing was done."""

    basis = fields.Nested(Bilingual, required=True, metadata={"description": "依据 provision that says so"})
    verified = fields.Boolean(
        required=True,
        metadata={"description": "已核实 whether the rule was checked against its source", "example": True},
    )


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
    silence = fields.Nested(
        Silence,
        metadata={"description": "逾期的法律后果 what follows if nothing is done by then; absent: nothing by itself"},
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


class Swept(Answer):
    """到期扫描结果。 How many rungs fired, and how many clocks a new calendar moved."""

    fired = fields.Integer(required=True, metadata={"description": "发出的提醒数 number of rungs fired"})
    moved = fields.Integer(
        required=True, metadata={"description": "变动的期限数 number of clocks moved by a new calendar"}
    )
