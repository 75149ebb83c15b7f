"""What the codes of `invalid_params` mean, for readers of either language; a reason has the facts, in English."""

from __future__ import annotations

from typing import NamedTuple

from shared.http.language import Language


class Meaning(NamedTuple):
    zh: str
    en: str

    def told(self, language: Language) -> str:
        return self.en if language is Language.EN else self.zh


FAULTS = {
    "missing": Meaning("未填写", "Something is missing"),
    "invalid": Meaning("填写不符合要求", "It is not as it should be"),
    "character": Meaning("含有看不见或改变顺序的字符", "It has a character that is not seen or reorders text"),
    "unknown_field": Meaning("没有这一项", "There is no such field"),
    "another_receipt": Meaning("所指并非目前审查的材料", "This is not what is being examined"),
    "barred": Meaning("尚在不得再次申请的期限内", "Not allowed to apply again yet"),
    "before_step": Meaning("早于所属环节的开始", "Earlier than the step it belongs to"),
    "extended_already": Meaning("已延长过，只能延长一次", "Extended already, and once is all"),
    "future": Meaning("日期尚未到", "The day has not come yet"),
    "held_already": Meaning("已举行过听证", "A hearing was held already"),
    "law_unchanged": Meaning("法律仍要求该许可", "The law still asks for this permit"),
    "must_stand_aside": Meaning("该人员应当回避", "They must stand aside"),
    "not_yet": Meaning("时候未到", "It is not the time yet"),
    "overdue": Meaning("期限已届满", "The limit is over"),
    "served_already": Meaning("该通知已送达过", "The notice was served already"),
    "told_in_time": Meaning("已在期限内告知", "It was told in time"),
    "told_once": Meaning("补正内容只能一次告知", "What is missing is told once, and all of it"),
    "too_late": Meaning("已过期限", "It is too late"),
    "too_soon": Meaning("为时过早", "It is too soon"),
    "credentials": Meaning("地址中不得含用户名或口令", "The address may hold no name and password"),
    "fragment": Meaning("地址中不得含#之后的部分", "The address may hold no fragment"),
    "no_host": Meaning("地址缺少主机名", "The address names no host"),
    "no_public_address": Meaning("该主机不在公共网络上", "The host is at no public address"),
    "not_a_url": Meaning("不是网络地址", "This is no address"),
    "not_ascii": Meaning("地址须以ASCII字符书写", "The address is not in ASCII"),
    "not_https": Meaning("地址须以https://开头", "The address is not https"),
    "port": Meaning("不能使用该端口", "The port cannot be used"),
    "incomplete": Meaning("内容不完整", "It is not complete"),
    "not_published": Meaning("该年放假安排尚未公布", "The year is not published yet"),
    "contradictory": Meaning("前后矛盾", "It is stated in two ways"),
    "off_by_law": Meaning("该日为法定节假日", "The day is a holiday by law"),
    "unreachable": Meaning("该邮箱地址无法投递", "Mail cannot reach this address"),
    "wrong_year": Meaning("日期不属于该年", "The day is of another year"),
}
"""Those that are raised here. Each service has its own besides (`Offer.faults`)."""
