"""Licences to manufacture from historic registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services import historic
from services.instruments import legend
from services.licensing.licence.facts import LICENCE
from services.licensing.models import licence_terms
from services.licensing.procedure import PROCEDURE
from services.licensing.queries import REGISTER
from services.licensing.states import ENDED
from shared.historic.kinds import Historic
from shared.labels import labelled
from shared.schemas import Day, choice, text
from shared.sql import insert_all, update_all
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from shared.casework import Case


class HistoricLine(historic.HistoricLine):
    """台账的一行：制造计量器具许可证。 A line of a register of licences."""

    category = text(required=False, maximum=60, metadata=historic.CATEGORY)
    standard = text(
        required=False, maximum=100, metadata=labelled("标准", "product standard", example="GB/T 7722-2005")
    )
    type_approval = text(
        required=False,
        maximum=60,
        metadata=labelled("型式批准证书编号", "number of the certificate it stands on", example=None),
    )
    valid_until = Day(required=True, metadata=labelled("有效期至", "valid until", example="2015-05-07"))
    ground = choice(
        *ENDED,
        required=False,
        metadata=labelled(
            "失效原因",
            "ground of the end",
            choices={
                "EXPIRED": Text("届满", "expired"),
                "REVOKED": Text("撤销", "revoked"),
                "WITHDRAWN": Text("撤回", "withdrawn"),
                "PENALTY": Text("吊销", "taken away as a penalty"),
                "CANCELLED": Text("注销", "cancelled"),
                "ABOLISHED_BY_LAW": Text("依法取消", "abolished by law"),
            },
            example=None,
        ),
    )


def _lines(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    more = {name: said[name] for name in ("type_approval", "standard") if name in said}
    return [{**line, **more} for line in historic.lines(said)]


def _keep_terms(tx: Connection, entered: Sequence[tuple[Case, Mapping[str, Any]]]) -> None:
    """The terms that the register tells, in place of those of entries that were taken back: these were none."""
    terms = [
        {
            "case_id": case.id,
            "licence": case[LICENCE],
            "kind": "granted",
            "decided_on": said["granted_on"],
            "begins": said["granted_on"],
            "ends": said["valid_until"],
        }
        for case, said in entered
    ]
    stale = select(licence_terms.c.licence).where(licence_terms.c.licence.in_([term["licence"] for term in terms]))
    taken_back = {*tx.execute(stale).scalars()}
    update_all(tx, licence_terms, [term for term in terms if term["licence"] in taken_back], key="licence")
    insert_all(tx, licence_terms, [term for term in terms if term["licence"] not in taken_back])


LICENCES = Historic(
    permit=LICENCE,
    procedure=PROCEDURE,
    register=REGISTER,
    form=HistoricLine,
    cells=historic.CELLS,
    title=Text("制造计量器具许可证", "Licence to manufacture measuring instruments"),
    number="licence",
    live="valid",
    ended=ENDED,
    lines=_lines,
    content=lambda said: {"legend": legend(historic.lines(said))},
    wrong=historic.wrong,
    keep=_keep_terms,
)
