"""What a case gathers once a licence is granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.fields import CreditCode
from services.instruments import ScopeLine
from services.licensing.intake import form
from shared.casework.facts import Fact, Kept, kept, maybe, one, some
from shared.casework.readers import APPLICANT
from shared.labels import labelled
from shared.permits import changing
from shared.permits.facts import CANCELLED_ON, END, ENTERED
from shared.schemas import Bilingual, Day, Strict, choice, several, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class LicensedLine(ScopeLine):
    """许可的计量器具。 A line of a licence: the instrument, the type approval it lies inside, and the standard it
    is made to."""

    type_approval = fields.String(
        metadata=labelled("型式批准证书编号", "number of its type approval certificate", example="2013F101-22")
    )
    standard = fields.String(metadata=labelled("产品标准", "product standard it is made to", example="GB/T 7722-2005"))


CLIENT = labelled("委托单位", "name of who has them made", example="吉林示例商贸有限公司")
MODELS = labelled(
    "委托加工的型号", "models made under it", hint=Text("在许可的型号之内", "of those licensed"), example=["ACS-15"]
)


class Contract(Strict):
    """委托加工合同。 A contract to make instruments for somebody else."""

    client_name = text(maximum=200, metadata=CLIENT)
    client_code = CreditCode(
        required=True,
        metadata=labelled("委托单位统一社会信用代码", "credit code of who has them made", example="91220101MA0Y000094"),
    )
    contract = text(
        maximum=100, metadata=labelled("合同编号", "number of the written contract", example="委托〔2014〕3号")
    )
    on = Day(required=True, metadata=labelled("起始日期", "first day of the contract", example="2013-09-17"))
    until = Day(
        required=False,
        metadata=labelled("终止日期", "last day of the contract", hint=Text("有则填写", "if it has one"), example=None),
    )
    models = several(text(maximum=100), maximum=100, unique_by=(), metadata=MODELS)


class KeptContract(Kept, schema=Contract):
    """委托加工合同, as it is kept."""

    client_name: str
    client_code: str
    contract: str
    on: date
    until: date | None = None
    models: tuple[str, ...]
    reported_on: date = kept(fields.Date(), labelled("报告日期", "day of the report"))
    ended_on: date | None = maybe(fields.Date(), labelled("终止日期", "day on which the holder ended it", example=None))
    reason: str | None = maybe(fields.String(), labelled("理由", "why it ended", example=None))


IN_FORCE = "in_force"
STANDINGS = {
    IN_FORCE: Text("有效", "in force"),
    "run_out": Text("已到期", "it has run out"),
    "ended": Text("已终止", "the holder ended it"),
    "licence_ended": Text("许可证已失效", "the licence has ended"),
}
"""What a contract is on a day."""


class Settled(Kept):
    """核查结论。 What the office found."""

    on: date = kept(fields.Date(), labelled("核查日期", "day of it"))
    reason: str = kept(
        fields.String(),
        labelled("结论", "what was found", hint=Text("及如何处理", "and what is done about it"), example="停止制造"),
    )


class LostApproval(Kept, schema=Bilingual):
    """失效的型式批准。 A type approval under lines of the licence that has ended; `zh` and `en` say how."""

    zh: str
    en: str
    certificate: str = kept(fields.String(), labelled("证书编号", "number of the certificate", example="2013F101-22"))
    on: date = kept(fields.Date(), labelled("失效日期", "day from which it has no effect"))
    lines: tuple[int, ...] = kept(
        some(fields.Integer(metadata={"example": 1})),
        labelled("所涉许可项目", "numbers of the lines that stood on it", hint=Text("从1起", "from 1")),
    )
    settled: Settled | None = maybe(one(Settled), labelled("核查结论", "absent until the office has settled it"))


class Amendment(Kept):
    """许可变更。 New items, or other places of manufacture, that a licence got on an application of its own."""

    application: str = kept(fields.String(), labelled("申请编号", "number of the application", example="ML-2015-00007"))
    kind: str = kept(
        choice(*form.AMENDMENTS),
        labelled(
            "种类",
            "kind",
            choices={
                "additions": Text("新增项目", "new items"),
                "changed_conditions": Text("条件变化", "changed conditions"),
            },
        ),
    )
    on: date = kept(fields.Date(), labelled("决定日期", "day of the decision"))
    lines: tuple[Mapping[str, Any], ...] | None = maybe(
        some(LicensedLine), labelled("新增项目", "new items", example=None)
    )
    places: tuple[str, ...] | None = maybe(
        some(fields.String()), labelled("变更后的全部生产地址", "all places of manufacture", example=None)
    )


LICENCE = Fact(
    "licence", fields.String(), APPLICANT, labelled("许可证编号", "number of the licence", example="吉制00000001号")
)
AMENDMENTS = Fact(
    "amendments",
    some(Amendment),
    APPLICANT,
    labelled("许可变更", "new items and changed conditions", hint=Text("按先后", "first to last"), example=None),
)
CONTRACTS = Fact(
    "contracts",
    some(KeptContract),
    APPLICANT,
    labelled("委托加工合同", "contracts to make instruments", hint=Text("按先后", "first to last"), example=None),
)
LOST_APPROVALS = Fact(
    "lost_approvals",
    some(LostApproval),
    APPLICANT,
    labelled("失效的型式批准", "type approvals under it that have ended", example=None),
)
FACTS: tuple[Fact[Any], ...] = (
    *changing.FACTS,
    LICENCE,
    END.read_by(APPLICANT),
    ENTERED,
    CANCELLED_ON.read_by(APPLICANT),
    AMENDMENTS,
    CONTRACTS,
    LOST_APPROVALS,
)
"""What a case gathers once a licence is granted."""
