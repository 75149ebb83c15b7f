"""What stands in the way of the application. Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.fields import in_own_name, not_in_catalogue
from services.instruments import differs
from services.licensing.intake.facts import Lapsed
from services.licensing.intake.form import Form
from services.licensing.licence.rules import Licence, apply_by
from services.licensing.states import LIVE
from shared.identity import uscc
from shared.identity.uscc import party
from shared.problems import Problem, Violation
from shared.schemas import invalid, load
from shared.text import Text, as_numbered, comparable, joined, same

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from shared.casework import Step
    from shared.identity import Actor
    from shared.law import RuleSet

FORM = Form()


def not_needed(step: Step) -> Text | None:
    """Why there is no such licence on the day of the step; None if there is."""
    regime = step.rules.regime("manufacture", step.today)
    if regime.abolished:
        since = regime.valid_from
        return Text(f"制造计量器具许可已于{since}取消", f"the manufacturing licence was abolished on {since}")
    return None


def nothing_to_apply_for(step: Step) -> list[Violation]:
    """There is no such licence on the day of the step."""
    why = not_needed(step)
    told = why and Text(f"{why.zh}：无须申请", f"{why.en}: nothing needs to be applied for")
    return [Violation("procedure", "not_needed", told)] if told else []


def decided_elsewhere(step: Step, office: str) -> list[Violation]:
    """What another office would decide, which is `office` for the corrected form, is applied for there."""
    if office == step.case.office:
        return []
    named = step.rules.authority(step.today, office)
    reason = Text(
        f"更改后由{named.name.zh}办理：请撤回本件后重新申请",
        f"{named.name.en} decides what is applied for then: withdraw this, and apply there",
    )
    return [Violation("region", "another_office", reason)]


def not_the_newest(step: Step, licence: Licence) -> list[Violation]:
    """A renewal or an amendment that had ended does not go on beside a later one of the same licence."""
    renews = "renews" in step.case.form
    newest, number = (
        (licence.renewal, licence.renewal_number) if renews else (licence.amendment, licence.amendment_number)
    )
    if newest == step.case.id:
        return []
    reason = Text(
        f"此后{number}已就{licence.number}提出同种申请：请办理该件",
        f"{number} was applied for {licence.number} since then: decide that one",
    )
    name, code = ("renews", "renewal_running") if renews else ("amends", "amendment_running")
    return [Violation(name, code, reason)]


def wrong_in(form: Mapping[str, Any], actor: Actor, rules: RuleSet, today: date) -> list[Violation]:
    """What is wrong with a form, or with a draft as far as it goes, whoever submits it on that day: it is another
    organisation's, or has lines of a category that the catalogue does not have."""
    found = in_own_name(form, actor)
    for index, line in enumerate(form.get("lines", ())):
        if "category" in line:
            found += not_in_catalogue(line["category"], f"lines.{index}.category", rules, today)
    return found


_LAPSING = {
    "inspection_equipment": ("calibrated_until", "out_of_calibration", Text("校准", "was calibrated")),
    "standards": ("valid_until", "standard_lapsed", Text("考核证书", "had a certificate")),
}
"""The lists of the form whose entries hold until a day: that day's field, the code of the warning, and what ends."""


def lapsed(form: Mapping[str, Any], today: date) -> list[tuple[Violation, Lapsed]]:
    """Inspection equipment and standards that have lapsed by that day, each with the warning that names it. No law
    refuses them; the assessment looks at them (JJF 1246, 4.6)."""
    found = []
    for part, (name, code, what) in _LAPSING.items():
        for place, one in enumerate(form.get(part, ())):
            until = date.fromisoformat(one[name])
            if until < today:
                reason = Text(
                    f"“{one['name']}”的{what.zh}有效期至{until}，今天（{today}）已过期：请更新后填写新的日期；确未更新的，确认后可以提交，现场考核时核查",
                    f"{one['name']} {what.en} until {until}, which is over today, {today}: have that renewed and state"
                    " the new day; if it is not, confirm it: the on-site assessment will look at it",
                )
                found.append((Violation(f"{part}.{place}.{name}", code, reason), Lapsed(name=one["name"], until=until)))
    return found


