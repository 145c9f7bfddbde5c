"""Opening a case with everything that is pinned in it: the law of its place, rates, time zones.

What a case may know of its debtor's address and phone number is where they point to: time zones.
What it knows of the debtor's other invoices is a segment, and a sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from dunning.behaviour.measures import measure
from dunning.behaviour.segments import place
from dunning.opening import new_case
from dunning.schedule import shift
from library import rates
from library.charge_packs import with_charges
from library.documents import read_model
from library.jurisdictions import packs_for, rulebook, shipped
from library.places import zones_of
from schemas.behaviour import PaymentHistory
from schemas.case import Case, CaseClock
from schemas.customer import Customer
from schemas.effects import EndedCase
from schemas.invoice import Invoice
from schemas.money import Amount
from schemas.policy import Policy
from schemas.rates import RateTable
from schemas.spans import StepTime

_ONE_DAY: Final = timedelta(days=1)
_FEWEST_DAYS: Final = {"d": 1, "w": 7, "m": 28, "bd": 1}
_MOST_DAYS: Final = {"d": 1, "w": 7, "m": 31, "bd": 1}


def begin(
    creditor: str,
    invoice: Invoice,
    customer: Customer,
    policy: Policy,
    opened_at: datetime | None = None,
    clock: CaseClock | None = None,
    jurisdictions: Sequence[str] | None = None,
    chosen: str = "",
) -> Case:
    """Return a fresh case; without `opened_at` it opens at the first moment a step is due.

    `jurisdictions`: the packs of those ids; None resolves them from the customer, none at all
    leaves the case without contact rules and statutory charges. `chosen` says why it gets this
    policy. Raises InputRefusedError for a pack that does not exist.
    """
    facts = customer.facts
    has_law = jurisdictions is None or bool(jurisdictions)
    if has_law:
        facts = facts.model_copy(update={"zones": zones_of(customer)})
    case = new_case(creditor, invoice, facts, policy, opened_at, clock)
    if chosen:
        case = case.model_copy(update={"chosen": chosen})
    if not has_law:
        return case
    return _with_law(case, customer, jurisdictions, case.opened_at.date())


def resumed(ended: EndedCase, customer: Customer, today: date) -> Case:
    """Return the case that ended, with the debtor's facts and the law of today pinned in it.

    Consents, language and time zones are those of today; the segment stays. The law is that of the
    debtor's place; packs that were named for the case stay the ones they were, as far as they are
    still shipped.
    """
    before = ended.case.customer
    kept: dict[str, object] = {"segment": before.segment, "open_items": before.open_items}
    if ended.law is not None:
        kept["zones"] = zones_of(customer)
    facts = customer.facts.model_copy(update=kept)
    ended = ended.model_copy(update={"case": ended.case.model_copy(update={"customer": facts})})
    if ended.law is None:
        return ended.case
    at_home = {pack.id for pack in packs_for(customer, None)}
    named = [name for name in ended.law if name in shipped()]
    is_at_home = not named or at_home.issuperset(named)
    return _with_law(ended.case, customer, None if is_at_home else named, today)


def _with_law(
    case: Case, customer: Customer, jurisdictions: Sequence[str] | None, today: date
) -> Case:
    book = rulebook(customer, jurisdictions, today)
    rules = with_charges(book, case.customer, case.policy, case.invoice.due_on, jurisdictions)
    return case.model_copy(update={"rules": rules})


def appraised(customer: Customer, history: PaymentHistory, currency: str, as_of: date) -> Customer:
    """Return the customer with what the books tell by the evening of `as_of`, and no later.

    `open_items` becomes everything owed in the currency, by whole invoices: what was paid in part
    is known to each case alone. A segment that the creditor assigned stays; else it is computed.
    """
    seen = measure(history, as_of)
    owed = [one.open for one in seen.exposure if one.open.currency == currency]
    changes: dict[str, object] = {"open_items": owed[0] if owed else Amount.of(0, currency)}
    if customer.segment is None:
        changes["segment"] = place(seen).segment
    return customer.model_copy(update=changes)


def opens_on(policy: Policy, invoice: Invoice) -> date:
    """Return the debtor's day on which a case is to be opened.

    It is the day after the due date, or an earlier one on which the first step falls.
    """
    first = policy.turns[0].at
    base = invoice.issued_on if first.base == "issued" else invoice.due_on
    return min(shift(base, first), invoice.due_on + _ONE_DAY)


@dataclass(frozen=True)
class Bounds:
    """Which invoices some policy may want a case for: due, or issued, up to these days."""

    due_by: date
    issued_by: date | None


def bounds(policies: Iterable[Policy], today: date) -> Bounds:
    """Return the widest bounds within which `opens_on` may be that day or the next.

    `today` is a day in UTC; somewhere it is a day later.
    """
    tomorrow = today + _ONE_DAY
    firsts = [policy.turns[0].at for policy in policies]
    after_due = [_least_days(at) for at in firsts if at.base == "due"]
    after_issue = [_least_days(at) for at in firsts if at.base == "issued"]
    return Bounds(
        due_by=tomorrow - timedelta(days=min([*after_due, 1])),
        issued_by=tomorrow - timedelta(days=min(after_issue)) if after_issue else None,
    )


def _least_days(at: StepTime) -> int:
    """Return the fewest days that a step can lie after its base; fewer than none is before it."""
    return at.count * (_MOST_DAYS if at.count < 0 else _FEWEST_DAYS)[at.unit]


def newer_rates(known: Mapping[str, date | None]) -> tuple[RateTable, ...]:
    """Return the tables that by now know half-years after the last one known, with those alone.

    The files are looked at anew, so a rate that is filled in while a worker runs is found. Raises
    InputRefusedError when one does not read.
    """
    later = (_after(table, known[table.id]) for table in map(_as_it_stands, known) if table)
    return tuple(table for table in later if table.rates)


def _after(table: RateTable, last: date | None) -> RateTable:
    new = tuple(rate for rate in table.rates if last is None or rate.on > last)
    return table.model_copy(update={"rates": new})


def _as_it_stands(name: str) -> RateTable | None:
    path = rates.SHIPPED / f"{name}.yaml"
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=64)
def _read(path: Path, _changed_at: int) -> RateTable:
    return read_model(path, RateTable, "a rate table is a mapping")
