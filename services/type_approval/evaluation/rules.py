"""What stands in the way of the evaluation. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from services.type_approval.evaluation import conformity, programme, series
from services.type_approval.evaluation.facts import ARRANGEMENT, COMMISSION, IMPROVEMENT, SAMPLES
from services.type_approval.evaluation.programme import family_tested
from services.type_approval.intake.oiml import is_accepted, other_items
from shared.casework.confirming import confirmed_or_asked
from shared.identity.uscc import party
from shared.law import LawError
from shared.metrology import Family, Verdict
from shared.metrology.judgements import worst
from shared.problems import Violation
from shared.text import Text, comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from shared.casework import Case, Step


def commissioned_on(case: Case) -> date:
    """The day on which the evaluation was commissioned."""
    return case[COMMISSION].on


def may_arrange(step: Step) -> Sequence[Violation]:
    """The items agreed on are those of the programme, and the lines tested those proposed, or others with a reason."""
    held, items = family_tested(step), step.body.get("items", ())
    found = conformity.unknown_items(items, held) + conformity.items_twice(items, held)
    if "lines" in step.body:
        choose = series.unknown_lines if is_accepted(step.case.data) else series.wrong_choice
        found += choose(step.case.form, step.body["lines"], step.reason)
    return found or other_items(step)


def may_receive_samples(step: Step) -> Sequence[Violation]:
    """Prototypes of what was applied for, as many as were arranged."""
    arrangement = step.case.get(ARRANGEMENT)
    arranged = arrangement.samples if arrangement else None
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
    if IMPROVEMENT in step.case:
        reason = Text("已要求改进：请先撤回", "they were to be improved: take that back first")
        found.append(Violation("improvement", "to_be_improved", reason))
    return found


def failed_by_silence(case: Case) -> bool:
    improvement = case.get(IMPROVEMENT)
    return improvement is not None and improvement.failed_on is not None


def was_improved(case: Case) -> bool:
    improvement = case.get(IMPROVEMENT)
    return improvement is not None and improvement.delivered_on is not None


def received_on(step: Step) -> date:
    """The day on which improved samples came."""
    day: date = step.body.get("received_on", step.today)
    return day


def may_deliver_improved(step: Step, limit: date | None) -> Sequence[Violation]:
    """They came on a day since they were asked for, and not in the future; until the last day of the limit that runs,
    `limit`, or of the one that has run out."""
    improvement, day = step.case[IMPROVEMENT], received_on(step)
    since, last = improvement.found_on, min(improvement.failed_on or limit or step.today, step.today)
    if not since <= day <= last:
        reason = Text(
            f"{since}要求改进，送达日期应在{since}至{last}之间",
            f"asked for on {since}, they can have come from then until {last}",
        )
        return [Violation("received_on", "outside_period", reason)]
    return _not_all_improved(step) or _same_instrument(step, [])


def _not_all_improved(step: Step) -> list[Violation]:
    """A design that fails is modified on all prototypes (R 60-2, 2.3): of each model as many come back as there are."""
    before = Counter(comparable(sample["model"]) for sample in step.case[SAMPLES])
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
    if max(conformity.counting(step.case.data), default=0) > step.case[IMPROVEMENT].tests_before:
        reason = Text(
            "此后有有效的试验记录：请先作废", "there are test records made since then that count: void them first"
        )
        return [Violation("tests", "tested_prototype", reason)]
    return []


def _same_instrument(step: Step, more: list[Violation]) -> Sequence[Violation]:
    wrong, warnings = conformity.other_prototypes(step.case.form, step.raw["samples"], family_tested(step))
    if not wrong:
        confirmed_or_asked(step, [*more, *warnings])
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
    improvement = IMPROVEMENT.of(data)
    improved_at = improvement.tests_before if improvement else 0
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
    told once, on prototypes that were received, and all that failed are among them. Those beside the programme are to
    be confirmed."""
    if found := _improved_before(step):
        return found
    held, findings, samples = family_tested(step), step.body["items"], step.case[SAMPLES]
    items, serials = [one["item"] for one in findings], [one.get("serial", "") for one in findings]
    found = conformity.unknown_items(items, held, "items.{}.item")
    for index, serial in enumerate(serials):
        found += conformity.unknown_prototype(samples, serial, f"items.{index}.serial") if serial else []
    found = found or conformity.items_twice(items, held, "items.{}.item", serials) or _failed_untold(step, held)
    if not found:
        wanted = programme.items_wanted(step.case.data)
        confirmed_or_asked(step, conformity.beside_programme(wanted, items, held, "items.{}.item"))
    return found


def _failed_untold(step: Step, held: Family) -> list[Violation]:
    """Items that failed on a prototype and are not among what is told, of it or of all prototypes."""
    told = {(conformity.item_id(one["item"], held), comparable(one.get("serial", ""))) for one in step.body["items"]}
    failed = {
        (conformity.item_id(record["item"], held), comparable(record["serial"])): record
        for record in standing(step.case.data, held)
        if record["verdict"] == Verdict.FAIL
    }
    untold = [one for (item, serial), one in failed.items() if not {(item, serial), (item, "")} & told]
    return [Violation("items", "failed_untold", _untold(one)) for one in untold]


def _untold(record: Mapping[str, Any]) -> Text:
    zh, en = conformity.told(record)
    return Text(
        f"样机{record['serial']}的{zh}试验也不合格：不符合项须一次全部列入",
        f"{en} failed on prototype {record['serial']} too: all that does not conform is told at once",
    )


def _improved_before(step: Step) -> list[Violation]:
    if improvement := step.case.get(IMPROVEMENT):
        found_on = improvement.found_on
        reason = Text(
            f"已于{found_on}要求过一次改进：请在报告中作出不合格结论",
            f"the one improvement was asked for on {found_on}: conclude fail in the report",
        )
        return [Violation("items", "improved_once", reason)]
    return []


def silent_on_improvement(step: Step) -> Sequence[Violation]:
    """The limit that ran out is that of this improvement."""
    if (found_on := step.case[IMPROVEMENT].found_on) != step.body["started_on"]:
        told = Text(f"改进是{found_on}要求的", f"the improvement was asked for on {found_on}")
        return [Violation("started_on", "another_limit", told)]
    return []


def own_product(step: Step) -> Sequence[Violation]:
    """Nobody evaluates their own product."""
    if party(step.body["lab"]) != party(step.case.applicant):
        return []
    told = Text("技术机构不得评价本单位的产品", "a laboratory may not evaluate the product of its own organisation")
    return [Violation("lab", "own_product", told)]


def no_programme(step: Step) -> list[Violation]:
    """What an OIML certificate leaves is tested to the programme that the office names."""
    if "programme" in step.body or not is_accepted(step.case.data):
        return []
    told = Text(
        "采信OIML证书的，须写明剩余试验的依据", "an OIML certificate is accepted: say what the rest is tested to"
    )
    return [Violation("programme", "missing", told)]


def other_programme(step: Step) -> list[Violation]:
    """To be confirmed: a programme that is not that of the kind of instrument."""
    try:
        applies = step.rules.item(step.case.form["category"], step.today).programme
    except LawError:
        return []
    return conformity.other_programme(step.body.get("programme", ""), applies)
