"""Signatures: a change of any signed byte is detected."""

import pytest
import typst

from shared.documents import jws, pdf_signature
from shared.documents.keys import IssuerKey
from shared.documents.pdf_signature import PdfFault
from tests.shared.documents.parts import SIGNED, key_of_office

STEP = 10
PAGE = b'#set document(date: none)\n#set page(width: 20mm, height: 10mm)\n#pdf.attach("a.json", bytes("{}"))\n#square()'


def test_every_changed_character_of_signed_data_is_found() -> None:
    _, key = key_of_office()
    text = jws.sign('{"number":"吉制00000001号"}'.encode(), key, SIGNED)
    signed = jws.read(text)
    assert signed.proves(key.published)
    assert (signed.kid, signed.signed_at) == (key.published.kid, SIGNED)
    for at in range(len(text)):
        for bit in (1, 2, 4):
            changed = text[:at] + chr(ord(text[at]) ^ bit) + text[at + 1 :]
            assert not _genuine(changed, key.published), f"character {at}"


def _genuine(text: str, key: IssuerKey) -> bool:
    try:
        return jws.read(text).proves(key)
    except ValueError:
        return False


@pytest.fixture(scope="module")
def small() -> tuple[bytes, bytes]:
    """A small PDF, and the same signed."""
    _, key = key_of_office()
    pdf = typst.compile(PAGE, format="pdf")
    return pdf, pdf_signature.sign(pdf, key, SIGNED)


def test_a_signature_leaves_the_pdf_as_it_was_and_says_when_it_was_made(small: tuple[bytes, bytes]) -> None:
    pdf, signed = small
    assert signed.startswith(pdf)
    found = pdf_signature.read(signed)
    assert found.signed_at == SIGNED
    assert found.attachments == {"a.json": b"{}"}


@pytest.mark.long
def test_every_tenth_byte_that_is_changed_in_a_pdf_is_found(small: tuple[bytes, bytes]) -> None:
    _, signed = small
    # The signature itself is written as hexadecimal digits: a changed case is a changed byte too.
    for at in range(0, len(signed), STEP):
        changed = bytearray(signed)
        changed[at] ^= 0x20 if at % 20 else 0x01
        with pytest.raises(PdfFault):
            pdf_signature.read(bytes(changed))


@pytest.mark.parametrize("added", [b"\n", b" ", b"\0", b"%%EOF\n", b"1 0 obj\n<<>>\nendobj\n"])
def test_what_is_added_behind_a_signature_is_found(small: tuple[bytes, bytes], added: bytes) -> None:
    with pytest.raises(PdfFault) as found:
        pdf_signature.read(small[1] + added)
    assert found.value.check in {"whole", "readable"}


def test_a_pdf_without_a_signature_is_none_of_the_office(small: tuple[bytes, bytes]) -> None:
    with pytest.raises(PdfFault, match="0 signatures"):
        pdf_signature.read(small[0])
