"""The commands of `quanheng` that exchange test records with laboratories: spreadsheets and calibration certificates.

They import what reads and writes the files when they run.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from pathlib import Path
from typing import BinaryIO

import click

from shared.metrology.console import read_json
from shared.metrology.limits import FamilyError
from shared.metrology.records import read_report
from shared.metrology.registry import known_families


@click.command()
@click.argument("family_name", metavar="[FAMILY]", required=False)
@click.argument("item", required=False)
@click.option("--list", "listed", is_flag=True, help="List the test items, of FAMILY if it is given. 列出试验项目")
@click.option("--edition", default="", help="Of the programme; the year is enough. 版本")
@click.option(
    "--report", type=click.File("rb"), help="A report (JSON) whose instrument and records are filled in. 报告"
)
@click.option(
    "--points", type=click.IntRange(1, 1000), default=30, show_default=True, help="Rows for points. 测量点行数"
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Instead of ITEM.xlsx. 输出文件")
def template(
    family_name: str | None,
    item: str | None,
    edition: str,
    report: BinaryIO | None,
    points: int,
    out: Path | None,
    *,
    listed: bool,
) -> None:
    """A spreadsheet in which an ITEM of a FAMILY is recorded. 试验记录模板

    `quanheng record` reads it back. A file that exists is not written over.
    """
    from shared.metrology import spreadsheets

    if listed:
        for name in [family_name] if family_name else known_families():
            for one in spreadsheets.family_named(name).items:
                click.echo(f"{one.id}  {one.zh} {one.en}")
        return
    if not family_name or not item:
        raise FamilyError("name a FAMILY and an ITEM; `quanheng template --list` lists them")
    filled = read_report(read_json(report)) if report else None
    _write(out or Path(f"{item}.xlsx"), spreadsheets.template(family_name, item, edition, filled, points))


@click.command()
@click.argument("files", metavar="FILE.xlsx...", type=click.File("rb"), nargs=-1, required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Instead of standard output. 输出文件")
def record(files: tuple[BinaryIO, ...], out: Path | None) -> None:
    """Read filled templates back as one report in JSON, which `quanheng verdict` takes. 读取试验记录

    Several files, of one instrument, make one report. Every fault is named by sheet and cell, and nothing is written
    if there is one.
    """
    from shared.metrology import spreadsheets

    made = spreadsheets.read([(file.name, file.read(spreadsheets.MOST_BYTES + 1)) for file in files])
    text = json.dumps(made, ensure_ascii=False, indent=2)
    if out:
        _write(out, f"{text}\n".encode())
    else:
        click.echo(text)


def _write(out: Path, data: bytes) -> None:
    try:
        with out.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise FamilyError(f"{out} exists and is not written over: name another file with --out") from None
    except OSError as error:
        raise FamilyError(f"cannot write {out}: {error.strerror}") from error
    click.echo(str(out))
