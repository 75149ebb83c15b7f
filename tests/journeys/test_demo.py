"""`make demo` as a user sees it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from deploy.local import backing
from deploy.local.demo import CERTIFICATE, LICENCE, NAMESPACE, OUT, PAGES
from deploy.local.folders import ROOT
from shared.documents.key_files import read_keys
from shared.documents.verification import Outcome, verify

pytestmark = pytest.mark.long


@pytest.mark.servers
def test_the_demo_prints_the_story_and_leaves_the_two_documents() -> None:
    for path in (found for ending in ("json", "jws", "pdf") for found in OUT.glob(f"*.{ending}")):
        path.unlink()
    run = subprocess.run(
        [sys.executable, "-m", "deploy.local.demo"], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    # It leaves private servers running, so that its story can be seen in a browser.
    backing.release(NAMESPACE)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "clock.breached" in run.stdout
    assert "certificate.granted" in run.stdout
    licence = json.loads((OUT / f"licence-{LICENCE}.json").read_text(encoding="utf-8"))
    assert licence["lines"][0]["type_approval"] == CERTIFICATE
    assert licence["valid_until"] == "2017-02-18"
    keys = read_keys((OUT / "keys.json").read_bytes())
    for name, number in (("certificate", CERTIFICATE), ("licence", LICENCE)):
        page, data, signed = ((OUT / f"{name}-{number}.{ending}").read_bytes() for ending in ("pdf", "json", "jws"))
        checks = verify(page, keys, allow_development=True)
        checked = [*checks, *verify(data, keys, signed=signed.decode(), allow_development=True)]
        assert Outcome.FAILED not in {check.outcome for check in checked}
        assert [check.outcome for check in checks if check.name == "page"] == [Outcome.PASSED]
        (address,) = (check.detail for check in checks if check.name == "status")
        assert address
        assert f"{PAGES}/p/" in address.en, "the QR code leads to the portal that make up starts"
