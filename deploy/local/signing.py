"""The key that documents are signed with on this machine, for trials only."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.documents.keys import IssuerKeys, new_private_key, publish, write_keys, write_private_key

OFFICE = "吉林省质量技术监督局"


def development_signing(run: Path) -> tuple[Path, Path]:
    """The files of the private and of the published key, below `run`, made at first use."""
    folder = run / "signing"
    private_file, published_file = "signing.pem", "keys.json"
    if not folder.exists():
        run.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=run, ignore_cleanup_errors=True) as made:
            private = new_private_key()
            published = publish(private, OFFICE, datetime.now(UTC), development=True)
            (Path(made) / private_file).write_bytes(write_private_key(private))
            (Path(made) / published_file).write_bytes(write_keys(IssuerKeys().added(published)))
            # Whole from the start, and the same for all: of several that begin at once, the first has made it.
            with suppress(OSError):
                Path(made).rename(folder)
    return folder / private_file, folder / published_file
