"""The rule set of Jilin 2013: what holds on which day, and how a wrong row is refused."""

from datetime import date

import pytest

from shared.law import LawError, LimitRule, Procedure, RuleError, Unit, load
from shared.law.numbers import NumberFormat
from shared.law.reading import parse_rows
from shared.law.rows import Rung

RULES = load()
POLICY_DAY = date(2013, 8, 30)


def test_it_is_read_once() -> None:
    assert load("jilin-2013") is RULES


@pytest.mark.parametrize(
    ("permit", "on", "regime"),
    [
        ("type_approval", date(2005, 8, 1), "TA-74"),
        ("type_approval", date(2023, 5, 31), "TA-74"),
        ("type_approval", date(2023, 6, 1), "TA-68"),
        ("manufacture", date(2008, 4, 30), "CMC-99"),
        ("manufacture", date(2008, 5, 1), "CMC-104"),
        ("manufacture", date(2017, 12, 27), "CMC-104"),
        ("manufacture", date(2017, 12, 28), "CMC-NONE"),
    ],
)
def test_regimes_change_at_the_start_of_a_day(permit: Procedure, on: date, regime: str) -> None:
    assert RULES.regime(permit, on).id == regime


def test_an_abolished_permit_has_no_clocks() -> None:
    assert RULES.regime("manufacture", date(2017, 12, 28)).abolished
    assert RULES.limits_on(date(2017, 12, 28), "manufacture") == ()


def test_clocks_of_2013() -> None:
    type_approval = {rule.id: str(rule.limit) for rule in RULES.limits_on(POLICY_DAY, "type_approval")}
    assert type_approval == {
        "intake": "5wd",
        "commissioning": "5wd",
        "lab_contact": "10wd",
        "evaluation": "3mo",
        "report_review": "10wd",
        "decision": "20wd",
        "delivery": "10wd",
    }
    assert {rule.id for rule in RULES.limits_on(POLICY_DAY, "manufacture")} == {"intake", "decision", "delivery"}


def test_recalled_facts_are_marked_unverified() -> None:
    assert RULES.limit("evaluation", POLICY_DAY).verified
    assert not RULES.limit("evaluation", date(2023, 6, 1)).verified
    assert not RULES.item("taximeter", POLICY_DAY).verified


def test_only_the_decision_clock_pauses_and_only_on_a_served_notice() -> None:
    assert {rule.id: rule.pauses for rule in RULES.limits if rule.pauses} == {"decision": ("time_notice.served",)}


def test_every_clock_can_be_stopped_by_other_events_than_start_it() -> None:
    for rule in RULES.limits:
        assert rule.stops
        assert not set(rule.starts) & set(rule.stops), rule.id


def test_licences_last_three_years_and_type_approvals_for_good() -> None:
    licence = RULES.validity("manufacture", POLICY_DAY)
    assert licence.limit is not None
    assert (licence.limit.amount, licence.limit.unit) == (36, Unit.MONTHS)
    assert RULES.validity("type_approval", POLICY_DAY).limit is None


def test_the_authority_has_the_name_of_its_day() -> None:
    assert RULES.authority(POLICY_DAY).zh == "吉林省质量技术监督局"
    assert RULES.authority(date(2024, 1, 1)).zh == "吉林省市场监督管理厅"


def test_ladder_in_order() -> None:
    assert [(rung.kind, rung.at) for rung in RULES.rungs_on(POLICY_DAY)] == [
        ("reminder", 80),
        ("due", "due"),
        ("breach", "after_due"),
    ]


def test_catalogue_of_2013() -> None:
    letters = {item.code: item.letter for item in RULES.catalogue_on(POLICY_DAY)}
    assert letters["non_automatic_scale"] == letters["water_meter"] == "F"
    assert letters["electricity_meter"] == "E"
    assert RULES.catalogue_on(date(2006, 4, 30)) == ()


@pytest.mark.parametrize(
    ("kind", "serial", "fields", "text", "series"),
    [
        ("type_approval", 101, {"year": 2013, "letter": "F"}, "2013F101-22", "certificate/2013/F"),
        ("licence", 1, {}, "吉制00000001号", "licence/0000"),
        ("licence", 1, {"office": "0183"}, "吉制01830001号", "licence/0183"),
        ("application_type_approval", 7, {"year": 2013}, "TA-2013-00007", "application/TA/2013"),
        ("application_manufacture", 7, {"year": 2013}, "ML-2013-00007", "application/ML/2013"),
    ],
)
def test_numbers_read_back(kind: str, serial: int, fields: dict[str, str | int], text: str, series: str) -> None:
    style = RULES.number_format(kind, POLICY_DAY)
    assert style.render(serial, **fields) == text
    assert style.series(**fields) == series
    parsed = style.parse(text)
    assert parsed.serial == serial
    assert {name: parsed.fields[name] for name in fields} == {name: str(value) for name, value in fields.items()}


def test_a_certificate_reads_with_its_mark() -> None:
    parsed = RULES.number_format("type_approval", POLICY_DAY).parse("CPA 2013F123-22")
    assert (parsed.serial, parsed.fields) == (123, {"year": "2013", "letter": "F", "province": "22"})


