"""`quanheng parked`: events that failed too often."""
# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from shared.terminal import WORDS, Refused, database, screen, service_option

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.group()
@service_option()
@click.pass_context
def parked(context: click.Context, service: str) -> None:
    """Manage events that failed too often, in the database named by QUANHENG_DATABASE_URL. 搁置事件"""
    context.obj = database(service)


@parked.command("list")
@click.pass_obj
def parked_list(engine: Engine) -> None:
    """List parked events, oldest first. 列出"""
    from rich.table import Table

    from shared.messaging.parked import list_parked

    table = Table("id", "event", "case", "seq", "tries", "parked", "error", box=None)
    with engine.connect() as tx:
        for event in list_parked(tx):
            told = (event["type"] or "?", event["subject"], str(event.get("case_seq", "")))
            since = f"{event['parked_at']:%Y-%m-%d %H:%M}"
            table.add_row(str(event["id"]), *told, str(event["attempts"]), since, event["error"])
    screen().print(table)


@parked.command("show")
@click.argument("held_id", metavar="ID", type=int)
@click.pass_obj
def parked_show(engine: Engine, held_id: int) -> None:
    """Show a parked event with its bytes. 查看"""
    from shared.messaging.parked import get_parked

    with engine.connect() as tx:
        for field, value in get_parked(tx, held_id).items():
            click.echo(f"{field}: {value}")


@parked.command("redrive")
@click.argument("held_id", metavar="ID", type=int, required=False)
@click.option("--case", "subject", help="All events of this case 案件编号.")
@click.option("--all", "everything", is_flag=True, help="All events of this service 全部.")
@click.option("--by", "actor", type=WORDS, required=True, help="Who decides this; it is logged 经办人.")
@click.pass_obj
def parked_redrive(engine: Engine, held_id: int | None, subject: str | None, actor: str, *, everything: bool) -> None:
    """Retry one event, those of a case, or all. 重试"""
    from shared.messaging.parked import redrive

    if sum((held_id is not None, subject is not None, everything)) != 1:
        raise Refused("say which: an ID, --case NUMBER, or --all")
    with engine.begin() as tx:
        click.echo(redrive(tx, actor, held_id=held_id, subject=subject))


@parked.command("discard")
@click.argument("held_id", metavar="ID", type=int)
@click.option("--reason", type=WORDS, required=True, help="The reason; it is logged 理由.")
@click.option("--by", "actor", type=WORDS, required=True, help="Who decides this; it is logged 经办人.")
@click.pass_obj
def parked_discard(engine: Engine, held_id: int, reason: str, actor: str) -> None:
    """Discard an event: it never takes effect, and the later events of its case proceed. 放弃"""
    from shared.messaging.parked import discard

    with engine.begin() as tx:
        discard(tx, actor, held_id, reason)
