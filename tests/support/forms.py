"""Complete, valid forms of the permits and contents of each action; tests change what they need."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date
from itertools import count
from os import getpid
from time import time
from typing import TYPE_CHECKING, Any

from services.licensing.experts.draw import stood_aside
from services.type_approval.evaluation.conformity import counting, place_of
from services.type_approval.evaluation.omissions import unexplained
from services.type_approval.evaluation.programme import family_by
from shared.identity import uscc
from shared.law import load
from shared.metrology import family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ASSESSED = date(2013, 9, 17)
_serial = count(int(time() * 1000) % 31**4 * 1000 + getpid() % 1000)


def credit_code() -> str:
    """A valid, unique credit code."""
    rest, tail = next(_serial), ""
    for _ in range(9):
        rest, digit = divmod(rest, 31)
        tail = _ALPHABET[digit] + tail
    body = f"91220101{tail}"
    return body + uscc.check_character(body)


def wrong_check_digit(code: str) -> str:
    """`code` with a wrong check character."""
    return code[:-1] + next(char for char in _ALPHABET if char != code[-1])


OIML = "R76/2006-A-NL1-13.01"
"""A certificate that an application may name."""
_SITE = {"address": "吉林省长春市试验路1号", "postcode": "130000"}
_LINE = {
    "name": "电子计价秤",
    "model": "ACS-15",
    "characteristics": {"class": "III", "max": "15 kg", "e": "5 g"},
}


def line_with(line: dict[str, Any], **characteristics: str | None) -> dict[str, Any]:
    """The line with other characteristics; None takes one away."""
    changed = {**line["characteristics"], **characteristics}
    return {**line, "characteristics": {name: text for name, text in changed.items() if text is not None}}


def line_of(model: str) -> dict[str, Any]:
    """The line of an application for the same scale by another name."""
    return {**deepcopy(_LINE), "model": model}


DROPPED: dict[str, Any] = {
    "category": "audiometer",
    "lines": [
        {
            "name": "听力计",
            "model": "AD-1",
            "characteristics": {"quantity": "声压级", "range_high": "120", "accuracy": "1级"},
        }
    ],
}
"""What the form says of an instrument of a kind that needs approval until 2019-10-22, without a class letter."""

_BOTH = {
    "applicant_name": "试验衡器有限公司",
    "registered_site": _SITE,
    "production_sites": [_SITE],
    "phone": "0431-81234567",
    "email": "maker@example.com",
}


def type_approval_form(code: str, **changes: Any) -> dict[str, Any]:
    """An application for type approval of one scale by the manufacturer with the credit code `code`."""
    return deepcopy(
        {
            **_BOTH,
            "credit_code": code,
            "responsible_person": "甲负责",
            "contact_person": "乙联系",
            "category": "non_automatic_scale",
            "new_to": "maker",
            "lines": [_LINE],
            "description": "带计价显示的电子秤",
            "units_made": 3,
            **changes,
        }
    )


def licence_form(code: str, **changes: Any) -> dict[str, Any]:
    """An application for the licence to manufacture the scale of `type_approval_form`."""
    return deepcopy(
        {
            **_BOTH,
            "kind": "first",
            "credit_code": code,
            "legal_representative": "甲负责",
            "quality_head": "丙质量",
            "metrology_head": "丁计量",
            "staff": {"total": 40, "technical": 8, "inspection": 4},
            "lines": [{**_LINE, "category": "non_automatic_scale", "standard": "GB/T 7722-2005"}],
            "production_equipment": [{"name": "贴片机", "count": 1}],
            # Longer than anybody applies for a licence: renewals state the same.
            "inspection_equipment": [{"name": "F2级砝码组", "range": "20 kg", "calibrated_until": "2018-12-31"}],
            "procedures": ["电子计价秤工艺规程"],
            "self_assessed": [{"clause": f"4.{number}", "result": "conform"} for number in range(1, 11)],
            "self_assessment": "逐条自查，具备生产条件",
            **changes,
        }
    )


def c_mark_form(code: str, **changes: Any) -> dict[str, Any]:
    """An application for the C mark, or a declaration, by the packer with the credit code `code`."""
    return deepcopy(
        {
            **_BOTH,
            "credit_code": code,
            "legal_representative": "甲负责",
            "metrology_head": "丁计量",
            "lines": [{"name": "大米", "least": "2.5 kg", "most": "25 kg", "packed_at": _SITE["address"]}],
            "self_assessment": "逐条自评，具备计量保证能力",
            **changes,
        }
    )


_INSPECTED = {"findings": "净含量抽查合格"}
_CONDITIONS = {"temperature": "20 Cel", "humidity": "50 %", "pressure": "101.3 kPa"}
_LOADS = ("10", "0.1", "0.5", "1", "2", "2.5", "5", "7.5", "12.5", "15")


def weighing_test(indication: str = "10.000 kg", **changes: Any) -> dict[str, Any]:
    """A record of ten loads, the first of 10 kg; by default it conforms."""
    points = [{"load": f"{load} kg", "indication": f"{load} kg", "added": "2.5 g"} for load in _LOADS]
    points[0]["indication"] = indication
    return deepcopy(
        {
            "item": "r76.weighing",
            "serial": "S-1",
            "occasion": "initial",
            "conditions": dict(_CONDITIONS),
            "conditions_at_end": dict(_CONDITIONS),
            "equipment": [{"asset": "M1-set", "calibrated_until": "2014-12-31"}],
            "points": points,
            **changes,
        }
    )


def left_out(items: Iterable[str]) -> list[dict[str, str]]:
    """What a report says of items of the programme that nobody tested."""
    return [{"item": item, "reason": "同一结构的前次评价已证明"} for item in items]


_FEEDBACK = {"as_planned": True, "fairness": 5, "competence": 4, "clean": True}
_OPINION = {"affects": False, "opinion": "不影响计量性能"}
_CONTENTS: dict[str, dict[str, Any]] = {
    # The type approval may come later; tests that depend on it change this.
    "submit": {"confirmed": ["no_type_approval", "licensed_already"]},
    "supplement": {"confirmed": ["no_type_approval", "licensed_already"]},
    "request_supplement": {"items": ["企业标准"]},
    "not_required": {"reason": "不在目录内"},
    "not_accept": {"referred_to": "国家市场监督管理总局"},
    "transfer": {"office": "changchun", "reason": "生产地址属长春市"},
    "return_transfer": {"reason": "移送有误"},
    "commission": {"lab": "LAB-01", "lab_name": "试验计量院", "programme": "R 76-1:2006"},
    "examine_oiml": {
        "decision": "accept",
        "status": "valid",
        "manufacturer": "试验衡器有限公司",
        "models": ["ACS-15"],
        "in_scope": True,
        "declaration": "采信A类证书声明",
        "reports": [
            {"number": "NMi-1", "laboratory": "NMi", "pages": 84, "received": 84, "manufacturer_laboratory": False}
        ],
        "gap": [{"item": "R76-A.4.4", "requirement": "法定计量单位"}],
    },
    "return_to_lab": {"items": ["缺少静电放电试验记录"], "reason": "试验记录不全"},
    "withdraw_commission": {"reason": "委托单位有误"},
    "decline_commission": {"reason": "试验设备检修"},
    "serve_time_notice": {"needed": "约3个月", "served_to": "乙联系"},
    "arrange": {"plan": "次日送样", "samples": 1},
    "write_programme": {
        "number": "DG-012",
        "edition": "2013",
        "title": "电子计价秤型式评价大纲",
        "items": [{"item": "r76.weighing", "requirement": "示值误差不超过最大允许误差", "prototypes": 1}],
    },
    "receive_samples": {
        "samples": [{"serial": "S-1", "model": "ACS-15", "seals": "完好"}],
        "documents": ["使用说明书"],
    },
    "review_documents": {"documents": [{"document": "user_manual", "verdict": "conform"}]},
    "record_test": weighing_test(),
    "void_test": {"number": 1, "reason": "误录"},
    "draft_report": {
        "number": "R-1",
        "conclusion": "pass",
        "synopsis": "符合",
        "left_out": left_out(one.id for one in family("r76").items_of("r76") if one.id != "r76.weighing"),
    },
    "check_report": {"opinion": "同意"},
    "issue_report": {"opinion": "同意"},
    "plan_assessment": {
        # Later than any acceptance in a test.
        "planned_from": "2019-11-04",
        "planned_to": "2019-11-05",
    },
    **{key: {"no_interest": True} for key in ("confirm_assessors", "agree_to_assess")},
    "stand_aside": {"cause": "recused", "reason": "与申请单位有利害关系"},
    "record_findings": {"findings": [{"clause": "4.2", "finding": "符合", "result": "conform"}]},
    "give_feedback": _FEEDBACK,
    "change_feedback": {**_FEEDBACK, "fairness": 3, "reason": "误填"},
    "replace_assessor": {"cause": "declined", "reason": "另有任务"},
    "reinstate_assessor": {"reason": "登记有误"},
    "request_recusal": {"reason": "曾任本单位顾问"},
    "decide_recusal": {"outcome": "granted", "reason": "情况属实"},
    "report_assessment": {
        "number": "K-1",
        "findings": [],
        "conclusion": "pass",
        "confirmed": ["before_planned"],
    },
    "report_rectification": {"done": "已补做期间核查并归档"},
    "verify_rectification": {"report": "K-2", "verified": "已整改", "how": "on_paper", "reason": "如期完成"},
    "assess": {
        **_INSPECTED,
        "number": "C-1",
        "assessed_on": "2013-09-17",
        "assessors": ["卫考评", "沈考评"],
        "conclusion": "pass",
    },
    "check": {
        **_INSPECTED,
        "checked_on": "2019-06-03",
        "inspectors": ["卫核查", "沈核查"],
        "result": "in_order",
    },
    "amend": {"reason": "新增包装规格"},
    "report_contract": {
        "client_name": "试验商贸有限公司",
        "client_code": "91220101MA0Y000094",
        "contract": "委托3号",
        "on": "2013-09-17",
        "models": ["ACS-15"],
    },
    "end_contract": {"number": 1, "reason": "合同期满"},
    "report_correction": {"done": "已更换衡器并重新包装"},
    "strike_off": {"reason": "声明不实"},
    "withdraw_mark": {"reason": "公共利益需要", "compensation": "按评估补偿"},
    "review": {"opinion": "同意", "recommendation": "grant", "confirmed": ["left_out"]},
    "send_back": {"reason": "审查意见依据不足"},
    "refuse": {"reason": "不符合条件", "norms": ["GB/T 7722-2005"]},
    "deem_accept": {
        "limit": "intake",
        "started_on": "2013-09-17",
        "due_on": "2013-09-25",
        "basis": "行政许可法第三十二条",
        "reason": "五日内未告知补正",
    },
    "fail_rectification": {
        "limit": "rectification",
        "started_on": "2013-09-17",
        "due_on": "2013-12-17",
        "basis": "JJF 1246-2010",
        "reason": "逾期未整改",
    },
    "fail_evaluation": {
        "limit": "improvement",
        "started_on": "2013-09-17",
        "due_on": "2013-12-17",
        "basis": "质检总局令第74号第十三条",
        "reason": "逾期未完成改进",
    },
    "end_archive": {
        "limit": "archive",
        "started_on": "2013-09-17",
        "due_on": "2016-09-18",
        "basis": "质检总局令第74号第十四条",
        "reason": "保存期届满",
    },
    "reject_preliminarily": {"reason": "不符合法定条件"},
    "find_nonconformity": {"items": [{"item": "R76-A.4.4", "finding": "示值超差"}]},
    "deliver_improved": {
        "samples": [{"serial": "S-2", "model": "ACS-15", "seals": "完好"}],
        # Needed only where they were registered late.
        "reason": "限期内已送达",
    },
    "request_hearing": {"reason": "对评价结论有异议"},
    "register_hearing_request": {"received_on": "2013-09-17", "party": "某仪表厂", "reason": "涉及本厂利益"},
    "order_hearing": {
        "held_on": "2013-09-30",
        "place": "政务大厅",
        "reason": "申请人要求听证",
    },
    "close_hearing": {"number": "笔录1号", "minutes": "双方陈述意见"},
    "assign": {"to": {"subject": "li", "name": "李承办"}},
    "extend": {"reason": "技术问题复杂"},
    "terminate": {"ground": "APPLICANT_GONE", "basis": "行政许可法第七十条", "reason": "申请人已注销"},
    "renew": {"on": "2016-06-01", "application": "ML-2016-00001", "valid_until": "2019-09-17", "deemed": False},
    "change_by_decision": {
        "application": "ML-2015-00001",
        "kind": "changed_conditions",
        "on": "2015-06-01",
        "places": ["吉林省长春市新试验路9号"],
    },
    "expire": {"on": "2016-09-17"},
    "lapse": {
        "limit": "mark_term",
        "started_on": "2013-09-17",
        "due_on": "2016-09-17",
        "basis": "C标志管理办法",
        "reason": "有效期届满",
    },
    "abolish": {"on": "2016-09-17"},
    "grant_by_silence": {"on": "2016-09-17"},
    "revoke": {"reason": "考核程序违法", "fault": "authority"},
    "withdraw_licence": {"reason": "客观情况发生重大变化", "compensation": "按评估补偿"},
    "withdraw_certificate": {"reason": "客观情况发生重大变化", "compensation": "按评估补偿"},
    "abolish_type": {"reason": "技术落后", "act": "国家质检总局公告2013年第120号", "on": "2013-09-17"},
    "report_change": {"name": "试验衡器股份有限公司", "on": "2013-09-02", "proof": "准予变更登记通知书第3号"},
    "hand_over_samples": {"serials": ["S-1"], "place": "环境试验室", "to": "周核验", "seals": "完好"},
    "dispose_of_samples": {"serials": ["S-1"], "outcome": "returned", "received_by": "乙联系"},
    "release_archive": {"disposed": "移交档案馆"},
    "declare_change": {"change": "显示屏换为同规格产品", "models": ["ACS-15"], "on": "2013-10-08"},
    "assess_change": _OPINION,
    "assess_change_by_office": _OPINION,
    "request_conformity_check": {"matter": "新址制造的ACS-15与批准的型式是否相符"},
    "report_conformity": {
        "conforms": True,
        "number": "FH-2013-007",
        "on": "2013-09-17",
        "findings": "抽样2台，与批准的型式一致",
    },
    "set_conformity_check_aside": {"reason": "差异仅在铭牌，不涉及型式"},
    "name_laboratory": {"lab": "LAB-02", "reason": "原技术机构授权已失效"},
    "issue_order": {"measures": ["stop_making"], "act": "吉质监责改〔2013〕3号", "reason": "抽查不合格"},
    "lift_order": {"number": 1, "reason": "整改合格"},
    "refuse_change": {"reason": "证明文件不符"},
    "correct_document": {"address": "吉林省长春市试验路11号", "reason": "门牌号漏印"},
    "settle_approval": {"reason": "该型号已停止制造"},
    "penalise": {"reason": "出租许可证", "penalty_case": "吉质监罚〔2015〕1号"},
    "cancel": {"reason": "企业注销登记", "cause": "HOLDER_GONE"},
    "deliver": {"receipt": "送-1", "received_by": "乙联系"},
}


_CONTENTS |= {
    way_back: {"reason": "办理有误"}
    for way_back in (
        *("revoke_acceptance", "withdraw_supplement_notice", "reopen", "withdraw_time_notice", "cancel_hearing"),
        *("withdraw_extension", "withdraw_review", "recall_decision", "revoke_refusal", "cancel_delivery"),
        *("cancel_receipt", "withdraw_nonconformity", "cancel_improved", "return_report", "recall_report"),
        *(
            "cancel_assessment",
            "withdraw_assessment",
            "withdraw_check",
            "withdraw_assessment_report",
            "withdraw_rectification_report",
            "withdraw_verification",
            "withdraw_recusal_request",
            "reopen_recusal",
        ),
        *(
            "restore",
            "take_entry_back",
            "withdraw_cancellation",
            "withdraw_change_report",
            "take_change_back",
            "withdraw_oiml_examination",
            "cancel_handover",
            "cancel_disposal",
            "withdraw_programme",
            "withdraw_declared_change",
            "withdraw_opinion",
            "withdraw_office_opinion",
            "withdraw_conformity_check",
            "withdraw_named_laboratory",
            "decline_conformity_check",
            "withdraw_conformity_report",
            "withdraw_hearing_right",
            "withdraw_hearing_request",
            "cancel_hearing_request",
        ),
    )
}
_CONTENTS |= {
    way_back: {**_CONTENTS[action], "reason": "登记有误"}
    for way_back, action in (
        *(("correct", "submit"), ("replace_time_notice", "serve_time_notice"), ("correct_hearing", "order_hearing")),
        *(("correct_minutes", "close_hearing"), ("rearrange", "arrange"), ("correct_receipt", "receive_samples")),
        *(("replan_assessment", "plan_assessment"), ("change_document_review", "review_documents")),
        ("change_programme", "write_programme"),
    )
}
"""What puts another thing in the place of what an action said has what that had, and a reason."""


def findings(form: Mapping[str, Any] | None = None, **results: str) -> list[dict[str, str]]:
    """A finding on each clause of the assessment of a maker of what the form has, of scales without one: that it
    conforms, or the result by the code of the clause, with _ in place of its dots and hyphens."""
    kinds = [line["category"] for line in form["lines"]] if form else ["non_automatic_scale"]
    return [
        {"clause": row.id, "finding": "记录", "result": results.get(re.sub("[.-]", "_", f"c{row.id}"), "conform")}
        for row in load().requirements_on(_ASSESSED, kinds)
    ]


def elsewhere() -> dict[str, Any]:
    """What a form has of a place of manufacture that no other has: of a maker there is no second application for the
    same at a place."""
    return {"production_sites": [{"address": f"吉林省长春市新试验路{next(_NUMBERS)}号", "postcode": "130000"}]}


_NUMBERS = count(1)
NAMING = ("replace_assessor", "request_recusal", "reinstate_assessor", "record_test", "draft_report")
"""The actions of which `named_in` knows."""


def named_in(action: str, data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """What an action says of a case with such data: an assessor who was drawn, or who stood aside, if there is one; the
    occasion of a test; the items of the programme that nobody tested."""
    if action == "draft_report":
        return {"left_out": left_out(one.id for one in unexplained(data, family_by(data)))}
    if action == "record_test":
        return {"occasion": _occasion(data, changes)}
    team = data.get("assessment_plan", {}).get("team", ())
    aside = sorted(stood_aside(data["draw"])) if "draw" in data else []
    found = aside if action == "reinstate_assessor" else [one.get("code") for one in team]
    # The applicant asks about the leader, who is the expert that acts unless a test says who.
    return {"assessor": found[0 if action == "request_recusal" else -1]} if found else {}


def _occasion(data: Mapping[str, Any], changes: Mapping[str, Any]) -> str:
    """Of a test with such changes to the usual one."""
    tests, superseded = data.get("tests", ()), changes.get("supersedes", 0)
    here = place_of(data, superseded) if 0 < superseded <= len(tests) else len(tests) + 1
    item, serial = changes.get("item", "r76.weighing"), changes.get("serial", "S-1")
    made = {place: one for place, one in counting(data).items() if one["item"] == item and place < here}
    improvement = data.get("improvement", {})
    improved = serial in (improvement.get("serials") or ()) and here > improvement["tests_before"]
    before = improvement["tests_before"] if improved else 0
    this = (serial, changes.get("settings", {}))
    if any(place > before and (one["serial"], one.get("settings", {})) == this for place, one in made.items()):
        return "repeat_incident"
    return "retest_after_modification" if any(place <= before for place in made) else "initial"


def content_of(action: str, form: dict[str, Any] | None = None) -> dict[str, Any]:
    """What is sent with an action; `form` is what edit, supplement and correct carry, and what samples are of."""
    content = deepcopy(_CONTENTS.get(action, {}))
    if action in {"receive_samples", "correct_receipt", "deliver_improved"} and form:
        content["samples"][0]["model"] = form["lines"][0]["model"]
    if action == "report_assessment" and form:
        content["findings"] = findings(form)
        sample = {"model": form["lines"][0]["model"], "serial": "2013-1", "tested_to": "JJG 539", "result": "conform"}
        content["samples"] = [sample]
    if action in {"edit", "supplement", "correct", "amend"}:
        content["form"] = form
    return content
