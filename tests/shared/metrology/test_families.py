"""The families as data: they are read and checked, a seventh is one folder, and a fault names file and row."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.law import load
from shared.metrology import Quantity, families, family, family_of, known_families, programme, units
from shared.metrology.families.r117.computing import emin
from shared.metrology.family import Computing
from shared.metrology.reading import DataError, read_family
from shared.metrology.records import read_report
from shared.metrology.registry import read_once
from shared.metrology.verdicts import recompute

SIX = ("r117", "r21", "r46", "r49", "r60", "r76")
MINIMAL = """\
[family]
id = "r7"
zh = "体温计"
en = "clinical thermometer"

[[parameter]]
id = "value"
symbol = "T"
zh = "温度"
en = "temperature"
role = "point"
dimension = "temperature"
unit = "Cel"

[[programme]]
id = "r7"
edition = "R 7:1979"
zh = "体温计"
en = "clinical thermometers"
source = "for this test only"
confidence = "RL"
asks = ["value"]

[[row]]
programme = "r7"
id = "R7 all"
where = { value = { from = "35.5 Cel", upto = "42 Cel" } }
lower = "-0.15 K"
upper = "0.1 K"
confidence = "RL"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A place where families are looked for too."""
    path = families.__path__
    path.append(str(tmp_path))
    read_once.cache_clear()
    yield tmp_path
    path.remove(str(tmp_path))
    read_once.cache_clear()


def test_a_seventh_family_is_one_folder(folder: Path) -> None:
    (folder / "r7").mkdir()
    (folder / "r7" / "__init__.py").touch()
    (folder / "r7" / "family.toml").write_text(MINIMAL, encoding="utf-8")
    assert known_families() == ("general", *SIX[:5], "r7", "r76")
    held, found = programme("r7")
    assert str(held.mpe(found, {"value": "37"})) == "+0.1 K … -0.15 K"
    assert family_of("clinical_thermometer").id == "general"


RECORDED = """
[[parameter]]
id = "shown"
symbol = "I"
zh = "示值"
en = "indication"
role = "point"
dimension = "temperature"
unit = "Cel"

[[item]]
id = "r7.errors"
clause = "R 7"
kind = "test"
zh = "示值误差"
en = "errors"
judgement = "errors"
records = ["value", "shown"]
confidence = "RL"
"""
COMPUTED = """
from shared.metrology.families.r117.computing import emin
from shared.metrology.family import Computing


class _Thermometer(Computing):
    def error(self, values):
        return values["shown"] - values["value"]


