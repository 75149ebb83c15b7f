"""Where things lie on this machine."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_folder() -> Path:
    """Where everything that runs is kept: private servers, keys, logs. QUANHENG_RUN_DIR replaces `.run/`."""
    return Path(os.environ.get("QUANHENG_RUN_DIR", ROOT / ".run")).absolute()
