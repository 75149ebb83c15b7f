"""The command line, `quanheng`: legal time limits and rules without a server, and tools for operators.

Each package has the commands that belong to it in its `console`. Commands import what they need when they run, so that
`--help` stays fast.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from services.registry import REGISTRY
from shared.identity.actors import STAFF_POSTS
from shared.problems import Problem, said_by
from shared.province import PROVINCE
from shared.terminal import WORDS, Refused
from shared.text import refused


def _of_anchors() -> tuple[click.Command, ...]:
    from shared.anchors.console import journal, log

    return journal, log


def _of_calendars() -> tuple[click.Command, ...]:
    from services.notifications.clocks.console import calendar

    return (calendar,)


def _of_documents() -> tuple[click.Command, ...]:
    from shared.documents.console import keys, verify

    return keys, verify


def _of_exchange() -> tuple[click.Command, ...]:
    from shared.metrology.exchange import dcc, record, template

    return dcc, record, template


def _of_historic() -> tuple[click.Command, ...]:
    from services.historic_console import historic

    return (historic,)


def _of_law() -> tuple[click.Command, ...]:
    from shared.law.console import due, law

    return due, law


def _of_messaging() -> tuple[click.Command, ...]:
    from shared.messaging.console import parked

    return (parked,)


def _of_metrology() -> tuple[click.Command, ...]:
    from shared.metrology.console import mpe, series, verdict

    return mpe, series, verdict


def _of_registers() -> tuple[click.Command, ...]:
    from services.type_approval.registers.console import register

    return (register,)


def _of_uploads() -> tuple[click.Command, ...]:
    from shared.uploads.console import uploads

    return (uploads,)


_COMMANDS = {
    **dict.fromkeys(("journal", "log"), _of_anchors),
    "calendar": _of_calendars,
    **dict.fromkeys(("keys", "verify"), _of_documents),
    **dict.fromkeys(("dcc", "record", "template"), _of_exchange),
    "historic": _of_historic,
    **dict.fromkeys(("due", "law"), _of_law),
    "parked": _of_messaging,
    **dict.fromkeys(("mpe", "series", "verdict"), _of_metrology),
    "register": _of_registers,
    "uploads": _of_uploads,
}
"""Commands of other modules, by their names, imported on demand."""


class Commands(click.Group):
    """Turns bad input (any ValueError or Problem) into a clear message and exit status 2."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse invisible characters in all arguments, then parse those of the group."""
        for typed in args:
            if why := refused(typed, lines=True):
                raise Refused(f"{typed!r} has {why}")
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if found := _COMMANDS.get(cmd_name):
            return next(one for one in found() if one.name == cmd_name)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ValueError, Problem) as error:
            raise Refused(_told(error)) from error


def _told(error: ValueError | Problem) -> str:
    """What is wrong, in both languages where it is said in both, and every fault of a file."""
    if not isinstance(error, Problem):
        return str(said_by(error))
    faults = (f"{fault.name}: {fault.code}: {fault.reason}" for fault in error.violations)
    return "\n  ".join((str(error.detail), *faults))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "obj": REGISTRY})
def main() -> None:
    """权衡 Quanheng: limits, rules and error tables of legal metrology, and tools for operators."""


@main.command()
@click.option(
    "--role", type=click.Choice(["applicant", "lab", "expert", "staff"]), required=True, help="The role 身份."
)
@click.option("--subject", type=WORDS, required=True, help="The person's identifier, as in the journal 人员标识.")
@click.option("--name", type=WORDS, help="The person's name 姓名.")
@click.option("--org", default="", help="Credit code of an applicant, id of a laboratory, code of an expert 所属单位.")
@click.option(
    "--post", "posts", multiple=True, type=click.Choice(STAFF_POSTS), help="A post of staff; may be repeated 岗位."
)
@click.option(
    "--office", default=PROVINCE, show_default=True, help="The office of staff, by its id in authorities.toml 所在机关."
)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=lambda: Path(os.environ.get("QUANHENG_RUN_DIR", ".run")) / "issuer.json",
    show_default=".run/issuer.json",
    help="The development issuer's key, created by `make up` 签名密钥.",
)
def token(role: str, subject: str, name: str | None, org: str, posts: tuple[str, ...], office: str, key: Path) -> None:
    """Issue a token for development; production systems refuse it. 开发用令牌"""
    import json

    from shared.identity import Actor, Role, issue

    if role != "staff" and not org:
        raise Refused(f"--role {role} needs an organisation: give --org")
    actor = Actor(subject, name or subject, Role(role), org, frozenset(posts), office=office)
    click.echo(issue(json.loads(key.read_text(encoding="utf-8")), actor))
