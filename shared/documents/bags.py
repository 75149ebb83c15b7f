"""Whether a whole case in one file, as the office gave it out, is what it was: found out without a network."""

from __future__ import annotations

from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

import orjson

from shared.anchors.proof import proven
from shared.documents.bag_files import CHAIN, DATA, INFO, JOURNAL, MANIFEST, PROVEN
from shared.documents.verification import Check, Outcome, verify
from shared.problems import said_by
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from shared.documents.keys import IssuerKeys

_PIECE_BYTES = 1 << 20


class _Failed(Exception):  # noqa: N818 - what is found, not what went wrong
    def __init__(self, name: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.check = Check(name, Outcome.FAILED, Text(zh, en))


def is_bag(file: Path) -> bool:
    """Whether it is an archive at all, and not something else with one behind it."""
    with file.open("rb") as opened:
        return opened.read(2) == b"PK"


def verify_bag(
    file: IO[bytes] | Path, keys: IssuerKeys, *, allow_development: bool = False, drawn: bool = True
) -> list[Check]:
    """All checks of the archive up to the first that fails; of the others see `verification.verify`."""
    made: list[Check] = []
    try:
        with ZipFile(file) as bag:
            made += _checks(bag, keys, allow_development=allow_development, drawn=drawn)
    except (BadZipFile, OSError) as error:
        made.append(_unreadable(error).check)
    except _Failed as failed:
        made.append(failed.check)
    return made


def _unreadable(error: Exception) -> _Failed:
    return _Failed("readable", f"不是完整案卷：{error}", f"this is not a whole case: {error}")


def _checks(bag: ZipFile, keys: IssuerKeys, *, allow_development: bool, drawn: bool) -> Iterator[Check]:
    try:
        digests = {name: _digest(bag, name) for name in bag.namelist() if name.startswith(DATA)}
        listed = _listed(bag)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise _unreadable(error) from None
    yield Check("readable", Outcome.PASSED, Text("完整案卷", "a whole case"))
    if differing := sorted(name for name in digests.keys() | listed.keys() if digests.get(name) != listed.get(name)):
        raise _Failed("files", f"与清单不符：{differing[0]}", f"not as the manifest lists it: {differing[0]}")
    yield Check("files", Outcome.PASSED, Text(f"{len(digests)}个", f"{len(digests)} files"))
    if CHAIN in digests:
        entries = _chain(bag)
        yield Check("chain", Outcome.PASSED, Text(f"{len(entries)}条", f"{len(entries)} entries"))
        yield _logged(bag, entries, keys)
        yield _sent(entries, digests)
    yield from _papers(bag, keys, allow_development=allow_development, drawn=drawn)


def _digest(bag: ZipFile, name: str) -> str:
    found = sha256()
    with bag.open(name) as content:
        while piece := content.read(_PIECE_BYTES):
            found.update(piece)
    return found.hexdigest()


def _listed(bag: ZipFile) -> dict[str, str]:
    lines = bag.read(MANIFEST).decode().splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _chain(bag: ZipFile) -> list[tuple[Sequence[Any], bytes]]:
    """What each entry of the journal says, and its hash; each follows from the one before it."""
    previous, entries = bytes(32), []
    for number, line in enumerate(bag.read(CHAIN).splitlines(), 1):
        entry = orjson.loads(line)
        previous = sha256(previous + entry["content"].encode()).digest()
        if previous.hex() != entry["hash"]:
            raise _Failed("chain", f"第{number}条与前一条不相接", f"entry {number} does not follow from the one before")
        entries.append((orjson.loads(entry["content"]), previous))
    told = [one.get("hash") for one in orjson.loads(bag.read(JOURNAL))]
    if told != [digest.hex() for _, digest in entries]:
        raise _Failed("chain", f"{JOURNAL}不是这条链的日志", f"{JOURNAL} is the journal of another chain")
    head = f"Journal-Head: {previous.hex()}"
    if head not in bag.read(INFO).decode().splitlines():
        raise _Failed("chain", f"末条不是{INFO}所记的", f"the last entry is not the one that {INFO} names")
    return entries


def _logged(bag: ZipFile, entries: Sequence[tuple[Sequence[Any], bytes]], keys: IssuerKeys) -> Check:
    """That the office's log has the journal, as far as it had been logged."""
    if (CHAIN + PROVEN) not in bag.namelist():
        none = Text("日志尚未存证", "nothing of the journal was in the log yet")
        return Check("log", Outcome.NOT_DONE, none)
    proof = bag.read(CHAIN + PROVEN)
    try:
        seq = int(orjson.loads(proof)["name"].rpartition("/")[2])
        said, digest = entries[seq - 1]
        checkpoint = proven(proof, f"{said[0]}/{seq}", digest.hex(), keys)
    except ValueError as error:
        raise _Failed("log", *said_by(error)) from None
    except (KeyError, IndexError, TypeError) as error:
        raise _Failed("log", f"不是存证：{error!r}", f"this is not a proof: {error!r}") from None
    size, origin = checkpoint.size, checkpoint.origin
    told = Text(f"前{seq}条在{origin}的{size}条之中", f"the first {seq} entries, among the {size} leaves of {origin}")
    return Check("log", Outcome.PASSED, told)


def _sent(entries: Sequence[tuple[Sequence[Any], bytes]], digests: Mapping[str, str]) -> Check:
    """That each document is one that the journal tells of."""
    told = {orjson.loads(said[10]).get("sha256") for said, _ in entries}
    documents = [name for name in digests if name.startswith(f"{DATA}documents/")]
    if strange := sorted(name for name in documents if digests[name] not in told):
        raise _Failed("documents", f"日志没有记载：{strange[0]}", f"the journal does not tell of {strange[0]}")
    return Check("documents", Outcome.PASSED, Text(f"{len(documents)}份", f"{len(documents)} documents"))


def _papers(bag: ZipFile, keys: IssuerKeys, *, allow_development: bool, drawn: bool) -> Iterator[Check]:
    """What the office gave out: each is genuine, and in the log where there is a proof of it."""
    names = bag.namelist()
    papers = [
        name for name in names if name.startswith((f"{DATA}notices/", f"{DATA}permits/")) and name.endswith("pdf")
    ]
    logged = 0
    for name in papers:
        beside = name.removesuffix("pdf")
        proof = bag.read(name + PROVEN) if name + PROVEN in names else None
        logged += proof is not None
        signed = bag.read(f"{beside}jws").decode("ascii", "replace")
        for found in (
            verify(bag.read(name), keys, proof=proof, allow_development=allow_development, drawn=drawn),
            verify(signed.encode(), keys, allow_development=allow_development, drawn=drawn),
        ):
            if found[-1].outcome is Outcome.FAILED:
                zh, en = found[-1].detail or found[-1].title
                raise _Failed(found[-1].name, f"{name}：{zh}", f"{name}: {en}")
    told = Text(f"{len(papers)}份，其中{logged}份已存证", f"{len(papers)}, of which the log has {logged}")
    yield Check("papers", Outcome.PASSED, told)
