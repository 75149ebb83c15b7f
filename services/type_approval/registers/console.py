"""The registers on the command line: `quanheng register`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO

import click

from services.type_approval.registers.books import OF_LABORATORIES
from shared.identity import Actor, Role
from shared.law import load
from shared.registers import importing
from shared.registers.store import Said
from shared.terminal import WORDS, Refused, database, day_of


@click.group()
def register() -> None:
    """Manage the registers of laboratories, in the database named by QUANHENG_DATABASE_URL. 名册"""


@register.command("import")
@click.argument(
    "name", metavar="REGISTER", type=click.Choice([name for name, one in OF_LABORATORIES.items() if one.listed])
)
@click.argument("file", type=click.File("rb"))
@click.option("--lab", type=WORDS, required=True, help="The laboratory whose register it is 技术机构代码.")
@click.option("--since", help="The day from which it holds, YYYY-MM-DD; today if not said 自何日起.")
@click.option("--preview", is_flag=True, help="Say line by line what would become of it; change nothing 预览.")
@click.option("--by", "actor", type=WORDS, help="Who imports it; it is recorded 经办人.")
def take(name: str, file: BinaryIO, lab: str, since: str | None, actor: str | None, *, preview: bool) -> None:
    """Take a list of people or standards into a register, whole or not at all. 导入名册

    FILE (- reads standard input) is CSV or .xlsx, with a line of headings.
    """
    if not (actor or preview):
        raise Refused("give --by NAME, the person who imports it, or --preview")
    who = actor or "preview"
    said = Said(Actor(who, who, Role.STAFF), datetime.now(UTC))
    day = day_of(since) if since else None
    with database("type_approval").connect() as tx:
        lines = importing.take(tx, OF_LABORATORIES[name], lab, file.read(), day, said, load())
        for line in lines:
            click.echo(f"{line.number:>5}  {line.outcome:6}  {line.code}")
            for fault in line.faults:
                click.echo(f"       {fault.name}: {fault.reason}")
        if preview:
            click.echo("nothing was changed 未作更改")
            return
        if any(line.faults for line in lines):
            raise Refused("nothing was changed: correct the lines above 未作更改，请改正以上各行")
        tx.commit()
