"""Every decoded event can be stored: a field of the wrong type makes a message malformed, and so parked at once."""

from __future__ import annotations

from contextlib import suppress

import orjson
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.envelope import MalformedEventError, decode
from tests.shared.messaging.test_envelope import FIELDS, json


@given(
    st.sampled_from(["id", "source", "type", "dataschema", "subject", "time", "caseid", "caseseq", "data"]),
    json | st.just("\0"),
)
def test_what_decodes_can_be_stored(field: str, value: object) -> None:
    """Every field has the type its column has, or the message is malformed: nothing in between."""
    with suppress(MalformedEventError):
        event = decode(orjson.dumps({**FIELDS, field: value}))
        assert isinstance(event.data, dict)
        assert 1 <= event.case_seq < 2**31
        assert event.time.tzinfo is not None
        for column in (event.source, event.type, event.subject, event.actor, event.correlation_id, event.causation_id):
            assert isinstance(column, str)
            assert "\0" not in column
