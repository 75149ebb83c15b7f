"""A key in a token signs whatever a key in a file signs, and never leaves the token."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.anchors.checkpoint import Checkpoint
from shared.anchors.checkpoint import read as read_checkpoint
from shared.documents import tokens
from shared.documents.key_files import read_keys, read_private_keys
from shared.documents.keys import Purpose
from shared.documents.making import make
from shared.documents.verification import Outcome, verify
from tests.outside import program
from tests.shared.documents.parts import AUTHORITY, CHECK, CONTENT, SIGNED, seal_in
from tests.shared.documents.test_console import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.documents.pages import Printer

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
SINCE = ("--from", "2013-01-01T00:00:00+08:00")


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """How the URI of a key in a new token goes, with the name of the key left open."""
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "pin").write_text("123456\n")
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        pins = ["--so-pin", "1234", "--pin", "123456"]
        begin = [program("softhsm2-util"), "--init-token", "--free", "--label", "权衡 1", *pins]
        subprocess.run(begin, check=True, capture_output=True)  # noqa: S603 - named here
        yield f"pkcs11:token=%E6%9D%83%E8%A1%A1%201;object={{}}?module-path={MODULE}&pin-source={folder}/pin"


def test_a_key_in_a_token_signs_documents_and_checkpoints(uri: str, tmp_path: Path, press: Printer) -> None:
    seal, file = seal_in(tmp_path), tmp_path / "keys.json"
    kids = {}
    for purpose in ("documents", "checkpoints", "keys"):
        private = tmp_path / f"{purpose}.uri"
        made = ("keys", "new", "--keys", file, "--private", private, "--office", AUTHORITY, "--for", purpose, *SINCE)
        code, out, err = run(*made, "--token", uri.format(purpose))
        assert (code, err) == (0, "")
        kids[purpose] = out.strip()
    assert private.read_text() == uri.format("keys") + "\n"
    assert run("keys", "rotate", "--keys", file, "--root", private, "--at", "2013-02-01T00:00:00Z", "--",
               kids["documents"])[0] == 0  # fmt: skip
    found = read_keys(file.read_bytes())
    assert found.root
    assert found.root.kid == kids["keys"]

    # Beside the one before, as while keys are exchanged.
    with seal.private.open("ab") as both:
        both.write((tmp_path / "documents.uri").read_bytes())
    assert seal.checkpoints
    in_token = replace(seal, checkpoints=tmp_path / "checkpoints.uri")
    key = in_token.key(SIGNED)
    assert key.published.kid == kids["documents"]
    made_now = make(CONTENT, 1, CHECK, key, press, SIGNED)
    assert [one.name for one in verify(made_now.pdf, found) if one.outcome is Outcome.FAILED] == []
    note = Checkpoint("quanheng.example/certificates", 1, bytes(32), SIGNED).signed(
        in_token.key(SIGNED, Purpose.CHECKPOINTS)
    )
    assert (signer := read_checkpoint(note, found).key)
    assert signer.kid == kids["checkpoints"]


def test_a_key_that_the_token_has_already_is_published_too(uri: str, tmp_path: Path) -> None:
    named = uri.format("of-a-ceremony")
    key = tokens.make(named)
    with pytest.raises(ValueError, match="there already"):
        tokens.make(named)
    made = ("keys", "new", "--keys", tmp_path / "keys.json", "--office", AUTHORITY, *SINCE, "--token", named)
    code, out, _ = run(*made, "--private", tmp_path / "a.uri", "--made")
    assert code == 0
    (published,) = read_keys((tmp_path / "keys.json").read_bytes()).keys
    assert published.kid == out.strip()
    (again,) = read_private_keys((tmp_path / "a.uri").read_bytes())
    algorithm = ec.ECDSA(hashes.SHA256())
    key.public_key().verify(again.sign(b"x", algorithm), b"x", algorithm)
    with pytest.raises(TypeError, match="stays there"):
        again.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("object={}", "object=nobody"), "the key nobody of the token 权衡 1: NoSuchKey"),
        (("token=%E6%9D%83", "token=%E6%9D%84"), "NoSuchToken"),
        ((MODULE, "/nowhere.so"), "nowhere"),
        (("pin-source=", "pin-value="), "Pin"),
        (("pin-source=", "pin="), "has pin, which is not known here"),
        (("object={}", "type=private"), "names token, object or id"),
    ],
)
def test_what_is_wrong_with_a_token_is_said_without_its_pin(uri: str, wrong: tuple[str, str], said: str) -> None:
    named = uri.replace(*wrong).format("documents")
    with pytest.raises(ValueError, match=said) as told:
        tokens.find(named)
    assert "/pin" not in str(told.value)
