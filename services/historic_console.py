"""Historic registers on the command line: `quanheng historic`."""
# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

import click

from shared.casework import Cause
from shared.historic import loads
from shared.historic.kinds import Told
from shared.identity import Actor, Role
from shared.law import load
from shared.messaging.envelope import new_id
from shared.terminal import WORDS, Refused, database, service_option

if TYPE_CHECKING:
    from shared.historic.kinds import Historic


def _certificates() -> Historic:
    from services.type_approval.certificate.historic import CERTIFICATES

    return CERTIFICATES


def _licences() -> Historic:
    from services.licensing.licence.historic import LICENCES

    return LICENCES


_KINDS = {"type_approval": _certificates, "licensing": _licences}


@click.group()
def historic() -> None:
    """Permits of before this system, in the database named by QUANHENG_DATABASE_URL. 历史台账"""


@historic.command("import")
@service_option(*_KINDS)
@click.argument("file", type=click.File("rb"))
@click.option("--source", type=WORDS, required=True, help="What the register is called; it is published 台账名称.")
@click.option("--preview", is_flag=True, help="Say line by line what would become of it; change nothing 预览.")
@click.option("--by", "actor", type=WORDS, help="Who enters it; it is recorded 经办人.")
def take(service: str, file: BinaryIO, source: str, actor: str | None, *, preview: bool) -> None:
    """Enter permits from a register, whole or not at all. 导入历史台账

    FILE (- reads standard input) is CSV or .xlsx, with a line of headings.
    """
    if not (actor or preview):
        raise Refused("give --by NAME, the person who enters it, or --preview")
    told = _told(actor or "preview", source)
    with database(service).connect() as tx:
        loaded = loads.take(tx, _KINDS[service](), file.read(), told, preview=preview)
        for line in loaded.lines:
            click.echo(f"{line.number:>5}  {line.outcome:6}  {line.code}")
            for said in (*line.faults, *line.remarks):
                click.echo(f"       {said.name}: {said.reason}")
        for gap in loaded.gaps:
            click.echo(f"missing 缺号: {gap['first']} … {gap['last']} ({gap['count']})")
        if preview:
            click.echo("nothing was changed 未作更改")
            return
        if any(line.faults for line in loaded.lines):
            raise Refused("nothing was changed: correct the lines above 未作更改，请改正以上各行")
        tx.commit()
    click.echo(loaded.batch)


@historic.command("take-back")
@service_option(*_KINDS)
@click.argument("batch", type=WORDS)
@click.option("--reason", type=WORDS, required=True, help="Why; it is kept in the journals 理由.")
@click.option("--by", "actor", type=WORDS, required=True, help="Who takes it back; it is recorded 经办人.")
def take_back(service: str, batch: str, reason: str, actor: str) -> None:
    """Take a whole import back; the list in the portal has its BATCH. 撤销整批"""
    with database(service).begin() as tx:
        count = loads.take_back(tx, _KINDS[service](), batch, reason, _told(actor, ""))
    click.echo(f"{count} taken back 件已撤销")


def _told(actor: str, source: str) -> Told:
    who = Actor(actor, actor, Role.STAFF, posts=frozenset({"section_head"}))
    return Told(who, datetime.now(UTC), load(), source, Cause(new_id(), ""))