COMPUTING = _Thermometer()
"""


@pytest.mark.parametrize(("rounding", "verdict"), [("", "fail"), ('rounding = "0.1 K"\n', "pass")])
def test_errors_are_rounded_only_where_the_programme_says_so(folder: Path, rounding: str, verdict: str) -> None:
    """+0.14 K against +0.1 K: rounded to 0.1 K first (GB/T 8170), it passes."""
    name = "r8" if rounding else "r9"
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    (folder / name / "computing.py").write_text(COMPUTED, encoding="utf-8")
    data = (MINIMAL.replace('asks = ["value"]\n', f'asks = ["value"]\n{rounding}') + RECORDED).replace("r7", name)
    (folder / name / "family.toml").write_text(data, encoding="utf-8")
    point = {"value": "37 Cel", "shown": "37.14 Cel"}
    record = {"item": f"{name}.errors", "prototype": "1", "on": "2013-10-08", "points": [point]}
    report = {"programme": name, "prototypes": [{"serial": "1"}], "records": [record]}
    assert recompute(read_report(report)).verdict == verdict


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('unit = "Cel"', 'unit = "kg"', "family.toml: parameter value: field unit: use one of K mK Cel"),
        ('dimension = "temperature"', 'dimension = "warmth"', "there is no dimension 'warmth'"),
        ('asks = ["value"]', 'asks = ["load"]', "programme r7: field asks: no parameter load"),
        ('programme = "r7"\nid', 'programme = "r8"\nid', "rows of 'r8', which is not a programme"),
        ('lower = "-0.15 K"', 'lower = "-0.15 lb"', "row R7 all: field lower: unit 'lb' is not a legal unit"),
        ('lower = "-0.15 K"', "lower = -0.15", "row R7 all: field lower: write an amount as text"),
        ('lower = "-0.15 K"\n', "", "give `limit` for both sides"),
        ('from = "35.5 Cel"', 'least = "35.5 Cel"', "from and upto include their end"),
        ("value = { from", "speed = { from", "no parameter speed"),
        ("[[row]]", "[[rows]]", "unknown table rows"),
        ('confidence = "RL"\nasks', 'confidence = "sure"\nasks', "programme r7: field confidence"),
        ("[family]", "[family", "not TOML"),
    ],
)
def test_a_fault_names_file_and_row(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "family.toml").write_text(MINIMAL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_family(tmp_path, Computing())
    assert told in str(error.value)


def test_every_value_of_a_characteristic_that_is_a_word_has_a_name_in_both_languages() -> None:
    for name in known_families():
        for one in family(name).characteristics:
            spelled = {value for value in one.values if value.islower() and len(value) > 1} - {"yes", "no"}
            assert spelled <= one.words.keys() <= {*one.values}, (name, one.id)


def test_all_families_are_in_order() -> None:
    for name in known_families():
        held = family(name)
        assert held.id == name
        assert held.characteristics
        assert held.items
        for one in held.parameters.values():
            assert one.name.zh
            assert one.name.en
        for item in held.items:
            assert {*item.records, *item.settings} <= held.parameters.keys()
            assert any(item.id.startswith(f"{one.id}.") for one in held.programmes)


@pytest.mark.parametrize(
    ("name", "said", "number"),
    [
        ("r49", {"q3": "160"}, 3),
        ("r49", {"q3": "250"}, 2),
        ("r49", {"q3": "1600"}, 2),
        ("r49", {"q3": "2500"}, 1),
        ("r60", {}, 1),
    ],
)
def test_how_many_prototypes(name: str, said: dict[str, str], number: int) -> None:
    found = family(name).how_many(family(name).values(said))
    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("r60", {"class": "C", "n_lc": "12000"}, "12000 > 10000"),
        ("r60", {"class": "B", "n_lc": "4999"}, "maximum number of verification intervals 4999 must lie in 5000"),
        (
            "r60",
            {"class": "C", "n_lc": "3000", "emax": "100 kg", "dmin": "12 kg"},
            "lower end of the measuring range 12 kg must lie in",
        ),
        ("r60", {"class": "C", "n_lc": "3000", "plc": "0.85"}, "apportioning factor 0.85 must lie in 0.3"),
        ("r60", {"class": "C", "n_lc": "3000", "emax": "100 kg", "vmin": "10 g", "y": "9000"}, "Y = 9000"),
        ("r49", {"q3": "2.6"}, "permanent flow rate 2.6 m3/h is not one of"),
        ("r49", {"r": "39"}, "ratio Q3/Q1 39 must lie in 40"),
        ("r117", {"class": "0.5", "mmq": "5 L", "qmax": "45 L/min", "qmin": "5 L/min"}, "too small"),
        ("r117", {"class": "0.5", "mmq": "5 L", "qmax": "50 L/min", "qmin": "5 L/min", "interval": "0.03 L"}, "Emin"),
        ("r46", {"class": "B", "ist": "0.02", "imin": "0.5", "itr": "0.5", "imax": "60"}, "the currents must rise"),
        ("r21", {"temperature_low": "-10", "temperature_high": "60"}, "at least 80 K"),
    ],
)
def test_what_cannot_be(name: str, said: dict[str, str], told: str) -> None:
    held = family(name)
    assert told in "; ".join(fault.reason.en for fault in held.impossible(held.values(said)))


@pytest.mark.parametrize(
    ("q3", "r", "flows"),
    [
        ("1.6", "80", ("0.02", "0.032", "2", "80/3 L")),
        ("25", "200", ("0.125", "0.2", "31.25", "1250/3 L")),
        ("100", "63", ("100/63", "160/63", "125", "5000/3 L")),
        ("2.5", "100", ("0.025", "0.04", "3.125", "125/3 L")),
    ],
)
def test_the_flows_of_a_water_meter(q3: str, r: str, flows: tuple[str, ...]) -> None:
    values = family("r49").values({"q3": q3, "r": r})
    assert [values[name] for name in ("q1", "q2", "q4", "one_minute")] == [Quantity.parse(one, "m3/h") for one in flows]


@pytest.mark.parametrize(
    ("mmq", "a", "least"),
    [
        ("0.02 L", "0.5 %", "4 mL"),
        ("0.1 L", "0.5 %", "4 mL"),
        ("0.5 L", "0.5 %", "10 mL"),
        ("2 L", "0.5 %", "20 mL"),
        ("5 L", "0.5 %", "50 mL"),
        ("10 L", "2.5 %", "500 mL"),
        ("200 L", "0.3 %", "1200 mL"),
    ],
)
def test_emin(mmq: str, a: str, least: str) -> None:
    assert emin(Quantity.parse(mmq), Quantity.parse(a)) == Quantity.parse(least)


def test_every_kind_of_the_catalogue_has_a_family() -> None:
    """The catalogue names the programme of a kind, the family its kinds; kinds of no other family are general."""
    rows = load().catalogue
    kinds = {one.id: name for name in known_families() for one in family(name).kinds}
    assert {row.id for row in rows} == kinds.keys()
    assert {row.id: row.programme for row in rows if row.programme} == {
        kind: name for kind, name in kinds.items() if name != "general"
    }
    assert len(kinds) == 64


@pytest.mark.parametrize(
    ("name", "instrument", "asked"),
    [
        ("r76", {"class": "III"}, ("temperature", "humidity")),
        ("r76", {"class": "I"}, ("temperature", "humidity", "pressure")),
        ("r49", {}, ("temperature", "humidity", "pressure")),
        ("general", {}, ("temperature", "humidity")),
    ],
)
def test_a_family_asks_for_ambient_conditions(name: str, instrument: dict[str, str], asked: tuple[str, ...]) -> None:
    assert family(name).conditions(family(name).values(instrument)) == asked


SIGNED = {
    *("general.range_low", "general.reference", "general.indication", "general.upper"),
    *("general.lower", "r117.before", "r117.after", "r117.dilation", "r21.deviation"),
    *("r46.indicated", "r46.actual", "r46.measured", "r46.before", "r46.after", "r46.kelvin", "r46.registered"),
    *("r46.shift_temperature", "r46.shift_voltage", "r46.shift_frequency"),
    *("r49.indicated", "r49.before", "r49.after", "r60.at_dmin", "r60.output", "r60.change", "r60.mass_change"),
    *("r60.before", "r60.after", "r76.zero_error", "r76.indication", "r76.second", "r76.displacement"),
    *("r76.before", "r76.after", "r76.shown_most"),
}
"""Errors, changes, indications, and what may point either way. Temperatures only have an absolute zero."""


def test_a_quantity_is_below_zero_only_where_it_can_be() -> None:
    found = set()
    for held in map(family, known_families()):
        known = held.values(held.example.characteristics)
        for one in held.parameters.values():
            if not one.dimension or one.unit == "Cel":
                continue
            unit = "MPa" if one.dimension == "any" else one.unit or units.known(one.dimension)[0]
            below = {one.id: Quantity.parse(f"-5 {unit}")}
            if one.fault({**known, **below}) is None:
                found.add(f"{held.id}.{one.id}")
    assert found == SIGNED


@pytest.mark.parametrize(
    ("name", "beyond"),
    [("r76", {"load": "15.001 kg"}), ("r60", {"load": "501 kg"}), ("r117", {"flow": "50.1 L/min"})],
)
def test_nothing_is_measured_beyond_what_the_instrument_is_for(name: str, beyond: dict[str, str]) -> None:
    held = family(name)
    known = held.values(held.example.characteristics)
    ((one, text),) = beyond.items()
    parameter = held.parameter(one)
    assert parameter.fault({**known, one: parameter.read(text)})
    for point in held.example.points:
        assert parameter.fault({**known, one: parameter.read(point[one])}) is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("r46", {"fn": "0 Hz"}),
        ("r46", {"constant": "0 {imp}/(kW.h)"}),
        ("r117", {"coin": "0 CNY"}),
        ("r21", {"temperature_low": "-300 Cel"}),
        ("general", {"resolution": "0"}),
        ("r76", {"max": "-5 kg"}),
        ("r76", {"supports": "2.5"}),
        ("r46", {"elements": "3/2"}),
        ("r60", {"n_lc": "3000.5"}),
        ("r76", {"partial": "V"}),
        ("r76", {"ranges": "3 kg/0 g"}),
    ],
)
def test_a_characteristic_can_be_wrong_by_itself(name: str, said: dict[str, str]) -> None:
    held = family(name)
    assert [fault.name for fault in held.impossible_alone(said)] == [*said]
    for one, right in held.example.characteristics.items():
        assert held.impossible_alone({one: right}) == []


def test_which_values_are_preferred_is_not_asked_of_a_draft() -> None:
    assert family("r76").impossible_alone({"e": "3 g"}) == []
    assert [fault.name for fault in family("r76").examine({"e": "3 g"})] == ["e"]


@pytest.mark.parametrize(
    "said",
    [{"range_low": "2 MPa"}, {"range_low": "0 kg"}, {"range_high": "-1 MPa"}, {"resolution": "-0.05 MPa"}],
)
def test_the_range_of_a_general_instrument_rises(said: dict[str, str]) -> None:
    held = family("general")
    assert held.examine(held.example.characteristics) == []
    assert held.examine({**held.example.characteristics, **said})
