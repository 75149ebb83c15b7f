"""What every service answers of cases and parked events, and what every command may say, for documents and checks."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.schemas import Answer, Bilingual


class NextAction(Answer):
    """下一步可办事项。 Something the caller may do next: POST to `href`, with a `reason` where one is needed."""

    action = fields.String(
        required=True, metadata={"description": "操作 the action, as paths name it", "example": "submit"}
    )
    label = fields.Nested(Bilingual, required=True, metadata={"description": "操作名称 its name"})
    needs_reason = fields.Boolean(required=True, metadata={"description": "须说明理由 whether `reason` must be sent"})
    href = fields.String(
        required=True,
        metadata={
            "description": "办理路径 the path to POST to",
            "example": "/v1/applications/TA-2013-00001/actions/submit",
        },
    )


class Standing(Answer):
    """期限状况。 How a clock stands: `budget` in days of its own kind; without `due_on` it does not run."""

    state = fields.String(
        required=True,
        metadata={
            "description": "期限状态 state of the clock: running 计时, paused 暂停, stopped 停止, expired 届满",
            "example": "running",
        },
    )
    budget = fields.Integer(
        required=True, metadata={"description": "期限天数 days it allows, with extensions", "example": 20}
    )
    due_on = fields.Date(metadata={"description": "届满日 its last day"})
    provisional = fields.Boolean(
        metadata={
            "description": "当年日历未公布 whether it leans on a year whose holidays are not published",
            "example": False,
        }
    )


class ClockChange(Bilingual):
    """期限变动。 A clock that a step would change; one that it starts was not before."""

    limit = fields.String(
        required=True,
        metadata={"description": "期限代码 the limit that it counts, as the law data name it", "example": "decision"},
    )
    was = fields.Nested(Standing, metadata={"description": "办理前 as it is now"})
    will_be = fields.Nested(Standing, required=True, metadata={"description": "办理后 as it would be"})


class ClockChanges(Answer):
    """试算的期限变动。 Which clocks a dry run would start, move and stop."""

    started = fields.List(
        fields.Nested(ClockChange), required=True, metadata={"description": "将起算 clocks that would start"}
    )
    moved = fields.List(
        fields.Nested(ClockChange),
        required=True,
        metadata={"description": "将变更 clocks whose last day or state would change"},
    )
    stopped = fields.List(
        fields.Nested(ClockChange), required=True, metadata={"description": "将停止 clocks that would stop"}
    )


class PlannedMessage(Answer):
    """试算的通知。 A message that would be sent; its text is for whoever gets it, and for staff."""

    to = fields.String(required=True, metadata={"description": "收件方 to which side or post", "example": "applicant"})
    name = fields.Nested(Bilingual, required=True, metadata={"description": "收件方名称 who that is"})
    case = fields.String(
        required=True, metadata={"description": "申请编号 the case that it is about", "example": "TA-2013-00001"}
    )
    subject = fields.Nested(Bilingual, metadata={"description": "标题 subject"})
    body = fields.Nested(Bilingual, metadata={"description": "正文 text"})


class DecidingOffice(Bilingual):
    """办理机关。 An office that decides on permits, by its id and its name."""

    id = fields.String(required=True, metadata={"description": "机关代码 id of the office", "example": "provincial"})


class Case(Answer):
    """案件。 A case as the caller may read it. `version` is its ETag; what it has gathered so far stands beside."""

    id = fields.UUID(required=True, metadata={"description": "案件标识 id; stands in paths until there is a number"})
    number = fields.String(
        metadata={
            "description": "申请编号 number of the application, given when it is submitted",
            "example": "TA-2013-00001",
        }
    )
    procedure = fields.String(required=True)
    state = fields.String(required=True)
    state_name = fields.Nested(Bilingual, required=True, metadata={"description": "状态名称 name of the state"})
    version = fields.Integer(
        required=True,
        validate=validate.Range(min=1),
        metadata={"description": "版本 its ETag; one more with each change"},
    )
    events = fields.Integer(
        required=True,
        validate=validate.Range(min=0),
        metadata={"description": "已发事件数 number of events told of this case"},
    )
    applicant = fields.String(
        required=True,
        metadata={
            "description": "申请单位统一社会信用代码 the applicant's credit code",
            "example": "91220101MA0Y000086",
        },
    )
    lab = fields.String(
        metadata={"description": "受委托技术机构 code of the laboratory commissioned", "example": "LAB-01"}
    )
    rules = fields.String(metadata={"description": "适用规则 rule set that it is under", "example": "jilin-2013"})
    office = fields.Nested(DecidingOffice, metadata={"description": "办理机关 who decides it", "example": None})
    created_at = fields.AwareDateTime(
        required=True, metadata={"description": "建立时刻 instant at which the draft was begun, UTC"}
    )
    updated_at = fields.AwareDateTime(
        required=True, metadata={"description": "变动时刻 instant of its last change, UTC"}
    )
    next_actions = fields.List(
        fields.Nested(NextAction), required=True, metadata={"description": "您可办的事项 what you may do next"}
    )
    clocks = fields.Nested(
        ClockChanges, metadata={"description": "仅试算时 only on a dry run: clocks that would change", "example": None}
    )
    messages = fields.List(
        fields.Nested(PlannedMessage),
        metadata={"description": "仅试算时 only on a dry run: messages that would be sent", "example": None},
    )
    documents = fields.List(
        fields.Nested(Bilingual),
        metadata={"description": "仅试算时 only on a dry run: documents that would be made, by title", "example": None},
    )


class JournalEntry(Answer):
    """办理记录: what was done, by whom, when and why; `hash` covers it and everything before it."""

    seq = fields.Integer(
        required=True, validate=validate.Range(min=1), metadata={"description": "序号 its place, from 1"}
    )
    at = fields.AwareDateTime(required=True, metadata={"description": "时刻 instant, UTC"})
    actor = fields.String(required=True, metadata={"description": "办理人 who did it, by name", "example": "王收件"})
    role = fields.String(
        required=True,
        metadata={
            "description": "身份: applicant 申请人, lab 技术机构, staff 工作人员, system 系统 on whose side",
            "example": "staff",
        },
    )
    action = fields.String(required=True, metadata={"description": "操作 what was done", "example": "accept"})
    from_ = fields.String(
        required=True, data_key="from", metadata={"description": "原状态 state before", "example": "received"}
    )
    to = fields.String(required=True, metadata={"description": "新状态 state after", "example": "accepted"})
    action_name = fields.Nested(Bilingual, metadata={"description": "操作名称 name of what was done"})
    from_name = fields.Nested(Bilingual, metadata={"description": "原状态名称 name of the state before"})
    to_name = fields.Nested(Bilingual, metadata={"description": "新状态名称 name of the state after"})
    reason = fields.String(metadata={"description": "理由 why, where it was said", "example": "材料齐全"})
    data = fields.Dict(metadata={"description": "内容 as it was sent; what others said is the office's to read"})
    hash = fields.String(
        metadata={
            "description": "链式摘要 SHA-256 over this entry and the hash before it; for the office",
            "example": "9f86d081884c7d659a2feaa0c55ad015…",
        }
    )


class Journal(Answer):
    """全部办理记录，先办在前。 All entries, oldest first; `intact` is false if any was changed or left out."""

    items = fields.List(fields.Nested(JournalEntry), required=True, metadata={"description": "记录 the entries"})
    intact = fields.Boolean(required=True, metadata={"description": "未被篡改 whether every hash is right"})