def test_numbers_that_cannot_be() -> None:
    certificate = RULES.number_format("type_approval", POLICY_DAY)
    licence = RULES.number_format("licence", POLICY_DAY)
    with pytest.raises(LawError, match="serial from 101"):
        certificate.render(100, year=2013, letter="F")
    with pytest.raises(LawError, match="needs the field 'letter'"):
        certificate.series(year=2013)
    with pytest.raises(LawError, match="check the fields"):
        certificate.render(101, year=2013, letter="f")
    with pytest.raises(LawError, match="check the fields"):
        licence.render(10_000)
    with pytest.raises(LawError, match="does not read as"):
        licence.parse("浙制01830117号")


def test_a_number_style_ends_with_its_permit() -> None:
    with pytest.raises(LawError, match="no number format for 'licence' on 2017-12-28; rules exist for 2008-05-01"):
        RULES.number_format("licence", date(2017, 12, 28))


def test_unknown_lookups_say_so() -> None:
    with pytest.raises(LawError, match="no rule of that name"):
        RULES.item("sundial", POLICY_DAY)
    with pytest.raises(RuleError, match="use one of jilin-2013"):
        load("atlantis")


LIMIT = """
[[row]]
id = "x"
procedures = ["type_approval"]
zh = "甲"
en = "a"
limit = { amount = 5, unit = "working_days" }
holder = "authority"
weight = "statutory"
starts = ["a.b"]
stops = ["c.d"]
from = 2013-01-01
basis = "b"
basis_zh = "b"
confidence = "S"
"""
RUNG = """
[[row]]
id = "r"
kind = "reminder"
at = 80
recipients = ["holder"]
template = "t"
from = 2013-01-01
basis = "b"
basis_zh = "b"
confidence = "S"
"""
FORMAT = """
[[row]]
id = "f"
kind = "f"
pattern = "{year}-{serial}"
regex = '(?P<year>\\d+)-(?P<serial>\\d+)'
key = "f"
first = 1
from = 2013-01-01
basis = "b"
basis_zh = "b"
confidence = "S"
"""


def test_a_correct_row_is_read() -> None:
    (rule,) = parse_rows(LIMIT, "limits.toml", LimitRule)
    assert (rule.id, rule.pauses, rule.valid_to) == ("x", (), None)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("weight =", "wieght =", r"row x: .*field wieght: Unknown field"),
        ('zh = "甲"\n', "", "row x: field zh: Missing data"),
        ('holder = "authority"', 'holder = "nobody"', "field holder: use one of authority, laboratory, applicant"),
        ('["type_approval"]', '["typ_approval"]', "field procedures: use one of type_approval"),
        ('starts = ["a.b"]', 'starts = "a.b"', "field starts: Not a valid list"),
        ('"working_days"', '"fortnights"', "field limit: unknown unit 'fortnights'; use one of working_days"),
        ("amount = 5", "amount = 0", "field limit: .*whole number"),
        ("amount = 5", 'amount = "5"', "field limit: write { amount = 5"),
        ("2013-01-01", '"2013-01-01"', "field from: write a date without quotes"),
        ("2013-01-01", "2013-01-01\nto = 2013-01-01", "field to: must be later than `from`"),
        ('confidence = "S"', 'confidence = "sure"', "field confidence: use one of S, C, RH, RL"),
        ("[[row]]", "[[rows]]", "unknown table rows"),
        ('id = "x"', "id = ", "not TOML"),
    ],
)
def test_a_wrong_row_is_named(old: str, new: str, text: str) -> None:
    assert old in LIMIT
    with pytest.raises(RuleError, match=rf"^limits\.toml: .*{text}"):
        parse_rows(LIMIT.replace(old, new, 1), "limits.toml", LimitRule)


@pytest.mark.parametrize("at", ["0", "101", "true", '"later"'])
def test_a_rung_stands_at_a_percentage_or_at_the_end(at: str) -> None:
    with pytest.raises(RuleError, match="row r: field at: give a percentage"):
        parse_rows(RUNG.replace("at = 80", f"at = {at}"), "ladders.toml", Rung)


def test_a_number_pattern_must_be_one() -> None:
    assert parse_rows(FORMAT, "formats.toml", NumberFormat)[0].parse("2013-4").serial == 4
    for broken in (FORMAT.replace("<serial>", "<number>"), FORMAT.replace("(?P<year>", "((?P<year>")):
        with pytest.raises(RuleError, match="row f: field regex: "):
            parse_rows(broken, "formats.toml", NumberFormat)


def test_rows_of_one_name_must_not_overlap() -> None:
    with pytest.raises(RuleError, match="row x: field from: 2014-01-01 lies inside an earlier row"):
        parse_rows(LIMIT + LIMIT.replace("2013-01-01", "2014-01-01"), "limits.toml", LimitRule)
    ended = LIMIT.replace("from = 2013-01-01", "from = 2013-01-01\nto = 2014-01-01")
    assert len(parse_rows(ended + LIMIT.replace("2013-01-01", "2014-01-01"), "limits.toml", LimitRule)) == 2
