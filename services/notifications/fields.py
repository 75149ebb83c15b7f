"""Fields and their meanings that several parts of the API share."""

from __future__ import annotations

from typing import Any

from shared.schemas import Strict, instance

LANGUAGES = ("zh", "en", "both")
DELIVERIES = ("digest", "at_once")

# Field metadata used by several responses.
NUMBER = {"description": "申请编号 application number", "example": "TA-2013-00001"}
SERVICE = {"description": "案件所在服务 service that holds the case", "example": "type_approval"}
HREF = {"description": "案件路径 path of the case at that service", "example": "/v1/applications/TA-2013-00001"}
PROCEDURE = {
    "description": (
        "许可种类: type_approval 型式批准 type approval, manufacture 制造许可 licence to manufacture, c_mark C标志"
        " C mark"
    ),
    "example": "type_approval",
}
CASE_STATE = {"description": "案件状态 state of the case", "example": "received"}
HOLDER = {
    "description": "期限承担方: authority 行政机关, applicant 申请人, laboratory 技术机构 who must act in time",
    "example": "authority",
}
LIMIT = {"description": "期限代码 id of the limit in the law data", "example": "intake"}
CLOCK_STATE = {
    "description": "期限状态: running 计时, paused 暂停, stopped 停止, expired 届满 state of the clock",
    "example": "running",
}
KIND = {
    "description": (
        "counted 计入, make_up 调休上班计入 make-up working day, weekend 周末, holiday 节假日, paused 暂停,"
        " rolled 顺延 moved to the next working day, overrun 逾期 after the due date"
    ),
    "example": "counted",
}
PROVISIONAL = {
    "description": "暂定，所涉年份放假安排未公布 depends on a year whose holidays are not yet published",
    "example": False,
}
CALENDAR = {
    "description": "日历版本 version of the calendar used",
    "example": "cn-2004-2026+chinesecalendar-1.11.0+law-2025",
}
RECIPIENT = {
    "description": "收件方: applicant 申请人, laboratory 技术机构, else 行政机关 the role or post in the office",
    "example": "applicant",
}
ADDRESS = {"description": "收件地址 e-mail address of the recipient", "example": "metrology@example.com"}
TEMPLATE = {"description": "模板 template of the message", "example": "application.received"}
ATTEMPTS = {"description": "已尝试发送次数 delivery attempts so far", "example": 1}
LANGUAGE = {
    "description": "语言: zh 中文 Chinese, en 英文 English, both 中英文 Chinese followed by English",
    "example": "both",
}
MONTH = {"description": "月份 month in which they ended, as year-month", "example": "2013-10"}


def shown(schema: type[Strict], found: object) -> dict[str, Any]:
    """`found` as serialised by the schema, without missing values."""
    written: dict[str, Any] = instance(schema).dump(found)
    return {key: value for key, value in written.items() if value is not None}
