"""A small procedure for tests, with the action of the page about actions added to its table, and a deprecated route."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from services.headings import PARAMETERS, TOPICS
from shared.casework import Effect, Procedure, Transition
from shared.casework.facts import gathers
from shared.documents.facts import ANSWERED
from shared.http import PUBLIC, Reply, Route
from shared.http.cases import CaseApi
from shared.http.faces import Offer
from shared.http.routes import Retirement
from shared.permits.facts import FACTS
from shared.schemas import Answer, Bilingual, Strict, text
from shared.text import Text
from tests.shared.http.page import ADDED, FACT

if TYPE_CHECKING:
    from shared.casework import Step


class Form(Strict):
    model = text(metadata={"description": "型号", "example": "ACS-15"})


@gathers(*FACTS, ANSWERED, FACT)
class Gathered(Answer):
    """What a case of the trial gathers."""


def keep_number(step: Step) -> Effect:
    return Effect(number=f"TRIAL-{step.case.id}", rules=step.rules.name)


TABLE = Procedure(
    id="type_approval",
    source="type_approval",
    name=Text("试验", "trial"),
    states={
        "draft": Text("草稿", "draft"),
        "received": Text("已收件", "received"),
        "weighed": Text("已称量", "weighed"),
    },
    transitions=(
        Transition(
            action="submit",
            source="draft",
            target="received",
            by="applicant",
            name=Text("提交申请", "Submit"),
            effect=keep_number,
        ),
    ),
)


RETIREMENT = Retirement(date(2026, 1, 31), date(2027, 1, 31), "/v1/certificates/{number}")
RETIRED = Route(
    "GET",
    "/v1/certificates/<number>/card",
    lambda call: Reply({"zh": call.params["number"], "en": call.params["number"]}),
    PUBLIC,
    Text("查看卡片", "Read a card"),
    gives=Bilingual,
    retires=RETIREMENT,
)


def offer(procedure: Procedure) -> Offer:
    routes = [*CaseApi(procedure, Form, Gathered).routes(), RETIRED]
    return Offer("type_approval", Text("试验", "trial"), routes, topics=TOPICS, parameters=PARAMETERS)


BEFORE, AFTER = offer(TABLE), offer(replace(TABLE, transitions=(*TABLE.transitions, ADDED)))
