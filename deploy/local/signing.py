"""The keys that documents and checkpoints are signed with on this machine, for trials only."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.documents.keys import IssuerKeys, Purpose, Seal, new_private_key, publish, write_keys, write_private_key

OFFICE = "吉林省质量技术监督局"


def development_signing(run: Path) -> Seal:
    """The files of the private and of the published keys, below `run`, made at first use."""
    folder = run / "keys"
    published_file, files = "keys.json", {Purpose.DOCUMENTS: "signing.pem", Purpose.CHECKPOINTS: "checkpoint.pem"}
    if not folder.exists():
        run.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=run, ignore_cleanup_errors=True) as made:
            keys = IssuerKeys()
            for purpose, file in files.items():
                private = new_private_key()
                keys = keys.added(publish(private, OFFICE, datetime.now(UTC), purpose, development=True))
                (Path(made) / file).write_bytes(write_private_key(private))
            (Path(made) / published_file).write_bytes(write_keys(keys))
            # Whole from the start, and the same for all: of several that begin at once, the first has made it.
            with suppress(OSError):
                Path(made).rename(folder)
    signing, checkpoint = (folder / file for file in files.values())
    return Seal(signing, folder / published_file, development=True, checkpoints=checkpoint)
