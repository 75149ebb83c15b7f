"""The commands of `quanheng` that exchange test records with laboratories: spreadsheets and calibration certificates.

They import what reads and writes the files when they run.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from shared.metrology.console import read_json
from shared.metrology.limits import FamilyError
from shared.metrology.records import read_report
from shared.metrology.registry import known_families

if TYPE_CHECKING:
    from datetime import datetime


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
                click.echo(f"{one.id}  {one.name.zh} {one.name.en}")
        return
    if not family_name or not item:
        raise FamilyError(
            "请给出FAMILY和ITEM；`quanheng template --list`列出全部",
            "name a FAMILY and an ITEM; `quanheng template --list` lists them",
        )
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


@click.group()
def dcc() -> None:
    """Digital calibration certificates (DCC 3, D-SI 2). 数字校准证书"""


@dcc.command("export")
@click.argument("file", type=click.File("rb"))
@click.option("--number", required=True, help="Of the certificate, which nobody else has. 证书编号")
@click.option("--laboratory", required=True, help="Who tested. 实验室")
@click.option("--person", required=True, help="Who answers for it. 负责人")
@click.option("--customer", required=True, help="For whom. 委托方")
@click.option("--country", default="CN", show_default=True, help="Of laboratory and customer, ISO 3166-1. 国家代码")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The XML file. 输出文件")
def dcc_export(
    file: BinaryIO, number: str, laboratory: str, person: str, customer: str, country: str, out: Path
) -> None:
    """Write a report (JSON) as a certificate: errors, limits and conformity of every point. 导出

    A report that contradicts itself is not written.
    """
    from shared.metrology.dcc import Issue, export

    issue = Issue(number=number, laboratory=laboratory, person=person, customer=customer, country=country)
    _write(out, export(read_report(read_json(file)), issue))


@dcc.command("import")
@click.argument("file", metavar="FILE.xml", type=click.File("rb"))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of a standard's calibration. 有效期至")
def dcc_import(file: BinaryIO, until: datetime | None) -> None:
    """Read a certificate: as the report that it was made of, or as a measurement standard. 导入

    A report is told as JSON for `quanheng verdict`; what it states is computed again, and it is refused where the two
    differ. A certificate of another laboratory is told as a standard with its values and their uncertainty; the day
    until which its calibration is valid is the one that it states or --until, whichever is earlier.
    """
    from shared.metrology import dcc as certificates

    root = certificates.parse(file.read(certificates.MOST_BYTES + 1))
    if certificates.is_report(root):
        found = certificates.read_report_of(root)
    else:
        found = asdict(certificates.read_standard(root, until.date() if until else None))
    click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))


def _write(out: Path, data: bytes) -> None:
    try:
        with out.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise FamilyError(
            f"{out}已存在，不覆盖：请用--out另指定文件",
            f"{out} exists and is not written over: name another file with --out",
        ) from None
    except OSError as error:
        raise FamilyError(f"不能写入{out}：{error.strerror}", f"cannot write {out}: {error.strerror}") from error
    click.echo(str(out))
