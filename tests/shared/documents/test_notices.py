"""Notices: what the law wants in each stands in it; they are numbered without gaps, and taken back in writing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from shared.documents.making import make
from shared.documents.models import issues
from shared.documents.verification import Outcome, verify
from shared.problems import Problem
from shared.runtime.time import legal_date
from tests.shared.casework.parts import DECLARED_AT, NOW, PROCEDURES, RULES, Desk, amending, naming_oiml, renewing
from tests.shared.documents.parts import SIGNED, key_of_office, unfit_for_archives
from tests.support import WAYS, database

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing
    from shared.documents.pages import Printer

TODAY = "2013年9月17日"
REVIEW = ("60日内向吉林省人民政府申请行政复议", "60日内向上一级主管部门申请行政复议")
REMEDIES = (*REVIEW, "3个月内依法直接向有管辖权的人民法院", "所在地人民法院")
LICENSED, TESTED = WAYS["licensing"], WAYS["type_approval"]
MISSING = ["企业标准", "样机照片"]

ACTS: Mapping[str, tuple[str, tuple[str, ...], dict[str, Any], tuple[str, ...]]] = {
    "receipt": ("type_approval", ("submit",), {}, (TODAY, "5个工作日", "一次性告知", "逾期不告知", "ACS-15")),
    "lodgement": ("licensing", ("submit",), {}, (TODAY, "自动登记收件")),
    "supplement_receipt": ("type_approval", ("submit", "request_supplement", "supplement"), {}, (TODAY, "5个工作日")),
    "acceptance": ("type_approval", ("submit", "accept"), {}, (TODAY, "第三十二条", "20个工作日", "ACS-15", "受理")),
    "deemed_acceptance": (
        *("type_approval", ("submit", "deem_accept"), {}),
        ("自2013年9月17日起即为受理", "2013年9月25日", "20个工作日"),
    ),
    "supplement_notice": (
        *("type_approval", ("submit", "request_supplement"), {"items": MISSING}),
        (*MISSING, "全部内容一次性告知", "5个工作日"),
    ),
    "not_required": ("type_approval", ("submit", "not_required"), {}, ("不需要取得行政许可", "不在目录内", *REMEDIES)),
    "not_accepted": (
        *("type_approval", ("submit", "not_accept"), {}),
        ("不属于本机关职权范围", "国家市场监督管理总局", *REMEDIES),
    ),
    "transfer": (
        *("licensing", ("submit", "accept", "transfer"), {}),
        ("已经受理", "移送长春市质量技术监督局办理", "生产地址属长春市", "无须重新申请"),
    ),
    "time_notice": ("type_approval", TESTED[:4], {}, ("约3个月", "不计算在行政许可决定期限内", TODAY, "第四十五条")),
    "hearing_right": (
        *("type_approval", ("submit", "accept", "reject_preliminarily", "tell_hearing_right"), {}),
        ("第四十七条", "5个工作日", "20个工作日", "要求听证的权利", "不承担组织听证的费用"),
    ),
    "hearing_notice": (
        "type_approval",
        ("submit", "accept", "reject_preliminarily", "tell_hearing_right", "request_hearing", "order_hearing"),
        {},
        ("2013年9月30日", "政务大厅", "应申请人要求", "申请回避", "不承担组织听证的费用", "申辩和质证", "听证笔录"),
    ),
    "extension": (
        *("type_approval", ("submit", "accept", "extend"), {}),
        ("10个工作日", "技术问题复杂", "负责人批准", "第四十二条"),
    ),
    "grant": ("type_approval", TESTED[:-1], {}, ("2013F101-22", TODAY, "10个工作日", "ACS-15", "第三十八条第一款")),
    "renewal": ("licensing", LICENSED[:-1], {}, ("吉制00000001号", "有效期延续至2019年9月17日", "第五十条第二款")),
    "amendment": ("licensing", LICENSED[:-1], {}, ("吉制00000001号", "编号和有效期不变", "第四十九条")),
    "deemed_renewal": (
        *("licensing", ("submit", "grant_by_silence"), {}),
        ("视为准予延续", "吉制00000001号", "2019年9月17日", "第五十条第二款"),
    ),
    "refusal": (
        *("type_approval", (*TESTED[:-2], "refuse"), {"bar": "FALSE_MATERIALS"}),
        ("不符合条件", "GB/T 7722-2005", "第三十八条第二款", "2014年9月17日", "第七十八条", *REMEDIES),
    ),
    "termination": (
        *("type_approval", ("submit", "accept", "terminate"), {}),
        ("申请人终止", "申请人已注销", "行政许可法第七十条", *REMEDIES),
    ),
    "delivery": ("type_approval", TESTED, {}, ("准予行政许可决定书", "2013F101-22", TODAY, "乙联系", "送-1")),
    "revocation": (
        *("licensing", (*LICENSED, "revoke"), {"fault": "holder", "bar": "DECEIT"}),
        ("第六十九条", "吉制00000001号", TODAY, "考核程序违法", "不受保护", "2016年9月17日", *REMEDIES),
    ),
    "permit_withdrawal": ("licensing", (*LICENSED, "withdraw_licence"), {}, ("第八条第二款", "补偿：", *REMEDIES)),
    "penalty": ("licensing", (*LICENSED, "penalise"), {}, ("行政处罚决定书", "吊销", *REMEDIES)),
    "type_abolished": (
        *("type_approval", (*TESTED, "abolish_type"), {}),
        ("国家质检总局公告2013年第120号", "2013F101-22", TODAY, "ACS-15", "不得制造", *REMEDIES),
    ),
    "change_refusal": (
        *("type_approval", (*TESTED, "report_change", "refuse_change"), {}),
        ("2013F101-22", TODAY, "不予变更", "第四十九条", "证明文件不符", *REMEDIES),
    ),
    "oiml_refusal": (
        *("type_approval", ("submit", "accept", "examine_oiml"), {"decision": "refuse", "reason": "国家要求差异过大"}),
        ("R076/2006-A-NL1-2013.01", "国家要求差异过大", "全部项目"),
    ),
    "order": (
        *("type_approval", (*TESTED, "issue_order"), {}),
        ("2013F101-22", "停止制造", "抽查不合格", "第二十三条", *REMEDIES),
    ),
    "order_lifted": (
        *("type_approval", (*TESTED, "issue_order", "lift_order"), {}),
        ("2013F101-22", "停止制造", "整改合格", "解除"),
    ),
    "cancellation": ("licensing", (*LICENSED, "cancel"), {}, ("第七十条", "注销原因：", *REMEDIES)),
    "register_closed": ("licensing", (*LICENSED, "revoke", "cancel_ended"), {}, ("第七十条", "撤销", *REMEDIES)),
    "declaration_receipt": ("c_mark", ("submit",), {}, ("吉C20190001", "大米　2.5 kg～25 kg", "公示", "2019年6月3日")),
    "correction_order": (
        *("c_mark", ("submit", "check"), {"result": "to_correct", "findings": "净含量不足"}),
        ("吉C20190001", "净含量不足", "2019年6月3日", "报告", *REVIEW),
    ),
    "striking_off": (
        *("c_mark", ("submit", "strike_off"), {}),
        ("吉C20190001", "声明不实", "2019年6月3日", "不得在商品上使用", *REVIEW),
    ),
    "withdrawal": (
        *("type_approval", ("submit", "request_supplement", "withdraw_supplement_notice"), {}),
        ("申请材料补正一次性告知书（吉质监型补字〔2013〕第1号）", "理由："),
    ),
}
"""How a case comes to each kind of notice, and what the law wants in it: Administrative Licensing Law Art. 32 (dated,
all that is missing at once, whom to ask), 38 and 55 (reasons, norms, remedies), 42 (reason), 44 and 45 (times), 48
(hearing), 8, 69 and 70 (ends of licences)."""


@pytest.fixture(scope="module")
def engines(servers: Backing) -> Iterator[dict[str, Engine]]:
    with (
        database(servers.database_url, f"{servers.namespace}_notices", "type_approval") as approvals,
        database(servers.database_url, f"{servers.namespace}_notices_licences", "licensing") as licences,
        database(servers.database_url, f"{servers.namespace}_notices_marks", "c_mark") as marks,
    ):
        yield {"type_approval": approvals, "licensing": licences, "c_mark": marks}


@pytest.fixture
def tx(engines: dict[str, Engine]) -> Iterator[Connection]:
    """Of type approval; undone at the end."""
    with engines["type_approval"].connect() as tx:
        yield tx
        tx.rollback()


def played(tx: Connection, kind: str) -> Desk:
    """A case that has come to the notice."""
    service, way, changes, _ = ACTS[kind]
    now = DECLARED_AT if service == "c_mark" else NOW
    about = {"renewal": renewing, "deemed_renewal": renewing, "amendment": amending, "oiml_refusal": naming_oiml}
    desk = about[kind](tx) if kind in about else Desk(tx, service, now=now)
    if service == "licensing" and kind not in about:
        desk.approve("running" if kind == "lodgement" else "in_force")
    desk.do(*way[:-1])
    desk.do(way[-1], **changes)
    return desk


def ordered(desk: Desk, kind: str) -> dict[str, Any]:
    """What the newest notice of that kind says."""
    query = select(issues.c.content).where(issues.c.case_id == desk.case.id, issues.c.notice == kind)
    content: dict[str, Any] = desk.tx.execute(query.order_by(issues.c.id.desc()).limit(1)).scalar_one()
    return content


def said(content: Mapping[str, Any], language: str) -> str:
    blocks = content["text"][language]
    return "\n".join(line for block in blocks for line in (block if isinstance(block, list) else [block]))


def filed(desk: Desk) -> list[Any]:
    found: list[Any] = desk.case.data["notices"]
    return found


def test_every_kind_of_notice_is_looked_at() -> None:
    assert ACTS.keys() == {row.id for row in RULES.notices}
    named = {row.notice for procedure in PROCEDURES.values() for row in procedure.transitions if row.notice}
    assert named == ACTS.keys() - {"withdrawal"}


@pytest.mark.parametrize("kind", ACTS)
def test_a_notice_holds_what_the_law_wants_in_it(engines: dict[str, Engine], kind: str, press: Printer) -> None:
    service, _, _, wanted = ACTS[kind]
    with engines[service].connect() as tx:
        desk = played(tx, kind)
        content = ordered(desk, kind)
        tx.rollback()
    chinese, english = said(content, "zh"), said(content, "en")
    assert [item for item in wanted if item not in chinese] == []
    assert desk.case.number is not None
    assert desk.case.number in chinese + content["application"]
    assert not {"{", "}"} & {*chinese, *english}
    assert "None" not in chinese + english
    assert len(content["text"]["zh"]) == len(content["text"]["en"])
    # Dated, with the office that seals it, and for somebody.
    today = legal_date(desk.now)
    assert (content["authority"], content["issued_on"]) == (RULES.authority(today).name.zh, today.isoformat())
    assert content["addressee"]["name"] == desk.form["applicant_name"]
    entry = filed(desk)[-1]
    assert (entry["number"], entry["kind"], entry["on"]) == (content["number"], kind, today.isoformat())
    # It is made and checked like any other document.
    keys, key = key_of_office()
    made = make(content, 1, "https://quanheng.example/n/1/7K3M9Q2X", key, press, SIGNED)
    assert [check for check in verify(made.pdf, keys) if check.outcome is Outcome.FAILED] == []
    assert unfit_for_archives(made.pdf) == []


def test_numbers_have_no_gaps_by_kind_and_year_whatever_is_undone(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("submit")
    undone = tx.begin_nested()
    desk.attempt("accept")
    undone.rollback()
    numbers = [desk.do("accept").data["notices"][-1]["number"]]
    for _ in range(2):
        other = Desk(tx)
        numbers.append(other.do("submit", "accept").data["notices"][-1]["number"])
    late = Desk(tx)
    numbers.append(late.do("submit", "accept", now=datetime(2014, 1, 2, 1, tzinfo=UTC)).data["notices"][-1]["number"])
    assert numbers == [
        *(f"吉质监型受字2013第{serial}号" for serial in (1, 2, 3)),
        "吉质监型受字2014第1号",
    ]
    assert filed(late)[-1]["printed"] == "吉质监型受字〔2014〕第1号"


def test_a_notice_follows_the_office_and_the_law_of_its_day(tx: Connection) -> None:
    desk = Desk(tx)
    later = datetime(2018, 11, 5, 1, tzinfo=UTC)
    desk.do("submit", "accept", "reject_preliminarily", "refuse", now=later)
    content = ordered(desk, "refusal")
    assert content["authority"] == "吉林省市场监督管理厅"
    assert content["number"] == "吉市监型不准字2018第1号"
    assert "6个月内依法直接向有管辖权的人民法院" in said(content, "zh")
    assert "within 6 months" in said(content, "en")


def test_a_refusal_without_norms_leaves_out_their_heading(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("submit", "accept", "reject_preliminarily")
    desk.do("refuse", norms=[])
    content = ordered(desk, "refusal")
    assert "技术规范" not in said(content, "zh")
    assert "norms" not in said(content, "en")


def test_a_notice_registered_late_says_when_it_was_served(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("submit")
    desk.do("request_supplement", served_on="2013-09-18", receipt="送-7", now=datetime(2013, 9, 20, 1, tzinfo=UTC))
    assert filed(desk)[-1]["served"] == {"on": "2013-09-18", "receipt": "送-7"}
    content = ordered(desk, "supplement_notice")
    assert content["issued_on"] == "2013-09-20"
    assert "已于2013年9月18日送达，送达回证编号送-7" in said(content, "zh")


def test_what_is_taken_back_is_told_in_writing_and_names_what_it_takes_back(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("submit", "request_supplement", "withdraw_supplement_notice")
    receipt, supplement, withdrawal = filed(desk)
    assert supplement["taken_back"] == {"on": "2013-09-17", "by": withdrawal["number"]}
    assert "taken_back" not in {*receipt, *withdrawal}
    assert ordered(desk, "withdrawal")["takes_back"] == [supplement["number"]]


def test_a_corrected_notice_takes_the_place_of_the_one_before(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*TESTED[:4])
    desk.do("replace_time_notice", needed="约5个月", reason="试验项目增加")
    first, second = (notice for notice in filed(desk) if notice["kind"] == "time_notice")
    assert first["taken_back"]["by"] == second["number"] == desk.case.data["time_notice"]["number"]
    assert "更正理由：试验项目增加" in said(ordered(desk, "time_notice"), "zh")
    desk.do("withdraw_commission")
    assert "taken_back" in next(notice for notice in filed(desk) if notice["number"] == second["number"])
    assert filed(desk)[-1]["kind"] == "withdrawal", "the time of an evaluation that is not made is told no more"


def test_a_delivered_decision_has_its_proof_of_delivery_until_that_is_cancelled(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*TESTED[:-2], "refuse", "deliver")
    decision, record = filed(desk)[-2:]
    assert decision["served"] == {"on": "2013-09-17", "receipt": "送-1", "received_by": "乙联系"}
    assert ordered(desk, "delivery")["text"]["zh"][1] == [f"不予行政许可决定书（{decision['printed']}）"]
    desk.do("cancel_delivery")
    decision, cancelled = filed(desk)[-3:-1]
    assert "served" not in decision
    assert (cancelled["number"], "taken_back" in cancelled) == (record["number"], True)
    desk.do("deliver")
    desk.do("revoke_refusal")
    decision = next(notice for notice in filed(desk) if notice["kind"] == "refusal")
    assert {"served", "taken_back"} <= decision.keys(), "it was delivered, and then revoked"


def test_a_refused_step_gives_no_notice(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("submit", "accept")
    before = filed(desk)
    with pytest.raises(Problem):
        desk.attempt("request_supplement")
    assert filed(desk) == before
