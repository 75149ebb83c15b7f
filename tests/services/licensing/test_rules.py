"""Terms of licences, on any day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.licensing.intake.form import Form
from services.licensing.intake.rules import calibrated_tomorrow, lapsed, late, may_renew
from services.licensing.licence.rules import Licence, apply_by, first_term, next_term
from services.licensing.states import LIVE
from shared.law import load
from tests.support import credit_code, licence_form

RULES = load()
DAY = timedelta(days=1)
IN_FORCE = st.dates(date(2008, 5, 1), date(2017, 12, 27))
"""Days on which there are licences (Order 104)."""
CODE = credit_code()
FORM = licence_form(CODE, kind="renewal", renews="吉制00000001号")


def licence(valid_until: date, **changes: Any) -> Licence:
    content = {"lines": FORM["lines"], "places_of_manufacture": [site["address"] for site in FORM["production_sites"]]}
    running = ("renewal", "renewal_number", "renewal_state", "amendment", "amendment_number", "amendment_state")
    facts = {"state": "valid", **dict.fromkeys(running), **changes}
    return Licence("吉制00000001号", "home", CODE, valid_until, content, **facts)


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
def test_only_a_licence_in_force_is_renewed(ends: date, today: date, state: str) -> None:
    faults = may_renew(licence(ends, state=state), FORM, "case", CODE, today)
    assert bool(faults) == (state not in LIVE or today > ends)
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
