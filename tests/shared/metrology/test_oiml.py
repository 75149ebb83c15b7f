"""Numbers of OIML certificates are the same in every spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrology.oiml import CertificateNumber, OimlNumberError, read

NUMBERS = st.builds(
    CertificateNumber,
    recommendation=st.integers(1, 200),
    edition=st.integers(1978, 1991),
    scheme=st.sampled_from(("", "A", "B")),
    issuer=st.from_regex("[A-Z]{2}[0-9]", fullmatch=True),
    year=st.integers(1991, 2090),
    serial=st.integers(0, 999999),
    revision=st.integers(0, 999),
)


@given(NUMBERS)
def test_the_register_and_the_paper_name_the_same_certificate(number: CertificateNumber) -> None:
    assert read(str(number)) == read(number.printed) == number


@given(NUMBERS, st.data())
def test_blanks_case_padding_and_dashes_make_no_other_certificate(
    number: CertificateNumber, data: st.DataObject
) -> None:
    typed = data.draw(st.sampled_from((str(number), number.printed)))
    dash, blank = data.draw(st.sampled_from("-–—−")), data.draw(st.sampled_from(("", " ", "\u3000")))
    typed = typed.replace("-", f"{blank}{dash}{blank}").replace("/", f"{blank}/").replace("R", f"R{blank}", 1)
    if data.draw(st.booleans()):
        typed = f"OIML {typed.lower()}"
    assert read(typed) == number


@pytest.mark.parametrize(
    ("printed", "listed"),
    [
        ("R76/2006-A-NL1-24.25", "R076/2006-A-NL1-2024.25"),
        ("R76/2006-A-NL1-24.25 Rev. 0", "R076/2006-A-NL1-2024.25"),
        ("R76/2006-A-NL1-24.25 Rev.2", "R076/2006-A-NL1-2024.25 Rev. 2"),
        ("R76/1992-CN1-05.01", "R076/1992-CN1-2005.01"),
        ("R60/1991-GB1-98.7", "R060/1991-GB1-1998.07"),
    ],
)
def test_known_spellings(printed: str, listed: str) -> None:
    assert str(read(printed)) == str(read(listed)) == listed


@pytest.mark.parametrize(
    "typed", ["", "R76", "R76/2006-C-NL1-24.25", "R76/06-A-NL1-24.25", "R76/2006-A-NL-24.25", "R0/2006-NL1-24.25"]
)
def test_what_is_no_number_is_told_so_in_both_languages(typed: str) -> None:
    with pytest.raises(OimlNumberError, match="is not a number of an OIML certificate") as refused:
        read(typed)
    assert "不是OIML证书编号" in refused.value.told.zh


@pytest.mark.parametrize("typed", ["R76/2006-NL1-2005.25", "R76/1978-NL1-1990.25"])
def test_no_certificate_is_older_than_its_edition_or_the_system(typed: str) -> None:
    with pytest.raises(OimlNumberError, match="none is older than the edition"):
        read(typed)
