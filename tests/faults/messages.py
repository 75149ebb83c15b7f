"""Scenarios in which messages are duplicated, out of order, broken, or not messages at all."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from kombu import Connection

from deploy.local.process import wait_until
from services.catalogue import TOPOLOGY
from shared.messaging.envelope import PARTITIONS, new_id
from shared.messaging.relay import ConfirmingChannel
from shared.messaging.topology import events_exchange
from tests.faults.running import Scenario
from tests.faults.verdict import READERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.faults.running import Stage
    from tests.faults.world import World

RATE = 600
SOURCE = "type_approval"
READING = READERS[SOURCE]
SICK_CASES = 6
WAIT_SECONDS = 60


def say(world: World, messages: Iterable[tuple[str, bytes]]) -> None:
    """Publish bytes straight to the exchange, each under its routing key.

    Confirmed: what a channel published just before it closes, a quorum queue may drop otherwise.
    """
    with Connection(world.broker_url, connect_timeout=20) as broker:
        channel = ConfirmingChannel(broker.channel())
        for number, (routing_key, body) in enumerate(messages):
            # The relay's channel is typed for texts and passes bytes on as they are.
            channel.publish(events_exchange(SOURCE).name, routing_key, str(number), body)  # type: ignore[arg-type]
        assert channel.confirmed() == set()


def unpublished(stage: Stage) -> list[tuple[str, bytes]]:
    """Play the load while the producer's relay is away; what it has to publish when it comes back."""
    stage.world.stop(SOURCE)
    with stage.load(RATE, alone=True):
        pass
    rows = stage.world.rows(SOURCE, "SELECT routing_key, body FROM outbox ORDER BY id")
    return [(routing_key, body.encode()) for routing_key, body in rows]


def tripled(stage: Stage) -> None:
    """Two copies of every message, out of step with each other, before the relay sends its own."""
    messages = unpublished(stage)
    half = len(messages) // 2
    # The second run of copies begins in the middle of the first.
    overlap = [copy for both in zip(messages[half:], messages, strict=False) for copy in both]
    say(stage.world, [*messages[:half], *overlap, *messages[len(messages) - half :]])
    stage.world.start(SOURCE)


def shuffled(stage: Stage) -> None:
    """Every message of every case, in no order at all, before the relay sends them in order."""
    messages = unpublished(stage)
    say(stage.world, stage.chance.sample(messages, len(messages)))
    stage.world.start(SOURCE)


def poisoned(stage: Stage) -> None:
    """Events whose handling raises: their cases stop, nobody else's, and go on once a person has put them right."""
    world = stage.world
    unpublished(stage)
    told = dict(world.rows(SOURCE, "SELECT body::jsonb ->> 'caseid', count(*) FROM outbox GROUP BY 1"))
    sick: dict[str, tuple[int, str]] = {}
    for case_id in stage.chance.sample(sorted(told), SICK_CASES):
        seq = stage.chance.randint(1, int(told[case_id]))
        query = (
            "SELECT id, body FROM outbox WHERE body::jsonb ->> 'caseid' = :case AND body::jsonb ->> 'caseseq' = :seq"
        )
        ((row, body),) = world.rows(SOURCE, query, case=case_id, seq=str(seq))
        sick[case_id] = (seq, body)
        event = json.loads(body)
        # No consumer knows this version, of whatever type the event is.
        event["dataschema"] = f"{event['dataschema'].rpartition(':')[0]}:99"
        world.rows(SOURCE, "UPDATE outbox SET body = :body WHERE id = :id", id=row, body=json.dumps(event))
    world.start(SOURCE)
    world.wait(lambda: _only_these_wait(world, sick, told), "all but the sick cases to be told", WAIT_SECONDS)
    # Their tries would take an hour; the last is brought forward, and a person mends what is parked.
    world.rows(
        "notifications",
        "UPDATE held SET attempts = 6, next_try_at = clock_timestamp() WHERE attempts > 0 AND parked_at IS NULL",
    )
    parked = "SELECT count(*) FROM held WHERE parked_at IS NOT NULL AND source IS NOT NULL"
    world.wait(lambda: world.rows("notifications", parked) == [(len(sick),)], "the sick to be parked", WAIT_SECONDS)
    for reader in READING:
        for case_id, (seq, body) in sick.items():
            world.rows(
                reader,
                "UPDATE held SET body = :body, attempts = 0, parked_at = NULL, next_try_at = clock_timestamp()"
                " WHERE case_id = :case AND case_seq = :seq",
                body=body.encode(),
                case=case_id,
                seq=seq,
            )


def _only_these_wait(world: World, sick: dict[str, tuple[int, str]], told: dict[str, Any]) -> bool:
    """Whether notifications has heard every case to its end, but the sick ones up to where they are sick."""
    wanted = {case: told[case] if case not in sick else sick[case][0] - 1 for case in told}
    query = "SELECT case_id::text, last_seq, held FROM inbox WHERE source = :source"
    found = {case: (last_seq, held) for case, last_seq, held in world.rows("notifications", query, source=SOURCE)}
    return all(
        found.get(case) == (last_seq, told[case] - last_seq if case in sick else 0) for case, last_seq in wanted.items()
    )


def _nearly_events() -> list[bytes]:
    """JSON with all fields of an event, one of which cannot be stored."""
    good = {
        "id": new_id(),
        "source": SOURCE,
        "type": "test.recorded",
        "dataschema": "urn:quanheng:x:1",
        "subject": "TA",
        "time": "2013-09-17T01:00:00Z",
        "actor": "x",
        "caseid": new_id(),
        "caseseq": 1,
        "correlationid": "",
        "causationid": "",
        "data": {},
    }
    bad = {"source": 5, "subject": "\0", "time": "2013-09-17T01:00:00", "caseseq": 2**40, "data": [], "caseid": "x"}
    return [json.dumps({**good, name: value}).encode() for name, value in bad.items()]


def garbage(stage: Stage) -> None:
    """Bytes that are no event, among events: parked by every reader, and nobody waits for them."""
    world = stage.world
    pieces = [b"", b"\xff\xfe", b"no JSON", b"[]", b"null", b'{"id": 7}', b"{" * 1000, *_nearly_events()]
    sent = 0
    with stage.load(RATE / 4):
        for _ in range(5):
            batch = [(f"junk.{stage.chance.randrange(PARTITIONS)}", piece) for piece in pieces]
            say(world, batch)
            sent += len(batch)
            world.pause(stage.chance.uniform(0.2, 1))
    for reader in READING:
        wait_until(partial(_parked_all, world, reader, sent), WAIT_SECONDS)
        assert _parked(world, reader) >= sent, f"{reader} parked {_parked(world, reader)} of {sent} pieces"
        world.rows(reader, "DELETE FROM held WHERE source IS NULL")


def _parked(world: World, reader: str) -> int:
    query = "SELECT count(*) FROM held WHERE source IS NULL AND parked_at IS NOT NULL"
    return int(world.rows(reader, query)[0][0])


def _parked_all(world: World, reader: str, sent: int) -> bool:
    return _parked(world, reader) >= sent


MESSAGES = (
    Scenario("each message three times", tripled),
    Scenario("messages of a case shuffled", shuffled),
    Scenario("poison messages", poisoned),
    Scenario("messages that are not JSON", garbage),
)
assert set(READING) == {*TOPOLOGY.consumers[SOURCE], "witness"}
