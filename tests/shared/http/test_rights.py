"""Random people call random operations of the running system: access follows the table of rights."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import count, product
from random import Random
from typing import TYPE_CHECKING

import pytest

from shared.casework import get_case
from shared.identity import Actor, Role, Scope
from tests.shared.casework.parts import PROCEDURES
from tests.shared.casework.rights import WHO, sees, verdict
from tests.support import (
    Caller,
    Office,
    PlayedCase,
    applicant,
    content_of,
    credit_code,
    expert,
    laboratory,
    line_of,
    officer,
    wait_for,
)
from tests.support.forms import elsewhere

if TYPE_CHECKING:
    from shared.casework import Case

FACES = {Role.APPLICANT: "/v1", Role.LAB: "/v1/lab", Role.STAFF: "/internal/v1"}
OF_EXPERTS, EXPERTS = {Role.EXPERT: "/v1/expert"}, [expert(code) for code in ("E-1", "E-2", "E-3")]
STAGES = {
    "type_approval": (None, "submit", "accept", "arrange", "draft_report", "issue_report", "review", "deliver"),
    "licensing": (None, "submit", "accept", "report_assessment", "review", "deliver"),
}
REFUSALS = {"not_found", "wrong_state", "forbidden", "conflict_of_interest", "four_eyes"}
TRIES = 8
"""For each case and each verdict."""
SEED = 20130917
MODELS = count(100)
"""One type is applied for once."""


MANDATES = {
    "acting": {"scope": "act"},
    "reading": {"scope": "read"},
    "acting in October": {"scope": "act", "valid_from": "2013-10-01"},
    "acting no more": {"scope": "act"},
    "acting for nobody": None,
}
"""Agents by what they may do, and the mandate that the maker gave them; one of them was ended."""


@pytest.fixture(scope="module")
def maker(office: Office) -> str:
    """A maker with agents, which every service knows."""
    code = credit_code()
    holder = office.caller("type_approval", applicant(code))
    for said, agent in zip(MANDATES.values(), agents(code), strict=True):
        if said:
            days = {"valid_from": "2013-09-01", "valid_until": "2014-12-31"}
            given = holder.post("/v1/mandates", {"code": agent.agent, "name": "某代理公司", **days, **said})
            assert given.status == 201, given.body
    ended = agents(code)[[*MANDATES].index("acting no more")].agent
    assert holder.post(f"/v1/mandates/{ended}/actions/end", {"reason": "解除委托"}, If_Match="*").status == 200
    wait_for(office.settled, what="the mandates to be known")
    return code


@cache
def agents(code: str) -> list[Actor]:
    """The agents as who stands in for the maker: with the scopes that the law gives them today, perhaps none."""
    scopes = {"acting": frozenset(Scope), "reading": frozenset({Scope.READ})}
    made = ((name, credit_code()) for name in MANDATES)
    return [
        replace(applicant(code, f"agent {name}"), agent=agent, scopes=scopes.get(name, frozenset()))
        for name, agent in made
    ]


def calling(office: Office, service: str, actor: Actor) -> tuple[Caller, dict[str, str]]:
    """The client of somebody, and the header by which an agent says for whom it acts."""
    if not actor.agent:
        return office.caller(service, actor), {}
    itself = replace(actor, organisation=actor.agent, agent="", scopes=frozenset(Scope))
    return office.caller(service, itself), {"Quanheng_On_Behalf_Of": actor.organisation}


def crowd(played: PlayedCase) -> list[Actor]:
    """The people of the case, and those nearly them: agents of its maker, of other houses, with two hats, allowed to
    read only."""
    mine = list(played.people.values())
    return [
        *agents(played.code),
        *mine,
        *(replace(actor, scopes=frozenset({Scope.READ})) for actor in mine),
        *(officer(actor.subject) for actor in mine),
        *(replace(officer(f"insider-{actor.subject}"), organisation=played.code) for actor in mine[:2]),
        *(applicant(credit_code()), laboratory("LAB-02"), officer("outsider")),
    ]


def test_reading_is_for_those_whose_case_it_is(office: Office, maker: str) -> None:
    random = Random(SEED)  # noqa: S311 - a choice, no secret
    for played in stages(office, "type_approval", maker):
        case = current(office, played)
        for actor in random.sample(crowd(played), 14):
            caller, behalf = calling(office, played.service, actor)
            for face, path in FACES.items():
                answer = caller.get(f"{path}/applications/{case.id}", **behalf)
                assert answer.status == reading(actor, case, face), (actor, path)
            number = f"&number={case.number}" if case.number else ""
            listed = caller.get(
                f"{FACES[actor.role]}/applications?state={case.state}{number}&limit=100&sort=-created", **behalf
            )
            if not actor.scopes:
                assert listed.status == 403
            elif "next" not in listed.json:
                assert (case.id in {item["id"] for item in listed.json["items"]}) == sees(actor, case)


def reading(actor: Actor, case: Case, face: Role) -> int:
    """The status of the answer to whoever reads the case at that door."""
    if actor.role is not face or not actor.scopes:
        return 403
    return 200 if sees(actor, case) else 404


def test_clocks_and_messages_are_for_those_whose_case_it_is(office: Office, maker: str) -> None:
    played = office.case("type_approval", maker, lines=[line_of("ACS-clocks")])
    played.until("arrange")
    case = current(office, played)
    intake = office.caller("notifications", played.people["intake"])
    path = f"/internal/v1/cases/{case.number}/clocks"
    wait_for(lambda: intake.get(path).json.get("heard") == case.events, what="the case to be known there")
    clock = f"clocks/{intake.get(path).json['items'][0]['id']}/explanation"
    for actor in crowd(played):
        caller, behalf = calling(office, "notifications", actor)
        for face, start in FACES.items():
            for what in ("clocks", "messages", clock, f"{clock}.svg"):
                answer = caller.get(f"{start}/cases/{case.number}/{what}", **behalf)
                assert answer.status == reading(actor, case, face), (actor, start, what)


def test_acting_is_for_those_whom_the_table_of_rights_names(office: Office, maker: str) -> None:
    random = Random(SEED)  # noqa: S311 - as above
    seen: set[str | None] = set()
    for service in STAGES:
        for played in stages(office, service, maker):
            case = current(office, played)
            tries: dict[str | None, list[tuple[str, Actor]]] = {}
            for action, actor in product(sorted(WHO[service]), [*crowd(played), *EXPERTS]):
                tries.setdefault(refusal(service, case, action, actor), []).append((action, actor))
            seen |= tries.keys()
            for expected, action, actor in (
                (expected, *one)
                for expected, found in tries.items()
                for one in random.sample(found, min(len(found), TRIES))
            ):
                caller, behalf = calling(office, service, actor)
                answer = caller.post(
                    f"{(FACES | OF_EXPERTS)[actor.role]}/applications/{case.id}/actions/{action}?dry_run=true",
                    content_of(action, played.form),
                    If_Match=f'"{case.version}"',
                    **behalf,
                )
                code = answer.json.get("code") if answer.status != 200 else None
                assert (code if code in REFUSALS else None) == expected, (action, actor, case.state, answer.body)
            assert current(office, played) == case
    assert seen == {None, *REFUSALS}


def refusal(service: str, case: Case, action: str, actor: Actor) -> str | None:
    if actor.role not in {row.by.partition(":")[0] for row in PROCEDURES[service].transitions}:
        return "not_found"  # there is no door for who has no part in the procedure
    if Scope.WRITE not in actor.scopes:
        return "forbidden"  # the door is closed before it is asked whose case it is
    doers = {row.by for row in PROCEDURES[service].rows(case) if row.action == action}
    return verdict(service, case, action, doers, actor)


def stages(office: Office, service: str, code: str) -> list[PlayedCase]:
    """A case at each stage, all of one maker."""
    if service == "licensing":
        office.case("type_approval", code).until("grant")
        wait_for(office.settled, what="licensing to know of the certificate")
    found = []
    for last in STAGES[service]:
        other = {"lines": [line_of(f"ACS-{next(MODELS)}")]} if service == "type_approval" else elsewhere()
        found.append(office.case(service, code, **other))
        if last:
            found[-1].until(last)
    return found


def current(office: Office, played: PlayedCase) -> Case:
    with office.engines[played.service].connect() as tx:
        return get_case(tx, played.id)
