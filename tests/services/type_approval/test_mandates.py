"""An agent acts for the holder that gave it a mandate, as far and as long as the mandate goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shared.identity.uscc import party
from tests.support import applicant, c_mark_form, credit_code, licence_form, type_approval_form, wait_for
from tests.support.office import NOW

if TYPE_CHECKING:
    from tests.support import Answer, Caller, Office

HEADER = "Quanheng-On-Behalf-Of"
FIRST, LAST = "2013-09-01", "2013-10-31"
LATER = "2013-11-01T00:00:00+08:00"


@pytest.fixture
def codes() -> tuple[str, str]:
    """A holder and an agent."""
    return credit_code(), credit_code()


def give(office: Office, codes: tuple[str, str], scope: str) -> Caller:
    """Let the holder give a mandate, from September to October; the holder's client."""
    holder = office.caller("type_approval", applicant(codes[0]))
    form = {"code": codes[1], "name": "某代理公司", "scope": scope, "valid_from": FIRST, "valid_until": LAST}
    assert holder.post("/v1/mandates", form).status == 201
    return holder


def agent(office: Office, codes: tuple[str, str], now: str = NOW, service: str = "type_approval") -> Caller:
    return office.caller(service, applicant(codes[1], "agent"), now)


def behalf(code: str) -> dict[str, Any]:
    return {HEADER.replace("-", "_"): code}


def test_an_agent_applies_for_the_holder_and_both_see_the_case(office: Office, codes: tuple[str, str]) -> None:
    holder, other = give(office, codes, "act"), agent(office, codes)
    made = other.post("/v1/applications", type_approval_form(codes[0]), **behalf(codes[0]))
    assert made.status == 201, made.body
    path = f"/v1/applications/{made.json['id']}"
    sent = other.post(f"{path}/actions/submit", {}, If_Match="*", **behalf(codes[0]))
    assert sent.json["state"] == "received"
    assert sent.json["applicant"] == codes[0]
    assert holder.get(path).status == 200
    # Without the header the agent is itself, and sees what is its own.
    assert other.get(path).status == 404
    assert other.get("/v1/applications").json["items"] == []
    [case] = other.get("/v1/applications", **behalf(codes[0])).json["items"]
    assert case["id"] == made.json["id"]
    journal = holder.get(f"{path}/journal").json["items"]
    assert journal[-1]["actor"].endswith("（代理 某代理公司）")
    late = agent(office, codes, LATER)
    assert refused(late.get(path, **behalf(codes[0])))
    assert refused(late.post(f"{path}/actions/withdraw", {}, If_Match="*", **behalf(codes[0])))


def test_a_mandate_to_read_lets_nothing_be_done(office: Office, codes: tuple[str, str]) -> None:
    holder, other = give(office, codes, "read"), agent(office, codes)
    path = f"/v1/applications/{holder.post('/v1/applications', type_approval_form(codes[0])).json['id']}"
    assert other.get(path, **behalf(codes[0])).json["next_actions"] == []
    assert refused(other.post(f"{path}/actions/submit", {}, If_Match="*", **behalf(codes[0])))


def test_of_others_than_who_gave_it_an_agent_sees_nothing(office: Office, codes: tuple[str, str]) -> None:
    give(office, codes, "act")
    other = agent(office, codes)
    assert refused(other.get("/v1/applications", **behalf(credit_code())))
    # Mandates are given by the holder itself, and end when it ends them.
    assert refused(other.get("/v1/mandates", **behalf(codes[0])))
    holder = office.caller("type_approval", applicant(codes[0]))
    ended = holder.post(f"/v1/mandates/{codes[1]}/actions/end", {"reason": "解除委托"}, If_Match="*")
    assert ended.status == 200
    assert refused(other.get("/v1/applications", **behalf(codes[0])))
    wait_for(office.settled, what="the mandate's end to be known")
    for service in ("licensing", "c_mark", "notifications"):
        path = "/v1/messages" if service == "notifications" else "/v1/applications"
        assert refused(agent(office, codes, service=service).get(path, **behalf(codes[0])))


def test_an_agent_sees_the_mandates_in_force_that_it_was_given(office: Office, codes: tuple[str, str]) -> None:
    holder, other = give(office, codes, "read"), agent(office, codes)
    told = {"holder": party(codes[0]), "scope": "read", "valid_until": LAST}
    assert other.get("/v1/received-mandates").json["items"] == [told]
    form = type_approval_form(codes[0])
    path = f"/v1/applications/{holder.post('/v1/applications', form).json['id']}"
    assert holder.post(f"{path}/actions/submit", {}, If_Match="*").status == 200
    named = {**told, "holder": codes[0], "holder_name": form["applicant_name"]}
    assert other.get("/v1/received-mandates").json["items"] == [named]
    assert holder.get("/v1/received-mandates").json["items"] == [], "they are whom they were given to"
    assert refused(other.get("/v1/received-mandates", **behalf(codes[0])))
    assert agent(office, codes, LATER).get("/v1/received-mandates").json["items"] == [], "it has lapsed"


FORMS = {"licensing": licence_form, "c_mark": c_mark_form}


@pytest.mark.parametrize("service", FORMS)
def test_the_other_services_know_the_mandate_as_far_and_as_long_as_it_goes(
    office: Office, codes: tuple[str, str], service: str
) -> None:
    holder = give(office, codes, "read")
    wait_for(office.settled, what="the mandate to be known")
    permits, others = agent(office, codes, service=service), behalf(codes[0])
    form = FORMS[service](codes[0])
    assert refused(permits.post("/v1/applications", form, **others))
    act = {"scope": "act", "name": "某代理公司", "valid_from": FIRST, "valid_until": LAST}
    changed = holder.post(f"/v1/mandates/{codes[1]}/actions/change", act, If_Match="*")
    assert changed.status == 200, changed.body
    wait_for(office.settled, what="the change to be known")
    made = permits.post("/v1/applications", form, **others)
    assert made.status == 201, made.body
    path = f"/v1/applications/{made.json['id']}"
    sent = permits.post(f"{path}/actions/submit", {"confirmed": ["no_type_approval"]}, If_Match="*", **others)
    assert sent.json["state"] == "received", sent.body
    journal = permits.get(f"{path}/journal", **others).json["items"]
    assert journal[-1]["actor"].endswith("（代理 某代理公司）")
    wait_for(office.settled, what="the application to be known")
    told = agent(office, codes, service="notifications")
    number = sent.json["number"]
    [event] = [one for one in told.get("/v1/events", **others).json["items"] if one["subject"] == number]
    assert event["type"] == "application.received"
    assert told.get(f"/v1/cases/{number}/clocks", **others).status == 200
    assert told.get("/v1/messages", **others).json["items"] != []
    # What would outlast the mandate is the holder's own to do.
    hook = {"url": "https://agent.example/hook"}
    assert refused(told.post("/v1/webhooks", hook, **others))
    for told_by, place in ((service, path), ("notifications", "/v1/events")):
        assert refused(agent(office, codes, LATER, told_by).get(place, **others))


def refused(answer: Answer) -> bool:
    return bool(answer.status == 403)
