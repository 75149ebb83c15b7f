"""The relay process: takes outbox rows out in pages, publishes a page at once, waits for all confirms, commits."""
# ruff: noqa: ANN001

import asyncio
import signal

import kit
import uvloop
from faststream.rabbit import ExchangeType, RabbitBroker, RabbitExchange
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import create_async_engine

page = select(kit.outbox.c.id).order_by(kit.outbox.c.id).limit(kit.BATCH).with_for_update(skip_locked=True)
TAKE = delete(kit.outbox).where(kit.outbox.c.id.in_(page.scalar_subquery())).returning(kit.outbox)


async def main() -> None:
    engine = create_async_engine(kit.PRODUCER_URL)
    broker = RabbitBroker(kit.AMQP_URL)
    exchange = RabbitExchange(kit.EXCHANGE, type=ExchangeType.TOPIC, durable=True)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with broker:
        await broker.declare_exchange(exchange)
        while not stopping.is_set():
            async with engine.begin() as tx:
                rows = (await tx.execute(TAKE)).all()
                await asyncio.gather(*(publish(broker, exchange, row) for row in rows))
            if not rows:
                await asyncio.sleep(kit.IDLE_SECONDS)
    await engine.dispose()


async def publish(broker, exchange, row) -> None:
    await broker.publish(
        row.body.encode(),
        exchange=exchange,
        routing_key=row.routing_key,
        message_id=row.event_id,
        content_type="application/json",
        persist=True,
        mandatory=True,
    )


uvloop.run(main())
