"""An officer is absent while a limit runs out: messages go to the cover, in digests, and then to the heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.mailserver import mail_server
from tests.support import Office, officer, wait_for
from tests.systems import fresh_system

if TYPE_CHECKING:
    from tests.services.mailserver import MailServer

pytestmark = [pytest.mark.servers, pytest.mark.long]

STAFF = "/internal/v1/staff"


def person(name: str, subject: str, language: str, *posts: str) -> dict[str, object]:
    return {"name": name, "email": f"{subject}@office.example", "posts": list(posts), "language": language}


def subjects(mail: MailServer, subject: str, count: int) -> list[str]:
    """Of the mails to a member of staff, once so many have come."""
    address = f"{subject}@office.example"
    wait_for(lambda: len(mail.to(address)) >= count, what=f"{count} mails to {address}")
    return [sent["Subject"] for sent in mail.to(address)]


def test_who_is_away_is_covered_and_silence_goes_up_the_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as mail:
        monkeypatch.setenv("QUANHENG_SMTP_URL", mail.url)
        with (
            fresh_system("type_approval", "notifications") as system,
            Office(system, system.backing.database_url, system.backing.namespace) as office,
        ):
            follow(office, mail)


def follow(office: Office, mail: MailServer) -> None:
    head = office.caller("notifications", officer("zhou", "section_head"))
    for subject, record in {
        "li": person("李受理", "li", "zh", "intake"),
        "wang": person("王代理", "wang", "both", "intake"),
        "zhou": person("周处长", "zhou", "zh", "section_head"),
        "wu": person("吴局长", "wu", "en", "bureau_head"),
    }.items():
        assert head.put(f"{STAFF}/{subject}", record).status == 200
    away = {"from": "2013-09-18", "to": "2013-10-10", "cover": "wang"}
    assert head.post(f"{STAFF}/li/absences", away).status == 201

    case = office.case("type_approval")
    case.people["intake"] = officer("li", "intake")
    case.do("submit")
    case.do("claim", "intake")
    number = case.read()["number"]

    def known() -> None:
        heard, told = "SELECT heard FROM tracked_cases WHERE id = :id", case.read()["events"]
        wait_for(lambda: office.rows("notifications", heard, id=case.id) == [(told,)], what="the case to be known")

    def sweep(now: str) -> None:
        office.sweep(f"{now}+08:00")

    known()
    for now in ("2013-09-23T00:00", "2013-09-23T09:00", "2013-09-23T17:00", "2013-09-24T09:00"):
        sweep(now)
    assert subjects(mail, "wang", 1) == ["2013年9月23日通知汇总：1项 Your messages of 23 September 2013: 1"]
    (digest,) = mail.to("wang@office.example")
    text = digest.get_content()
    assert f"{number} {case.form['applicant_name']} · 剩余2个工作日（2013年9月25日到期）" in text
    assert f"  · {number} " in text

    # The second reminder, in the next digest; the last day and the breach, each at once.
    sweep("2013-09-25T09:00")
    sweep("2013-09-26T00:00")
    told = subjects(mail, "wang", 4)[1:]
    for one in ("受理审查：最后一日", "受理审查：法定期限逾期", "通知汇总：1项"):
        assert sum(one in subject for subject in told) == 1
    breach = next(sent for sent in mail.to("wang@office.example") if "逾期" in sent["Subject"]).get_content()
    assert "李受理自2013年9月18日至2013年10月10日不在岗，由您代理，故向您发送。" in breach
    assert "because 李受理 is absent from 18 September 2013 to 10 October 2013 and you stand in." in breach

    # By silence the case is accepted, and what follows is late as well: that goes up to the head of section.
    wait_for(lambda: case.read()["state"] == "accepted", what="the acceptance by silence")
    known()
    sweep("2013-09-27T00:00")
    escalated = f"{number} 初审并委托型式评价：法定期限逾期"
    wait_for(lambda: escalated in subjects(mail, "zhou", 1), what="the head of section to be told by name")
    assert [mail.to(f"{nobody}@office.example") for nobody in ("li", "wu")] == [[], []]
