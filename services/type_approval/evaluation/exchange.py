"""Test records into and out of a case as files: spreadsheets of test items, and digital calibration certificates."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from marshmallow import validate

from services.type_approval.evaluation import completeness, conformity, omissions
from services.type_approval.evaluation import programme as written
from services.type_approval.evaluation.facts import COMMISSION, PROGRAMME, REPORT, SAMPLES, TESTS, issued
from services.type_approval.procedure import PROCEDURE
from shared.casework import Case, apply, evaluated_case
from shared.casework.facts import FORM
from shared.casework.procedure import Cause
from shared.http.cases import FACES, CaseApi
from shared.http.routes import XLSX, XML, Call, Reply, Route
from shared.identity import Role
from shared.labels import labelled
from shared.metrology import Family, FamilyError, dcc, knowing, programme, spreadsheets
from shared.metrology.records import CLAIMS, LeftOut, Prototype, Report, read_record
from shared.problems import Problem, Violation
from shared.schemas import Digits, Strict, invalid, text
from shared.text import Text, same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

CORRECTION = "correction"
"""The reason that records in files give where they supersede another."""
_OF_STANDARDS = ("asset", "calibrated_until", "certificate")
"""What files have of a standard."""
_IN_FILES = {"serial": "prototype", "occasion": "reason", "reason": "explanation"}
"""What files call the fields of a test record, where it is not the same."""


class TemplateQuery(Strict):
    """Of which test item."""

    item = text(
        maximum=60,
        metadata=labelled(
            "项目", "test item of the family", written=Text("或其条款", "or its clause"), example="r76.weighing"
        ),
    )
    edition = text(
        required=False,
        maximum=60,
        metadata=labelled(
            "依据版本", "edition of the programme", hint=Text("不填即为最新", "the newest if not said"), example=None
        ),
    )
    points = Digits(
        load_default=spreadsheets.POINTS,
        validate=validate.Range(1, spreadsheets.MOST_POINTS),
        metadata=labelled("测量点行数", "rows for points", hint=Text("不填即为30", "30 if not said"), example=None),
    )


class FileQuery(Strict):
    """What is confirmed of the records in a file."""

    confirmed = text(
        required=False,
        maximum=200,
        metadata=labelled(
            "确认的提示",
            "codes of the warnings that you confirm",
            hint=Text("以逗号分隔", "with commas between them"),
            example=None,
        ),
    )


def routes(cases: CaseApi) -> list[Route]:
    """The routes of laboratories for files, and those of everybody who reads a report for its certificate."""
    lab, case = FACES[Role.LAB], cases.answer(Role.LAB)
    record = partial(Route, asks=FileQuery, gives=case, versioned=True, problems=("wrong_state", "confirmation_needed"))
    return [
        Route(
            "GET",
            f"{lab}/<ref>/spreadsheet",
            template,
            Role.LAB,
            Text("试验记录模板", "Fetch the spreadsheet of a test item"),
            asks=TemplateQuery,
            media=XLSX.type,
            problems=("invalid",),
            about="器具和样机已填写，附其限值。 Instrument and prototypes are filled in; it tells their limits.",
        ),
        record(
            "POST",
            f"{lab}/<ref>/spreadsheet",
            partial(record_spreadsheet, cases),
            Role.LAB,
            Text("读入试验记录表", "Record the tests in a filled spreadsheet"),
            accepts=XLSX,
            about="全部读入或全部不读入，问题按单元格列出。 All or nothing; faults are named by sheet and cell.",
        ),
        record(
            "POST",
            f"{lab}/<ref>/dcc",
            partial(record_certificate, cases),
            Role.LAB,
            Text("读入数字校准证书", "Record the tests in a digital calibration certificate"),
            accepts=XML,
            about="全部读入或全部不读入；仅限试验报告的证书。 All or nothing; only certificates of test reports.",
        ),
        *(
            Route(
                "GET",
                f"{path}/<ref>/dcc",
                certificate,
                role,
                Text("数字校准证书", "Fetch the issued report as a digital calibration certificate"),
                media=XML.type,
                problems=("wrong_state",),
            )
            for role, path in cases.faces.items()
        ),
    ]


def template(call: Call) -> Reply:
    asked = call.asked
    with call.store.reading() as tx:
        case = evaluated_case(tx, call.params["ref"], call.actor)
    held = written.family_by(case.data)
    if found := conformity.unknown_items([asked["item"]], held, "item"):
        raise invalid(found)
    item = conformity.item_id(asked["item"], held)
    try:
        used = held.programme(item.partition(".")[0], asked.get("edition", ""))
    except FamilyError as error:
        raise invalid([Violation("edition", "unknown_edition", error.told)]) from None
    report = _report(case.data, held, used.id, used.edition, [])
    with knowing(held):
        made = spreadsheets.template(used.id, item, used.edition, report, asked["points"])
    return Reply(
        made, headers={"Content-Type": XLSX.type, "Content-Disposition": f'attachment; filename="{item}.xlsx"'}
    )


def record_spreadsheet(cases: CaseApi, call: Call) -> Reply:
    confirmed = _confirmed(call)
    try:
        with knowing(_family(call)):
            report, places = spreadsheets.read_one("xlsx", call.file)
    except spreadsheets.SpreadsheetError as error:
        raise invalid([Violation(one.place, "cell", one.reason) for one in error.faults]) from None
    except FamilyError as error:
        raise Problem("invalid", error.told) from None

    def place(path: str) -> str:
        while path not in places:
            path = path.rpartition(".")[0]
        return places[path]

    return _record(cases, call, _Taken(call, report, place, confirmed))


def _family(call: Call) -> Family:
    """That of the instrument, with the programme that the laboratory wrote for the case."""
    with call.store.reading() as tx:
        return written.family_by(evaluated_case(tx, call.params["ref"], call.actor).data)


def record_certificate(cases: CaseApi, call: Call) -> Reply:
    confirmed = _confirmed(call)
    try:
        root = dcc.parse(call.file)
        if not dcc.is_report(root):
            raise Problem("invalid", Text("不是试验报告的证书", "this certificate is not of a test report"))
        with knowing(_family(call)):
            report = dcc.read_report_of(root)
    except FamilyError as error:
        raise Problem("invalid", error.told) from None
    return _record(cases, call, _Taken(call, report, str, confirmed))


def _confirmed(call: Call) -> list[str]:
    return [one.strip() for one in call.asked.get("confirmed", "").split(",") if one.strip()]


def certificate(call: Call) -> Reply:
    with call.store.reading() as tx:
        case = evaluated_case(tx, call.params["ref"], call.actor)
    if not issued(case):
        raise Problem("wrong_state", Text("报告尚未签发", "the report is not issued yet"), extra={"state": case.state})
    held, data = written.family_by(case.data), case.data
    records = [_written(number, one, data, held) for number, one in conformity.not_void(data).items()]
    if not records:
        raise Problem("not_found", Text("报告没有试验记录", "the report has no test records"))
    name, edition = records[0]["item"].partition(".")[0], case[TESTS][int(records[0]["id"]) - 1].get("edition", "")
    if programme_of_case := case.get(PROGRAMME):
        name, edition = written.OWN, written.named(programme_of_case)
    issue = dcc.Issue(
        number=case[REPORT].number,
        laboratory=case[COMMISSION].lab_name or "",
        person=case[REPORT].signatory or "",
        customer=case.form["applicant_name"],
    )
    try:
        with knowing(held):
            made = dcc.export(_report(data, held, name, edition, records), issue)
    except FamilyError as error:  # a record older than what is checked today
        detail = Text(f"不能写出报告：{error.told.zh}", f"the report cannot be written: {error}")
        raise Problem("wrong_state", detail, extra={"state": case.state}) from None
    return Reply(made, headers={"Content-Type": XML.type})


def _report(
    data: Mapping[str, Any], held: Family, name: str, edition: str, records: Sequence[Mapping[str, Any]]
) -> Report:
    """The case as metrology has it: what all prototypes have in common is the type's."""
    tested = completeness.tested(data, held) if SAMPLES.of(data) else []
    stated = [one["characteristics"] for one in tested] or [
        line["characteristics"] for line in data[FORM.name]["lines"]
    ]
    first, *others = stated
    common = {key: value for key, value in first.items() if all(one.get(key) == value for one in others)}
    prototypes = [
        Prototype(serial=one["serial"], instrument=_without(one["characteristics"], common)) for one in tested
    ]
    return Report(
        programme=name,
        edition=edition,
        country=None,
        instrument=common,
        prototypes=tuple(prototypes),
        records=tuple(map(read_record, records)),
        verdict=None,
        left_out=tuple(LeftOut(item=one["item"], reason=one["why"]["zh"]) for one in omissions.by_laboratory(data)),
    )


