"""A type that is abolished ends for every holder by one act, which is previewed and can be done again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support import NOW, credit_code
from tests.support.people import officer

if TYPE_CHECKING:
    from tests.support import Office

PATH = "/internal/v1/certificates/abolitions"
HEADINGS = "证号,单位名称,单位代码,住所,类别,器具,发证机关,发证日期"
ACT = {"category": "non_automatic_scale", "act": "总局公告2013年第120号", "on": "2013-09-17", "reason": "技术落后"}


def test_every_certificate_of_the_type_ends_once_with_its_own_event_and_notice(office: Office) -> None:
    code = credit_code()
    old, other = f"OLD-{code[-8:]}", f"NEW-{code[-8:]}"
    numbers = [f"2006F{serial}-22" for serial in range(5001, 5004)]
    lines = [
        f"{number},老厂{index},{credit_code()},某街{index}号,non_automatic_scale,秤={models},某局,2006-05-08"
        for index, (number, models) in enumerate(zip(numbers, (old, old.lower(), f"{old}、{other}"), strict=True))
    ]
    keeper = office.caller("type_approval", officer("head-1", "section_head"))
    entered = keeper.send(
        "POST",
        "/internal/v1/certificates/historic?source=旧台账",
        "\n".join((HEADINGS, *lines)).encode(),
        Content_Type="text/csv",
    )
    assert entered.status == 200, entered.body.decode()
    decider = office.caller("type_approval", officer("decider-1", "decider"), NOW)

    def abolish(query: str = "", **more: Any) -> Any:
        answer = decider.post(f"{PATH}{query}", {**ACT, "models": [old], **more})
        assert answer.status == 200, answer.body.decode()
        return answer.json

    with office.unchanged():
        shown = abolish("?dry_run=true")
        assert decider.post(PATH, {**ACT, "models": [old], "on": "2013-09-18"}).faults == {"on": "outside_period"}
        assert [one["outcome"] for one in abolish("?dry_run=true", on="2006-05-01")["items"]] == ["later"] * 3
    assert [(one["certificate"], one["outcome"]) for one in shown["items"]] == list(
        zip(numbers, ("ends", "ends", "partly"), strict=True)
    )
    assert abolish() == shown
    assert abolish() == {"items": shown["items"][2:], "ended": 0, "remaining": 0}, "what has ended does not end again"
    anybody = office.caller("type_approval", None)
    status = [anybody.get(f"/v1/certificates/{number}").json["status"] for number in numbers]
    assert status == ["type_abolished", "type_abolished", "in_force"]
    query = "SELECT id::text FROM cases WHERE number = :number"
    for one in shown["items"][:2]:
        ((case,),) = office.rows("type_approval", query, number=one["application"])
        found = decider.get(f"/internal/v1/applications/{case}").json
        assert [notice["kind"] for notice in found["notices"]] == ["type_abolished"]
        entries = decider.get(f"/internal/v1/applications/{case}/journal").json["items"]
        assert [entry["action"] for entry in entries].count("abolish_type") == 1
        assert "restore" in {action["action"] for action in found["next_actions"]}
