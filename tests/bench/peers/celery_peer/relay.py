"""The relay process: takes outbox rows out in pages, sends each as a task with its confirm, commits."""

import signal
import threading

import kit
import orjson
from consume import app
from sqlalchemy import create_engine, delete, select

page = select(kit.outbox.c.id).order_by(kit.outbox.c.id).limit(kit.BATCH).with_for_update(skip_locked=True)
TAKE = delete(kit.outbox).where(kit.outbox.c.id.in_(page.scalar_subquery())).returning(kit.outbox)

stopping = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stopping.set())
engine = create_engine(kit.PRODUCER_URL)
with app.producer_or_acquire() as producer:
    while not stopping.is_set():
        with engine.begin() as tx:
            rows = tx.execute(TAKE).all()
            for row in rows:
                app.send_task(
                    "on_event",
                    (orjson.loads(row.body),),
                    task_id=row.event_id,
                    routing_key=row.routing_key,
                    producer=producer,
                )
        if not rows:
            stopping.wait(kit.IDLE_SECONDS)
