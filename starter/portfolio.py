"""A whole ledger through a policy: how many steps, which outcomes, how much money.

`simulate_ledger` runs the pure simulator row by row and shows each case that ended to those who
watch, so memory stays flat; the same cases can be run as real workflows, and `Tally` counts the
views of either alike.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time
from pathlib import Path

from dunning.aging import GIVEN_UP
from dunning.calendar import local_moment
from dunning.opening import new_case
from dunning.render import view
from dunning.simulate import simulate
from schemas.base import Frozen
from schemas.case import Case, CaseView
from schemas.money import Amount
from schemas.policy import Policy
from schemas.signals import PaymentReceived
from starter.ledger.column_map import ColumnMap
from starter.ledger.read import read_ledger
from starter.ledger.rows import LedgerRow, RefusedRow

BOOKED_AT = time(18)
"""Payments are booked in the evening of their day, after that day's reminders went out."""

SHOWN_EVERY = 50
"""After how many cases a long run says how far it is."""


class MoneyTotals(Frozen):
    """Sums of one currency, as decimal strings."""

    invoiced: str
    paid: str
    charged: str
    open: str


class PortfolioResult(Frozen):
    """What became of a ledger under a policy."""

    cases: int
    steps: dict[str, int]
    outcomes: dict[str, int]
    money: dict[str, MoneyTotals]
    refused_rows: tuple[RefusedRow, ...]


class Tally:
    """Counts cases as they come to their end."""

    def __init__(self, policy: Policy) -> None:
        self._steps: Counter[str] = Counter({step.id: 0 for step in policy.steps})
        self._outcomes: Counter[str] = Counter()
        self._money: dict[str, Counter[str]] = {}
        self._cases = 0
        self.refused: list[RefusedRow] = []

    def count(self, invoiced: Amount, seen: CaseView) -> None:
        """Count one case by its last view."""
        self._cases += 1
        self._outcomes[seen.outcome or "open"] += 1
        self._steps.update({row.step for row in seen.timeline if row.result == "done"})
        money = self._money.setdefault(invoiced.currency, Counter())
        charged = sum(_minor(row.amount, invoiced) for row in seen.charges)
        given_up = seen.outcome in GIVEN_UP
        still_open = 0 if given_up else max(_minor(seen.balance.total, invoiced), 0)
        money.update(invoiced=invoiced.minor, charged=charged, open=still_open)
        money["paid"] += invoiced.minor + charged - still_open if seen.outcome == "paid" else 0

    def result(self) -> PortfolioResult:
        """Return what was counted."""
        return PortfolioResult(
            cases=self._cases,
            steps=dict(self._steps),
            outcomes=dict(self._outcomes),
            money={code: _totals(code, sums) for code, sums in sorted(self._money.items())},
            refused_rows=tuple(self.refused),
        )


def _minor(text: str, like: Amount) -> int:
    return Amount.model_validate({"amount": text, "currency": like.currency}).minor


def _totals(currency: str, sums: Counter[str]) -> MoneyTotals:
    names = MoneyTotals.model_fields
    return MoneyTotals(**{name: Amount.of(sums[name], currency).text for name in names})


Payments = tuple[PaymentReceived, ...]
Watch = Callable[[Case, datetime], None]
"""Sees a case that was run, and the moment at which its run stopped."""


def rows_of(ledger: Path, column_map: ColumnMap, refused: list[RefusedRow]) -> Iterator[LedgerRow]:
    """Yield the good rows of a ledger; what cannot be taken is added to `refused`."""
    for row in read_ledger(ledger, column_map):
        if isinstance(row, RefusedRow):
            refused.append(row)
        elif isinstance(row, LedgerRow):
            yield row


def case_of(row: LedgerRow, policy: Policy) -> tuple[Case, Payments]:
    """Return the case a row becomes under a policy, and the payment that ends it, if one does.

    A ledger runs without contact rules and statutory charges: it shows the policy alone.
    """
    case = new_case("simulation", row.invoice, row.customer.facts, policy)
    if row.settled_on is None:
        return case, ()
    at = local_moment(case, row.settled_on, BOOKED_AT)
    return case, (PaymentReceived(id=f"settled-{row.line}", at=at, amount=row.invoice.amount),)


def cases_of(
    ledger: Path, column_map: ColumnMap, policy: Policy, tally: Tally
) -> Iterator[tuple[Case, Payments]]:
    """Yield each row's case and the payment that ends it; refused rows go to the tally."""
    for row in rows_of(ledger, column_map, tally.refused):
        yield case_of(row, policy)


def simulate_ledger(
    ledger: Path,
    column_map: ColumnMap,
    policy: Policy,
    until: datetime | None = None,
    watching: Sequence[Watch] = (),
    show: Callable[[int], None] = lambda _: None,
) -> PortfolioResult:
    """Run every row of a ledger through the simulator; `watching` see each case as it ends.

    A row without a settlement day is never paid. `show` hears now and then how many cases have been
    run. Raises InputRefusedError when the ledger or the map cannot be read at all.
    """
    tally = Tally(policy)
    cases = cases_of(ledger, column_map, policy, tally)
    for number, (begun, payments) in enumerate(cases, start=1):
        case, now = simulate(begun, payments, until)
        tally.count(case.invoice.amount, view(case, now))
        for watch in watching:
            watch(case, now)
        if number % SHOWN_EVERY == 0:
            show(number)
    return tally.result()
