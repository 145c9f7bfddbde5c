"""The day an open invoice is expected to be paid: the customer's habit, tempered by all customers.

The rule, in days after the due date, and only payments that took longer than this invoice has
already waited:

    own     the median of the customer's last 8 payments
    others  the median of all customers' payments; an open invoice counts as not paid until today
    answer  (n * own + others) / (n + 1), n being the number of own payments

So all others weigh as much as one payment: they speak for a stranger and are soon outvoted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate

from dunning.behaviour.exact import half_up
from dunning.behaviour.record import Record, late_by
from schemas.behaviour import Expected, PastInvoice, PaymentHistory

OWN_PAYMENTS = 8


class Population:
    """How all customers pay: counts by day, so it does not grow with the number of invoices."""

    def __init__(self) -> None:
        self._paid: Counter[int] = Counter()
        self._open: Counter[date] = Counter()
        self._seen: dict[tuple[date, int], int | None] = {}

    @classmethod
    def of(cls, histories: Iterable[PaymentHistory], as_of: date) -> "Population":
        """Take in what was known of all customers on the evening of `as_of`."""
        everyone = cls()
        for history in histories:
            record = Record.of(history, as_of, keep=len(history.invoices))
            for invoice in (*record.open.values(), *record.latest):
                everyone.issued(invoice)
            for invoice in record.latest:
                everyone.settled(invoice)
        return everyone

    def issued(self, invoice: PastInvoice) -> None:
        """Take in a new invoice."""
        self._open[invoice.due_on] += 1
        self._seen.clear()

    def settled(self, invoice: PastInvoice) -> None:
        """Take in the payment of an invoice that was issued before."""
        self._open[invoice.due_on] -= 1
        if not self._open[invoice.due_on]:
            del self._open[invoice.due_on]
        self._paid[late_by(invoice)] += 1
        self._seen.clear()

    def median_after(self, waited: int, as_of: date) -> int | None:
        """Return the median days late among payments later than `waited` days after the due date.

        The product-limit estimate of Kaplan and Meier (1958), in whole numbers: an invoice that is
        open tells that its payment takes longer than today, and to leave it out would make
        everyone look prompt. None when fewer than half are known to be paid at any day.
        """
        key = as_of, waited
        if key not in self._seen:
            self._seen[key] = self._median_after(waited, as_of)
        return self._seen[key]

    def _median_after(self, waited: int, as_of: date) -> int | None:
        unpaid, of = 1, 1
        for day, paid, at_risk in self._days_after(waited, as_of):
            unpaid, of = unpaid * (at_risk - paid), of * at_risk
            if 2 * unpaid <= of:
                return day
        return None

    def _days_after(self, waited: int, as_of: date) -> list[tuple[int, int, int]]:
        """Return each later day with its payments and the invoices that were unpaid until then."""
        until = self._paid.copy()
        for due_on, count in self._open.items():
            until[(as_of - due_on).days] += count
        days = sorted((day for day in until if day > waited), reverse=True)
        at_risk = accumulate(until[day] for day in days)
        rows = [(day, self._paid[day], n) for day, n in zip(days, at_risk, strict=True)]
        return [row for row in reversed(rows) if row[1]]


def expected_payment(
    invoice: PastInvoice, history: PaymentHistory, everyone: Population, as_of: date
) -> Expected:
    """Predict when an invoice that is open on the evening of `as_of` will be paid.

    Its own `paid_on` is never looked at. `everyone` has taken in what was known by then. While
    nothing is known of the others, the due date speaks in their place, or the day after `as_of`
    when that is later. The answer is always after `as_of`.
    """
    others = PaymentHistory(tuple(one for one in history.invoices if one.id != invoice.id))
    return predict(invoice.due_on, Record.of(others, as_of, OWN_PAYMENTS), everyone, as_of)


def predict(due_on: date, record: Record, everyone: Population, as_of: date) -> Expected:
    """Predict from a record that has taken in everything up to the evening of `as_of`."""
    waited = (as_of - due_on).days
    latest = tuple(record.latest)[-OWN_PAYMENTS:]
    own = [late for late in map(late_by, latest) if late > waited]
    others = everyone.median_after(waited, as_of)
    voices = len(own) * median(own) if own else 0
    silent = max(0, waited + 1)
    answer = half_up(Fraction(voices + (silent if others is None else others), len(own) + 1))
    return Expected(
        on=due_on + timedelta(days=answer),
        days_late=answer,
        own_payments=len(own),
        own_median=median(own) if own else None,
        others_median=others,
    )


def median(days: Sequence[int]) -> int:
    """Return the middle of some days, the lower of two; raises IndexError for none."""
    return sorted(days)[(len(days) - 1) // 2]
