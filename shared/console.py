"""The command line, `quanheng`: legal time limits and rules without a server, and tools for operators.

Commands import what they need when they run, so that `--help` stays fast.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click

from shared.documents.console import keys, verify
from shared.identity.actors import STAFF_POSTS
from shared.problems import Problem
from shared.text import is_visible, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from sqlalchemy import Engine

    from shared.law import Due, Notice, Procedure, RuleSet

    _Section = tuple[str, tuple[str, str], Sequence[tuple[Any, str, str]]]

_WIDE = 200
_WEIGHTS = {
    "statutory": "statutory limits 法定期限",
    "promised": "promised limits 承诺期限",
    "internal": "the office's own limits 内部期限",
    "window": "periods in which somebody may act 可行使权利的期限",
}


class Refused(click.ClickException):
    """What was asked cannot be done; the text says why."""

    exit_code = 2


_METROLOGY = "shared.metrology.console"
_EXCHANGE = "shared.metrology.exchange"
_ELSEWHERE = {
    **dict.fromkeys(("mpe", "series", "verdict"), _METROLOGY),
    **dict.fromkeys(("dcc", "record", "template"), _EXCHANGE),
    "register": "services.type_approval.registers.console",
}
"""Commands of other modules, imported on demand."""


class Commands(click.Group):
    """Turns bad input (any ValueError or Problem) into a clear message and exit status 2."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse invisible characters in all arguments, then parse those of the group."""
        for typed in args:
            if why := refused(typed, lines=True):
                raise Refused(f"{typed!r} has {why}")
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _ELSEWHERE:
            found: click.Command = getattr(import_module(_ELSEWHERE[cmd_name]), cmd_name)
            return found
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ValueError, Problem) as error:
            raise Refused(_told(error) if isinstance(error, Problem) else str(error)) from error


