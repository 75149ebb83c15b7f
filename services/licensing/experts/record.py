"""What an expert has assessed, and what manufacturers said of it: for the office that keeps the register."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.licensing.experts.steps import ASSESSED
from shared.schemas import Answer
from shared.sql import Statement

if TYPE_CHECKING:
    from sqlalchemy import Connection

_RECORD = Statement(
    "experts_record",
    "SELECT count(*) AS assessments, count(*) FILTER (WHERE state = ANY(:states)) AS running,"
    " count(data -> 'feedback') AS rated, avg((data #>> '{feedback,fairness}')::integer) AS fairness,"
    " avg((data #>> '{feedback,competence}')::integer) AS competence FROM cases"
    " WHERE data #> '{assessment_plan,team}' @> jsonb_build_array(jsonb_build_object('code', CAST(:code AS text)))",
)
_MEAN = {"description": "平均分 mean, from 1 to 5", "example": "4.5"}


class Record(Answer):
    """考评员业绩。 What an expert has assessed, and what manufacturers said of the teams that the expert was in."""

    assessments = fields.Integer(
        required=True,
        metadata={"description": "参加的考核 assessments with the expert in the team", "example": 9},
    )
    running = fields.Integer(required=True, metadata={"description": "在办 of them, under way", "example": 1})
    rated = fields.Integer(required=True, metadata={"description": "有反馈的 of them, with feedback", "example": 7})
    fairness = fields.String(metadata={**_MEAN, "description": f"公正性{_MEAN['description']} of fairness"})
    competence = fields.String(metadata={**_MEAN, "description": f"专业能力{_MEAN['description']} of competence"})


def record(tx: Connection, code: str) -> dict[str, Any]:
    """The record of the expert whose code is written so in the register."""
    row = _RECORD(tx, states=list(ASSESSED), code=code).one()
    found = {name: getattr(row, name) for name in ("assessments", "running", "rated")}
    means = {name: getattr(row, name) for name in ("fairness", "competence")}
    return {**found, **{name: str(mean.quantize(Decimal("0.1"))) for name, mean in means.items() if mean is not None}}
