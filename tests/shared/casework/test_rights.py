"""Who may see a case and who must stand aside, whatever their posts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from shared.casework import list_cases, visible_case
from shared.identity import Role, Scope
from shared.problems import Problem
from shared.testing import officer
from tests.shared.casework.parts import Desk

if TYPE_CHECKING:
    from sqlalchemy import Connection


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
    return {case.id for case in list_cases(tx, desk.people[who], state=None, after=None, limit=1000)}


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
