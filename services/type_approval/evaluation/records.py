"""Test records as laboratories send them and as they are kept: one form for all families of instruments."""

from __future__ import annotations

from marshmallow import fields

from services.fields import Amount
from services.instruments import characteristics
from services.type_approval.evaluation.attached import attachments
from shared.labels import labelled
from shared.metrology import Verdict
from shared.schemas import Answer, Bilingual, Day, Instant, Strict, Texts, choice, coded, count, several, text
from shared.text import Text

VERDICT = labelled(
    "结论",
    "verdict",
    choices={
        "pass": Text("合格", "pass"),
        "fail": Text("不合格", "fail"),
        "indeterminate": Text("不能判定", "too uncertain to say"),
        "not-applicable": Text("不适用", "exempt by the programme"),
        "not-done": Text("未完成", "points or runs are lacking"),
    },
)
JUDGED_POINT = {
    "load": "10 kg",
    "indication": "10.000 kg",
    "added": "2.5 g",
    "direction": "up",
    "error": "0 g",
    "mpe": "±5 g",
    "rule": "R76-1 T6 III 500e<m<=2000e",
    "verdict": "pass",
}


class Software(Strict):
    """软件。 What the instrument's legally relevant software says it is."""

    version = text(maximum=60, metadata=labelled("版本号", "version", example="V1.02"))
    checksum = text(
        maximum=128,
        metadata=labelled(
            "校验码", "checksum", hint=Text("按器具显示填写", "as the instrument shows it"), example="8F3A"
        ),
    )


class Conditions(Strict):
    """环境条件。 The ambient conditions at one time; which are recorded, the family of the instrument says."""

    temperature = Amount(
        "-100 Cel",
        "200 Cel",
        metadata=labelled("温度", "temperature", hint=Text("Cel即°C", "Cel is °C"), unit="Cel", example="20.1 Cel"),
    )
    humidity = Amount("0 %", "100 %", metadata=labelled("相对湿度", "humidity", unit="%", example="48 %"))
    pressure = Amount("10 kPa", "200 kPa", metadata=labelled("大气压", "air pressure", unit="kPa", example="98.7 kPa"))


class Equipment(Strict):
    """标准器。 A measurement standard that was used: one of the laboratory's register. What is stated of it beside its
    code is compared with the register."""

    asset = text(
        maximum=100,
        metadata=labelled("标准器编号", "code of the standard in the register", example="M1-20kg-set-07"),
    )
    calibrated_until = Day(
        metadata=labelled("有效期至", "last day of its calibration", example=None),
    )
    certificate = text(
        required=False,
        maximum=100,
        metadata=labelled("检定或校准证书编号", "number of its certificate", example=None),
    )


class StandardAbove(Answer):
    """上级标准器。 A standard in the chain above one that was used, as it was on the day of the test."""

    asset = fields.String(required=True, metadata=labelled("标准器编号", "code", example="E2-20kg-set-01"))
    certificate = fields.String(
        metadata=labelled("检定或校准证书编号", "number of its certificate", example="力基2013-0012")
    )
    calibrated_until = fields.Date(
        required=True, metadata=labelled("有效期至", "last day of its calibration", example="2014-12-31")
    )


class StandardUsed(StandardAbove):
    """标准器。 A standard that was used, as the register had it on the day of the test."""

    asset = fields.String(required=True, metadata=labelled("标准器编号", "code", example="M1-20kg-set-07"))
    name = fields.String(metadata=labelled("名称", "name", example="砝码组"))
    uncertainty = fields.String(metadata=labelled("扩展不确定度", "expanded uncertainty U, k=2", example="0.3 g"))
    chain = fields.List(
        fields.Nested(StandardAbove),
        metadata=labelled("溯源链", "the standards above it", hint=Text("最近的在先", "the nearest first")),
    )


class Subcontractor(Strict):
    """分包试验机构。 Who made a test on behalf of the laboratory."""

    name = text(maximum=200, metadata=labelled("机构名称", "name", example="示例电磁兼容试验室"))
    accreditation = text(
        maximum=100, metadata=labelled("资质编号", "number of its accreditation", example="CNAS L0001")
    )
    report = text(maximum=100, metadata=labelled("报告编号", "number of its report", example="EMC-2013-118"))


