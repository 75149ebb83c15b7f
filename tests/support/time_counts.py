"""The counts of the durations of cases, made from the tables of times at once instead of case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from services.notifications.office.statistics import _COUNT, _OF_CASES, _OF_STEPS

if TYPE_CHECKING:
    from sqlalchemy import Connection

_REBUILD = text(f"""
    WITH facts (procedure, step, side, office, ended_on, days, in_time, times) AS (
        SELECT *, 1 FROM (SELECT {_OF_STEPS} FROM step_times) AS steps
        UNION ALL SELECT *, 1 FROM (SELECT {_OF_CASES.format("case_times")}) AS whole
    )
    {_COUNT}
""")


def rebuild(tx: Connection) -> None:
    tx.exec_driver_sql("LOCK TABLE time_counts IN EXCLUSIVE MODE")
    tx.exec_driver_sql("DELETE FROM time_counts")
    tx.execute(_REBUILD)
