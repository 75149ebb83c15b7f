"""What is read and kept of the licence."""

from __future__ import annotations

from marshmallow import fields

from services.instruments import Range
from services.licensing.intake.form import AMENDMENTS
from services.licensing.licence.facts import CLIENT, IN_FORCE, MODELS, STANDINGS, KeptContract, LicensedLine
from services.permits import Permit, PermitSummary
from shared.http.lists import path_of
from shared.labels import labelled
from shared.schemas import Answer, Day, Flag, Strict, choice, count, several, text
from shared.text import Text


class Term(Answer):
    """有效期。 A term of a licence, first and last day, and the application it was granted on."""

    kind = choice(
        "granted",
        "renewed",
        "deemed_renewed",
        metadata=labelled(
            "取得方式",
            "how it was granted",
            choices={
                "granted": Text("首次", "first"),
                "renewed": Text("延续", "renewed"),
                "deemed_renewed": Text("视为延续", "renewed by law, since nothing was decided in time"),
            },
        ),
    )
    begins = fields.Date(
        required=True, data_key="from", metadata=labelled("起始日期", "first day", example="2014-02-18")
    )
    until = fields.Date(required=True, metadata=labelled("届满日", "last day", example="2017-02-18"))
    application = fields.String(
        required=True,
        metadata=labelled("申请编号", "number of the application it was granted on", example="ML-2013-00001"),
    )


_NUMBER = fields.String(
    required=True, metadata=labelled("许可证编号", "number of the licence", example="吉制00000001号")
)


_VALID_UNTIL = fields.Date(required=True, metadata=labelled("有效期至", "valid until"))


STATUS = choice(
    *("valid", "expired", "abolished_by_law", "revoked", "licence_withdrawn", "taken_away", "cancelled"),
    metadata=labelled(
        "现状",
        "status",
        choices={
            "valid": Text("有效", "in force"),
            "expired": Text("届满", "expired"),
            "abolished_by_law": Text("依法取消", "abolished by law"),
            "revoked": Text("撤销", "revoked"),
            "licence_withdrawn": Text("撤回", "withdrawn"),
            "taken_away": Text("吊销", "taken away as a penalty"),
            "cancelled": Text("注销", "cancelled"),
        },
        example="valid",
    ),
)


class EndedContract(Strict):
    """终止委托加工。 Which of the contracts has ended, or was reported by mistake."""

    number = count(
        metadata=labelled("序号", "its number in the list of the licence", hint=Text("从1起", "from 1"), example=1)
    )


class HeldContract(KeptContract.schema):  # type: ignore[misc, valid-type]
    """委托加工合同。 A contract that the holder reported, in force or not, with what it is today."""

    number = fields.Integer(
        required=True, metadata=labelled("序号", "its number in the list of the licence", example=1)
    )
    standing = choice(*STANDINGS, metadata=labelled("现状", "what it is today", choices=STANDINGS, example=IN_FORCE))


class PublicContract(Answer):
    """委托加工。 For whom the holder makes instruments, which bear the number of this licence."""

    client = fields.String(required=True, metadata=CLIENT)
    models = fields.List(fields.String(), required=True, metadata=MODELS)
    since = fields.Date(required=True, data_key="from", metadata=labelled("起始日期", "first day"))
    until = fields.Date(
        metadata=labelled("终止日期", "last day", hint=Text("有则填写", "if there is one"), example=None)
    )


class Licence(Permit):
    """制造计量器具许可证 as anybody may read it, with what it is now."""

    number = _NUMBER
    lines = fields.List(
        fields.Nested(LicensedLine),
        required=True,
        metadata=labelled("许可的计量器具", "instruments licensed", hint=Text("每种一行", "a line each")),
    )
    ranges = fields.List(
        fields.Nested(Range),
        metadata=labelled(
            "许可范围", "instruments with several lines", hint=Text("以范围表示", "as ranges"), example=None
        ),
    )
    valid_until = _VALID_UNTIL
    terms = fields.List(
        fields.Nested(Term),
        required=True,
        metadata=labelled("历次有效期", "its terms", hint=Text("按先后", "first to last")),
    )
    status = STATUS
    contracts = fields.List(
        fields.Nested(PublicContract),
        metadata=labelled(
            "委托加工",
            "for whom it is made under this licence",
            hint=Text("现行有效的合同", "contracts in force today"),
            example=None,
        ),
    )


class LicenceSummary(PermitSummary):
    """制造许可证摘要。 What the register shows of a licence; the whole of it is at `href`."""

    number = _NUMBER
    valid_until = _VALID_UNTIL
    status = STATUS
    href = path_of("/v1/licences/%E5%90%89%E5%88%B600000001%E5%8F%B7")


class Amend(Strict):
    """What an application that was granted changes in its licence, as its case tells it."""

    application = text(maximum=60)
    kind = choice(*AMENDMENTS)
    on = Day(required=True)
    lines = several(fields.Dict(), maximum=100, required=False)
    places = several(text(maximum=200), maximum=20, required=False, unique_by=())


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

    penalty_case = text(maximum=60, metadata=labelled("处罚决定书文号", "number of the penalty decision"))
