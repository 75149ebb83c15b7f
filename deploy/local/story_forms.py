"""The input of the story: forms from docs/examples, notices, test records."""

from __future__ import annotations

from json import loads
from typing import Any

from deploy.local.folders import ROOT

LAB = "JL-LAB-01"
LAB_NAME = "吉林示例计量检测研究院"

_EXAMPLES = ROOT / "docs/examples"
TYPE_APPROVAL_FORM: dict[str, Any] = loads((_EXAMPLES / "type-approval.json").read_bytes())
_LICENCE_FORM: dict[str, Any] = loads((_EXAMPLES / "licence.json").read_bytes())
APPLICANT = TYPE_APPROVAL_FORM["credit_code"]


def licence_form(type_approval: str) -> dict[str, Any]:
    """The licence application for the scale whose type approval has the application number `type_approval`."""
    (line,) = _LICENCE_FORM["lines"]
    return {**_LICENCE_FORM, "lines": [{**line, "type_approval": type_approval}]}


COMMISSION = {"lab": LAB, "lab_name": LAB_NAME, "programme": "JJG 539-1997 数字指示秤（型式评价部分），R 76-1:2006"}
EVALUATION_NOTICE = {"needed": "型式评价约3个月", "served_to": "钱联系"}
ARRANGEMENT = {"plan": "2013年10月18日送样，10月21日开始试验", "samples": 1}
SAMPLES = {
    "samples": [
        {
            "serial": "2013-001",
            "model": "ACS-15",
            "software": {"version": "V1.02", "checksum": "8F3A"},
            "seals": "铅封完好",
        }
    ],
    "documents": ["样机照片", "使用说明书", "总装图和电路图", "企业标准", "出厂试验报告"],
}


def weighing(phase: str, temperature: str, points: list[tuple[str, str, str]]) -> dict[str, Any]:
    """A test record of the prototype; each point is load, indication and added weights, with units."""
    return {
        "item": "r76.weighing",
        "serial": "2013-001",
        "occasion": "initial",
        "settings": {"phase": phase},
        "conditions": {"temperature": temperature, "humidity": "48 %"},
        "conditions_at_end": {"temperature": "20 Cel", "humidity": "50 %", "pressure": "101.3 kPa"},
        "equipment": [{"asset": "M1-20kg-set-07", "calibrated_until": "2014-05-30"}],
        "points": [{"load": load, "indication": shown, "added": added} for load, shown, added in points],
    }


TESTS = [
    weighing(
        "initial",
        "20.2 Cel",
        [
            ("0.1 kg", "0.100 kg", "2.5 g"),
            ("0.5 kg", "0.500 kg", "2.5 g"),
            ("1 kg", "1.000 kg", "2.0 g"),
            ("2 kg", "2.000 kg", "1.5 g"),
            ("2.5 kg", "2.500 kg", "1.0 g"),
            ("5 kg", "5.000 kg", "1.5 g"),
            ("7.5 kg", "7.500 kg", "1.5 g"),
            ("10 kg", "10.000 kg", "1.5 g"),
            ("12.5 kg", "12.500 kg", "0.5 g"),
            ("15 kg", "15.005 kg", "3.0 g"),
        ],
    ),
    weighing(
        "later",
        "40.0 Cel",
        [
            ("0.1 kg", "0.100 kg", "3.0 g"),
            ("2.5 kg", "2.500 kg", "1.5 g"),
            ("5 kg", "5.000 kg", "1.0 g"),
            ("10 kg", "10.000 kg", "0.5 g"),
            ("15 kg", "15.005 kg", "1.0 g"),
        ],
    ),
]

_LEFT_OUT = {
    "同一称重传感器和承载器的ACS-6已评价，见报告吉计型评字2012-0041": (
        *("temp-no-load", "eccentricity", "discrimination", "repeatability", "zero-return", "creep", "stability"),
        *("tilt", "tare", "zero-setting", "tare-setting", "zero-range", "over-range", "endurance"),
    ),
    "同一仪表的ACS-6已评价，见报告吉计型评字2012-0041": (
        *("indicators", "warm-up", "voltage", "dips", "bursts", "surge", "esd", "radiated", "conducted"),
        *("damp-heat", "span", "price", "construction", "checklist"),
    ),
    "数字示值，无非自行指示": ("sensitivity",),
    "不由车载电源供电": ("vehicle",),
    "整秤评价，不分模块": ("modules",),
}
"""By the reason, the items of the programme that the laboratory did not test."""
REPORT = {
    "number": "吉计型评字2013-0086",
    "conclusion": "pass",
    "synopsis": "所检项目均符合R 76-1对III级秤的要求。",
    "left_out": [{"item": f"r76.{item}", "reason": why} for why, items in _LEFT_OUT.items() for item in items],
}

ASSESSMENT_PLAN = {"size": 2, "planned_from": "2014-01-27", "planned_to": "2014-02-12"}
CONFIRMATION = {"no_interest": True}
ASSESSMENT_NOTICE = {"needed": "现场考核60个工作日内", "served_to": "褚计量"}
ASSESSMENT_REPORT = {
    "number": "吉考2014-003",
    "findings": [
        {"clause": clause, "finding": finding, "result": "conform"}
        for clause, finding in (
            ("4.1", "职责和范围明确"),
            ("4.2", "标志和编号的使用有规定并执行"),
            ("4.3", "检验人员6人，均经培训考核"),
            ("4.4", "生产场所与申请一致"),
            ("4.5", "生产设施齐全、完好"),
            ("4.6", "砝码组在检定有效期内"),
            ("4.7", "图样、工艺和检验规程齐全"),
            ("4.8", "质量和计量管理制度有效运行"),
            ("4.9", "有售后服务网点和记录"),
            ("4.10", "抽样1台，按R 76-1复测合格"),
            ("M-NAWI-1", "F2级砝码组20 kg，证书有效"),
            ("M-NAWI-2", "装配调试工装4套"),
        )
    ],
    "samples": [{"model": "ACS-15", "serial": "20140118", "tested_to": "JJG 539-1997", "result": "conform"}],
    "conclusion": "pass",
}

REPORT_REVIEW = {"opinion": "报告完整，符合要求", "recommendation": "grant", "confirmed": ["left_out"]}
ASSESSMENT_REVIEW = {"opinion": "考核合格，各项均在批准型式范围内", "recommendation": "grant"}
CERTIFICATE_RECEIPT = {"receipt": "送达回证2013-117", "received_by": "钱联系"}
LICENCE_RECEIPT = {"receipt": "送达回证2014-009", "received_by": "褚计量"}
