"""A report as a digital calibration certificate: the prototypes as items, a result for every record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.metrology.dcc import codec, dsi
from shared.metrology.dcc.document import (
    LANGUAGES,
    CertificateError,
    add,
    add_text,
    root_of,
    write,
)
from shared.metrology.dcc.judgements import CONFORMITY, DECLARATION, Stated, stated, token
from shared.metrology.records import CLAIMS
from shared.metrology.registry import programme
from shared.metrology.units import unit as unit_of
from shared.metrology.verdicts import contradicting, edition_of, recompute
from shared.text import is_visible, refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.metrology.family import Family
    from shared.metrology.judgements import Outcome
    from shared.metrology.limits import Verdict
    from shared.metrology.parts import Programme
    from shared.metrology.quantity import Quantity
    from shared.metrology.records import Record, Report
    from shared.text import Text

RELEASE = "v0.1.0"
"""The release of this program, in the form that the rules for certificates ask for; images have no package to ask."""
OWN = "qh_"
"""Before the words of refType that only this program gives a meaning."""
LEFT_OUT = f"{OWN}leftOut"
RECORD_TEXTS = {
    "id": "记录编号",
    "item": "试验项目",
    "prototype": "样机编号",
    "run": "次数",
    "reason": "原因",
    "uncertainty": "扩展不确定度",
    "verdict": "结论",
    "explanation": "说明",
    "supersedes": "更正的记录",
}
REPORT_TEXTS = {"programme": "大纲", "edition": "版本", "country": "国家", "verdict": "总体结论"}
EQUIPMENT_TEXTS = {"asset": "标准器编号", "calibrated_until": "校准有效期至", "certificate": "证书编号"}
CONDITION, CONDITION_AT_END = "condition.", "condition_at_end."
"""Before the name of a condition: when it was as stated."""
_COMMON = {"load": "basic_referenceValue", "reference": "basic_referenceValue", "indication": "basic_measuredValue"}
"""Words of PTB's good practice, by the parameters that are recorded."""
_CONDITIONS = {"temperature": "basic_temperature", "humidity": "basic_humidityRelative"}
_K, _PROBABILITY = "2", "0.95"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What a certificate says of its issue; `country` is the code of ISO 3166-1 where laboratory and customer are."""

    number: str
    laboratory: str
    person: str
    customer: str
    country: str = "CN"

    def __post_init__(self) -> None:
        for name in ("number", "laboratory", "person", "customer"):
            text = getattr(self, name)
            if not is_visible(text) or refused(text):
                raise CertificateError(
                    f"{name}“{text}”：应为一行文字", f"{name} {text!r}: write a name or number on one line"
                )
        if not re.fullmatch(r"[A-Z]{2}", self.country):
            raise CertificateError(
                f"国家“{self.country}”：应为ISO 3166-1代码，如CN",
                f"country {self.country!r}: write a code of ISO 3166-1, as CN",
            )


def export(report: Report, issue: Issue) -> bytes:
    """The certificate of a report. Raises CertificateError for a report that contradicts itself or has no records."""
    if not report.records:
        raise CertificateError("报告没有记录", "the report has no records")
    found = recompute(report)
    if found.contradictions:
        zh, en = contradicting(found)
        raise CertificateError(f"报告自相矛盾：{zh}", f"the report contradicts itself: {en}")
    held, used = programme(report.programme, edition_of(report))
    root = root_of()
    _Certificate(held, used, report).write(root, issue, found.outcomes, found.verdict, found.reason)
    return write(root)


class _Certificate:
    def __init__(self, held: Family, used: Programme, report: Report) -> None:
        self.held = held
        self.used = used
        self.report = report
        self.outside: set[str] = set()

    def write(self, root: Any, issue: Issue, outcomes: Iterable[Outcome], verdict: Verdict, reason: Text) -> None:
        about = add(root, "administrativeData")
        self._software(add(about, "dccSoftware"))
        self._core(add(about, "coreData"), issue)
        items = add(about, "items")
        for one in self.report.prototypes:
            item = add(items, "item", ref=f"{OWN}prototype")
            add_text(item, "name", self.held.name.zh, self.held.name.en)
            known = add(add(item, "identifications"), "identification")
            add(known, "issuer", "manufacturer")
            add(known, "value", codec.word(one.serial))
            if one.instrument:
                self._parameters(add(item, "itemQuantities"), "itemQuantity", "", one.instrument)
        for name, who in (("calibrationLaboratory", issue.laboratory), ("customer", issue.customer)):
            place = add(about, name)
            contact = place if name == "customer" else add(place, "contact")
            add_text(contact, "name", who)
            add(add(contact, "location"), "countryCode", issue.country)
            if name == "calibrationLaboratory":
                person = add(add(about, "respPersons"), "respPerson")
                add_text(add(person, "person"), "name", issue.person)
                add(person, "mainSigner", "true")
        statements = add(about, "statements")
        self._report(statements)
        self._left_out(statements)
        results = add(root, "measurementResults")
        for record, outcome in zip(self.report.records, outcomes, strict=True):
            self._record(results, record, outcome)
        self._overall(statements, verdict, reason)
        for code in sorted(self.outside):
            statement = add(statements, "statement", ref=f"{OWN}unit")
            add(statement, "nonSIDefinition", f"{unit_of(code).dimension}: UCUM {code}")
            add(statement, "nonSIUnit", dsi.written(code))

    def _software(self, parent: Any) -> None:
        software = add(parent, "software")
        add_text(software, "name", "权衡 Quanheng", "Quanheng")
        add(software, "release", RELEASE)

    def _core(self, core: Any, issue: Issue) -> None:
        days = sorted(one.on.isoformat() for one in self.report.records)
        add(core, "countryCodeISO3166_1", issue.country)
        for name in ("usedLangCodeISO639_1", "mandatoryLangCodeISO639_1"):
            for language in LANGUAGES:
                add(core, name, language)
        add(core, "uniqueIdentifier", issue.number.strip())
        add(core, "beginPerformanceDate", days[0])
        add(core, "endPerformanceDate", days[-1])
        add(core, "performanceLocation", "laboratory")

    def _report(self, statements: Any) -> None:
        """Programme, edition, country, the claimed verdict and the type's characteristics."""
        statement = add(statements, "statement", ref=f"{OWN}report")
        add_text(statement, "name", self.used.name.zh, self.used.name.en)
        add(statement, "norm", self.used.edition)
        data = add(statement, "data")
        told = {**_texts(self.report, REPORT_TEXTS), "edition": self.used.edition}
        self._words(data, "quantity", told, REPORT_TEXTS)
        self._parameters(data, "quantity", "instrument.", self.report.instrument)

    def _left_out(self, statements: Any) -> None:
        """The items that were not examined, each with the reason."""
        for one in self.report.left_out:
            item = self.held.item(one.item)
            statement = add(statements, "statement", ref=f"{LEFT_OUT} {OWN}{item.id}")
            add_text(statement, "name", f"未做：{item.name.zh}", f"left out: {item.name.en}")
            add(statement, "norm", self.used.edition)
            add(statement, "reference", item.clause)
            add_text(statement, "declaration", one.reason)

    def _overall(self, statements: Any, verdict: Verdict, reason: Text) -> None:
        statement = add(statements, "statement", ref="basic_conformity")
        add(statement, "norm", self.used.edition)
        add_text(statement, "declaration", f"{verdict.said.zh}：{reason.zh}", f"{verdict}: {reason.en}")
        if verdict in CONFORMITY:
            add(statement, "conformity", CONFORMITY[verdict])

    def _record(self, results: Any, record: Record, outcome: Outcome) -> None:
        item = self.held.item(record.item)
        result = add(results, "measurementResult", ref=f"{OWN}record")
        add_text(result, "name", item.name.zh, item.name.en)
        method = add(add(result, "usedMethods"), "usedMethod", ref=f"basic_calibrationMethod {OWN}{item.id}")
        add_text(method, "name", item.name.zh, item.name.en)
        add(method, "norm", self.used.edition)
        add(method, "reference", item.clause)
        self._software(add(result, "usedSoftware"))
        self._equipment(result, record)
        self._conditions(add(result, "influenceConditions"), record)
        held = add(add(result, "results"), "result", ref="gp_measuringResult1")
        add_text(held, "name", item.name.zh, item.name.en)
        self._points(add(held, "data"), record, outcome)
        meta = add(add(result, "measurementMetaData"), "metaData", ref=f"{OWN}about")
        if outcome.reason:
            verdict, why = outcome.verdict.said, outcome.reason
            add_text(meta, "declaration", f"{verdict.zh}：{why.zh}", f"{verdict.en}: {why.en}")
        add(meta, "date", record.on.isoformat())
        if outcome.verdict in CONFORMITY:
            add(meta, "conformity", CONFORMITY[outcome.verdict])
        data = add(meta, "data")
        self._words(data, "quantity", _texts(record, RECORD_TEXTS), RECORD_TEXTS)
        self._parameters(data, "quantity", "setting.", record.settings)

    def _equipment(self, result: Any, record: Record) -> None:
        if not record.equipment:
            return
        parent = add(result, "measuringEquipments")
        for one in record.equipment:
            equipment = add(parent, "measuringEquipment", ref=f"{OWN}equipment")
            add_text(equipment, "name", one.asset.strip() or "-")
            values = add(equipment, "measuringEquipmentQuantities")
            self._words(values, "measuringEquipmentQuantity", _texts(one, EQUIPMENT_TEXTS), EQUIPMENT_TEXTS)

    def _conditions(self, parent: Any, record: Record) -> None:
        times = (
            (CONDITION, "开始时", "at the start", record.conditions),
            (CONDITION_AT_END, "结束时", "at the end", record.conditions_at_end),
        )
        names = dict.fromkeys((*record.conditions, *record.conditions_at_end))
        for name in names:
            common = _CONDITIONS.get(name, "")
            condition = add(parent, "influenceCondition", ref=f"{common} {OWN}influence".strip())
            add_text(condition, "name", name.strip() or "-")
            data = add(condition, "data")
            for own, zh, en, texts in times:
                if name in texts:
                    [group] = codec.groups([texts[name]], bare="")
                    ref = f"{common} {OWN}{own}{codec.word(name)}".strip()
                    self._group(data, "quantity", group, ref=ref, zh=zh, en=en)
        if not names:
            condition = add(parent, "influenceCondition", ref=f"{OWN}none")
            add_text(condition, "name", "环境条件", "ambient conditions")
            add_text(add(condition, "data"), "text", "未记录", "not recorded")

    def _points(self, data: Any, record: Record, outcome: Outcome) -> None:
        table = add(data, "list", ref=f"gp_table1 {OWN}points")
        size = len(record.points)
        for name in dict.fromkeys(name for one in record.points for name in one.recorded):
            parameter = self.held.parameter(name)
            ref = f"{_COMMON.get(name, '')} {OWN}point.{name}".strip()
            bare = (parameter.unit or "1") if parameter.dimension else None
            for group in codec.groups([one.recorded.get(name) for one in record.points], bare):
                self._group(table, "quantity", group, ref=ref, zh=parameter.name.zh, en=parameter.name.en)
        for name in CLAIMS:
            texts = [one.claimed.get(name) for one in record.points]
            if any(text is not None for text in texts):
                [group] = codec.groups(texts, None)
                self._group(
                    table, "quantity", group, ref=f"{OWN}claim.{name}", zh=f"声明的 {name}", en=f"claimed {name}"
                )
        for one in stated(outcome):
            own = table if len(one) == size else add(data, "list", ref=f"{OWN}judged")
            self._stated(own, one, record)
        for one in [one for one in data if len(one) == 0]:
            data.remove(one)
        if len(data) == 0:
            add_text(data, "text", "没有测量点", "no points")

    def _stated(self, table: Any, one: Stated, record: Record) -> None:
        """Errors with their uncertainty, limits and conformity."""
        if one.unit:
            quantity = self._group(
                table, "quantity", (one.unit, list(one.errors)), ref="basic_measurementError", zh="误差", en="error"
            )
            if record.expanded:
                self._uncertainty(quantity[-1], record.expanded, one.unit)
        else:
            quantity = self._group(
                table, "quantity", (None, list(one.errors)), ref=f"{OWN}observed", zh="观察", en="observed"
            )
        meta = add(add(quantity, "measurementMetaData"), "metaData", ref="basic_conformity")
        add(meta, "norm", self.used.edition)
        for rule in one.rules:
            add(meta, "reference", rule)
        add_text(meta, "declaration", *DECLARATION)
        add(meta, "conformityXMLList", " ".join(one.words))
        if one.unit:
            limits = add(meta, "data")
            for name, zh, en, values in (("Lower", "下限", "lower", one.lower), ("Upper", "上限", "upper", one.upper)):
                ref = f"basic_acceptanceLimit{name}"
                self._group(limits, "quantity", (one.unit, list(values)), ref=ref, zh=zh, en=f"{en} limit")

    def _uncertainty(self, values: Any, uncertainty: Quantity, unit: str) -> None:
        parent = add(add(values, "si:measurementUncertaintyUnivariateXMLList"), "si:expandedMUXMLList")
        add(parent, "si:valueExpandedMUXMLList", token(uncertainty, unit))
        add(parent, "si:coverageFactorXMLList", _K)
        add(parent, "si:coverageProbabilityXMLList", _PROBABILITY)
        add(parent, "si:distributionXMLList", "normal")

    def _words(self, parent: Any, element: str, texts: Mapping[str, str], names: Mapping[str, str]) -> None:
        for name, text in texts.items():
            en = name.replace("_", " ")
            codec.write(parent, element, (None, [codec.word(text)]), ref=f"{OWN}{name}", zh=names[name], en=en)

    def _parameters(self, parent: Any, element: str, prefix: str, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            parameter = self.held.parameter(name)
            bare = (parameter.unit or "1") if parameter.dimension else None
            [group] = codec.groups([text], bare)
            self._group(parent, element, group, ref=f"{OWN}{prefix}{name}", zh=parameter.name.zh, en=parameter.name.en)

    def _group(self, parent: Any, element: str, group: codec.Group, *, ref: str, zh: str, en: str) -> Any:
        if group[0] and dsi.written(group[0]).startswith(dsi.OUTSIDE):
            self.outside.add(group[0])
        return codec.write(parent, element, group, ref=ref, zh=zh, en=en)


def _texts(record: object, names: Iterable[str]) -> dict[str, str]:
    """Fields of a record that say something, as texts."""
    found = {name: getattr(record, name) for name in names}
    return {name: str(value) for name, value in found.items() if value not in ("", None)}
