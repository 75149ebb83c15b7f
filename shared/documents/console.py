"""`quanheng verify` and `quanheng keys`: documents checked without a network, and the keys they are signed with."""
# ruff: noqa: PLC0415 - as the rest of the command line: what a command needs is imported when it runs

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared.problems import ToldError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from shared.documents.keys import IssuerKeys
    from shared.documents.verification import Check

_MARKS = {"passed": "✓", "failed": "✗", "ended": "✗", "not done": "–"}
_ENDED_STATUS = 3
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option(
    "--keys", "keys_file", type=_FILE, help="The office's published keys; keys.json beside FILE if not given."
)
@click.option("--root", help="The key that must have signed them, as the office hands it out 根密钥.")
@click.option("--jws", "jws_file", type=_FILE, help="The signed data of a JSON file; the .jws beside it if not given.")
@click.option("--report", "report_file", type=_FILE, help="The evaluation report, to be compared 型式评价报告.")
@click.option("--proof", "proof_file", type=_FILE, help="The proof that the PDF is in the office's log 存证证明.")
@click.option("--status", "status_file", type=_FILE, help="The office's signed list of what has ended 失效名单.")
@click.option(
    "--allow-development", is_flag=True, help="Let development keys count; what they sign has no legal effect."
)
@click.pass_context
def verify(
    context: click.Context,
    file: Path,
    keys_file: Path | None,
    root: str | None,
    jws_file: Path | None,
    report_file: Path | None,
    proof_file: Path | None,
    status_file: Path | None,
    *,
    allow_development: bool,
) -> None:
    """Check without a network whether a certificate or licence (PDF, JWS or JSON) or a whole case (ZIP) is genuine.
    验证证书、案卷

    Prints every check; where one fails it names it last, and the exit status is 1. It is 3 where the document is
    genuine and the permit has ended.
    """
    from shared.documents.bags import is_bag, verify_bag
    from shared.documents.key_files import read_keys
    from shared.documents.verification import Outcome, of_keys, verify

    keys_file = keys_file or file.with_name("keys.json")
    if not keys_file.exists():
        raise ToldError("请提供发证机关公布的密钥：--keys FILE", "give the office's published keys: --keys FILE")
    beside = file.with_suffix(".jws")
    if jws_file is None and file.suffix == ".json" and beside.exists():
        jws_file = beside
    published = read_keys(keys_file.read_bytes())
    checks = [of_keys(published, root)]
    if checks[0].outcome is Outcome.FAILED:
        pass
    elif is_bag(file):
        checks += verify_bag(file, published, allow_development=allow_development)
    else:
        checks += verify(
            file.read_bytes(),
            published,
            signed=jws_file.read_text(encoding="ascii", errors="replace") if jws_file else None,
            report=report_file.read_bytes() if report_file else None,
            proof=proof_file.read_bytes() if proof_file else None,
            listed=status_file.read_text(encoding="ascii", errors="replace") if status_file else None,
            allow_development=allow_development,
        )
    for check in checks:
        click.echo(_line(check))
    if checks[-1].outcome is Outcome.FAILED:
        click.echo(f"{file}: NOT genuine 未通过验证: {checks[-1].title}", err=True)
        context.exit(1)
    if checks[-1].outcome is Outcome.ENDED:
        click.echo(f"{file}: genuine, but not in force 文件真实，许可已失效: {checks[-1].detail}", err=True)
        context.exit(_ENDED_STATUS)
    click.echo(f"{file}: genuine 验证通过")


def _line(check: Check) -> str:
    return f"{_MARKS[check.outcome]} {check.title}{f': {check.detail}' if check.detail else ''}"


@click.group()
def keys() -> None:
    """The keys that documents and checkpoints are signed with, in the file that the office publishes. 签名密钥"""


_KEYS_FILE = click.option(
    "--keys", "keys_file", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The published file."
)
_ROOT = click.option(
    "--root", "root_file", type=_FILE, help="The private key for keys, which signs the published file 根密钥."
)


