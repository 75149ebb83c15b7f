"""Random people call random operations of the running system: access follows the table of rights."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random
from typing import TYPE_CHECKING

from shared.casework import get_case
from shared.identity import Actor, Role, Scope
from tests.shared.casework.parts import PROCEDURES
from tests.shared.casework.rights import WHO, sees, verdict
from tests.support import (
    Office,
    PlayedCase,
    applicant,
    content_of,
    credit_code,
    laboratory,
    line_of,
    officer,
    wait_for,
)

if TYPE_CHECKING:
    from shared.casework import Case

FACES = {Role.APPLICANT: "/v1", Role.LAB: "/v1/lab", Role.STAFF: "/internal/v1"}
STAGES = {
    "type_approval": (None, "submit", "accept", "arrange", "draft_report", "issue_report", "review", "deliver"),
    "licensing": (None, "submit", "accept", "report_assessment", "review"),
}
REFUSALS = {"not_found", "wrong_state", "forbidden", "conflict_of_interest", "four_eyes"}
TRIES = 8
"""For each case and each verdict."""
SEED = 20130917


def crowd(played: PlayedCase) -> list[Actor]:
    """The people of the case, and those nearly them: of other houses, with two hats, allowed to read only."""
    mine = list(played.people.values())
    return [
        *mine,
        *(replace(actor, scopes=frozenset({Scope.READ})) for actor in mine),
        *(officer(actor.subject) for actor in mine),
        *(replace(officer(f"insider-{actor.subject}"), organisation=played.code) for actor in mine[:2]),
        *(applicant(credit_code()), laboratory("LAB-02"), officer("outsider")),
    ]


def test_reading_is_for_those_whose_case_it_is(office: Office) -> None:
    random = Random(SEED)  # noqa: S311 - a choice, no secret
    for played in stages(office, "type_approval"):
        case = current(office, played)
        for actor in random.sample(crowd(played), 12):
            for face, path in FACES.items():
                answer = office.caller(played.service, actor).get(f"{path}/applications/{case.id}")
                allowed = 200 if sees(actor, case) else 404
                assert answer.status == (allowed if actor.role is face else 403), (actor, path)
            number = f"&number={case.number}" if case.number else ""
            listed = office.caller(played.service, actor).get(
                f"{FACES[actor.role]}/applications?state={case.state}{number}&limit=100&sort=-created"
            )
            if "next" not in listed.json:
                assert (case.id in {item["id"] for item in listed.json["items"]}) == sees(actor, case)


def test_clocks_and_messages_are_for_those_whose_case_it_is(office: Office) -> None:
    played = office.case("type_approval")
    played.until("arrange")
    case = current(office, played)
    intake = office.caller("notifications", played.people["intake"])
    path = f"/internal/v1/cases/{case.number}/clocks"
    wait_for(lambda: intake.get(path).json.get("heard") == case.events, what="the case to be known there")
    clock = f"clocks/{intake.get(path).json['items'][0]['id']}/explanation"
    for actor in crowd(played):
        for face, start in FACES.items():
            for what in ("clocks", "messages", clock, f"{clock}.svg"):
                answer = office.caller("notifications", actor).get(f"{start}/cases/{case.number}/{what}")
                allowed = 200 if sees(actor, case) else 404
                assert answer.status == (allowed if actor.role is face else 403), (actor, start, what)


def test_acting_is_for_those_whom_the_table_of_rights_names(office: Office) -> None:
    random = Random(SEED)  # noqa: S311 - as above
    seen: set[str | None] = set()
    for service in STAGES:
        for played in stages(office, service):
            case = current(office, played)
            tries: dict[str | None, list[tuple[str, Actor]]] = {}
            for action, actor in product(sorted(WHO[service]), crowd(played)):
                tries.setdefault(refusal(service, case, action, actor), []).append((action, actor))
            seen |= tries.keys()
            for expected, action, actor in (
                (expected, *one)
                for expected, found in tries.items()
                for one in random.sample(found, min(len(found), TRIES))
            ):
                answer = office.caller(service, actor).post(
                    f"{FACES[actor.role]}/applications/{case.id}/actions/{action}?dry_run=true",
                    content_of(action, played.form),
                    If_Match=f'"{case.version}"',
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


def stages(office: Office, service: str) -> list[PlayedCase]:
    """A case at each stage, all of one maker."""
    code = credit_code()
    if service == "licensing":
        office.case("type_approval", code).until("grant")
        wait_for(office.settled, what="licensing to know of the certificate")
    found = []
    for last in STAGES[service]:
        other = {"lines": [line_of(f"ACS-{last}")]} if service == "type_approval" else {}
        found.append(office.case(service, code, **other))
        if last:
            found[-1].until(last)
    return found


def current(office: Office, played: PlayedCase) -> Case:
    with office.engines[played.service].connect() as tx:
        return get_case(tx, played.id)
