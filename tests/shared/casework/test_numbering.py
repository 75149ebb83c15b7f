"""Numbers have no gaps and no duplicates, with rollbacks and concurrent requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from shared.casework.numbering import allocate
from shared.runtime.time import legal_date
from tests.drawing import few
from tests.shared.casework.parts import NOW, RULES

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

STYLE = RULES.number_format("type_approval", legal_date(NOW))


def test_a_series_starts_where_the_law_says(tx: Connection) -> None:
    assert [allocate(tx, STYLE, year=1999, letter="F") for _ in range(3)] == [
        *("1999F101-22", "1999F102-22", "1999F103-22")
    ]
    assert allocate(tx, STYLE, year=1999, letter="E") == "1999E101-22"


@few(15)
@given(st.lists(st.booleans(), max_size=20))
def test_what_is_rolled_back_is_given_to_the_next(tx: Connection, fates: list[bool]) -> None:
    tx.execute(text("DELETE FROM number_series"))
    kept = []
    for commits in fates:
        savepoint = tx.begin_nested()
        number = allocate(tx, STYLE, year=2000, letter="F")
        if commits:
            savepoint.commit()
            kept.append(number)
        else:
            savepoint.rollback()
    assert kept == [f"2000F{101 + index}-22" for index in range(len(kept))]


def test_many_at_once_get_a_row_of_numbers_without_gaps_though_half_roll_back(engines: dict[str, Engine]) -> None:
    engine = engines["type_approval"]

    def decide(turn: int) -> str | None:
        with engine.connect() as tx:
            number = allocate(tx, STYLE, year=2001, letter="F")
            if turn % 2:
                tx.rollback()
                return None
            tx.commit()
            return number

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for number in pool.map(decide, range(60)) if number]
    assert sorted(numbers) == [f"2001F{101 + index}-22" for index in range(30)]
