"""The metrics of every service at `/metrics`, in the Prometheus text format."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

disable_created_metrics()  # type: ignore[no-untyped-call]
HTTP = CollectorRegistry()
"""Of requests."""
EVENTS = CollectorRegistry()
"""Of events, and of messages sent."""
BACKLOG = CollectorRegistry()
"""Of what waits in the database."""
DOCUMENTS = CollectorRegistry()
"""Metrics of the documents of permits."""

requests = Counter("quanheng_http_requests_total", "HTTP requests answered.", ["status"], registry=HTTP)
request_seconds = Histogram("quanheng_http_request_seconds", "Duration of requests.", registry=HTTP)
connections = Gauge("quanheng_http_connections", "Open connections.", registry=HTTP)

published = Counter("quanheng_events_published_total", "Events confirmed by the broker.", registry=EVENTS)
unroutable = Counter(
    "quanheng_events_unroutable_total", "Events returned by the broker: no queue bound.", registry=EVENTS
)
consumed = Counter("quanheng_events_consumed_total", "Events handled.", ["source"], registry=EVENTS)
duplicates = Counter("quanheng_events_duplicate_total", "Duplicate events, ignored.", ["source"], registry=EVENTS)
retried = Counter("quanheng_events_retried_total", "Retries of held events.", registry=EVENTS)
batch_size = Histogram(
    "quanheng_consumer_batch_size",
    "Events in one consumer transaction.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
    registry=EVENTS,
)
commit_to_consumed = Histogram(
    "quanheng_event_latency_seconds",
    "Time from the producer's commit to the consumer's.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300),
    registry=EVENTS,
)
lag = Gauge(
    "quanheng_consumer_lag", "Messages waiting in the queues that this process reads.", ["source"], registry=EVENTS
)
deliveries = Counter(
    "quanheng_deliveries_total",
    "Attempts to deliver a message or webhook: delivered, later (will be retried) or failed (a person must act).",
    ["channel", "outcome"],
    registry=EVENTS,
)

outbox_depth = Gauge("quanheng_outbox_depth", "Events committed but not yet published.", registry=BACKLOG)
outbox_age = Gauge("quanheng_outbox_age_seconds", "Age of the oldest unpublished event.", registry=BACKLOG)
held = Gauge("quanheng_events_held", "Events held, waiting for a retry or for an earlier event.", registry=BACKLOG)
parked = Gauge("quanheng_events_parked", "Events that need a person.", registry=BACKLOG)

documents = Counter("quanheng_documents_made_total", "Certificates and licences made.", registry=DOCUMENTS)
documents_waiting = Gauge("quanheng_documents_waiting", "Documents ordered, not yet made.", registry=DOCUMENTS)
documents_failing = Gauge("quanheng_documents_failing", "Of those, how many could not be made.", registry=DOCUMENTS)


def exposition(*registries: CollectorRegistry) -> bytes:
    return b"".join(map(generate_latest, registries))
