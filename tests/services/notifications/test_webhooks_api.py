"""The webhook API of an integrator: create, test, inspect, change; and the events of a case arrive."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from shared.identity import Actor, Role, Scope
from tests.services.notifications.signed import valid
from tests.services.notifications.test_feed import followed
from tests.support import Office, applicant, credit_code, laboratory, receiver, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support import Caller, Receiver

PATH = "/v1/webhooks"


@pytest.fixture
def found() -> Iterator[Receiver]:
    with receiver() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _ended(office: Office) -> Iterator[None]:
    yield
    office.end_webhooks()


@pytest.fixture
def maker(office: Office) -> Caller:
    return office.caller("notifications", applicant(credit_code()))


def subscribed(caller: Caller, url: str, path: str = PATH, **more: Any) -> dict[str, Any]:
    answer = caller.post(path, {"url": url, **more})
    assert answer.status == 201, answer.body
    assert answer.headers["Location"] == f"{path}/{answer.json['id']}"
    return dict(answer.json)


def test_a_manufacturer_and_the_laboratory_are_sent_the_events_of_their_case(office: Office, found: Receiver) -> None:
    played = office.case("type_approval")
    sides = {"applicant": "/v1/webhooks", "tester": "/v1/lab/webhooks"}
    hooks = {}
    for who, path in sides.items():
        caller = office.caller("notifications", played.people[who])
        hooks[who] = subscribed(caller, f"{found.url}/{who}", path)
    played.until("deliver")
    number = played.read()["number"]

    def came(who: str) -> list[str]:
        requests = [one for one in found.received if one.path == f"/hook/{who}"]
        assert all(valid(hooks[who]["secret"], one) for one in requests)
        return [event["type"] for one in requests for event in one.json if event["subject"] == number]

    wait_for(lambda: "certificate.delivered" in came("applicant"), what="the last event")
    for who, path in (("applicant", "/v1/events"), ("tester", "/v1/lab/events")):
        feed = followed(office, played, office.caller("notifications", played.people[who]), path)
        told = [event["type"] for event in feed if event["subject"] == number]
        wait_for(lambda: came(who) == told, what=f"what {who} finds in the feed")  # noqa: B023


def test_a_webhook_is_made_read_changed_and_deleted(maker: Caller, found: Receiver) -> None:
    made = subscribed(maker, found.url, types=["certificate.granted"])
    path = f"{PATH}/{made['id']}"
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert (made["state"], made["types"], made["version"]) == ("enabled", ["certificate.granted"], 1)
    read = maker.get(path)
    assert (read.json, read.headers["ETag"]) == (made, '"1"')
    assert maker.get(PATH).json == {"items": [made]}
    assert maker.get(path, If_None_Match='"1"').status == 304
    changed = maker.put(path, {"url": f"{found.url}/new"}, If_Match='"1"')
    assert (changed.status, changed.json["url"], changed.headers["ETag"]) == (200, f"{found.url}/new", '"2"')
    assert "types" not in changed.json
    assert "secret" not in changed.json
    assert maker.put(path, {"url": found.url}, If_Match='"1"').status == 412
    assert maker.put(path, {"url": found.url}).status == 428
    assert maker.send("DELETE", path, None).status == 204
    for answer in (maker.get(path), maker.send("DELETE", path, None), maker.get(f"{path}/deliveries")):
        assert answer.status == 404


def test_what_is_wrong_with_a_webhook_is_told_all_at_once(maker: Caller) -> None:
    assert maker.post(PATH, {"types": ["case.vanished"], "uri": "x"}).faults == {
        "url": "missing",
        "types.0": "invalid",
        "uri": "unknown_field",
    }
    refused = maker.post(PATH, {"url": "ftp://me:secret@hooks.maker.example/#x", "types": ["calendar.published"]})
    assert refused.status == 422
    assert [(fault["name"], fault["code"]) for fault in refused.json["invalid_params"]] == [
        *(("types.0", "invalid"), ("url", "not_https"), ("url", "credentials"), ("url", "fragment"))
    ]
    assert "secret" not in refused.body.decode()
    assert maker.post(PATH, {"url": "https://hooks.example.com/" + "x" * 2000}).faults == {"url": "invalid"}
    assert maker.post(PATH, {"url": " "}).json["invalid_params"][0]["name"] == "url"
    assert maker.post(PATH, []).status == 422


def test_another_s_webhook_is_not_there(office: Office, maker: Caller, found: Receiver) -> None:
    made = subscribed(maker, found.url)
    path = f"{PATH}/{made['id']}"
    other = office.caller("notifications", applicant(credit_code()))
    lab = office.caller("notifications", laboratory(f"lab-{uuid4().hex[:8]}"))
    assert other.get(PATH).json == {"items": []}
    answers = [
        *(other.get(path), other.put(path, {"url": found.url}, If_Match="*"), other.send("DELETE", path, None)),
        *(other.post(f"{path}/actions/{action}", If_Match="*") for action in ("rotate_secret", "enable", "test")),
        *(other.get(f"{path}/deliveries"), lab.get(f"/v1/lab/webhooks/{made['id']}"), maker.get(f"{PATH}/none")),
    ]
    assert [answer.status for answer in answers] == [404] * len(answers)
    assert maker.get(path).json["version"] == 1
    assert found.received == []


def test_who_may_only_read_sets_up_nothing(office: Office, found: Receiver) -> None:
    reader = Actor("it", "it", Role.APPLICANT, credit_code(), scopes=frozenset({Scope.READ}))
    caller = office.caller("notifications", reader)
    assert caller.get(PATH).status == 200
    assert caller.post(PATH, {"url": found.url}).status == 403


def test_an_organisation_has_ten_at_most(maker: Caller, found: Receiver) -> None:
    for nr in range(10):
        subscribed(maker, f"{found.url}/{nr}")
    assert maker.post(PATH, {"url": found.url}).json["code"] == "wrong_state"
    maker.send("DELETE", f"{PATH}/{maker.get(PATH).json['items'][0]['id']}", None)
    subscribed(maker, found.url)


def test_a_dry_run_makes_nothing_and_shows_no_secret(maker: Caller, found: Receiver) -> None:
    answer = maker.post(f"{PATH}?dry_run=true", {"url": found.url})
    assert (answer.status, "secret" in answer.json) == (201, False)
    assert maker.get(PATH).json == {"items": []}


def test_the_same_key_makes_one_webhook_with_one_secret(maker: Caller, found: Receiver) -> None:
    first, again = (maker.post(PATH, {"url": found.url}, Idempotency_Key="set-up") for _ in range(2))
    assert first.json == again.json
    assert len(maker.get(PATH).json["items"]) == 1


def test_the_same_key_for_another_company_of_the_same_person_makes_another_webhook(
    office: Office, found: Receiver
) -> None:
    companies = [office.caller("notifications", Actor("sun", "sun", Role.APPLICANT, credit_code())) for _ in range(2)]
    first, second = (each.post(PATH, {"url": found.url}, Idempotency_Key="the same").json for each in companies)
    assert first["id"] != second["id"]
    assert first["secret"] != second["secret"]


@pytest.mark.parametrize("state", ["answering", "refusing", "gone"])
def test_a_test_event_is_sent_at_once_and_its_outcome_told(maker: Caller, found: Receiver, state: str) -> None:
    made = subscribed(maker, found.url)
    found.status = {"refusing": 500, "gone": 410}.get(state, 200)
    told = maker.post(f"{PATH}/{made['id']}/actions/test")
    assert told.status == 200
    (came,) = found.received
    (event,) = came.json
    assert (event["type"], event["subject"]) == ("webhook.tested", made["id"])
    assert valid(made["secret"], came)
    assert told.json["id"] == came.headers["webhook-id"]
    assert (told.json["kind"], told.json["outcome"], told.json["status"]) == {
        "answering": ("test", "delivered", 200),
        "refusing": ("test", "refused", 500),
        "gone": ("test", "gone", 410),
    }[state]
    assert ("error" in told.json) == (state != "answering")
    log = maker.get(f"{PATH}/{made['id']}/deliveries").json
    assert log["items"] == [told.json]
    assert maker.get(f"{PATH}/{made['id']}").json["state"] == "enabled", "only events count"


def test_receivers_that_hang_do_not_take_all_hands(maker: Caller) -> None:
    with receiver() as hanging:
        hanging.hanging = True
        path = f"{PATH}/{subscribed(maker, hanging.url)['id']}"
        with ThreadPoolExecutor(4) as others:
            waiting = [others.submit(maker.post, f"{path}/actions/test") for _ in range(4)]
            wait_for(
                lambda: len(hanging.received) == 4 or any(one.done() for one in waiting), what="four tests under way"
            )
            assert [one.result() for one in waiting if one.done()] == []
            refused = maker.post(f"{path}/actions/test")
            assert (refused.status, refused.json["code"], refused.headers["Retry-After"]) == (429, "rate_limited", "10")
            assert maker.get(path).status == 200
            hanging.closing.set()
            assert {one.result().json["outcome"] for one in waiting} == {"unreachable"}


def test_the_log_is_read_by_pages(maker: Caller, found: Receiver) -> None:
    path = f"{PATH}/{subscribed(maker, found.url)['id']}"
    sent = [maker.post(f"{path}/actions/test").json["id"] for _ in range(3)]
    listed, following = [], f"{path}/deliveries?limit=2"
    while following:
        page = maker.get(following).json
        listed += [one["id"] for one in page["items"]]
        following = page.get("next", "")
    assert listed == sent[::-1]
    assert maker.get(f"{path}/deliveries?cursor=x").status == 400


def test_a_new_secret_is_shown_once_and_the_old_one_signs_for_a_while(maker: Caller, found: Receiver) -> None:
    made = subscribed(maker, found.url)
    path = f"{PATH}/{made['id']}"
    assert maker.post(f"{path}/actions/rotate_secret").status == 428
    assert maker.post(f"{path}/actions/rotate_secret", {"overlap_hours": 1000}, If_Match='"1"').status == 422
    rotated = maker.post(f"{path}/actions/rotate_secret", If_Match='"1"')
    assert (rotated.status, rotated.headers["ETag"]) == (200, '"2"')
    assert rotated.json["secret"] != made["secret"]
    assert rotated.json["old_secret_until"] == "2013-09-18T01:00:00+00:00"
    assert "secret" not in maker.get(path).json
    maker.post(f"{path}/actions/test")
    assert all(valid(secret, found.received[-1]) for secret in (made["secret"], rotated.json["secret"]))
    leaked = maker.post(f"{path}/actions/rotate_secret", {"overlap_hours": 0}, If_Match='"2"').json
    maker.post(f"{path}/actions/test")
    assert valid(leaked["secret"], found.received[-1])
    assert not valid(rotated.json["secret"], found.received[-1])


def test_a_disabled_webhook_says_why_and_goes_on_when_enabled(office: Office, found: Receiver) -> None:
    played = office.case("type_approval")
    caller = office.caller("notifications", played.people["applicant"])
    made = subscribed(caller, found.url)
    path = f"{PATH}/{made['id']}"
    found.status = 410
    played.do("submit")
    wait_for(lambda: caller.get(path).json["state"] == "disabled", what="the end of sending")
    disabled = caller.get(path)
    assert (disabled.json["disabled"]["reason"], disabled.headers["ETag"]) == ("gone", '"2"')
    assert not caller.get(f"{path}/deliveries").json["progress"]["caught_up"]
    found.status, found.received = 204, []
    enabled = caller.post(f"{path}/actions/enable")
    assert (enabled.json["state"], enabled.headers["ETag"]) == ("enabled", '"3"')
    assert "disabled" not in enabled.json
    wait_for(lambda: caller.get(f"{path}/deliveries").json["progress"]["caught_up"], what="what had not arrived")
    assert [event["type"] for one in found.received for event in one.json] == ["application.received"]
    assert caller.post(f"{path}/actions/enable").headers["ETag"] == '"3"'


def test_one_that_hangs_does_not_hold_up_another(office: Office, found: Receiver) -> None:
    played = office.case("type_approval")
    caller = office.caller("notifications", played.people["applicant"])
    with receiver() as hanging:
        hanging.hanging = True
        subscribed(caller, hanging.url)
        subscribed(caller, found.url)
        played.do("submit")
        wait_for(lambda: hanging.received, what="a request that is not answered")
        wait_for(lambda: found.received, what="the other's events meanwhile")
        played.do("accept")
        wait_for(lambda: len(found.received) == 2, what="and those that follow")