@keys.command("new")
@_KEYS_FILE
@_ROOT
@click.option(
    "--private",
    "private_file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Where the private key goes; it must not exist yet 私钥文件.",
)
@click.option(
    "--token",
    help="Make the key in this token, as pkcs11:token=…;object=…?module-path=…&pin-source=…; the file then names it.",
)
@click.option("--made", is_flag=True, help="The token has the key already.")
@click.option("--office", required=True, help="The office, as its certificate names it 发证机关.")
@click.option(
    "--from", "since", help="From when it signs, as 2013-09-17T00:00:00+08:00; now if not given, for trials any day."
)
@click.option(
    "--for",
    "purpose",
    type=click.Choice(["documents", "checkpoints", "keys"]),
    default="documents",
    show_default=True,
    help="What it signs 用途.",
)
@click.option("--development", is_flag=True, help="For trials only: production refuses it.")
def new(
    keys_file: Path,
    root_file: Path | None,
    private_file: Path,
    token: str | None,
    office: str,
    since: str | None,
    purpose: str,
    *,
    made: bool,
    development: bool,
) -> None:
    """Make a key and add it to the published ones; publish the file before the key first signs. 生成密钥

    Without --root, one for keys signs the file itself.
    """
    from shared.documents import key_files, tokens
    from shared.documents.keys import DEVELOPMENT_SINCE, IssuerKeys, Purpose, new_private_key, public_jwk, publish

    found = _read(keys_file) if keys_file.exists() else IssuerKeys()
    if private_file.exists():
        raise ValueError(f"{private_file} exists: a private key is never overwritten")
    kind = Purpose(purpose)
    if token:
        private = tokens.find(token) if made else tokens.make(token)
        kept = f"{token}\n".encode()
    else:
        private = new_private_key()
        # One of 64 names begins with a dash, and would be taken for an option wherever it is to be typed.
        while public_jwk(private.public_key())["kid"].startswith("-"):
            private = new_private_key()
        kept = key_files.write_private_key(private)
    begins = DEVELOPMENT_SINCE if development and not since else _instant(since)
    published = publish(private, office, begins, kind, development=development)
    keys = found.added(published)
    text = _text(keys, root_file, private if kind is Purpose.KEYS else None)
    private_file.touch(mode=0o600, exist_ok=False)
    private_file.write_bytes(kept)
    _write(keys_file, text)
    click.echo(published.kid)


@keys.command("list")
@_KEYS_FILE
def list_(keys_file: Path) -> None:
    """List all keys with their dates. 列出"""
    from shared.documents.keys import told

    found = _read(keys_file)
    for key in found.keys:
        said = [key.kid, " and ".join(sorted(key.signs, reverse=True)), f"from {told(key.not_before)}"]
        said += [f"retired {told(key.retired_at)}"] if key.retired_at else []
        said += [f"revoked from {told(key.revoked_from)}: {key.reason}"] if key.revoked_from else []
        said += ["development"] if key.development else []
        click.echo("  ".join(said))
    if found.root and found.signed_at:
        click.echo(f"signed by {found.root.kid} at {told(found.signed_at)}")


@keys.command("rotate")
@_KEYS_FILE
@_ROOT
@click.argument("kid")
@click.option("--at", help="From when KID signs and the others retire; now if not given.")
def rotate(keys_file: Path, root_file: Path | None, kid: str, at: str | None) -> None:
    """KID signs from now on, and the others for the same purpose retire: what they signed stays good. 轮换"""
    _write(keys_file, _text(_read(keys_file).rotated(kid, _instant(at)), root_file))


@keys.command("revoke")
@_KEYS_FILE
@_ROOT
@click.argument("kid")
@click.option("--from", "since", required=True, help="From when KID may be in the wrong hands.")
@click.option("--reason", required=True, help="Why; it is published 理由.")
def revoke(keys_file: Path, root_file: Path | None, kid: str, since: str, reason: str) -> None:
    """KID proves nothing any more: what it signed is to be issued again. No permit ends by it. 吊销"""
    _write(keys_file, _text(_read(keys_file).revoked(kid, _instant(since), reason), root_file))


def _read(file: Path) -> IssuerKeys:
    from shared.documents.key_files import read_keys

    if not file.exists():
        raise ValueError(f"{file} does not exist: make a key first, quanheng keys new")
    return read_keys(file.read_bytes())


def _text(keys: IssuerKeys, root_file: Path | None, new_root: EllipticCurvePrivateKey | None = None) -> bytes:
    """The file of these keys, signed now with the private key in `root_file`, or else with `new_root`."""
    from shared.documents.key_files import read_private_keys, write_keys
    from shared.documents.keys import Purpose

    now = _instant(None)
    privates = read_private_keys(root_file.read_bytes()) if root_file else [new_root] if new_root else []
    root = keys.signing_one(privates, now, Purpose.KEYS, development=True) if privates else None
    return write_keys(keys, root, now)


def _write(file: Path, text: bytes) -> None:
    """In one step, so that nobody ever reads half a file."""
    new_file = file.with_name(file.name + ".new")
    new_file.write_bytes(text)
    new_file.replace(file)


def _instant(text: str | None) -> datetime:
    """Whole seconds, as the file has them."""
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ValueError(f"{text!r} is not an instant with offset; write for example 2013-09-17T00:00:00+08:00")
    return instant.astimezone(UTC)