class TestRecord(Strict):
    """试验记录。 One test item of one prototype. The service computes errors and verdicts; a verdict that is sent is
    checked."""

    item = text(
        maximum=60,
        metadata=labelled(
            "项目", "test item of the family", written=Text("或其条款", "or its clause"), example="r76.weighing"
        ),
    )
    serial = text(maximum=60, metadata=labelled("样机编号", "serial number of the prototype", example="S-1"))
    software = fields.Nested(Software, metadata=labelled("软件", "software that ran in the test"))
    occasion = choice(
        "initial",
        "repeat_incident",
        "retest_after_modification",
        metadata=labelled(
            "试验时机",
            "occasion",
            choices={
                "initial": Text("首次", "first"),
                "repeat_incident": Text("异常重试", "repeated after an incident"),
                "retest_after_modification": Text("改进后重试", "of an improved prototype"),
            },
            example="initial",
        ),
    )
    """Why the test was made: the reason of every repeated test belongs in the report (R 60-2, 2.3)."""
    edition = text(
        required=False,
        maximum=60,
        metadata=labelled(
            "依据版本",
            "edition of the programme",
            hint=Text("填年份即可，不填即为最新版本", "its year is enough; the newest if not said"),
            example="R 76-1:2006",
        ),
    )
    characteristics = characteristics(
        required=False,
        whole=False,
        example={"d": "5 g"},
        label=labelled(
            "样机特性",
            "what the laboratory found of the prototype",
            hint=Text("与申请书一致，可以补充", "agrees with the application, and may add to it"),
        ),
    )
    settings = Texts(
        metadata=labelled(
            "试验设置",
            "settings of the whole run",
            hint=Text("按名称，以所属系列为准", "by name, as the family has them"),
            example={"phase": "initial", "reading": "changeover"},
        )
    )
    uncertainty = Amount(
        above_zero=True,
        metadata=labelled(
            "扩展不确定度",
            "expanded uncertainty U, k=2",
            hint=Text("接近限值时可致不能判定", "near the limit it makes a verdict indeterminate"),
            example="0.5 g",
        ),
    )
    on = Day(
        required=False,
        metadata=labelled(
            "试验日期",
            "day on which the test began",
            hint=Text("不填即为开始时间所在日或今天", "that of its start time, or today, if not said"),
            example=None,
        ),
    )
    started = Instant(metadata=labelled("开始时间", "when the test began", example="2013-09-24T09:10:00+08:00"))
    ended = Instant(metadata=labelled("结束时间", "when it ended", example="2013-09-24T11:40:00+08:00"))
    conditions = fields.Nested(
        Conditions, required=True, metadata=labelled("开始时的环境条件", "conditions at the start of the test")
    )
    conditions_at_end = fields.Nested(
        Conditions, load_default=dict, metadata=labelled("结束时的环境条件", "conditions at the end of the test")
    )
    conditions_lowest = fields.Nested(
        Conditions, metadata=labelled("最低环境条件", "lowest values during the whole test", example=None)
    )
    conditions_highest = fields.Nested(
        Conditions, metadata=labelled("最高环境条件", "highest values during the whole test", example=None)
    )
    equipment = several(
        fields.Nested(Equipment),
        maximum=50,
        unique_by=("asset",),
        metadata=labelled("所用标准器", "standards that were used"),
    )
    points = several(
        Texts(
            metadata=labelled(
                "数据点",
                "values of a point by name",
                hint=Text(
                    "以试验项目为准；`error`、`mpe`、`rule`、`verdict`由系统计算，送来的予以核对",
                    "as the item records them; `error`, `mpe`, `rule` and `verdict` are computed by the service, and"
                    " checked if sent",
                ),
                example={"load": "10 kg", "indication": "10.000 kg", "added": "2.5 g", "direction": "up"},
            )
        ),
        maximum=500,
        metadata=labelled("数据点", "points", hint=Text("按记录原样", "as they were recorded")),
    )
    verdict = choice(*Verdict, required=False, metadata={**VERDICT, "example": None})
    subcontractor = fields.Nested(
        Subcontractor, metadata=labelled("分包", "who made the test on behalf of the laboratory", example=None)
    )
    raw_files = attachments("原始数据文件", "files that instruments or software wrote")
    signature = coded(
        r"[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+",
        Text("分离的JSON Web签名，header..signature", "a detached JSON Web Signature, header..signature"),
        maximum=1000,
        required=False,
        metadata=labelled(
            "设备签名",
            "detached JWS (ES256) of a registered device over the record's canonical JSON with `case`",
            hint=Text("没有即为手工填写", "a record without one was typed"),
            example=None,
        ),
    )
    supersedes = count(
        required=False,
        metadata=labelled(
            "更正第几号记录",
            "number of the record that this one corrects",
            hint=Text(
                "须说明理由；原记录仍可查阅，不再计入", "with a reason; that one stays readable and no longer counts"
            ),
            example=None,
        ),
    )


