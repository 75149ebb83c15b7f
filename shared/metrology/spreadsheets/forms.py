"""The forms of a test item: which sheets, fields and tables it has, filled with what a report has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.metrology import units
from shared.metrology.limits import FamilyError, Verdict
from shared.metrology.parts import ANY
from shared.metrology.records import CLAIMS, REASONS
from shared.metrology.spreadsheets.sheets import (
    INSTRUMENT,
    LIMITS,
    RECORD,
    Column,
    Field,
    Kind,
    Sheet,
    Table,
    as_number,
    is_bare,
)
from shared.metrology.units import QuantityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.metrology.family import Family
    from shared.metrology.parts import Item, Parameter, Programme
    from shared.metrology.records import Record, Report
    from shared.metrology.rules import Bounds, Row, Term, Values

SPARE_PROTOTYPES, SPARE_CONDITIONS, SPARE_EQUIPMENT = 6, 3, 8
_USUAL_CONDITIONS = (("temperature", "Cel"), ("humidity", "%"), ("pressure", "hPa"))
_VERDICTS = tuple(str(one) for one in Verdict)
_CLAIMED = {
    "error": ("示值误差（可不填，填则核对）", "error; may be left out, is compared otherwise"),
    "mpe": ("最大允许误差（可不填）", "limits; may be left out"),
    "rule": ("规则编号（可不填）", "rule; may be left out"),
    "verdict": ("结论（可不填，填则核对）", "verdict; may be left out, is compared otherwise"),
}
RECORD_FIELDS = (
    Column(key="id", label="记录编号 id of the record", hint="更正时引用 named by a correction"),
    Column(key="prototype", label="样机编号 serial number of the prototype *"),
    Column(key="run", label="次数 run", kind=Kind.WHOLE, hint="首次为 1 the first is 1"),
    Column(key="reason", label="原因 reason", choices=REASONS),
    Column(key="on", label="试验日期 day of the test *", kind=Kind.DATE),
    Column(
        key="uncertainty", label="扩展不确定度 expanded uncertainty, k = 2", kind=Kind.QUANTITY, units=units.every()
    ),
    Column(key="verdict", label="结论 verdict", choices=_VERDICTS, hint="可不填，填则核对 may be left out"),
    Column(key="explanation", label="说明 explanation", hint="更正或未完成的理由 why corrected or not done"),
    Column(key="supersedes", label="更正的记录 id of the record that this one corrects"),
)
CONDITION = (
    Column(key="name", label="环境条件 condition"),
    Column(key="value", label="开始时 at the start", kind=Kind.TEXT, hint="数值 number"),
    Column(key="end", label="结束时 at the end", kind=Kind.TEXT, hint="数值 number"),
    Column(key="unit", label="单位 unit"),
)
EQUIPMENT = (
    Column(key="asset", label="标准器编号 measurement standard"),
    Column(key="calibrated_until", label="校准有效期至 calibrated until", kind=Kind.DATE),
    Column(key="certificate", label="证书编号 certificate"),
)


def sheets(held: Family, used: Programme, item: Item, report: Report | None, points: int) -> list[Sheet]:
    """The workbook of an item: instrument, a sheet for every record there is, or an empty one, and the limits.

    `points` are the rows for points on each. Raises FamilyError for a name in the report that the family has not.
    """
    values = held.values(report.instrument) if report else {}
    records = [one for one in report.records if one.item == item.id] if report else []
    made = [_instrument(held, used, report)]
    for number, record in enumerate(records or [None], start=1):
        made.append(_record(held, used, item, record, number, points, values))
    return [*made, _limits(used, item, values)]


def column(parameter: Parameter, texts: Iterable[str], known: Values) -> Column:
    """The cell of a parameter, in the unit that its texts are in, or else one that the instrument is described in."""
    label = f"{parameter.name.zh} {parameter.name.en} ({parameter.symbol})"
    if not parameter.dimension:
        return Column(key=parameter.id, label=label, choices=parameter.values, hint=_hint(parameter))
    usual = [*texts, parameter.default, *map(str, parameter.series[:1])]
    alike = units.every() if parameter.dimension == ANY else units.known(parameter.dimension)
    return Column(
        key=parameter.id,
        label=label,
        kind=Kind.QUANTITY,
        unit=_unit_in(usual) or parameter.unit or _usual_unit(parameter, known) or alike[0],
        units=alike,
        hint=_hint(parameter),
    )


def _unit_in(texts: Iterable[str]) -> str:
    for text in texts:
        code = text.rpartition(" ")[2]
        if " " in text and code in units.every():
            return code
    return ""


def _usual_unit(parameter: Parameter, known: Values) -> str:
    alike = [one.unit for one in known.values() if not isinstance(one, str) and one.dimension == parameter.dimension]
    return alike[0] if alike else ""


def _hint(parameter: Parameter) -> str:
    told = [" / ".join(parameter.values)] if parameter.values else []
    if parameter.bounds:
        told.append(_span(parameter.bounds, {}))
    if parameter.series:
        told.append(" ".join(str(one) for one in parameter.series) + (" × 10^k" if parameter.decades else ""))
    if parameter.default:
        told.append(f"默认 default {parameter.default}")
    if parameter.required:
        told.append("必填 required")
    return "; ".join(told)


def _about(held: Family, used: Programme, *more: Field) -> list[Field | Table | str]:
    return [
        Field(column=Column(key="family", label="仪器族 family", hint=f"{held.name}"), text=held.id, locked=True),
        Field(
            column=Column(key="programme", label="大纲 programme", hint=f"{used.name}"),
            text=used.id,
            locked=True,
        ),
        Field(column=Column(key="edition", label="版本 edition", hint=used.source), text=used.edition, locked=True),
        *more,
    ]


def _instrument(held: Family, used: Programme, report: Report | None) -> Sheet:
    given: Mapping[str, str] = report.instrument if report else {}
    described = [one for one in held.parameters.values() if one.role == "characteristic" or one.id in given]
    _known(held, given)
    prototypes = report.prototypes if report else ()
    own = list(dict.fromkeys(name for one in prototypes for name in one.instrument))
    if not own and held.series:
        own = [held.series.capacity]
    for one in prototypes:
        _known(held, one.instrument)
    values = held.values(given) if report else {}
    differing = [
        column(held.parameter(name), (one.instrument.get(name, "") for one in prototypes), values) for name in own
    ]
    parts = _about(held, used)
    parts += [
        Field(
            column=Column(
                key="country", label="使用中检验的国家 country", hint="使用中检验时 for instruments in service"
            ),
            text=(report and report.country) or "",
        ),
        Field(
            column=Column(
                key="verdict", label="总体结论 overall verdict", choices=_VERDICTS, hint="可不填 may be left out"
            ),
            text=str((report and report.verdict) or ""),
        ),
        "仪器特性 characteristics",
        *(
            _field("instrument", column(one, [given.get(one.id, "")], values), given.get(one.id, ""))
            for one in described
        ),
        Table(
            key="prototypes",
            title="样机；与型式不同的特性 prototypes, and where they differ from the type",
            columns=(Column(key="serial", label="编号 serial number"), *differing),
            rows=tuple({"serial": one.serial, **one.instrument} for one in prototypes),
            spare=SPARE_PROTOTYPES,
        ),
    ]
    return Sheet(name="仪器 instrument", kind=INSTRUMENT, title=f"{held.name}", parts=tuple(parts))


def _record(
    held: Family, used: Programme, item: Item, record: Record | None, number: int, points: int, values: Values
) -> Sheet:
    settings: Mapping[str, str] = record.settings if record else {}
    rows = [{**one.recorded, **one.claimed} for one in record.points] if record else []
    _known(held, settings)
    recorded = [name for row in rows for name in row if name not in CLAIMS]
    claimed = {"error", "verdict", *(name for row in rows for name in row)}
    told: dict[str, str] = {"run": "1", "reason": REASONS[0]}
    if record:
        told |= {name: str(getattr(record, name) or "") for name in (one.key for one in RECORD_FIELDS)}
    columns = [
        column(held.parameter(name), [row.get(name, "") for row in rows], values)
        for name in dict.fromkeys([*item.records, *recorded])
    ]
    columns += [
        Column(key=name, label=" ".join(_CLAIMED[name]), choices=_VERDICTS if name == "verdict" else ())
        for name in CLAIMS
        if name in claimed
    ]
    parts = _about(
        held,
        used,
        Field(
            column=Column(key="item", label="试验项目 test item", hint=f"{item.clause}: {item.name}"),
            text=item.id,
            locked=True,
        ),
    )
    parts += [_field("", one, told.get(one.key, "")) for one in RECORD_FIELDS]
    names = dict.fromkeys([*item.settings, *settings])
    if names:
        parts.append("试验设置 settings")
        parts += [
            _field("setting", column(held.parameter(name), [settings.get(name, "")], values), settings.get(name, ""))
            for name in names
        ]
    parts += [
        Table(
            key="conditions",
            title="环境条件 ambient conditions",
            columns=CONDITION,
            rows=_conditions(record),
            spare=SPARE_CONDITIONS,
        ),
        Table(
            key="equipment",
            title="标准器 measurement standards",
            columns=EQUIPMENT,
            rows=_equipment(record),
            spare=SPARE_EQUIPMENT,
        ),
        Table(
            key="points",
            title=f"测量点，至少 {item.least} 个 points, at least {item.least}",
            columns=tuple(columns),
            rows=tuple(rows),
            spare=max(points - len(rows), 0),
        ),
    ]
    return Sheet(name=f"记录 record {number}", kind=RECORD, title=f"{item.name}", parts=tuple(parts))


def _field(group: str, column: Column, text: str) -> Field:
    key = f"{group}.{column.key}" if group else column.key
    unit = _unit_in([text]) or column.unit
    return Field(
        column=Column(
            key=key,
            label=column.label,
            kind=column.kind,
            unit=unit,
            units=column.units,
            choices=column.choices,
            hint=column.hint,
        ),
        text=text,
    )


def _conditions(record: Record | None) -> tuple[Mapping[str, str], ...]:
    if record is None:
        return tuple({"name": name, "unit": unit} for name, unit in _USUAL_CONDITIONS)
    start, end = record.conditions, record.conditions_at_end
    return tuple(
        {"name": name, **_split(start.get(name, ""), end.get(name, ""))} for name in dict.fromkeys((*start, *end))
    )


def _split(start: str, end: str) -> Mapping[str, str]:
    """Both in the unit of the first that has one, unless the other has none; another unit stands in its own text."""
    unit = "" if any(is_bare(text) for text in (start, end)) else _unit_in([start, end])
    told = {
        key: text.rpartition(" ")[0] if unit and as_number(text, unit) and text.endswith(f" {unit}") else text
        for key, text in (("value", start), ("end", end))
    }
    return {**told, "unit": unit} if told != {"value": start, "end": end} else told


def _equipment(record: Record | None) -> tuple[Mapping[str, str], ...]:
    return tuple(
        {"asset": one.asset, "calibrated_until": one.calibrated_until.isoformat(), "certificate": one.certificate}
        for one in (record.equipment if record else ())
    )


def _known(held: Family, names: Iterable[str]) -> None:
    for name in names:
        held.parameter(name)


def _limits(used: Programme, item: Item, values: Values) -> Sheet:
    """What errors are compared with: the item's own limit, and the rows of the programme that can hold."""
    rows = [{"where": item.clause, "limit": f"±{_told(item.limit, values)}", "rule": item.id}] if item.limit else []
    rows += [
        {"where": _where(row, values), "limit": _limit(row, values), "rule": row.id}
        for row in used.rows
        if row.service is None and all(values.get(name) in (None, *tags) for name, tags in row.where.tags.items())
    ]
    columns = (
        Column(key="where", label="条件 where"),
        Column(key="limit", label="限值 limit"),
        Column(key="rule", label="规则 rule"),
    )
    title = f"最大允许误差 maximum permissible errors: {used.edition}"
    doubt = () if used.verified else ("未核实 unverified",)
    table = Table(key="limits", title=used.source, columns=columns, rows=tuple(rows))
    return Sheet(name="限值 limits", kind=LIMITS, title=title, parts=(*doubt, table))


