"""Digital calibration certificates: reports written and read back, standards of others, and what is refused."""

from __future__ import annotations

import json
import re
import tomllib
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from dcclib.validation import SchematronValidator
from dsi_unit import DsiUnit
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.console import main
from shared.metrology import units
from shared.metrology.dcc import (
    CertificateError,
    Issue,
    Standard,
    export,
    parse,
    read_report_of,
    read_standard,
)
from shared.metrology.dcc.codec import groups, joined
from shared.metrology.dcc.dsi import code, written
from shared.metrology.dcc.writing import RELEASE
from shared.metrology.records import read_report
from tests.shared.metrology.reports import full

if TYPE_CHECKING:
    from datetime import date

ISSUE = Issue(number="JL-2013-0001", laboratory="吉林示例计量检测研究院", person="陈", customer="示例衡器有限公司")
ROOT = Path(__file__).parents[3]
SCHEMAS = Path(__file__).parent / "schemas"


def report(programme: str, instrument: dict[str, str], item: str, points: list[dict[str, str]], **more: Any) -> Any:
    record = {"item": item, "prototype": "S-1", "on": "2013-10-08", "points": points, **more}
    edition = record.pop("edition", "")
    return read_report(
        {
            "programme": programme,
            "edition": edition,
            "instrument": instrument,
            "prototypes": [{"serial": "S-1"}],
            "records": [record],
        }
    )


SCALE = {"class": "III", "max": "60 kg", "e": "10 g"}
STATED = [{"reference": "1.00 MPa", "indication": "1.004 MPa", "upper": "0.016 MPa", "clause": "JJG 52 表 3"}]
REPORTS = {
    "r76": read_report(full(1)),
    "r76 without an item": read_report(full(1, left_out={"r76.vehicle": "不由车载电源供电"})),
    "r76 too uncertain": report(
        "r76", SCALE, "r76.weighing",
        [
            {"load": "20 kg", "indication": "20.010 kg", "added": "8 g"},
            {"load": "20 kg", "indication": "20.030 kg", "added": "8 g"},
        ],
        settings={"phase": "verification"}, uncertainty="7 g",
    ),
    "r49": report(
        "r49", {"class": "2", "q3": "1.6", "r": "80"}, "r49.intrinsic",
        [
            {"at": at, "flow": flow, "indicated": "100.25 L", "actual": "100 L"}
            for at, flow in (("Q1", "0.02"), ("Q2", "0.032 m3/h"), ("Q3", "1600 L/h"), ("Q4", "2"))
            for _ in range(3)
        ],
        uncertainty="0.2 %",
    ),
    "r117 in two editions": report(
        "jjg443", {"mmq": "5 L"}, "jjg443.error", [{"volume": "20 L", "indicated": "20.01 L", "reference": "20 L"}] * 3,
        edition="JJG 443-2006",
    ),
    "r46": report(
        "r46", {"class": "B", "imin": "0.25 A", "itr": "0.5 A", "imax": "60 A", "ist": "0.02 A"}, "r46.intrinsic",
        [{"current": "10 A", "pf": "1", "indicated": "1.003 kW.h", "actual": "1 kW.h"}],
    ),
    "pressure gauge": report(
        "general", {"quantity": "压力 p", "range_high": "1.6 MPa", "accuracy": "1.6 级"}, "general.errors", STATED
    ),
    "observed": report(
        "general", {"quantity": "压力", "range_high": "1.6 MPa", "accuracy": "1.6 级"}, "general.observation",
        [{"requirement": "铅封 seal", "answer": "yes"}, {"requirement": "100 %", "answer": "na"}],
        explanation="在现场\n试验 % \u3000.", conditions={"温度 t": "20.10 Cel", "weather": "fine"},
        conditions_at_end={"温度 t": "20.40 Cel", "humidity": "48 %"},
    ),
    "not done": report("r76", SCALE, "r76.creep", [{"minutes": "0 min", "load": "60 kg", "indication": "60 kg"}]),
    "without points": report("r76", SCALE, "r76.price", []),
}  # fmt: skip


@cache
def certificate(name: str = "r76 too uncertain") -> bytes:
    return export(REPORTS[name], ISSUE)


@cache
def _schema() -> Any:
    return etree.XMLSchema(etree.parse(SCHEMAS / "dcc.xsd", etree.XMLParser(no_network=True)))


@cache
def _schematron() -> Any:
    return SchematronValidator.for_dcc()


# Reports come back as they were, and the certificate is one.


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_comes_back_as_it_was(name: str) -> None:
    back = read_report(read_report_of(parse(certificate(name))))
    assert _plain(back) == _plain(REPORTS[name])


