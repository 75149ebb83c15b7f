"""`quanheng due` and `quanheng law`: legal time limits and rules without a server."""
# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from shared.law.rows import PERMIT_IDS, Named, Telling
from shared.terminal import Refused, day_of, doubt_of, screen, weekday
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from rich.console import Console

    from shared.law import Due, PermitId, RuleSet

    _Lines = Sequence[tuple[Named | Telling, str, str]]
    _Section = tuple[str, tuple[str, str], _Lines]

_WEIGHTS = {
    "statutory": "statutory limits 法定期限",
    "promised": "promised limits 承诺期限",
    "internal": "the office's own limits 内部期限",
    "window": "periods in which somebody may act 可行使权利的期限",
}


@click.command()
@click.argument("start")
@click.argument("limit")
@click.option("--explain", is_flag=True, help="List every day, and why it counts or not. 逐日说明")
@click.option(
    "--svg", "picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw the days to this SVG file. 绘图"
)
def due(start: str, limit: str, picture: Path | None, *, explain: bool) -> None:
    """Compute the last day of a LIMIT (5wd working days, 3mo months, 60d days) from START (YYYY-MM-DD). 期限届满日"""
    from shared import law

    answer = law.due(day_of(start), law.Limit.parse(limit), law.national())
    if explain:
        _explain(answer)
    if picture:
        _draw(answer, picture)
    click.echo(answer.on.isoformat())
    if answer.provisional:
        click.echo("provisional 暂定: a year's holidays are not published yet 所涉年份节假日安排尚未公布", err=True)


def _explain(answer: Due) -> None:
    from rich.table import Table

    table = Table("date 日期", "weekday 星期", "n", "why", "说明", box=None)
    for day in answer.days:
        table.add_row(day.on.isoformat(), weekday(day.on), str(day.number or "-"), day.why.en, day.why.zh)
    screen().print(table)


def _draw(answer: Due, file: Path) -> None:
    from shared import law

    begun = [law.LedgerEntry(law.EntryKind.STARTED, answer.start, "")]
    told = law.explanation(begun, answer.limit, answer.calendar, answer.start)
    try:
        file.write_text(law.draw(told, Text(answer.limit.zh, answer.limit.en)), encoding="utf-8")
    except OSError as error:
        raise Refused(f"cannot write {file}: {error.strerror}") from error


@click.group()
def law() -> None:
    """Show and check the rules, as dated data. 规则"""


@law.command()
@click.option("--on", "on", required=True, help="The day, YYYY-MM-DD.")
@click.option("--permit", required=True, type=click.Choice(PERMIT_IDS))
@click.option("--rules", "name", default="jilin-2013", show_default=True, help="The rule set.")
def show(on: str, permit: str, name: str) -> None:
    """Show the rules for a permit on a day, their basis, and which are unverified. 当日适用规则"""
    from shared.law import load

    rules, day, procedure = load(name), day_of(on), cast("PermitId", permit)
    regime = rules.regime(procedure, day)
    paper = screen()
    paper.print(f"{regime.id}  {regime.name.en}  {regime.name.zh}{doubt_of(verified=regime.verified)}")
    for title, columns, rows in _rules_of_the_day(rules, day, procedure):
        if rows:
            _rows(paper, title, columns, rows)
    if regime.abolished:
        paper.print("no clocks: the permit is abolished 许可已取消，无期限")


def _rules_of_the_day(rules: RuleSet, day: date, permit: PermitId) -> Iterator[_Section]:
    clocks = rules.limits_on(day, permit)
    for weight, title in _WEIGHTS.items():
        held = [row for row in clocks if row.weight == weight]
        yield title, ("limit", "holder"), [(row, str(row.limit or row.until), row.holder) for row in held]
    silences = [row for clock in clocks if (row := rules.silence(clock.id, day))]
    yield "silence 逾期的法律后果", ("limit", "effect"), [(row, row.limit, row.effect) for row in silences]
    changes = [row for row in rules.law_changes(permit) if row.on >= day]
    yield "changes to come 之后的法律变化", ("on", "kind"), [(row, str(row.on), row.kind) for row in changes]
    if permit == "type_approval":
        items = rules.catalogue_on(day)
        yield (
            "catalogue 目录",
            ("mode", "letter"),
            [(row, f"{row.catalogue} {row.mode}", row.letter or "-") for row in items],
        )
    norms = [row for row in rules.norms if row.in_force(day)]
    yield "norms 技术规范", ("edition", ""), [(row, row.code, "") for row in norms]
    remedies = [row for against in ("decision", "silence") for row in rules.remedies_on(day, against)]
    yield "remedies 救济", ("against", ""), [(row, row.against, "") for row in remedies]
    bars = [row for row in rules.bars if row.in_force(day)]
    yield "bars 禁止再次申请", ("months", ""), [(row, str(row.months), "") for row in bars]
    marks = [row for row in rules.marks if row.in_force(day)]
    yield "marks 标志", ("ground", ""), [(row, row.mode, "") for row in marks]


def _rows(paper: Console, title: str, columns: tuple[str, str], rows: _Lines) -> None:
    from rich.table import Column, Table

    headers = [Column(header, overflow="fold") for header in ("id", *columns, "", "", "basis", "依据", "")]
    table = Table(*headers, title=title, title_justify="left", box=None)
    for row, first, second in rows:
        doubt = f"{row.confidence}{doubt_of(verified=row.verified)}"
        said = row.name if isinstance(row, Named) else row.told
        table.add_row(row.id, first, second, said.zh, said.en, row.basis.en, row.basis.zh, doubt)
    paper.print(table)


@law.command()
@click.option("--rules", "name", help="One rule set of this package; default: all.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with the files of a rule set, instead.",
)
def check(name: str | None, data: Path | None) -> None:
    """Check rule sets, and report their size and gaps; fails on a faulty row. 校验规则数据"""
    from shared.law import known, load, read

    for rules in [read(data)] if data else map(load, [name] if name else known()):
        rows = rules.rows()
        unverified = sum(not row.verified for row in rows)
        click.echo(f"{rules.name}: {len(rows)} rows valid, {unverified} unverified 未核实")
        for gap in rules.gaps():
            click.echo(f"gap 空档: {gap}", err=True)
