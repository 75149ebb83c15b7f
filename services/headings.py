"""How the documents of the API call what the services offer: the headings of operations, the parameters of paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.http.topics import ACTS
from shared.labels import labelled
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.http.faces import Parameter

TOPICS: Mapping[str, Text] = {
    "work": Text("待办", "Work queue"),
    **dict.fromkeys(("calendar-key", "calendars"), Text("期限日历", "Calendar of what is due")),
    "applications": Text("案件", "Cases"),
    **{
        name: ACTS[name]
        for name in ("by_applicant", "by_lab", "by_expert", "by_intake", "by_examiner", "by_decider", "by_section_head")
    },
    "by_staff": Text("分工", "Assignment of cases"),
    "assessments": Text("现场考核日程", "Days of on-site assessments"),
    "permits": Text("许可事项", "Permits"),
    "categories": Text("器具目录", "Kinds of instruments"),
    "laboratories": Text("技术机构名册", "Register of laboratories"),
    "registers": Text("名册指标", "Figures of the registers"),
    "laboratory": Text("本机构", "Your laboratory"),
    "people": Text("技术人员名册", "Register of people"),
    "standards": Text("计量标准器名册", "Register of measurement standards"),
    "archive": Text("期满档案", "Archives"),
    "devices": Text("试验设备密钥", "Keys of devices"),
    "experts": Text("考评员名册", "Register of experts"),
    **dict.fromkeys(("mandates", "received-mandates"), Text("授权委托", "Mandates of agents")),
    **dict.fromkeys(("days", "days.svg"), Text("期限计算", "Counting of limits")),
    "certificates": Text("型式批准证书", "Certificates of type approval"),
    "licences": Text("制造许可证", "Licences to manufacture"),
    "marks": Text("C标志", "C marks"),
    "checks": Text("批量查询", "Checks of many permits"),
    "papers": Text("扫码核验与签名公钥", "Papers and the keys they are signed with"),
    "cases": Text("期限与通知", "Clocks and messages of a case"),
    "messages": Text("收件箱", "Your messages"),
    "contact": Text("联系方式", "Contact"),
    "events": Text("事件流", "Feed of events"),
    "webhooks": Text("事件推送", "Webhooks"),
    "staff": Text("人员名录", "Staff directory"),
    "statistics": Text("用时统计", "Statistics of durations"),
    "sweeps": Text("到期扫描", "Sweep of due clocks"),
    "undelivered": Text("未送达通知", "Undelivered messages"),
    "parked": Text("搁置事件", "Parked events"),
    "event-types": Text("事件类型", "Types of events"),
}
"""In order of display. Actions on a case are grouped by role, other operations by the first segment of their path."""

_NOTICE = "吉质监型受字2013第1号"


def _listed(zh: str, en: str) -> Parameter:
    return labelled(zh, f"{en}, from the list", example="0197f3a0-0000-7000-8000-000000000001")


PARAMETERS: Mapping[str, Parameter] = {
    "ref": labelled(
        "申请编号",
        "application number",
        hint=Text("草稿用其标识", "for a draft, its id"),
        example="TA-2013-00001",
    ),
    "cases/number": labelled("申请编号", "application number", example="TA-2013-00001"),
    "categories/code": labelled("目录类别代码", "code of the kind of instrument", example="water_meter"),
    "samples/action": labelled("操作", "the action that would have it made", example="grant"),
    "clocks/clock": _listed("期限的标识", "id of the clock"),
    "documents/document": _listed("材料的标识", "id of the document"),
    "certificates/number": labelled("型式批准证书编号", "certificate number", example="2013F101-22"),
    "historic/batch": _listed("导入批次的标识", "id of the import"),
    "licences/number": labelled("制造计量器具许可证编号", "licence number", example="吉制00000001号"),
    "marks/number": labelled("C标志编号", "number of the mark", example="吉C20130001"),
    "p/number": labelled("证书或许可证编号", "number of the certificate or licence", example="2013F101-22"),
    "notices/number": labelled("文书文号", "number of the notice", example=_NOTICE),
    "n/number": labelled("文书文号", "number of the notice", example=_NOTICE),
    "laboratories/lab": labelled("技术机构代码", "code of the laboratory", example="JL-LAB-01"),
    "people/code": labelled("人员编号", "the person's number in the laboratory", example="P-01"),
    "standards/code": labelled("标准器编号", "code of the measurement standard", example="M1-20kg-set-07"),
    "code": labelled("二维码中的核验码", "the code printed beside the number", example="7K3M9Q2X"),
    "staff/subject": labelled("登录标识", "login of the person: the `sub` of their tokens", example="li"),
    "absences/id": _listed("不在岗记录的标识", "id of the absence"),
    "messages/id": _listed("通知的标识", "id of the message"),
    "webhooks/webhook": _listed("推送的标识", "id of the webhook"),
    "undelivered/id": _listed("通知的标识", "id of the message"),
    "parked/id": labelled("搁置事件的标识", "id of the parked event, from the list", example=1),
}
"""What each path parameter is, by the preceding path segment and its name, or by its name alone."""