class _Words(click.ParamType[str]):
    """A text that is not blank."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not is_visible(value):
            self.fail("this must not be blank", param, ctx)
        return value


WORDS = _Words()


def _told(problem: Problem) -> str:
    """The detail of a problem, and every fault of a file."""
    faults = (f"{fault.name}: {fault.reason}" for fault in problem.violations)
    return "\n  ".join((problem.detail.partition(", listed in")[0], *faults))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """权衡 Quanheng: limits, rules and error tables of legal metrology, and tools for operators."""


main.add_command(verify)
main.add_command(keys)


@main.command()
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
        table.add_row(day.on.isoformat(), _weekday(day.on), str(day.number or "-"), day.why_en, day.why_zh)
    _paper().print(table)


def _draw(answer: Due, file: Path) -> None:
    from shared import law

    begun = [law.Entry(law.EntryKind.STARTED, answer.start, "")]
    told = law.explanation(begun, answer.limit, answer.calendar, answer.start)
    try:
        file.write_text(law.draw(told, answer.limit.zh, answer.limit.en), encoding="utf-8")
    except OSError as error:
        raise Refused(f"cannot write {file}: {error.strerror}") from error


@main.group()
def law() -> None:
    """Show and check the rules, as dated data. 规则"""


@law.command()
@click.option("--on", "on", required=True, help="The day, YYYY-MM-DD.")
@click.option("--permit", required=True, type=click.Choice(["type_approval", "manufacture"]))
@click.option("--rules", "name", default="jilin-2013", show_default=True, help="The rule set.")
def show(on: str, permit: str, name: str) -> None:
    """Show the rules for a permit on a day, their basis, and which are unverified. 当日适用规则"""
    from shared.law import load

    rules, day, procedure = load(name), day_of(on), cast("Procedure", permit)
    regime = rules.regime(procedure, day)
    paper = _paper()
    paper.print(f"{regime.id}  {regime.en}  {regime.zh}{_doubt(verified=regime.verified)}")
    for title, columns, rows in _rules_of_theday_of(rules, day, procedure):
        if rows:
            _rows(paper, title, columns, rows)
    if regime.abolished:
        paper.print("no clocks: the permit is abolished 许可已取消，无期限")


def _rules_of_theday_of(rules: RuleSet, day: date, permit: Procedure) -> Iterator[_Section]:
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
    yield "norms 技术规范", ("edition", ""), [(row, row.name, "") for row in norms]
    remedies = [row for against in ("decision", "silence") for row in rules.remedies_on(day, against)]
    yield "remedies 救济", ("against", ""), [(row, row.against, "") for row in remedies]
    bars = [row for row in rules.bars if row.in_force(day)]
    yield "bars 禁止再次申请", ("months", ""), [(row, str(row.months), "") for row in bars]
    marks = [row for row in rules.marks if row.in_force(day)]
    yield "marks 标志", ("ground", ""), [(row, row.mode, "") for row in marks]


def _rows(paper: Console, title: str, columns: tuple[str, str], rows: Sequence[tuple[Any, str, str]]) -> None:
    from rich.table import Column, Table

    headers = [Column(header, overflow="fold") for header in ("id", *columns, "", "", "basis", "依据", "")]
    table = Table(*headers, title=title, title_justify="left", box=None)
    for row, first, second in rows:
        doubt = f"{row.confidence}{_doubt(verified=row.verified)}"
        table.add_row(row.id, first, second, row.zh, row.en, row.basis, row.basis_zh, doubt)
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


@main.command()
@click.option("--role", type=click.Choice(["applicant", "lab", "staff"]), required=True, help="The role 身份.")
@click.option("--subject", type=WORDS, required=True, help="The person's identifier, as in the journal 人员标识.")
@click.option("--name", type=WORDS, help="The person's name 姓名.")
@click.option("--org", default="", help="Credit code of an applicant, id of a laboratory 所属单位.")
@click.option(
    "--post", "posts", multiple=True, type=click.Choice(STAFF_POSTS), help="A post of staff; may be repeated 岗位."
)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=".run/issuer.json",
    show_default=True,
    help="The development issuer's key, created by `make up` 签名密钥.",
)
def token(role: str, subject: str, name: str | None, org: str, posts: tuple[str, ...], key: Path) -> None:
    """Issue a token for development; production systems refuse it. 开发用令牌"""
    import json

    from shared.identity import Actor, Role, issue

    if role != "staff" and not org:
        raise Refused(f"--role {role} needs an organisation: give --org")
    actor = Actor(subject, name or subject, Role(role), org, frozenset(posts))
    click.echo(issue(json.loads(key.read_text(encoding="utf-8")), actor))


@main.group()
@click.option("--service", type=click.Choice(["licensing", "type_approval", "notifications"]), required=True)
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
    _paper().print(table)


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


@main.group()
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
    with database("notifications").begin() as tx:
        made = publish(tx, notice, actor, datetime.now(UTC))
    if made is None:
        click.echo("nothing changed: the newest version says the same 与现行版本相同，未作更改")
    else:
        click.echo(f"published as version {made.number}; open clocks are now counted by it 已发布，未结期限重新计算")


def _days_of(notice: Notice) -> str:
    return f"{len(notice.off)} days off 放假, {len(notice.make_up)} make-up days 调休上班"


def _foresee(notice: Notice) -> None:
    """Print the effect of the notice on open clocks, computed by the service that keeps them."""
    from importlib import import_module

    with database("notifications").connect() as tx:
        found = import_module("services.notifications.reprojection").foresee(tx, notice)
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
    with database("notifications").connect() as tx:
        for notice, by, at in published(tx):
            size = (str(len(notice.off)), str(len(notice.make_up)))
            which = (str(notice.number), str(notice.year), notice.area)
            table.add_row(*which, *size, f"{at:%Y-%m-%d %H:%M}", by, "; ".join(notice.sources))
    _paper().print(table)


@calendar.command("show")
@click.argument("year", type=click.IntRange(1999, 9998))
def calendar_show(year: int) -> None:
    """Show the days off and make-up days of a year in the newest version, and their sources. 查看"""
    from rich.table import Table

    from shared.calendars import current

    with database("notifications").connect() as tx:
        calendars = current(tx)
    newest = calendars.newest
    provisional = newest.provisional(date(year, 1, 1), date(year, 12, 31))
    click.echo(f"{year}: {'provisional 暂定' if provisional else 'published 已公布'} ({newest.version})")
    for notice in calendars.of(year):
        click.echo(f"{notice.name.zh} {notice.name.en}: {'; '.join(notice.sources)}")
    table = Table("date 日期", "weekday 星期", "kind", "name", "名称", box=None)
    for day in newest.unusual(year):
        table.add_row(day.date.isoformat(), _weekday(day.date), str(day.kind), day.name_en, day.name_zh)
    _paper().print(table)


def database(service: str) -> Engine:
    """The database of a service, as the environment names it. Raises Refused."""
    import os

    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError

    from shared.runtime.config import database_url

    url = os.environ.get("QUANHENG_DATABASE_URL")
    if not url:
        raise Refused("QUANHENG_DATABASE_URL is not set: set it to the database server, as for the services")
    namespace = os.environ.get("QUANHENG_NAMESPACE", "quanheng")
    engine = create_engine(database_url(url, f"{namespace}_{service}"))
    try:
        engine.connect().close()
    except OperationalError as error:
        raise Refused(f"the database of {service} in {namespace} cannot be used: {str(error.orig).strip()}") from None
    return engine


def _weekday(day: date) -> str:
    return f"{day:%a} {'一二三四五六日'[day.weekday()]}"


def _doubt(*, verified: bool) -> str:
    return "" if verified else "  unverified 未核实"


def day_of(text: str) -> date:
    """Raises Refused."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"date {text!r}: write a valid day as YYYY-MM-DD") from None


def _paper() -> Console:
    from rich.console import Console

    # A pipe has no width: do not fold tables at rich's default of 80 columns.
    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False)
