"""What every service answers of cases and parked events, and what every command may say, for documents and checks."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.casework.assignment import Person
from shared.casework.readers import APPLICANT, EVERYBODY, OFFICE, ONCE_DECIDED
from shared.permits.decision import Delivery, Review, TimeNotice
from shared.permits.hearing import HearingNotice
from shared.permits.intake import SupplementNotice
from shared.schemas import Answer, Bilingual, choice, dated


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


class Decision(Answer):
    """决定: granted, or refused with reasons, norms and the right to review and suit."""

    outcome = choice(
        "granted",
        "deemed_granted",
        "refused",
        metadata={
            "description": (
                "结果: granted 准予许可, deemed_granted 依法视为准予 granted by law since nothing was decided in"
                " time, refused 不予许可"
            )
        },
    )
    on = fields.Date(required=True, metadata={"description": "决定日期 day of the decision"})
    reason = fields.String(metadata={"description": "理由 why it was refused", "example": None})
    norms = fields.List(
        fields.String(), metadata={"description": "所依据的技术规范 technical standards relied on", "example": None}
    )
    rights = fields.String(metadata={"description": "救济权利 the right to review and suit", "example": None})


class Acceptance(Answer):
    """受理。 The acceptance; `deemed` by law, since nobody was told by `due_on` what was missing."""

    on = fields.Date(required=True, metadata={"description": "受理日期 day of acceptance"})
    deemed = fields.Boolean(
        required=True,
        metadata={"description": "视为受理 whether by law, since nobody was told in time what was missing"},
    )
    due_on = fields.Date(
        metadata={"description": "告知期限届满日 where deemed: last day of the limit that ran out", "example": None}
    )


class Extension(Answer):
    """延长决定期限。 The extended time for the decision, by working days (Administrative Licensing Law Art. 42)."""

    on = fields.Date(required=True, metadata={"description": "延长日期 day on which it was extended"})
    working_days = fields.Integer(
        required=True, metadata={"description": "延长的工作日数 working days added", "example": 10}
    )
    reason = fields.String(
        required=True, metadata={"description": "理由 why; the applicant is told", "example": "技术问题复杂"}
    )
    approver = fields.String(
        required=True, metadata={"description": "批准人 head of the authority who approved it", "example": "郑局长"}
    )


def _numbered() -> fields.String:
    return fields.String(
        required=True, metadata={"description": "文号 number of the notice", "example": "吉质监型时字2013第1号"}
    )


class ServedTimeNotice(dated(TimeNotice)):  # type: ignore[misc]
    """所需时间告知书。 The notice of the time needed, as it was served."""

    number = _numbered()


class Hearing(dated(HearingNotice)):  # type: ignore[misc]
    """听证: its notice, the state of the case `from` which it was ordered, and its record once it is closed."""

    number = _numbered()
    from_ = fields.String(
        required=True,
        data_key="from",
        metadata={"description": "听证前状态 state of the case before the hearing", "example": "reviewed"},
    )
    reason = fields.String(required=True, metadata={"description": "理由 why it is held", "example": "申请人要求听证"})
    record = fields.String(metadata={"description": "笔录编号 number of the record", "example": "笔录1号"})
    minutes = fields.String(metadata={"description": "笔录 what was said", "example": "双方陈述了意见"})
    chair = fields.String(metadata={"description": "主持人 who presided", "example": "冯主持"})
    closed_on = fields.Date(metadata={"description": "结束日期 day on which it was closed"})


class End(Answer):
    """终结。 How a case ended without a decision, or what it led to, and why."""

    ground = fields.String(
        required=True,
        metadata={
            "description": (
                "原因: NOT_REQUIRED 不需要许可 none is needed, LAW_CHANGED 法律变更 the law changed, APPLICANT_GONE"
                " 申请人终止 the applicant is gone"
            ),
            "example": "APPLICANT_GONE",
        },
    )
    on = fields.Date(required=True, metadata={"description": "终结日期 day on which it ended"})
    reason = fields.String(metadata={"description": "理由 why, in words", "example": "申请人已注销"})
    basis = fields.String(metadata={"description": "依据 provision it rests on", "example": "行政许可法第七十条"})


class Bar(Bilingual):
    """不得再次申请。 Until when the applicant may not apply for the same permit again, and why."""

    ground = fields.String(
        required=True,
        metadata={
            "description": "原因: FALSE_MATERIALS 虚假材料 false materials, DECEIT 欺骗贿赂 deceit or bribery",
            "example": "FALSE_MATERIALS",
        },
    )
    until = fields.Date(required=True, metadata={"description": "至此日期止 last day on which they may not"})
    basis = fields.String(
        required=True,
        metadata={
            "description": "依据（英文） provision it rests on, in English",
            "example": "Administrative Licensing Law Art. 78",
        },
    )
    basis_zh = fields.String(
        required=True, metadata={"description": "依据（中文） the same in Chinese", "example": "行政许可法第七十八条"}
    )


class SentBack(Answer):
    """退回重新审查。 Why whoever decides wanted the case examined again."""

    on = fields.Date(required=True, metadata={"description": "退回日期 day on which it was sent back"})
    reason = fields.String(
        required=True, metadata={"description": "理由 why", "example": "初审意见与目录不符，应委托型式评价"}
    )
    by = fields.String(required=True, metadata={"description": "退回人 who sent it back", "example": "郑局长"})


class Assignee(Person):
    """承办人. Outside the office a person is known by name."""

    subject = fields.String(
        metadata={
            "readers": OFFICE,
            "description": "登录名 login; for the office",
            "example": "li",
        }
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


class NoticeService(Answer):
    """送达情况。 When a notice was served, and what proves it."""

    on = fields.Date(required=True, metadata={"description": "送达日期 day of service"})
    receipt = fields.String(metadata={"description": "送达回证编号 number of the delivery receipt", "example": "送-7"})
    received_by = fields.String(metadata={"description": "签收人 who signed for it", "example": "钱联系"})


class TakenBack(Answer):
    """撤回或者更正。 When a notice was withdrawn or corrected, and by which notice."""

    on = fields.Date(required=True, metadata={"description": "撤回日期 day on which it was taken back"})
    by = fields.String(
        required=True, metadata={"description": "文号 number of the notice that says so", "example": None}
    )


class Notice(Bilingual):
    """文书。 A written act of the office, as a document at `pdf` and as signed data at `jws`, seconds after it."""

    number = fields.String(
        required=True, metadata={"description": "文号 its number, as paths have it", "example": "吉质监型受字2013第1号"}
    )
    printed = fields.String(
        required=True, metadata={"description": "文号 its number, as printed", "example": "吉质监型受字〔2013〕第1号"}
    )
    kind = fields.String(required=True, metadata={"description": "文种 kind of notice", "example": "acceptance"})
    on = fields.Date(required=True, metadata={"description": "落款日期 its date"})
    served = fields.Nested(NoticeService, metadata={"description": "送达情况 absent where nothing proves it"})
    taken_back = fields.Nested(TakenBack, metadata={"example": None})
    pdf = fields.String(
        required=True,
        metadata={
            "description": "下载路径 path of the PDF",
            "example": "/v1/applications/TA-2013-00001/notices/吉质监型受字2013第1号/document.pdf",
        },
    )
    jws = fields.String(
        required=True,
        metadata={
            "description": "签名数据路径 path of the signed data",
            "example": "/v1/applications/TA-2013-00001/notices/吉质监型受字2013第1号/document.jws",
        },
    )


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


class Gathered(Answer):
    """What a case gathers under either procedure: what each thing is, and under `readers` who reads it beside the
    office. What is not listed here is shown to nobody."""

    received_on = fields.Date(metadata={"readers": EVERYBODY, "description": "收件日期 day on which it was received"})
    supplement_notice = fields.Nested(dated(SupplementNotice), metadata={"readers": APPLICANT})
    supplemented_on = fields.Date(
        metadata={"readers": APPLICANT, "description": "补正日期 day on which the supplement came"}
    )
    referred_to = fields.String(
        metadata={"readers": APPLICANT, "description": "有权机关 the authority to apply to", "example": None}
    )
    accepted = fields.Nested(Acceptance, metadata={"readers": EVERYBODY})
    assignee = fields.Nested(Assignee, metadata={"readers": EVERYBODY, "description": "承办人 who handles the case"})
    time_notice = fields.Nested(ServedTimeNotice, metadata={"readers": EVERYBODY})
    extension = fields.Nested(Extension, metadata={"readers": APPLICANT})
    hearing = fields.Nested(Hearing, metadata={"readers": APPLICANT})
    review = fields.Nested(dated(Review), metadata={"readers": ONCE_DECIDED})
    sent_back = fields.Nested(SentBack, metadata={"readers": OFFICE, "example": None})
    decision = fields.Nested(Decision, metadata={"readers": APPLICANT})
    bar = fields.Nested(
        Bar,
        metadata={
            "readers": APPLICANT,
            "description": "不得再次申请 until when the applicant may not apply again",
            "example": None,
        },
    )
    delivery = fields.Nested(dated(Delivery), metadata={"readers": APPLICANT})
    end = fields.Nested(End, metadata={"readers": EVERYBODY, "example": None})
    notices = fields.List(
        fields.Nested(Notice),
        metadata={
            "readers": EVERYBODY,
            "description": "文书 the office's notices; the laboratory reads those on the time that its tests take",
        },
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
