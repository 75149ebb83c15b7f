"""Keep the lock files consistent with `pyproject.toml`.

`check` fails where they are not, or where one names a package index: which index serves is each machine's own affair.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.local.errors import say
from deploy.local.folders import ROOT

_LOCKS = {"requirements.lock": [], "requirements-dev.lock": ["--extra", "dev"]}
_OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--quiet"]


def _compile(folder: Path) -> None:
    """Lock again in this folder; existing versions stay as far as `pyproject.toml` allows."""
    uv = Path(sys.executable).with_name("uv")
    for lock, extra in _LOCKS.items():
        command = [str(uv), "pip", "compile", *_OPTIONS, "pyproject.toml", *extra, "-o", lock]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _faults() -> list[str]:
    """The faults of the lock files, one sentence each."""
    faults = [
        f"{lock}, line {number}: names a package index ({line}); remove it"
        for lock in _LOCKS
        for number, line in enumerate((ROOT / lock).read_text().splitlines(), start=1)
        if "://" in line or line.lstrip().startswith(("-i", "-f", "--index", "--extra-index", "--find-links"))
    ]
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for file in ("pyproject.toml", *_LOCKS):
            shutil.copy(ROOT / file, copy)
        _compile(copy)
        stale = [lock for lock in _LOCKS if (copy / lock).read_text() != (ROOT / lock).read_text()]
    return faults + [f"{lock}: does not match pyproject.toml; run make lock" for lock in stale]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.locks", description=__doc__)
    parser.add_argument("command", choices=["check", "write"])
    try:
        if parser.parse_args().command == "write":
            _compile(ROOT)
            return 0
        faults = _faults()
    except subprocess.CalledProcessError as error:
        say(f"uv could not resolve pyproject.toml (exit status {error.returncode}, see above)")
        return 1
    for fault in faults:
        say(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