def _plain(found: Any) -> Any:
    """With the edition that the certificate names, and units where they were left out."""
    told = repr(found).replace("edition=''", "edition=…")
    told = re.sub(r"edition='[^']*'", "edition=…", told)
    return told.replace("'1.6 m3/h'", "'1.6'").replace("'0.02 m3/h'", "'0.02'").replace("'2 m3/h'", "'2'")


@pytest.mark.parametrize("name", REPORTS)
def test_a_certificate_is_valid_and_has_no_findings(name: str) -> None:
    data = certificate(name)
    root = etree.fromstring(data)
    assert _schema().validate(root), _schema().error_log
    told = {one.text for one in root.iter("{https://ptb.de/si}unitXMLList", "{https://ptb.de/si}unit")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert [one for one in told if not DsiUnit(one).valid] == []


@pytest.mark.parametrize(
    "name", ["r76 without an item", "r76 too uncertain", "r49", "observed", "not done", "without points"]
)
def test_ptbs_rules_find_nothing(name: str) -> None:
    found = _schematron().validate_str(certificate(name).decode())
    assert [one.text for one in found.failed_assertions] == []
    assert [one.text for one in found.successful_reports if one.role != "information"] == []


def test_ptbs_rules_would_find_something() -> None:
    conditions = r"<dcc:influenceConditions>.*?</dcc:influenceConditions>"
    spoilt = re.sub(conditions, "", certificate().decode(), flags=re.DOTALL)
    roles = {one.role for one in _schematron().validate_str(spoilt).successful_reports}
    assert "error" in roles


def test_limits_uncertainty_and_conformity_stand_at_every_point() -> None:
    data = certificate().decode()
    assert "<dcc:conformityXMLList>noPass noFail</dcc:conformityXMLList>" in data
    assert "<si:valueXMLList>7 27</si:valueXMLList>" in data
    assert data.count("<si:valueXMLList>10 10</si:valueXMLList>") == 1
    assert data.count("<si:valueXMLList>-10 -10</si:valueXMLList>") == 1
    assert "<si:valueExpandedMUXMLList>7</si:valueExpandedMUXMLList>" in data
    assert r"<si:unitXMLList>\gram</si:unitXMLList>" in data


def test_a_unit_that_dsi_lacks_is_explained() -> None:
    data = certificate("r76").decode()
    assert "<si:unitXMLList>|CNY</si:unitXMLList>" in data
    assert "<dcc:nonSIUnit>|CNY</dcc:nonSIUnit>" in data


@pytest.mark.parametrize("unit", units.every())
def test_every_unit_is_one_of_dsi_or_marked_as_none(unit: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = DsiUnit(written(unit))
    assert found.valid
    assert not found.warnings
    assert code(written(unit)) == unit


def test_units_of_others_are_known() -> None:
    assert code(r"\kilo\gram") == "kg"
    assert code(r"\metre\per\second") == "m/s"
    assert code(r"\furlong") is None


_texts = st.text(max_size=8) | st.from_regex(r"[+-]?[0-9]{1,5}(\.[0-9]{1,4})? (g|kg|%|Cel)", fullmatch=True)


@given(st.lists(st.none() | _texts, min_size=1, max_size=6))
def test_texts_come_back_from_a_column(texts: list[str | None]) -> None:
    assert joined(groups(texts, "1"), len(texts), "") == [one if one is None else _spaced(one) for one in texts]
    assert joined(groups(texts, None), len(texts), "") == texts


def _spaced(text: str) -> str:
    """Numbers come back with one blank before their unit, and with the unit's code."""
    match = re.fullmatch(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*(\S*)", text)
    if not match or units.code_of(match[2] or "1") not in units.every():
        return text
    unit = units.code_of(match[2] or "1")
    return match[1] if unit == "1" else f"{match[1]} {unit}"


# What is stated must follow from what is recorded.


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (">noPass noFail<", ">pass noFail<", "r76.weighing, S-1, words 1: states pass, what"),
        (">noPass noFail<", ">noPass<", "r76.weighing, S-1, words: 1 of 2"),
        (">7 27<", ">8 27<", "errors 1: states 8, what is recorded gives 7"),
        (">10 10<", ">10 100<", "upper 2: states 100, what is recorded gives 10"),
        ("<si:valueExpandedMUXMLList>7<", "<si:valueExpandedMUXMLList>1<", "uncertainty: states 1, what"),
        (">20.010 20.030<", ">20.010<", "indication: 1 values of 2 points"),
        (">20.010 20.030<", ">20.010 twenty<", "'twenty' is not a decimal number"),
        (r">\kilogram<", r">\furlong<", r"unit \\furlong: one unit that is known is required"),
        ("qh_item", "qh_other", "does not name its test item and prototype"),
        (">r76.weighing<", ">r76.other<", "r76 has no test item 'r76.other'"),
        ("qh_about", "qh_other", "a result does not say which record it is of"),
    ],
)  # fmt: skip
def test_what_does_not_follow_is_refused(old: str, new: str, fault: str) -> None:
    data = certificate().decode()
    assert old in data
    with pytest.raises(ValueError, match=fault):
        read_report_of(parse(data.replace(old, new).encode()))


def test_a_report_that_contradicts_itself_is_not_exported() -> None:
    data = full(1)
    data["records"][0]["points"][0]["error"] = "3 g"
    with pytest.raises(CertificateError, match=r"contradicts itself: .*records\.0\.points\.0\.error"):
        export(read_report(data), ISSUE)
    with pytest.raises(CertificateError, match="has no records"):
        export(read_report({**data, "records": []}), ISSUE)


def test_a_certificate_names_the_release_of_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"v{project['version']}" == RELEASE
    assert f"<dcc:release>{RELEASE}</dcc:release>" in certificate().decode()


def test_names_of_the_issue_are_checked() -> None:
    with pytest.raises(CertificateError, match="country 'China'"):
        Issue(number="1", laboratory="a", person="b", customer="c", country="China")
    with pytest.raises(CertificateError, match="person ' '"):
        Issue(number="1", laboratory="a", person=" ", customer="c")


# Standards.

STANDARD = """<?xml version="1.0" encoding="UTF-8"?>
<dcc:digitalCalibrationCertificate xmlns:dcc="https://ptb.de/dcc" xmlns:si="https://ptb.de/si" schemaVersion="3.1.1">
 <dcc:administrativeData>
  <dcc:coreData><dcc:uniqueIdentifier>PTB-7</dcc:uniqueIdentifier>
   <dcc:endPerformanceDate>2012-02-29</dcc:endPerformanceDate></dcc:coreData>
  <dcc:items><dcc:item><dcc:name><dcc:content lang="de">Gewicht</dcc:content><dcc:content lang="en">weight</dcc:content>
   </dcc:name><dcc:identifications>
    <dcc:identification><dcc:issuer>customer</dcc:issuer><dcc:value>C-1</dcc:value></dcc:identification>
    <dcc:identification><dcc:issuer>manufacturer</dcc:issuer><dcc:value>M-1</dcc:value></dcc:identification>
   </dcc:identifications></dcc:item></dcc:items>
  <dcc:calibrationLaboratory><dcc:contact><dcc:name><dcc:content>PTB</dcc:content></dcc:name></dcc:contact>
  </dcc:calibrationLaboratory>
  <dcc:statements><dcc:statement refType="basic_recalibration">END</dcc:statement></dcc:statements>
 </dcc:administrativeData>
 <dcc:measurementResults><dcc:measurementResult><dcc:results><dcc:result>
  <dcc:name><dcc:content>mass</dcc:content></dcc:name>
  <dcc:data><dcc:quantity><si:real><si:value>1.00000012</si:value><si:unit>\\kilogram</si:unit>
    <si:expandedUnc><si:uncertainty>1.5e-8</si:uncertainty><si:coverageFactor>2</si:coverageFactor>
    <si:coverageProbability>0.95</si:coverageProbability></si:expandedUnc></si:real></dcc:quantity>
   <dcc:list><dcc:quantity><si:realListXMLList><si:valueXMLList>1 2</si:valueXMLList>
    <si:unitXMLList>\\milli\\gram</si:unitXMLList><si:measurementUncertaintyUnivariateXMLList><si:expandedMUXMLList>
    <si:valueExpandedMUXMLList>0.1 0.2</si:valueExpandedMUXMLList><si:coverageFactorXMLList>2</si:coverageFactorXMLList>
    <si:coverageProbabilityXMLList>0.95</si:coverageProbabilityXMLList></si:expandedMUXMLList>
    </si:measurementUncertaintyUnivariateXMLList></si:realListXMLList></dcc:quantity></dcc:list></dcc:data>
 </dcc:result></dcc:results></dcc:measurementResult></dcc:measurementResults>
</dcc:digitalCalibrationCertificate>"""


def standard(end: str = "", until: date | None = None, changes: dict[str, str] | None = None) -> Standard:
    data = STANDARD.replace("END", end)
    for old, new in (changes or {}).items():
        data = data.replace(old, new)
    return read_standard(parse(data.encode()), until)


def day(text: str) -> date:
    from datetime import date  # noqa: PLC0415

    return date.fromisoformat(text)


def test_a_standard_is_read_with_its_values_and_their_uncertainty() -> None:
    found = standard("<dcc:date>2013-02-28</dcc:date>")
    assert (found.asset, found.certificate, found.name, found.laboratory) == ("M-1", "PTB-7", "weight", "PTB")
    assert (str(found.calibrated_on), str(found.calibrated_until)) == ("2012-02-29", "2013-02-28")
    assert [(one.value, one.unit, one.uncertainty, one.coverage_factor) for one in found.results] == [
        ("1.00000012", "kg", "1.5e-8", "2"),
        ("1", "mg", "0.1", "2"),
        ("2", "mg", "0.2", "2"),
    ]


@pytest.mark.parametrize(
    ("end", "until", "expected"),
    [
        ("<dcc:period>P1Y</dcc:period>", None, "2013-02-28"),
        ("<dcc:period>P6M</dcc:period>", None, "2012-08-29"),
        ("<dcc:period>P30D</dcc:period>", None, "2012-03-30"),
        ("", "2013-01-01", "2013-01-01"),
        ("<dcc:date>2013-02-28</dcc:date>", "2012-06-01", "2012-06-01"),
        ("<dcc:date>2013-02-28</dcc:date>", "2020-06-01", "2013-02-28"),
    ],
)
def test_a_calibration_is_valid_until_the_earlier_day(end: str, until: str | None, expected: str) -> None:
    assert str(standard(end, day(until) if until else None).calibrated_until) == expected


@pytest.mark.parametrize(
    ("end", "changes", "fault"),
    [
        ("", {}, "give the day, --until YYYY-MM-DD"),
        ("<dcc:date>2011-02-28</dcc:date>", {}, "it was calibrated on 2012-02-29"),
        ("<dcc:period>PT5H</dcc:period>", {}, "give years, months or days, as P1Y"),
        ("<dcc:period>P999Y9999M99999D</dcc:period>", {"2012-02-29": "9990-01-01"}, "too long"),
        ("<dcc:period>P1Y</dcc:period>", {">0.1 0.2<": ">0.1 0.2 0.3<"}, "3 words of 2 values"),
        ("<dcc:period>P1Y</dcc:period>", {">1 2<": ">1 two<"}, "'two' is not a decimal number"),
        (
            "<dcc:period>P1Y</dcc:period>",
            {">1 2<": f">{'1 ' * 10_000}<", ">0.1 0.2<": ">0.1<"},
            "more than 10000 values",
        ),
        ("<dcc:period>P1Y</dcc:period>", {"PTB-7": ""}, "uniqueIdentifier is missing"),
        ("<dcc:period>P1Y</dcc:period>", {"2012-02-29": "yesterday"}, "is not a date"),
        ("<dcc:period>P1Y</dcc:period>", {"M-1": "M\u202e1"}, "RIGHT-TO-LEFT OVERRIDE"),
        ("<dcc:period>P1Y</dcc:period>", {"dcc:item>": "dcc:thing>"}, "0 items"),
        ("<dcc:period>P1Y</dcc:period>", {"dcc:identification>": "dcc:thing>"}, "has no identification"),
    ],
)
def test_standards_that_lack_something_are_refused(end: str, changes: dict[str, str], fault: str) -> None:
    with pytest.raises(CertificateError, match=fault):
        standard(end, changes=changes)


# Files that are not what laboratories send.


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "is not XML in UTF-8"),
        (b"%PDF-1.7", "is not XML in UTF-8"),
        (STANDARD.encode("utf-16"), "is not XML in UTF-8"),
        (b"<" + bytes(50 << 20), "at most 10 MiB are read"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "has a document type"),
        (b'<!DOCTYPE a [<!ENTITY x "aa"><!ENTITY y "&x;&x;">]><a>&y;</a>', "has a document type"),
        (b"<a>&x;</a>", "is not XML"),
        (b"<a><b></a>", "is not XML"),
        (b"<a>" * 100_000, "is not XML"),
        (b"<a/>", "not a digital calibration certificate 3.0 to 3.3"),
        (STANDARD.replace("3.1.1", "2.4.0").encode(), "not a digital calibration certificate 3.0 to 3.3"),
    ],
)
def test_hostile_and_other_files_are_refused(data: bytes, fault: str) -> None:
    with pytest.raises(CertificateError, match=fault):
        parse(data)


# From the console.


def test_the_console_exports_and_imports(tmp_path: Path) -> None:
    run = CliRunner()
    source, made = tmp_path / "report.json", tmp_path / "made.xml"
    source.write_text(json.dumps(full(1)), encoding="utf-8")
    names = ["--number", "1", "--laboratory", "院", "--person", "陈", "--customer", "厂"]
    arguments = ["dcc", "export", str(source), *names, "--out", str(made)]
    assert run.invoke(main, arguments).output == f"{made}\n"
    assert "exists and is not written over" in run.invoke(main, arguments).output
    back = run.invoke(main, ["dcc", "import", str(made)])
    assert read_report(json.loads(back.output)) == read_report(full(1))
    source.write_text(STANDARD.replace("END", ""), encoding="utf-8")
    assert "--until YYYY-MM-DD" in run.invoke(main, ["dcc", "import", str(source)]).output
    found = run.invoke(main, ["dcc", "import", str(source), "--until", "2013-02-01"])
    assert json.loads(found.output)["calibrated_until"] == "2013-02-01"
