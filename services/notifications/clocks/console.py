"""`quanheng calendar`: the notices of holidays that clocks are counted by."""
# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, BinaryIO

import click

from shared.terminal import WORDS, Refused, database, screen, weekday

if TYPE_CHECKING:
    from shared.law import Notice


_SERVICE = "notifications"


@click.group()
def calendar() -> None:
    """Manage holiday notices, in the database named by QUANHENG_DATABASE_URL. 工作日历"""


@calendar.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--source", "sources", multiple=True, help="URL of the notice, if missing in the file's `papers` 依据文件."
)
@click.option("--area", default="", help="The minority area that has these days off 民族自治地方.")
@click.option("--preview", is_flag=True, help="Show which open clocks would move; change nothing 预览.")
@click.option("--by", "actor", type=WORDS, help="Who publishes it; it is stored 经办人.")
def calendar_import(file: BinaryIO, sources: tuple[str, ...], area: str, actor: str | None, *, preview: bool) -> None:
    """Publish a holiday notice. 导入节假日安排

    FILE (- reads standard input) has the days of a year as JSON in the format of holiday-cn.
    """
    from datetime import UTC, datetime

    from shared.calendars import publish, read

    notice = read(file.read(), sources, area)
    click.echo(f"{notice.name.zh} {notice.name.en}: {_days_of(notice)}")
    click.echo(f"source 依据: {'; '.join(notice.sources)}")
    if preview:
        _foresee(notice)
        return
    if not actor:
        raise Refused("give --by NAME, the person who publishes it, or --preview")
    with database(_SERVICE).begin() as tx:
        made = publish(tx, notice, _SERVICE, actor, datetime.now(UTC))
    if made is None:
        click.echo("nothing changed: the newest version says the same 与现行版本相同，未作更改")
    else:
        click.echo(f"published as version {made.number}; open clocks are now counted by it 已发布，未结期限重新计算")


def _days_of(notice: Notice) -> str:
    return f"{len(notice.off)} days off 放假, {len(notice.make_up)} make-up days 调休上班"


def _foresee(notice: Notice) -> None:
    """Print the effect of the notice on open clocks, computed by the service that keeps them."""
    from services.notifications.clocks.reprojection import foresee

    with database(_SERVICE).connect() as tx:
        found = foresee(tx, notice)
    click.echo(f"open clocks that move 变动的期限: {found.moving}")
    for days, clocks in sorted(found.moves.items()):
        click.echo(f"  {abs(days):>3} days {'later 延后' if days > 0 else 'earlier 提前'}: {clocks}")
    click.echo(f"no longer provisional 不再暂定: {found.settled}")
    click.echo(f"recorded breaches that stay 不变的逾期记录: {found.breached}")
    click.echo("nothing was changed 未作更改")


@calendar.command("list")
def calendar_list() -> None:
    """List the versions: that of the library, then every notice. 列出版本"""
    from rich.table import Table

    from shared.calendars import published
    from shared.law import national

    table = Table("version", "year", "area", "days off", "make-up", "published", "by", "source", box=None)
    table.add_row("0", *[""] * 6, national().version)
    with database(_SERVICE).connect() as tx:
        for notice, by, at in published(tx):
            size = (str(len(notice.off)), str(len(notice.make_up)))
            which = (str(notice.number), str(notice.year), notice.area)
            table.add_row(*which, *size, f"{at:%Y-%m-%d %H:%M}", by, "; ".join(notice.sources))
    screen().print(table)


@calendar.command("show")
@click.argument("year", type=click.IntRange(1999, 9998))
def calendar_show(year: int) -> None:
    """Show the days off and make-up days of a year in the newest version, and their sources. 查看"""
    from rich.table import Table

    from shared.calendars import current

    with database(_SERVICE).connect() as tx:
        calendars = current(tx)
    newest = calendars.newest
    provisional = newest.provisional(date(year, 1, 1), date(year, 12, 31))
    click.echo(f"{year}: {'provisional 暂定' if provisional else 'published 已公布'} ({newest.version})")
    for notice in calendars.of(year):
        click.echo(f"{notice.name.zh} {notice.name.en}: {'; '.join(notice.sources)}")
    table = Table("date 日期", "weekday 星期", "kind", "name", "名称", box=None)
    for day in newest.unusual(year):
        table.add_row(day.date.isoformat(), weekday(day.date), str(day.kind), day.name.en, day.name.zh)
    screen().print(table)