def _where(row: Row, values: Values) -> str:
    tags = (f"{name} {'/'.join(sorted(allowed))}" for name, allowed in row.where.tags.items())
    spans = (f"{name} {_span(span, values)}" for name, span in row.where.spans.items())
    return ", ".join([*tags, *spans])


def _limit(row: Row, values: Values) -> str:
    of = f" × {_told(row.of, values)}" if row.of else ""
    if row.times:
        of += f" × {row.times}"
    floor = f", ≥ {_told(row.floor, values)}" if row.floor else ""
    doubt = "" if row.verified else "（未核实 unverified）"
    lower, upper = _told(row.lower, values), _told(row.upper, values)
    ends = f"±{upper}" if lower == f"-{upper}" else f"{upper} … {lower}"
    return f"{ends}{of}{floor}{doubt}"


def _span(bounds: Bounds, values: Values) -> str:
    low = f"{_told(bounds.low, values)} {'≤' if bounds.low_closed else '<'} " if bounds.low else ""
    high = f" {'≤' if bounds.high_closed else '<'} {_told(bounds.high, values)}" if bounds.high else ""
    return f"{low}…{high}"


def _told(term: Term, values: Values) -> str:
    """In quantities where they are known, or in terms of names, as 500 e."""
    try:
        return term.of(values).shown()
    except (FamilyError, QuantityError):
        return term.written()
