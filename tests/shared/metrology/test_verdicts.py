"""Reports recomputed: the vectors of tests, and every way in which a report can contradict itself."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.metrology import FamilyError, Quantity
from shared.metrology.records import read_report
from shared.metrology.verdicts import Recomputed, recompute
from shared.text import Text
from tests.shared.metrology.reports import full


def run(programme: str, instrument: dict[str, str], item: str, points: list[dict[str, str]], **more: Any) -> Recomputed:
    """A report of one record."""
    edition = more.pop("edition", "")
    record = {"item": item, "prototype": "S-1", "on": "2013-10-08", "points": points, **more}
    report = {
        "programme": programme,
        "edition": edition,
        "instrument": instrument,
        "prototypes": [{"serial": "S-1"}],
        "records": [record],
    }
    return recompute(read_report(report))


SCALE = {"class": "III", "max": "100 kg", "e": "10 g"}
SMALL = {"class": "III", "max": "60 kg", "e": "10 g"}
CELL = {
    "class": "C",
    "n_lc": "3000",
    "emax": "100 kg",
    "vmin": "10 g",
    "n": "3000",
    "dmin": "0 kg",
    "dmax": "90 kg",
    "f": "0.0005 mV/V",
    "at_dmin": "0 mV/V",
}
METER = {"class": "2", "q3": "1.6", "r": "80"}
VERIFY = {"settings": {"phase": "verification"}}


def weighings(*shown: str) -> list[dict[str, str]]:
    """At 50 kg; P is what is shown, for half of an interval is put on."""
    return [{"load": "50 kg", "indication": f"{one} kg", "added": "5 g"} for one in shown]


def flows(**errors: tuple[str, ...]) -> list[dict[str, str]]:
    """Runs of 100 L at the flows of a meter with Q3 1.6 and R 80, by name, each with its errors in per cent."""
    at = {"Q1": "0.02", "Q2": "0.032", "Qa": "0.56", "Qb": "1.15", "Q3": "1.6", "Q4": "2"}
    return [
        {"at": name, "flow": at[name], "indicated": f"{100 + float(one):.4f} L", "actual": "100 L"}
        for name, found in errors.items()
        for one in found
    ]


@pytest.mark.parametrize(
    ("programme", "instrument", "item", "points", "more", "verdict", "reason"),
    [
        # R 76: P = I + e/2 - ΔL, Ec = P - L - E0.
        (
            "r76",
            SCALE,
            "r76.weighing",
            [{"load": "20 kg", "indication": "20.010 kg", "added": "3 g"}],
            {"settings": {"phase": "verification", "zero_error": "1 g"}},
            "fail",
            "11 g against ±10 g",
        ),
        (
            "r76",
            SCALE,
            "r76.weighing",
            [{"load": "5 kg", "indication": "5.000 kg", "added": "9 g"}],
            {"settings": {"phase": "verification", "zero_error": "1 g"}},
            "pass",
            "",
        ),
        ("r76", SCALE, "r76.weighing", weighings("50"), {}, "not-done", "10 loads are required"),
        ("r76", SMALL, "r76.repeatability", weighings("49.996", "50.009", "50"), VERIFY, "pass", ""),
        ("r76", SMALL, "r76.repeatability", weighings("50.004", "50.016", "50.01"), VERIFY, "fail", "16 g against"),
        ("r76", SMALL, "r76.repeatability", weighings("49.99", "50.006", "50"), VERIFY, "fail", "span 16 g"),
        ("r76", SMALL, "r76.repeatability", weighings(*["50"] * 9), {}, "not-done", "two series"),
        (
            "r76",
            SMALL,
            "r76.repeatability",
            [*weighings(*["50"] * 9), *[{"load": "60 kg", "indication": "60 kg", "added": "5 g"}] * 10],
            {},
            "not-done",
            "10 weighings are required at 50 kg, there are 9",
        ),
        *(
            (
                "r76",
                SCALE,
                "r76.discrimination",
                [{"load": "50 kg", "indication": "50 kg", "extra": "14 g", "second": second}] * 3,
                {},
                verdict,
                reason,
            )
            for second, verdict, reason in (("50.01 kg", "pass", ""), ("50 kg", "fail", "0 kg, at least 10 g"))
        ),
        *(
            (
                "r76",
                SCALE,
                "r76.creep",
                [
                    {"minutes": minutes, "load": "100 kg", "indication": f"100.{shown} kg", "added": "5 g"}
                    for minutes, shown in zip(("0", "15", "30", "240"), shown, strict=False)
                ],
                {},
                verdict,
                reason,
            )
            for shown, verdict, reason in (
                (("000", "002", "004"), "pass", ""),
                (("000", "001", "004", "012"), "pass", ""),
                (("000", "001", "004"), "not-done", "4 h are required"),
                (("000", "004", "006"), "not-done", "4 h are required"),
                (("000", "001", "004", "016"), "fail", "against ±15 g"),
                (("000", "001"), "not-done", "3 points are required"),
            )
        ),
        *(
            ("r76", SCALE, "r76.zero-return", [{"before": "0 g", "after": after}], {}, verdict, "")
            for after, verdict in (("5 g", "pass"), ("5.1 g", "fail"))
        ),
        *(
            (
                "r76",
                SCALE,
                "r76.temp-no-load",
                [
                    {"temp": "20 Cel", "indication": "0 kg", "added": "5 g"},
                    {"temp": warmer, "indication": shown, "added": "5 g"},
                ],
                {},
                verdict,
                reason,
            )
            for warmer, shown, verdict, reason in (
                ("40 Cel", "0.026 kg", "pass", ""),
                ("35 Cel", "0.032 kg", "fail", "10.6667 g against ±10 g"),
            )
        ),
        *(
            ("r76", SCALE, "r76.modules", [{"p": p} for p in ps], {}, verdict, "")
            for ps, verdict in (
                (("0.7", "0.5", "0.5"), "pass"),
                (("0.8", "0.6"), "pass"),
                (("0.8", "0.7"), "fail"),
                (("0.9",), "fail"),
            )
        ),
        ("r76", {**SCALE, "class": "I"}, "r76.creep", [], {}, "not-applicable", "not for class I"),
        (
            "r76",
            {"class": "III", "partial": "3 kg/2 g, 6 kg/5 g, 15 kg/10 g"},
            "r76.weighing",
            [{"load": load, "indication": shown, "added": added} for load, shown, added in (
                ("3 kg", "3.002 kg", "1 g"), ("3.005 kg", "3.01 kg", "2.5 g"), ("15 kg", "15.01 kg", "5 g"))],
            VERIFY,
            "pass",
            "",
        ),
        ("r76", {**SCALE, "d": "2 g"}, "r76.weighing", weighings("50"), {"settings": {"phase": "verification"}},
         "not-done", "added 5 g is outside"),
        ("r76", SCALE, "r76.weighing", [{"load": "50 kg", "indication": "50 kg"}],
         {"settings": {"phase": "verification", "reading": "direct"}}, "not-done", "more than e/5"),
        ("r76", SCALE, "r76.weighing", [{"load": "50 kg", "indication": "50.015 kg"}],
         {"settings": {"phase": "verification", "reading": "direct", "shown_interval": "2 g"}}, "pass", ""),
        # R 60
        *(
            ("r60", {**CELL, "dmax": "90 kg", "vmin": vmin}, "r60.mdlo",
             [{"temp": "20 Cel", "change": "0"}, {"temp": "40 Cel", "change": "0.75"}], {}, verdict, reason)
            for vmin, verdict, reason in (("10 g", "pass", ""), ("5 g", "fail", "1.125 against ±0.7"))
        ),
        *(
            ("r60", {**CELL, "plc": "0.5"}, "r60.creep",
             [{"minutes": "20", "change": at_20}, {"minutes": "30", "change": at_30}], {}, verdict, reason)
            for at_20, at_30, verdict, reason in (
                ("0.6", "0.735", "pass", ""),
                ("0.6", "0.736", "fail", "0.736 against ±0.735"),
                ("0.5", "0.6575", "pass", ""),
                ("0.5", "0.658", "fail", "20 to 30 min: 0.158 v against ±0.1575 v"),
            )
        ),
        *(
            ("r60", CELL, "r60.dr", [{"change": change}], {"settings": {"specified": "5 s", "actual": actual}},
             verdict, reason)
            for change, actual, verdict, reason in (
                ("0.4", "6 s", "pass", ""),
                ("0.41", "6 s", "fail", "0.41 against ±0.4"),
                ("0.25", "7.5 s", "pass", ""),
                ("0.2", "7.6 s", "not-done", "repeat the run"),
                ("0.5", "5 s", "pass", ""),
            )
        ),
        *(
            ("r60", CELL, "r60.repeatability",
             [{"load": "45 kg", "output": one} for one in ("0.75 mV/V", "0.7502 mV/V", last)], {}, verdict, "")
            for last, verdict in (("0.75035 mV/V", "pass"), ("0.75036 mV/V", "fail"))
        ),
        # f = 0.00066667 mV/V, R = 1.000005 mV/V, E_L = 0.4425 v; as mass with v = 30 g.
        (
            "r60",
            {**CELL, "f": "0.00066667 mV/V", "n": "3000"},
            "r60.error",
            [{"load": "45 kg", "output": output} for output in ("1.00030 mV/V",) * 4 + ("1.0005 mV/V",)],
            {},
            "fail",
            "0.0222749 kg against ±0.021 kg",
        ),
        ("r60", {**CELL, "active": "yes"}, "r60.warm-up", [{"load": "90 kg", "before": "0", "after": "1.05"}], {},
         "pass", ""),
        ("r60", {**CELL, "active": "yes"}, "r60.warm-up", [{"load": "90 kg", "before": "0", "after": "1.06"}], {},
         "fail", ""),
        ("r60", CELL, "r60.warm-up", [], {}, "not-applicable", "not an active load cell"),
        ("r60", {**CELL, "humidity": "NH"}, "r60.humidity-ch", [], {}, "not-applicable", "humidity symbol"),
        # R 49: all of one sign, none at most half of its limit; then one is.
        *(
            ("r49", METER, "r49.intrinsic",
             flows(Q1=("3",) * 3, Q2=("1.2",) * 3, Qa=("1.8",) * 2, Qb=("1.1",) * 2, Q3=("1.5",) * 3, Q4=(last,) * 2),
             {}, verdict, reason)
            for last, verdict, reason in (("1.1", "fail", "of one sign"), ("0.9", "pass", ""), ("1.0", "pass", ""))
        ),
        *(
            ("r49", METER, "r49.intrinsic",
             flows(Q1=("0",) * 3, Q2=("0",) * 3, Qa=("0",) * 2, Qb=("0",) * 2, Q3=runs, Q4=("0",) * 2),
             {}, verdict, reason)
            for runs, verdict, reason in (
                (("0.3", "0.5", "0.9"), "pass", ""),
                (("0.1", "0.9", "1.7"), "fail", "standard deviation at Q3"),
                (("2.1", "2.1", "2.1"), "fail", "mean error at Q3"),
            )
        ),
        ("r49", METER, "r49.durability-flow", [{"flow": "1.6", "before": "0.4 %", "after": "2.0 %"}], {}, "fail",
         "1.6 % against ±1.5 %"),
        ("r49", METER, "r49.durability-flow", [{"flow": "1.6", "before": "1.1 %", "after": "2.6 %"}], {}, "fail",
         "2.6 % against ±2.5 %"),
        ("r49", METER, "r49.durability-flow", [{"flow": "0.02", "before": "3 %", "after": "6 %"}], {}, "pass", ""),
        ("r49", METER, "r49.em", [{"flow": "1.6", "before": "0 %", "after": "1.1 %", "detected": "yes"}], {},
         "pass", ""),
        ("r49", METER, "r49.em", [{"flow": "1.6", "before": "0 %", "after": "1.1 %"}], {}, "fail", "against ±1 %"),
        # R 117 and JJG 443
        *(
            ("r117", {"class": "0.5", "mmq": "5 L"}, "r117.em", [{"volume": v, "before": "0 mL", "after": after}], {},
             verdict, "")
            for v, after, verdict in (
                ("20 L", "50 mL", "pass"),
                ("20 L", "51 mL", "fail"),
                ("500 L", "500 mL", "pass"),
                ("500 L", "501 mL", "fail"),
            )
        ),
        *(
            ("jjg443", {"class": "0.5", "mmq": "5 L"}, "jjg443.error",
             [{"volume": v, "indicated": shown, "reference": v}] * 3, {}, verdict, "")
            for v, shown, verdict in (
                ("20 L", "20.061 L", "fail"),
                ("20 L", "20.06 L", "pass"),
                ("5 L", "4.975 L", "pass"),
                ("5 L", "4.974 L", "fail"),
            )
        ),
        ("jjg443", {"class": "0.5", "mmq": "5 L"}, "jjg443.repeatability",
         [{"volume": "100 L", "indicated": f"{one} L", "reference": "100 L"} for one in ("100.10", "99.98", "99.94")],
         {}, "fail", "0.16 % against"),
        # R 46: a coefficient that is not sure, start and no load; the composite error.
        ("mid5", {"class": "B", "imin": "0.25", "itr": "0.5", "imax": "60"}, "mid5.combined",
         [{"current": "10", "measured": "1.2 %", "shift_temperature": "1.6 %", "shift_voltage": "0 %",
           "shift_frequency": "0 %"}], {}, "pass", ""),
        ("mid5", {"class": "B", "imin": "0.25", "itr": "0.5", "imax": "60"}, "mid5.combined",
         [{"current": "10", "measured": "1.2 %", "shift_temperature": "1.6 %", "shift_voltage": "0.1 %",
           "shift_frequency": "0 %"}], {}, "fail", ""),
        ("r46", {"class": "B", "elements": "3", "un": "230", "imax": "60"}, "r46.surge",
         [{"registered": "0.0414 kW.h"}], {}, "pass", ""),
        ("r46", {"class": "B", "elements": "1", "un": "230", "imax": "60"}, "r46.surge",
         [{"registered": "0.0139 kW.h"}], {}, "fail", "against ±0.0138 kW.h"),
        # R 21, and the general family with limits as they are stated.
        *(
            ("jjg517", {}, "jjg517.vehicle", [{"value": "1000 m", "shown": shown}], {}, verdict, "")
            for shown, verdict in (("1010 m", "pass"), ("1011 m", "fail"), ("960 m", "pass"), ("959 m", "fail"))
        ),
        *(
            ("general", {"quantity": "pressure", "range_high": "1.6 MPa", "accuracy": "1.6"}, "general.errors",
             [{"reference": "1 MPa", "indication": shown, "upper": "0.0256 MPa", "clause": "JJG 52-2013 5.1"}], {},
             verdict, "")
            for shown, verdict in (("1.0256 MPa", "pass"), ("0.974 MPa", "fail"))
        ),
        # U of a third: small enough for most, not for R 60.
        ("r76", SCALE, "r76.weighing", weighings("50"), {**VERIFY, "uncertainty": "5 g"}, "pass", ""),
        ("r76", SCALE, "r76.weighing", weighings("50"), {**VERIFY, "uncertainty": "5.01 g"}, "indeterminate", ""),
        *(
            ("r60", CELL, "r60.barometric", [{"pressure": "100 kPa", "mass_change": "0 g"},
             {"pressure": "101 kPa", "mass_change": "5 g"}], {"uncertainty": uncertainty}, verdict, "")
            for uncertainty, verdict in (("10/3 g", "indeterminate"), ("3.3 g", "pass"))
        ),
    ],
)  # fmt: skip
def test_vectors(
    programme: str,
    instrument: dict[str, str],
    item: str,
    points: list[dict[str, str]],
    more: dict[str, Any],
    verdict: str,
    reason: str,
) -> None:
    found = run(programme, instrument, item, points, **more).outcomes[0]
    assert found.verdict == verdict, found.reason
    assert reason in (found.reason.en if found.reason else "")


@pytest.mark.parametrize(
    ("programme", "instrument", "item", "point", "more", "error", "limit", "note"),
    [
        ("r76", {"class": "III", "e": "5 g", "max": "15 kg"}, "r76.weighing",
         {"load": "10 kg", "indication": "10.000 kg", "added": "1.5 g"}, VERIFY, "1 g", "±5 g", ""),
        ("r76", SCALE, "r76.weighing", {"load": "20 kg", "indication": "20.010 kg", "added": "3 g"},
         {"settings": {"phase": "verification", "zero_error": "1 g"}}, "11 g", "±10 g", ""),
        ("r60", {**CELL, "f": "0.00066667 mV/V", "n": "3000"}, "r60.error", {"load": "45 kg", "output": "1.00030 mV/V"},
         {}, "885/66667 kg", "±0.021 kg", ""),
        ("r60", {**CELL, "n_lc": "3000"}, "r60.dr", {"change": "0.3"},
         {"settings": {"specified": "5 s", "actual": "5 s"}}, "0.3", "±0.5", "DR 0.01 kg, Z 5000"),
        ("r49", METER, "r49.temperature", {"flow": "0.032", "temp": "20", "indicated": "10.12 L", "actual": "10.00 L"},
         {}, "1.2 %", "±2 %", ""),
        ("jjg443", {"class": "0.5", "mmq": "5 L"}, "jjg443.error",
         {"volume": "20 L", "indicated": "20.061 L", "reference": "20 L"}, {}, "61 mL", "±60 mL", ""),
    ],
)  # fmt: skip
def test_errors_and_limits_of_points(
    programme: str,
    instrument: dict[str, str],
    item: str,
    point: dict[str, str],
    more: dict[str, Any],
    error: str,
    limit: str,
    note: str,
) -> None:
    judged = run(programme, instrument, item, [point], **more).outcomes[0].points[0]
    assert judged.error == Quantity.parse(error, "1")
    assert judged.limit is not None
    assert judged.limit.told() == limit
    assert judged.note == (Text.plain(note) if note else None)


def test_a_full_report_recomputes_without_contradiction() -> None:
    report = full()
    found = recompute(read_report(report))
    assert (found.verdict, found.contradictions) == ("pass", ())
    assert sum(len(record["points"]) for record in report["records"]) >= 400


def test_an_item_that_is_left_out_for_a_reason_is_named_and_lacks_no_more() -> None:
    report = full(1, {"r76.tilt": "固定安装"})
    found = recompute(read_report(report))
    assert (found.verdict, found.contradictions) == ("pass", ())
    assert "r76.tilt" in found.reason.en
    for item, told in (("r76.weighing", "the item has a record"), ("r76.magic", "has no such item")):
        wrong = {**report, "left_out": [*report["left_out"], {"item": item, "reason": "无"}]}
        (contradiction,) = recompute(read_report(wrong)).contradictions
        assert (contradiction.path, told in contradiction.computed.en) == ("left_out.1.item", True)


def _change(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(report: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place: Any = report
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[last] = value

    return change


def _drop(item: str) -> Callable[[dict[str, Any]], None]:
    def drop(report: dict[str, Any]) -> None:
        report["records"] = [one for one in report["records"] if one["item"] != item]

    return drop


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_change("records.0.points.0.verdict", "fail"), "records.0.points.0.verdict: claims fail, it is pass"),
        (_change("records.0.points.0.error", "0.6 g"), "records.0.points.0.error: claims 0.6 g, it is 0.5 g"),
        (_change("records.0.points.0.mpe", "±5 g"), "records.0.points.0.mpe: claims ±5 g, it is ±2.5 g"),
        (_change("records.0.points.0.rule", "R76-1 T6 II 0<=m<=5000e"), "records.0.points.0.rule: claims"),
        (
            _change("records.0.points.3.indication", "2.01 kg"),
            "records.0.verdict: claims pass, r76.weighing on S-1 is fail",
        ),
        (_change("records.0.verdict", "fail"), "records.0.verdict: claims fail"),
        (_change("records.0.equipment.0.calibrated_until", "2013-10-07"), "the test is of 2013-10-08"),
        (_change("records.0.run", 2), "records.0.reason: claims initial, run 2 is a repetition"),
        (_change("records.0.prototype", "S-9"), "prototypes are S-1, S-2, S-3"),
        (_change("records.0.supersedes", "none"), "no record before it has this id"),
        (_change("records.1.id", "1-r76.weighing"), "another record has this id"),
        (_change("records.0.item", "r76.magic"), "r76 has no test item 'r76.magic'"),
        (_change("records.0.points.0.load", "0.1 L"), "load, of a net weighing the net load 0.1 L: L measures volume"),
        (_change("records.0.points.0.colour", "red"), "point 1: r76 knows no 'colour'"),
        (_change("verdict", "fail"), "verdict: claims fail, the records make it pass"),
        (_drop("r76.tilt"), "verdict: claims pass, the records make it not-done: there is no record of r76.tilt"),
    ],
)
def test_a_contradiction_is_named(change: Callable[[dict[str, Any]], None], told: str) -> None:
    report = full()
    change(report)
    assert told in "\n".join(one.told.en for one in recompute(read_report(report)).contradictions)


def test_a_claim_is_held_to_its_own_decimals() -> None:
    points = [{"flow": "1.6", "indicated": "100.05 L", "actual": "99.95 L"}] * 2
    for claimed, wrong in (("0.1 %", 0), ("0.10 %", 0), ("0.100 %", 0), ("0.1001 %", 0), ("0.1000 %", 1), ("1 g", 1)):
        told = [{**points[0], "error": claimed}, points[1]]
        found = run("r49", METER, "r49.pressure", told)
        assert len(found.contradictions) == wrong, claimed


def test_a_repeated_run_counts_and_the_first_is_kept() -> None:
    wrong = {"item": "r76.zero-return", "prototype": "S-1", "on": "2013-10-08", "id": "a",
             "points": [{"before": "0 g", "after": "6 g"}]}  # fmt: skip
    again = {**wrong, "id": "b", "run": 2, "reason": "repeat_incident", "points": [{"before": "0 g", "after": "1 g"}]}
    report = {"programme": "r76", "instrument": SCALE, "prototypes": [{"serial": "S-1"}], "records": [wrong, again]}
    found = recompute(read_report(report))
    assert [outcome.verdict for outcome in found.outcomes] == ["fail", "pass"]
    assert found.verdict == "not-done"
    corrected = {**again, "run": 1, "supersedes": "a", "reason": "correction", "explanation": "wrong line read"}
    assert not recompute(read_report({**report, "records": [wrong, corrected]})).contradictions


def test_rules_of_an_old_edition_still_compute() -> None:
    """Under JJG 443-2015 ±0.5 % at MMQ is gone; a report that names the rule of 2006 is judged by it."""
    point = {"volume": "5 L", "indicated": "5.02 L", "reference": "5 L"}
    instrument = {"class": "0.5", "mmq": "5 L"}
    assert run("jjg443", instrument, "jjg443.mmq", [point], edition="2015").outcomes[0].verdict == "fail"
    old = run("jjg443", instrument, "jjg443.mmq", [{**point, "rule": "JJG 443-2006 dispenser at MMQ"}])
    assert (old.outcomes[0].verdict, old.contradictions) == ("pass", ())
    new = run("jjg443", instrument, "jjg443.mmq", [{**point, "rule": "JJG 443-2023 dispenser"}])
    assert new.outcomes[0].verdict == "fail"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"records": [{"item": "r76.tilt"}]}, "Missing data"),
        ({"programme": "r99"}, "there is no programme 'r99'"),
        ({"edition": "1892"}, "has no edition '1892'"),
        ({"instrument": {"class": "V"}}, "class 'V'"),
        ({"prototypes": []}, "prototypes"),
    ],
)
def test_what_is_no_report(change: dict[str, Any], text: str) -> None:
    report = {"programme": "r76", "instrument": SCALE, "prototypes": [{"serial": "S-1"}], "records": []}
    with pytest.raises(FamilyError, match=text):
        recompute(read_report({**report, **change}))


@pytest.mark.parametrize(
    ("upper", "uncertainty", "verdict"),
    [("0.1 Cel", "0.03 Cel", "pass"), ("0.1 K", "0.03 K", "pass"), ("0.05 Cel", "0.01 K", "fail")],
)
def test_limits_and_uncertainties_of_temperatures_are_differences(upper: str, uncertainty: str, verdict: str) -> None:
    point = {"reference": "37 Cel", "indication": "37.1 Cel", "upper": upper, "clause": "JJG 111 5"}
    record = {"item": "general.errors", "prototype": "S-1", "on": "2013-10-08", "points": [point]}
    report = {
        "programme": "general",
        "instrument": {"quantity": "温度", "range_high": "42 Cel", "accuracy": "±0.1 ℃"},
        "prototypes": [{"serial": "S-1"}],
        "records": [{**record, "uncertainty": uncertainty}],
    }
    (outcome,) = recompute(read_report(report)).outcomes
    assert outcome.verdict == verdict, outcome.reason


@pytest.mark.parametrize(
    ("item", "point"),
    [
        ("r76.weighing", {"load": "10 kg", "indication": "10 kg", "added": "2.5 g"}),
        ("r76.eccentricity", {"position": "1", "load": "5 kg", "indication": "5 kg", "added": "2.5 g"}),
        ("r76.repeatability", {"load": "10 kg", "indication": "10 kg", "added": "2.5 g"}),
    ],
)
def test_what_is_claimed_of_too_few_points_is_compared(item: str, point: dict[str, str]) -> None:
    claimed = {**point, "error": "1 g", "mpe": "±3 g", "rule": "R76-1 T6 II m<=5000e", "verdict": "fail"}
    record = {"item": item, "prototype": "S-1", "on": "2013-10-08", "points": [claimed]}
    found = recompute(
        read_report(
            {
                "programme": "r76",
                "edition": "R 76-1:2006",
                "instrument": {"class": "III", "max": "15 kg", "e": "5 g"},
                "prototypes": [{"serial": "S-1"}],
                "records": [record],
            }
        )
    )
    assert found.outcomes[0].verdict == "not-done"
    paths = [one.path for one in found.contradictions]
    assert paths == [f"records.0.points.0.{name}" for name in ("error", "mpe", "rule", "verdict")]