def calibrated_tomorrow(form: Mapping[str, Any], today: date) -> list[Violation]:
    """Equipment that is said to have been calibrated on a day still to come."""
    told = Text(f"晚于今天（{today}）", f"this is after today, {today}")
    return [
        Violation(f"inspection_equipment.{place}.calibrated_on", "future", told)
        for place, one in enumerate(form.get("inspection_equipment", ()))
        if date.fromisoformat(one.get("calibrated_on", "0001-01-01")) > today
    ]


STATED = ("procedures", "self_assessed")
"""What the form of a first licence and of a renewal 申请书（复查） lists: the team goes through all of chapter 4 of
JJF 1246 then. For new items and changed conditions it looks at what is new (chapter 6)."""
_WHOLE = ("first", "renewal")


def read(given: Mapping[str, Any], stated: Collection[str]) -> dict[str, Any]:
    """The form. Raises Problem with all that it lacks, also of what is to be `stated`, at once."""
    lacking = unstated(given, stated)
    try:
        form = load(FORM, given)
    except Problem as problem:
        raise invalid([*problem.violations, *lacking]) if problem.violations else problem from None
    if lacking:
        raise invalid(lacking)
    return form


def unstated(form: Mapping[str, Any], names: Collection[str]) -> list[Violation]:
    """Which of these parts an application of this kind needs and lacks."""
    told = Text("首次申请和复查换证须填写", "an application for a first licence or a renewal states it")
    wanted = names if form.get("kind") in _WHOLE else ()
    return [Violation(name, "missing", told) for name in wanted if not form.get(name)]


def wrong_self_assessment(form: Mapping[str, Any], rules: RuleSet, today: date) -> list[Violation]:
    """What is not a clause of the assessment of such a maker, and the chapters that the self-assessment leaves out."""
    given = form.get("self_assessed")
    if not given:
        return []
    clauses = rules.requirements_on(today, [line["category"] for line in form["lines"]])
    known = {comparable(one.id) for one in clauses}
    found = [
        Violation(
            f"self_assessed.{place}.clause",
            "unknown_clause",
            Text(f"没有条款{one['clause']}", f"{one['clause']} is not a clause of the assessment"),
        )
        for place, one in enumerate(given)
        if comparable(one["clause"]) not in known
    ]
    told = {comparable(one["clause"]) for one in given}
    return found + [
        Violation(
            "self_assessed",
            "incomplete",
            Text(f"{one.id} {one.name.zh}尚无自查", f"nothing on {one.id} {one.name.en}"),
            one.id,
        )
        for one in clauses
        if not one.must_have and comparable(one.id) not in told
    ]


def office_for(form: Mapping[str, Any], rules: RuleSet, today: date) -> str:
    """The office that decides on a first licence for what the form states."""
    region = form.get("region") or uscc.region(form["credit_code"])
    return rules.competent("manufacture", region, [line["category"] for line in form["lines"]], today)


def licensed_already(form: Mapping[str, Any], held: Sequence[Mapping[str, Any]]) -> list[Violation]:
    """That one of the licences `held` in force is for an item at every place of a first application is to be confirmed:
    it is renewed or amended."""
    places, found = [site["address"] for site in form["production_sites"]], []
    for index, line in enumerate(form["lines"] if form["kind"] == "first" else ()):
        covering = [
            content["number"]
            for content in held
            if not all(differs(line, covered) for covered in content["lines"])
            if all(any(same(place, one) for one in content["places_of_manufacture"]) for place in places)
        ]
        if covering:
            reason = Text(
                f"{'、'.join(covering)}已含该项：延续或者变更该证的，请就该证申请",
                f"covered already by {', '.join(covering)}: apply to renew or to amend that licence, if this is meant",
            )
            found.append(Violation(f"lines.{index}", "licensed_already", reason))
    return found


