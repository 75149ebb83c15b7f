"""A laboratory reads what is to be tested, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase


def progress(case: PlayedCase) -> Any:
    answer = case.caller("tester").get(f"{case.path('tester')}/tests")
    assert answer.status == 200, answer.body.decode()
    return answer.json


def wanted(told: Any) -> dict[str, list[tuple[str, list[int], str | None]]]:
    return {
        item["id"]: [(one["serial"], one["records"], one.get("verdict")) for one in item["prototypes"]]
        for item in told["items"]
        if item["wanted"]
    }


def test_each_item_on_each_prototype_is_recorded_or_lacking(office: Office) -> None:
    case = office.case("type_approval")
    for action in ("submit", "accept", "commission"):
        case.do(action)
    case.do("arrange", items=["A.4.4", "r76.repeatability"], samples=2)
    told = progress(case)
    assert wanted(told) == {"r76.weighing": [], "r76.repeatability": []}, "nothing has come yet"
    assert told["conditions"] == ["temperature", "humidity"]
    assert told["lacking"] == []
    case.do("receive_samples", samples=[{"serial": s, "model": "ACS-15", "seals": "完好"} for s in ("S-1", "S-2")])
    case.do("record_test")
    told = progress(case)
    assert wanted(told) == {
        "r76.weighing": [("S-1", [1], "pass"), ("S-2", [], None)],
        "r76.repeatability": [("S-1", [], None), ("S-2", [], None)],
    }
    left = [(one["item"], one["en"]) for one in told["lacking"] if one.get("serial") == "S-2"]
    assert [item for item, _ in left] == ["r76.weighing", "r76.repeatability"]
    assert left[0][1].startswith("prototype S-2 was not tested in A.4.4 weighing"), left
    case.do("void_test", number=1, reason="误录")
    assert wanted(progress(case))["r76.weighing"] == [("S-1", [], None), ("S-2", [], None)]
