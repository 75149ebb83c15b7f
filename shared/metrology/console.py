"""The metrology commands of `quanheng`. Their options are the parameters that a programme asks for."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from shared.metrology.limits import FamilyError
from shared.metrology.parts import GENERAL, verified
from shared.metrology.records import read_report
from shared.metrology.registry import family, known_families, programme
from shared.metrology.series import read_members, select
from shared.metrology.verdicts import recompute

if TYPE_CHECKING:
    from shared.metrology.family import Family
    from shared.metrology.limits import Mpe
    from shared.metrology.parts import Parameter, Programme


class Programmes(click.Group):
    """A command for every programme of every family."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        held = (one.id for name in known_families() for one in family(name).programmes if one.rows)
        return list(dict.fromkeys(held))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        return _command(*programme(cmd_name))


@click.group(cls=Programmes)
def mpe() -> None:
    """Maximum permissible errors. 最大允许误差"""


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="As data. 输出JSON")
def series(file: BinaryIO, *, as_json: bool) -> None:
    """Which members of a series are tested, and why. 系列产品的样机选择

    FILE (- reads standard input) is JSON: {"family": "r60", "members": [{"id": "C3-50", "class": "C", "n_lc": "3000",
    "emax": "50 kg"}, …]}, the characteristics of each member as texts.
    """
    data = read_json(file)
    if not isinstance(data.get("members"), list) or not all(isinstance(one, dict) for one in data["members"]):
        raise FamilyError(
            'members：请给出规格清单[{"id": …, …}, …]', 'members: give a list of members, [{"id": …, …}, …]'
        )
    held = family(str(data.get("family", "")))
    members = [{str(key): str(value) for key, value in one.items()} for one in data["members"]]
    choices = select(held, read_members(held, members))
    if as_json:
        told = [
            {"member": one.member, "tests": one.tests, "covered_by": one.covered_by, **one.told._asdict()}
            for one in choices
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for one in choices:
            click.echo(f"{one.member}: {', '.join(one.tests) or '-'}  {one.told.zh} {one.told.en}")
    if held.series and not verified(held.series.confidence):
        click.echo(f"unverified 未核实: {held.series.source}", err=True)


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="As data. 输出JSON")
def verdict(file: BinaryIO, *, as_json: bool) -> None:
    """Recompute a report and name every contradiction; status 1 if there is one. 重新判定

    FILE (- reads standard input) is JSON: {"programme": "r76", "instrument": {…}, "prototypes": [{"serial": …}],
    "records": [{"item": "r76.weighing", "prototype": …, "on": …, "points": [{"load": "5 kg", …}]}]}.
    """
    found = recompute(read_report(read_json(file)))
    wrong = [{**asdict(one), "computed": one.computed._asdict()} for one in found.contradictions]
    if as_json:
        told = {"verdict": found.verdict, "reason": found.reason._asdict(), "contradictions": wrong}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{found.verdict}: {found.reason}")
        for one in found.contradictions:
            click.echo(f"contradiction 矛盾: {one.told}")
    if wrong:
        click.get_current_context().exit(1)


def read_json(file: BinaryIO) -> dict[str, Any]:
    """The JSON object in a file; raises FamilyError for anything else."""
    try:
        found = json.load(file)
    except (ValueError, RecursionError) as error:
        raise FamilyError(f"{file.name}不是JSON：{error}", f"{file.name}: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise FamilyError(f"{file.name}：请给出JSON对象", f"{file.name}: give a JSON object")
    return found


def _command(held: Family, shown: Programme) -> click.Command:
    editions = [one.edition for one in held.programmes if one.id == shown.id]
    options: list[click.Parameter] = [_option(held.parameters[name]) for name in shown.asks]
    options += [
        click.Option(
            ["--edition"], default=editions[0], help=f"One of {', '.join(editions)}; the year is enough. 版本"
        ),
        click.Option(["--in-service"], is_flag=True, help="In service instead of initial verification. 使用中检验"),
        click.Option(["--country"], help="Country whose limits in service hold, as ES; implies --in-service. 国家"),
        click.Option(["--json", "as_json"], is_flag=True, help="With rule, edition and source."),
    ]

    def tell(edition: str, country: str | None, *, in_service: bool, as_json: bool, **given: str | None) -> None:
        found = programme(shown.id, edition)[1]
        texts = {name: given[_argument(name)] for name in shown.asks}
        limits = held.mpe(
            found,
            {name: text for name, text in texts.items() if text is not None},
            country or (GENERAL if in_service else None),
        )
        click.echo(json.dumps(as_data(limits), ensure_ascii=False) if as_json else _line(limits))
        if not limits.verified:
            click.echo(f"unverified 未核实: {limits.rule_id}, {limits.source}", err=True)

    return click.Command(
        shown.id, params=options, callback=tell, help=f"{shown.name.en}, {shown.edition}. {shown.name.zh}"
    )


def _option(parameter: Parameter) -> click.Option:
    said = f"{parameter.name.en[:1].upper()}{parameter.name.en[1:]}"
    among = (
        f": {', '.join(parameter.values)}" if parameter.values else f", in {parameter.unit}" if parameter.unit else ""
    )
    return click.Option(
        [f"--{parameter.id.replace('_', '-')}", _argument(parameter.id)],
        default=parameter.default or None,
        show_default=bool(parameter.default),
        help=f"{said}{among}. {parameter.name.zh}",
    )


def _argument(name: str) -> str:
    return f"given_{name}"


def _line(limits: Mpe) -> str:
    exact = limits.lower.ends and limits.upper.ends
    return limits.told() if exact else f"{limits.told()}  (exactly 精确值 {limits})"


def as_data(limits: Mpe) -> dict[str, Any]:
    """Limits as JSON data: exact texts with their unit, rule, edition and source."""
    return {
        "mpe": str(limits),
        "lower": str(limits.lower),
        "upper": str(limits.upper),
        "rule": limits.rule_id,
        "edition": limits.edition,
        "source": limits.source,
        "verified": limits.verified,
    }
