"""What the public answer to a certificate says in both languages is found by ids: printed names identify nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update

from services.type_approval.certificate.historic import CERTIFICATES
from services.type_approval.models import certificates
from services.type_approval.queries import find_certificates
from shared.casework.procedure import Cause
from shared.historic.kinds import Told
from shared.historic.loads import take
from tests.shared.casework.parts import NOW, RULES, Desk, register_of
from tests.support import WAYS, credit_code, people

if TYPE_CHECKING:
    from sqlalchemy import Connection

BUREAU = {"zh": "吉林省质量技术监督局", "en": "Jilin Provincial Bureau of Quality and Technical Supervision"}
WEIGHING = {"id": "r76.weighing", "zh": "A.4.4 称量性能", "en": "A.4.4 weighing performance"}


@pytest.fixture
def desk(tx: Connection) -> Desk:
    desk = Desk(tx)
    desk.do(*WAYS["type_approval"])
    return desk


def _shown(desk: Desk) -> dict[str, Any]:
    number = desk.case.data["certificate"]
    return find_certificates(desk.tx, [number], NOW.date())[number]


def _changed(desk: Desk, change: str) -> dict[str, Any]:
    """The certificate as anybody reads it, if its register said so."""
    desk.rows(f"UPDATE certificates SET content = {change} WHERE case_id = :id RETURNING number")
    return _shown(desk)


def test_a_certificate_has_the_ids_of_its_office_and_of_the_items_tested(desk: Desk) -> None:
    ((signed,),) = desk.rows("SELECT content FROM issues WHERE case_id = :id AND notice IS NULL")
    assert (signed["office"], signed["authority"]) == ("provincial", BUREAU["zh"])
    assert (signed["report"]["item_ids"], signed["report"]["items"]) == ([WEIGHING["id"]], [WEIGHING["zh"]])
    shown = _shown(desk)
    assert (shown["office"], shown["authority_name"]) == ("provincial", BUREAU)
    assert (shown["report"]["items"], "item_ids" in shown["report"]) == ([WEIGHING], False)
    notices = desk.rows("SELECT content ->> 'office' FROM issues WHERE case_id = :id AND notice IS NOT NULL")
    assert {office for (office,) in notices} == {"provincial"}


def test_what_is_printed_is_not_taken_for_an_office_or_an_item(desk: Desk) -> None:
    other = _changed(desk, "jsonb_set(CAST(content AS jsonb), '{report,items,0}', '\"A.4.4 曾用名\"')")
    assert other["report"]["items"] == [{**WEIGHING, "zh": "A.4.4 曾用名"}]
    other = _changed(desk, "jsonb_set(CAST(content AS jsonb), '{authority}', '\"长春市质量技术监督局\"')")
    assert ("office" in other, other["authority_name"]["en"]) == (False, "长春市质量技术监督局")


def test_a_certificate_of_before_has_the_office_of_its_case_and_its_items_as_printed(desk: Desk) -> None:
    shown = _changed(desk, "CAST(content AS jsonb) #- '{office}' #- '{report,item_ids}'")
    assert (shown["office"], shown["authority_name"]) == ("provincial", BUREAU)
    assert shown["report"]["items"] == [{"zh": WEIGHING["zh"], "en": WEIGHING["zh"]}]


@pytest.mark.parametrize(
    ("written", "office", "english"),
    [("吉林省质量技术监督局 ", "provincial", BUREAU["en"]), ("某局", None, "某局")],
)
def test_of_a_historic_register_the_office_is_found_when_it_is_entered(
    tx: Connection, written: str, office: str | None, english: str
) -> None:
    code = credit_code()
    register = register_of("type_approval", code, "").replace("某局".encode(), written.encode())
    told = Told(people(code)["head"], NOW, RULES, "旧台账", Cause("correlation", "cause"))
    assert take(tx, CERTIFICATES, register, told, preview=False).batch
    # The same line is known, whether or not its office was found by then.
    for _ in range(2):
        assert [one.outcome for one in take(tx, CERTIFICATES, register, told, preview=True).lines] == ["same"]
        number = tx.execute(select(certificates.c.number).where(certificates.c.holder == code)).scalar_one()
        shown = find_certificates(tx, [number], NOW.date())[number]
        assert (shown.get("office"), shown["authority_name"]["en"]) == (office, english)
        tx.execute(update(certificates).values(content=text("CAST(content AS jsonb) - 'office'")))
        office, english = None, written.strip()
