"""Mandates 委托: which agents act for a holder, how far and until when (Administrative Licensing Law Art. 29).

The holder keeps the register of its own mandates. An agent calls with a token of its own and names the holder in the
header `Quanheng-On-Behalf-Of`: while the mandate lasts, the call is the holder's, and the journal names the agent too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from marshmallow import validates_schema

from services.faults import FAULTS
from services.fields import CreditCode
from shared.identity import Role, Scope
from shared.identity.uscc import party
from shared.problems import Problem, Text
from shared.registers import VALID, Fields, Names, Register, in_order, store
from shared.registers.routes import RegisterApi
from shared.schemas import Day, Strict, choice, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from shared.http.routes import Call
    from shared.identity import Actor
    from shared.law import RuleSet
    from shared.problems import Violation
    from shared.registers import Version

PATH = "/v1/mandates"


class Mandate(Strict):
    """授权委托书。 Whom the holder lets act for it, how far and for how long."""

    code = CreditCode(
        required=True, metadata={"description": "代理单位代码 code of the agent", "example": "91220101MA0Y00001X"}
    )
    name = text(
        maximum=200, metadata={"description": "代理单位名称 name of the agent", "example": "长春示例代理有限公司"}
    )
    scope = choice(
        *("read", "act"),
        metadata={
            "description": ("权限: read 查阅 read the holder's cases, act 办理 do what an applicant does"),
            "example": "act",
        },
    )
    valid_from = Day(required=True, metadata={"description": "委托起始 first day", "example": "2013-09-01"})
    valid_until = Day(required=True, metadata={"description": "委托截止 last day", "example": "2014-08-31"})
    document = text(
        required=False,
        maximum=100,
        metadata={"description": "委托书编号 number of the power of attorney", "example": None},
    )

    @validates_schema(skip_on_field_errors=True)
    def days_are_in_order(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        in_order(data["valid_from"], data["valid_until"], "valid_until")


def _nothing(_content: Mapping[str, Any], _rules: RuleSet) -> list[Violation]:
    return []


MANDATES = Register(
    id="mandates",
    names=Names("授权委托", "mandate", "mandates"),
    form=Mandate,
    validity=Fields("valid_from", "valid_until"),
    found_by=("code", "name", "document"),
    wrong=_nothing,
    key=party,
    example=f"{PATH}/91220101MA0Y00001X",
    listed=False,
)


def standing_in(agent: Actor, holder: str, mandate: Version | None, on: date) -> Actor:
    """The agent as who acts for the holder on that day, by the version of the mandate that holds then.

    Raises Problem where there is none in force, and for who is no applicant.
    """
    if agent.role is not Role.APPLICANT:
        raise Problem(
            "forbidden",
            Text("只有申请人的代理人可以代表持证人", "an applicant's agent alone acts on behalf of a holder"),
        )
    if mandate is None or MANDATES.status(mandate, on) != VALID:
        raise Problem(
            "forbidden",
            Text(
                f"{agent.organisation}在{on}没有{holder}的委托：请由持证人委托",
                f"{agent.organisation} has no mandate of {holder} on {on}: the holder gives one",
            ),
        )
    scopes = agent.scopes if mandate.content["scope"] == "act" else agent.scopes & {Scope.READ}
    name = f"{agent.name}（代理 {mandate.content['name']}）"
    return replace(agent, name=name, organisation=holder, scopes=scopes, agent=agent.organisation)


def acting_for(tx: Connection, agent: Actor, holder: str, on: date) -> Actor:
    """The same by the register."""
    held = store.find(tx, MANDATES, holder, agent.organisation)
    return standing_in(agent, holder, held.on(on) if held else None, on)


def _holder(call: Call) -> str:
    """Whose mandates are meant: the caller's own, which no agent gives or changes."""
    if call.actor.agent:
        raise Problem(
            "forbidden",
            Text(
                "委托由持证人自己办理，代理人不能代办",
                "the holder keeps its mandates itself, not an agent on its behalf",
            ),
        )
    return call.actor.organisation


def _of_new(call: Call, _content: Mapping[str, Any]) -> str:
    return _holder(call)


def _href(_call: Call, _owner: str, code: str) -> str:
    return f"{PATH}/{quote(code, safe='')}"


_API = RegisterApi(MANDATES, FAULTS, of=_holder, all_of=_holder, owner=_of_new, href=_href)
ROUTES = [
    *_API.reads(PATH, f"{PATH}/<code>", Role.APPLICANT),
    *_API.writes(PATH, f"{PATH}/<code>", Role.APPLICANT),
]
