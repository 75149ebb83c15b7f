"""The commands: genuine documents exit 0, others are reported with exit 1; and keys change in their file."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from services.console import main
from shared.documents import jws, status
from shared.documents.canonical import canonical
from shared.documents.key_files import read_keys, read_private_key, write_keys
from shared.documents.keys import Purpose, new_private_key, publish
from shared.documents.making import Made, make
from shared.documents.verification import CHECKS
from tests.shared.documents.parts import AUTHORITY, CHECK, CONTENT, SIGNED, SINCE, key_of_office

if TYPE_CHECKING:
    from pathlib import Path

    from shared.documents.pages import Printer

KEYS, KEY = key_of_office()


def run(*args: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in args])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def folder(press: Printer, tmp_path: Path) -> Path:
    """A document in all its forms beside the office's keys, as it is handed on."""
    made: Made = make(CONTENT, 1, CHECK, KEY, press, SIGNED)
    (tmp_path / "a.pdf").write_bytes(made.pdf)
    (tmp_path / "a.jws").write_text(made.jws)
    (tmp_path / "a.json").write_bytes(made.json)
    (tmp_path / "keys.json").write_bytes(write_keys(KEYS))
    return tmp_path


@pytest.mark.parametrize("name", ["a.pdf", "a.jws", "a.json"])
def test_a_genuine_document_is_said_to_be_so_with_every_check(folder: Path, name: str) -> None:
    code, out, err = run("verify", folder / name)
    assert (code, err) == (0, "")
    assert "✓ 签名密钥" in out
    assert f"– 现时状态 the status now: 签名不能说明许可现在是否有效：请查询{CHECK} no signature says" in out
    assert out.endswith("a" + name[1:] + ": genuine 验证通过\n")


def test_a_genuine_document_of_a_permit_that_has_ended_exits_with_a_status_of_its_own(folder: Path) -> None:
    private = new_private_key()
    other = publish(private, AUTHORITY, SINCE, Purpose.CHECKPOINTS)
    keys = KEYS.added(other)
    (folder / "keys.json").write_bytes(write_keys(keys))
    ended = [{"number": CONTENT["number"], "on": "2015-06-01", "ground": "REVOKED"}]
    said = {
        "schema": status.SCHEMA,
        "titles": [CONTENT["title"]["zh"]],
        "ended": ended,
        "as_of": "2015-06-02T01:00:00Z",
    }
    key = keys.signing(private, SIGNED, Purpose.CHECKPOINTS, development=False)
    (folder / "status.jws").write_text(jws.sign(canonical(said), key, SIGNED, status.KIND))
    code, out, err = run("verify", folder / "a.pdf", "--status", folder / "status.jws")
    assert (code, "✗ 现时状态" in out.splitlines()[-1]) == (3, True)
    assert "genuine, but not in force" in err


@pytest.mark.parametrize(("at", "check"), [(0, "readable"), (2000, "signature"), (-3000, "signature")])
def test_the_first_check_that_fails_is_named(folder: Path, at: int, check: str) -> None:
    changed = bytearray((folder / "a.pdf").read_bytes())
    changed[at] ^= 1
    (folder / "a.pdf").write_bytes(changed)
    code, out, err = run("verify", folder / "a.pdf")
    assert code == 1
    assert "✗" in out.splitlines()[-1]
    assert f"NOT genuine 未通过验证: {CHECKS[check].zh} {CHECKS[check].en}" in err


def test_the_files_that_a_check_needs_are_asked_for(folder: Path) -> None:
    (folder / "keys.json").unlink()
    code, _, err = run("verify", folder / "a.pdf")
    assert (code, "--keys FILE" in err) == (2, True)


