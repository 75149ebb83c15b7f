"""What the API of the registers takes and gives."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields

from shared.casework.search import NEWEST_FIRST
from shared.http.lists import SearchQuery, by_match, path_of, sorts
from shared.http.paging import AN_ID
from shared.http.views import ON_SIDE
from shared.labels import labelled
from shared.registers.importing import OUTCOMES
from shared.registers.versions import STATUSES
from shared.schemas import Answer, Bilingual, Day, Flag, Strict, choice, count, text
from shared.text import Text

if TYPE_CHECKING:
    from shared.registers.register import Register

_CONTENT = labelled("登记内容", "what the entry says")
_SINCE = labelled("自何日起", "day from which this holds", example="2013-06-01")
_SINCE_OR_TODAY = labelled(
    "自何日起", "day from which this holds", hint=Text("不填即为今天", "today if not said"), example="2013-06-01"
)
_ON = Day(
    metadata=labelled(
        "查询日期", "as of which day", hint=Text("不填即为今天", "today if not said"), example="2013-10-21"
    ),
)
_REASON = labelled("理由", "why", hint=Text("随版本保存", "kept with the version"), example="录入有误")
_STATUS = labelled(
    "状态",
    "status",
    choices={
        "valid": Text("有效", "in force"),
        "lapsed": Text("不在有效期内", "outside its days of validity or without any"),
        "ended": Text("已终止", "ended"),
    },
    example="valid",
)


class AsOf(Strict):
    """As of which day."""

    on = _ON


class RegisterQuery(SearchQuery):
    """Which part of a register, or what to find in it, as of a day."""

    on = _ON
    status = choice(*STATUSES, required=False, metadata=_STATUS)
    sort = sorts(NEWEST_FIRST)
    cursor = by_match({NEWEST_FIRST: [AN_ID]})


class Ending(Strict):
    """终止。 From which day the entry is ended, and why."""

    since = Day(
        metadata=labelled(
            "自何日起终止", "from which day it is ended", hint=Text("不填即为今天", "today if not said"), example=None
        )
    )
    reason = text(maximum=1000, metadata={**_REASON, "example": "送检报废"})


class Restoring(Strict):
    """恢复。 Why the end is taken back; what the entry said before holds on."""

    reason = text(maximum=1000, metadata=_REASON)


class ImportQuery(Strict):
    """How a list is taken from a file."""

    preview = Flag(
        asked=True,
        load_default=False,
        metadata=labelled("只预览，不保存", "say what would become of it, and store nothing", example=True),
    )
    since = Day(metadata=_SINCE_OR_TODAY)


class LineFault(Bilingual):
    """一处问题。 What is wrong with a line."""

    name = fields.String(required=True, metadata=labelled("字段", "field", example="due_on"))
    code = fields.String(required=True, metadata=labelled("代码", "kind of fault", example="before_start"))


class ImportedLine(Answer):
    """文件的一行。 What becomes of a line of the file."""

    line = fields.Integer(required=True, metadata=labelled("行号", "number of the line", example=2))
    code = fields.String(required=True, metadata=labelled("编号", "code", example="M1-20kg-set-07"))
    outcome = choice(
        *OUTCOMES,
        metadata=labelled(
            "结果",
            "outcome",
            choices={
                "add": Text("新登记", "begun"),
                "change": Text("变更", "changed"),
                "same": Text("相同", "the register says the same"),
                "wrong": Text("有误", "refused"),
            },
            example="add",
        ),
    )
    faults = fields.List(
        fields.Nested(LineFault), required=True, metadata=labelled("问题", "what is wrong", example=[])
    )
    changed = fields.List(
        fields.String(), metadata=labelled("变更的栏目", "names of the fields that it changes", example=[])
    )
    remarks = fields.List(
        fields.Nested(LineFault), metadata=labelled("提示", "what does not stand in its way", example=[])
    )


class ImportReport(Answer):
    """导入结果。 What became of a file, or would, line by line."""

    add = fields.Integer(required=True, metadata=labelled("新登记行数", "lines begun", example=1))
    change = fields.Integer(required=True, metadata=labelled("变更行数", "lines changed", example=0))
    same = fields.Integer(required=True, metadata=labelled("相同行数", "lines the same", example=0))
    wrong = fields.Integer(required=True, metadata=labelled("有误行数", "lines refused", example=0))
    lines = fields.List(fields.Nested(ImportedLine), required=True, metadata=labelled("逐行", "the lines"))


def _body(register: Register, action: str, said: str, **more: Any) -> type[Schema]:
    form = register.form
    # Of an entry that is there the path says which.
    options = type("Meta", (Strict.Meta,), {"exclude": () if action == "add" else ("code",)})
    named = {"__module__": form.__module__, "__doc__": said, "Meta": options, **more}
    return type(f"{action.capitalize()}{form.__name__}", (form,), named)


@cache
def added(register: Register) -> type[Schema]:
    """What an entry is begun with."""
    since = Day(metadata=_SINCE_OR_TODAY)
    return _body(register, "add", register.form.__doc__ or "", since=since)


@cache
def changed(register: Register) -> type[Schema]:
    """What holds in place of what held, from a day."""
    since = Day(metadata=_SINCE_OR_TODAY)
    reason = text(required=False, maximum=1000, metadata={**_REASON, "example": None})
    said = "变更。 All that the entry says from a day on; what it said before stays readable."
    return _body(register, "change", said, since=since, reason=reason)


@cache
def corrected(register: Register) -> type[Schema]:
    """What takes the place of a version that was wrong."""
    since = Day(
        metadata=labelled(
            "自何日起",
            "day from which this holds",
            hint=Text("不填则与所更正的版本相同", "as the corrected version if not said"),
            example=None,
        )
    )
    number = count(metadata=labelled("更正第几版", "number of the version that this one corrects", example=1))
    said = "更正。 What takes the place of a version that was wrong; that one stays readable, and no longer counts."
    reason = text(maximum=1000, metadata=_REASON)
    return _body(register, "correct", said, since=since, supersedes=number, reason=reason)


class _Kept(Answer):
    """What is kept with a version."""

    version = fields.Integer(required=True, metadata=labelled("版本号", "number of the version", example=1))
    since = fields.Date(required=True, metadata=_SINCE)


@cache
def listed_entry(register: Register) -> type[Schema]:
    """An entry as lists show it on a day; its version is the number of the newest."""
    form = register.form
    named = {
        "__module__": form.__module__,
        "__doc__": form.__doc__,
        **dict([register.owner] if register.owner else []),
        "status": choice(*STATUSES, metadata=_STATUS),
        "content": fields.Nested(form, required=True, metadata=_CONTENT),
        "href": path_of(register.example),
    }
    return type(f"{form.__name__}Entry", (_Kept,), named)


class _Version(_Kept):
    """What is kept with a version: who recorded it, when and why."""

    action = choice(
        *("add", "change", "correct", "end", "restore"),
        metadata=labelled(
            "办理事项",
            "action",
            choices={
                "add": Text("登记", "begun"),
                "change": Text("变更", "changed"),
                "correct": Text("更正", "corrected"),
                "end": Text("终止", "ended"),
                "restore": Text("恢复", "restored"),
            },
            example="add",
        ),
    )
    ended = fields.Boolean(
        required=True, metadata=labelled("已终止", "whether the entry is ended from then", example=False)
    )
    counts = fields.Boolean(
        required=True, metadata=labelled("有效", "whether no later version corrects it", example=True)
    )
    supersedes = fields.Integer(metadata=labelled("更正第几版", "number of the version that it corrects", example=None))
    reason = fields.String(metadata=labelled("理由", "why", example=None))
    by = fields.String(required=True, metadata=labelled("经办人", "who recorded it", example="陈检测"))
    role = ON_SIDE
    at = fields.AwareDateTime(required=True, metadata=labelled("记录时刻", "when", hint=Text("UTC", "UTC")))


@cache
def whole_entry(register: Register) -> type[Schema]:
    """An entry as of a day, with its history."""
    form, base = register.form, listed_entry(register)
    told = {"__module__": form.__module__, "content": fields.Nested(form, required=True, metadata=_CONTENT)}
    said = "版本。 What the entry said from a day on, who recorded it, when and why."
    version = type(f"{form.__name__}Version", (_Version,), {**told, "__doc__": said})
    named = {
        "__module__": form.__module__,
        "__doc__": base.__doc__,
        "versions": fields.List(
            fields.Nested(version),
            required=True,
            metadata=labelled("全部版本", "its versions", hint=Text("按先后", "first to last")),
        ),
        "intact": fields.Boolean(
            required=True, metadata=labelled("记录完整", "whether no version was changed or left out")
        ),
    }
    return type(f"Whole{form.__name__}", (base,), named)
