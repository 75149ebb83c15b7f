"""What every service answers of cases and parked events, and what every command may say, for documents and checks."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.labels import labelled
from shared.schemas import Answer, Bilingual
from shared.text import Text


class NextAction(Answer):
    """下一步可办事项。 Something the caller may do next: POST to `href`, with a `reason` where one is needed."""

    action = fields.String(
        required=True,
        metadata=labelled("操作", "the action", hint=Text("路径中的写法", "as paths name it"), example="submit"),
    )
    label = fields.Nested(Bilingual, required=True, metadata=labelled("操作名称", "its name"))
    needs_reason = fields.Boolean(required=True, metadata=labelled("须说明理由", "whether `reason` must be sent"))
    corrects = fields.Boolean(
        required=True,
        metadata=labelled("更正或者撤回", "whether it corrects or takes back what was done before", example=False),
    )
    href = fields.String(
        required=True,
        metadata=labelled("办理路径", "the path to POST to", example="/v1/applications/TA-2013-00001/actions/submit"),
    )


class DoneStep(Bilingual):
    """已办环节。 A step that somebody has taken, by its name; the journal says who."""

    action = fields.String(required=True, metadata=labelled("操作", "the action", example="draft_report"))


class ReservedAction(Answer):
    """须由他人办理的事项。 A step that waits for another person than those who took the steps before it (four eyes)."""

    action = fields.String(required=True, metadata=labelled("操作", "the action", example="check_report"))
    label = fields.Nested(Bilingual, required=True, metadata=labelled("操作名称", "its name"))
    by = fields.Nested(Bilingual, required=True, metadata=labelled("由谁办理", "whose it is, by post"))
    done = fields.List(
        fields.Nested(DoneStep),
        required=True,
        metadata=labelled("须由他人办理的前序环节", "steps whose doers may not do it"),
    )


CLOCK_STATE = labelled(
    "期限状态",
    "state of the clock",
    choices={
        "running": Text("计时", "running"),
        "paused": Text("暂停", "paused"),
        "stopped": Text("停止", "stopped"),
        "expired": Text("届满", "expired"),
    },
    example="running",
)


class Standing(Answer):
    """期限状况。 How a clock stands: `budget` in days of its own kind; without `due_on` it does not run."""

    state = fields.String(
        required=True,
        metadata=CLOCK_STATE,
    )
    budget = fields.Integer(
        required=True,
        metadata=labelled("期限天数", "days it allows", hint=Text("含延长", "with extensions"), example=20),
    )
    due_on = fields.Date(metadata=labelled("届满日", "its last day"))
    provisional = fields.Boolean(
        metadata=labelled(
            "当年日历未公布", "whether it leans on a year whose holidays are not published", example=False
        )
    )


class ClockChange(Bilingual):
    """期限变动。 A clock that a step would change; one that it starts was not before."""

    limit = fields.String(
        required=True,
        metadata=labelled(
            "期限代码",
            "the limit that it counts",
            hint=Text("以法规数据中的代码为准", "as the law data name it"),
            example="decision",
        ),
    )
    was = fields.Nested(Standing, metadata=labelled("办理前", "as it is now"))
    will_be = fields.Nested(Standing, required=True, metadata=labelled("办理后", "as it would be"))


class ClockChanges(Answer):
    """试算的期限变动。 Which clocks a dry run would start, move and stop."""

    started = fields.List(
        fields.Nested(ClockChange), required=True, metadata=labelled("将起算", "clocks that would start")
    )
    moved = fields.List(
        fields.Nested(ClockChange),
        required=True,
        metadata=labelled("将变更", "clocks whose last day or state would change"),
    )
    stopped = fields.List(
        fields.Nested(ClockChange), required=True, metadata=labelled("将停止", "clocks that would stop")
    )


class PlannedMessage(Answer):
    """试算的通知。 A message that would be sent; its text is for whoever gets it, and for staff."""

    to = fields.String(required=True, metadata=labelled("收件方", "to which side or post", example="applicant"))
    name = fields.Nested(Bilingual, required=True, metadata=labelled("收件方名称", "who that is"))
    case = fields.String(
        required=True, metadata=labelled("申请编号", "the case that it is about", example="TA-2013-00001")
    )
    subject = fields.Nested(Bilingual, metadata=labelled("标题", "subject"))
    body = fields.Nested(Bilingual, metadata=labelled("正文", "text"))


class DecidingOffice(Bilingual):
    """办理机关。 An office that decides on permits, by its id and its name."""

    id = fields.String(required=True, metadata=labelled("机关代码", "id of the office", example="provincial"))


class Case(Answer):
    """案件。 A case as the caller may read it. `version` is its ETag; what it has gathered so far stands beside."""

    id = fields.UUID(
        required=True,
        metadata=labelled("案件标识", "id", hint=Text("取得编号前用于路径", "stands in paths until there is a number")),
    )
    number = fields.String(
        metadata=labelled(
            "申请编号",
            "number of the application",
            hint=Text("提交时编号", "given when it is submitted"),
            example="TA-2013-00001",
        )
    )
    procedure = fields.String(required=True)
    state = fields.String(required=True)
    state_name = fields.Nested(Bilingual, required=True, metadata=labelled("状态名称", "name of the state"))
    version = fields.Integer(
        required=True,
        validate=validate.Range(min=1),
        metadata=labelled("版本", "its ETag", hint=Text("每变动一次加一", "one more with each change")),
    )
    events = fields.Integer(
        required=True,
        validate=validate.Range(min=0),
        metadata=labelled("已发事件数", "number of events told of this case"),
    )
    applicant = fields.String(
        required=True,
        metadata=labelled("申请单位统一社会信用代码", "the applicant's credit code", example="91220101MA0Y000086"),
    )
    lab = fields.String(
        metadata=labelled(
            "受委托技术机构", "laboratory commissioned", written=Text("其代码", "its code"), example="LAB-01"
        )
    )
    rules = fields.String(metadata=labelled("适用规则", "rule set that it is under", example="jilin-2013"))
    office = fields.Nested(DecidingOffice, metadata=labelled("办理机关", "who decides it", example=None))
    created_at = fields.AwareDateTime(
        required=True, metadata=labelled("建立时刻", "instant at which the draft was begun", hint=Text("UTC", "UTC"))
    )
    updated_at = fields.AwareDateTime(
        required=True, metadata=labelled("变动时刻", "instant of its last change", hint=Text("UTC", "UTC"))
    )
    next_actions = fields.List(
        fields.Nested(NextAction), required=True, metadata=labelled("您可办的事项", "what you may do next")
    )
    reserved_actions = fields.List(
        fields.Nested(ReservedAction),
        metadata=labelled(
            "须由他人办理的事项",
            "what comes next on your side and another person must do, after what was done before",
            hint=Text("没有则无此项", "absent: nothing"),
            example=None,
        ),
    )
    clocks = fields.Nested(
        ClockChanges,
        metadata=labelled(
            "将变更的期限", "clocks that would change", hint=Text("仅试算时", "only on a dry run"), example=None
        ),
    )
    messages = fields.List(
        fields.Nested(PlannedMessage),
        metadata=labelled(
            "将发出的通知",
            "messages that would be sent",
            hint=Text("仅试算时", "only on a dry run"),
            example=None,
        ),
    )
    documents = fields.List(
        fields.Nested(Bilingual),
        metadata=labelled(
            "将制作的文书",
            "documents that would be made, by title",
            hint=Text("仅试算时", "only on a dry run"),
            example=None,
        ),
    )


ON_SIDE = fields.String(
    required=True,
    metadata=labelled(
        "身份",
        "on whose side",
        choices={
            "applicant": Text("申请人", "applicant"),
            "lab": Text("技术机构", "laboratory"),
            "expert": Text("考评员", "expert"),
            "staff": Text("工作人员", "staff"),
            "system": Text("系统", "system"),
        },
        example="staff",
    ),
)


class JournalEntry(Answer):
    """办理记录: what was done, by whom, when and why; `hash` covers it and everything before it."""

    seq = fields.Integer(
        required=True,
        validate=validate.Range(min=1),
        metadata=labelled("序号", "its place", hint=Text("从1起", "from 1")),
    )
    at = fields.AwareDateTime(required=True, metadata=labelled("时刻", "instant", hint=Text("UTC", "UTC")))
    actor = fields.String(required=True, metadata=labelled("办理人", "who did it, by name", example="王收件"))
    role = ON_SIDE
    action = fields.String(required=True, metadata=labelled("操作", "what was done", example="accept"))
    from_ = fields.String(
        required=True, data_key="from", metadata=labelled("原状态", "state before", example="received")
    )
    to = fields.String(required=True, metadata=labelled("新状态", "state after", example="accepted"))
    action_name = fields.Nested(Bilingual, metadata=labelled("操作名称", "name of what was done"))
    from_name = fields.Nested(Bilingual, metadata=labelled("原状态名称", "name of the state before"))
    to_name = fields.Nested(Bilingual, metadata=labelled("新状态名称", "name of the state after"))
    reason = fields.String(
        metadata=labelled("理由", "why", hint=Text("有说明时才有", "where it was said"), example="材料齐全")
    )
    reason_zh = fields.String(metadata=labelled("理由（中文）", "why, in Chinese, where the law did it", example=None))
    reason_en = fields.String(metadata=labelled("理由（英文）", "why, in English, where the law did it", example=None))
    data = fields.Dict(
        metadata=labelled(
            "内容", "as it was sent", hint=Text("他人所填仅行政机关可见", "what others said is the office's to read")
        )
    )
    hash = fields.String(
        metadata=labelled(
            "链式摘要",
            "SHA-256 over this entry and the hash before it",
            hint=Text("供行政机关查阅", "for the office"),
            example="9f86d081884c7d659a2feaa0c55ad015…",
        )
    )


class Journal(Answer):
    """全部办理记录，先办在前。 All entries, oldest first; `intact` is false if any was changed or left out."""

    items = fields.List(fields.Nested(JournalEntry), required=True, metadata=labelled("记录", "the entries"))
    intact = fields.Boolean(required=True, metadata=labelled("未被篡改", "whether every hash is right"))
