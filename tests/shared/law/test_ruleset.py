"""The rule set Jilin 2013: which rules apply on which day, and how a faulty row is refused."""

from datetime import date

import pytest

from shared.law import (
    After,
    Before,
    LawError,
    Limit,
    LimitRule,
    PermitId,
    RuleError,
    Unit,
    load,
    national,
)
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
def test_regimes_change_at_the_start_of_a_day(permit: PermitId, on: date, regime: str) -> None:
    assert RULES.regime(permit, on).id == regime


def test_an_abolished_permit_has_no_clocks() -> None:
    assert RULES.regime("manufacture", date(2017, 12, 28)).abolished
    assert RULES.limits_on(date(2017, 12, 28), "manufacture") == ()


def test_clocks_of_2013() -> None:
    type_approval = {rule.id: str(rule.limit) for rule in RULES.limits_on(POLICY_DAY, "type_approval")}
    assert type_approval == {
        "intake": "5wd",
        "supplement": "30d",
        "commissioning": "5wd",
        "lab_contact": "10wd",
        "evaluation": "3mo",
        "improvement": "3mo",
        "samples": "30d",
        "archive": "36mo",
        "archive_release": "30d",
        "bar": "None",
        "report_review": "10wd",
        "hearing_request": "5wd",
        "hearing": "20wd",
        "decision": "20wd",
        "decision_promised": "17wd",
        "delivery": "10wd",
        "change": "10wd",
        "conformity_check": "10wd",
        "change_opinion": "10wd",
        "office_opinion": "10wd",
        "review_window": "60d",
        "suit_window": "3mo",
    }
    own = {rule.id for rule in RULES.limits_on(POLICY_DAY, "manufacture") if rule.id not in type_approval}
    assert own == {
        "rectification",
        "licence_decision_promised",
        "licence_term",
        "lost_approval",
        "recusal",
        "assessment",
    }


def test_a_term_ends_on_the_day_its_event_names() -> None:
    term = RULES.limit("licence_term", POLICY_DAY)
    assert (term.limit, term.until) == (None, "valid_until")
    with pytest.raises(LawError, match="licence_term is a term"):
        _ = term.budget


def test_promises_are_kept_apart_from_the_law() -> None:
    promised = [rule for rule in RULES.limits if rule.weight == "promised"]
    assert {rule.id for rule in promised} == {"decision_promised", "licence_decision_promised"}
    assert not any(rule.verified for rule in promised)


def test_recalled_facts_are_marked_unverified() -> None:
    assert RULES.limit("evaluation", POLICY_DAY).verified
    assert not RULES.limit("evaluation", date(2023, 6, 1)).verified
    assert not RULES.item("taximeter", POLICY_DAY).verified


def test_only_the_decision_pauses_for_a_served_notice() -> None:
    noticed = {rule.id for rule in RULES.limits if "time_notice.served" in rule.pauses}
    assert noticed == {"decision", "decision_promised", "licence_decision_promised"}
    assert {event for rule in RULES.limits for event in rule.pauses} == {
        *("time_notice.served", "hearing.ordered", "evaluation.nonconformity_found")
    }


def test_what_pauses_a_clock_can_be_followed_by_what_resumes_it() -> None:
    for rule in RULES.limits:
        assert bool(rule.pauses) == bool(rule.resumes), rule.id


def test_every_clock_but_a_window_stops_when_the_case_ends() -> None:
    for rule in RULES.limits:
        # An archive outlives the case.
        if rule.weight == "window" or rule.id == "archive_release":
            continue
        assert "application.terminated" in rule.stops, rule.id
        # A second order to correct takes the place of the first, and another laboratory that of the one that was asked;
        # nothing else is asked for twice at a time.
        assert rule.id in {"correction", "change_opinion"} or not set(rule.starts) & set(rule.stops), rule.id


def test_licences_last_three_years_and_type_approvals_for_good() -> None:
    licence = RULES.validity("manufacture", POLICY_DAY)
    assert licence.limit is not None
    assert (licence.limit.amount, licence.limit.unit) == (36, Unit.MONTHS)
    assert RULES.validity("type_approval", POLICY_DAY).limit is None


def test_the_authority_has_the_name_of_its_day() -> None:
    assert RULES.authority(POLICY_DAY).name.zh == "吉林省质量技术监督局"
    assert RULES.authority(date(2024, 1, 1)).name.zh == "吉林省市场监督管理厅"


