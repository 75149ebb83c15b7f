"""What stands in the way of the application. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.fields import in_own_name, not_in_catalogue
from services.instruments import differs
from services.licensing.intake.form import Form
from services.licensing.licence.rules import Licence, apply_by
from services.licensing.states import LIVE
from shared.identity import uscc
from shared.identity.uscc import party
from shared.problems import Text, Violation
from shared.text import same

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

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


def wrong_in(form: Mapping[str, Any], actor: Actor, rules: RuleSet, today: date) -> list[Violation]:
    """What is wrong with a form, or with a draft as far as it goes, whoever submits it on that day: it is another
    organisation's, or has lines of a category that the catalogue does not have."""
    found = in_own_name(form, actor)
    for index, line in enumerate(form.get("lines", ())):
        if "category" in line:
            found += not_in_catalogue(line["category"], f"lines.{index}.category", rules, today)
    return found


def office_for(form: Mapping[str, Any], rules: RuleSet, today: date) -> str:
    """The office that decides on a first licence for what the form states."""
    region = form.get("region") or uscc.region(form["credit_code"])
    return rules.competent("manufacture", region, [line["category"] for line in form["lines"]], today)


def application(form: Mapping[str, Any]) -> str:
    """Which application it is, as the list of its documents calls it."""
    return "renewal" if form.get("renews") else "first"


def may_renew(
    licence: Licence | None, form: Mapping[str, Any], case_id: str, holder: str, today: date
) -> list[Violation]:
    """A licence of the holder, in force, not being renewed by another application; nothing beyond what it covers.

    New items and another place of manufacture need a new assessment, so they are applied for as such (Order 104).
    """
    if licence is None or party(licence.holder) != party(holder):
        return [
            Violation(
                "renews",
                "unknown_licence",
                Text(f"{form['renews']}不是您的许可证", f"{form['renews']} is no licence of yours"),
            )
        ]
    if licence.state not in LIVE or today > licence.valid_until:
        number, until = licence.number, licence.valid_until
        reason = Text(
            f"{number}有效期至{until}，已失效：请按首次申请办理",
            f"{number} held until {until} and is over: apply for a first licence",
        )
        return [Violation("renews", "licence_ended", reason)]
    found = []
    if running := licence.renewal_running(besides=case_id):
        found.append(
            Violation(
                "renews",
                "renewal_running",
                Text(
                    f"{licence.number}的复查换证{running}正在办理",
                    f"renewal {running} of {licence.number} is under way",
                ),
            )
        )
    licensed, places = licence.content["lines"], licence.content["places_of_manufacture"]
    for index, line in enumerate(form["lines"]):
        differences = [differs(line, covered) for covered in licensed]
        if all(differences):
            reason = Text(
                f"{licence.number}不含该项（{differences[0]}）：新增项目请按首次申请办理",
                f"{licence.number} does not cover it ({differences[0]}): apply for new items as a first licence",
            )
            found.append(Violation(f"lines.{index}", "not_licensed", reason))
    for index, site in enumerate(form["production_sites"]):
        if not any(same(site["address"], place) for place in places):
            reason = Text(
                f"{licence.number}的生产地址为{'；'.join(places)}：其他地址须另行申请",
                f"{licence.number} is for {'; '.join(places)}: another place needs a licence of its own",
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
