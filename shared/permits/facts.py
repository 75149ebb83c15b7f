"""What is read and kept of a case of any permit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from shared.casework.facts import ASSIGNEE, Fact, Kept, kept, maybe, one, some
from shared.casework.readers import APPLICANT, EVERYBODY, OFFICE, SHOWN, Readers
from shared.labels import labelled
from shared.permits.hearing_facts import HEARING, HEARING_REQUEST, HEARING_RIGHT
from shared.permits.serving import Served, ServedNotice
from shared.schemas import Answer, Bilingual, Day, Strict, choice, dated, several, text
from shared.text import Text

if TYPE_CHECKING:
    from datetime import date


class SupplementNotice(Served):
    """补正告知书: everything that is missing, told once."""

    items = several(
        text(maximum=500),
        maximum=50,
        unique_by=(),
        metadata=labelled("需补正的全部内容", "everything that is to be supplemented", example=["企业标准"]),
    )


class TimeNotice(Served):
    """所需时间告知书: how long tests or expert review will take; it stops the decision clock from the day it is
    served (Administrative Licensing Law Art. 45)."""

    needed = text(
        maximum=200,
        metadata=labelled("所需时间", "how long it will take", hint=Text("用文字说明", "in words"), example="约3个月"),
    )
    served_to = text(maximum=100, metadata=labelled("签收人", "who signed for it", example="钱联系"))


class Review(Strict):
    """审查意见。 What the examiner found."""

    opinion = text(metadata=labelled("审查意见", "the examiner's opinion", example="同意"))
    recommendation = choice(
        "grant",
        "refuse",
        metadata=labelled(
            "建议",
            "what the examiner recommends",
            choices={"grant": Text("准予许可", "grant"), "refuse": Text("不予许可", "refuse")},
            example="grant",
        ),
    )


class Delivery(Strict):
    """送达回证。 Proof that the document reached the applicant, on which day."""

    served_on = Day(
        metadata=labelled("送达日期", "day it was served", hint=Text("不填即为今天", "today if not said"), example=None)
    )
    receipt = text(maximum=60, metadata=labelled("送达回证编号", "number of the delivery receipt", example="送-1"))
    received_by = text(maximum=100, metadata=labelled("签收人", "who signed for it", example="钱联系"))


class SupplementTold(ServedNotice, schema=dated(SupplementNotice)):
    items: tuple[str, ...]


class Reviewed(Kept, schema=dated(Review)):
    opinion: str
    recommendation: str
    on: date


class Delivered(Kept, schema=dated(Delivery)):
    served_on: date | None = None
    receipt: str
    received_by: str
    on: date


class Decision(Kept):
    """决定: granted, or refused with reasons, norms and the right to review and suit."""

    outcome: str = kept(
        choice("granted", "deemed_granted", "refused"),
        labelled(
            "结果",
            "outcome",
            choices={
                "granted": Text("准予许可", "granted"),
                "deemed_granted": Text("依法视为准予", "granted by law, since nothing was decided in time"),
                "refused": Text("不予许可", "refused"),
            },
        ),
    )
    on: date = kept(fields.Date(), labelled("决定日期", "day of the decision"))
    reason: str | None = maybe(fields.String(), labelled("理由", "why it was refused", example=None))
    norms: tuple[str, ...] | None = maybe(
        some(fields.String()), labelled("所依据的技术规范", "technical standards relied on", example=None)
    )
    rights: str | None = maybe(fields.String(), labelled("救济权利", "the right to review and suit", example=None))
    rights_zh: str | None = maybe(
        fields.String(), labelled("救济权利（中文）", "the right to review and suit, in Chinese", example=None)
    )
    rights_en: str | None = maybe(
        fields.String(), labelled("救济权利（英文）", "the right to review and suit, in English", example=None)
    )


class Acceptance(Kept):
    """受理。 The acceptance; `deemed` by law, since nobody was told by `due_on` what was missing."""

    on: date = kept(fields.Date(), labelled("受理日期", "day of acceptance"))
    deemed: bool = kept(
        fields.Boolean(),
        labelled(
            "视为受理",
            "deemed to be accepted",
            hint=Text("因逾期未告知补正内容", "since nobody was told in time what was missing"),
        ),
    )
    due_on: date | None = maybe(
        fields.Date(),
        labelled(
            "告知期限届满日",
            "last day of the limit that ran out",
            hint=Text("视为受理时", "where deemed"),
            example=None,
        ),
    )


class Extension(Kept):
    """延长决定期限。 The extended time for the decision, by working days (Administrative Licensing Law Art. 42)."""

    on: date = kept(fields.Date(), labelled("延长日期", "day on which it was extended"))
    working_days: int = kept(fields.Integer(), labelled("延长的工作日数", "working days added", example=10))
    reason: str = kept(
        fields.String(),
        labelled("理由", "why", hint=Text("告知申请人", "the applicant is told"), example="技术问题复杂"),
    )
    approver: str = kept(fields.String(), labelled("批准人", "head of the authority who approved it", example="郑局长"))


class ServedTimeNotice(ServedNotice, schema=dated(TimeNotice)):
    """所需时间告知书。 The notice of the time needed, as it was served."""

    needed: str
    served_to: str
    number: str = kept(fields.String(), labelled("文号", "number of the notice", example="吉质监型时字2013第1号"))


class Bar(Kept, schema=Bilingual):
    """不得再次申请。 Until when the applicant may not apply for the same permit again, and why."""

    zh: str
    en: str
    ground: str = kept(
        fields.String(),
        labelled(
            "原因",
            "ground",
            choices={
                "FALSE_MATERIALS": Text("虚假材料", "false materials"),
                "DECEIT": Text("欺骗贿赂", "deceit or bribery"),
            },
            example="FALSE_MATERIALS",
        ),
    )
    until: date = kept(fields.Date(), labelled("至此日期止", "last day on which they may not"))
    basis: str = kept(
        fields.String(),
        labelled("依据（英文）", "provision it rests on, in English", example="Administrative Licensing Law Art. 78"),
    )
    basis_zh: str = kept(
        fields.String(), labelled("依据（中文）", "the same in Chinese", example="行政许可法第七十八条")
    )


class SentBack(Kept):
    """退回重新审查。 Why whoever decides wanted the case examined again."""

    on: date = kept(fields.Date(), labelled("退回日期", "day on which it was sent back"))
    reason: str = kept(fields.String(), labelled("理由", "why", example="初审意见与目录不符，应委托型式评价"))
    by: str = kept(fields.String(), labelled("退回人", "who sent it back", example="郑局长"))


class PermitEnd(Answer):
    """许可的终结。 How a permit ended: on which day and ground, with the reason told."""

    ground = fields.String(
        required=True,
        metadata=labelled(
            "失效原因",
            "ground of the end",
            choices={
                "EXPIRED": Text("届满", "expired"),
                "ABOLISHED_BY_LAW": Text("依法取消", "abolished by law"),
                "TYPE_ABOLISHED": Text("型式废除", "the type was abolished"),
                "CANCELLED": Text("注销", "cancelled"),
                "REVOKED": Text("撤销", "revoked"),
                "WITHDRAWN": Text("撤回", "withdrawn"),
                "PENALTY": Text("吊销", "taken away as a penalty"),
                "STRUCK_OFF": Text("取消声明", "struck off"),
                "DECLARATION_WITHDRAWN": Text("撤回声明", "declaration withdrawn"),
            },
            example="REVOKED",
        ),
    )
    zh = fields.String(required=True, metadata=labelled("原因（中文）", "the ground in Chinese", example="撤销"))
    en = fields.String(required=True, metadata=labelled("原因（英文）", "the ground in English", example="revoked"))
    on = fields.Date(
        required=True,
        metadata=labelled(
            "终结日期",
            "day on which it ended",
            hint=Text("届满的为有效期最后一日", "the last one in force if it expired"),
            example="2015-06-01",
        ),
    )
    reason = fields.String(
        metadata=labelled("理由", "why", hint=Text("用文字说明", "in words"), example="考核程序违法")
    )
    reason_zh = fields.String(metadata=labelled("理由（中文）", "why, in Chinese, where it ended by law", example=None))
    reason_en = fields.String(metadata=labelled("理由（英文）", "why, in English, where it ended by law", example=None))
    office = fields.String(
        metadata=labelled(
            "撤销许可的上级机关", "the office above", hint=Text("由其撤销时", "if that revoked it"), example=None
        )
    )
    fault = fields.String(
        metadata=labelled(
            "过错方",
            "whose fault",
            hint=Text("撤销时", "where it was revoked"),
            choices={"authority": Text("行政机关", "the authority's"), "holder": Text("被许可人", "the holder's")},
        )
    )
    compensation = fields.String(
        metadata=labelled("补偿", "compensation for the loss", hint=Text("撤回时", "where it was withdrawn"))
    )
    penalty_case = fields.String(
        metadata=labelled(
            "处罚决定书文号",
            "number of the penalty decision",
            hint=Text("吊销时", "where it was taken away as a penalty"),
        )
    )
    act = fields.String(
        metadata=labelled(
            "国家主管部门决定的文号",
            "number of the national authority's act",
            hint=Text("型式废除时", "where the type was abolished"),
            example=None,
        )
    )
    cause = fields.String(
        metadata=labelled(
            "注销原因",
            "why it was cancelled",
            hint=Text("注销时", "where it was cancelled"),
            choices={
                "HOLDER_GONE": Text("被许可人终止", "holder gone"),
                "FORCE_MAJEURE": Text("不可抗力", "force majeure"),
                "OTHER_BY_LAW": Text("其他法定情形", "another law"),
            },
        )
    )


class CaseEnd(Kept, schema=PermitEnd):
    """终结。 How the case ended without a decision, or how the permit did that was granted on it."""

    ground: str
    on: date
    reason: str | None = None
    reason_zh: str | None = None
    reason_en: str | None = None
    office: str | None = None
    fault: str | None = None
    compensation: str | None = None
    penalty_case: str | None = None
    act: str | None = None
    cause: str | None = None
    zh: str | None = maybe(fields.String(), labelled("原因（中文）", "the ground in Chinese", example="撤销"))
    en: str | None = maybe(fields.String(), labelled("原因（英文）", "the ground in English", example="revoked"))
    basis: str | None = maybe(fields.String(), labelled("依据", "provision it rests on", example="行政许可法第七十条"))
    basis_zh: str | None = maybe(
        fields.String(), labelled("依据（中文）", "provision it rests on, in Chinese", example=None)
    )
    basis_en: str | None = maybe(
        fields.String(), labelled("依据（英文）", "provision it rests on, in English", example=None)
    )


class Entered(Kept):
    """历史台账录入。 From which register the permit was entered."""

    source: str = kept(fields.String(), labelled("台账名称", "name of the register", example="2005—2012年型式批准台账"))
    line: int = kept(fields.Integer(), labelled("行号", "its line in the file", example=2))
    file: str = kept(fields.String(), labelled("文件摘要", "SHA-256 of the file", example="9f86d0…"))
    on: date = kept(fields.Date(), labelled("录入日期", "day of the entry", example="2013-09-17"))
    batch: str = kept(
        fields.String(), labelled("导入批次", "the import", example="0197a1b2-0000-7000-8000-000000000001")
    )
    ended: bool = kept(fields.Boolean(), labelled("录入时已失效", "whether it had ended before", example=False))


RECEIVED_ON = Fact("received_on", fields.Date(), EVERYBODY, labelled("收件日期", "day on which it was received"))
LODGED_ON = Fact(
    "lodged_on",
    fields.Date(),
    APPLICANT,
    labelled("预先提交日期", "day on which it was lodged ahead of its type approval"),
)
SUPPLEMENT_NOTICE = Fact(
    "supplement_notice", one(SupplementTold), APPLICANT, labelled("补正告知书", "supplement notice")
)
SUPPLEMENTED_ON = Fact(
    "supplemented_on", fields.Date(), APPLICANT, labelled("补正日期", "day on which the supplement came")
)
REFERRED_TO = Fact(
    "referred_to", fields.String(), APPLICANT, labelled("有权机关", "the authority to apply to", example=None)
)
ACCEPTED = Fact("accepted", one(Acceptance), EVERYBODY, labelled("受理", "acceptance"))
TIME_NOTICE = Fact(
    "time_notice", one(ServedTimeNotice), EVERYBODY, labelled("所需时间告知书", "notice of the time needed")
)
EXTENSION = Fact("extension", one(Extension), APPLICANT, labelled("延长决定期限", "extended time for the decision"))
SENT_BACK = Fact(
    "sent_back", one(SentBack), OFFICE, labelled("退回重新审查", "sent back to be examined again", example=None)
)
DECISION = Fact("decision", one(Decision), APPLICANT, labelled("决定", "decision"))
# What the office thinks before it decides is its own 过程性信息.
REVIEW = Fact(
    "review",
    one(Reviewed),
    Readers(applicant=lambda case: DECISION in case),
    labelled("审查意见", "what the examiner found"),
)
BAR = Fact(
    "bar", one(Bar), APPLICANT, labelled("不得再次申请", "until when the applicant may not apply again", example=None)
)
DELIVERY = Fact("delivery", one(Delivered), APPLICANT, labelled("送达回证", "proof of delivery"))
END = Fact("end", one(CaseEnd), SHOWN, labelled("终结", "how it ended", example=None))
CANCELLED_ON = Fact(
    "cancelled_on",
    fields.Date(),
    EVERYBODY,
    labelled("注销日期", "day on which the register was closed on it", example=None),
)
ENTERED = Fact(
    "entered", one(Entered), APPLICANT, labelled("历史台账录入", "entered from a historic register", example=None)
)
FACTS: tuple[Fact[Any], ...] = (
    RECEIVED_ON,
    SUPPLEMENT_NOTICE,
    SUPPLEMENTED_ON,
    REFERRED_TO,
    ACCEPTED,
    ASSIGNEE,
    TIME_NOTICE,
    EXTENSION,
    HEARING_RIGHT,
    HEARING_REQUEST,
    HEARING,
    REVIEW,
    SENT_BACK,
    DECISION,
    BAR,
    DELIVERY,
    END,
)
"""What a case of any permit gathers, beside its notices. What is not listed is shown to nobody."""
