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
REGISTRY = CollectorRegistry()

requests = Counter("quanheng_http_requests_total", "HTTP requests answered.", ["status"], registry=REGISTRY)
request_seconds = Histogram("quanheng_http_request_seconds", "Duration of requests.", registry=REGISTRY)
connections = Gauge("quanheng_http_connections", "Open connections.", registry=REGISTRY)

published = Counter("quanheng_events_published_total", "Events confirmed by the broker.", registry=REGISTRY)
unroutable = Counter(
    "quanheng_events_unroutable_total", "Events returned by the broker: no queue bound.", registry=REGISTRY
)
consumed = Counter("quanheng_events_consumed_total", "Events handled.", ["source"], registry=REGISTRY)
duplicates = Counter("quanheng_events_duplicate_total", "Duplicate events, ignored.", ["source"], registry=REGISTRY)
retried = Counter("quanheng_events_retried_total", "Retries of held events.", registry=REGISTRY)
batch_size = Histogram(
    "quanheng_consumer_batch_size",
    "Events in one consumer transaction.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
    registry=REGISTRY,
)
commit_to_consumed = Histogram(
    "quanheng_event_latency_seconds",
    "Time from the producer's commit to the consumer's.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300),
    registry=REGISTRY,
)
outbox_depth = Gauge("quanheng_outbox_depth", "Events committed but not yet published.", registry=REGISTRY)
outbox_age = Gauge("quanheng_outbox_age_seconds", "Age of the oldest unpublished event.", registry=REGISTRY)
lag = Gauge(
    "quanheng_consumer_lag", "Messages waiting in the queues that this process reads.", ["source"], registry=REGISTRY
)
held = Gauge("quanheng_events_held", "Events held, waiting for a retry or for an earlier event.", registry=REGISTRY)
parked = Gauge("quanheng_events_parked", "Events that need a person.", registry=REGISTRY)
deliveries = Counter(
    "quanheng_deliveries_total",
    "Attempts to deliver a message or webhook: delivered, later (will be retried) or failed (a person must act).",
    ["channel", "outcome"],
    registry=REGISTRY,
)


def exposition() -> bytes:
    return generate_latest(REGISTRY)