def test_a_limit_has_its_own_ladder_or_that_of_all_others() -> None:
    assert [rung.id for rung in RULES.ladder("intake", POLICY_DAY)] == [
        *("reminder_50", "reminder_80", "due_day", "breach"),
        *("escalate_section_head", "escalate_bureau_head", "escalate_supervision"),
    ]
    assert "working_days_2" in {rung.id for rung in RULES.ladder("decision", POLICY_DAY)}
    assert [rung.id for rung in RULES.ladder("improvement", POLICY_DAY)] == [
        *("days_30", "days_14", "days_7", "days_1", "due_day")
    ]


def test_what_the_law_does_not_hold_against_anybody_has_no_breach() -> None:
    for rule in RULES.limits:
        breached = any(rung.kind == "breach" for rung in RULES.ladder(rule.id, date(2013, 9, 1)))
        owed = rule.weight in ("statutory", "promised") and rule.id != "improvement"
        assert breached == owed, rule.id


def test_a_breach_climbs_a_step_each_working_day() -> None:
    friday = date(2013, 9, 13)
    days = {
        rung.recipients[0]: rung.at.day(friday, national())
        for rung in RULES.ladder("decision", POLICY_DAY)
        if isinstance(rung.at, After)
    }
    assert days == {
        "section_head": date(2013, 9, 17),
        "bureau_head": date(2013, 9, 18),
        "supervision": date(2013, 9, 22),
    }, "19 to 21 September was the Mid-Autumn holiday, Sunday the 22nd works"


def test_the_holder_of_a_licence_is_reminded_from_half_a_year_before_its_end() -> None:
    end = date(2017, 2, 18)
    days = {
        rung.id: rung.at.day(end, national())
        for rung in RULES.ladder("licence_term", POLICY_DAY)
        if isinstance(rung.at, Before)
    }
    assert list(days.values())[:4] == [date(2016, 8, 18), date(2016, 10, 18), date(2016, 11, 4), date(2016, 11, 18)]
    assert days["weeks_12"] == date(2016, 11, 26)
    assert days["weeks_1"] == date(2017, 2, 11)
    assert days["working_days_10"] == date(2017, 2, 6)


@pytest.mark.parametrize(
    ("limit", "effect", "breach"),
    [
        ("intake", "deem_accepted", True),
        ("improvement", "fail_evaluation", False),
        ("rectification", "fail_rectification", False),
        ("licence_term", "deem_renewed", True),
    ],
)
def test_what_silence_means(limit: str, effect: str, breach: bool) -> None:
    silence = RULES.silence(limit, POLICY_DAY)
    assert silence is not None
    assert (silence.effect, silence.breach) == (effect, breach)


def test_nobody_is_granted_a_first_permit_by_silence() -> None:
    assert RULES.silence("decision", POLICY_DAY) is None
    assert {row.limit for row in RULES.silences} <= {rule.id for rule in RULES.limits}


def test_changes_of_the_law_that_reach_into_open_cases() -> None:
    assert [(row.id, row.kind, row.on) for row in RULES.law_changes("manufacture")] == [
        ("CMC-NONE", "abolished", date(2017, 12, 28))
    ]
    assert [(row.id, row.kind, row.on) for row in RULES.law_changes("type_approval")] == [
        ("CAT-48", "catalogue", date(2019, 10, 23)),
        ("CAT-42", "catalogue", date(2020, 10, 26)),
    ]
    for change in RULES.law_changes("manufacture"):
        assert RULES.regime("manufacture", change.on).abolished


def test_catalogue_of_2013() -> None:
    letters = {item.code: item.letter for item in RULES.catalogue_on(POLICY_DAY)}
    assert letters["non_automatic_scale"] == letters["water_meter"] == "F"
    assert letters["electricity_meter"] == "E"
    assert RULES.catalogue_on(date(2006, 4, 30)) == ()


def test_what_a_catalogue_lists_for_verification_alone_needs_no_approval() -> None:
    assert RULES.item("pressure_gauge", date(2019, 10, 22)).catalogue == "CAT-145"
    with pytest.raises(LawError, match="no catalogue item 'pressure_gauge' on 2019-10-23"):
        RULES.item("pressure_gauge", date(2019, 10, 23))
    assert "pressure_gauge" not in {item.code for item in RULES.catalogue_on(date(2019, 10, 23))}
    assert {item.mode for item in RULES.catalogue_on(date(2020, 10, 26))} == {"P+V"}


def test_who_deceived_is_barred_for_the_time_of_that_day() -> None:
    assert [RULES.bar(ground, date(2013, 9, 17)).months for ground in ("FALSE_MATERIALS", "DECEIT")] == [12, 36]
    with pytest.raises(LawError, match="no bar for DECEIT on 2004-06-30"):
        RULES.bar("DECEIT", date(2004, 6, 30))


