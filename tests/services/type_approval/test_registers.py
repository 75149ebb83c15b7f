"""The registers of laboratories, people and measurement standards: read as of a day, never overwritten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy.exc import DBAPIError

from services.type_approval.registers.figures import figures
from services.type_approval.registers.rules import bounds_of
from shared.metrology import family_of
from shared.metrology.scope import beyond
from shared.registers import Version, versions
from tests.shared.http.parts import refused
from tests.support import credit_code, laboratory, officer

if TYPE_CHECKING:
    from tests.support import Answer, Caller, Office

FIRST = date(2013, 1, 1)
REGISTERED = {
    "registration": "（吉）02130001",
    "level": "1",
    "kinds": ["water_meter"],
    "valid_from": "2012-01-01",
    "valid_until": "2016-12-31",
}


def laboratory_form(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": "试验计量院",
        "authorisation": "（吉）法计（2012）0001号",
        "valid_from": "2012-07-01",
        "valid_until": "2017-06-30",
        "capacity": 2,
        "scope": [{"category": "non_automatic_scale", "bounds": [{"characteristic": "Max", "within": "3 kg … 30 kg"}]}],
    }


def standard(code: str, **more: str) -> dict[str, str]:
    return {
        "code": code,
        "name": "砝码组",
        "kind": "质量标准装置",
        "least": "1 g",
        "most": "20 kg",
        "uncertainty": "0.3 g",
        "certificate": "力字2013-0456",
        "calibrated_by": "国家计量院",
        "calibrated_on": "2013-05-31",
        "due_on": "2014-05-30",
        **more,
    }


def version(number: int, day: int, *, ended: bool = False, supersedes: int | None = None) -> Version:
    since = FIRST + timedelta(days=day)
    return Version(number, since, ended, supersedes, "change", {"n": number}, None, datetime.now(UTC), "甲", "lab")


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 9)), min_size=1, max_size=8))
def test_on_a_day_holds_what_was_recorded_for_it_last_and_was_not_corrected(told: list[tuple[int, bool, int]]) -> None:
    said = [
        version(number, day, supersedes=of if corrects and 0 < of < number else None)
        for number, (day, corrects, of) in enumerate(told, start=1)
    ]
    corrected = {one.supersedes for one in said}
    for day in range(11):
        on, expected = FIRST + timedelta(days=day), None
        for one in said:
            if one.number not in corrected and one.since <= on and (expected is None or one.since >= expected.since):
                expected = one
        assert versions.in_force(said, on) == expected


def test_what_ends_can_be_restored_and_what_is_later_is_not_passed_over() -> None:
    begun = [version(1, 0), version(2, 5)]
    assert [one.code for one in versions.may_end(begun, FIRST)] == ["before_step"]
    assert versions.may_end(begun, FIRST + timedelta(days=5)) == []
    ended = [*begun, version(3, 8, ended=True)]
    assert [one.code for one in versions.may_change(ended, FIRST + timedelta(days=9))] == ["entry_ended"]
    assert versions.may_change(ended, FIRST + timedelta(days=2)) == []
    assert [one.code for one in versions.may_correct(ended, 3)] == ["unknown_version"]
    assert [one.code for one in versions.may_restore(begun)] == ["not_ended"]
    assert versions.before_end(ended).number == 2


class Books:
    """The registers of one new laboratory."""

    def __init__(self, office: Office) -> None:
        self.code = f"L-{credit_code()[-8:]}"
        self.office = office
        self.head, self.lab = self.caller(officer("chu", "section_head")), self.caller(laboratory(self.code, "chen"))

    def caller(self, actor: Any) -> Caller:
        return self.office.caller("type_approval", actor)

    def begin(self) -> None:
        assert self.head.post("/internal/v1/laboratories", laboratory_form(self.code)).status == 201

    def act(self, path: str, action: str, **body: Any) -> Answer:
        return self.lab.post(f"{path}/actions/{action}", body, If_Match="*")


@pytest.fixture
def books(office: Office) -> Books:
    found = Books(office)
    found.begin()
    return found


def test_what_was_true_on_a_day_stays_readable(books: Books) -> None:
    path = "/v1/lab/standards/M1-1"
    begun = books.lab.post("/v1/lab/standards", {**standard("M1-1"), "since": "2013-06-01"})
    assert (begun.status, begun.headers["Location"], begun.headers["ETag"]) == (201, path, '"1"')
    newer = {**standard("M1-1", certificate="力字2014-1", calibrated_on="2014-05-30", due_on="2015-05-29")}
    del newer["code"]
    changed = books.lab.post(f"{path}/actions/change", {**newer, "since": "2014-05-30"}, If_Match='"1"').json
    assert [(one["version"], one["action"], one["counts"]) for one in changed["versions"]] == [
        (1, "add", True),
        (2, "change", True),
    ]
    refused(books.lab.post(f"{path}/actions/end", {"reason": "报废"}, If_Match='"1"'), 412, "stale")
    wrong = {**newer, "certificate": "力字2014-2", "supersedes": 2, "reason": "编号抄错"}
    assert books.act(path, "correct", **wrong).json["versions"][1]["counts"] is False
    certificates = {
        day: books.lab.get(f"{path}?on={day}").json["content"]["certificate"]
        for day in ("2013-06-01", "2014-05-29", "2014-05-30")
    }
    assert list(certificates.values()) == ["力字2013-0456", "力字2013-0456", "力字2014-2"]
    assert books.lab.get(f"{path}?on=2016-01-01").json["status"] == "lapsed"
    assert books.act(path, "end", since="2014-12-01", reason="报废").status == 200
    assert books.lab.get(f"{path}?on=2014-12-01").json["status"] == "ended"
    assert books.lab.get(f"{path}?on=2014-11-30").json["status"] == "valid"
    assert books.act(path, "change", **newer, since="2015-01-01").faults == {"since": "entry_ended"}
    restored = books.act(path, "restore", reason="误报废").json
    assert restored["intact"] is True
    assert restored["versions"][-1]["supersedes"] == 4
    assert books.lab.get(f"{path}?on=2014-12-01").json["content"]["certificate"] == "力字2014-2"
    with pytest.raises(DBAPIError, match="kept as it is"):
        books.office.rows("type_approval", "UPDATE register_versions SET ended = true")


def test_a_laboratory_keeps_its_own_and_no_other(books: Books, office: Office) -> None:
    assert (
        books.lab.post("/v1/lab/people", {"code": "P-1", "name": "陈检测", "subject": "chen", **REGISTERED}).status
        == 201
    )
    other = Books(office)
    refused(other.lab.get("/v1/lab/people/P-1"), 404, "not_found")
    refused(other.lab.post("/v1/lab/people/P-1/actions/end", {"reason": "离职"}, If_Match="*"), 404, "not_found")
    assert other.lab.post("/v1/lab/people", {"code": "P-1", "name": "他人"}).faults == {"": "unknown_laboratory"}
    assert other.lab.get("/v1/lab/people").json["items"] == []
    refused(books.lab.post("/internal/v1/laboratories", laboratory_form(other.code)), 403, "forbidden")
    examiner = books.caller(officer("li", "examiner"))
    refused(examiner.post("/internal/v1/laboratories", laboratory_form(other.code)), 403, "forbidden")
    path = f"/internal/v1/laboratories/{books.code}"
    assert examiner.get(f"{path}/people/p－1").json["content"]["name"] == "陈检测"
    assert [one["content"]["code"] for one in examiner.get(f"{path}/people?q=陈检测").json["items"]] == ["P-1"]
    refused(books.head.post(f"{path}/people", {"code": "P-2", "name": "他人"}), 405, "method_not_allowed")
    # Kept by the id, in whatever words it was sent.
    bounds = books.lab.get("/v1/lab/laboratory").json["content"]["scope"][0]["bounds"]
    assert bounds == [{"characteristic": "max", "within": "3 kg … 30 kg"}]
    refused(books.lab.post("/v1/lab/laboratory/actions/end", {"reason": "撤销"}, If_Match="*"), 404, "not_found")


def test_inside_a_bound_of_a_characteristic_that_is_known_no_more_nothing_lies() -> None:
    line = {"category": "non_automatic_scale", "bounds": [{"characteristic": "曾用名", "within": "3 kg"}]}
    assert bounds_of(line) == {"曾用名": "3 kg"}
    assert beyond(family_of("non_automatic_scale"), {"max": "15 kg"}, bounds_of(line))


def test_every_fault_of_an_entry_is_told(books: Books) -> None:
    form = laboratory_form(f"{books.code}-2")
    form |= {"valid_until": "2011-01-01"}
    assert books.head.post("/internal/v1/laboratories", form).faults == {"valid_until": "before_start"}
    form |= {"valid_until": "2014-01-01"}
    bounds = [{"characteristic": "常用流量", "within": "2.5 kg"}, {"characteristic": "max", "within": "3 kg"}]
    twice = [{"characteristic": name, "within": "3 kg … 30 kg"} for name in ("Max", "最大秤量")]
    form["scope"] = [
        {"category": "abacus"},
        {"category": "water_meter", "bounds": bounds},
        {"category": "non_automatic_scale", "bounds": twice},
    ]
    assert books.head.post("/internal/v1/laboratories", form).faults == {
        "scope.0.category": "not_in_catalogue",
        "scope.1.bounds.0.within": "impossible",
        "scope.1.bounds.1.characteristic": "unknown_characteristic",
        "scope.2.bounds.1.characteristic": "twice",
    }
    assert books.head.post("/internal/v1/laboratories", laboratory_form(books.code.lower())).faults == {
        "code": "in_register"
    }
    half = {"code": "P-1", "name": "陈检测", "level": "1"}
    assert set(books.lab.post("/v1/lab/people", half).faults) == {*REGISTERED} - {"level"}
    assert books.lab.post("/v1/lab/standards", standard("E", most="20 m")).faults == {"most": "unit"}
    assert books.lab.post("/v1/lab/standards", standard("E", higher="F")).faults == {"higher": "unknown_standard"}
    assert books.lab.post("/v1/lab/standards", standard("F")).status == 201
    assert books.lab.post("/v1/lab/standards", standard("E", higher="f")).status == 201
    circle = {**standard("F", higher="E"), "supersedes": 1, "reason": "有误"}
    del circle["code"]
    assert books.act("/v1/lab/standards/F", "correct", **circle).faults == {"higher": "twice"}
    for code, faults in (("P-1", None), ("P-2", {"subject": "twice"})):
        answer = books.lab.post("/v1/lab/people", {"code": code, "name": "陈检测", "subject": "chen", **REGISTERED})
        assert answer.faults == (faults or {})


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = (
    "标准器编号,名称,计量标准类别,least,most,uncertainty,certificate,calibrated_by,calibrated_on,due_on"
    ",上一级标准器编号"
)
LINES = (
    "M1,砝码组,质量标准装置,1 g,20 kg,0.3 g,力字1,本院,2013-05-31,2014-05-30,E2",
    "E2,砝码组,质量标准装置,1 g,20 kg,0.01 g,力字2,国家计量院,2013-05-31,2014-05-30,",
)


def send(books: Books, lines: tuple[str, ...], query: str = "", path: str = "standards") -> Answer:
    content = "\n".join((HEADINGS, *lines)).encode("gb18030")
    return books.lab.send("POST", f"/v1/lab/{path}/import{query}", content, Content_Type="text/csv")


def outcomes(answer: Answer) -> dict[str, int]:
    return {name: count for name, count in answer.json.items() if name != "lines" and count}


def test_a_list_is_previewed_and_taken_whole_or_not_at_all(books: Books) -> None:
    wrong = (*LINES, LINES[0], "M2,砝码组,,1 g,20 m,0,力字3,本院,2013-05-31,2013-05-30,E9")
    previewed = send(books, wrong, "?preview=true")
    assert outcomes(previewed) == {"add": 2, "wrong": 2}
    assert [(one["line"], one["outcome"]) for one in previewed.json["lines"]] == [
        *((2, "add"), (3, "add"), (4, "wrong"), (5, "wrong"))
    ]
    assert {one["name"] for one in previewed.json["lines"][3]["faults"]} == {"kind", "uncertainty"}
    faults = send(books, wrong).faults
    assert (faults["line 4 code"], faults["line 5 uncertainty"]) == ("twice", "unit")
    assert books.lab.get("/v1/lab/standards").json["items"] == []
    assert send(books, LINES[:1]).faults == {"line 2 higher": "unknown_standard"}
    assert outcomes(send(books, LINES, "?since=2013-06-01")) == {"add": 2}
    newer = LINES[1].replace("力字2", "力字4")
    assert outcomes(send(books, (LINES[0], newer))) == {"change": 1, "same": 1}
    assert books.lab.get("/v1/lab/standards/E2?on=2013-06-01").json["content"]["certificate"] == "力字2"
    assert books.lab.get("/v1/lab/standards/E2").json["content"]["certificate"] == "力字4"


def test_a_workbook_is_read_as_a_list_and_what_it_leaves_out_stays(books: Books) -> None:
    book = Workbook()
    for row in (("人员编号", "姓名", "执业项目", *list(REGISTERED)[:2], "valid_from", "valid_until", "登录标识"),):
        book.active.append(row)
    dates = (date(2012, 1, 1), date(2016, 12, 31))
    book.active.append(("P-1", "陈检测", "water_meter；gas_meter", "（吉）02130001", 1, *dates, "chen"))
    assert outcomes(_sheet(books, book)) == {"add": 1}
    assert books.lab.get("/v1/lab/people/P-1").json["content"]["kinds"] == ["water_meter", "gas_meter"]
    book.active.delete_cols(8)
    book.active["B2"] = "陈主检"
    assert outcomes(_sheet(books, book)) == {"change": 1}
    chen = books.lab.get("/v1/lab/people/P-1").json["content"]
    assert (chen["name"], chen["subject"]) == ("陈主检", "chen")
    book.active["A1"] = "编号"
    assert _sheet(books, book).faults == {"line 1": "unknown_field"}
    assert books.lab.send("POST", "/v1/lab/people/import", b"PK no", Content_Type=SHEET).faults == {"file": "cell"}


def _sheet(books: Books, book: Workbook) -> Answer:
    made = BytesIO()
    book.save(made)
    return books.lab.send("POST", "/v1/lab/people/import", made.getvalue(), Content_Type=SHEET)


def test_what_the_registers_come_to_is_counted() -> None:
    def held(*contents: dict[str, Any], ended: bool = False) -> dict[tuple[str, str], Version]:
        return {
            ("L", one["code"].lower()): Version(1, FIRST, ended, None, "add", one, None, datetime.now(UTC), "甲", "lab")
            for one in contents
        }

    laboratories = held(
        {**laboratory_form("L"), "national": True}, {**laboratory_form("K"), "valid_until": "2013-01-01"}
    )
    people = held(
        {"code": "P-1", "name": "甲", **REGISTERED}, {"code": "P-2", "name": "乙"}, {"code": "P-3", "name": "丙"}
    )
    standards = held(
        standard("M1", higher="E2", established_on="2013-06-01"),
        standard("E2", due_on="2013-06-01", established_on="2012-06-01"),
        standard("E1", established_on="2013-12-31"),
        standard("E3", established_on="2013-08-30"),
    )
    told = figures(laboratories, people, standards | held(standard("X"), ended=True), date(2013, 9, 17))
    assert told == {
        "on": date(2013, 9, 17),
        "laboratories": 1,
        "national_laboratories": 1,
        "new_standards": 2,
        "new_standards_in_all": 1,
        "registered_metrologists": {"count": 1, "of": 3, "per_cent": "33.3"},
        "traceable_standards": {"count": 2, "of": 4, "per_cent": "50.0"},
        "goals": [
            {"figure": "national_laboratories", "zh": "4—5个", "en": "4 to 5", "reached": False},
            {"figure": "new_standards_in_all", "zh": "200项", "en": "200", "reached": False},
            {"figure": "registered_metrologists", "zh": "100%", "en": "100 %", "reached": False},
            {"figure": "traceable_standards", "zh": "95%以上", "en": "95 % or more", "reached": False},
        ],
    }
    well = figures(
        laboratories, held({"code": "P-1", "name": "甲", **REGISTERED}), held(standard("E1")), date(2013, 9, 17)
    )
    assert [goal["figure"] for goal in well["goals"] if goal["reached"]] == [
        *("registered_metrologists", "traceable_standards")
    ]
