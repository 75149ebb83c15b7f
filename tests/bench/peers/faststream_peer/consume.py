"""The consumer process: FastStream, a transaction for each event."""

from typing import Any

import kit
import uvloop
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from pydantic import BaseModel
from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(kit.CONSUMER_URL, pool_size=kit.POOL, max_overflow=4, **kit.JSON)
broker = RabbitBroker(kit.AMQP_URL, default_channel=Channel(prefetch_count=kit.CONCURRENCY))
app = FastStream(broker)

SEEN = upsert(kit.received).on_conflict_do_nothing().returning(kit.received.c.event_id)


class Envelope(BaseModel):
    id: str
    type: str
    subject: str
    caseid: str
    caseseq: int
    data: dict[str, Any]


@broker.subscriber(
    RabbitQueue(kit.QUEUE, durable=True, queue_type=QueueType.QUORUM, declare=False),
    ack_policy=AckPolicy.NACK_ON_ERROR,
)
async def on_event(event: Envelope) -> None:
    async with engine.begin() as tx:
        if (await tx.execute(SEEN, {"event_id": event.id})).first() is None:
            return
        changed = {"state": event.data["state"], "events": kit.tracked.c.events + 1}
        await tx.execute(update(kit.tracked).where(kit.tracked.c.id == event.caseid).values(changed))
        told = kit.event(event.caseid, event.subject, event.caseseq, "heard")
        await tx.execute(insert(kit.outbox), told)


uvloop.run(app.run())
