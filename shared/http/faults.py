"""The meanings of the codes in `invalid_params`, in both languages; the reason with the facts is in English."""

from __future__ import annotations

from typing import NamedTuple

from shared.http.language import Language


class Meaning(NamedTuple):
    zh: str
    en: str

    def told(self, language: Language) -> str:
        return self.en if language is Language.EN else self.zh


FAULTS = {
    "missing": Meaning("未填写", "Required value is missing"),
    "invalid": Meaning("填写不符合要求", "The value is not valid"),
    "character": Meaning("含有看不见或改变顺序的字符", "It contains an invisible character or one that reorders text"),
    "not_at_fault": Meaning("以不正当手段取得的，责任在持证人", "The holder is at fault because of deceit"),
    "unknown_field": Meaning("没有这一项", "There is no such field"),
    "another_receipt": Meaning("所指并非目前审查的材料", "This is not the submission under examination"),
    "barred": Meaning("尚在不得再次申请的期限内", "A new application is not allowed yet"),
    "before_step": Meaning("早于所属环节的开始", "Earlier than the start of its step"),
    "extended_already": Meaning("已延长过，只能延长一次", "Already extended; only one extension is allowed"),
    "form": Meaning("格式不符", "The format is wrong"),
    "future": Meaning("日期尚未到", "The date is in the future"),
    "held_already": Meaning("已举行过听证", "A hearing has already been held"),
    "law_unchanged": Meaning("法律仍要求该许可", "The law still requires this permit"),
    "must_stand_aside": Meaning("该人员应当回避", "This person must recuse themselves"),
    "not_yet": Meaning("尚未到可办理的时间", "This is not possible yet"),
    "overdue": Meaning("期限已届满", "The time limit has expired"),
    "served_already": Meaning("该通知已送达", "The notice has already been served"),
    "told_in_time": Meaning("已在期限内告知", "The notice was given in time"),
    "told_once": Meaning("补正内容应当一次告知", "Everything missing must be named in one notice"),
    "too_late": Meaning("已过期限", "The time limit has passed"),
    "too_soon": Meaning("尚未到可提出的时间", "It is too early"),
    "credentials": Meaning("地址中不得含用户名或口令", "The URL must not contain a user name or password"),
    "fragment": Meaning("地址中不得含#之后的部分", "The URL must not contain a fragment"),
    "no_host": Meaning("地址缺少主机名", "The URL has no host name"),
    "no_public_address": Meaning("该主机没有公网地址", "The host has no public address"),
    "not_a_url": Meaning("不是网址", "This is not a URL"),
    "not_ascii": Meaning("地址须以ASCII字符书写", "The URL is not in ASCII"),
    "not_https": Meaning("地址须以https://开头", "The URL must begin with https://"),
    "port": Meaning("不能使用该端口", "The port is not allowed"),
    "incomplete": Meaning("内容不完整", "It is incomplete"),
    "not_published": Meaning("该年放假安排尚未公布", "The holidays of the year are not published yet"),
    "contradictory": Meaning("前后矛盾", "The statements contradict each other"),
    "off_by_law": Meaning("该日为法定节假日", "The day is a statutory holiday"),
    "unreachable": Meaning("该邮箱地址无法投递", "This address cannot receive mail"),
    "active": Meaning("含脚本、宏或可执行动作", "It has scripts, macros or actions"),
    "broken": Meaning("文件损坏或不完整", "The file is damaged or not whole"),
    "empty": Meaning("空文件", "The file is empty"),
    "encrypted": Meaning("文件已加密", "The file is encrypted"),
    "hidden": Meaning("文件同时是另一种文件", "The file is of two kinds at once"),
    "infected": Meaning("查出病毒", "Malware was found in it"),
    "kind_of_file": Meaning("不接受这种文件", "This kind of file is not taken"),
    "too_many": Meaning("份数过多", "There are too many"),
    "unknown_kind": Meaning("没有这种材料", "There is no such kind of document"),
    "wrong_year": Meaning("日期不属于该年", "The date is in another year"),
    "before_start": Meaning("结束早于开始", "The end is before the start"),
    "entry_ended": Meaning("该条目已终止", "The entry is ended"),
    "in_register": Meaning("名册中已有", "Already in the register"),
    "not_ended": Meaning("该条目未终止", "The entry is not ended"),
    "unknown_version": Meaning("没有可更正的该版本", "There is no such version to correct"),
    "twice": Meaning("重复列出", "Listed twice"),
    "cell": Meaning("单元格填写有误", "A cell is not as it should be"),
}
"""The codes raised by the shared code. Each service adds its own (`Offer.faults`)."""