def asked_for(form: Mapping[str, Any], held: Sequence[Mapping[str, Any]]) -> list[set[tuple[str, str, str]]]:
    """What each line asks for that no licence has yet: an instrument of a kind, by model, made at a place. A renewal
    asks for no more than its licence has; an application for changed conditions, for other places than those of its
    licence, which is among those `held`."""
    kind, named = form["kind"], as_numbered(licence_named(form) or "")
    places = {comparable(site["address"]) for site in form["production_sites"] if kind != "renewal"}
    if kind == "changed_conditions":
        own = (one["places_of_manufacture"] for one in held if one["number"] == named)
        places -= {comparable(place) for of_it in own for place in of_it}
    return [
        {(comparable(line.get("category", "")), comparable(line["model"]), place) for place in places}
        for line in form["lines"]
    ]


def elsewhere(form: Mapping[str, Any], rules: RuleSet, today: date) -> list[Violation]:
    """That the place of manufacture is in another province, whose authority decides, or in none of the cities of this
    one, is to be confirmed. Of counties it is not known which there are: see `shared.law.offices`."""
    region, province = form.get("region", ""), rules.authority(today)
    if region and rules.is_no_city(region):
        told = Text(
            f"本省没有代码为{region[:4]}00的市（州）：请核对行政区划代码{region}",
            f"no city or prefecture of the province has the code {region[:4]}00: check {region}",
        )
        return [Violation("region", "unknown_region", told)]
    if not region or region[:2] == province.code[:2]:
        return []
    reason = Text(
        f"{region}不在{province.name.zh}的行政区域内，由当地机关办理",
        f"{region} is in another province than that of {province.name.en}: apply to the authority there",
    )
    return [Violation("region", "another_province", reason)]


def application(form: Mapping[str, Any]) -> str:
    """Which application it is, as the list of its documents calls it."""
    return str(form.get("kind", "first"))


def licence_named(form: Mapping[str, Any]) -> str | None:
    """The number of the licence that the application is about, as it was typed; None for a first one."""
    return form.get("renews") or form.get("amends")


def may_renew(licence: Licence | None, form: Mapping[str, Any], case_id: str, holder: str, on: date) -> list[Violation]:
    """A licence of the holder, in force `on` the day of receipt, not being renewed by another application, and not
    renewed already for a term that is still to begin; nothing beyond what it covers.

    New items and another place of manufacture need a new assessment, so they are applied for as such (Order 104).
    """
    if licence is None or (found := _not_held(licence, "renews", holder, on)):
        return found if licence else _unknown("renews", form["renews"])
    if on < licence.begins:
        reason = Text(
            f"{licence.number}已延续至{licence.valid_until}，该有效期自{licence.begins}起：此后再申请",
            f"{licence.number} was renewed until {licence.valid_until}, for a term from {licence.begins} on: apply from"
            " then on",
        )
        found.append(Violation("renews", "renewed_already", reason))
    if running := licence.renewal_running(besides=case_id):
        reason = Text(
            f"{licence.number}的复查换证{running}正在办理", f"renewal {running} of {licence.number} is under way"
        )
        found.append(Violation("renews", "renewal_running", reason))
    return [*found, *_unlicensed_lines(licence, form), *_other_places(licence, form)]


def may_amend(
    licence: Licence | None, form: Mapping[str, Any], case_id: str, holder: str, today: date
) -> list[Violation]:
    """A licence of the holder, in force, not being amended by another application. New items are no items of it, and
    made where it is for; other conditions are those of its items, another place that of all of them."""
    if licence is None or (found := _not_held(licence, "amends", holder, today)):
        return found if licence else _unknown("amends", form["amends"])
    if running := licence.amendment_running(besides=case_id):
        reason = Text(
            f"{licence.number}的变更{running}正在办理", f"amendment {running} of {licence.number} is under way"
        )
        found.append(Violation("amends", "amendment_running", reason))
    if form["kind"] == "changed_conditions":
        return [*found, *_unlicensed_lines(licence, form), *_lines_not_moved(licence, form)]
    for index, line in enumerate(form["lines"]):
        if not all(differs(line, covered) for covered in licence.content["lines"]):
            reason = Text(f"{licence.number}已含该项", f"{licence.number} covers it already")
            found.append(Violation(f"lines.{index}", "licensed_already", reason))
    return [*found, *_other_places(licence, form)]


def _unknown(name: str, number: str) -> list[Violation]:
    return [
        Violation(name, "unknown_licence", Text(f"{number}不是您的许可证", f"{number} is not one of your licences"))
    ]


