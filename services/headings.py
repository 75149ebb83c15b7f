"""How the documents of the API call what the services offer: the headings of operations, the parameters of paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.http.topics import ACTS
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
        for name in ("by_applicant", "by_lab", "by_intake", "by_examiner", "by_decider", "by_section_head")
    },
    "by_staff": Text("分工", "Assignment of cases"),
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
}
"""In order of display. Actions on a case are grouped by role, other operations by the first segment of their path."""

PARAMETERS: Mapping[str, Parameter] = {
    "ref": ("申请编号，草稿用其标识。 The application number; for a draft, its id.", "TA-2013-00001"),
    "cases/number": ("申请编号。 The application number.", "TA-2013-00001"),
    "categories/code": ("目录类别代码。 The code of the kind of instrument.", "water_meter"),
    "samples/action": ("操作。 The action that would have it made.", "grant"),
    "clocks/clock": ("期限的标识。 The id of the clock, from the list.", "0197f3a0-0000-7000-8000-000000000001"),
    "documents/document": (
        "材料的标识。 The id of the document, from the list.",
        "0197f3a0-0000-7000-8000-000000000001",
    ),
    "certificates/number": ("型式批准证书编号。 The certificate number.", "2013F101-22"),
    "historic/batch": ("导入批次的标识。 The id of the import, from the list.", "0197f3a0-0000-7000-8000-000000000001"),
    "licences/number": ("制造计量器具许可证编号。 The licence number.", "吉制00000001号"),
    "marks/number": ("C标志编号。 The number of the mark.", "吉C20130001"),
    "p/number": ("证书或许可证编号。 The number of the certificate or licence.", "2013F101-22"),
    "notices/number": ("文书文号。 The number of the notice.", "吉质监型受字2013第1号"),
    "n/number": ("文书文号。 The number of the notice.", "吉质监型受字2013第1号"),
    "laboratories/lab": ("技术机构代码。 The code of the laboratory.", "JL-LAB-01"),
    "people/code": ("人员编号。 The person's number in the laboratory.", "P-01"),
    "standards/code": ("标准器编号。 The code of the measurement standard.", "M1-20kg-set-07"),
    "code": ("二维码中的核验码。 The code printed beside the number.", "7K3M9Q2X"),
    "staff/subject": ("登录标识。 The login of the person, which is the `sub` of their tokens.", "li"),
    "absences/id": ("不在岗记录的标识。 The id of the absence.", "0197f3a0-0000-7000-8000-000000000001"),
    "messages/id": ("通知的标识。 The id of the message, from the list.", "0197f3a0-0000-7000-8000-000000000001"),
    "webhooks/webhook": ("推送的标识。 The id of the webhook.", "0197f3a0-0000-7000-8000-000000000001"),
    "undelivered/id": ("通知的标识。 The id of the message, from the list.", "0197f3a0-0000-7000-8000-000000000001"),
    "parked/id": ("搁置事件的标识。 The id of the parked event, from the list.", 1),
}
"""Description and example of each path parameter, by the preceding path segment and its name, or by its name alone."""
