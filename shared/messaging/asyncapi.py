"""The event catalogue as an AsyncAPI 3 document, for external consumers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from shared.messaging.envelope import PARTITIONS
from shared.messaging.topology import events_exchange, queue_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.messaging.topology import Topology
    from shared.schemas import EventData

ENVELOPE = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "format": "uuid", "description": "UUID version 7; contains the time of the commit"},
    "source": {"type": "string"},
    "type": {"type": "string"},
    "dataschema": {"type": "string", "description": "urn:quanheng:<source>:<type>:<version>"},
    "datacontenttype": {"const": "application/json"},
    "subject": {"type": "string", "description": "the case number"},
    "time": {"type": "string", "format": "date-time"},
    "actor": {"type": "string"},
    "caseid": {"type": "string", "format": "uuid"},
    "caseseq": {"type": "integer", "minimum": 1, "description": "counts the events of a (source, case) without gaps"},
    "correlationid": {"type": "string"},
    "causationid": {"type": "string", "description": "the event that caused this one; empty if a request did"},
}


def document(topology: Topology, events: Mapping[str, Mapping[str, type[EventData]]]) -> dict[str, Any]:
    """One channel per exchange, one message per event type, one receive operation per consumer."""
    spec = APISpec("events", "1", "3.1.0", plugins=[MarshmallowPlugin()])
    channels, operations, messages = {}, {}, {}
    for source, types in events.items():
        keys = {event.replace(".", "_"): event for event in types}
        for key, event in keys.items():
            messages[f"{source}_{key}"] = _message(spec, source, event, types[event])
        channels[source] = {
            "address": events_exchange(source).name,
            "description": f"Routing key <type>.<partition>, partitions 0 to {PARTITIONS - 1}.",
            "messages": {key: {"$ref": f"#/components/messages/{source}_{key}"} for key in keys},
            "bindings": {"amqp": {"is": "routingKey", "exchange": {"type": "topic", "durable": True}}},
        }
        operations[f"{source}_tells"] = _operation("send", source)
        for reader in topology.consumers[source]:
            queues = [queue_name(reader, source, partition) for partition in range(PARTITIONS)]
            operations[f"{reader}_reads_{source}"] = {**_operation("receive", source), "description": ", ".join(queues)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "权衡 Quanheng events", "version": "1"},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": spec.to_dict().get("components", {}).get("schemas", {})},
    }


def _operation(action: str, source: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{source}"}}


def _message(spec: APISpec, source: str, event: str, schema: type[EventData]) -> dict[str, Any]:
    name = schema.__name__ if schema.__module__.startswith("shared.") else f"{source}_{schema.__name__}"
    if name not in spec.components.schemas:
        spec.components.schema(name, schema=schema)
    return {
        "name": event,
        "payload": {
            "type": "object",
            "required": [*ENVELOPE, "data"],
            "properties": {
                **ENVELOPE,
                "source": {"const": source},
                "type": {"const": event},
                "data": {"$ref": f"#/components/schemas/{name}"},
            },
        },
    }
