"""Searching lists: by any part of a name, model or kind, and by a number in any spelling; the best match first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st

from services.registry import REGISTRY
from services.type_approval.queries import REGISTER
from shared.casework import list_cases, search
from shared.casework.summaries import (
    Summary,
    grams,
    instruments,
    keys,
    kind,
    lines_of,
    of_case,
    of_permit,
    plain,
    tokens,
)
from shared.identity.uscc import party
from shared.runtime.config import database_url
from shared.runtime.migrations import config
from tests.shared.casework.parts import NOW, Desk
from tests.support import WAYS, applicant, credit_code, database, laboratory, officer, type_approval_form

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing
    from shared.identity import Actor

STAFF = officer("anybody", "intake")
TEXT = st.text(st.sampled_from("aB1-Ⅲ 长春衡器é#"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("number", "spellings"),
    [
        ("TA-2013-00001", ("TA-2013-00001", "ta２０１３-1", "TA－2013－００001", "ＴＡ 2013 01", "TA/2013/1")),
        ("2013F101-22", ("2013f101-22", "CPA 2013F101-22", "ＣＰＡ：２０１３Ｆ１０１–22", "〔2013〕F101-22")),
        ("吉制00000001号", ("吉制1号", "吉制字第００１号", "吉制 00000001", "CMC吉制1")),
    ],
)
def test_a_number_is_found_in_any_spelling(number: str, spellings: tuple[str, ...]) -> None:
    lines = lines_of(Summary({}, number, []))
    for typed in spellings:
        assert {*keys(typed)} & {*lines}, typed
    assert not {*keys(number + "1")} & {*lines}


@given(TEXT, TEXT, TEXT)
def test_whatever_contains_a_word_has_its_grams(before: str, word: str, after: str) -> None:
    """What the index does not have, the search would never look at."""
    line, part = plain(before) + plain(word) + plain(after), plain(word)
    assert f"={line}" in tokens(line)
    assert grams(part) <= tokens(line)
    assert bool(grams(part)) == (len(part) > (2 if part.isascii() else 1))


def test_lines_of_a_draft_may_lack_anything() -> None:
    assert instruments([{}, {"name": "秤"}, {"model": "A-1"}, {"name": "秤", "model": "A-2"}]) == {
        "": ["A-1"],
        "秤": ["A-2"],
    }
    assert of_case(None, "91220101MA0Y000086", {}).shown == {"instruments": []}


def test_lists_show_the_first_of_many_instruments_and_how_many_more_there_are() -> None:
    lines = [{"name": f"秤{number % 4}", "model": f"A-{number}"} for number in range(20)]
    shown = of_case(None, "91220101MA0Y000086", {"form": {"lines": lines}}).shown
    assert [len(one["models"]) for one in shown["instruments"]] == [3, 3, 3]
    assert shown["more"] == 11


def test_a_permit_is_found_by_the_kinds_of_its_lines() -> None:
    line = {"name": "表", "model": "LXS-20", "category": "water_meter"}
    holder = {"name": "延吉水表有限公司", "code": "91220101MA0Y000086"}
    content = {"number": "吉制00000001号", "holder": holder, "granted_on": "2013-09-17", "lines": [line]}
    assert kind("water_meter")
    assert {*kind("water_meter")} <= {*of_permit(content).texts}


def written(tx: Connection, name: str, *models: str, **form: Any) -> Desk:
    """The draft of an application by a maker of this name for instruments of these models."""
    (line,) = type_approval_form("")["lines"]
    return Desk(tx, applicant_name=name, lines=[{**line, "model": model} for model in models or ["ACS-15"]], **form)


def found(tx: Connection, q: str, actor: Actor = STAFF, limit: int = 50, **asked: Any) -> list[str]:
    """The ids of all that is found, page by page."""
    seen: list[str] = []
    asked["q"] = q
    while True:
        rows, end = list_cases(tx, actor, asked, limit=limit)
        seen += [row.id for row in rows]
        if end is None:
            return seen
        asked["cursor"] = end


@pytest.fixture(params=[search.WINDOWS, (0, 0, 0)], ids=["among the newest", "further"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found is the same, however far back is looked at first."""
    monkeypatch.setattr(search, "WINDOWS", request.param)


@pytest.mark.usefixtures("_either_way")
def test_a_case_is_found_by_what_it_says(tx: Connection) -> None:
    desk, other = written(tx, "松原仪表厂", "ＸＫ—3190"), written(tx, "延吉水表有限公司", "LXS-20")
    desk.do("submit")
    other.do("submit")
    number, code = desk.case.number or "", desk.code
    for q in (
        *(
            "松原",
            "原仪",
            "松原仪表厂",
            "仪表厂 松原",
            "xk-3190",
            "XK3190",
            "k319",
            "松原 XK",
            "非自动",
            "weighing 松原",
        ),
        *(number, number.lower().replace("-", "－"), number.replace("-0000", "-"), f"CPA{number}"),
        *(code, party(code), f"{party(code)[:8]}-{party(code)[8]}", code.lower()[2:]),
    ):
        assert desk.case.id in found(tx, q), q
    for q in ("松原水表", "松原 LXS", "XK-3191", f"{number}9", "源仪"):
        assert desk.case.id not in found(tx, q), q