def _without(texts: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if name not in known}


def _written(number: int, record: Mapping[str, Any], data: Mapping[str, Any], held: Family) -> dict[str, Any]:
    """A test record of the case as files have it. What is noted of a point is computed again by whoever reads it."""
    known = {*held.parameters, *CLAIMS}
    serials = (sample["serial"] for sample in SAMPLES.of(data) or ())
    corrects = {"reason": CORRECTION, "supersedes": str(record["supersedes"])} if "supersedes" in record else {}
    equipment = [{name: one[name] for name in _OF_STANDARDS if name in one} for one in record["equipment"]]
    names = ("on", "settings", "conditions", "conditions_at_end", "uncertainty", "verdict", "run")
    return {
        "id": str(number),
        "item": conformity.item_id(record["item"], held),
        "prototype": next((one for one in serials if same(one, record["serial"])), record["serial"]),
        "reason": record["occasion"],
        "equipment": equipment,
        **{name: record[name] for name in names if name in record},
        "points": [{name: text for name, text in point.items() if name in known} for point in record["points"]],
        **({"explanation": record["reason"]} if "reason" in record else {}),
        **corrects,
    }


def _record(cases: CaseApi, call: Call, taken: _Taken) -> Reply:
    """Record all tests of a file, or none."""
    versions = cases.versions(call)
    with call.transaction() as tx:
        case = evaluated_case(tx, call.params["ref"], call.actor, lock=True)
        with knowing(written.family_by(case.data)):
            case = taken.all(tx, case, versions)
    return cases.answered(case, call)


