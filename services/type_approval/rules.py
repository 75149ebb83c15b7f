"""The rules of type approval: what stands in the way of a step. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from services.fields import in_own_name, not_in_catalogue
from services.type_approval import completeness, conformity, oiml, series
from services.type_approval.form import Form
from services.type_approval.records import SAID
from services.type_approval.testing import family_tested
from shared.identity.uscc import party
from shared.law import LawError, RuleSet
from shared.metrology import Family, Verdict
from shared.metrology.judgements import worst
from shared.permits import intake
from shared.problems import Text, Violation
from shared.text import comparable, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import Case, Step
    from shared.identity import Actor

FORM = Form()

UNDECIDED = (
    *("accepted", "commissioned", "arranged", "samples_received", "evaluating", "improving"),
    *("report_drafted", "report_checked", "report_review", "reviewed", "hearing"),
)
"""From acceptance to the decision."""
PENDING = ("received", "supplement", *UNDECIDED)
"""States of an application that the authority has received and not decided."""
LIVE = ("granted", "effective")
"""States of a case whose certificate is in force: granted, and delivered too."""


def wrong_in(form: Mapping[str, Any], actor: Actor, rules: RuleSet, today: date) -> list[Violation]:
    """What is wrong with a form, or with a draft as far as it goes, whoever submits it on that day: it is another
    organisation's, or of a category that the catalogue does not have."""
    found = in_own_name(form, actor)
    return found + not_in_catalogue(form["category"], "category", rules, today) if "category" in form else found


def application(form: Mapping[str, Any]) -> str:
    """Which application it is, as the list of its documents calls it: a first one, or a change of what was approved."""
    return "change" if form.get("replaces_certificate") else "first"


def applied_for_already(form: Mapping[str, Any], pending: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Violation]:
    """The lines of models that the applicant has applied for already, as the same kind of instrument; `pending` are the
    numbers and forms of their applications under way."""
    taken = {
        comparable(line["model"]): number
        for number, other in pending
        if same(other["category"], form["category"])
        for line in other["lines"]
    }
    return [
        Violation(
            f"lines.{place}.model",
            "applied_for_already",
            Text(
                f"该型号的申请{taken[model]}正在办理，同一型号不得重复申请；可补正或者撤回该申请",
                f"{taken[model]} applies for {line['model']} already: supplement or withdraw that one",
            ),
        )
        for place, line in enumerate(form["lines"])
        if (model := comparable(line["model"])) in taken
    ]


def wrongly_replaced(holder: str | None, applicant: str) -> list[Violation]:
    """The certificate to be replaced is another holder's; None if it has no holder here (see not_registered)."""
    if holder is None or party(holder) == party(applicant):
        return []
    reason = Text("不是本单位的证书", "this certificate is another holder's: name your own")
    return [Violation("replaces_certificate", "another_holder", reason)]


def not_registered(number: str) -> list[Violation]:
    """A certificate that the register does not have. Those of other authorities, and of before the register was kept,
    are valid all the same: a person confirms it."""
    reason = Text(
        f"本机关登记中没有证书{number}，如系其他机关或此前颁发，请确认", f"the register has no certificate {number}"
    )
    return [Violation("replaces_certificate", "unknown_certificate", reason)]


def commissioned_on(case: Case) -> date:
    """The day on which the evaluation was commissioned."""
    return date.fromisoformat(case.data["commission"]["on"])


def examined_since(case: Case) -> date:
    """The day from which the authority has had all that it examines: the report, or without one the application."""
    return date.fromisoformat(case.data["report"]["issued_on"]) if "report" in case.data else intake.accepted_on(case)


def status(state: str) -> str:
    """What a certificate is, by the state of its case."""
    return "in_force" if state in LIVE else state


def never_evaluated(step: Step) -> bool:
    """Whether the case was rejected on preliminary review."""
    return "report" not in step.case.data


def not_needed(step: Step) -> Text | None:
    """Why the instrument needs no approval on the day of the step; None if it does."""
    if step.rules.regime("type_approval", step.today).abolished:
        return Text(f"型式批准在{step.today}已取消", f"type approval has been abolished as of {step.today}")
    try:
        step.rules.item(step.case.form["category"], step.today)
    except LawError as error:
        return Text(f"该类器具不在{step.today}的目录中", str(error))
    return None


def may_arrange(step: Step) -> Sequence[Violation]:
    """The items agreed on are those of the programme, and the lines tested those proposed, or others with a reason."""
    held, items = family_tested(step), step.body.get("items", ())
    found = conformity.unknown_items(items, held) + conformity.items_twice(items, held)
    if "lines" in step.body:
        choose = series.unknown_lines if oiml.is_accepted(step.case.data) else series.wrong_choice
        found += choose(step.case.form, step.body["lines"], step.reason)
    return found or oiml.other_items(step)


def may_receive_samples(step: Step) -> Sequence[Violation]:
    """Prototypes of what was applied for, as many as were arranged."""
    arranged = step.case.data.get("arrangement", {}).get("samples")
    return _same_instrument(step, conformity.other_number(arranged, len(step.body["samples"])))


