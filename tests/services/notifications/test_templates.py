"""Templates: complete in both languages, with fields that are always present, or the service does not start."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import fields

from services.catalogue import EVENTS, TOPOLOGY
from services.messages.telling import facts_of, remedies, template_of
from services.messages.templates import (
    Template,
    TemplateError,
    check,
    parse_phrases,
    parse_templates,
    templates,
)
from shared.law import load
from shared.messaging.envelope import Event
from shared.schemas import EventData, choice

ROOT = Path(__file__).parents[3]
CONTENT = files("services.messages").joinpath("templates.toml").read_text(encoding="utf-8")
ROWS = CONTENT.split("[[template]]")[1:]
HEARD = [EVENTS[source] for source in TOPOLOGY.sources_of("notifications")]
FIELDS = ("version", "to", "subject_zh", "subject_en", "body_zh", "body_en")


def changed(template: str, pattern: str, new: str) -> str:
    """The file with what matches in the row of that template replaced."""
    row = next(row for row in ROWS if f'id = "{template}"' in row)
    found = re.sub(pattern, lambda _: new, row, count=1, flags=re.MULTILINE)
    assert found != row
    return CONTENT.replace(row, found)


def test_codes_are_said_in_words_of_the_readers_language() -> None:
    told = {"number": "TA-2013-00001", "report": "R-1", "on": "2013-10-30", "due": [], "due_zh": []}
    for code, zh, en in (("pass", "合格", "passed"), ("fail", "不合格", "failed")):
        chinese, english = (
            templates()["report.issued"].written({**told, "conclusion": code}, language) for language in ("zh", "en")
        )
        assert f"结论：{zh}。" in chinese
        assert f"conclusion: {en}." in english


def test_what_an_event_says_in_each_language_is_said_in_the_readers() -> None:
    faulted, told = templates()["documents.faulted"], {"number": "TA-2013-00001", "items": ["说明书 manual"]}
    each = {"items_zh": ["说明书：不符合"], "items_en": ["manual: does not conform"]}
    # Events of earlier releases have both languages in one.
    for language, item in (("zh", "：说明书：不符合。"), ("en", ": manual: does not conform.")):
        assert item in faulted.written({**told, **each}, language)
        assert "说明书 manual" in faulted.written(told, language)


def test_every_code_that_a_message_may_tell_has_words() -> None:
    class Concluded(EventData):
        report = fields.String(required=True)
        conclusion = choice("pass", "undecided")

    with pytest.raises(TemplateError, match=r"row report\.issued: field conclusion: may be 'undecided'"):
        check(templates(), [*HEARD, {"report.issued": Concluded}])


@given(st.sampled_from(list(templates().values())), st.sampled_from(FIELDS))
def test_a_missing_field_is_told_with_its_file_row_and_name(template: Template, field: str) -> None:
    content = changed(template.id, f"^{field} = .*\n", "")
    with pytest.raises(TemplateError, match=rf"^templates\.toml: row {re.escape(template.id)}: field {field}: "):
        parse_templates(content)


@pytest.mark.parametrize(
    ("row", "pattern", "new", "told"),
    [
        ("application.refused", r"\{reason\}。依据", "。依据", r"field body_en: uses .*'reason'"),
        ("application.refused", r"(\{on\})", "{day}", "field body_en"),
        ("clock.breach", r"“\{zh\}”", "“{en}”", "field body_en"),
        (
            "clock.due",
            r"^body_zh = .*\nbody_en = .*",
            'body_zh = "{due}"\nbody_en = "{due}"',
            r"uses \['due'\], which",
        ),
        ("report.issued", r"^body_zh = .*", 'body_zh = "{number"', "field body_zh: expected '}'"),
        ("report.issued", r'^id = ".*"', 'id = "report.written"', "row report.written: field id: no event and no rung"),
        ("report.issued", r'^id = ".*"', 'id = "clock.due"', "row clock.due: field id: this name occurs twice"),
        ("report.issued", r'"authority"', '"minister"', "field to: "),
        ("clock.due", "^urgent = true", 'urgent = "yes"', "field urgent: "),
        (
            "clock.due",
            '^id = "clock.due"',
            'id = "report.drafted"',
            "^ladders.toml: row due_day: field template: there",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_row_and_field(row: str, pattern: str, new: str, told: str) -> None:
    with pytest.raises(TemplateError, match=told):
        check(parse_templates(changed(row, pattern, new)), HEARD)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('zh = "{name}自', 'zh = "自', "row cover: field en: uses"),
        ('id = "late"', 'id = "early"', "field id: (this phrase is missing|no message uses this phrase)"),
        ('zh = "目前无期限在计"\n', "", "row unlimited: field zh: "),
    ],
)
def test_a_phrase_that_is_wrong_is_told_with_its_row_and_field(old: str, new: str, told: str) -> None:
    assert CONTENT.count(old) == 1
    with pytest.raises(TemplateError, match=told):
        parse_phrases(CONTENT.replace(old, new))


@pytest.mark.long
def test_the_service_does_not_start_without_a_text() -> None:
    """The package as it is, but for one line of its templates."""
    script = (
        "from services.messages import templates\n"
        "whole = templates.templates()\n"
        "templates.templates = lambda: {name: row for name, row in whole.items() if name != 'clock.due'}\n"
        "import services.notifications.service"
    )
    started = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert started.returncode == 1
    assert "ladders.toml: row due_day: field template: there is no template 'clock.due'" in started.stderr


def test_what_the_law_or_the_office_above_brought_about_has_words_of_its_own() -> None:
    def told(kind: str, **data: object) -> str:
        event = Event("", "", kind, 1, "", datetime(2013, 9, 17, tzinfo=UTC), "", "", 1, "", "", data)
        found = template_of(event)
        return found.id if found else ""

    assert told("application.accepted", deemed=True) == "application.accepted.deemed"
    assert told("application.accepted") == told("application.accepted", deemed=False) == "application.accepted"
    assert told("licence.renewed", deemed=True) == ""
    ended = {"ground": "REVOKED", "licence": "吉制01000001号"}
    assert told("licence.ended", **ended) == "licence.ended"
    assert told("licence.ended", **ended, office="provincial") == "licence.ended.above"
    restored = {"licence": "吉制01000001号", "reason": "处理过重"}
    assert told("licence.restored", **restored) == "licence.restored"
    assert told("licence.restored", **restored, office="provincial") == "licence.restored.above"


@pytest.mark.parametrize(
    ("on", "ways"),
    [
        (date(2013, 9, 17), ["60日内向吉林省人民政府", "60日内向上一级主管部门", "3个月内依法直接"]),
        (date(2016, 9, 17), ["60日内向吉林省人民政府", "60日内向上一级主管部门", "6个月内依法直接"]),
        (date(2024, 9, 17), ["60日内向吉林省人民政府", "6个月内依法直接"]),
    ],
)
def test_the_remedies_are_those_of_the_day_of_the_decision(on: date, ways: list[str]) -> None:
    told = remedies(load(), on)
    chinese, english = told["remedies_zh"].split("；或者"), told["remedies"].split("; or ")
    assert [way in part for way, part in zip(ways, chinese, strict=True)] == [True] * len(ways)
    assert len(english) == len(ways)


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("吉质监型时字2013第1号", "吉质监型时字〔2013〕第1号"),
        ("吉质监制听告字2013第12号", "吉质监制听告字〔2013〕第12号"),
        ("书面告知", "书面告知"),
    ],
)
def test_a_message_names_a_notice_by_its_number_as_it_is_printed(number: str, printed: str) -> None:
    data = {"notice": number, "on": "2013-09-17"}
    event = Event("", "", "time_notice.served", 1, "", datetime(2013, 9, 17, tzinfo=UTC), "", "", 1, "", "", data)
    told = facts_of(templates()[event.type], event, date(2013, 9, 17), load(), ())
    assert told["notice"] == printed
