"""The API of historic registers of permits: taking one from a file, the imports there were, taking one back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from marshmallow import fields

from shared.casework import Cause
from shared.historic import loads
from shared.historic.kinds import Told
from shared.http.faults import FAULTS
from shared.http.routes import Call, Media, Reply, Route
from shared.labels import labelled
from shared.registers.importing import refuse_wrong, report
from shared.registers.lists import columns, told_headings
from shared.registers.schemas import ImportReport
from shared.schemas import Answer, Bilingual, Flag, Strict, instance, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.historic.kinds import Historic
    from shared.text import Text as Said

KEEPER = "staff:section_head"
_FILES = Media("text/csv", 2 << 20, ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",))
_ID = labelled("导入批次", "the import", example="0197a1b2-0000-7000-8000-000000000001")


class LoadQuery(Strict):
    """How a historic register is taken from a file."""

    preview = Flag(
        asked=True,
        load_default=False,
        metadata=labelled("只预览，不保存", "say what would become of it, and store nothing", example=True),
    )
    source = text(
        maximum=100,
        metadata=labelled("台账名称", "what the register is called", example="2005—2012年型式批准台账"),
    )


class Gap(Answer):
    """缺号。 A run of numbers that neither the file nor the register has."""

    first = fields.String(required=True, metadata=labelled("首号", "first", example="2006F103-22"))
    last = fields.String(required=True, metadata=labelled("末号", "last", example="2006F105-22"))
    count = fields.Integer(required=True, metadata=labelled("个数", "how many", example=3))


class LoadReport(ImportReport):
    """导入结果。 What became of a historic register, or would, line by line."""

    gaps = fields.List(
        fields.Nested(Gap), required=True, metadata=labelled("缺号", "numbers that are missing", example=[])
    )
    batch = fields.String(metadata={**_ID, "example": None})


class Load(Answer):
    """导入批次。 An import of a historic register."""

    batch = fields.String(required=True, metadata=_ID)
    at = fields.AwareDateTime(required=True, metadata=labelled("导入时刻", "when"))
    by = fields.String(required=True, metadata=labelled("经办人", "by whom", example="楚科长"))
    source = fields.String(
        required=True, metadata=labelled("台账名称", "the register", example="2005—2012年型式批准台账")
    )
    sha256 = fields.String(required=True, metadata=labelled("文件摘要", "of the file", example="9f86d081…"))
    entered = fields.Integer(required=True, metadata=labelled("录入件数", "permits entered", example=240))
    standing = fields.Integer(required=True, metadata=labelled("未撤销件数", "of which the entry stands", example=240))


class Heading(Bilingual):
    """表头。 A column that a file may have."""

    name = fields.String(required=True, metadata=labelled("字段", "field", example="granted_on"))
    required = fields.Boolean(required=True, metadata=labelled("必填", "whether each line must have it"))


class Loads(Answer):
    """历史台账的导入批次和表头。 The imports there were, and the headings that a file may have."""

    items = fields.List(fields.Nested(Load), required=True)
    headings = fields.List(
        fields.Nested(Heading), required=True, metadata=labelled("表头", "columns that a file may have")
    )


class TakingBack(Strict):
    """撤销导入。 Why a whole import is taken back."""

    reason = text(maximum=1000, metadata=labelled("理由", "why", example="台账版本有误"))


class ImportTakenBack(Answer):
    """撤销结果。 What was taken back."""

    taken_back = fields.Integer(required=True, metadata=labelled("撤销件数", "permits", example=240))


def historic_routes(kind: Historic, faults: Mapping[str, Said]) -> list[Route]:
    """The routes of the historic register of this kind of permit."""
    base = f"/internal/v1/{kind.permit.name}s/historic"
    headings = told_headings(kind.form, kind.cells)
    meanings = {**FAULTS, **faults}
    return [
        Route(
            "GET",
            base,
            partial(_loads, kind),
            KEEPER,
            Text("历史台账导入批次", "List the imports of historic registers"),
            gives=Loads,
        ),
        Route(
            "POST",
            base,
            partial(_take, kind, meanings),
            KEEPER,
            Text("导入历史台账", "Enter permits from a historic register"),
            accepts=_FILES,
            asks=LoadQuery,
            gives=LoadReport,
            problems=("invalid", "busy"),
            about=(
                f"CSV或xlsx，首行为表头：{headings}。先以`preview=true`逐行预览，再全部录入或全部不录入。"
                f" CSV or .xlsx with a line of headings, by either name, at most {loads.MOST_LINES} lines. Preview"
                " it line by line with `preview=true`; then it is entered whole or not at all."
            ),
        ),
        Route(
            "POST",
            f"{base}/<batch>/take_back",
            partial(_take_back, kind),
            KEEPER,
            Text("撤销一批导入", "Take a whole import back"),
            takes=TakingBack,
            gives=ImportTakenBack,
            problems=("not_found", "wrong_state"),
        ),
    ]


def _told(call: Call, source: str = "") -> Told:
    return Told(call.actor, call.now, call.rules, source, Cause(call.correlation_id, ""))


def _loads(kind: Historic, call: Call) -> Reply:
    known = instance(kind.form).fields
    headings = [
        {
            "name": name,
            **known[name].metadata["x-label"],
            "required": known[name].required,
        }
        for name in columns(kind.form, kind.cells)
    ]
    with call.store.reading() as tx:
        return Reply({"items": loads.all_of(tx), "headings": headings})


def _take(kind: Historic, meanings: Mapping[str, Said], call: Call) -> Reply:
    preview = call.asked["preview"]
    with call.transaction() as tx:
        loaded = loads.take(tx, kind, call.file, _told(call, call.asked["source"]), preview=preview)
        if not preview:
            refuse_wrong(loaded.lines)
    told = report(loaded.lines, meanings)
    return Reply({**told, "gaps": loaded.gaps, **({"batch": loaded.batch} if loaded.batch else {})})


def _take_back(kind: Historic, call: Call) -> Reply:
    body = call.body(TakingBack())
    with call.transaction() as tx:
        count = loads.take_back(tx, kind, call.params["batch"], body["reason"], _told(call))
    return Reply({"taken_back": count})
