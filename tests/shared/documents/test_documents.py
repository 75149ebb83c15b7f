"""A certificate from its content to a verifiable page: changed, swapped or outdated parts are reported."""

from __future__ import annotations

import io
import random
import socket
import subprocess
from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import orjson
import pytest
import zxingcpp
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader

from shared.anchors.checkpoint import Checkpoint
from shared.anchors.leaves import content
from shared.anchors.merkle import leaf_hash
from shared.documents import jws, pdf_signature, status
from shared.documents.canonical import canonical
from shared.documents.issues import FIRST_PERMIT_SCHEMA
from shared.documents.keys import Purpose, new_private_key, publish
from shared.documents.making import Made, make
from shared.documents.pages import UnprintableError
from shared.documents.verification import CHECKS, Outcome, verify
from tests.outside import program
from tests.shared.documents.parts import (
    AUTHORITY,
    CHECK,
    CODE,
    CONTENT,
    REPORT,
    SIGNED,
    SINCE,
    key_of_office,
    unfit_for_archives,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from shared.documents.keys import IssuerKeys, SigningKey
    from shared.documents.pages import Printer

STEP = 10
KEYS, KEY = key_of_office()
KEYS = KEYS.added(publish(_private := new_private_key(), AUTHORITY, SINCE, Purpose.CHECKPOINTS))
LOG_KEY = KEYS.signing(_private, SIGNED, Purpose.CHECKPOINTS, development=False)


ELSEWHERE = ("keys", "files", "chain", "documents", "papers")
"""Checks of the published keys and of archives."""


@pytest.fixture(scope="module")
def made(press: Printer) -> Made:
    return make(CONTENT, 1, CHECK, KEY, press, SIGNED)


def failed(file: bytes, keys: IssuerKeys = KEYS, **given: Any) -> str | None:
    """The check that fails, and that every one before it did not."""
    checks = verify(file, keys, **given)
    assert all(check.outcome is not Outcome.FAILED for check in checks[:-1])
    assert [check.name for check in checks] == [name for name in CHECKS if name in {check.name for check in checks}]
    return checks[-1].name if checks[-1].outcome is Outcome.FAILED else None


def test_an_untouched_document_passes_every_check_that_needs_no_network(made: Made) -> None:
    checks = verify(made.pdf, KEYS, report=REPORT, proof=proof_of(made))
    assert {check.name: check.outcome for check in checks} == {
        **dict.fromkeys((name for name in CHECKS if name not in ELSEWHERE), Outcome.PASSED),
        "status": Outcome.NOT_DONE,
    }
    assert failed(made.jws.encode()) is None
    assert failed(made.json, signed=made.jws) is None


def proof_of(made: Made, number: str = CONTENT["number"], key: SigningKey = LOG_KEY, at: datetime = SIGNED) -> bytes:
    """The proof from a log with this document alone."""
    name = f"{number}/1"
    root = leaf_hash(content(name, bytes.fromhex(made.digest)))
    note = Checkpoint("quanheng.example/certificates", 1, root, at).signed(key)
    return orjson.dumps({"name": name, "sha256": made.digest, "place": 0, "path": [], "checkpoint": note})


def test_the_proof_of_another_document_proves_nothing(made: Made) -> None:
    assert failed(made.pdf, proof=proof_of(made, "2013F102-22")) == "log"
    assert failed(made.pdf, proof=b"{}") == "log"
    assert failed(made.jws.encode(), proof=proof_of(made)) == "log", "the log has the PDF"


def test_the_same_content_gives_the_same_bytes_but_for_the_signatures(made: Made, press: Printer) -> None:
    again = make(deepcopy(CONTENT), 1, CHECK, KEY, press, SIGNED)
    assert again.json == made.json
    assert made.pdf.startswith(press.draw(made.json, made.jws))
    assert orjson.loads(made.json) == {**CONTENT, "schema": FIRST_PERMIT_SCHEMA, "issue": 1, "check": CHECK}


def test_a_document_ordered_before_lines_had_characteristics_is_drawn_too(press: Printer) -> None:
    measured = {"max": {"value": "15", "unit": "kg"}, "accuracy_class": "III"}
    earlier = {"name": "电子计价秤", "model": "ACS-15", **measured}
    made = make({**CONTENT, "lines": [earlier]}, 1, CHECK, KEY, press, SIGNED)
    assert failed(made.pdf) is None


def test_a_value_that_has_a_name_is_printed_by_it(press: Printer, tmp_path: Path) -> None:
    digital = {"zh": "数字显示", "en": "digital display"}
    said = deepcopy(CONTENT)
    said["lines"][0]["characteristics"]["indication"] = "digital"
    kind = {"symbol": "indication", "zh": "指示方式", "en": "kind of indication", "place": 4}
    said["legend"]["indication"] = {**kind, "words": {"digital": digital}}
    (tmp_path / "a.pdf").write_bytes(make(said, 1, CHECK, KEY, press, SIGNED).pdf)
    asked = [program("pdftotext"), "a.pdf", "-"]
    found = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True).stdout  # noqa: S603 - named
    assert digital["zh"] in found
    assert "digital" not in found


