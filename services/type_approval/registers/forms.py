"""What the registers say of a laboratory, a person and a measurement standard."""

from __future__ import annotations

from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from marshmallow import ValidationError, fields, validates_schema

from services.fields import Amount, CreditCode
from services.instruments import CATEGORY
from shared.labels import labelled
from shared.metrology import Quantity
from shared.registers import in_order, one_part
from shared.schemas import Day, Flag, Strict, choice, coded, count, several, sub, text
from shared.text import Text
from shared.validators import Said, refusal

LEVELS = ("1", "2")


def _code(maximum: int, **more: Any) -> fields.String:
    """What names an entry, also in paths."""
    found = text(maximum=maximum, **more)
    found.validators.append(one_part)
    return found


class Bound(Strict):
    """授权范围。 Within what a characteristic of the instrument lies; what has no bound may be anything."""

    characteristic = text(
        maximum=60,
        metadata=labelled(
            "特性",
            "characteristic",
            hint=Text("表单中的名称、符号或文字", "by its name in forms, its symbol or in words"),
            example="Max",
        ),
    )
    within = text(
        maximum=200,
        metadata=labelled(
            "范围",
            "a value, a list or a range",
            hint=Text(
                "一个值，或列表如`III, IIII`，或两端齐全的范围如`3 kg … 150 kg`",
                "a list such as `III, IIII`, a range with both ends such as `3 kg … 150 kg`",
            ),
            example="0.1 kg … 150 kg",
        ),
    )


class ScopeOfKind(Strict):
    """授权项目。 A kind of instrument that the laboratory is authorised to evaluate, within what bounds."""

    category = text(maximum=60, metadata=CATEGORY)
    bounds = several(
        fields.Nested(Bound),
        maximum=20,
        required=False,
        unique_by=("characteristic",),
        metadata=labelled("授权范围", "bounds of its characteristics"),
    )
    programmes = several(
        text(maximum=100),
        maximum=20,
        required=False,
        unique_by=(),
        metadata=labelled(
            "依据的大纲及版本",
            "programmes with their editions",
            hint=Text("未指明的不限", "any if none is named"),
            example=["R 76-1:2006"],
        ),
    )


class Interest(Strict):
    """利害关系单位。 An organisation whose products the laboratory must not evaluate, such as its parent."""

    code = CreditCode(
        required=True,
        metadata=labelled("统一社会信用代码", "credit code", example="91220101MA0Y0000AC"),
    )
    relation = text(maximum=200, metadata=labelled("关系", "what it is to the laboratory", example="出资单位"))


class Laboratory(Strict):
    """技术机构。 An evaluation laboratory with its authorisation."""

    code = _code(
        maximum=60,
        metadata=labelled(
            "技术机构代码",
            "code",
            hint=Text("与其人员账号中的一致", "as in the accounts of its people"),
            example="JL-LAB-02",
        ),
    )
    name = text(maximum=200, metadata=labelled("技术机构名称", "name", example="示例衡器检测中心"))
    credit_code = CreditCode(
        required=False,
        metadata=labelled("统一社会信用代码", "credit code of its organisation", example=None),
    )
    authorisation = text(
        maximum=100,
        metadata=labelled("计量授权证书编号", "number of its authorisation", example="（吉）法计（2012）0002号"),
    )
    valid_from = Day(
        required=True, metadata=labelled("授权起始日期", "first day of the authorisation", example="2012-07-01")
    )
    valid_until = Day(
        required=True, metadata=labelled("授权截止日期", "last day of the authorisation", example="2017-06-30")
    )
    national = Flag(
        load_default=False,
        metadata=labelled("国家型式评价实验室", "whether it is a national type-evaluation laboratory", example=True),
    )
    capacity = count(
        0,
        metadata=labelled("同时承担的评价数量", "how many evaluations it can have at a time", example=20),
    )
    scope = several(
        fields.Nested(ScopeOfKind), maximum=200, metadata=labelled("授权项目", "what it is authorised to evaluate")
    )
    interests = several(
        fields.Nested(Interest),
        maximum=50,
        required=False,
        unique_by=("code",),
        metadata=labelled("利害关系单位", "organisations in whose products it has an interest"),
    )

    @validates_schema(skip_on_field_errors=True)
    def ends_after_it_begins(self, data: dict[str, object], **_kwargs: object) -> None:
        in_order(data.get("valid_from"), data.get("valid_until"), "valid_until")


