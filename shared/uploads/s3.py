"""Contents in S3-compatible storage: objects named `PREFIX/ab/cd/abcd…` in one bucket.

A content is sent whole in one request, read from disk piece by piece, with its SHA-256, which the server compares.
"""

from __future__ import annotations

import tempfile
from base64 import b64encode
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from shared.uploads.store import GRACE_SECONDS, name_of, old_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from shared.runtime.config import Bucket

_CONNECT_SECONDS, _READ_SECONDS, _TRIES = 5, 60, 3
_CONNECTIONS = 50
"""More than the threads of a process that answers requests."""
_ABSENT = {"NoSuchKey", "404", "NotFound"}


class S3:
    """The objects of one service, below its `prefix`, and a folder of this machine for what is still arriving."""

    def __init__(self, bucket: Bucket, prefix: str) -> None:
        """Raises OSError where the bucket does not answer."""
        self._bucket, self._prefix = bucket.name, prefix
        self.incoming = Path(tempfile.gettempdir()) / prefix
        self.incoming.mkdir(parents=True, exist_ok=True)
        config = Config(
            signature_version="s3v4",
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"max_attempts": _TRIES, "mode": "standard"},
            max_pool_connections=_CONNECTIONS,
            # The bucket in the path: names of hosts are the storage's own business.
            s3={"addressing_style": "path"},
            # Checksums that older servers do not know are not asked for; ours is the SHA-256.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        self._client: Any = Session().create_client(
            "s3",
            endpoint_url=bucket.endpoint,
            region_name=bucket.region,
            aws_access_key_id=bucket.key_id,
            aws_secret_access_key=bucket.secret,
            config=config,
        )
        with _answered():
            self._client.head_bucket(Bucket=self._bucket)

    def put(self, path: Path, sha256: str) -> None:
        # Also where it is there already: from now on it counts as new.
        with path.open("rb") as content, _answered():
            self._client.put_object(
                Bucket=self._bucket,
                Key=self._key(sha256),
                Body=content,
                ChecksumSHA256=b64encode(bytes.fromhex(sha256)).decode(),
            )
        path.unlink()

    def open(self, sha256: str) -> BinaryIO:
        with _answered():
            content: BinaryIO = self._client.get_object(Bucket=self._bucket, Key=self._key(sha256))["Body"]
        return content

    def all(self) -> Iterator[str]:
        return (name for name, _, _ in self._listed())

    def old(self) -> Iterator[str]:
        return (name for name, at, now in self._listed() if (now - at).total_seconds() > GRACE_SECONDS)

    def forget(self, sha256: str) -> bool:
        with _answered():
            told = self._client.head_object(Bucket=self._bucket, Key=self._key(sha256))
            if (_date(told) - told["LastModified"]).total_seconds() <= GRACE_SECONDS:
                return False
            self._client.delete_object(Bucket=self._bucket, Key=self._key(sha256))
        return True

    def forget_unfinished(self) -> None:
        for path in old_in(self.incoming):
            path.unlink(missing_ok=True)

    def _listed(self) -> Iterator[tuple[str, datetime, datetime]]:
        """Each content, when it was put, and the time as the server has it."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{self._prefix}/")
        with _answered():
            for page in pages:
                for found in page.get("Contents", ()):
                    yield found["Key"].rpartition("/")[2], found["LastModified"], _date(page)

    def _key(self, sha256: str) -> str:
        return f"{self._prefix}/{name_of(sha256)}"


def _date(answer: Any) -> datetime:
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


@contextmanager
def _answered() -> Iterator[None]:
    """Raises OSError where the storage does not answer or refuses, as a disk would; FileNotFoundError for what is not
    there."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise (FileNotFoundError if code in _ABSENT else OSError)(f"S3: {error}") from error
    except BotoCoreError as error:
        raise OSError(f"S3: {error}") from error
