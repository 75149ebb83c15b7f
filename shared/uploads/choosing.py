"""Which store of contents a process has, by its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.runtime.config import ConfigurationError
from shared.uploads.store import Folder

if TYPE_CHECKING:
    from shared.runtime.config import Settings
    from shared.uploads.store import Contents


def store_of(settings: Settings) -> Contents | None:
    """The store of this service; None where the settings name none. Raises ConfigurationError."""
    if settings.bucket is not None:
        from shared.uploads.s3 import S3  # noqa: PLC0415 - the client is large, and most installations have a folder

        try:
            return S3(settings.bucket, settings.files)
        except OSError as error:
            raise ConfigurationError(f"QUANHENG_DOCUMENTS_S3: {error}") from None
    if settings.documents is None:
        return None
    try:
        return Folder(settings.documents)
    except OSError as error:
        why = f"cannot write in {settings.documents}: {error.strerror}"
        raise ConfigurationError(f"QUANHENG_DOCUMENTS_FOLDER: {why}") from None