class _Taken:
    """The records of a file, taken one after the other; what is wrong with them is gathered."""

    def __init__(
        self, call: Call, report: Mapping[str, Any], place: Callable[[str], str], confirmed: Sequence[str]
    ) -> None:
        """`place` tells where in the file a part of the report stands."""
        self._call, self._report, self._place, self._confirmed = call, report, place, confirmed
        self._numbers: dict[str, int] = {}
        """The numbers in the case, by the ids in the file."""
        self._faults: list[Violation] = []
        self._warnings: list[Violation] = []

    def all(self, tx: Connection, case: Case, versions: frozenset[int] | None) -> Case:
        """Raises Problem with everything that is wrong, or else that is to be confirmed."""
        mine, held = written.family_by(case.data), programme(self._report["programme"])[0]
        if held.id != mine.id:
            reason = Text(
                f"文件按{self._report['programme']}，本案为{mine.name.zh}（{mine.id}）",
                f"the file is of {self._report['programme']}, the case of {mine.name.en} ({mine.id})",
            )
            raise invalid([Violation(self._place("records.0.item"), "another_programme", reason)])
        for index in range(len(self._report["records"])):
            case = self._take(tx, case, index, versions if index == 0 else None)
        if self._faults:
            raise invalid(self._faults)
        if self._warnings:
            codes = ",".join(sorted({one.code for one in self._warnings}))
            detail = Text(
                f"请阅读invalid_params；确认无误后，加上?confirmed={codes}重新发送",
                f"read invalid_params; if all is as it should be, send the same again with ?confirmed={codes}",
            )
            raise Problem("confirmation_needed", detail, self._warnings)
        return case

    def _take(self, tx: Connection, case: Case, index: int, versions: frozenset[int] | None) -> Case:
        """Record one; the case as it is then, or as it was where the record is wrong."""
        record, call, corrected = self._report["records"][index], self._call, 0
        if named := record.get("supersedes"):
            corrected = self._numbers.get(named, int(named) if named.isascii() and named.isdigit() else 0)
            if not 1 <= corrected <= len(case.get(TESTS, ())):
                reason = Text(
                    f"“{named}”不是记录：文件中没有，本案也没有该号记录",
                    f"{named!r} is not a record, neither of the file nor, by its number, of the case",
                )
                self._faults.append(Violation(self._at(index, "supersedes"), "unknown_record", reason))
                return case
        try:
            with tx.begin_nested():
                moved = apply(
                    tx,
                    PROCEDURE,
                    case.ref,
                    "record_test",
                    self._content(record, case, corrected),
                    actor=call.actor,
                    now=call.now,
                    rules=call.rules,
                    cause=Cause(call.correlation_id, ""),
                    versions=versions,
                )
        except Problem as problem:
            if not problem.violations:
                raise
            known = self._warnings if problem.kind == "confirmation_needed" else self._faults
            known += [Violation(self._at(index, one.name), one.code, one.reason) for one in problem.violations]
            return case
        made = moved[TESTS][-1]
        if not self._faults and record.get("run", made["run"]) != made["run"]:
            is_, stated, serial = made["run"], record["run"], record["prototype"]
            run = Text(
                f"这是{serial}该项目的第{is_}次试验，而非第{stated}次",
                f"it is run {is_} of the item on {serial}, not {stated}",
            )
            self._faults.append(Violation(self._at(index, "run"), "contradictory", run))
        if "id" in record:
            self._numbers[record["id"]] = made["number"]
        return moved

    def _content(self, record: Mapping[str, Any], case: Case, corrected: int) -> dict[str, Any]:
        """The record as the action takes it; `corrected` is the number of the one that it supersedes, 0 for none."""
        names = ("item", "on", "settings", "conditions", "conditions_at_end", "equipment", "points", "verdict")
        made = {name: record[name] for name in (*names, "uncertainty") if name in record}
        made |= {"serial": record["prototype"], "occasion": record.get("reason", "initial")}
        made["confirmed"] = self._confirmed
        if record["item"].partition(".")[0] == self._report["programme"]:
            # An item of another programme is of the edition of that.
            made["edition"] = self._report["edition"]
        prototype = self._report["prototypes"][self._prototype(record)]
        made["characteristics"] = {**self._report["instrument"], **prototype.get("instrument", {})}
        if "explanation" in record:
            made["reason"] = record["explanation"]
        if corrected:
            made["supersedes"] = corrected
            if made["occasion"] == CORRECTION:
                made["occasion"] = case[TESTS][corrected - 1]["occasion"]
        return made

    def _prototype(self, record: Mapping[str, Any]) -> int:
        serials = [one["serial"] for one in self._report["prototypes"]]
        return serials.index(record["prototype"])

    def _at(self, index: int, name: str) -> str:
        first, dot, rest = name.partition(".")
        if first != "characteristics":
            return self._place(f"records.{index}.{_IN_FILES.get(first, first)}{dot}{rest}")
        number = self._prototype(self._report["records"][index])
        own = rest in self._report["prototypes"][number].get("instrument", {})
        return self._place(f"prototypes.{number}.instrument.{rest}" if own else f"instrument.{rest}")
