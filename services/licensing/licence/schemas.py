"""What is read and kept of the licence."""

from __future__ import annotations

from marshmallow import fields

from services.fields import CreditCode
from services.instruments import Range, ScopeLine
from services.licensing.intake.form import AMENDMENTS
from services.permits import Permit, PermitSummary
from shared.casework.readers import APPLICANT
from shared.http.lists import path_of
from shared.permits.changing import Changes
from shared.permits.historic import Entered
from shared.permits.life import CaseEnd
from shared.schemas import Answer, Bilingual, Day, Flag, Strict, choice, count, several, text


class LicensedLine(ScopeLine):
    """许可的计量器具。 A line of a licence: the instrument, the type approval it lies inside, and the standard it
    is made to."""

    type_approval = fields.String(
        metadata={"description": "型式批准证书编号 number of its type approval certificate", "example": "2013F101-22"}
    )
    standard = fields.String(
        metadata={"description": "产品标准 product standard it is made to", "example": "GB/T 7722-2005"}
    )


class Term(Answer):
    """有效期。 A term of a licence, first and last day, and the application it was granted on."""

    kind = choice(
        "granted",
        "renewed",
        "deemed_renewed",
        metadata={
            "description": (
                "granted 首次 first, renewed 延续 renewed, deemed_renewed 视为延续 renewed by law since nothing was"
                " decided in time"
            )
        },
    )
    begins = fields.Date(
        required=True, data_key="from", metadata={"description": "起始日期 first day", "example": "2014-02-18"}
    )
    until = fields.Date(required=True, metadata={"description": "届满日 last day", "example": "2017-02-18"})
    application = fields.String(
        required=True,
        metadata={"description": "申请编号 number of the application it was granted on", "example": "ML-2013-00001"},
    )


_NUMBER = fields.String(
    required=True, metadata={"description": "许可证编号 number of the licence", "example": "吉制00000001号"}
)


_VALID_UNTIL = fields.Date(required=True, metadata={"description": "有效期至 last day of the term"})


_STATUS = choice(
    *("valid", "expired", "abolished_by_law", "revoked", "licence_withdrawn", "taken_away", "cancelled"),
    metadata={
        "description": (
            "现状: valid 有效 in force, expired 届满 expired, abolished_by_law 依法取消 abolished by law,"
            " revoked 撤销 revoked, licence_withdrawn 撤回 withdrawn, taken_away 吊销 taken away as a penalty,"
            " cancelled 注销 cancelled"
        ),
        "example": "valid",
    },
)


_CLIENT = {"description": "委托单位 name of who has them made", "example": "吉林示例商贸有限公司"}
_MODELS = {"description": "委托加工的型号 models made under it, of those licensed", "example": ["ACS-15"]}


class Contract(Strict):
    """委托加工合同。 A contract to make instruments for somebody else."""

    client_name = text(maximum=200, metadata=_CLIENT)
    client_code = CreditCode(
        required=True,
        metadata={
            "description": "委托单位统一社会信用代码 credit code of who has them made",
            "example": "91220101MA0Y000094",
        },
    )
    contract = text(
        maximum=100, metadata={"description": "合同编号 number of the written contract", "example": "委托〔2014〕3号"}
    )
    on = Day(required=True, metadata={"description": "起始日期 first day of the contract", "example": "2013-09-17"})
    until = Day(
        required=False, metadata={"description": "终止日期 last day of the contract, if it has one", "example": None}
    )
    models = several(text(maximum=100), maximum=100, unique_by=(), metadata=_MODELS)


class EndedContract(Strict):
    """终止委托加工。 Which of the contracts has ended, or was reported by mistake."""

    number = count(metadata={"description": "序号 its number in the list of the licence, from 1", "example": 1})


class KeptContract(Contract):
    """委托加工合同, as it is kept."""

    reported_on = fields.Date(required=True, metadata={"description": "报告日期 day of the report"})
    ended_on = fields.Date(metadata={"description": "终止日期 day on which the holder ended it", "example": None})
    reason = fields.String(metadata={"description": "理由 why it ended", "example": None})


class PublicContract(Answer):
    """委托加工。 For whom the holder makes instruments, which bear the number of this licence."""

    client = fields.String(required=True, metadata=_CLIENT)
    models = fields.List(fields.String(), required=True, metadata=_MODELS)
    since = fields.Date(required=True, data_key="from", metadata={"description": "起始日期 first day"})
    until = fields.Date(metadata={"description": "终止日期 last day, if there is one", "example": None})


