"""Limits of every family: the vectors, and properties that hold for all."""

import re
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrology import FamilyError, Mpe, Quantity, QuantityError, Verdict, family, judge, programme
from shared.metrology.limits import Uncertain

q = Quantity.parse
VECTORS = tomllib.loads(Path(__file__).with_name("vectors.toml").read_text(encoding="utf-8"))["mpe"]


def limit(name: str, *, country: str | None = None, edition: str = "", **given: str) -> Mpe:
    held, found = programme(name, edition)
    return held.mpe(found, {key.rstrip("_"): value for key, value in given.items()}, country)


def ends(text: str) -> tuple[Quantity, Quantity]:
    """Lower and upper limit as a vector writes them."""
    if text.startswith("±"):
        return -q(text[1:]), q(text[1:])
    upper, lower = text.split(" … ")
    return q(lower), q(upper)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: " ".join(one.values()))
def test_vectors(vector: dict[str, str]) -> None:
    asked = {key: value for key, value in vector.items() if key not in {"programme", "is"}}
    if vector["is"].startswith("error: "):
        with pytest.raises((FamilyError, QuantityError), match=re.escape(vector["is"].removeprefix("error: "))):
            limit(vector["programme"], **asked)
    else:
        found = limit(vector["programme"], **asked)
        assert (found.lower, found.upper) == ends(vector["is"])
        assert found.rule_id
        assert found.edition
        assert found.source


@pytest.mark.parametrize(
    ("name", "asked", "dimension"),
    [
        ("r76", {"class_": "III", "e": "5 g", "load": "2.505 kg"}, "mass"),
        ("r60", {"class_": "C", "v": "10 g", "load": "5.01 kg"}, "mass"),
        ("r49", {"class_": "2", "q3": "2.5 m3/h", "r": "100", "flow": "0.04 m3/h", "temp": "30 Cel"}, "flow"),
        ("r117", {"class_": "0.5", "mmq": "5 L", "volume": "9.99 L"}, "volume"),
        ("r21", {"quantity": "time", "value": "201 s"}, "time"),
    ],
)
def test_units_change_nothing(name: str, asked: dict[str, str], dimension: str) -> None:
    others = {"g": "mg", "kg": "t", "m3/h": "L/min", "L": "m3", "s": "h", "Cel": "K"}
    changed = {}
    for key, text in asked.items():
        unit = text.partition(" ")[2]
        changed[key] = str(q(text).to(others[unit])) if unit in others else text
    assert dimension
    assert changed != asked
    assert (limit(name, **asked).upper, limit(name, **asked).rule_id) == (
        limit(name, **changed).upper,
        limit(name, **changed).rule_id,
    )


CASES = st.sampled_from(
    [
        ("r76", {"class_": "III", "e": "1 g"}, "load", "g", 10_000),
        ("r76", {"class_": "III", "partial": "3 kg/2 g, 6 kg/5 g, 10 kg/10 g"}, "load", "g", 10_000),
        ("r60", {"class_": "C", "v": "1 g"}, "load", "g", 10_000),
        ("r117", {"class_": "0.5", "mmq": "0.001 L"}, "volume", "L", 10_000),
        ("r117", {"class_": "2.5", "line": "B", "mmq": "2 L"}, "volume", "L", 10_000),
        ("r21", {"quantity": "distance"}, "value", "m", 10_000),
        ("taximeter-de", {"quantity": "time"}, "value", "s", 10_000),
    ]
)


@given(CASES, st.fractions(0, 1, max_denominator=10**6), st.fractions(0, 1, max_denominator=10**6))
def test_a_greater_value_never_has_a_smaller_limit(
    case: tuple[str, dict[str, str], str, str, int], one: Fraction, other: Fraction
) -> None:
    name, asked, varied, unit, most = case
    low, high = sorted((one, other))
    try:
        smaller, greater = (limit(name, **asked, **{varied: f"{share * most} {unit}"}) for share in (low, high))
    except FamilyError as error:
        assert "minimum measured" in str(error)  # noqa: PT017
        return
    assert smaller.upper <= greater.upper
    assert smaller.lower == -smaller.upper


def boundaries() -> list[tuple[str, str, str, str]]:
    """Every end of a span of amounts in a table that only depends on what is asked: programme, row, name, end."""
    found = []
    for name in ("r76", "r60"):
        for row in family(name).programmes[0].rows:
            span = row.where.spans["load"]
            if span.high is not None:
                cls = next(iter(row.where.tags["class"]))
                found.append((name, cls, str(span.high.factor), row.id))
    return found