class Person(Strict):
    """技术人员。 A member of the technical staff; with a registration, a registered metrologist 注册计量师."""

    code = _code(maximum=60, metadata=labelled("人员编号", "number in the laboratory", example="P-04"))
    name = text(maximum=60, metadata=labelled("姓名", "name", example="郑检测"))
    subject = sub(
        required=False,
        metadata=labelled(
            "登录标识",
            "login",
            hint=Text("没有则不能试验或签名", "without one the person cannot test or sign"),
            example=None,
        ),
    )
    technical_head = Flag(
        load_default=False,
        metadata=labelled(
            "技术负责人",
            "whether the person is technical head",
            hint=Text("批准大纲", "approves programmes"),
            example=False,
        ),
    )
    registration = text(
        required=False,
        maximum=100,
        metadata=labelled(
            "注册计量师注册证编号",
            "number of the registration as metrologist",
            hint=Text("填写时以下四项一并填写", "with the four fields below"),
            example="（吉）02130004",
        ),
    )
    level = choice(
        *LEVELS,
        required=False,
        metadata=labelled(
            "注册级别",
            "level",
            choices={"1": Text("一级", "first level"), "2": Text("二级", "second level")},
            example="1",
        ),
    )
    kinds = several(
        text(maximum=60),
        maximum=200,
        required=False,
        unique_by=(),
        metadata=labelled(
            "执业项目",
            "codes of the kinds of instruments of the registration",
            example=["non_automatic_scale", "water_meter"],
        ),
    )
    valid_from = Day(
        required=False, metadata=labelled("注册起始日期", "first day of the registration", example="2012-01-01")
    )
    valid_until = Day(
        required=False, metadata=labelled("注册截止日期", "last day of the registration", example="2016-12-31")
    )

    @validates_schema(skip_on_field_errors=True)
    def registration_is_whole(self, data: dict[str, object], **_kwargs: object) -> None:
        named = ("registration", "level", "kinds", "valid_from", "valid_until")
        if lacking := [name for name in named if name not in data]:
            if len(lacking) < len(named):
                told = Said("missing", Text("注册信息五项须填全", "a registration has all five"))
                raise ValidationError({name: [told] for name in lacking})
            return
        in_order(data["valid_from"], data["valid_until"], "valid_until")


