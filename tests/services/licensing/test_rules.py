"""Terms of licences, on any day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.licensing.intake.form import Form
from services.licensing.intake.rules import calibrated_tomorrow, lapsed, late, may_renew
from services.licensing.licence.facts import AMENDMENTS, Amendment
from services.licensing.licence.rules import Licence, amended, apply_by, changed_since, first_term, next_term
from services.licensing.states import LIVE
from shared.law import load
from shared.permits.changing import CHANGES, EnteredChange, Said, stating
from tests.support import credit_code, licence_form

RULES = load()
DAY = timedelta(days=1)
IN_FORCE = st.dates(date(2008, 5, 1), date(2017, 12, 27))
"""Days on which there are licences (Order 104)."""
IN_FORCE_SINCE = date(2008, 5, 1)
CODE = credit_code()
FORM = licence_form(CODE, kind="renewal", renews="吉制00000001号")


def licence(valid_until: date, **changes: Any) -> Licence:
    content = {"lines": FORM["lines"], "places_of_manufacture": [site["address"] for site in FORM["production_sites"]]}
    running = ("renewal", "renewal_number", "renewal_state", "amendment", "amendment_number", "amendment_state")
    facts = {"state": "valid", **dict.fromkeys(running), **changes}
    return Licence("吉制00000001号", "home", CODE, valid_until, IN_FORCE_SINCE, content, **facts)


@given(IN_FORCE, IN_FORCE)
def test_a_new_term_leaves_no_gap_and_is_never_granted_for_a_time_gone_by(ends: date, decided: date) -> None:
    term = next_term(licence(ends), RULES, decided)
    assert term.begins == max(ends + DAY, decided)
    assert term.ends > ends
    if decided > ends:
        assert term == first_term(RULES, decided)


@given(IN_FORCE)
def test_terms_follow_each_other_on_the_same_day_of_the_year(granted: date) -> None:
    first = first_term(RULES, granted)
    second = next_term(licence(first.ends), RULES, min(first.ends, date(2017, 12, 27)))
    assert (first.ends.year, second.ends.year) == (granted.year + 3, granted.year + 6)
    assert {first.ends.month, second.ends.month} == {granted.month}
    assert granted.day - 1 <= second.ends.day <= first.ends.day <= granted.day


@given(IN_FORCE, IN_FORCE)
def test_a_renewal_is_in_time_up_to_three_months_before_the_end(ends: date, applied: date) -> None:
    last = apply_by(licence(ends), RULES, applied)
    assert 89 <= (ends - last).days <= 92
    assert bool(late(licence(ends), RULES, applied)) == (applied > last)


@given(IN_FORCE, IN_FORCE, st.sampled_from([*LIVE, "expired", "revoked", "abolished_by_law", "cancelled"]))
def test_only_a_licence_in_force_on_the_day_of_receipt_is_renewed(ends: date, on: date, state: str) -> None:
    faults = may_renew(licence(ends, state=state), FORM, "case", CODE, on)
    assert bool(faults) == (state not in (*LIVE, "expired") or on > ends)
    assert {fault.code for fault in faults} <= {"licence_ended"}


@given(st.sampled_from(["lodged", "received", "hearing", "renewed", "refused", "withdrawn", "draft"]), st.booleans())
def test_only_another_renewal_under_way_stands_in_the_way(state: str, own: bool) -> None:
    held = licence(date(2016, 9, 17), renewal="other", renewal_number="ML-2016-00001", renewal_state=state)
    faults = may_renew(held, FORM, "other" if own else "case", CODE, date(2016, 6, 1))
    assert bool(faults) == (state in {"lodged", "received", "hearing"} and not own)


@given(IN_FORCE, st.integers(-40, 40), st.integers(-40, 40))
def test_equipment_is_warned_of_from_the_day_after_its_last(applied: date, calibrated: int, certified: int) -> None:
    ends = {"calibrated_until": applied + calibrated * DAY, "valid_until": applied + certified * DAY}
    scales = {"name": "天平", "range": "20 kg", "calibrated_until": ends["calibrated_until"].isoformat()}
    standard = {"name": "F2级砝码标准装置", "certificate": "1", "valid_until": ends["valid_until"].isoformat()}
    found = lapsed({"inspection_equipment": [scales], "standards": [standard]}, applied)
    names = [(one.name, one.code) for one, _ in found]
    equipment = [("inspection_equipment.0.calibrated_until", "out_of_calibration")] if calibrated < 0 else []
    assert names == [*equipment, *([("standards.0.valid_until", "standard_lapsed")] if certified < 0 else [])]
    told = {"天平": ends["calibrated_until"], "F2级砝码标准装置": ends["valid_until"]}
    assert all(kept.until == told[kept.name] for _, kept in found)
    assert all(str(one.reason).count(kept.name) == 2 for one, kept in found), "in both languages"


def test_a_calibration_that_ends_before_it_was_made_or_is_to_come_is_a_fault() -> None:
    one = {"name": "天平", "range": "20 kg", "calibrated_on": "2013-09-18", "calibrated_until": "2013-09-17"}
    faults = Form().validate({**FORM, "inspection_equipment": [one]})
    assert {*faults["inspection_equipment"][0]} == {"calibrated_until"}
    right = {"inspection_equipment": [{**one, "calibrated_until": "2014-09-17"}]}
    assert [each.name for each in calibrated_tomorrow(right, date(2013, 9, 17))] == [
        "inspection_equipment.0.calibrated_on"
    ]
    assert calibrated_tomorrow(right, date(2013, 9, 18)) == []


ACTS = st.lists(st.tuples(st.sampled_from(["name", "words", "move", "items"]), st.integers(0, 2)), max_size=12)


class History:
    """What happens to a licence in its term, act by act: each a day or more after the one before, or on the same day;
    two amendments are not decided on one day."""

    def __init__(self, acts: list[tuple[str, int]]) -> None:
        self.day, self.changes, self.amendments = date(2014, 1, 1), [], []  # type: ignore[var-annotated]
        self.contents: list[tuple[date, dict[str, Any]]] = [(self.day, self.began)]
        for number, (kind, days) in enumerate(acts):
            amends = kind in {"move", "items"}
            again = amends and any(one.on == self.day for one in self.amendments)
            self.day += (max(days, 1) if again else days) * DAY
            self.contents.append((self.day, self.after(kind, str(number))))

    began: dict[str, Any] = {  # noqa: RUF012 - not changed
        "holder": {"name": "甲", "address": "某街1号"},
        "places_of_manufacture": ["甲地"],
        "lines": FORM["lines"],
    }

    def after(self, kind: str, tag: str) -> dict[str, Any]:
        """The act is done; what the licence says then."""
        content = self.contents[-1][1]
        if kind in {"name", "words"}:
            places = tuple(content["places_of_manufacture"])
            after = Said(name=tag) if kind == "name" else Said(places_of_manufacture=(tag,))
            before = Said(name=content["holder"]["name"]) if kind == "name" else Said(places_of_manufacture=places)
            self.changes.append(
                EnteredChange(kind="changed", on=self.day, entered_on=self.day, before=before, after=after)
            )
            return stating(content, after)
        about: dict[str, Any] = {"application": tag, "on": self.day}
        if kind == "move":
            amendment = Amendment(kind="changed_conditions", places=(tag,), **about)
        else:
            amendment = Amendment(kind="additions", lines=({**FORM["lines"][0], "model": tag},), **about)
        self.amendments.append(amendment)
        return amended(content, amendment)

    def get(self, fact: object, missing: Any = ()) -> Any:
        known: dict[object, Any] = {CHANGES: self.changes, AMENDMENTS: self.amendments}
        return tuple(known[fact]) or missing


@given(ACTS, st.data())
def test_whenever_it_is_renewed_the_same_history_makes_the_same_licence(
    acts: list[tuple[str, int]], data: st.DataObject
) -> None:
    history = History(acts)
    _, as_it_is = history.contents[-1]
    # It is renewed last, on an application that was made at any time before, in the words of that day.
    applied, stated = data.draw(st.sampled_from(history.contents))
    renewed = changed_since(stated, history, applied)  # type: ignore[arg-type]
    assert {name: renewed[name] for name in History.began} == {name: as_it_is[name] for name in History.began}
