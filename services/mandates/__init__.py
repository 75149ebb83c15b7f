"""Mandates 委托: which agents act for a holder, how far and until when (Administrative Licensing Law Art. 29).

The holder keeps the register of its own mandates at type approval, which tells every version of an entry; the other
services keep copies. An agent calls with a token of its own and names the holder in the header
`Quanheng-On-Behalf-Of`: while the mandate lasts, the call is the holder's, and the journal names the agent too.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validates_schema
from sqlalchemy import Boolean, Column, Date, DateTime, Index, Integer, MetaData, Table, insert, select
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import JSONB, UUID

from services.fields import CreditCode
from shared.identity import Role, Scope
from shared.identity.uscc import party
from shared.labels import labelled
from shared.messaging.envelope import Event, new_id
from shared.problems import Problem
from shared.registers import VALID, Fields, Names, Register, Version, in_order, versions
from shared.runtime.time import legal_date
from shared.schemas import Answer, Day, Strict, choice, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from shared.identity import Actor
    from shared.law import RuleSet
    from shared.problems import Violation

PATH = "/v1/mandates"
RECEIVED = "/v1/received-mandates"
RECORDED = "mandate.recorded"

metadata = MetaData()

# Copies of the versions of mandates; all columns come from the events of type approval.
mandate_versions = Table(
    "mandate_versions",
    metadata,
    # The entry in the register, and which of its versions it is.
    Column("entry", UUID(as_uuid=False), primary_key=True),
    Column("number", Integer, primary_key=True),
    # Both as `party` writes them.
    Column("holder", TextColumn, nullable=False),
    Column("agent", TextColumn, nullable=False),
    Column("since", Date, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("supersedes", Integer),
    Column("content", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("mandate_versions_of", "holder", "agent"),
)


_SCOPE = choice(
    *("read", "act"),
    metadata=labelled(
        "权限",
        "what the agent may do",
        choices={"read": Text("查阅", "read the holder's cases"), "act": Text("办理", "do what an applicant does")},
        example="act",
    ),
)
_LAST = Day(required=True, metadata=labelled("委托截止", "last day", example="2014-08-31"))


class Mandate(Strict):
    """授权委托书。 Whom the holder lets act for it, how far and for how long."""

    code = CreditCode(
        required=True, metadata=labelled("代理单位代码", "code of the agent", example="91220101MA0Y00001X")
    )
    name = text(maximum=200, metadata=labelled("代理单位名称", "name of the agent", example="长春示例代理有限公司"))
    scope = _SCOPE
    valid_from = Day(required=True, metadata=labelled("委托起始", "first day", example="2013-09-01"))
    valid_until = _LAST
    document = text(
        required=False,
        maximum=100,
        metadata=labelled("委托书编号", "number of the power of attorney", example=None),
    )

    @validates_schema(skip_on_field_errors=True)
    def days_are_in_order(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        in_order(data["valid_from"], data["valid_until"], "valid_until")


class Received(Answer):
    """收到的委托。 A mandate in force, as its agent sees it."""

    holder = fields.String(
        required=True,
        metadata=labelled(
            "委托单位代码",
            "code of the holder",
            hint=Text(
                "以最近一次申请为准，或其组织机构代码", "as its newest application has it, or of its organisation"
            ),
            example="91220101MA0Y00001X",
        ),
    )
    holder_name = fields.String(
        metadata=labelled(
            "委托单位名称",
            "what the newest application names the holder",
            hint=Text("没有申请则无此项", "absent if there is none"),
            example="长春示例衡器有限公司",
        )
    )
    scope = _SCOPE
    valid_until = _LAST


def _nothing(_content: Mapping[str, Any], _rules: RuleSet) -> list[Violation]:
    return []


def recorded(entry: str, holder: str, version: Version, by: str) -> Event:
    """What is told of a version of a mandate; `by` is who recorded it."""
    told = {
        "on": legal_date(version.at).isoformat(),
        "state": version.action,
        "holder": holder,
        "since": version.since.isoformat(),
        "ended": version.ended,
        "content": version.content,
        **({"supersedes": version.supersedes} if version.supersedes else {}),
    }
    return Event(
        id=new_id(),
        source="type_approval",
        type=RECORDED,
        version=1,
        subject=f"mandate {holder} {version.content['code']}",
        time=version.at,
        actor=by,
        case_id=entry,
        case_seq=version.number,
        correlation_id=new_id(),
        causation_id="",
        data=told,
    )


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
    tells=recorded,
)


def standing_in(agent: Actor, holder: str, mandate: Version | None, on: date) -> Actor:
    """The agent as who acts for the holder on that day, by the version of the mandate that holds then.

    Raises Problem where there is none in force, and for who is not an applicant.
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


def keep(tx: Connection, event: Event) -> None:
    """Keep a copy of the version that was told."""
    told = event.data
    row = {
        "entry": event.case_id,
        "number": event.case_seq,
        "holder": party(told["holder"]),
        "agent": party(told["content"]["code"]),
        "since": date.fromisoformat(told["since"]),
        "at": event.time,
        **{name: told.get(name) for name in ("ended", "supersedes", "content")},
    }
    tx.execute(insert(mandate_versions).values(row))


def acting_by_copy(tx: Connection, agent: Actor, holder: str, on: date) -> Actor:
    """The agent as who acts for the holder on that day, by the copies."""
    row = mandate_versions.c
    mine = select(mandate_versions).where(row.holder == party(holder), row.agent == agent.party)
    held = [
        Version(one.number, one.since, one.ended, one.supersedes, "", one.content, None, one.at, "", "")
        for one in tx.execute(mine)
    ]
    return standing_in(agent, holder, versions.in_force(held, on), on)
