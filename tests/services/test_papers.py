"""What anybody reads of a permit: its documents, and what its paper's QR code leads to."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import orjson
import pytest
from click.testing import CliRunner

from services.console import main
from shared.anchors.proof import continued
from shared.documents import jws, pdf_signature, status
from shared.documents.bags import verify_bag
from shared.documents.key_files import read_keys
from shared.documents.verification import Outcome, verify
from shared.law.rows import METADATA
from tests.pressing import log_documents, make_documents, permits_with_papers
from tests.services.licensing.parts import known_as
from tests.shared.uploads.files import changed
from tests.shared.uploads.test_http import unpacked
from tests.support import NOW, Caller, Office, PlayedCase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from shared.documents.verification import Check

PERMITS = {"type_approval": "certificates", "licensing": "licences"}
ENDED = "2014-03-05T10:00:00+08:00"


@pytest.fixture(scope="module")
def cases(office: Office) -> dict[str, PlayedCase]:
    """A certificate and a licence, and their documents."""
    return permits_with_papers(office)


def anybody(case: PlayedCase) -> Caller:
    return case.office.caller(case.service, None)


def permit(case: PlayedCase) -> Any:
    """The permit of the case as anybody reads it."""
    number = case.read()["certificate" if case.service == "type_approval" else "licence"]
    return anybody(case).get(f"/v1/{PERMITS[case.service]}/{number}").json


def document(case: PlayedCase, form: str, query: str = "") -> Any:
    return anybody(case).get(f"/v1/{PERMITS[case.service]}/{permit(case)['number']}/document.{form}{query}")


def content(case: PlayedCase, query: str = "") -> Any:
    """What is signed."""
    return orjson.loads(jws.read(document(case, "jws", query).body.decode()).payload)


def checks(case: PlayedCase, file: bytes, listed: str | None = None) -> list[Check]:
    keys = read_keys(anybody(case).get("/.well-known/quanheng/keys.json").body)
    return verify(file, keys, listed=listed, allow_development=True)


def status_list(case: PlayedCase) -> str:
    """The list of what has ended, as it is now."""
    log_documents(case.office, case.service)
    return str(anybody(case).get(f"/v1/{PERMITS[case.service]}/status-list").body.decode())


@pytest.mark.parametrize("service", PERMITS)
@pytest.mark.parametrize(("form", "media"), [("pdf", "application/pdf"), ("jws", "application/jose")])
def test_a_document_is_there_in_its_forms_and_passes_every_check_with_the_published_keys(
    cases: dict[str, PlayedCase], service: str, form: str, media: str
) -> None:
    answer = document(cases[service], form)
    assert (answer.status, answer.headers["Content-Type"]) == (200, media)
    assert Outcome.FAILED not in {check.outcome for check in checks(cases[service], answer.body)}
    path = f"/v1/{PERMITS[service]}/{permit(cases[service])['number']}/document.{form}"
    assert anybody(cases[service]).get(path, If_None_Match=answer.headers["ETag"]).status == 304


@pytest.mark.parametrize("service", PERMITS)
def test_the_address_in_the_qr_code_tells_what_the_permit_is_now(cases: dict[str, PlayedCase], service: str) -> None:
    case, address = cases[service], urlsplit(content(cases[service])["check"])
    assert f"{address.scheme}://{address.netloc}" == anybody(case).url
    found = anybody(case).get(address.path).json
    assert found == {**permit(case), "paper": {"issue": 1, "newest": True}}
    (issue,) = found["issues"]
    assert (issue["kind"], issue["on"]) == ("granted", NOW[:10])
    assert found["covers"][0]["from"] == NOW[:10] == found["since"]


@pytest.mark.parametrize("service", PERMITS)
def test_its_metadata_as_an_electronic_licence_are_signed_and_given_out(
    cases: dict[str, PlayedCase], service: str
) -> None:
    signed, case = content(cases[service]), cases[service]
    path = f"/v1/{PERMITS[service]}/{quote(signed['number'])}/metadata.json"
    answer = anybody(case).get(path)
    assert {one["name"]: one["value"] for one in answer.json["elements"]} == signed["metadata"]
    without_end = {"valid_until"} if service == "type_approval" else set()
    unknown = {"licence_code", "issuer_code", "identifier"} | without_end
    assert [*signed["metadata"]] == sorted({*METADATA} - unknown)
    shown = {"issuer": signed["authority"], "holder": signed["holder"]["name"], "holder_code_type": "统一社会信用代码"}
    assert shown.items() <= signed["metadata"].items()
    assert {one["confidence"] for one in answer.json["elements"]} == {"RL"}
    assert anybody(case).get(path, If_None_Match=answer.headers["ETag"]).status == 304
    assert anybody(case).get(f"{path}?issue=2").status == 404


@pytest.mark.parametrize("service", PERMITS)
def test_a_permit_is_proven_to_be_in_the_log_and_of_nothing_else_is_told(
    cases: dict[str, PlayedCase], service: str
) -> None:
    case, caller = cases[service], anybody(cases[service])
    log_documents(case.office, service)
    path = f"/v1/{PERMITS[service]}/{quote(permit(case)['number'])}"
    keys = read_keys(caller.get("/.well-known/quanheng/keys.json").body)
    pdf, proof = caller.get(f"{path}/document.pdf").body, caller.get(f"{path}/proof").body
    assert verify(pdf, keys, proof=proof, allow_development=True)[-2].name == "log"
    assert caller.get(f"/v1/{PERMITS[service]}/log/checkpoint").body.decode() == orjson.loads(proof)["checkpoint"]
    kept = orjson.loads(proof)["checkpoint"]
    size = kept.split("\n")[1]
    log_documents(case.office, service)
    growth = caller.get(f"/v1/{PERMITS[service]}/log/consistency?since={size}").body
    assert continued(growth, kept, keys).size >= int(size)
    for others in (case.read()["notices"][0]["number"], case.id):
        answer = caller.get(f"/v1/{PERMITS[service]}/{quote(others)}/proof?issue=1")
        assert (answer.status, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("service", PERMITS)
def test_an_unknown_number_and_a_wrong_code_are_answered_alike(cases: dict[str, PlayedCase], service: str) -> None:
    case = cases[service]
    number, code = permit(case)["number"], content(case)["check"].rpartition("/")[2]
    wrong = ("0" if code[0] != "0" else "1") + code[1:]
    answers = [anybody(case).get(path) for path in (f"/p/{number}/{wrong}", f"/p/{number[:-1]}9/{code}")]
    told = [{**answer.json, "instance": "", "correlation_id": ""} for answer in answers]
    assert [answer.status for answer in answers] == [404, 404]
    assert told[0] == told[1]


def test_number_and_code_are_found_in_any_spelling(cases: dict[str, PlayedCase]) -> None:
    case = cases["type_approval"]
    number, code = permit(case)["number"], content(case)["check"].rpartition("/")[2]
    misread = code.replace("0", "o").replace("1", "l").lower()
    for typed in (f"CPA {number.lower()}/{misread}", f"{number.replace('-', '–')}/{code[:4]}-{code[4:]}"):
        assert anybody(case).get(f"/p/{typed}").json["number"] == number, typed


def test_a_whole_case_has_its_documents_which_are_genuine_elsewhere(
    cases: dict[str, PlayedCase], tmp_path: Path
) -> None:
    case = cases["type_approval"]
    keys = tmp_path / "keys.json"
    keys.write_bytes(anybody(case).get("/.well-known/quanheng/keys.json").body)
    bag = unpacked(case.caller("applicant").get(f"{case.path('applicant')}/export.zip"))
    notices = {one["number"] for one in case.read()["notices"]}
    found = {name: bag[name] for name in bag if name.endswith(".pdf")}
    assert set(found) == {
        f"data/permits/{permit(case)['number']}-1.pdf",
        *(f"data/notices/{number}-1.pdf" for number in notices),
    }
    for name, pdf in found.items():
        (file := tmp_path / "a.pdf").write_bytes(pdf)
        result = CliRunner().invoke(main, ["verify", str(file), "--keys", str(keys), "--allow-development"])
        assert result.exit_code == 0, (name, result.output)
        assert bag[name.removesuffix("pdf") + "jws"] in pdf_signature.read(pdf).attachments.values()


TAMPERED: Mapping[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "another list": ("manifest-sha256.txt", lambda content: content.replace(b"0", b"1"), "files"),
    "an entry": ("chain.jsonl", lambda content: content.replace(b"submit", b"accept", 1), "chain"),
    "an entry that is left out": ("chain.jsonl", lambda content: content.partition(b"\n")[2], "chain"),
    "the end that is left out": ("chain.jsonl", lambda content: content.rstrip().rpartition(b"\n")[0], "chain"),
    "another journal": ("journal.json", lambda content: content.replace(b'"hash": "', b'"hash": "0', 1), "chain"),
    "a proof": ("chain.jsonl.proof.json", lambda content: content.replace(b'"place": ', b'"place": 1', 1), "log"),
    "a certificate": ("22-1.pdf", lambda content: content + b"\n", "whole"),
    "the data of a certificate": ("22-1.jws", lambda content: content[:-4] + b"AAAA", "signed_data"),
    "the proof of a certificate": (
        "22-1.pdf.proof.json",
        lambda content: content.replace(b'"place": ', b'"place": 1'),
        "log",
    ),
}


def test_a_whole_case_is_verified_elsewhere_and_whatever_is_changed_in_it_is_found(
    cases: dict[str, PlayedCase], tmp_path: Path
) -> None:
    case = cases["type_approval"]
    log_documents(case.office, case.service)
    published = anybody(case).get("/.well-known/quanheng/keys.json").body
    (tmp_path / "keys.json").write_bytes(published)
    who = {who: case.caller(who).get(f"{case.path(who)}/export.zip").body for who in ("intake", "applicant")}
    for name, archive in who.items():
        (file := tmp_path / f"{name}.zip").write_bytes(archive)
        result = CliRunner().invoke(main, ["verify", str(file), "--allow-development"])
        assert (result.exit_code, "genuine" in result.output) == (0, True), result.output
    papers = len(case.read()["notices"]) + 1
    assert f"✓ 文书与证书 what the office gave out: {papers}份，其中{papers}份已存证" in result.output
    keys = read_keys(published)
    for what, (name, change, check) in TAMPERED.items():
        made = verify_bag(BytesIO(changed(who["intake"], name, change)), keys, allow_development=True, drawn=False)
        assert (made[-1].outcome, made[-1].name) == (Outcome.FAILED, check), (what, made)
    assert verify_bag(BytesIO(b"PK\3\4"), keys)[-1].name == "readable"


def test_nobody_is_named(cases: dict[str, PlayedCase]) -> None:
    for case in cases.values():
        told = [orjson.dumps(permit(case)).decode(), orjson.dumps(content(case)).decode()]
        people = {*filter(None, [case.form.get("contact_person")]), *(actor.name for actor in case.people.values())}
        assert not [name for name in people for text in told if name in text]


def test_the_end_of_a_licence_is_an_issue_of_its_own_and_the_old_paper_says_so(office: Office) -> None:
    approval = office.case("type_approval")
    approval.until("grant")
    known_as(office, approval, "in_force")
    case = office.case("licensing", approval.code)
    case.until("deliver")
    make_documents(office, case)
    paper = urlsplit(content(case)["check"]).path
    before = status_list(case)
    case.do("penalise", now=ENDED)
    # Known at once, before any new document is made.
    found = anybody(case).get(paper).json
    assert (found["status"], found["since"]) == ("taken_away", ENDED[:10])
    assert found["paper"] == {"issue": 1, "newest": False}
    assert found["covers"] == [{"from": NOW[:10], "until": "2014-03-04"}]
    assert [(issue["kind"], "sha256" in issue) for issue in found["issues"]] == [("granted", True), ("ended", False)]
    assert document(case, "pdf").status == 404
    make_documents(office, case)
    assert content(case)["ended"]["ground"] == "PENALTY"
    assert "ended" not in content(case, "?issue=1")
    assert document(case, "pdf", "?issue=3").status == 404
    # Without a network each list says what was known on its day.
    old = document(case, "pdf", "?issue=1").body
    standing, ended = checks(case, old, before)[-1], checks(case, old, status_list(case))[-1]
    assert (standing.name, standing.outcome) == ("status", Outcome.PASSED)
    as_of = orjson.loads(jws.read(before, status.KIND).payload)["as_of"]
    assert standing.detail
    assert f"as of {as_of}" in standing.detail.en
    assert (ended.name, ended.outcome) == ("status", Outcome.ENDED)
    assert ended.detail
    assert ended.detail.en.startswith(f"ended on {ENDED[:10]} (PENALTY)")
    assert Outcome.FAILED not in {check.outcome for check in checks(case, document(case, "pdf").body)}