class Standard(Strict):
    """计量标准器。 A measurement standard, its calibration, and by which standard it was calibrated.

    The chain to the higher standard ends with the one that names nothing above it: another institution calibrated it.
    """

    code = _code(maximum=100, metadata=labelled("标准器编号", "code", example="M1-20kg-set-08"))
    name = text(maximum=100, metadata=labelled("名称", "name", example="砝码组"))
    kind = text(
        maximum=100,
        metadata=labelled(
            "计量标准类别",
            "kind of standard",
            hint=Text("按JJF 1022命名", "as JJF 1022 names it"),
            example="质量标准装置",
        ),
    )
    grade = text(required=False, maximum=60, metadata=labelled("准确度等级", "accuracy class", example="M1等级"))
    least = Amount(required=True, metadata=labelled("测量范围下限", "lower end of its range", example="1 g"))
    most = Amount(required=True, metadata=labelled("测量范围上限", "upper end of its range", example="20 kg"))
    uncertainty = Amount(
        required=True,
        above_zero=True,
        metadata=labelled("扩展不确定度", "expanded uncertainty U, k=2", example="0.3 g"),
    )
    established_on = Day(
        required=False,
        metadata=labelled("建标日期", "day on which the standard was established", example="2012-05-31"),
    )
    standard_certificate = text(
        required=False,
        maximum=100,
        metadata=labelled(
            "计量标准考核证书编号", "number of the certificate of the standard", example="〔2012〕吉量标吉证字第123号"
        ),
    )
    certificate = text(
        maximum=100,
        metadata=labelled(
            "检定或校准证书编号", "number of its newest calibration certificate", example="力字2013-0456"
        ),
    )
    calibrated_by = text(
        maximum=200,
        metadata=labelled("检定或校准机构", "who calibrated it", example="吉林示例计量检测研究院"),
    )
    calibrated_on = Day(
        required=True, metadata=labelled("检定或校准日期", "day of its calibration", example="2013-05-31")
    )
    due_on = Day(required=True, metadata=labelled("有效期至", "last day on which it may be used", example="2014-05-30"))
    higher = text(
        required=False,
        maximum=100,
        metadata=labelled(
            "上一级标准器编号",
            "code of the standard of this laboratory by which it was calibrated",
            hint=Text("在其他机构校准的不填", "none if it was calibrated elsewhere"),
            example="E2-20kg-set-01",
        ),
    )

    @validates_schema(skip_on_field_errors=True)
    def makes_sense(self, data: dict[str, object], **_kwargs: object) -> None:
        in_order(data.get("calibrated_on"), data.get("due_on"), "due_on")
        if "least" in data and "most" in data:
            least, most = Quantity.parse(str(data["least"])), Quantity.parse(str(data["most"]))
            if least.dimension != most.dimension:
                told = f"{most} measures {most.dimension}, {least} {least.dimension}"
                raise refusal("unit", f"{most}与{least}不是同一种量", told, "most")
            if most < least:
                raise refusal("impossible", f"{most}小于{least}", f"{most} is less than {least}", "most")


def _coordinate(name: str) -> fields.String:
    axis = {"x": "横", "y": "纵"}[name]
    return coded(
        "[A-Za-z0-9_-]{43}",
        Text("43个base64url字符，与JSON Web Key相同", "43 characters of base64url, as in a JSON Web Key"),
        maximum=43,
        metadata=labelled(
            f"公钥{axis}坐标",
            f"coordinate {name} of the public key (P-256)",
            hint=Text("base64url编码", "as base64url"),
            example=_SHOWN_KEY[name],
        ),
    )


_SHOWN_KEY = {
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
"""Of RFC 7515, Appendix A.3."""


class Device(Strict):
    """试验设备. A device that signs test records, with its public key; a lost key is revoked by ending the entry."""

    code = _code(100, metadata=labelled("设备编号", "code of the device", example="DAQ-03"))
    name = text(maximum=200, metadata=labelled("设备名称", "name of the device", example="自动砝码加载台"))
    x = _coordinate("x")
    y = _coordinate("y")
    valid_from = Day(required=True, metadata=labelled("密钥启用日期", "first day of the key", example="2013-06-01"))
    valid_until = Day(required=True, metadata=labelled("密钥截止日期", "last day of the key", example="2016-05-31"))

    @validates_schema(skip_on_field_errors=True)
    def days_are_in_order(self, data: dict[str, Any], **_kwargs: object) -> None:
        in_order(data["valid_from"], data["valid_until"], "valid_until")

    @validates_schema(skip_on_field_errors=True)
    def is_a_point(self, data: dict[str, Any], **_kwargs: object) -> None:
        try:
            ECKey.import_key({"kty": "EC", "crv": "P-256", "x": data["x"], "y": data["y"]}).public_key  # noqa: B018
        except (JoseError, ValueError) as error:
            told = f"x and y are no public key of P-256: {error}"
            raise refusal("form", "x和y不是P-256的公钥", told, "x") from None
