"""Documents over HTTP: taken, read, replaced, submitted; what is wrong is refused and leaves nothing."""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import ExitStack
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from deploy.local.system import RUN
from shared.documents.bags import verify_bag
from shared.documents.key_files import read_keys
from shared.http.incoming import AT_ONCE_BY_CALLER
from tests.shared.http.parts import refused
from tests.shared.http.sockets import Wire
from tests.shared.uploads.files import JPEG, PNG, archive, changed, pdf, workbook
from tests.support import PlayedCase, applicant, credit_code, laboratory, officer, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support import Answer, Office

ONLINE = "2024-01-02T09:00:00+08:00"
"""A day on which applications are made online."""
PAPERS = ("business_licence", "photos", "user_manual", "drawings", "standard", "test_report")
PDF = {"Content_Type": "application/pdf"}


def send(case: PlayedCase, kind: str, content: bytes, name: str = "a.pdf", now: str = ONLINE, **headers: str) -> Answer:
    sent = headers or {"Content_Type": "application/octet-stream"}
    path = f"{case.path('applicant')}/documents?kind={kind}&name={name}"
    return case.caller("applicant", now).send("POST", path, content, **sent)


def listed(case: PlayedCase, who: str = "applicant") -> Any:
    answer = case.caller(who, ONLINE).get(f"{case.path(who)}/documents")
    assert answer.status == 200, answer.body
    return answer.json


def store(office: Office) -> Path:
    return RUN / "documents" / f"{office.engines['type_approval'].url.database}"


def arriving(office: Office) -> list[str]:
    return [path.name for path in (store(office) / "incoming").iterdir()]


def test_an_application_is_submitted_with_its_documents_and_bound_to_them(office: Office) -> None:
    case = office.case("type_approval")
    kinds = {kind["kind"]: kind for kind in listed(case)["kinds"]}
    assert [kind for kind in kinds if kinds[kind]["missing"]] == list(PAPERS)
    lacking = refused(case.attempt("submit", now=ONLINE), 422, "invalid")["invalid_params"]
    assert {fault["name"]: fault["code"] for fault in lacking} == {f"documents.{kind}": "missing" for kind in PAPERS}

    for kind in PAPERS:
        assert send(case, kind, pdf(kind.encode()), **PDF).status == 201
    drawings = next(one for one in listed(case)["items"] if one["kind"] == "drawings")
    again = send(case, "drawings", pdf(b"drawings"), **PDF)
    assert (again.json["id"], len(listed(case)["items"])) == (drawings["id"], len(PAPERS))
    assert listed(case)["kinds"][0]["missing"] is False
    assert case.do("submit", now=ONLINE)["state"] == "received"
    assert not any(kind["missing"] for who in ("applicant", "intake") for kind in listed(case, who)["kinds"])

    entries = case.caller("applicant").get(f"{case.path('applicant')}/journal").json
    hashes = {entry["data"]["sha256"] for entry in entries["items"] if entry["action"] == "add_document"}
    assert hashes == {sha256(pdf(kind.encode())).hexdigest() for kind in PAPERS}
    assert entries["intact"]
    assert refused(send(case, "other", pdf(b"late")), 409, "wrong_state")["state"] == "received"
    refused(case.caller("applicant").send("DELETE", drawings["href"], None), 409, "wrong_state")

    # The notice has been served: now the applicant may bring another version, which counts once it is sent.
    case.do("request_supplement", now=ONLINE)
    newer = case.caller("applicant", ONLINE).send(
        "PUT", f"{drawings['href']}?name=b.jpg", JPEG, Content_Type="image/jpeg"
    )
    assert (newer.status, newer.json["replaces"]) == (201, drawings["id"])
    staff = [one for one in listed(case, "examiner")["items"] if one["kind"] == "drawings"]
    assert [one["id"] for one in staff] == [drawings["id"]]
    case.do("supplement", now=ONLINE)
    staff = [one for one in listed(case, "examiner")["items"] if one["kind"] == "drawings"]
    assert [(one["id"], one.get("replaced_by")) for one in staff] == [
        (drawings["id"], newer.json["id"]),
        (newer.json["id"], None),
    ]
    for version, content in zip(staff, (pdf(b"drawings"), JPEG), strict=True):
        answer = case.caller("examiner", ONLINE).get(version["href"])
        assert (answer.status, answer.body) == (200, content)