@pytest.mark.usefixtures("_either_way")
def test_the_best_match_comes_first_and_then_the_newest(tx: Connection) -> None:
    models = ("QZ-150", "QZ-15", "QZ-15A", "QZ-15", "XQZ-15")
    ids = [written(tx, "衡器厂", model).do("submit").id for model in models]
    expected = [ids[3], ids[1], ids[4], ids[2], ids[0]]
    for limit in (1, 2, 3, 50):
        assert found(tx, "ｑｚ-15", limit=limit) == expected


@pytest.mark.usefixtures("_either_way")
def test_who_searches_sees_what_their_list_shows_and_no_more(tx: Connection) -> None:
    mine = written(tx, "白山衡器厂")
    mine.do("submit", "accept", "commission")
    draft = written(tx, "白山衡器厂")
    lab = mine.people["tester"]
    assert found(tx, "白山") == [mine.case.id]
    assert found(tx, "白山", mine.people["applicant"]) == [mine.case.id]
    assert found(tx, "白山", draft.people["applicant"]) == [draft.case.id]
    assert found(tx, "白山", lab) == [mine.case.id]
    for stranger in (applicant(credit_code()), laboratory("LAB-98")):
        assert found(tx, "白山", stranger) == []
    assert found(tx, "白山", state="received") == []
    assert found(tx, "白山", state=mine.case.state, applicant=mine.code) == [mine.case.id]


@pytest.mark.usefixtures("_either_way")
def test_what_a_filter_leaves_of_many_matches_is_found_to_the_last(tx: Connection) -> None:
    model = "TGT-7"
    made = [written(tx, "磐石衡器厂", model) for _ in range(9)]
    for desk in made:
        desk.do("submit")
    for desk in (made[0], made[4]):
        desk.do("accept")
    accepted = [made[4].case.id, made[0].case.id]
    for q in (model, "tgt", "磐石"):
        for limit in (1, 2, 50):
            assert found(tx, q, limit=limit, state="accepted") == accepted
            assert found(tx, q, limit=limit) == [desk.case.id for desk in made[::-1]]


@pytest.mark.usefixtures("_either_way")
def test_what_is_found_follows_what_the_case_says_now(tx: Connection) -> None:
    desk = written(tx, "辽源衡器厂", "DCS-1")
    desk.form = type_approval_form(desk.code, applicant_name="公主岭衡器厂")
    desk.do("edit")
    maker = desk.people["applicant"]
    assert (found(tx, "辽源", maker), found(tx, "公主岭", maker)) == ([], [desk.case.id])
    desk.do("submit")
    (row,), _ = list_cases(tx, STAFF, {"q": desk.case.number}, limit=2)
    assert row.shown["received_on"] == "2013-09-17"
    assert row.shown["instruments"] == [{"name": "电子计价秤", "models": ["ACS-15"]}]
    desk.do("request_supplement")
    desk.form = type_approval_form(desk.code, applicant_name="梅河口衡器厂")
    desk.do("supplement")
    assert (found(tx, "公主岭"), found(tx, "梅河口")) == ([], [desk.case.id])


@pytest.mark.usefixtures("_either_way")
def test_a_certificate_is_found_from_its_grant_on(tx: Connection) -> None:
    desk = written(tx, "集安衡器厂")
    on = {"on": NOW.date()}
    asked = {"q": "集安", **on}
    *way, grant, _ = WAYS["type_approval"]
    desk.do(*way)
    assert REGISTER.list(tx, asked, 2) == ([], None)
    number = desk.do(grant).data["certificate"]
    for q in ("集安", "安衡", "ACS15", desk.code, number, f"CPA {number[:4]}{number[4:].lower()}"):
        (certificate,), _ = REGISTER.list(tx, {"q": q, **on}, 2)
        assert (certificate["number"], certificate["status"]) == (number, "in_force"), q
        assert certificate["holder"] == {"name": "集安衡器厂", "code": desk.code}


@pytest.mark.parametrize(
    ("service", "before", "tables"),
    [
        ("type_approval", "0006", ("case_summaries", "certificate_summaries")),
        ("licensing", "0007", ("case_summaries", "licence_summaries")),
    ],
)
def test_a_migration_summarises_what_was_stored_before_it(
    servers: Backing, service: str, before: str, tables: tuple[str, ...]
) -> None:
    name = f"{servers.namespace}_summaries"
    with database(servers.database_url, name, service) as engine:
        with engine.begin() as tx:
            desk = Desk(tx, service)
            if service == "licensing":
                desk.approve()
            desk.do(*WAYS[service])
        kept = [summaries_in(engine, table) for table in tables]
        assert [[row[0] for row in rows] for rows in kept] == [[desk.case.id]] * 2
        migrations = config(REGISTRY[service].migrations, database_url(servers.database_url, name))
        command.downgrade(migrations, before)
        command.upgrade(migrations, "head")
        assert [summaries_in(engine, table) for table in tables] == kept


def summaries_in(engine: Engine, table: str) -> list[tuple[Any, ...]]:
    with engine.connect() as tx:
        rows = tx.exec_driver_sql(f"SELECT id::text, shown, said, tokens FROM {table} ORDER BY id")
        return [tuple(row) for row in rows]
