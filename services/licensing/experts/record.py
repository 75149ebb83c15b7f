"""What an expert has assessed, and what manufacturers said of it: for the office that keeps the register."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.licensing.experts.steps import ASSESSED
from shared.labels import labelled
from shared.schemas import Answer
from shared.sql import Statement
from shared.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_RECORD = Statement(
    "experts_record",
    "SELECT count(*) AS assessments, count(*) FILTER (WHERE state = ANY(:states)) AS running,"
    " count(data -> 'feedback') AS rated, avg((data #>> '{feedback,fairness}')::integer) AS fairness,"
    " avg((data #>> '{feedback,competence}')::integer) AS competence FROM cases"
    " WHERE data #> '{assessment_plan,team}' @> jsonb_build_array(jsonb_build_object('code', CAST(:code AS text)))",
)
_MEAN = Text("1至5分", "from 1 to 5")


class Record(Answer):
    """考评员业绩。 What an expert has assessed, and what manufacturers said of the teams that the expert was in."""

    assessments = fields.Integer(
        required=True,
        metadata=labelled("参加的考核", "assessments with the expert in the team", example=9),
    )
    running = fields.Integer(
        required=True, metadata=labelled("在办", "under way", hint=Text("在其中", "among them"), example=1)
    )
    rated = fields.Integer(
        required=True, metadata=labelled("有反馈的", "with feedback", hint=Text("在其中", "among them"), example=7)
    )
    fairness = fields.String(metadata=labelled("公正性平均分", "mean of fairness", hint=_MEAN, example="4.5"))
    competence = fields.String(metadata=labelled("专业能力平均分", "mean of competence", hint=_MEAN, example="4.5"))


def record(tx: Connection, code: str) -> dict[str, Any]:
    """The record of the expert whose code is written so in the register."""
    row = _RECORD(tx, states=list(ASSESSED), code=code).one()
    found = {name: getattr(row, name) for name in ("assessments", "running", "rated")}
    means = {name: getattr(row, name) for name in ("fairness", "competence")}
    return {**found, **{name: str(mean.quantize(Decimal("0.1"))) for name, mean in means.items() if mean is not None}}