def test_who_may_not_read_a_document_finds_none_and_who_does_is_recorded(office: Office) -> None:
    case = office.case("type_approval")
    href = send(case, "drawings", pdf(b"secret"), "总装图.pdf").json["href"]
    of_id = href.rpartition("/")[2]
    refused(case.caller("intake").get(f"{case.path('intake')}/documents"), 404, "not_found")
    refused(case.caller("applicant").get(f"{href}?dry_run=true"), 400, "malformed")
    for kind in PAPERS:
        send(case, kind, pdf(kind.encode()))
    for action in ("submit", "accept", "commission"):
        case.do(action, now=ONLINE)
    for who in ("applicant", "examiner", "tester"):
        answer = case.caller(who, ONLINE).get(f"{case.path(who)}/documents/{of_id}")
        assert (answer.status, answer.body) == (200, pdf(b"secret"))
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E6%80%BB")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        known = case.caller(who, ONLINE).get(
            f"{case.path(who)}/documents/{of_id}", If_None_Match=answer.headers["ETag"]
        )
        assert (known.status, known.body) == (304, b"")
    strangers = (applicant(credit_code()), laboratory("LAB-99"), officer("desk", "intake"))
    for actor in strangers:
        face = {"applicant": "/v1", "lab": "/v1/lab", "staff": "/internal/v1"}[actor.role]
        caller = office.caller("type_approval", actor, ONLINE)
        refused(caller.get(f"{face}/applications/{case.id}/documents/{of_id}"), 404, "not_found")
    assert "business_licence" not in {one["kind"] for one in listed(case, "tester")["items"]}
    read = office.rows(
        "type_approval", "SELECT role, subject FROM upload_reads WHERE upload_id = :id ORDER BY id", id=of_id
    )
    assert read == [(case.people[who].role, case.people[who].subject) for who in ("applicant", "examiner", "tester")]


def test_a_draft_s_document_is_taken_back_with_its_versions(office: Office) -> None:
    case = office.case("licensing")
    first = send(case, "self_assessment", pdf(b"1"), now="2013-09-17T09:00:00+08:00").json
    caller = case.caller("applicant")
    second = caller.send("PUT", f"{first['href']}?name=a.pdf", pdf(b"2"), **PDF).json
    refused(caller.send("DELETE", first["href"], None), 412, "stale")
    refused(caller.send("PUT", f"{first['href']}?name=a.pdf", pdf(b"3"), **PDF), 412, "stale")
    assert caller.send("DELETE", second["href"], None).status == 204
    assert listed(case)["items"] == []
    entries = caller.get(f"{case.path('applicant')}/journal").json["items"]
    done = ["create", "add_document", "replace_document", "remove_document", "remove_document"]
    assert [entry["action"] for entry in entries] == done
    # In the years of paper nothing was required, and nothing of that time is missing later.
    case = office.case("type_approval")
    case.do("submit")
    assert not any(kind["required"] for kind in listed(case, "intake")["kinds"])


