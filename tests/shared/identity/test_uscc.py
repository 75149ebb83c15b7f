"""Unified social credit codes: real ones, a wrong worked example in the standard, and early codes that fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.uscc import (
    CodeError,
    Severity,
    check,
    check_character,
    organisation_check_character,
    party,
    written,
)


@pytest.mark.parametrize(
    "code",
    [
        "9144030071526726XG",
        "91330100799655058B",
        "914403001922038216",
        "91110000802100433B",
        "91512081MA62K0260E",
        "11320000MB151840XJ",
        "91220101MA0Y000086",
    ],
)
def test_valid_codes(code: str) -> None:
    assert check(code) == ()


def test_the_worked_example_of_the_standard_is_wrong() -> None:
    (finding,) = check("91350100M000100Y4Z")
    assert finding.severity is Severity.BLOCK, "Z is outside the alphabet"
    assert check_character("91350100M000100Y4") == "3"


@pytest.mark.parametrize("code", ["91350211M0000XUF46", "91350100M0001TGQXM"])
def test_a_failing_check_character_is_for_a_person_to_confirm(code: str) -> None:
    (finding,) = check(code)
    assert finding.severity is Severity.CONFIRM
    assert "营业执照" in finding.reason.zh
    assert "business licence" in finding.reason.en


@pytest.mark.parametrize(
    "code", ["", "1", "9144030071526726X", "I144030071526726XG", "91A40300715267260G", "9144030071526726ß"]
)
def test_what_cannot_be_a_code_is_blocked(code: str) -> None:
    (finding,) = check(code)
    assert finding.severity is Severity.BLOCK


@pytest.mark.parametrize("code", ["71526726X", "71526726-X", "799655058", "802100433"])
def test_organisation_codes_before_2015(code: str) -> None:
    assert check(code) == ()


def test_a_wrong_organisation_code_is_for_a_person_to_confirm() -> None:
    (finding,) = check("715267260")
    assert finding.severity is Severity.CONFIRM


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9), st.integers(0, 17), st.integers(1, 30))
def test_any_single_wrong_character_is_noticed(subject: str, place: int, shift: int) -> None:
    body = "91220101" + subject
    code = body + check_character(body)
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    wrong = alphabet[(alphabet.index(code[place]) + shift) % 31]
    assert check(code) == ()
    assert check(code[:place] + wrong + code[place + 1 :])


def test_no_check_character_for_nonsense() -> None:
    with pytest.raises(CodeError, match="first 17"):
        check_character("IOSVZ")
    with pytest.raises(CodeError, match="first 8"):
        organisation_check_character("abc")


@pytest.mark.parametrize(
    "code",
    [
        "912201011234567884",
        "123456788",
        "12345678-8",
        " 12345678 - 8 ",
        "１２３４５６７８－８",
        "12345678\u20138",
        "９１２２０１０１１２３４５６７８８４",
        "9122 0101 1234 5678 84",
    ],
)
def test_codes_of_one_organisation_are_one_party(code: str) -> None:
    assert party(code) == "123456788"
    assert check(code) == ()
    assert check(written(code)) == ()


def test_letters_of_any_case_and_width_are_the_same() -> None:
    assert party("91220101ma0y000086") == party("ＭＡ０Ｙ００００－８") == "MA0Y00008"
    assert written("71526726-x") == "71526726X"


@pytest.mark.parametrize("key", ["JL-LAB-01", "jl-lab-01 ", "ＪＬ－ＬＡＢ－０１"])
def test_other_keys_are_themselves(key: str) -> None:
    assert party(key) == "JL-LAB-01"


def test_what_only_looks_like_a_credit_code_is_no_organisation_code() -> None:
    assert party("ABCDEFGHJKLMNPQRTU") == "ABCDEFGHJKLMNPQRTU"
