"""`quanheng uploads`: what applicants sent, moved from a folder to S3-compatible storage."""
# ruff: noqa: PLC0415 - as the rest of the command line: what a command needs is imported when it runs

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared.terminal import Refused, service_option

if TYPE_CHECKING:
    from shared.uploads.s3 import S3
    from shared.uploads.store import Folder

_PIECE_BYTES = 1 << 20


@click.group()
def uploads() -> None:
    """The contents of documents that applicants sent. 申请材料"""


@uploads.command()
@service_option(permits=True)
@click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="What QUANHENG_DOCUMENTS_FOLDER named 原文件夹.",
)
def copy(service: str, folder: Path) -> None:
    """Copy all contents into the bucket of QUANHENG_DOCUMENTS_S3, each compared with its SHA-256. 复制到S3

    Safe to repeat: run it once while the service goes on, stop the service, run it again, and change the settings.
    """
    from shared.runtime.config import Profile, bucket_of
    from shared.uploads.s3 import S3
    from shared.uploads.store import Folder

    bucket = bucket_of(os.environ, Profile.DEVELOPMENT)
    if bucket is None:
        raise Refused("QUANHENG_DOCUMENTS_S3 is not set: set it and its key, as for the services")
    name = f"{os.environ.get('QUANHENG_NAMESPACE', 'quanheng')}_{service}"
    files, storage = Folder(folder / name), S3(bucket, name)
    there, copied = set(storage.all()), 0
    for sha256 in files.all():
        if sha256 not in there:
            _copy(files, storage, sha256)
            copied += 1
    click.echo(f"{copied} copied 份已复制, {len(there)} there before 份已有")


def _copy(files: Folder, storage: S3, sha256: str) -> None:
    from hashlib import sha256 as digest
    from tempfile import NamedTemporaryFile

    found = digest()
    with files.open(sha256) as content, NamedTemporaryFile(dir=storage.incoming, delete=False) as copied:
        while piece := content.read(_PIECE_BYTES):
            found.update(piece)
            copied.write(piece)
    if found.hexdigest() != sha256:
        Path(copied.name).unlink()
        raise Refused(f"the content {sha256} is not what was sent: restore it from a backup")
    storage.put(Path(copied.name), sha256)