def test_a_development_key_marks_what_it_signs_and_counts_only_where_it_is_let(press: Printer) -> None:
    keys, key = key_of_office(development=True)
    sample = make(CONTENT, 1, CHECK, key, press, SIGNED)
    assert orjson.loads(sample.json)["sample"] is True
    assert failed(sample.pdf, keys) == "key"
    assert verify(sample.pdf, keys, allow_development=True)[-1].outcome is Outcome.NOT_DONE


def test_every_tenth_changed_byte_of_the_data_is_found_and_named(made: Made) -> None:
    for at in range(0, len(made.jws), STEP):
        changed = made.jws[:at] + chr(ord(made.jws[at]) ^ 1) + made.jws[at + 1 :]
        assert failed(changed.encode()) in {"readable", "key", "signed_data"}
        assert failed(made.json, signed=changed) in {"readable", "key", "signed_data"}
    for at in range(1, len(made.json), STEP):
        data = bytearray(made.json)
        data[at] ^= 1
        assert failed(bytes(data), signed=made.jws) == "data"


@pytest.mark.long
@pytest.mark.parametrize("seed", [12, 16])
def test_a_changed_byte_of_a_certificate_is_found_wherever_it_is_and_without_a_network(
    made: Made, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a check without a network asks for none")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert failed(made.pdf, report=REPORT, proof=proof_of(made), listed=signed_list()) is None
    # Each tenth byte of a small PDF is tried where signatures are tested; this one has fonts in it.
    for at in random.Random(seed).sample(range(len(made.pdf)), 250):  # noqa: S311 - no secret
        data = bytearray(made.pdf)
        data[at] ^= 1
        assert failed(bytes(data)) in {"readable", "whole", "signature"}, at


@pytest.mark.parametrize("file", [b"", b"%PDF-1.7\n", b"\x89PNG", b"a.b.c", "权衡".encode(), b"%PDF-" + b"\0" * 999])
def test_what_is_no_document_cannot_be_read(file: bytes) -> None:
    assert failed(file) == "readable"


def test_json_alone_proves_nothing(made: Made) -> None:
    assert failed(made.json) == "signed_data"


def test_a_page_that_shows_other_data_than_were_signed_is_found(made: Made, press: Printer) -> None:
    richer = {**CONTENT, "holder": {**CONTENT["holder"], "name": "另一家公司"}}
    other = make(richer, 1, CHECK, KEY, press, SIGNED)
    swapped = press.draw(other.json, made.jws)
    assert failed(pdf_signature.sign(swapped, KEY, SIGNED)) == "data"
    unlike = made.pdf[: len(press.draw(made.json, made.jws))].replace(b"/Lang(zh-CN)", b"/Lang(zh-TW)")
    assert failed(pdf_signature.sign(unlike, KEY, SIGNED)) == "page"


def test_a_signature_does_not_hold_for_another_document(made: Made, press: Printer) -> None:
    page = press.draw(made.json, made.jws)
    other = press.draw(made.json.replace(b"ACS-15", b"ACS-51"), made.jws)
    moved = other + made.pdf[len(page) :]
    assert failed(moved) in {"readable", "whole", "signature"}


def test_a_report_that_is_not_the_bound_one_is_named(made: Made) -> None:
    assert failed(made.pdf, report=REPORT + b" ") == "report"


def test_a_document_of_a_lost_key_counts_where_the_log_had_it_before(made: Made) -> None:
    revoked = KEYS.revoked(KEY.published.kid, SIGNED + timedelta(hours=2), "介质遗失")
    assert failed(made.pdf, revoked) == "key"
    assert failed(made.pdf, revoked, proof=proof_of(made, at=SIGNED + timedelta(hours=1))) is None
    assert failed(made.pdf, revoked, proof=proof_of(made, at=SIGNED + timedelta(hours=2))) == "key"
    assert failed(made.pdf, revoked, proof=proof_of(made, key=KEY)) == "key", "it does not sign checkpoints"
    assert failed(made.pdf, KEYS, proof=proof_of(made, key=KEY)) == "log"
    both_lost = revoked.revoked(LOG_KEY.published.kid, SIGNED + timedelta(days=1), "介质遗失")
    assert failed(made.pdf, both_lost, proof=proof_of(made)) == "key"
    assert failed(made.pdf, KEYS.revoked(LOG_KEY.published.kid, SIGNED, "遗失"), proof=proof_of(made)) == "log"


def signed_list(*ended: str, key: SigningKey = LOG_KEY, titles: Sequence[str] = (CONTENT["title"]["zh"],)) -> str:
    rows = [{"number": number, "on": "2015-06-01", "ground": "REVOKED"} for number in ended]
    said = {"schema": status.SCHEMA, "titles": [*titles], "ended": rows, "as_of": "2015-06-02T01:00:00Z"}
    return jws.sign(canonical(said), key, SIGNED, status.KIND)


def test_a_list_says_offline_whether_the_permit_has_ended_and_as_of_when(made: Made) -> None:
    number = CONTENT["number"]
    standing = verify(made.pdf, KEYS, listed=signed_list("2013F999-22"))[-1]
    assert standing.detail
    assert (standing.outcome, "as of 2015-06-02T01:00:00Z" in standing.detail.en) == (Outcome.PASSED, True)
    ended = verify(made.pdf, KEYS, listed=signed_list(number))[-1]
    assert ended.detail
    assert (ended.outcome, ended.detail.en[:30]) == (Outcome.ENDED, "ended on 2015-06-01 (REVOKED),")
    assert ended.detail.zh.startswith("已于2015-06-01失效")
    good = signed_list(number)
    for wrong in ("", made.jws, signed_list(key=KEY), signed_list(titles=["制造计量器具许可证"])):
        assert failed(made.pdf, listed=wrong) == "status"
    for at in range(0, len(good), STEP):
        changed = good[:at] + chr(ord(good[at]) ^ 1) + good[at + 1 :]
        assert failed(made.pdf, listed=changed) == "status", at
    assert failed(made.pdf, KEYS.revoked(LOG_KEY.published.kid, SIGNED, "遗失"), listed=good) == "status"


def test_unknown_lost_and_exchanged_keys_are_named(made: Made) -> None:
    stranger, _ = key_of_office()
    revoked = KEYS.revoked(KEY.published.kid, SIGNED, "介质遗失")
    for file in (made.pdf, made.jws.encode()):
        assert failed(file, stranger) == "key"
        assert failed(file, revoked) == "key"
    following = publish(new_private_key(), AUTHORITY, SIGNED)
    rotated = KEYS.added(following).rotated(following.kid, SIGNED.replace(year=2015))
    assert failed(made.pdf, rotated) is None


def test_a_pdf_and_its_data_are_signed_with_one_key(press: Printer) -> None:
    keys, other = key_of_office()
    both = keys.added(KEY.published)
    data = make(CONTENT, 1, CHECK, other, press, SIGNED)
    assert failed(pdf_signature.sign(press.draw(data.json, data.jws), KEY, SIGNED), both) == "signed_data"


def test_the_qr_code_on_the_page_is_the_address_of_the_check(made: Made, press: Printer) -> None:
    page = Image.open(io.BytesIO(press.picture(made.json, made.jws, 200)))
    (code,) = zxingcpp.read_barcodes(page)
    assert code.text == CHECK
    assert CHECK.endswith(CODE)


def test_a_character_that_no_typeface_has_is_an_error_and_no_empty_box(press: Printer) -> None:
    holder = {**CONTENT["holder"], "name": "\U000f0000公司"}
    with pytest.raises(UnprintableError, match="could not be displayed"):
        make({**CONTENT, "holder": holder}, 1, CHECK, KEY, press, SIGNED)


def test_a_series_goes_over_pages_and_a_licence_shows_standard_and_term(press: Printer) -> None:
    lines = [{**CONTENT["lines"][0], "model": f"ACS-{n}", "standard": "GB/T 7722-2005"} for n in range(60)]
    licence = {**CONTENT, "lines": lines, "valid_until": "2017-01-07", "number": "吉制00000001号"}
    made = make(licence, 2, CHECK, KEY, press, SIGNED)
    assert failed(made.pdf) is None
    assert unfit_for_archives(made.pdf) == []


def test_signing_leaves_an_archivable_and_accessible_pdf(made: Made, press: Printer) -> None:
    before = PdfFileReader(io.BytesIO(press.draw(made.json, made.jws))).root
    root = PdfFileReader(io.BytesIO(made.pdf)).root
    metadata = root["/Metadata"].data
    assert metadata == before["/Metadata"].data
    assert "/Version" not in root
    assert [file.get_object()["/AFRelationship"] for file in root["/AF"]] == ["/Data", "/Data"]
    assert unfit_for_archives(made.pdf) == []


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["qpdf", "--check", "a.pdf"], "No syntax or stream encoding errors"),
        (["pdfsig", "-nocert", "a.pdf"], "Signature is Valid"),
        (["pdfsig", "-nocert", "a.pdf"], "Total document signed"),
        (["pdftotext", "a.pdf", "-"], CONTENT["holder"]["name"]),
        (["pdfdetach", "-list", "a.pdf"], "2 embedded files"),
        (["jose", "jws", "ver", "-i", "a.jws", "-k", "key.json", "-O", "-"], CHECK),
    ],
)
def test_other_programs_agree(command: list[str], expected: str, made: Made, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(made.pdf)
    (tmp_path / "a.jws").write_text(made.jws)
    (tmp_path / "key.json").write_bytes(orjson.dumps(KEY.published.jwk))
    asked = [program(command[0]), *command[1:]]
    found = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 - named above
    assert expected in found.stdout