@pytest.mark.parametrize(("name", "accuracy_class", "steps", "row"), boundaries())
def test_a_load_on_a_step_belongs_to_the_lower_limit(name: str, accuracy_class: str, steps: str, row: str) -> None:
    interval = {"r76": "e", "r60": "v"}[name]
    asked = {"class_": accuracy_class, interval: "1 g"}
    assert limit(name, **asked, load=f"{steps} g").rule_id == row
    assert limit(name, **asked, load=f"{int(steps) - 1} g").rule_id == row
    just_above = f"{steps}.000000001 g"
    try:
        assert limit(name, **asked, load=just_above).rule_id != row
    except FamilyError as error:
        assert f"outside 0 g … {steps} g" in str(error)  # noqa: PT017


@given(st.integers(1, 200), st.sampled_from(["1", "2"]), st.sampled_from(["2.5", "16", "100", "630"]))
def test_the_zones_of_a_water_meter_meet_at_q2(step: int, accuracy_class: str, q3: str) -> None:
    r = Fraction(63)
    q2 = Fraction(q3) / r * Fraction("1.6")
    near = Fraction(step, 10**9)
    lower = limit("r49", class_=accuracy_class, q3=q3, r="63", flow=f"{q2 - near} m3/h")
    upper = limit("r49", class_=accuracy_class, q3=q3, r="63", flow=f"{q2} m3/h")
    assert lower.upper > upper.upper
    assert "Q1<=Q<Q2" in lower.rule_id
    with pytest.raises(FamilyError, match="outside"):
        limit("r49", class_=accuracy_class, q3=q3, r="63", flow=f"{Fraction(q3) * Fraction('1.25') + near} m3/h")


@pytest.mark.parametrize(
    ("error", "uncertainty", "decision", "verdict"),
    [
        ("5 g", None, Uncertain.UPTO, Verdict.PASS),
        ("-5 g", None, Uncertain.UPTO, Verdict.PASS),
        ("5.0000001 g", None, Uncertain.UPTO, Verdict.FAIL),
        ("-5.0000001 g", None, Uncertain.UPTO, Verdict.FAIL),
        ("4 g", "1.6 g", Uncertain.UPTO, Verdict.PASS),
        ("6 g", "1.6 g", Uncertain.UPTO, Verdict.FAIL),
        ("4 g", "1.7 g", Uncertain.UPTO, Verdict.INDETERMINATE),
        ("4 g", "5/3 g", Uncertain.UPTO, Verdict.PASS),
        ("4 g", "5/3 g", Uncertain.BELOW, Verdict.INDETERMINATE),
        ("4 g", "1.6 g", Uncertain.BELOW, Verdict.PASS),
        # 4/3 of 5 g less 2 g is 14/3 g.
        ("14/3 g", "2 g", Uncertain.REDUCED, Verdict.PASS),
        ("4.67 g", "2 g", Uncertain.REDUCED, Verdict.FAIL),
        ("0 g", "7 g", Uncertain.REDUCED, Verdict.INDETERMINATE),
    ],
)
def test_the_verdict_compares_unrounded_values(
    error: str, uncertainty: str | None, decision: Uncertain, verdict: Verdict
) -> None:
    mpe = Mpe(q("-5 g"), q("5 g"), "test")
    assert judge(q(error), mpe, q(uncertainty) if uncertainty else None, decision) is verdict


def test_limits_may_be_asymmetric() -> None:
    taximeter = limit("jjg517", value="1000 m")
    assert str(taximeter) == "+10 m … -40 m"
    found = {shown: judge(q(f"{shown} m") - q("1000 m"), taximeter) for shown in (1010, 1011, 960, 959)}
    assert [*map(str, found.values())] == ["pass", "fail", "pass", "fail"]


def test_what_was_only_recalled_or_read_at_second_hand_says_so() -> None:
    assert limit("r76", class_="III", e="5 g", load="1 kg").verified
    assert not limit("jjg443", volume="20 L", edition="2015").verified
    assert not limit("r117", class_="0.5", line="B", mmq="5 L", volume="5 L").verified
    assert limit("r117", class_="0.5", line="B", mmq="5 L", volume="50 L").verified


def test_the_reduced_limit_is_four_thirds_less_the_uncertainty() -> None:
    """MPE 100 mL, U 40 mL: 280/3 mL, about 93.33 mL."""
    mpe = Mpe(q("-100 mL"), q("100 mL"), "test")
    found = {error: judge(q(error), mpe, q("40 mL"), Uncertain.REDUCED) for error in ("280/3 mL", "93.34 mL")}
    assert found == {"280/3 mL": Verdict.PASS, "93.34 mL": Verdict.FAIL}
