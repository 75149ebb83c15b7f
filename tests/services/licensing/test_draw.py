"""The draw of an assessment team: anybody draws the same one from its log, and nobody is preferred."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from services.licensing.experts import draw
from services.licensing.experts.draw import Candidate, Former
from services.licensing.experts.grounds import Assessment, grounds
from shared.documents.bags import verify_bag
from shared.documents.key_files import read_keys
from shared.documents.verification import Outcome
from shared.law import load
from tests.pressing import log_documents
from tests.registered import expert_entry
from tests.shared.uploads.test_http import unpacked
from tests.support import credit_code
from tests.support.forms import elsewhere

if TYPE_CHECKING:
    from tests.support import Office

ON = "2013-09-17"
LAW = load("jilin-2013")
SAME_TEAM = {"cause": "same_team", "zh": "完全相同", "en": "the very team"}
NOT_DRAWN = ({"cause": "field", "zh": "专业不符", "en": "is not of the field"},)
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.integers(1, 40).map("E-{}".format),
        st.booleans(),
        st.sampled_from(((), (), NOT_DRAWN)),
    ),
    unique_by=lambda one: one.code,
    max_size=12,
)


def fit(candidates: list[Candidate]) -> list[Candidate]:
    return [one for one in candidates if not one.excluded]


@given(st.text(max_size=40), st.integers(2, 4), CANDIDATES, st.randoms())
def test_the_same_log_draws_the_same_team(seed: str, size: int, candidates: list[Candidate], random: Any) -> None:
    log = draw.draw(seed, ON, size, candidates)
    enough = len(fit(candidates)) >= size and any(one.may_lead for one in fit(candidates))
    assert (log is not None) == enough
    if log is None:
        return
    mixed = random.sample(candidates, len(candidates))
    assert draw.draw(seed, ON, size, mixed) == log
    assert draw.team_of(log) == log["team"]
    assert len({*log["team"]}) == size
    leading = {one.code for one in fit(candidates) if one.may_lead}
    assert {*log["team"]} <= {one.code for one in fit(candidates)}
    assert log["team"][0] in leading
    # What the log says it came to is not what it comes to.
    assert draw.team_of({**log, "team": []}) == log["team"]


@given(st.text(max_size=40), st.integers(2, 4), CANDIDATES, st.data())
def test_whoever_stands_aside_is_replaced_as_the_log_says(
    seed: str, size: int, candidates: list[Candidate], data: st.DataObject
) -> None:
    log = draw.draw(seed, ON, size, candidates)
    for _ in range(6 if log else 0):
        assert log is not None
        seats, aside = draw.team_of(log), sorted(draw.stood_aside(log))
        if data.draw(st.booleans()) and aside:
            change: dict[str, Any] | None = draw.come_back(log, data.draw(st.sampled_from(aside)))
        else:
            left = [one for one in candidates if data.draw(st.booleans()) or one.code in seats]
            change = draw.stand_aside(log, data.draw(st.sampled_from(seats)), left)
        if change is None:
            continue
        log = {**log, "changes": [*log["changes"], change]}
        after = draw.team_of(log)
        (gone,), (came,) = ({*seats} - {*after}, {*after} - {*seats})
        assert gone == change.get("aside", change.get("leaves"))
        assert came == change.get("instead", change.get("back"))
        assert not {*after} & draw.stood_aside(log)
        assert next(one for one in candidates if one.code == after[0]).may_lead


@given(st.text(max_size=40), st.integers(2, 4), CANDIDATES)
def test_the_team_that_came_last_does_not_come_again(seed: str, size: int, candidates: list[Candidate]) -> None:
    log = draw.draw(seed, ON, size, candidates)
    if log is None:
        return
    other = draw.draw(seed, ON, size, candidates, Former(frozenset(map(str.lower, log["team"])), SAME_TEAM))
    left = fit(candidates)
    assert other is not None or len(left) == size or sum(one.may_lead for one in left) == 1
    if other is not None:
        assert {*draw.team_of(other)} == {*other["team"]} != {*log["team"]}
        (gave_way,) = (one["code"] for one in other["pool"] if SAME_TEAM in one.get("excluded", ()))
        assert gave_way in log["team"]


@given(st.text(max_size=40))
def test_nobody_takes_a_seat_who_would_make_the_team_that_came_last(seed: str) -> None:
    candidates = [Candidate(f"E-{number}", may_lead=True) for number in range(1, 5)]
    log = draw.draw(seed, ON, 2, candidates)
    assert log is not None
    leader, member = log["team"]
    _, _, third, fourth = draw.in_order(seed, [one.code for one in candidates])
    change = draw.stand_aside(log, member, candidates, Former(frozenset({leader.lower(), third.lower()}), SAME_TEAM))
    assert change is not None
    assert (change["instead"], [one["code"] for one in change["unfit"]]) == (fourth, [third])
    assert draw.team_of({**log, "changes": [change]}) == [leader, fourth]


def test_nobody_is_drawn_more_often_than_others() -> None:
    """Over 10,000 seeds, within four standard deviations of a binomial distribution."""

    def drawn(leading: int) -> tuple[Counter[str], Counter[str]]:
        candidates = [Candidate(f"E-{number}", number <= leading) for number in range(1, 9)]
        logs = [draw.draw(str(seed), ON, 2, candidates) for seed in range(10_000)]
        teams = [log["team"] for log in logs if log]
        return Counter(code for team in teams for code in team), Counter(team[0] for team in teams)

    def even(counted: Counter[str], numbers: range, share: float) -> bool:
        most = 4 * (10_000 * share * (1 - share)) ** 0.5
        return all(abs(counted[f"E-{number}"] - 10_000 * share) < most for number in numbers)

    members, leaders = drawn(leading=8)
    assert even(members, range(1, 9), 1 / 4)
    assert even(leaders, range(1, 9), 1 / 8)
    # Of the 28 pairs, six have nobody who may lead: one of them leaves the seat to one of four.
    members, leaders = drawn(leading=4)
    assert even(members, range(1, 5), 8.5 / 28)
    assert even(members, range(5, 9), 5.5 / 28)
    assert even(leaders, range(1, 5), 1 / 4)


def test_each_ground_keeps_an_expert_out() -> None:
    maker, today = credit_code(), date(2013, 9, 17)
    about = Assessment(maker, "试验衡器有限公司", frozenset({"water_meter"}), date(2013, 11, 4), date(2013, 11, 5))

    def of(running: int = 0, **content: Any) -> list[str]:
        entry = expert_entry("E-9", **{"capacity": 2, **content})
        return [one["cause"] for one in grounds(entry, about, running, LAW, today)]

    def interest(kind: str, **more: str) -> dict[str, Any]:
        return {"interests": [{"code": maker.lower(), "kind": kind, **more}]}

    assert of() == []
    assert of(employer_code=maker) == of(employer=" 试验衡器有限公司") == ["employer"]
    assert of(**interest("kin")) == ["interest"]
    assert of(**interest("advised", last_on="2010-11-04")) == ["advised"]
    assert of(**interest("advised", last_on="2010-11-03")) == []
    assert of(valid_until="2013-11-04") == of(valid_from="2013-11-05") == ["certificate"]
    assert of(term_from="2013-01-01", term_until="2013-10-31") == of(term_until="2013-10-31") == ["term"]
    assert of(kinds=["taximeter"]) == ["field"]
    assert (of(running=1), of(running=2)) == ([], ["workload"])


def test_a_maker_is_not_assessed_by_the_very_team_that_came_last(office: Office) -> None:
    first = office.case("licensing")
    first.until("accept")
    first.do("plan_assessment", size=5)
    first.do("confirm_assessors")
    first.do("report_assessment")
    second = office.case("licensing", first.code, **elsewhere())
    second.until("accept")
    assert second.attempt("plan_assessment", size=5).faults == {"size": "too_few_experts"}
    second.do("plan_assessment", size=4)


def test_a_team_is_drawn_replaced_and_put_back_and_the_journal_has_the_log(office: Office) -> None:
    licence = office.case("licensing")
    licence.until("accept")
    assert licence.attempt("plan_assessment", size=6).faults == {"size": "too_few_experts"}
    licence.do("plan_assessment", size=4)
    assert licence.attempt("report_assessment").faults == {"assessors": "not_confirmed"}
    drawn = licence.read("head")
    team = [one["code"] for one in drawn["assessment_plan"]["team"]]
    assert drawn["draw"]["team"] == team == draw.team_of(drawn["draw"])
    assert "draw" not in licence.read()
    leader = team[0]
    changed = licence.do("replace_assessor", assessor=leader)
    (fifth,) = {f"E-{number}" for number in range(1, 6)} - {*team}
    assert [one["code"] for one in changed["assessment_plan"]["team"]] == [fifth, *team[1:]]
    assert changed["assessment_plan"]["leader"] == f"考评员{fifth}"
    assert licence.attempt("replace_assessor", assessor=fifth).faults == {"assessor": "too_few_experts"}
    assert licence.attempt("reinstate_assessor", assessor=fifth).faults == {"assessor": "not_in_team"}
    back = licence.do("reinstate_assessor", assessor=leader)
    assert [one["code"] for one in back["assessment_plan"]["team"]] == team
    items = licence.caller("head").get(f"{licence.path('head')}/journal").json["items"]
    noted = [{**one["data"]} for one in items if {"draw", "draw_change"} & one["data"].keys()]
    log = {**noted[0]["draw"], "changes": [one["draw_change"] for one in noted[1:]]}
    assert draw.team_of(log) == team
    # Whoever has the case in one file, and the office's keys, knows that this is the draw that was logged.
    log_documents(office, "licensing")
    keys = read_keys(office.caller("licensing", None).get("/.well-known/quanheng/keys.json").body)
    whole = licence.caller("head").get(f"{licence.path('head')}/export.zip")
    checks = {
        check.name: check.outcome
        for check in verify_bag(BytesIO(whole.body), keys, allow_development=True, drawn=False)
    }
    assert (checks["chain"], checks["log"]) == (Outcome.PASSED, Outcome.PASSED)
    chain = [json.loads(json.loads(line)["content"]) for line in unpacked(whole)["data/chain.jsonl"].splitlines()]
    said = [json.loads(entry[10]) for entry in chain]
    assert next(one for one in said if "draw" in one)["draw"] == noted[0]["draw"]
    # Drawing again does not bring another team.
    licence.do("cancel_assessment")
    again = licence.do("plan_assessment", size=4)
    assert [one["code"] for one in again["assessment_plan"]["team"]] == team
    partly = licence.do("confirm_assessors", assessors=[team[1]])
    assert ["confirmed_on" in one for one in partly["assessment_plan"]["team"]] == [False, True, False, False]