class Licence(Permit):
    """制造计量器具许可证 as anybody may read it, with what it is now."""

    number = _NUMBER
    lines = fields.List(
        fields.Nested(LicensedLine),
        required=True,
        metadata={"description": "许可的计量器具 instruments licensed, a line each"},
    )
    ranges = fields.List(
        fields.Nested(Range),
        metadata={"description": "许可范围 instruments with several lines, as ranges", "example": None},
    )
    valid_until = _VALID_UNTIL
    terms = fields.List(
        fields.Nested(Term), required=True, metadata={"description": "历次有效期 its terms, first to last"}
    )
    status = _STATUS
    contracts = fields.List(
        fields.Nested(PublicContract),
        metadata={"description": "委托加工 for whom it is made under this licence", "example": None},
    )


class LicenceSummary(PermitSummary):
    """制造许可证摘要。 What the register shows of a licence; the whole of it is at `href`."""

    number = _NUMBER
    valid_until = _VALID_UNTIL
    status = _STATUS
    href = path_of("/v1/licences/%E5%90%89%E5%88%B600000001%E5%8F%B7")


class Settled(Answer):
    """核查结论。 What the office found."""

    on = fields.Date(required=True, metadata={"description": "核查日期 day of it"})
    reason = fields.String(
        required=True, metadata={"description": "结论 what was found, and what is done about it", "example": "停止制造"}
    )


class LostApproval(Bilingual):
    """失效的型式批准。 A type approval under lines of the licence that has ended; `zh` and `en` say how."""

    certificate = fields.String(
        required=True, metadata={"description": "证书编号 number of the certificate", "example": "2013F101-22"}
    )
    on = fields.Date(required=True, metadata={"description": "失效日期 day from which it has no effect"})
    lines = fields.List(
        fields.Integer(metadata={"example": 1}),
        required=True,
        metadata={"description": "所涉许可项目 numbers of the lines that stood on it, from 1"},
    )
    settled = fields.Nested(Settled, metadata={"description": "核查结论 absent until the office has settled it"})


class Amend(Strict):
    """What an application that was granted changes in its licence, as its case tells it."""

    application = text(maximum=60)
    kind = choice(*AMENDMENTS)
    on = Day(required=True)
    lines = several(fields.Dict(), maximum=100, required=False)
    places = several(text(maximum=200), maximum=20, required=False, unique_by=())


class Amendment(Answer):
    """许可变更。 New items, or other places of manufacture, that a licence got on an application of its own."""

    application = fields.String(
        required=True, metadata={"description": "申请编号 number of the application", "example": "ML-2015-00007"}
    )
    kind = choice(*AMENDMENTS, metadata={"description": "种类 additions 新增项目, changed_conditions 条件变化"})
    on = fields.Date(required=True, metadata={"description": "决定日期 day of the decision"})
    lines = fields.List(fields.Nested(LicensedLine), metadata={"description": "新增项目 new items", "example": None})
    places = fields.List(
        fields.String(), metadata={"description": "变更后的全部生产地址 all places of manufacture", "example": None}
    )


class OfLicence(Changes):
    """What a case gathers once a licence is granted."""

    licence = fields.String(
        metadata={"readers": APPLICANT, "description": "许可证编号 number of the licence", "example": "吉制00000001号"}
    )
    end = fields.Nested(CaseEnd, metadata={"readers": APPLICANT, "example": None})
    entered = fields.Nested(Entered, metadata={"readers": APPLICANT, "example": None})
    cancelled_on = fields.Date(
        metadata={
            "readers": APPLICANT,
            "description": "注销日期 day on which the register was closed on it",
            "example": None,
        }
    )
    amendments = fields.List(
        fields.Nested(Amendment),
        metadata={
            "readers": APPLICANT,
            "description": "许可变更 new items and changed conditions, first to last",
            "example": None,
        },
    )
    contracts = fields.List(
        fields.Nested(KeptContract),
        metadata={
            "readers": APPLICANT,
            "description": "委托加工合同 contracts to make instruments, first to last",
            "example": None,
        },
    )
    lost_approvals = fields.List(
        fields.Nested(LostApproval),
        metadata={
            "readers": APPLICANT,
            "description": "失效的型式批准 type approvals under it that have ended",
            "example": None,
        },
    )


class ByLaw(Strict):
    """What the law itself does, on a day that need not be today."""

    on = Day(required=True)


class Renewed(ByLaw):
    """The new term of a licence; `application` is the renewal it was granted on."""

    application = text(maximum=60)
    valid_until = Day(required=True)
    deemed = Flag(required=True)


class Penalty(Strict):
    """吊销 is a penalty, not a licensing act: the decision lies in its own case."""

    penalty_case = text(maximum=60, metadata={"description": "处罚决定书文号 number of the penalty decision"})