def test_a_case_goes_out_whole_and_proves_what_was_sent(office: Office) -> None:
    case = office.case("type_approval")
    refused(case.caller("examiner").get(f"{case.path('examiner')}/export.zip"), 404, "not_found")
    first = send(case, "drawings", pdf(b"first"), "总装图.pdf").json
    case.caller("applicant", ONLINE).send("PUT", f"{first['href']}?name=b.pdf", pdf(b"second"), **PDF)
    send(case, "business_licence", pdf(b"licence"))
    case.do("submit")
    found = {who: unpacked(case.caller(who).get(f"{case.path(who)}/export.zip")) for who in ("applicant", "intake")}
    documents = [name for name in found["applicant"] if name.startswith("data/documents/drawings/")]
    assert [found["applicant"][name] for name in documents] == [pdf(b"first"), pdf(b"second")]
    # The desk reads neither the drawings nor a version that was not submitted.
    assert [name for name in found["intake"] if "/documents/" in name] == ["data/documents/business_licence/001-a.pdf"]
    head, previous = "", bytes(32)
    for line in found["intake"]["data/chain.jsonl"].splitlines():
        entry = json.loads(line)
        previous = sha256(previous + entry["content"].encode()).digest()
        head = entry["hash"]
        assert previous.hex() == head
    assert f"Journal-Head: {head}" in found["intake"]["bag-info.txt"].decode()
    assert "data/chain.jsonl" not in found["applicant"]
    keys = read_keys(office.caller("type_approval", None).get("/.well-known/quanheng/keys.json").body)
    whole = case.caller("intake").get(f"{case.path('intake')}/export.zip").body
    assert [check.name for check in verify_bag(BytesIO(whole), keys)] == [
        *("readable", "files", "chain", "log", "documents", "papers"),
    ]
    last = verify_bag(BytesIO(changed(whole, "001-a.pdf", lambda content: content + b"\n")), keys)[-1]
    assert (last.name, last.outcome) == ("documents", "failed")
    assert json.loads(found["applicant"]["data/events.json"])[0]["type"] == "application.received"


def unpacked(answer: Answer) -> dict[str, bytes]:
    """The files of the archive, which are those that it lists."""
    assert answer.status == 200, answer.body
    with ZipFile(BytesIO(answer.body)) as bag:
        found = {name: bag.read(name) for name in bag.namelist()}
    listed = dict(line.split("  ", 1)[::-1] for line in found["manifest-sha256.txt"].decode().splitlines())
    held = {name: sha256(content).hexdigest() for name, content in found.items() if name.startswith("data/")}
    assert listed == held
    return found


@pytest.mark.parametrize(
    ("query", "content", "status", "faults"),
    [
        ("kind=photos&name=a.pdf", archive("a"), 422, {"content": "kind_of_file"}),
        ("kind=photos&name=a.pdf", b"", 422, {"content": "empty"}),
        ("kind=photos&name=../a.pdf", pdf(), 422, {"name": "form"}),
        ("kind=paintings&name=a.exe", pdf(), 422, {"kind": "unknown_kind", "name": "kind_of_file"}),
        ("kind=photos&name=a%E2%80%AEfdp.pdf", pdf(), 400, {}),
        ("kind=photos", pdf(), 400, {"name": "missing"}),
    ],
)
def test_what_is_wrong_with_a_file_is_told_and_nothing_is_kept(
    office: Office, query: str, content: bytes, status: int, faults: dict[str, str]
) -> None:
    case = office.case("type_approval")
    answer = case.caller("applicant", ONLINE).send(
        "POST", f"{case.path('applicant')}/documents?{query}", content, Content_Type="application/octet-stream"
    )
    assert (answer.status, answer.faults) == (status, faults), answer.body
    assert (listed(case)["items"], arriving(office)) == ([], [])


def test_a_file_that_is_not_the_one_that_was_announced_is_refused(office: Office) -> None:
    case = office.case("type_approval")
    right, wrong = (b64encode(sha256(content).digest()).decode() for content in (pdf(), PNG))
    for said, told in (
        (f"sha-256=:{wrong}:", "what arrived has sha-256=:" + right),
        ("sha-256=right", "not a digest"),
        (f"sha-512=:x:, sha-256=:{wrong}:", "what arrived has"),
    ):
        answer = send(case, "photos", pdf(), Content_Digest=said, **PDF)
        assert told in refused(answer, 400, "malformed")["detail"]
    assert (listed(case)["items"], arriving(office)) == ([], [])
    assert send(case, "photos", pdf(), Content_Digest=f"sha-512=:x:, sha-256=:{right}:", **PDF).status == 201
    assert send(case, "photos", PNG, "a.png", Content_Digest="sha-512=:x:", Content_Type="image/png").status == 201, (
        "another algorithm"
    )


