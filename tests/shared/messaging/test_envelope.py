"""The event envelope: encoding and decoding round-trip, and anything else is malformed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.envelope import PARTITIONS, Event, MalformedEventError, decode, new_id, partition_of
from shared.messaging.inbox import committed
from tests.shared.messaging.parts import make

if TYPE_CHECKING:
    from collections.abc import Mapping

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
events = st.builds(
    Event,
    id=st.uuids().map(str),
    source=text,
    type=text,
    version=st.integers(1, 99),
    subject=text,
    time=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants them naive
    actor=text,
    case_id=st.uuids().map(str),
    case_seq=st.integers(1, 2**31 - 1),
    correlation_id=text,
    causation_id=text,
    data=st.dictionaries(text, json, max_size=3),
)
FIELDS: Mapping[str, Any] = orjson.loads(make(new_id(), 1).encode())


@given(events)
def test_an_event_reads_back_as_it_was_written(event: Event) -> None:
    assert decode(event.encode()) == event


@given(st.binary())
def test_any_bytes_are_an_event_or_malformed(body: bytes) -> None:
    with pytest.raises(MalformedEventError):
        decode(body)


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"specversion", "datacontenttype"}))
def test_an_envelope_without_one_of_its_fields_is_malformed(field: str) -> None:
    with pytest.raises(MalformedEventError, match="not an event envelope"):
        decode(orjson.dumps({name: value for name, value in FIELDS.items() if name != field}))


def test_the_envelope_has_the_names_of_cloudevents() -> None:
    assert FIELDS["specversion"] == "1.0"
    assert FIELDS["dataschema"] == "urn:quanheng:probe:thing.happened:1"
    assert FIELDS["time"] == "2013-09-17T01:00:00Z"
    assert all(name.isalnum() and name.islower() for name in FIELDS)


@given(st.uuids())
def test_a_case_has_one_partition_for_good(case: object) -> None:
    assert partition_of(str(case)) == partition_of(str(case))
    assert 0 <= partition_of(str(case)) < PARTITIONS


def test_cases_spread_over_all_partitions() -> None:
    assert {partition_of(new_id()) for _ in range(200)} == set(range(PARTITIONS))


def test_an_event_carries_the_instant_it_was_made() -> None:
    before = datetime.now(UTC).timestamp()
    event = make(new_id(), 1)
    assert before - 0.002 <= committed(event) <= datetime.now(UTC).timestamp() + 0.002
