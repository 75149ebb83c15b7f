"""Who may see a case, and who must recuse themselves, whatever their posts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields

from services.c_mark.schemas import Gathered as OfMark
from services.licensing.schemas import Gathered as OfLicence
from services.mandates import standing_in
from services.type_approval.schemas import Gathered as OfTypeApproval
from shared.casework import Case, list_cases, visible_case
from shared.http.json_schema import held
from shared.identity import STAFF_POSTS, Actor, Role, Scope
from shared.problems import Problem
from shared.registers import Version
from tests.shared.casework.parts import NOW, PROCEDURES, Desk
from tests.shared.casework.rights import WHO, may_act_for, sees, verdict
from tests.support import officer

if TYPE_CHECKING:
    from sqlalchemy import Connection

GATHERED: dict[str, type[Schema]] = {"type_approval": OfTypeApproval, "licensing": OfLicence, "c_mark": OfMark}


def test_staff_of_the_applicant_s_own_organisation_see_nothing_of_its_cases(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("submit")
    desk.people["insider"] = replace(officer("insider"), organisation=desk.code)
    with pytest.raises(Problem, match="not_found"):
        visible_case(tx, desk.case.id, desk.people["insider"])
    with pytest.raises(Problem, match="not_found"):
        desk.attempt("accept", "insider")
    assert desk.case.id not in listed(tx, desk, "insider")
    assert desk.procedure.next_actions(desk.case, desk.people["insider"]) == []
    assert desk.case.id in listed(tx, desk, "intake")
    desk.people["outsider"] = replace(officer("outsider"), organisation="91220101MA0Y000086")
    desk.do("accept", who="outsider")


def listed(tx: Connection, desk: Desk, who: str) -> set[str]:
    return {case.id for case in list_cases(tx, desk.people[who], {}, limit=1000)[0]}


def test_nobody_decides_on_what_they_did_for_another_side(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do("submit")
    desk.people["turncoat"] = replace(officer(desk.people["applicant"].subject), organisation="")
    with pytest.raises(Problem, match="conflict_of_interest"):
        desk.attempt("accept", "turncoat")
    assert desk.procedure.next_actions(desk.case, desk.people["turncoat"]) == []
    desk.do("accept", "commission", "arrange")
    desk.people["tester and examiner"] = officer(desk.people["tester"].subject)
    with pytest.raises(Problem, match="conflict_of_interest"):
        desk.attempt("serve_time_notice", "tester and examiner")
    desk.do("serve_time_notice")


def test_who_may_only_read_is_offered_nothing_to_do(tx: Connection) -> None:
    desk = Desk(tx)
    reader = replace(desk.people["applicant"], scopes=frozenset({Scope.READ}))
    desk.people["reader"] = reader
    assert reader.role is Role.APPLICANT
    assert visible_case(tx, desk.case.id, reader).id == desk.case.id
    assert desk.procedure.next_actions(desk.case, reader) == []
    with pytest.raises(Problem, match="forbidden"):
        desk.attempt("submit", "reader")


CODES = ("91220101MA0Y000086", "91220101MA0Y00001X")
SUBJECTS = ("a", "b", "c")
LABS = ("LAB-01", "LAB-02")
EXPERTS = ("E-1", "E-2")
OFFICES = ("provincial", "changchun", "jilin_city")


DAYS = st.dates(date(2013, 9, 1), date(2013, 9, 5))


@st.composite
def mandates(draw: st.DrawFn) -> dict[str, Any]:
    days = {"valid_from": draw(DAYS).isoformat(), "valid_until": draw(DAYS).isoformat()}
    return {"name": "某代理公司", "scope": draw(st.sampled_from(("read", "act"))), "ended": draw(st.booleans()), **days}


@pytest.mark.parametrize("service", PROCEDURES)
@given(data=st.data())
def test_an_agent_acts_for_a_holder_as_far_and_as_long_as_its_mandate_goes(service: str, data: st.DataObject) -> None:
    """Whom it may act for it is then as the random people below are: the holder's, with these scopes."""
    agent, mandate, on = data.draw(actors()), data.draw(st.none() | mandates()), data.draw(DAYS)
    content = {name: value for name, value in (mandate or {}).items() if name != "ended"}
    version = mandate and Version(1, date(2013, 1, 1), mandate["ended"], None, "add", content, None, NOW, "", "")
    scopes = may_act_for(agent, mandate, on)
    if not scopes:
        with pytest.raises(Problem, match="forbidden"):
            standing_in(agent, CODES[0], version or None, on)
        return
    actor = standing_in(agent, CODES[0], version or None, on)
    assert {*actor.scopes} == scopes
    assert (actor.organisation, actor.subject, actor.role) == (CODES[0], agent.subject, agent.role)
    case, procedure = data.draw(cases(service)), PROCEDURES[service]
    assert case.visible_to(actor) == (case.applicant == CODES[0])
    for action in WHO[service]:
        doers = {row.by for row in procedure.rows(case) if row.action == action}
        offered = {row.action for row in procedure.next_actions(case, actor)}
        assert (action in offered) == (verdict(service, case, action, doers, actor) is None), action