def test_a_file_that_is_cut_off_or_too_large_or_sent_by_nobody_leaves_nothing(office: Office) -> None:
    case = office.case("type_approval")
    actor = case.people["applicant"]
    token = office.caller("type_approval", actor).token
    url = office.caller("type_approval", None).url

    def head(*more: str, token: str | None = token) -> bytes:
        lines = [f"POST {case.path('applicant')}/documents?kind=photos&name=a.pdf HTTP/1.1", "Host: x", *more]
        return "\r\n".join([*lines, *([f"Authorization: Bearer {token}"] if token else []), "", ""]).encode()

    with Wire(url) as wire:
        refused(wire.send(head(f"Content-Length: {51 << 20}", "Expect: 100-continue")).answer(), 413, "too_large")
    with Wire(url) as wire:
        refused(wire.send(head("Content-Length: 100", token=None)).answer(), 401, "unauthenticated")
    with Wire(url) as wire:
        wire.send(head("Content-Length: 100000") + pdf()).end()
        assert "100000 bytes announced" in refused(wire.answer(), 400, "malformed")["detail"]
    with Wire(url) as wire:
        wire.send(head("Transfer-Encoding: chunked") + b"%x\r\n%b\r\n0\r\n\r\n" % (len(workbook()), workbook()))
        refused(wire.answer(), 422, "invalid")
    assert (listed(case)["items"], arriving(office)) == ([], [])


def test_files_that_come_slowly_stop_nobody_and_a_caller_sends_few_at_once(office: Office) -> None:
    case = office.case("type_approval")
    caller = office.caller("type_approval", case.people["applicant"])
    path = f"{case.path('applicant')}/documents?kind=photos&name=a.pdf"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {caller.token}\r\nContent-Length: 9999\r\n\r\n"
    with ExitStack() as open_wires:
        for _ in range(AT_ONCE_BY_CALLER):
            open_wires.enter_context(Wire(caller.url)).send(head.encode() + pdf())
        wait_for(lambda: len(arriving(office)) == AT_ONCE_BY_CALLER, what="the files to arrive")
        assert refused(send(case, "photos", pdf()), 429, "rate_limited")["retry_after"]
        assert listed(case)["items"] == []
    wait_for(lambda: arriving(office) == [], what="what was cut off to be forgotten")
    assert send(case, "photos", pdf()).status == 201


def test_a_laboratory_adds_photographs_of_the_prototypes_that_it_has(office: Office) -> None:
    case = office.case("type_approval")
    case.until("serve_time_notice")
    lab = case.caller("tester")
    path = f"{case.path('tester')}/documents"
    sent = f"{path}?kind=custody_photo&name=样机.jpg"
    assert lab.send("POST", sent, JPEG, Content_Type="image/jpeg").status == 409
    # Once they are on their way: the receipt names their photographs.
    case.do("arrange")
    made = lab.send("POST", sent, JPEG, Content_Type="image/jpeg")
    assert made.status == 201, made.body
    assert made.json["filed_at"]
    shown = {"document": made.json["id"], "sha256": made.json["sha256"]}
    sample = {"serial": "S-1", "model": "ACS-15", "seals": "完好", "place": "样品室", "photos": [shown]}
    assert case.do("receive_samples", samples=[sample])["samples"][0]["photos"] == [shown]
    assert lab.send("POST", f"{path}?kind=photos&name=样机.jpg", JPEG, Content_Type="image/jpeg").status == 422
    again = lab.send("PUT", f"{path}/{made.json['id']}?name=样机2.png", PNG, Content_Type="image/png")
    assert (again.status, again.json["replaces"]) == (201, made.json["id"])
    for who in ("tester", "head", "applicant"):
        items = case.caller(who).get(f"{case.path(who)}/documents").json["items"]
        assert [item["name"] for item in items] == ["样机.jpg", "样机2.png"]
    kinds = case.caller("applicant").get(f"{case.path('applicant')}/documents").json["kinds"]
    assert "custody_photo" not in {kind["kind"] for kind in kinds}