def _not_held(licence: Licence, name: str, holder: str, on: date) -> list[Violation]:
    """Whose it is not has none of that number; what was over on the day is applied for again."""
    if party(licence.holder) != party(holder):
        return _unknown(name, licence.number)
    if licence.state in (*LIVE, "expired") and on <= licence.valid_until:
        return []
    number, until = licence.number, licence.valid_until
    reason = Text(
        f"{number}有效期至{until}，已失效：请按首次申请办理",
        f"{number} held until {until} and is over: apply for a first licence",
    )
    return [Violation(name, "licence_ended", reason)]


def _unlicensed_lines(licence: Licence, form: Mapping[str, Any]) -> list[Violation]:
    found = []
    for index, line in enumerate(form["lines"]):
        differences = [differs(line, covered) for covered in licence.content["lines"]]
        if all(differences):
            closest = min(differences, key=len)
            nearest = joined(closest)
            reason = Text(
                f"{licence.number}不含该项（{nearest.zh}）：请申请新增项目",
                f"{licence.number} does not cover it ({nearest.en}): apply for new items",
            )
            found.append(Violation(f"lines.{index}", "not_licensed", reason))
    return found


def _lines_not_moved(licence: Licence, form: Mapping[str, Any]) -> list[Violation]:
    """Items of the licence that an application for another place leaves out: a licence is for all of its items at each
    of its places, and the assessment is of those applied for."""
    models = _models_left_out(licence, form)
    if not models or not _other_places(licence, form):
        return []
    reason = Text(
        f"新的生产地址适用于{licence.number}的全部项目，尚未列入：{models}",
        f"another place is for every item of {licence.number}; not in the application: {models}",
    )
    return [Violation("lines", "line_left_out", reason)]


def _models_left_out(licence: Licence, form: Mapping[str, Any]) -> str:
    """The models of the items of the licence that lie inside none of the lines of the form."""
    left = [one for one in licence.content["lines"] if all(differs(one, line) for line in form["lines"])]
    return "、".join(dict.fromkeys(one["model"] for one in left))


def given_up(licence: Licence, form: Mapping[str, Any]) -> list[Violation]:
    """Items and places of the licence that its renewal leaves out, and so gives up, are to be confirmed: the form may
    be older than they are."""
    found, number = [], licence.number
    if models := _models_left_out(licence, form):
        told = Text(
            f"延续后{number}不再含（全部或者部分）：{models}；须保留的请列入",
            f"once renewed, {number} covers these no more, or less of them: {models}; list what is to stay",
        )
        found.append(Violation("lines", "line_left_out", told))
    stated = [site["address"] for site in form["production_sites"]]
    if left := [one for one in licence.content["places_of_manufacture"] if not any(same(one, two) for two in stated)]:
        places = "；".join(left)
        told = Text(
            f"延续后{number}不再含生产地址：{places}；须保留的请列入",
            f"once renewed, {number} is not for {places} any more: list what is to stay",
        )
        found.append(Violation("production_sites", "site_left_out", told))
    return found


def _other_places(licence: Licence, form: Mapping[str, Any]) -> list[Violation]:
    places = licence.content["places_of_manufacture"]
    found = []
    for index, site in enumerate(form["production_sites"]):
        if not any(same(site["address"], place) for place in places):
            reason = Text(
                f"{licence.number}的生产地址为{'；'.join(places)}：其他地址请申请条件变化",
                f"{licence.number} is for {'; '.join(places)}: apply for changed conditions",
            )
            found.append(Violation(f"production_sites.{index}", "not_licensed", reason))
    return found


def late(licence: Licence, rules: RuleSet, today: date) -> list[Violation]:
    """A renewal applied for late is a warning: nothing assures that it is decided before the licence expires."""
    last = apply_by(licence, rules, today)
    if today <= last:
        return []
    number, until = licence.number, licence.valid_until
    reason = Text(
        f"应于{last}前申请复查换证；{until}到期时仍未作决定的，{number}失效",
        f"the renewal was to be applied for by {last}: unless it is decided by {until}, {number} expires",
    )
    return [Violation("renews", "late_renewal", reason)]
