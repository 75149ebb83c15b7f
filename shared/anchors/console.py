"""`quanheng journal`: whether the journals and documents of a service are what they were when they were logged; and
`quanheng log`: whether the log only grew, as anybody can find out without the database."""
# ruff: noqa: PLC0415 - as the rest of the command line: what a command needs is imported when it runs

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared.terminal import database, service_option

if TYPE_CHECKING:
    from sqlalchemy import Engine

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
@service_option(permits=True)
@click.pass_context
def journal(context: click.Context, service: str) -> None:
    """Check the journal of all cases, in the database named by QUANHENG_DATABASE_URL. 案卷日志"""
    context.obj = database(service)


@journal.command()
@click.pass_obj
def checkpoint(engine: Engine) -> None:
    """Print the newest checkpoint, to be kept elsewhere. 输出最新检查点"""
    from shared.anchors.log import newest

    with engine.connect() as tx:
        click.echo(newest(tx), nl=False)


@journal.command()
@click.option(
    "--checkpoint", "files", type=_FILE, multiple=True, help="A checkpoint that was kept; may be repeated 检查点."
)
@click.option("--keys", "keys_file", type=_FILE, help="The office's published keys, to check signatures 公钥.")
@click.option("--given-time", is_flag=True, help="For trials: callers gave the time, so entries may have any date.")
@click.pass_context
def verify(context: click.Context, files: tuple[Path, ...], keys_file: Path | None, *, given_time: bool) -> None:
    """Recompute all chains, documents, the log and its checkpoints, and name every fault. 校验

    The exit status is 1 if there is one.
    """
    from shared.anchors.checking import Counted, check
    from shared.documents.key_files import read_keys

    keys = read_keys(keys_file.read_bytes()) if keys_file else None
    counted, faults = Counted(), 0
    with context.obj.connect().execution_options(isolation_level="REPEATABLE READ") as tx:
        elsewhere = [file.read_text(encoding="utf-8") for file in files]
        for fault in check(tx, keys, elsewhere, counted, given_time=given_time):
            faults += 1
            click.echo(f"✗ {fault}")
    click.echo(
        f"{counted.entries} entries 条日志, {counted.documents} documents 份文书, {counted.reads} readings 次查阅,"
        f" {counted.leaves} leaves 条存证,"
        f" {counted.checkpoints} checkpoints 个检查点; {counted.unlogged} newer than the newest checkpoint 尚未存证"
    )
    if faults:
        click.echo(f"{faults} faults 处异常", err=True)
        context.exit(1)


@click.command()
@click.argument("kept", type=_FILE)
@click.option("--proof", "proof_file", type=_FILE, required=True, help="What …/log/consistency answered 一致性证明.")
@click.option("--keys", "keys_file", type=_FILE, required=True, help="The office's published keys 公钥.")
@click.pass_context
def log(context: click.Context, kept: Path, proof_file: Path, keys_file: Path) -> None:
    """Check without a network whether the log only grew since the checkpoint KEPT. 校验日志只增不改

    The exit status is 1 if it did not, or the proof does not show it.
    """
    from shared.anchors.proof import continued
    from shared.documents.key_files import read_keys

    keys = read_keys(keys_file.read_bytes())
    try:
        later = continued(proof_file.read_bytes(), kept.read_text(encoding="utf-8"), keys)
    except ValueError as error:
        click.echo(f"✗ {error}")
        context.exit(1)
    click.echo(f"✓ {later.origin}: {later.size} leaves, which begin with those of {kept} 只增未改")
