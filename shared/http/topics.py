"""Topics and roles: how API documents and pages group operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.http.routes import PUBLIC

if TYPE_CHECKING:
    from shared.http.routes import Route


class Topic(NamedTuple):
    """A heading, in both languages."""

    zh: str
    en: str


WHO = {
    PUBLIC: Topic("任何人", "anybody"),
    "applicant": Topic("申请人", "the applicant"),
    "lab": Topic("技术机构", "the laboratory"),
    "staff:intake": Topic("受理窗口", "the intake desk"),
    "staff:examiner": Topic("承办人", "an examiner"),
    "staff:decider": Topic("行政机关负责人", "the head of the authority"),
    "staff:section_head": Topic("处室负责人", "a section head"),
    "staff:bureau_head": Topic("局负责人", "a bureau head"),
    "staff:supervision": Topic("监督检查", "supervision"),
    "staff:operator": Topic("运维", "an operator"),
    "staff": Topic("工作人员", "any member of staff"),
}
"""The names of the roles that a route may admit, by its `access`."""

_ACTS = {f"by_{who.rpartition(':')[2]}": Topic(f"{zh}办理", f"Actions of {en}") for who, (zh, en) in WHO.items()}
TOPICS = {
    "work": Topic("待办", "Work queue"),
    "applications": Topic("案件", "Cases"),
    **{name: _ACTS[name] for name in ("by_applicant", "by_lab", "by_intake", "by_examiner", "by_decider")},
    "by_staff": Topic("分工", "Assignment of cases"),
    "permits": Topic("许可事项", "Permits"),
    "categories": Topic("器具目录", "Kinds of instruments"),
    "laboratories": Topic("技术机构名册", "Register of laboratories"),
    "registers": Topic("名册指标", "Figures of the registers"),
    "laboratory": Topic("本机构", "Your laboratory"),
    "people": Topic("技术人员名册", "Register of people"),
    "standards": Topic("计量标准器名册", "Register of measurement standards"),
    "archive": Topic("期满档案", "Archives"),
    "devices": Topic("试验设备密钥", "Keys of devices"),
    "experts": Topic("考评员名册", "Register of experts"),
    "mandates": Topic("授权委托", "Mandates of agents"),
    "certificates": Topic("型式批准证书", "Certificates of type approval"),
    "licences": Topic("制造许可证", "Licences to manufacture"),
    "papers": Topic("扫码核验与签名公钥", "Papers and the keys they are signed with"),
    "cases": Topic("期限与通知", "Clocks and messages of a case"),
    "messages": Topic("收件箱", "Your messages"),
    "contact": Topic("联系方式", "Contact"),
    "events": Topic("事件流", "Feed of events"),
    "webhooks": Topic("事件推送", "Webhooks"),
    "staff": Topic("人员名录", "Staff directory"),
    "statistics": Topic("用时统计", "Statistics of durations"),
    "sweeps": Topic("到期扫描", "Sweep of due clocks"),
    "undelivered": Topic("未送达通知", "Undelivered messages"),
    "parked": Topic("搁置事件", "Parked events"),
}
"""In order of display. Actions on a case are grouped by role, other operations by the first segment of their path."""


def topic_of(route: Route, prefix: str) -> str:
    """The key of the topic; `prefix` is the path prefix of the face."""
    first, *rest = route.path.removeprefix(prefix).strip("/").split("/")
    if first in {"p", "n", ".well-known"}:
        return "papers"
    if first != "applications" or "actions" not in rest:
        return first
    (one, *others) = {who.partition(":")[2] or who for who in route.doers}
    return "by_staff" if others else f"by_{one}"
