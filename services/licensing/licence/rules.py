"""What stands in the way of the licence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from services.instruments import legend, models_of, ranges
from services.licensing.licence.facts import AMENDMENTS, IN_FORCE, Amendment, KeptContract
from services.licensing.states import LIVE, PENDING, RUNNING
from shared.law import Limit, RuleSet, Unit, add_days, add_months, before, national
from shared.permits.changing import CHANGES, stating
from shared.permits.facts import RECEIVED_ON
from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from shared.casework import Case


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence, the state of its case, and the newest applications to renew and to amend it."""

    number: str
    case_id: str
    holder: str
    valid_until: date
    begins: date
    """The first day of the term that was granted last."""
    content: Mapping[str, Any]
    state: str
    renewal: str | None
    renewal_number: str | None
    renewal_state: str | None
    amendment: str | None
    amendment_number: str | None
    amendment_state: str | None

    def renewal_running(self, besides: str = "") -> str | None:
        """The number of the renewal under way, if there is one other than the case `besides`."""
        running = self.renewal_state in RUNNING and self.renewal != besides
        return self.renewal_number if running else None

    def amendment_running(self, besides: str = "") -> str | None:
        """The same of an application for new items or changed conditions."""
        running = self.amendment_state in RUNNING and self.amendment != besides
        return self.amendment_number if running else None


@dataclass(frozen=True, slots=True)
class Term:
    """First and last day."""

    begins: date
    ends: date


def apply_by(licence: Licence, rules: RuleSet, today: date) -> date:
    """The last day to apply for renewal in time."""
    ahead = rules.validity("manufacture", today).renew_before
    return before(licence.valid_until, ahead, national()) if ahead else licence.valid_until


def first_term(rules: RuleSet, today: date) -> Term:
    """The term of a licence granted today."""
    return Term(today, add_months(today, _validity(rules, today).amount))


def next_term(licence: Licence, rules: RuleSet, today: date) -> Term:
    """The term that follows: on the day after the old one's end, or from the decision if that end has passed, for no
    licence is granted for a time gone by."""
    if today > licence.valid_until:
        return first_term(rules, today)
    ends = add_months(licence.valid_until, _validity(rules, today).amount)
    return Term(add_days(licence.valid_until, 1), ends)


def covered(terms: Sequence[Term], last: date | None) -> list[Term]:
    """The times in which instruments could be made under a licence with these terms, first to last: terms that follow
    on each other are one, and none goes on after the `last` day of a licence that has ended."""
    spans: list[Term] = []
    for term in terms:
        ends = term.ends if last is None else min(term.ends, last)
        if spans and term.begins <= add_days(spans[-1].ends, 1):
            spans[-1] = Term(spans[-1].begins, max(spans[-1].ends, ends))
        elif term.begins <= ends:
            spans.append(Term(term.begins, ends))
    return spans


def amended(content: Mapping[str, Any], amendment: Amendment) -> dict[str, Any]:
    """What a licence says once an amendment is granted: with its new items, or with its places of manufacture."""
    if amendment.places:
        return {**content, "places_of_manufacture": [*amendment.places]}
    new = [line for line in amendment.lines or () if line not in content["lines"]]
    lines = [*content["lines"], *new]
    return {**content, "lines": lines, "ranges": ranges(lines), "legend": legend(lines)}


def changed_since(content: Mapping[str, Any], licence: Case, since: date) -> dict[str, Any]:
    """What a renewal applied for on the day `since` gives, with the changes and amendments that the licence's case
    has got from that day on."""
    amendments = licence.get(AMENDMENTS, ())
    moved = {(one.on, one.places) for one in amendments if one.places}
    changes: list[tuple[date, int, Callable[..., dict[str, Any]], Any]] = [
        (one.on, 1, amended, one) for one in amendments
    ]
    later: set[date] = set()
    for one in licence.get(CHANGES, ()):
        # What was changed on the day of a move in the words of the new places came after it.
        if (one.entered_on, one.before.places_of_manufacture) in moved:
            later.add(one.entered_on)
        changes.append((one.entered_on, 2 if one.entered_on in later else 0, stating, one.after))
    found = dict(content)
    for on, _, change, what in sorted(changes, key=itemgetter(0, 1)):
        if on >= since:
            found = change(found, what)
    return found


def _validity(rules: RuleSet, today: date) -> Limit:
    limit = rules.validity("manufacture", today).limit
    if limit is None or limit.unit is not Unit.MONTHS:
        raise ValueError("a licence holds for months: correct the limit of its validity in the law's data")
    return limit


def deemed_at_end(renewal: Case, last: date) -> bool:
    """Whether the law grants this renewal if nothing is decided: applied for in time and still undecided (Art. 50).

    `last` was the last day to apply. One lodged ahead of a type approval has not been received, so it does not count.
    """
    return renewal.state in PENDING and renewal[RECEIVED_ON] <= last


def standing(contract: KeptContract, state: str, today: date) -> str:
    """What a contract is on the day, one of `facts.STANDINGS`, under a licence whose case is in that state."""
    if contract.ended_on is not None:
        return "ended"
    if contract.until is not None and contract.until < today:
        return "run_out"
    return IN_FORCE if state in LIVE else "licence_ended"


def contracts(
    kept: Iterable[KeptContract], content: Mapping[str, Any], state: str, today: date
) -> list[dict[str, Any]]:
    """The contracts in force on the day, as anybody reads them: of models that are licensed."""
    models = models_of(content)
    return [
        {
            "client": one.client_name,
            "models": found,
            "from": one.on.isoformat(),
            **({"until": one.until.isoformat()} if one.until else {}),
        }
        for one in kept
        if standing(one, state, today) == IN_FORCE
        and (found := [model for model in one.models if comparable(model) in models])
    ]
