"""The consumer process: a Celery worker with threads, a transaction for each task."""
# ruff: noqa: ANN001

import kit
from celery import Celery
from kombu import Exchange, Queue
from sqlalchemy import create_engine, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

engine = create_engine(kit.CONSUMER_URL, pool_size=kit.POOL, max_overflow=4, **kit.JSON)
app = Celery("notifications", broker=kit.AMQP_URL)
EVENTS = Exchange(kit.EXCHANGE, type="topic", durable=True)
app.conf.update(
    task_queues=[Queue(kit.QUEUE, EVENTS, routing_key="#", queue_arguments={"x-queue-type": "quorum"})],
    task_default_exchange=kit.EXCHANGE,
    task_default_exchange_type="topic",
    task_default_queue=kit.QUEUE,
    task_default_delivery_mode="persistent",
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_detect_quorum_queues=True,
    worker_enable_remote_control=False,
    broker_transport_options={"confirm_publish": True},
    broker_connection_retry_on_startup=True,
)

SEEN = upsert(kit.received).on_conflict_do_nothing().returning(kit.received.c.event_id)


@app.task(name="on_event")
def on_event(event) -> None:
    with engine.begin() as tx:
        if tx.execute(SEEN, {"event_id": event["id"]}).first() is None:
            return
        changed = {"state": event["data"]["state"], "events": kit.tracked.c.events + 1}
        tx.execute(update(kit.tracked).where(kit.tracked.c.id == event["caseid"]).values(changed))
        told = kit.event(event["caseid"], event["subject"], event["caseseq"], "heard")
        tx.execute(insert(kit.outbox), told)