@st.composite
def actors(draw: st.DrawFn) -> Actor:
    role = draw(st.sampled_from(Role))
    organisation = {
        Role.APPLICANT: st.sampled_from(CODES),
        Role.LAB: st.sampled_from(LABS),
        Role.EXPERT: st.sampled_from(EXPERTS),
        Role.STAFF: st.sampled_from(("", *CODES)),
        Role.SYSTEM: st.just(""),
    }[role]
    posts = st.frozensets(st.sampled_from(STAFF_POSTS)) if role is Role.STAFF else st.just(frozenset[str]())
    subject = draw(st.sampled_from(SUBJECTS))
    scopes = draw(st.sampled_from((frozenset(Scope), frozenset({Scope.READ}))))
    office = draw(st.sampled_from(OFFICES)) if role is Role.STAFF else "provincial"
    return Actor(subject, subject, role, draw(organisation), draw(posts), scopes, office=office)


def gathered(service: str) -> st.SearchStrategy[dict[str, Any]]:
    """What the tables look at in a case: the data without which its states are not reached, and those it may have."""
    shown = GATHERED[service]._declared_fields

    def fact(name: str, *parts: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.sampled_from([{**least(shown[name]), **part} for part in parts or ({},)])

    sure = {
        "accepted": fact("accepted", {"deemed": False}, {"deemed": True}),
        "decision": fact("decision", {"outcome": "granted"}, {"outcome": "refused"}),
    }
    perhaps = {
        **{name: fact(name) for name in ("time_notice", "extension", "hearing_right", "hearing_request")},
        "hearing": fact("hearing", {}, {"closed_on": "2013-09-30"}),
        "cancelled_on": st.just("2016-09-20"),
        "end": fact("end", {}, {"office": "provincial"}),
    }
    if "transferred" in shown:
        perhaps["transferred"] = fact("transferred", {"office": "changchun"})
    if "assessment" in shown:
        shown_of_it = held(shown["assessment"])._declared_fields
        parts = {name: least(shown_of_it.get(name)) for name in ("rectification_report", "rectification")}
        sure["assessment"] = fact("assessment", {}, *({name: one} for name, one in parts.items() if one))
    if "assessment_plan" in shown:
        one, other = ({**dict.fromkeys(("name", "certificate", "employer"), "…"), "code": code} for code in EXPERTS)
        perhaps["assessment_plan"] = fact("assessment_plan", {"team": [one]}, {"team": [other, one]})
    if "improvement" in shown:
        perhaps["improvement"] = fact("improvement", {}, {"delivered_on": "2013-11-11"}, {"failed_on": "2013-12-30"})
    return st.fixed_dictionaries(sure, optional=perhaps)


LEAST = {fields.Date: "2013-09-17", fields.Boolean: False, fields.Integer: 1, fields.String: "…"}


def least(field: Any) -> Any:
    """The stored form of the least that the field lets a fact say."""
    match field:
        case fields.Nested():
            parts = held(field)._declared_fields.items()
            return {part.data_key or name: least(part) for name, part in parts if part.required}
        case fields.List():
            return []
    return next((value for kind, value in LEAST.items() if isinstance(field, kind)), None)


@st.composite
def cases(draw: st.DrawFn, service: str) -> Case:
    procedure = PROCEDURES[service]
    handled = draw(st.sampled_from((None, {"subject": "a", "name": "a"})))
    done = st.sampled_from(["create", *sorted(WHO[service])])
    return Case(
        id="0" * 8,
        number=None,
        procedure=procedure.id,
        state=draw(st.sampled_from(sorted(procedure.states))),
        version=1,
        entries=1,
        events=0,
        applicant=draw(st.sampled_from(CODES)),
        lab=draw(st.sampled_from((None, *LABS))),
        rules=None,
        done_by=draw(st.dictionaries(done, st.sampled_from(SUBJECTS), max_size=4)),
        data={"form": {}, "assignee": handled, **draw(gathered(service))},
        head=b"",
        created_at=NOW,
        updated_at=NOW,
        office=draw(st.sampled_from(OFFICES)),
    )


@pytest.mark.parametrize("service", PROCEDURES)
@settings(max_examples=200)
@given(data=st.data())
def test_anybody_may_do_with_any_case_what_the_table_of_rights_says(service: str, data: st.DataObject) -> None:
    procedure, case, actor = PROCEDURES[service], data.draw(cases(service)), data.draw(actors())
    assert case.visible_to(actor) == sees(actor, case)
    offered = {row.action for row in procedure.next_actions(case, actor)}
    for action in WHO[service]:
        doers = {row.by for row in procedure.rows(case) if row.action == action}
        expected = verdict(service, case, action, doers, actor)
        assert (action in offered) == (expected is None), action
        try:
            procedure.choose(action, case, actor)
            found = None
        except Problem as problem:
            found = problem.kind
        # What cannot be done at all now is said first; who may not see the case is turned away before that.
        assert found == (expected if doers else "wrong_state"), action
