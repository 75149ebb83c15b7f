"""The event envelope: CloudEvents 1.0 attributes as one line of JSON."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from uuid_utils import uuid7

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTITIONS = 4
"""Number of ordered streams per service. A change moves cases between streams, so outboxes and queues must be empty."""

_MAX_SEQ = 2**31 - 1
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class MalformedEventError(Exception):
    """The bytes are not an event of this system; the text says why."""


@dataclass(frozen=True, slots=True)
class Event:
    """A fact about a case. `case_seq` counts the events of a (source, case) from 1 without gaps."""

    id: str
    source: str
    type: str
    version: int
    subject: str
    time: datetime
    actor: str
    case_id: str
    case_seq: int
    correlation_id: str
    causation_id: str
    data: Mapping[str, Any]

    @property
    def partition(self) -> int:
        return partition_of(self.case_id)

    @property
    def routing_key(self) -> str:
        return f"{self.type}.{self.partition}"

    def encode(self) -> str:
        return orjson.dumps(
            {
                "specversion": "1.0",
                "id": self.id,
                "source": self.source,
                "type": self.type,
                "dataschema": f"urn:quanheng:{self.source}:{self.type}:{self.version}",
                "datacontenttype": "application/json",
                "subject": self.subject,
                "time": self.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "actor": self.actor,
                "caseid": self.case_id,
                "caseseq": self.case_seq,
                "correlationid": self.correlation_id,
                "causationid": self.causation_id,
                "data": self.data,
            }
        ).decode()


def new_id() -> str:
    """A new identifier that sorts by time of creation (UUID version 7)."""
    return str(uuid7())


def partition_of(case_id: str) -> int:
    """The stream of a case: all its events take the same one, in order."""
    return zlib.crc32(case_id.encode()) % PARTITIONS


def decode(body: bytes | str) -> Event:
    """Parse an event. Raises MalformedEventError."""
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedEventError(f"not JSON: {error}") from None
    try:
        event = Event(
            id=_uuid(raw["id"]),
            source=raw["source"],
            type=raw["type"],
            version=int(raw["dataschema"].rpartition(":")[2]),
            subject=raw["subject"],
            time=datetime.fromisoformat(raw["time"]),
            actor=raw["actor"],
            case_id=_uuid(raw["caseid"]),
            case_seq=raw["caseseq"],
            correlation_id=raw["correlationid"],
            causation_id=raw["causationid"],
            data=raw["data"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedEventError(f"not an event envelope: {type(error).__name__}: {error}") from None
    if fault := _fault(event):
        raise MalformedEventError(f"not an event envelope: {fault}")
    return event


def _uuid(text: str) -> str:
    if not _UUID.fullmatch(text):
        raise ValueError(f"{text!r} is not a UUID")
    return text


def _fault(event: Event) -> str:
    """Why the event cannot be stored; empty if it can."""
    for text in (event.source, event.type, event.subject, event.actor, event.correlation_id, event.causation_id):
        if not isinstance(text, str) or "\0" in text:
            return f"{text!r} is not text that can be stored"
    if type(event.case_seq) is not int or not 1 <= event.case_seq <= _MAX_SEQ:
        return f"caseseq {event.case_seq!r} is not a whole number from 1 to {_MAX_SEQ}"
    if event.time.tzinfo is None:
        return f"time {event.time.isoformat()} has no offset"
    return "" if isinstance(event.data, dict) else "data is not an object"