def may_correct_receipt(step: Step) -> Sequence[Violation]:
    """As for a receipt; and every prototype of which a test counts is still there."""
    kept = {comparable(sample["serial"]) for sample in step.body["samples"]}
    tested = {record["serial"] for record in conformity.counting(step.case.data).values()}
    if lost := sorted(serial for serial in tested if comparable(serial) not in kept):
        serials = ", ".join(lost)
        reason = Text(
            f"{serials}有有效的试验记录：请先更正或者作废",
            f"{serials} has test records that count: correct or void them first",
        )
        return [Violation("samples", "tested_prototype", reason)]
    return may_receive_samples(step)


def may_cancel_receipt(step: Step) -> Sequence[Violation]:
    """Nothing rests on the samples: no test that counts, no improvement of them."""
    found = []
    if conformity.counting(step.case.data):
        reason = Text("有有效的试验记录：请先作废", "there are test records that count: void them first")
        found.append(Violation("tests", "tested_prototype", reason))
    if "improvement" in step.case.data:
        reason = Text("已要求改进：请先撤回", "they were to be improved: take that back first")
        found.append(Violation("improvement", "to_be_improved", reason))
    return found


def failed_by_silence(case: Case) -> bool:
    return "failed_on" in case.data.get("improvement", {})


def was_improved(case: Case) -> bool:
    return "delivered_on" in case.data.get("improvement", {})


def received_on(step: Step) -> date:
    """The day on which improved samples came."""
    day: date = step.body.get("received_on", step.today)
    return day


def may_deliver_improved(step: Step) -> Sequence[Violation]:
    """They came on a day since they were asked for, and not in the future; within the limit where it has run out."""
    improvement, day = step.case.data["improvement"], received_on(step)
    last = date.fromisoformat(improvement["failed_on"]) if "failed_on" in improvement else step.today
    if not date.fromisoformat(improvement["found_on"]) <= day <= last:
        since = improvement["found_on"]
        reason = Text(
            f"{since}要求改进，送达日期应在{since}至{last}之间",
            f"asked for on {since}, they can have come from then until {last}",
        )
        return [Violation("received_on", "outside_period", reason)]
    return _not_all_improved(step) or _same_instrument(step, [])


def _not_all_improved(step: Step) -> list[Violation]:
    """A design that fails is modified on all prototypes (R 60-2, 2.3): of each model as many come back as there are."""
    before = Counter(comparable(sample["model"]) for sample in step.case.data["samples"])
    improved = Counter(comparable(sample["model"]) for sample in step.body["samples"])
    return [
        Violation(
            "samples",
            "not_all_improved",
            Text(
                f"改进须用于全部样机：{model}有{wanted}台，改进了{improved[model]}台",
                f"there are {wanted} prototypes of {model}, {improved[model]} are improved: all are",
            ),
        )
        for model, wanted in before.items()
        if improved[model] < wanted
    ]


def may_cancel_improved(step: Step) -> Sequence[Violation]:
    """No test that counts was made since they came."""
    if max(conformity.counting(step.case.data), default=0) > step.case.data["improvement"]["tests_before"]:
        reason = Text(
            "此后有有效的试验记录：请先作废", "there are test records made since then that count: void them first"
        )
        return [Violation("tests", "tested_prototype", reason)]
    return []


def _same_instrument(step: Step, more: list[Violation]) -> Sequence[Violation]:
    wrong, warnings = conformity.other_prototypes(step.case.form, step.raw["samples"], family_tested(step))
    if not wrong:
        intake.confirmed_or_asked(step, [*more, *warnings])
    return wrong


def overall(verdicts: Sequence[str]) -> Verdict:
    """All items of all prototypes must conform (JJF 1015, 5.5)."""
    return worst([Verdict(one) for one in verdicts])


_UNCERTAIN = (Verdict.INDETERMINATE, Verdict.NOT_DONE)


def standing(data: Mapping[str, Any], held: Family) -> list[Mapping[str, Any]]:
    """The test records that the conclusion rests on.

    What was tested again after the improvement stands for what was found before it, and a test that told nothing for
    certain is replaced by its repetition on the same prototype. An item is the same by its id or clause in `held`.
    """
    tests = conformity.counting(data)
    improved_at = data.get("improvement", {}).get("tests_before", 0)
    tested = {
        place: (conformity.item_id(record["item"], held), comparable(record["serial"]))
        for place, record in tests.items()
    }
    again = {item for place, (item, _) in tested.items() if place > improved_at}
    last = {test: place for place, test in tested.items()}
    return [
        record
        for place, record in tests.items()
        if place > improved_at or tested[place][0] not in again
        if record["verdict"] not in _UNCERTAIN or place == last[tested[place]]
    ]


