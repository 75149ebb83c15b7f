"""The keys that documents, checkpoints and the published keys are signed with on this machine, for trials only."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.documents.key_files import Seal, write_keys, write_private_key
from shared.documents.keys import DEVELOPMENT_SINCE, IssuerKeys, Purpose, new_private_key, publish

OFFICE = "吉林省质量技术监督局"
_FILES = {Purpose.DOCUMENTS: "signing.pem", Purpose.CHECKPOINTS: "checkpoint.pem", Purpose.KEYS: "root.pem"}


def development_signing(run: Path) -> Seal:
    """The files of the private and of the published keys, below `run`, made at first use."""
    folder, published_file = run / "keys", "keys.json"
    if not folder.exists():
        run.mkdir(exist_ok=True)
        now, keys = datetime.now(UTC), IssuerKeys()
        with TemporaryDirectory(dir=run, ignore_cleanup_errors=True) as made:
            for purpose, file in _FILES.items():
                private = new_private_key()
                keys = keys.added(publish(private, OFFICE, DEVELOPMENT_SINCE, purpose, development=True))
                (Path(made) / file).write_bytes(write_private_key(private))
            root = keys.signing(private, now, Purpose.KEYS, development=True)
            (Path(made) / published_file).write_bytes(write_keys(keys, root, now))
            # Whole from the start, and the same for all: of several that begin at once, the first has made it.
            with suppress(OSError):
                Path(made).rename(folder)
    return Seal(
        folder / _FILES[Purpose.DOCUMENTS],
        folder / published_file,
        development=True,
        checkpoints=folder / _FILES[Purpose.CHECKPOINTS],
    )
