"""A virus scanner over HTTP: what waits for it is submitted and opened by nobody else; what is infected is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shared.messaging.doorbell import RemoteDoorbell
from shared.runtime.database import Store
from shared.runtime.time import GivenTime
from shared.uploads.store import Folder
from shared.uploads.sweeping import Cases, scan_waiting
from tests.shared.casework.parts import PROCEDURES, RULES
from tests.shared.http.parts import process, refused
from tests.shared.uploads.files import pdf
from tests.shared.uploads.scanners import CLEAN, FOUND, scanner
from tests.shared.uploads.test_http import ONLINE, PAPERS, PDF, store, unpacked
from tests.support import Caller, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from deploy.local.system import System
    from tests.shared.http.parts import Beside
    from tests.support import Office, PlayedCase

SERVICE = "type_approval"


@pytest.fixture(scope="module")
def beside(system: System) -> Iterator[Beside]:
    """An API that knows of a scanner, which nobody asks yet."""
    with process(system, SERVICE, {"QUANHENG_CLAMD": "/nowhere"}) as found:
        yield found


class Sender:
    """Who sends and fetches documents of a case where there is a scanner."""

    def __init__(self, beside: Beside, case: PlayedCase, who: str) -> None:
        self._to = Caller(beside.url, case.caller(who).token, ONLINE)
        self._path = f"{case.path(who)}/documents"

    def send(self, kind: str, content: bytes) -> Any:
        answer = self._to.send("POST", f"{self._path}?kind={kind}&name=a.pdf", content, **PDF)
        assert answer.status == 201, answer.body
        return answer.json

    def replace(self, one: str, content: bytes) -> Any:
        return self._to.send("PUT", f"{self._path}/{one}?name=b.pdf", content, **PDF)

    def fetch(self, one: str) -> Any:
        return self._to.get(f"{self._path}/{one}")


def scanned(office: Office, folder: Path, answer: bytes) -> None:
    """The scanner says that of the content that waits."""
    engine = office.engines[SERVICE]
    cases = Cases(PROCEDURES[SERVICE], RULES, GivenTime())
    with scanner(folder / "clamd", answer) as address:
        scan_waiting(Store(engine, RemoteDoorbell(engine)), Folder(store(office)), address, cases)


def test_what_waits_is_submitted_and_what_is_infected_is_told_of_and_replaced(
    office: Office, beside: Beside, tmp_path: Path
) -> None:
    case = office.case(SERVICE)
    applicant, examiner = (Sender(beside, case, who) for who in ("applicant", "examiner"))
    sent = {kind: applicant.send(kind, pdf(case.code.encode())) for kind in PAPERS}
    assert {one["scan"] for one in sent.values()} == {"waiting"}
    assert case.do("submit", now=ONLINE)["state"] == "received"
    drawings = sent["drawings"]["id"]
    assert "has not looked at it yet" in refused(examiner.fetch(drawings), 409, "wrong_state")["detail"]
    assert applicant.fetch(drawings).status == 200
    scanned(office, tmp_path, CLEAN)
    assert examiner.fetch(drawings).body == pdf(case.code.encode())

    case.do("request_supplement", now=ONLINE)
    second = applicant.replace(drawings, pdf(b"second" + case.code.encode()))
    assert second.status == 201
    bad = second.json["id"]
    case.do("supplement", now=ONLINE)
    scanned(office, tmp_path, FOUND)
    for someone in (applicant, examiner):
        assert "malware" in refused(someone.fetch(bad), 409, "wrong_state")["detail"]
    whole = unpacked(case.caller("applicant").get(f"{case.path('applicant')}/export.zip"))
    assert [name for name in whole if "/drawings/" in name] == ["data/documents/drawings/004-a.pdf"]
    told = office.caller("notifications", case.people["applicant"])

    def is_told() -> bool:
        return any("malware was found in b.pdf" in one["subject"] for one in told.items("/v1/messages"))

    wait_for(is_told, what="the sender to be told")
    noted = case.caller("examiner").get(f"{case.path('examiner')}/journal").json
    assert (noted["items"][-1]["action_name"]["zh"], noted["intact"]) == ("材料查出病毒", True)

    # The office has the case in hand, and nothing else may be changed.
    refused(applicant.replace(sent["photos"]["id"], pdf(b"other")), 409, "wrong_state")
    third = applicant.replace(bad, pdf(b"third" + case.code.encode()))
    assert (third.status, third.json["scan"], third.json["replaces"]) == (201, "waiting", bad)
    scanned(office, tmp_path, CLEAN)
    assert examiner.fetch(third.json["id"]).body == pdf(b"third" + case.code.encode())
    refused(applicant.replace(third.json["id"], pdf(b"fourth")), 409, "wrong_state")


def test_an_infected_draft_is_not_submitted(office: Office, beside: Beside, tmp_path: Path) -> None:
    case = office.case(SERVICE)
    applicant = Sender(beside, case, "applicant")
    photos = applicant.send("photos", pdf(case.code.encode()))["id"]
    scanned(office, tmp_path, FOUND)
    assert case.attempt("submit").faults == {"documents.photos": "infected"}
    noted = case.caller("applicant").get(f"{case.path('applicant')}/journal").json["items"]
    assert (noted[-1]["action"], noted[-1]["data"]["document"]) == ("document.infected", photos)
    assert applicant.replace(photos, pdf(b"clean" + case.code.encode())).status == 201
    scanned(office, tmp_path, CLEAN)
    assert case.do("submit")["state"] == "received"