def may_find_nonconformity(step: Step) -> Sequence[Violation]:
    """The maker may improve the samples once (Order 74 Art. 13); what does not conform are items of the family, each
    told once, on prototypes that were received. Those beside the programme are to be confirmed."""
    if found := _improved_before(step):
        return found
    held, findings, samples = family_tested(step), step.body["items"], step.case.data["samples"]
    items, serials = [one["item"] for one in findings], [one.get("serial", "") for one in findings]
    found = conformity.unknown_items(items, held, "items.{}.item")
    for index, serial in enumerate(serials):
        found += conformity.unknown_prototype(samples, serial, f"items.{index}.serial") if serial else []
    found = found or conformity.items_twice(items, held, "items.{}.item", serials)
    if not found:
        arranged = step.case.data.get("arrangement", {}).get("items")
        intake.confirmed_or_asked(step, conformity.beside_programme(arranged, items, held, "items.{}.item"))
    return found


def _improved_before(step: Step) -> list[Violation]:
    if "improvement" in step.case.data:
        found_on = step.case.data["improvement"]["found_on"]
        reason = Text(
            f"已于{found_on}要求过一次改进：请在报告中作出不合格结论",
            f"the one improvement was asked for on {found_on}: conclude fail in the report",
        )
        return [Violation("items", "improved_once", reason)]
    return []


def silent_on_improvement(step: Step) -> Sequence[Violation]:
    """The limit that ran out is that of this improvement."""
    if (found_on := step.case.data["improvement"]["found_on"]) != step.raw["started_on"]:
        told = Text(f"改进是{found_on}要求的", f"the improvement was asked for on {found_on}")
        return [Violation("started_on", "another_limit", told)]
    return []


def may_grant(step: Step) -> Sequence[Violation]:
    """Only an instrument that still needs it, and whose evaluation report says that it conforms, is approved."""
    found, held = [], family_tested(step)
    if why := not_needed(step):
        told = Text(f"{why.zh}：请依法终止，事由LAW_CHANGED", f"{why.en}: terminate the case, ground LAW_CHANGED")
        found.append(Violation("category", "not_needed", told))
    elif wrong := _wrong_letter(step):
        found.append(wrong)
    report = step.case.data.get("report")
    if report is None:
        reason = Text(
            "初审不合格，未经型式评价：请作出不予许可决定，或者退回委托",
            "rejected on preliminary review, never evaluated: refuse, or send back to be commissioned",
        )
        found.append(Violation("report", "not_evaluated", reason))
    elif report["conclusion"] != "pass":
        number, conclusion = report["number"], report["conclusion"]
        reason = Text(
            f"报告{number}的结论为{SAID[conclusion]}：请作出不予许可决定",
            f"report {number} concludes {conclusion}: refuse",
        )
        found.append(Violation("report", "report_fails", reason))
    elif others := completeness.contradictions(step.case.data, standing(step.case.data, held), held):
        reason = Text(
            f"报告{report['number']}不是所申请器具的：{'；'.join(one.zh for one in others)}",
            f"report {report['number']} is not of what was applied for: {'; '.join(one.en for one in others)}",
        )
        found.append(Violation("report", "another_instrument", reason))
    if not found:
        _, warnings = conformity.other_prototypes(step.case.form, step.case.data["samples"], family_tested(step))
        intake.confirmed_or_asked(step, warnings)
    return found


def _wrong_letter(step: Step) -> Violation | None:
    """Certificates are numbered by the letter of the category: the catalogue's, or where it has none the one said."""
    item = step.rules.item(step.case.form["category"], step.today)
    said = step.body.get("letter")
    if item.letter is None and said is None:
        reason = Text(
            f"证书按类别字母编号，目录中{item.zh}没有字母：请写明",
            f"certificates are numbered by a class letter, and the catalogue has none for {item.en}: say which",
        )
        return Violation("letter", "no_letter", reason)
    if item.letter is not None and said not in (None, item.letter):
        told = Text(
            f"{item.zh}的类别字母为{item.letter}，而非{said}",
            f"the class letter of {item.en} is {item.letter}, not {said}",
        )
        return Violation("letter", "another_letter", told)
    return None


def may_refuse(step: Step) -> Sequence[Violation]:
    """A refusal that rests on tests names the technical norms relied on (Administrative Licensing Law Art. 55(3))."""
    if step.case.data.get("report", {}).get("conclusion") == "fail" and not step.body["norms"]:
        told = Text("试验不合格：请写明所依据的技术规范", "the tests were failed: name the norms they rest on")
        return [Violation("norms", "norms_missing", told)]
    return []


def own_product(step: Step) -> Sequence[Violation]:
    """Nobody evaluates their own product."""
    if party(step.body["lab"]) != party(step.case.applicant):
        return []
    told = Text("技术机构不得评价本单位的产品", "a laboratory may not evaluate the product of its own organisation")
    return [Violation("lab", "own_product", told)]


def other_programme(step: Step) -> list[Violation]:
    """To be confirmed: a programme that is not that of the kind of instrument."""
    try:
        applies = step.rules.item(step.case.form["category"], step.today).programme
    except LawError:
        return []
    return conformity.other_programme(step.body["programme"], applies)
