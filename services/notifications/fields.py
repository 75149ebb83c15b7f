"""Fields and their meanings that several parts of the API share."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from shared.labels import labelled
from shared.schemas import Bilingual, Strict, instance
from shared.text import Text

LANGUAGES = ("zh", "en", "both")
DELIVERIES = ("digest", "at_once")

# Field metadata used by several responses.
NUMBER = labelled("申请编号", "application number", example="TA-2013-00001")
SERVICE = labelled("案件所在服务", "service that holds the case", example="type_approval")
HREF = labelled("案件路径", "path of the case at that service", example="/v1/applications/TA-2013-00001")
PROCEDURE = labelled(
    "许可种类",
    "permit",
    choices={
        "type_approval": Text("型式批准", "type approval"),
        "manufacture": Text("制造许可", "licence to manufacture"),
        "c_mark": Text("C标志", "C mark"),
    },
    example="type_approval",
)
CASE_STATE = labelled("案件状态", "state of the case", example="received")
HOLDERS = {
    "authority": Text("行政机关", "authority"),
    "applicant": Text("申请人", "applicant"),
    "laboratory": Text("技术机构", "laboratory"),
    "checker": Text("受托检查的技术机构", "laboratory asked about a permit in force"),
    "experts": Text("考评员", "experts of the team"),
}
HOLDER = labelled("期限承担方", "who must act in time", choices=HOLDERS, example="authority")
LIMIT = labelled("期限代码", "id of the limit in the law data", example="intake")
KIND = labelled(
    "计法",
    "how it counts",
    choices={
        "counted": Text("计入", "counted"),
        "make_up": Text("调休上班计入", "make-up working day"),
        "weekend": Text("周末", "weekend"),
        "holiday": Text("节假日", "holiday"),
        "paused": Text("暂停", "paused"),
        "rolled": Text("顺延", "moved to the next working day"),
        "overrun": Text("逾期", "after the due date"),
    },
    example="counted",
)
BEGINS = labelled(
    "首日",
    "first of the days that are planned",
    hint=Text("如现场考核；其他期限没有", "such as those of an assessment; absent of other limits"),
    example=None,
)
PROVISIONAL = labelled(
    "暂定",
    "provisional",
    hint=Text("所涉年份放假安排未公布", "depends on a year whose holidays are not yet published"),
    example=False,
)
UNSERVED = labelled(
    "待送达文书",
    "notice that is still to be served",
    hint=Text("送达前，检验、检测、评审所用时间计入期限", "until then the time of tests and reviews counts"),
    example=None,
)
CALENDAR = labelled("日历版本", "version of the calendar used", example="cn-2004-2026+chinesecalendar-1.11.0+law-2025")
RECIPIENT = labelled(
    "收件方",
    "recipient",
    hint=Text(
        "applicant为申请人，laboratory为技术机构，expert为考评员，其他为行政机关的岗位",
        "applicant, laboratory, expert, or a post in the office",
    ),
    example="applicant",
)
ADDRESS = labelled("收件地址", "e-mail address of the recipient", example="metrology@example.com")
TEMPLATE = labelled("模板", "template of the message", example="application.received")
ATTEMPTS = labelled("已尝试发送次数", "delivery attempts so far", example=1)
LANGUAGE = labelled(
    "语言",
    "language",
    choices={
        "zh": Text("中文", "Chinese"),
        "en": Text("英文", "English"),
        "both": Text("中英文", "Chinese followed by English"),
    },
    example="both",
)
MONTH = labelled("月份", "month in which they ended", hint=Text("年-月", "as year-month"), example="2013-10")

DAYS = {"working_days": Text("工作日", "working days"), "calendar_days": Text("日", "calendar days")}
KIND_OF_DAYS = labelled("天数单位", "kind of these days", choices=DAYS, example="working_days")


def shown(schema: type[Strict], found: object) -> dict[str, Any]:
    """`found` as serialised by the schema, without missing values."""
    written: dict[str, Any] = instance(schema).dump(found)
    return {key: value for key, value in written.items() if value is not None}


class Unserved(Bilingual):
    """待送达文书。 A notice that keeps time from counting once it is served."""

    action = fields.String(
        required=True,
        metadata=labelled("送达操作", "the action of the case that registers it", example="serve_time_notice"),
    )