class SigningDevice(Answer):
    """签名设备。 The device that signed a record."""

    code = fields.String(required=True, metadata=labelled("设备编号", "code in the register", example="DAQ-03"))
    name = fields.String(required=True, metadata=labelled("设备名称", "name", example="自动砝码加载台"))


class VoidTest(Strict):
    """作废试验记录。 A test record that should not have been made and that no other corrects, such as one of another
    case."""

    number = count(metadata=labelled("记录序号", "number of the record", example=1))


class PointNote(Bilingual):
    """数据点说明。 What is said of a point beside error and limits."""

    point = fields.Integer(
        required=True, metadata=labelled("第几点", "number of the point", hint=Text("从1起", "from 1"), example=1)
    )


class JudgedRecord(TestRecord):
    """已判定的试验记录。 A test record as it is kept: judged, with who made it and when.

    Records are only added; one that corrects another says when and why."""

    number = fields.Integer(
        metadata=labelled("记录序号", "number of the record", hint=Text("从1起", "from 1"), example=1)
    )
    clause = fields.String(metadata=labelled("条款", "clause of the item", example="A.4.4"))
    name = fields.Nested(Bilingual, required=True, metadata=labelled("项目名称", "name of the item"))
    run = fields.Integer(metadata=labelled("次数", "how often the prototype was tested in the item by then", example=1))
    limits = fields.String(
        metadata=labelled(
            "限值来源",
            "where limits come from",
            choices={
                "computed": Text("按规程计算", "from the programme"),
                "stated": Text("实验室载明", "stated with its clause"),
            },
            example="computed",
        )
    )
    unverified = fields.Boolean(
        metadata=labelled("限值未核实", "whether a limit has not been verified in its text", example=None)
    )
    points = fields.List(
        Texts(
            metadata=labelled(
                "数据点",
                "a point as recorded",
                hint=Text("含误差、限值（mpe）、规则与判定", "with error, limits (mpe), rule and verdict"),
                example=JUDGED_POINT,
            )
        ),
        required=True,
        metadata=labelled("数据点", "points", hint=Text("含判定", "judged")),
    )
    verdict = choice(*Verdict, metadata=VERDICT)
    why = fields.Nested(
        Bilingual,
        metadata=labelled(
            "判定依据", "what decided", hint=Text("各点均合格的没有此项", "unless every point passed"), example=None
        ),
    )
    notes = fields.List(
        fields.Nested(PointNote), metadata=labelled("数据点说明", "what is said of single points", example=None)
    )
    finding = fields.String(
        metadata=labelled(
            "判定依据",
            "what decided",
            hint=Text("没有`why`的旧记录才有", "in older records without `why`"),
            example=None,
        )
    )
    equipment = fields.List(
        fields.Nested(StandardUsed), required=True, metadata=labelled("所用标准器", "standards that were used")
    )
    device = fields.Nested(
        SigningDevice,
        metadata=labelled(
            "签名设备", "device that signed it", hint=Text("没有即为手工填写", "without one it was typed"), example=None
        ),
    )
    tester = fields.String(required=True, metadata=labelled("试验人员", "who tested", example="陈检测"))
    registration = fields.String(
        metadata=labelled("注册计量师注册证编号", "the tester's registration as metrologist", example="（吉）02130001")
    )
    on = Day(required=True, metadata=labelled("试验日期", "day of the test"))
    corrected_on = fields.Date(metadata=labelled("更正日期", "day of the correction", example=None))
    reason = fields.String(metadata=labelled("更正理由", "why the earlier record was corrected", example=None))
