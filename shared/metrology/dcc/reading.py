"""A certificate that this program wrote, read back as the report it was made of.

What it states of each point is computed again from what it records; it is refused where the two differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.metrology.dcc import codec
from shared.metrology.dcc.document import CertificateError, contents, find, find_all, refs, text_at
from shared.metrology.dcc.judgements import CONFORMITY, Stated, stated, token
from shared.metrology.dcc.writing import (
    CONDITION,
    CONDITION_AT_END,
    EQUIPMENT_TEXTS,
    LEFT_OUT,
    OWN,
    RECORD_TEXTS,
    REPORT_TEXTS,
)
from shared.metrology.records import CLAIMS, read_report
from shared.metrology.verdicts import contradicting, recompute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shared.metrology.quantity import Quantity
    from shared.metrology.records import Report

MOST_POINTS = 10_000
_UNCERTAINTY = (
    "si:realListXMLList/si:measurementUncertaintyUnivariateXMLList/si:expandedMUXMLList/si:valueExpandedMUXMLList"
)
_IN_CHINESE = "%20"
"""Behind a note in English, where earlier releases wrote the Chinese one too."""


def is_report(root: Any) -> bool:
    """Whether it is of a report, and not of a measurement standard or of another program."""
    return _statement(root, f"{OWN}report") is not None


def read_report_of(root: Any) -> dict[str, Any]:
    """The report as JSON data. Raises CertificateError for what cannot be read, and for a stated error, limit or
    conformity that does not follow from what is recorded, naming the item."""
    statement = _statement(root, f"{OWN}report")
    if statement is None:
        raise CertificateError("不是试验报告的证书", "the certificate is not of a test report")
    told = _texts(find_all(statement, "dcc:data/dcc:quantity"))
    made: dict[str, Any] = {name: told[name] for name in REPORT_TEXTS if name in told}
    made["instrument"] = _of(told, "instrument.")
    made["prototypes"] = [_prototype(one) for one in find_all(root, "dcc:administrativeData/dcc:items/dcc:item")]
    results = list(find_all(root, "dcc:measurementResults/dcc:measurementResult"))
    made["records"] = [_record(one) for one in results]
    if left_out := [_left_out(one) for one in _statements(root) if LEFT_OUT in refs(one)]:
        made["left_out"] = left_out
    _compare(root, results, read_report(made))
    return made


def _statements(root: Any) -> Iterator[Any]:
    return find_all(root, "dcc:administrativeData/dcc:statements/dcc:statement")


def _statement(root: Any, ref: str) -> Any:
    return next((one for one in _statements(root) if ref in refs(one)), None)


def _left_out(statement: Any) -> dict[str, str]:
    item = next((ref.removeprefix(OWN) for ref in refs(statement) if ref != LEFT_OUT), "")
    said = find(statement, "dcc:declaration")
    return {"item": item, "reason": "" if said is None else contents(said)}


def _texts(quantities: Iterable[Any]) -> dict[str, str]:
    """Single values by the name that their refType gives."""
    made = {}
    for one in quantities:
        name = _own(one)
        [text] = codec.joined([codec.read(one)], 1, name or "quantity")
        if name and text is not None:
            made[name] = text
    return made


def _own(element: Any) -> str:
    return next((one.removeprefix(OWN) for one in refs(element) if one.startswith(OWN)), "")


def _of(told: dict[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): text for name, text in told.items() if name.startswith(prefix)}


def _prototype(item: Any) -> dict[str, Any]:
    value = text_at(item, "dcc:identifications/dcc:identification/dcc:value")
    return {
        "serial": codec.text_of(value) or "",
        "instrument": _texts(find_all(item, "dcc:itemQuantities/dcc:itemQuantity")),
    }


def _record(result: Any) -> dict[str, Any]:
    meta = find(result, "dcc:measurementMetaData/dcc:metaData")
    if meta is None or f"{OWN}about" not in refs(meta):
        raise CertificateError("结果缺少记录信息", "a result does not say which record it is of")
    told = _texts(find_all(meta, "dcc:data/dcc:quantity"))
    made: dict[str, Any] = {name: told[name] for name in RECORD_TEXTS if name in told}
    if "item" not in made or "prototype" not in made:
        raise CertificateError("结果未写明试验项目和样机", "a result does not name its test item and prototype")
    where = f"{made['item']}, {made['prototype']}"
    if not made.get("run", "1").isascii() or not made.get("run", "1").isdigit():
        raise CertificateError(f"{where}：次数“{made['run']}”不是整数", f"{where}: run {made['run']!r} is not a number")
    made |= {"run": int(made.get("run", "1")), "on": text_at(meta, "dcc:date"), "settings": _of(told, "setting.")}
    equipment = find_all(result, "dcc:measuringEquipments/dcc:measuringEquipment/dcc:measuringEquipmentQuantities")
    made["equipment"] = [
        {name: text for name, text in _texts(one).items() if name in EQUIPMENT_TEXTS} for one in equipment
    ]
    told = {}
    for one in find_all(result, "dcc:influenceConditions/dcc:influenceCondition/dcc:data"):
        told |= _texts(find_all(one, "dcc:quantity"))
    for key, prefix in (("conditions", CONDITION), ("conditions_at_end", CONDITION_AT_END)):
        made[key] = {codec.text_of(name) or "": text for name, text in _of(told, prefix).items()}
    return {**made, "points": _points(result, where)}


def _points(result: Any, where: str) -> list[dict[str, str]]:
    columns: dict[str, list[codec.Group]] = {}
    for table in find_all(result, "dcc:results/dcc:result/dcc:data/dcc:list"):
        for one in find_all(table, "dcc:quantity"):
            kind, _, name = _own(one).partition(".")
            if kind == "point" or (kind == "claim" and name in CLAIMS):
                columns.setdefault(name, []).append(codec.read(one))
    size = max((len(tokens) for found in columns.values() for _, tokens in found), default=0)
    if size > MOST_POINTS:
        raise CertificateError(
            f"{where}：{size}个测量点，最多{MOST_POINTS}个", f"{where}: {size} points; at most {MOST_POINTS} are read"
        )
    points: list[dict[str, str]] = [{} for _ in range(size)]
    for name, found in columns.items():
        for point, text in zip(points, codec.joined(found, size, f"{where}, {name}"), strict=True):
            if text is not None:
                point[name] = text
    return points


def _compare(root: Any, results: Sequence[Any], report: Report) -> None:
    found = recompute(report)
    if found.contradictions:
        zh, en = contradicting(found)
        raise CertificateError(f"证书自相矛盾：{zh}", f"the certificate contradicts itself: {en}")
    for result, record, outcome in zip(results, report.records, found.outcomes, strict=True):
        where = f"{record.item}, {record.prototype}"
        said, computed = _stated(result), stated(outcome)
        if len(said) != len(computed):
            raise CertificateError(
                f"{where}：有{len(said)}个结果列表，应为{len(computed)}个",
                f"{where}: states {len(said)} lists of results, {len(computed)} follow",
            )
        for one, other in zip(said, computed, strict=True):
            _same(where, one, other, record.expanded)
        _agree(where, text_at(result, "dcc:measurementMetaData/dcc:metaData/dcc:conformity"),
               CONFORMITY.get(outcome.verdict, ""))  # fmt: skip
    overall = _statement(root, "basic_conformity")
    if overall is not None:
        _agree("basic_conformity", text_at(overall, "dcc:conformity"), CONFORMITY.get(found.verdict, ""))


def _stated(result: Any) -> list[tuple[Stated, str]]:
    """What a result states of its points, in order, each with its expanded uncertainty."""
    made = []
    for one in find_all(result, "dcc:results/dcc:result/dcc:data/dcc:list/dcc:quantity"):
        meta = find(one, "dcc:measurementMetaData/dcc:metaData")
        if meta is None or "basic_conformity" not in refs(meta):
            continue
        unit, errors = codec.read(one)
        limits = {_limit(part): codec.read(part)[1] for part in find_all(meta, "dcc:data/dcc:quantity")}
        made.append(
            (
                Stated(
                    unit=unit or "",
                    errors=tuple(errors),
                    lower=tuple(limits.get("Lower", ())),
                    upper=tuple(limits.get("Upper", ())),
                    words=tuple(text_at(meta, "dcc:conformityXMLList").split()),
                    rules=tuple((part.text or "") for part in find_all(meta, "dcc:reference")),
                ),
                text_at(one, _UNCERTAINTY),
            )
        )
    return made


def _limit(quantity: Any) -> str:
    return next((one.removeprefix("basic_acceptanceLimit") for one in refs(quantity)), "")


def _same(where: str, one: tuple[Stated, str], computed: Stated, uncertainty: Quantity | None) -> None:
    told, stated_uncertainty = one
    _agree(f"{where}, unit", told.unit, computed.unit)
    for name in ("errors", "lower", "upper", "words", "rules"):
        said, follows = getattr(told, name), getattr(computed, name)
        if len(said) != len(follows):
            raise CertificateError(
                f"{where}，{name}：{len(said)}个，应为{len(follows)}个",
                f"{where}, {name}: {len(said)} of {len(follows)}",
            )
        for number, (mine, other) in enumerate(zip(said, follows, strict=True), start=1):
            if name == "errors" and not computed.unit and mine.startswith(f"{other}{_IN_CHINESE}"):
                continue
            _agree(f"{where}, {name} {number}", mine, other)
    if computed.unit:
        follows = token(uncertainty, computed.unit) if uncertainty else ""
        _agree(f"{where}, uncertainty", stated_uncertainty, follows)


def _agree(where: str, told: str, computed: str) -> None:
    if told != computed:
        raise CertificateError(
            f"{where}：写为{told or '空'}，按记录应为{computed or '空'}",
            f"{where}: states {told or 'nothing'}, what is recorded gives {computed or 'nothing'}",
        )
