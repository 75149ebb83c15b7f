"""A full R 76 report as JSON data: every item on three prototypes of a price-computing scale, some 400 points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.metrology.records import read_report
from shared.metrology.verdicts import recompute

if TYPE_CHECKING:
    from collections.abc import Mapping

INSTRUMENT = {
    "class": "III",
    "max": "15 kg",
    "min": "100 g",
    "e": "5 g",
    "tare_subtractive": "5 kg",
    "direct_sale": "yes",
}
_LOADS = ("0.1", "0.5", "1", "2", "2.5", "5", "7.5", "10", "12.5", "15")
_STANDARD = {"asset": "M1-set", "calibrated_until": "2014-05-30", "certificate": "(2011) 0123"}
_CONDITIONS = {"temperature": "20.1 Cel", "humidity": "48 %"}


def _weighing(loads: tuple[str, ...] = _LOADS, **more: str) -> list[dict[str, str]]:
    both = [(load, "up") for load in loads] + [(load, "down") for load in reversed(loads)]
    return [_point(load, direction=direction, **more) for load, direction in both]


def _point(load: str, **more: str) -> dict[str, str]:
    return {"load": f"{load} kg", "indication": f"{load} kg", "added": "2 g", **more}


def _items() -> dict[str, tuple[dict[str, str], list[dict[str, str]]]]:
    """By item its settings and points; every error is 0.5 g."""
    zero = {"indication": "0 kg", "added": "2.5 g"}
    disturbed = [{"level": f"level {n}", "load": "1 kg", "before": "0.5 g", "after": "1 g"} for n in range(4)]
    met = [{"requirement": f"{n}", "answer": "yes"} for n in range(4)]
    eccentric = [_point("5", position=position) for position in ("1", "2", "3", "4")]
    steps = [
        {**_point(load), "extra": "7 g", "second": f"{float(load) + 0.005:.3f} kg"} for load in ("0.1", "7.5", "15")
    ]
    return {
        "r76.weighing": ({}, _weighing()),
        "r76.temp-no-load": ({}, [{"temp": f"{t} Cel", **zero} for t in (20, 40, -10, 5, 20)]),
        "r76.eccentricity": ({}, eccentric),
        "r76.discrimination": ({}, steps),
        "r76.repeatability": ({}, [_point(load) for load in ("7.5", "15") for _ in range(10)]),
        "r76.indicators": ({}, [{"load": "10 kg", "indication": "10 kg", "second": "10 kg"}]),
        "r76.zero-return": ({}, [{"before": "0 g", "after": "1 g", "minutes": "30 min"}]),
        "r76.creep": ({}, [{"minutes": f"{n} min", **_point("15")} for n in (0, 5, 15, 30)]),
        "r76.stability": ({}, [{"load": "5 kg", "command": "print", "before": "5 kg", "after": "5 kg"}] * 5),
        "r76.tilt": ({}, [_point("10", direction=d) for d in ("front", "back", "left", "right")]),
        "r76.tare": (
            {},
            [_point(load, tare=f"{t} kg") for t in ("1.5", "3.5") for load in ("0.1", "1", "2.5", "5", "10")],
        ),
        "r76.zero-setting": ({}, [zero]),
        "r76.tare-setting": ({}, [zero]),
        "r76.zero-range": ({}, [{"zero_range": "0.6 kg"}, {"zero_range": "3 kg", "initial_zero": "yes"}]),
        "r76.over-range": ({}, [{"shown_most": "15.045 kg"}]),
        "r76.warm-up": (
            {},
            [{"minutes": f"{n} min", "load": "15 kg", "before": "0 g", "after": "1 g"} for n in (0, 5, 15, 30)],
        ),
        "r76.voltage": ({}, [{**_point(load), "voltage": f"{u} V"} for u in (187, 242) for load in ("0.05", "10")]),
        **{
            f"r76.{name}": ({}, disturbed)
            for name in ("dips", "bursts", "surge", "esd", "radiated", "conducted", "vehicle")
        },
        "r76.damp-heat": ({}, [{**_point(load), "humidity": "85 %"} for load in _LOADS]),
        "r76.span": ({}, [{"load": "15 kg", "after": f"0.{n} g"} for n in range(8)]),
        "r76.endurance": ({}, [{"load": "7.5 kg", "before": "0 g", "after": "1 g"}]),
        "r76.price": ({}, [{"load": "1.235 kg", "unit_price": "9.99 CNY", "amount": "12.34 CNY"}]),
        "r76.modules": ({}, [{"module": "other", "p": p} for p in ("0.7", "0.5", "0.5")]),
        "r76.construction": ({}, met),
        "r76.checklist": ({}, met),
    }


def full(prototypes: int = 3, left_out: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The report with what it claims, all of it true; `left_out` are items that nobody tested, with the reasons."""
    report: dict[str, Any] = {
        "programme": "r76",
        "edition": "R 76-1:2006",
        "instrument": dict(INSTRUMENT),
        "prototypes": [{"serial": f"S-{n}"} for n in range(1, prototypes + 1)],
        "records": [
            {
                "id": f"{serial}-{item}",
                "item": item,
                "prototype": f"S-{serial}",
                "on": "2013-10-08",
                "equipment": [dict(_STANDARD)],
                "conditions": dict(_CONDITIONS),
                "conditions_at_end": dict(_CONDITIONS),
                "settings": dict(settings),
                "points": [dict(point) for point in points],
            }
            for serial in range(1, prototypes + 1)
            for item, (settings, points) in _items().items()
            if item not in (left_out or {})
        ],
        "left_out": [{"item": item, "reason": reason} for item, reason in (left_out or {}).items()],
    }
    return claim(report)


def claim(report: dict[str, Any]) -> dict[str, Any]:
    """What the laboratory would claim: errors, limits, rules and verdicts, as they are computed."""
    found = recompute(read_report(report))
    for record, outcome in zip(report["records"], found.outcomes, strict=True):
        record["verdict"] = str(outcome.verdict)
        for point, judged in zip(record["points"], outcome.points, strict=False):
            point["verdict"] = str(judged.verdict)
            if judged.error is not None:
                point["error"] = judged.error.shown()
            if judged.limit is not None:
                point |= {"mpe": judged.limit.told(), "rule": judged.limit.rule_id}
    report["verdict"] = str(found.verdict)
    return report
