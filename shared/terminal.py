"""What commands of the command line share: errors, kinds of arguments, tables, and the database of a service."""
# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from shared.text import is_visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console
    from sqlalchemy import Engine

    from shared.runtime.service import Service

WIDE = 200


class Refused(click.ClickException):
    exit_code = 2


class Words(click.ParamType[str]):
    """A text that is not blank."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not is_visible(value):
            self.fail("this must not be blank", param, ctx)
        return value


WORDS = Words()


class _Known(click.ParamType[str]):
    """A service of the registry that is the object of the whole command line; `permits`: one that grants them."""

    name = "service"

    def __init__(self, *, permits: bool) -> None:
        self._permits = permits

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return self._choice(ctx or click.get_current_context()).convert(value, param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return self._choice(ctx).get_metavar(param, ctx)

    def _choice(self, ctx: click.Context) -> click.Choice[str]:
        known: Mapping[str, Service] = ctx.find_root().obj
        return click.Choice([name for name, one in known.items() if one.gives_documents or not self._permits])


def service_option(*services: str, permits: bool = False) -> Callable[..., Any]:
    """The option that says of which service the database is: one of `services`, else any that is known."""
    kind = click.Choice(services) if services else _Known(permits=permits)
    return click.option("--service", type=kind, required=True, help="The service 服务.")


def database(service: str) -> Engine:
    """The database of a service, which answers. Raises Refused."""
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


def weekday(day: date) -> str:
    return f"{day:%a} {'一二三四五六日'[day.weekday()]}"


def doubt_of(*, verified: bool) -> str:
    return "" if verified else "  unverified 未核实"


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"date {text!r}: write a valid day as YYYY-MM-DD") from None


def screen() -> Console:
    from rich.console import Console

    # A pipe has no width: do not fold tables at rich's default of 80 columns.
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False)
