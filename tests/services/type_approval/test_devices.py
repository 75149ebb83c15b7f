"""Test records signed by a device are told apart from typed ones, and prove who signed what."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import ECKey

from services.type_approval.evaluation.devices import sign
from services.type_approval.registers.books import DEVICES
from shared.problems import Problem
from shared.registers import changes, store
from tests.shared.casework.parts import NOW, RULES, Desk
from tests.support import WAYS, content_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEY = ECKey.generate_key("P-256")
RECORD = content_of("record_test")


@pytest.fixture
def desk(tx: Connection) -> Desk:
    """A case to be tested; the laboratory has registered a device."""
    desk = Desk(tx)
    desk.do(*WAYS["type_approval"][:6])
    public = KEY.as_dict(private=False)
    days = {"valid_from": "2013-01-01", "valid_until": "2014-12-31"}
    device = {"code": "DAQ-03", "name": "加载台", "x": public["x"], "y": public["y"], **days}
    said = store.Said(desk.people["tester"], NOW)
    changes.add(tx, DEVICES, "LAB-01", device, date(2013, 1, 1), said, RULES)
    return desk


def refusal(desk: Desk, **content: Any) -> list[str]:
    with pytest.raises(Problem) as caught:
        desk.attempt("record_test", **content)
    return [violation.code for violation in caught.value.violations]


def test_a_signed_record_names_its_device_and_a_typed_one_none(desk: Desk) -> None:
    desk.do("record_test")
    again = {"occasion": "repeat_incident"}
    desk.do("record_test", **again, signature=sign(desk.case.ref, RECORD | again, "DAQ-03", KEY))
    typed, signed = desk.case.data["tests"]
    assert "device" not in typed
    assert signed["device"] == {"code": "DAQ-03", "name": "加载台"}
    assert signed["signature"]


def test_a_signature_is_of_this_record_this_case_and_this_device(desk: Desk) -> None:
    right = sign(desk.case.ref, RECORD, "DAQ-03", KEY)
    assert refusal(desk, signature=right, uncertainty="1 g") == ["wrong_signature"]
    assert refusal(desk, signature=sign("TA-2013-99999", RECORD, "DAQ-03", KEY)) == ["wrong_signature"]
    other = ECKey.generate_key("P-256")
    assert refusal(desk, signature=sign(desk.case.ref, RECORD, "DAQ-03", other)) == ["wrong_signature"]
    assert refusal(desk, signature=sign(desk.case.ref, RECORD, "DAQ-04", KEY)) == ["unknown_device"]
    assert refusal(desk, signature="e30..e30") == ["unknown_device"]


def test_what_a_revoked_key_signs_is_refused_whatever_day_it_says(desk: Desk) -> None:
    signature = sign(desk.case.ref, RECORD, "DAQ-03", KEY)
    desk.do("record_test", signature=signature)
    held = store.get(desk.tx, DEVICES, "LAB-01", "DAQ-03", lock=True)
    said = store.Said(desk.people["tester"], NOW, "密钥遗失")
    changes.act(desk.tx, held, "end", {"since": date(2013, 9, 17)}, {}, said, RULES)
    assert refusal(desk, signature=signature) == ["unknown_device"]
    # What it signed before stays what it is.
    assert desk.case.data["tests"][0]["device"]["code"] == "DAQ-03"