def test_keys_are_made_exchanged_and_revoked_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"

    def new(name: str, *more: str) -> str:
        since = ("--from", "2013-01-01T00:00:00+08:00", *more)
        code, kid, err = run("keys", "new", "--keys", file, "--private", tmp_path / name, "--office", AUTHORITY, *since)
        assert (code, err) == (0, "")
        return kid.strip()

    first, second, third = new("1.pem"), new("2.pem"), new("3.pem", "--for", "checkpoints", "--development")
    assert stat.S_IMODE((tmp_path / "1.pem").stat().st_mode) == 0o600
    read_private_key((tmp_path / "1.pem").read_bytes())
    assert run("keys", "rotate", "--keys", file, second, "--at", "2014-01-01T00:00:00+08:00")[0] == 0
    revoked = run("keys", "revoke", "--keys", file, first, "--from", "2013-06-01T00:00:00+08:00", "--reason", "遗失")
    assert revoked[0] == 0
    since = "2012-12-31T16:00:00Z"
    assert run("keys", "list", "--keys", file)[1].splitlines() == [
        f"{first}  documents  from {since}  retired 2013-12-31T16:00:00Z  revoked from 2013-05-31T16:00:00Z: 遗失",
        f"{second}  documents  from 2013-12-31T16:00:00Z",
        f"{third}  checkpoints  from {since}  development",
    ]
    assert [key["kid"] for key in json.loads(file.read_bytes())["keys"]] == [first, second, third]
    assert read_keys(file.read_bytes()).get(first).reason == "遗失"


def test_keys_that_another_root_signed_are_not_the_office_s(folder: Path) -> None:
    file, root = folder / "keys.json", folder / "root.pem"
    since = ("--from", "2013-01-01T00:00:00+08:00")
    new = ("keys", "new", "--keys", file, "--office", AUTHORITY, *since)
    assert "not signed: get them" in run("verify", folder / "a.pdf")[1]
    assert "not signed, not by" in run("verify", folder / "a.pdf", "--root", "x")[1]
    code, out, _ = run(*new, "--private", root, "--for", "keys")
    kid = out.strip()
    assert (code, run("verify", folder / "a.pdf", "--root", kid)[0]) == (0, 0)
    assert f"✓ 公布的密钥 the published keys: {kid}, " in run("verify", folder / "a.pdf", "--root", kid)[1]
    assert f"signed by {kid}, " in run("verify", folder / "a.pdf")[1]
    assert run("keys", "list", "--keys", file)[1].splitlines()[-1].startswith(f"signed by {kid} at ")
    # From now on each change is signed.
    before, private = file.read_bytes(), folder / "2.pem"
    assert "--root FILE" in run(*new, "--private", private)[2]
    assert (file.read_bytes(), private.exists()) == (before, False)
    added = run(*new, "--private", private, "--root", root)[1].strip()
    assert run("keys", "rotate", "--keys", file, added, "--at", "2014-02-01T00:00:00+08:00", "--root", root)[0] == 0
    revoked = ("keys", "revoke", "--keys", file, added, "--from", "2015-02-01T00:00:00+08:00", "--reason", "遗失")
    assert run(*revoked, "--root", private)[0] == 2, "it is for documents"
    assert run(*revoked, "--root", root)[0] == 0
    assert run("verify", folder / "a.pdf", "--root", kid)[0] == 0
    code, out, err = run("verify", folder / "a.pdf", "--root", added)
    assert (code, out.endswith(f"由{kid}签名，不是{added} signed by {kid}, not by {added}\n")) == (1, True)
    assert len(out.splitlines()) == 1, "nothing else is looked at"
    assert "NOT genuine 未通过验证: 公布的密钥" in err


def test_slips_with_keys_are_refused_in_words_and_change_nothing(tmp_path: Path) -> None:
    file, private = tmp_path / "keys.json", tmp_path / "1.pem"
    assert "keys new" in run("keys", "list", "--keys", file)[2]
    made = ("keys", "new", "--keys", file, "--private", private, "--office", AUTHORITY)
    assert run(*made)[0] == 0
    before = file.read_bytes(), private.read_bytes()
    assert "never overwritten" in run(*made)[2]
    assert "there is no key" in run("keys", "rotate", "--keys", file, "nobody")[2]
    assert "not an instant" in run("keys", "revoke", "--keys", file, "nobody", "--from", "2013", "--reason", "x")[2]
    assert (file.read_bytes(), private.read_bytes()) == before
