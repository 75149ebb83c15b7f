"""Consumers and producers of an event can be deployed independently."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.messaging.envelope import Event, new_id
from shared.messaging.versions import UnreadableVersionError, Versions

EVENT = Event(
    id=new_id(),
    source="type_approval",
    type="application.accepted",
    version=1,
    subject="TA-2013-00001",
    time=datetime(2013, 9, 22, tzinfo=UTC),
    actor="wang",
    case_id=new_id(),
    case_seq=2,
    correlation_id="c",
    causation_id="",
    data={"day": "2013-09-22"},
)
SECOND = Versions(
    newest={("type_approval", "application.accepted"): 2},
    upcasts={("type_approval", "application.accepted"): lambda data: {"on": data["day"]}},
)


def test_a_reader_of_version_two_reads_version_one_as_two() -> None:
    read = SECOND.read(EVENT)
    assert (read.version, read.data) == (2, {"on": "2013-09-22"})


def test_a_reader_takes_its_own_version_as_it_is() -> None:
    event = replace(EVENT, version=2, data={"on": "2013-09-22"})
    assert SECOND.read(event) is event


@pytest.mark.parametrize("version", [0, 3])
def test_a_version_the_reader_does_not_know_is_refused_with_the_way_out(version: int) -> None:
    with pytest.raises(UnreadableVersionError, match=f"version {version}, but this consumer knows 2.*redrive"):
        SECOND.read(replace(EVENT, version=version))
