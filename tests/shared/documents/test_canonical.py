"""Canonical JSON: exactly one form per document."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.documents.canonical import canonical, read_canonical

KEYS = st.text(st.characters(max_codepoint=127))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
WHOLE = st.integers(1 - 2**53, 2**53 - 1)
DATA = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(DATA)
def test_what_was_written_is_read_and_written_again_in_the_same_bytes(data: object) -> None:
    written = canonical(data)
    assert json.loads(written) == data
    assert read_canonical(written) == data


@given(st.dictionaries(KEYS, WHOLE))
def test_the_order_in_which_fields_came_makes_no_difference(data: dict[str, int]) -> None:
    assert canonical(dict(reversed(data.items()))) == canonical(data)


def test_the_vector_of_the_standard_without_its_floats() -> None:
    # RFC 8785, 3.2.2 and 3.2.3; the literals and the text are the standard's own.
    data = {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    assert canonical(data) == '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"lines": [{"max": 1.5}]}, "$.lines[0].max"),
        ({"a": 2**53}, "$.a"),
        ({"权": 1}, "权"),
        ({"a": b"x"}, "$.a"),
        ({"a": "\ud800"}, "surrogates"),
    ],
)
def test_what_could_be_written_in_several_ways_is_refused_by_name(data: object, named: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        canonical(data)
    assert named in str(refused.value)


@pytest.mark.parametrize("text", [b'{"a": 1}', b'{"b":1,"a":1}', b'{"a":1}\n', b'{"a":"\\u6743"}', b"{", b"1.0"])
def test_the_same_data_written_otherwise_are_not_the_document(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_canonical(text)
