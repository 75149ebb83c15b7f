"""The role press: a process of its own that makes documents, and that starts only with what it signs with."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from deploy.local import typefaces
from deploy.local.signing import development_signing
from deploy.local.system import RUN
from services.registry import REGISTRY
from shared.documents.key_files import write_keys
from shared.documents.keys import IssuerKeys
from shared.identity import DEVELOPMENT_ISSUER
from shared.runtime import command
from shared.runtime.config import ConfigurationError, read
from shared.runtime.press import told_in
from shared.runtime.roles import ProcessRole
from tests.pressing import leave_alone_others
from tests.shared.documents.parts import seal_in
from tests.shared.http.parts import process
from tests.shared.runtime.test_config import GIVEN
from tests.support import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from deploy.local.system import System
    from shared.documents.key_files import Seal
    from tests.support import Office

PUBLIC = {"QUANHENG_PUBLIC_URL": "https://{service}.example.gov.cn/"}


def signing(seal: Seal) -> dict[str, str]:
    return {
        "QUANHENG_SIGNING_KEY_FILE": str(seal.private),
        "QUANHENG_CHECKPOINT_KEY_FILE": str(seal.checkpoints),
        "QUANHENG_PUBLISHED_KEYS_FILE": str(seal.published),
    }


def test_a_press_makes_what_is_decided_until_it_is_told_to_stop(system: System, office: Office) -> None:
    typefaces.ensure()
    case = office.case("type_approval")
    case.until("grant")
    leave_alone_others(office, case)
    made = "SELECT 1 FROM issues WHERE case_id = :case AND notice IS NULL AND made_at IS NOT NULL"
    settings = signing(development_signing(RUN))
    with process(system, "type_approval", settings, roles=("press",)) as found:
        wait_for(lambda: office.rows("type_approval", made, case=case.id), what="the document to be made")
        # Unless a test before had it signed within the pause, the press does that when it starts.
        signed = "SELECT 1 FROM checkpoints"
        wait_for(lambda: office.rows("type_approval", signed), what="the log to be signed")
        found.running.send_signal(signal.SIGTERM)
        assert found.running.wait(20) == 0
    told = "SELECT count(*) FROM journal WHERE case_id = :case AND action = 'certificate.issued'"
    assert office.rows("type_approval", told, case=case.id) == [(1,)]


def test_only_services_that_give_out_documents_have_a_press() -> None:
    assert {service for service, parts in REGISTRY.items() if parts.gives_documents} == {
        "type_approval",
        "licensing",
        "c_mark",
    }


def test_production_signs_with_published_keys_of_its_own_only(tmp_path: Path) -> None:
    typefaces.ensure()
    seal = seal_in(tmp_path)
    given = {**GIVEN, **PUBLIC, **signing(seal)}
    found, address = told_in(read("type_approval", given))
    assert (found, address) == (seal, "https://type-approval.example.gov.cn")
    with pytest.raises(ConfigurationError, match="development key, which production refuses"):
        told_in(read("type_approval", {**given, **signing(development_signing(RUN))}))
    with pytest.raises(ConfigurationError, match=r"QUANHENG_CHECKPOINT_KEY_FILE: .* signs documents"):
        told_in(read("type_approval", {**given, "QUANHENG_CHECKPOINT_KEY_FILE": str(seal.private)}))
    seal.published.write_bytes(write_keys(IssuerKeys()))
    with pytest.raises(ConfigurationError, match="not among the published ones"):
        told_in(read("type_approval", given))


def test_what_a_press_needs_is_named() -> None:
    with pytest.raises(ConfigurationError, match="SIGNING_KEY_FILE, QUANHENG_PUBLISHED"):
        told_in(read("licensing", GIVEN))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUANHENG_SIGNING_KEY_FILE", "/nowhere.pem"),
        ("QUANHENG_PUBLIC_URL", "permits.example"),
        ("QUANHENG_PUBLIC_URL", "http://permits.example"),
        ("QUANHENG_PUBLIC_URL", "https://permits.example/?a=b"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        read("licensing", {**GIVEN, name: value})


def test_in_development_documents_lead_to_the_process_itself() -> None:
    given = {**GIVEN, "QUANHENG_PROFILE": "development", "QUANHENG_ISSUER": DEVELOPMENT_ISSUER}
    assert read("licensing", given).public_url == "http://127.0.0.1:8000"


def test_a_press_shares_its_process_with_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert not command.read(REGISTRY, ["licensing", "--role=press"]).in_greenthreads
    assert command.read(REGISTRY, ["licensing", "--role=press", "--role=api"]).roles == {
        ProcessRole.PRESS,
        ProcessRole.API,
    }
    with pytest.raises(SystemExit):
        command.read(REGISTRY, ["licensing", "--role=press", "--role=relay"])
    assert "a process of its own" in capsys.readouterr().err