def test_norms_remedies_and_marks_of_the_day() -> None:
    assert RULES.norm("JJF 1015", date(2014, 7, 22)).code == "JJF 1015-2002"
    assert RULES.norm("JJF 1015", date(2014, 7, 23)).code == "JJF 1015-2014"
    assert len(RULES.remedies_on(date(2023, 12, 31), "decision")) == 3
    assert {row.id for row in RULES.remedies_on(date(2024, 1, 1), "decision")} == {"review_by_government", "suit"}
    assert [row.id for row in RULES.remedies_on(date(2024, 1, 1), "silence")] == ["silence_review"]
    assert [row.mode for row in RULES.marks if row.id == "C"] == ["assessed_certificate", "self_declaration"]


def test_the_rules_before_2008_are_held_too() -> None:
    on = date(2007, 6, 1)
    assert RULES.regime("manufacture", on).id == "CMC-99"
    assert RULES.number_format("licence", on).render(123) == "量制吉字00000123号"
    assert RULES.validity("manufacture", on).limit is not None


def test_no_rule_is_missing_between_two() -> None:
    assert list(RULES.gaps()) == []


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
    with pytest.raises(
        LawError, match=r"no number format for 'licence' on 2017-12-28; rules exist for .*to 2017-12-28"
    ):
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
        (
            'holder = "authority"',
            'holder = "nobody"',
            "field holder: use one of authority, laboratory, checker, applicant",
        ),
        ('limit = { amount = 5, unit = "working_days" }\n', "", "field limit: give either .*`limit`, or .*`until`"),
        (
            'weight = "statutory"',
            'weight = "statutory"\nuntil = "end"',
            "field limit: give either .*`limit`, or .*`until`",
        ),
        ('["type_approval"]', '["typ_approval"]', "field procedures: use one of type_approval"),
        ('starts = ["a.b"]', 'starts = "a.b"', "field starts: Not a valid list"),
        ('stops = ["c.d"]', 'pauses = ["c.d"]', "field reasons: say why the time stops, for c.d"),
        ('stops = ["c.d"]', 'reasons = { "c.d" = ["甲"] }', r"field reasons\S*: write .*中文"),
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


@pytest.mark.parametrize(
    ("at", "meant"),
    [
        ("100", 100),
        ('"due"', "due"),
        ('{ before = { amount = 2, unit = "working_days" } }', Before((Limit.parse("2wd"),))),
        (
            '{ before = [{ amount = 3, unit = "months" }, { amount = 14, unit = "calendar_days" }] }',
            Before((Limit.parse("3mo"), Limit.parse("14d"))),
        ),
        ('{ after = { amount = 1, unit = "months" } }', After(Limit.parse("1mo"))),
    ],
)
def test_a_rung_stands_at_a_percentage_at_the_end_or_a_span_away_from_it(at: str, meant: object) -> None:
    assert parse_rows(RUNG.replace("at = 80", f"at = {at}"), "ladders.toml", Rung)[0].at == meant


@pytest.mark.parametrize("at", ["0", "101", "true", '"later"', "{ before = [] }", "{ after = 5, before = 4 }", "{}"])
def test_a_rung_that_stands_nowhere_is_refused(at: str) -> None:
    with pytest.raises(RuleError, match=r"row r: field at: (give a percentage|write \{ amount)"):
        parse_rows(RUNG.replace("at = 80", f"at = {at}"), "ladders.toml", Rung)


def test_a_rung_may_stand_in_several_ladders_but_once_in_each() -> None:
    own = RUNG.replace("at = 80", 'at = 50\nlimits = ["x", "y"]')
    assert len(parse_rows(RUNG + own, "ladders.toml", Rung)) == 2
    with pytest.raises(RuleError, match="row r: field from: 2013-01-01 lies inside an earlier row"):
        parse_rows(own + RUNG.replace("at = 80", 'at = 80\nlimits = ["y", "z"]'), "ladders.toml", Rung)


def test_rows_take_what_they_do_not_say_from_the_file_s_default() -> None:
    text = RUNG.replace("[[row]]", "[default]", 1).replace('id = "r"\n', "")
    rungs = parse_rows(text + '[[row]]\nid = "a"\n[[row]]\nid = "b"\nat = "due"\n', "ladders.toml", Rung)
    assert [(rung.id, rung.at) for rung in rungs] == [("a", 80), ("b", "due")]


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
